/** The write ledger: the sums, and each lost write with the moments at which it was doomed and lost. */
import type { RunView } from '../model/theatre.ts';
import { NONE } from '../model/recording.ts';
import { element } from '../dom.ts';
import { type TextKey, reported, text } from '../texts/text.ts';

const SHOWN_MAX = 200;

export const ledgerPanel = ({ report: { ledger }, operations: { losses } }: RunView, go: (row: number) => void): readonly HTMLElement[] => {
  const jump = (row: number, label: string): Node => {
    if (row === NONE) return document.createTextNode('–');
    const made = element('button', { type: 'button', class: 'link' }, label);
    made.addEventListener('click', () => go(row));
    return made;
  };
  const sums: readonly (readonly [TextKey, number])[] = [['ledger.acknowledged', ledger.acknowledged], ['ledger.survived', ledger.survived],
    ['ledger.superseded', ledger.superseded], ['ledger.lost', ledger.lost], ['ledger.ofTheseBugs', ledger.bugs],
    ['ledger.unknown', ledger.unknown]];
  const head = element('dl', { class: 'sums' }, ...sums.map(([name, count]) =>
    element('div', count > 0 && (name === 'ledger.lost' || name === 'ledger.ofTheseBugs') ? { class: 'bad' } : {},
      element('dt', {}, text(name)), element('dd', {}, String(count)))));
  if (losses.length === 0) return [element('h2', {}, text('ledger.title')), head];
  const rows = losses.slice(0, SHOWN_MAX).map(({ write, row, doomedRow, lostRow }) => element('tr', {},
    element('td', {}, `${write.client} ${write.operation}`),
    element('td', {}, jump(row, text('report.seconds', { seconds: (write.acknowledgedMs / 1000).toFixed(3) }))),
    element('td', {}, jump(doomedRow, text('ledger.doomed'))), element('td', {}, jump(lostRow, text('ledger.lost'))),
    element('td', {}, `${write.permitted ? '' : `${text('ledger.bug')}: `}${reported(write.cause)}`)));
  return [
    element('h2', {}, text('ledger.title')), head,
    element('div', { class: 'scroll', tabindex: '0' }, element('table', {},
      element('thead', {}, element('tr', {}, ...[text('ledger.write'), text('ledger.acknowledged'), text('ledger.doomed'), text('ledger.lost'),
        text('ledger.why')].map((title) => element('th', { scope: 'col' }, title)))),
      element('tbody', {}, ...rows))),
    ...(losses.length > SHOWN_MAX ? [element('p', {}, text('ledger.more', { count: losses.length - SHOWN_MAX }))] : []),
  ];
};
