/** The link of what is seen, files to open, and files to save. */
import { button, element } from '../dom.ts';
import { SOURCE_LENGTH_MAX } from '../model/source.ts';
import { text } from '../texts/text.ts';

export type SaveFormat = 'svg' | 'png' | 'report' | 'run' | 'perfetto' | 'shiviz';

const FORMATS: readonly SaveFormat[] = ['svg', 'png', 'report', 'run', 'perfetto', 'shiviz'];

export interface FilesEvents {
  /** The address that opens what is seen; null: none does. */
  link(): Promise<string | null>;
  open(name: string, content: string): void;
  save(format: SaveFormat): void;
  say(message: string): void;
}

export const filesPanel = (events: FilesEvents): readonly HTMLElement[] => {
  const file = element('input', { type: 'file', accept: '.json,.jsonl,.ndjson,.yaml,.yml,.trace,.txt' });
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen !== undefined) void openFile(chosen, events);
  });
  return [
    element('div', { class: 'row' }, button(text('files.copy'), text('files.copy'), () => void copyLink(events)),
      element('span', { class: 'quiet' }, text('files.linkHint'))),
    element('label', {}, text('files.load'), file),
    element('p', { class: 'quiet' }, text('files.loadHint')),
    element('div', { class: 'row', role: 'group', 'aria-label': text('files.save') }, element('span', { class: 'quiet' }, text('files.save')),
      ...FORMATS.map((format) => button(text(`files.${format}`), `${text('files.save')}: ${text(`files.${format}`)}`, () => events.save(format)))),
  ];
};

const copyLink = async ({ link, say }: FilesEvents): Promise<void> => {
  const address = await link();
  if (address === null) {
    say(text('files.noLink'));
    return;
  }
  try {
    await navigator.clipboard.writeText(address);
    say(text('files.copied'));
  } catch {
    say(text('files.notCopied'));
  }
};

const openFile = async (file: File, { open, say }: Pick<FilesEvents, 'open' | 'say'>): Promise<void> => {
  if (file.size > SOURCE_LENGTH_MAX) say(text('files.tooLong', { name: file.name }));
  else open(file.name, await file.text());
};

/** A file may be dropped anywhere on the page. */
export const acceptDrops = (events: Pick<FilesEvents, 'open' | 'say'>): void => {
  const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    events.say(text('files.drop'));
  });
  document.addEventListener('dragleave', (event) => {
    // Nothing is entered in its place: the file has left the page.
    if (event.relatedTarget === null) events.say('');
  });
  document.addEventListener('drop', (event) => {
    const [file] = event.dataTransfer?.files ?? [];
    if (file === undefined) return;
    event.preventDefault();
    void openFile(file, events);
  });
};

/** Hands the browser a file to keep. */
export const saveFile = (name: string, content: Blob): void => {
  const address = URL.createObjectURL(content);
  const link = element('a', { href: address, download: name });
  link.click();
  // The browser has begun to read it by the next turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(address));
};
