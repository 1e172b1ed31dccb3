/** What the keys do, as one table: the page listens by it, and the sheet (`?`) shows it. */
import { element } from '../dom.ts';
import { type TextKey, text } from '../texts/text.ts';

export interface KeyRow {
  /** Values of `KeyboardEvent.key`. */
  readonly keys: readonly string[];
  /** As the sheet shows them. */
  readonly shown: string;
  readonly says: TextKey;
  /** Which of `keys` it was. */
  press(key: string): void;
}

/** Where keys belong to what is typed or chosen, and to nobody else. */
const OWN_KEYS = 'input, select, textarea, [role=listbox], [role=menu], dialog, [contenteditable]';
/** A button takes these itself. */
const BUTTON_KEYS: readonly string[] = [' ', 'Enter'];

export const listenForKeys = (rows: readonly KeyRow[]): void => {
  const byKey = new Map(rows.flatMap((row) => row.keys.map((key) => [key, row] as const)));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof Element && (target.closest(OWN_KEYS) !== null
      || (target.closest('button, a, summary') !== null && BUTTON_KEYS.includes(event.key)))) return;
    const row = byKey.get(event.key);
    if (row === undefined) return;
    event.preventDefault();
    row.press(event.key);
  });
};

/** The sheet that lists them. The browser's own dialog keeps the focus inside and closes by Escape. */
export const keySheet = (rows: readonly KeyRow[]): HTMLDialogElement => {
  const made = element('dialog', { class: 'keys', 'aria-label': text('key.title') });
  const close = element('button', { type: 'button' }, text('tool.close'));
  close.addEventListener('click', () => made.close());
  const entry = (shown: string, says: TextKey): HTMLElement =>
    element('div', {}, element('dt', {}, element('kbd', {}, shown)), element('dd', {}, text(says)));
  made.append(element('h2', {}, text('key.title')),
    element('dl', {}, ...rows.map(({ shown, says }) => entry(shown, says)), entry('Esc', 'key.escape'), entry('Tab', 'key.lanes'),
      entry('↑ ↓ PgUp PgDn', 'key.inList'), entry(text('key.pointer'), 'key.pointerSays'), entry(text('key.press'), 'key.menu')), close);
  return made;
};
