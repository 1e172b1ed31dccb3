/** What was clicked: a record with its causes and effects, or a node as its own commands show it at that time. */
import { SENTINEL_COMMAND } from '../../engine/protocol/sentinelNames.ts';
import type { LaneKind } from '../model/lanes.ts';
import type { RecordView } from '../model/theatre.ts';
import { element } from '../dom.ts';
import { text } from '../texts/text.ts';

/** What is asked of a node when it is looked at. */
export const COMMANDS: Readonly<Record<'data' | 'cluster' | 'sentinel', readonly (readonly string[])[]>> = {
  data: [['ROLE'], ['INFO', 'replication'], ['INFO', 'persistence'], ['DBSIZE'], ['SCAN', '0', 'COUNT', '100']],
  cluster: [['ROLE'], ['CLUSTER', 'INFO'], ['CLUSTER', 'NODES'], ['INFO', 'replication'], ['DBSIZE']],
  sentinel: [['SENTINEL', SENTINEL_COMMAND.primaries], ['INFO', 'sentinel']],
};

export const commandsFor = (kind: LaneKind, isCluster: boolean): readonly (readonly string[])[] =>
  (kind === 'sentinel' ? COMMANDS.sentinel : kind === 'data' ? isCluster ? COMMANDS.cluster : COMMANDS.data : []);

export const recordPanel = (record: RecordView, go: (row: number) => void): readonly HTMLElement[] => {
  const link = (row: number): HTMLElement => {
    const made = element('button', { type: 'button', class: 'link' }, `#${row + 1}`);
    made.addEventListener('click', () => go(row));
    return made;
  };
  const list = (title: string, rows: readonly number[]): HTMLElement => element('p', {}, `${title}: `,
    ...rows.slice(0, 12).flatMap((row) => [link(row), ' ']), rows.length > 12 ? text('record.inAll', { count: rows.length }) : rows.length === 0 ? text('record.none') : '');
  const [first, ...chain] = record.why;
  return [
    element('h2', {}, text('record.title', { number: record.row + 1, seconds: (record.at / 1e6).toFixed(6) })),
    element('p', { class: 'why' }, first ?? record.text),
    ...(chain.length === 0 ? [] : [element('ol', { class: 'chain' }, ...chain.map((line) => element('li', {}, line)))]),
    list(text('record.causes'), record.causes), list(text('record.effects'), record.effects),
    element('details', {}, element('summary', {}, text('record.decoded')), element('pre', { tabindex: '0' }, record.detail)),
  ];
};

export const nodePanel = (
  name: string, at: number, commands: readonly (readonly string[])[], answers: readonly string[],
): readonly HTMLElement[] => [
  element('h2', {}, text('node.title', { node: name, seconds: (at / 1e6).toFixed(6) })),
  ...commands.flatMap((argv, index) => [
    element('h3', {}, argv.join(' ')), element('pre', { tabindex: '0' }, answers[index] ?? ''),
  ]),
];
