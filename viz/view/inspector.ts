/** What was clicked: a record with its causes and effects, or a node as its own commands show it at that time. */
import { SENTINEL_COMMAND } from '../../engine/protocol/sentinelNames.ts';
import type { LaneKind } from '../model/lanes.ts';
import type { RecordView } from '../model/theatre.ts';
import { element } from '../dom.ts';

/** What is asked of a node when it is looked at. */
export const COMMANDS: Readonly<Record<'data' | 'cluster' | 'sentinel', readonly (readonly string[])[]>> = {
  data: [['ROLE'], ['INFO', 'replication'], ['INFO', 'persistence'], ['DBSIZE'], ['DEBUG', 'DIGEST']],
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
    ...rows.slice(0, 12).flatMap((row) => [link(row), ' ']), rows.length > 12 ? `… ${rows.length} in all` : rows.length === 0 ? 'none' : '');
  const [first, ...chain] = record.why;
  return [
    element('h2', {}, `#${record.row + 1} at ${(record.at / 1e6).toFixed(6)} s`),
    element('p', { class: 'why' }, first ?? record.text),
    ...(chain.length === 0 ? [] : [element('ol', { class: 'chain' }, ...chain.map((line) => element('li', {}, line)))]),
    list('Causes', record.causes), list('Effects', record.effects),
    element('details', {}, element('summary', {}, 'Decoded'), element('pre', {}, record.detail)),
  ];
};

export const nodePanel = (
  name: string, at: number, commands: readonly (readonly string[])[], answers: readonly string[],
): readonly HTMLElement[] => [
  element('h2', {}, `${name} at ${(at / 1e6).toFixed(6)} s`),
  ...commands.flatMap((argv, index) => [
    element('h3', {}, argv.join(' ')), element('pre', {}, answers[index] ?? ''),
  ]),
];
