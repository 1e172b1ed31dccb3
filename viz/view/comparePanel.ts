/** Two runs side by side: their figures, the verdicts that differ, and the first record in which they part. */
import { element } from '../dom.ts';
import type { Difference } from '../model/difference.ts';
import { type FigurePair, compareReports } from '../model/comparison.ts';
import type { RecordView, RunView } from '../model/theatre.ts';
import { number, text, textOf } from '../texts/text.ts';

export interface Side {
  /** Of the tree, and what was changed. */
  readonly letter: string;
  readonly name: string;
  readonly view: RunView;
  /** Its record where the two part; null: it has ended by then. */
  readonly record: RecordView | null;
  /** Shows this run there. */
  jump(): void;
}

export const comparePanel = (left: Side, right: Side, difference: Difference | null): readonly HTMLElement[] => {
  const { figures, verdicts } = compareReports(left.view.report, right.view.report);
  const head = (first: string): HTMLElement => element('thead', {}, element('tr', {},
    ...[first, left.letter, right.letter].map((name) => element('th', { scope: 'col' }, name))));
  return [
    element('div', { class: 'scroll', tabindex: '0' },
      element('table', { class: 'figures' }, head(text('pair.figure')), element('tbody', {}, ...figures.map(figureRow)))),
    ...(verdicts.length === 0 ? [] : [element('div', { class: 'scroll', tabindex: '0' }, element('table', {}, head(text('report.check')),
      element('tbody', {}, ...verdicts.map((pair) => element('tr', {}, element('td', {}, pair.name),
        element('td', verdictClass(pair.left), verdictText(pair.left)), element('td', verdictClass(pair.right), verdictText(pair.right)))))))]),
    ...differenceRows(left, right, difference),
  ];
};

const verdictClass = (verdict: string): Readonly<Record<string, string>> => (verdict === 'violated' ? { class: 'bad' } : {});

/** A check that one of the two does not have is a dash. */
const verdictText = (verdict: string): string => (/^[a-z ]+$/.test(verdict) ? textOf(`verdict.${verdict}`) : verdict);

const figureRow = (pair: FigurePair): HTMLElement => {
  const cell = (value: number | null, isBetter: boolean): HTMLElement => {
    const shown = value === null ? text('pair.nothing') : pair.isMs ? text('report.seconds', { seconds: number(value / 1000, 3) }) : number(value);
    return element('td', { class: isBetter ? 'number good' : 'number' }, isBetter ? `${shown} ✓` : shown,
      ...(isBetter ? [element('span', { class: 'unseen' }, ` ${text('pair.better')}`)] : []));
  };
  return element('tr', {}, element('td', {}, text(`pair.${pair.name}`)), cell(pair.left, pair.better === 'left'),
    cell(pair.right, pair.better === 'right'));
};

const differenceRows = (left: Side, right: Side, difference: Difference | null): readonly HTMLElement[] => {
  if (difference === null) return [element('p', {}, text('fork.same'))];
  const column = ({ letter, name, record, jump }: Side): HTMLElement => {
    const show = element('button', { type: 'button' }, text('fork.jump'));
    show.addEventListener('click', jump);
    return element('div', {}, element('h3', {}, `${letter} ${name}`),
      element('p', {}, record === null ? text('fork.ended') : `${(record.at / 1e6).toFixed(6)} s  ${record.text}`),
      ...(record === null ? [] : [...(record.detail === 'null' ? [] : [element('pre', { tabindex: '0' }, record.detail)]), show]));
  };
  return [
    element('p', {}, text('fork.difference', { seconds: (difference.at / 1e6).toFixed(6), number: difference.row + 1 })),
    element('div', { class: 'pair' }, column(left), column(right)),
  ];
};
