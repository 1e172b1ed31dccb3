/** The write ledger: the sums, and each lost write with the moments at which it was doomed and lost. */
import type { RunView } from '../model/theatre.ts';
import { NONE } from '../model/recording.ts';
import { element } from '../dom.ts';

const SHOWN_MAX = 200;

export const ledgerPanel = ({ report: { ledger }, operations: { losses } }: RunView, go: (row: number) => void): readonly HTMLElement[] => {
  const jump = (row: number, text: string): Node => {
    if (row === NONE) return document.createTextNode('–');
    const made = element('button', { type: 'button', class: 'link' }, text);
    made.addEventListener('click', () => go(row));
    return made;
  };
  const sums: readonly (readonly [string, number])[] = [['acknowledged', ledger.acknowledged], ['survived', ledger.survived],
    ['superseded', ledger.superseded], ['lost', ledger.lost], ['of these bugs', ledger.bugs], ['unknown', ledger.unknown]];
  const head = element('dl', { class: 'sums' }, ...sums.map(([name, count]) =>
    element('div', count > 0 && (name === 'lost' || name === 'of these bugs') ? { class: 'bad' } : {},
      element('dt', {}, name), element('dd', {}, String(count)))));
  if (losses.length === 0) return [element('h2', {}, 'The write ledger'), head];
  const rows = losses.slice(0, SHOWN_MAX).map(({ write, row, doomedRow, lostRow }) => element('tr', {},
    element('td', {}, `${write.client} ${write.operation}`),
    element('td', {}, jump(row, `${(write.acknowledgedMs / 1000).toFixed(3)} s`)),
    element('td', {}, jump(doomedRow, 'doomed')), element('td', {}, jump(lostRow, 'lost')),
    element('td', {}, `${write.permitted ? '' : 'BUG: '}${write.cause}`)));
  return [
    element('h2', {}, 'The write ledger'), head,
    element('div', { class: 'scroll' }, element('table', {},
      element('thead', {}, element('tr', {}, ...['write', 'acknowledged', '', '', 'why'].map((text) => element('th', { scope: 'col' }, text)))),
      element('tbody', {}, ...rows))),
    ...(losses.length > SHOWN_MAX ? [element('p', {}, `… and ${losses.length - SHOWN_MAX} more`)] : []),
  ];
};
