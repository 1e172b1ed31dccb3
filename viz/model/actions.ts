/**
 * What a person may do to a run at a place and a time, as plain data: which choices there are, what each asks for, and the plan
 * entries that a choice becomes. The menu draws them; a fork takes the entries.
 *
 * Always holds: what is done at an event of time T strikes at T + 1 µs, so the event itself stays as it was.
 */
import { utf8 } from '../../engine/core/bytes.ts';
import { ScenarioError } from '../../engine/core/errors.ts';
import { splitArguments } from '../../engine/protocol/splitArguments.ts';
import { THE_OTHERS } from '../../sim/fault/linkKinds.ts';
import type { PlanEntry, PlanValue } from '../../sim/scenario.ts';

/** Where the menu was asked for. */
export interface Place {
  /** Virtual microseconds. */
  readonly at: number;
  readonly what: 'server' | 'client' | 'link' | 'time';
  /** Of a server or a client. */
  readonly node: string;
  /** Of a link. */
  readonly from: string;
  readonly to: string;
}

/**
 * `ms`: a length of time; empty where it may be: until settling. `node`: one of the others, or empty: all of them. `nodes`: those of
 * one side, the rest is the other.
 */
export type FieldKind = 'ms' | 'number' | 'node' | 'nodes' | 'text';

export interface ActionField {
  readonly name: 'forMs' | 'delayMs' | 'percent' | 'times' | 'byMs' | 'to' | 'side' | 'command';
  readonly kind: FieldKind;
  readonly initial: string;
  readonly isOptional: boolean;
  readonly min: number;
  readonly max: number;
}

export type ActionName =
  | 'kill' | 'power' | 'pause' | 'slow' | 'start' | 'boot' | 'isolate' | 'cut' | 'cutOneWay' | 'split' | 'clog' | 'lossy' | 'reset'
  | 'clockJump' | 'slowDisk' | 'fullDisk' | 'promote' | 'command' | 'heal';

/** What was filled in, by the field's name. Names of a side are separated by line feeds. */
export type ActionValues = Readonly<Partial<Record<ActionField['name'], string>>>;

interface ActionRow {
  readonly name: ActionName;
  readonly on: readonly Place['what'][];
  readonly fields: readonly ActionField[];
  readonly build: (place: Place, values: ActionValues) => Omit<PlanEntry, 'when'>;
}

const DAY_MS = 86_400_000;
const field = (
  name: ActionField['name'], kind: FieldKind, initial: string, { isOptional = false, min = 1, max = DAY_MS } = {},
): ActionField => ({ name, kind, initial, isOptional, min, max });

const FOR_MS = field('forMs', 'ms', '', { isOptional: true });
const PAUSE_MS = field('forMs', 'ms', '5000');
const DELAY_MS = field('delayMs', 'ms', '200');
const PERCENT = field('percent', 'number', '20', { max: 100 });
const TIMES = field('times', 'number', '10', { max: 1_000_000 });
const JUMP_MS = field('byMs', 'number', '60000', { min: -DAY_MS });
const SYNC_MS = field('byMs', 'number', '500');
const TO = field('to', 'node', '', { isOptional: true });

const lasting = (values: ActionValues): { readonly forMs?: number } =>
  (values.forMs === undefined || values.forMs.trim() === '' ? {} : { forMs: numberIn(values, FOR_MS) });

/** Links both ways between the node, or one end of the link, and whom the form names. */
const onLink = (place: Place, values: ActionValues, parameters: Readonly<Record<string, PlanValue>>): Omit<PlanEntry, 'when' | 'do'> => {
  if (place.what === 'link') return { with: { from: place.from, to: place.to, ...parameters }, ...lasting(values) };
  const to = values.to ?? '';
  return { target: place.node, with: { ...(to === '' ? {} : { to }), ...parameters }, ...lasting(values) };
};

const SERVER = ['server'] as const;
const NODES = ['server', 'client'] as const;
const LINKS = ['link', 'server', 'client'] as const;

/** In the order of the menu. */
const ACTIONS: readonly ActionRow[] = [
  { name: 'kill', on: SERVER, fields: [], build: ({ node }) => ({ do: 'kill', target: node }) },
  { name: 'power', on: SERVER, fields: [FOR_MS], build: ({ node }, values) => ({ do: 'power', target: node, ...lasting(values) }) },
  { name: 'pause', on: SERVER, fields: [PAUSE_MS],
    build: ({ node }, values) => ({ do: 'pause', target: node, forMs: numberIn(values, PAUSE_MS) }) },
  { name: 'cutOneWay', on: ['link'], fields: [FOR_MS],
    build: ({ from, to }, values) => ({ do: 'partition', with: { groups: [[from], [to]], oneWay: true }, ...lasting(values) }) },
  { name: 'cut', on: ['link'], fields: [FOR_MS],
    build: ({ from, to }, values) => ({ do: 'partition', with: { groups: [[from], [to]] }, ...lasting(values) }) },
  { name: 'isolate', on: NODES, fields: [FOR_MS],
    build: ({ node }, values) => ({ do: 'partition', with: { groups: [[node], [THE_OTHERS]] }, ...lasting(values) }) },
  { name: 'split', on: ['time', 'server', 'client'], fields: [field('side', 'nodes', ''), FOR_MS],
    build: (_place, values) => ({ do: 'partition', with: { groups: [sideOf(values), [THE_OTHERS]] }, ...lasting(values) }) },
  { name: 'clog', on: LINKS, fields: [DELAY_MS, TO, FOR_MS],
    build: (place, values) => ({ do: 'clog', ...onLink(place, values, { delayMs: numberIn(values, DELAY_MS) }) }) },
  { name: 'lossy', on: LINKS, fields: [PERCENT, TO, FOR_MS],
    build: (place, values) => ({ do: 'lossy', ...onLink(place, values, { percent: numberIn(values, PERCENT) }) }) },
  { name: 'reset', on: LINKS, fields: [TO], build: (place, values) => ({ do: 'reset', ...onLink(place, values, {}) }) },
  { name: 'slow', on: SERVER, fields: [TIMES, FOR_MS],
    build: ({ node }, values) => ({ do: 'slow', target: node, with: { times: numberIn(values, TIMES) }, ...lasting(values) }) },
  { name: 'clockJump', on: SERVER, fields: [JUMP_MS],
    build: ({ node }, values) => ({ do: 'clockJump', target: node, with: { byMs: numberIn(values, JUMP_MS) } }) },
  { name: 'slowDisk', on: SERVER, fields: [SYNC_MS, FOR_MS],
    build: ({ node }, values) => ({ do: 'slowDisk', target: node, with: { byMs: numberIn(values, SYNC_MS) }, ...lasting(values) }) },
  { name: 'fullDisk', on: SERVER, fields: [FOR_MS],
    build: ({ node }, values) => ({ do: 'fullDisk', target: node, with: { roomBytes: 0 }, ...lasting(values) }) },
  { name: 'start', on: SERVER, fields: [], build: ({ node }) => ({ do: 'start', target: node }) },
  { name: 'boot', on: SERVER, fields: [], build: ({ node }) => ({ do: 'boot', target: node }) },
  { name: 'promote', on: SERVER, fields: [], build: ({ node }) => ({ do: 'promote', target: node }) },
  { name: 'command', on: SERVER, fields: [field('command', 'text', 'DEBUG SLEEP 5', { max: 400 })],
    build: ({ node }, values) => ({ do: 'command', target: node, with: { argv: wordsOf(values) } }) },
  { name: 'heal', on: ['time', 'server', 'client', 'link'], fields: [], build: () => ({ do: 'heal' }) },
];

export const ACTION_NAMES: readonly ActionName[] = ACTIONS.map(({ name }) => name);

/** What can be done there, with what each asks for. The ends of a link are known: it asks for no other. */
export const actionsAt = ({ what }: Place): readonly { readonly name: ActionName; readonly fields: readonly ActionField[] }[] =>
  ACTIONS.filter(({ on }) => on.includes(what))
    .map(({ name, fields }) => ({ name, fields: what === 'link' ? fields.filter(({ kind }) => kind !== 'node') : fields }));

/** The entries that a choice becomes. Throws `ScenarioError`, one line, for what is filled in wrong. */
export const entriesFor = (name: ActionName, place: Place, values: ActionValues): readonly PlanEntry[] => {
  const row = ACTIONS.find((one) => one.name === name);
  if (row === undefined || !row.on.includes(place.what)) throw new ScenarioError(`${name} cannot be done to a ${place.what}`);
  return [{ when: { atMicros: Math.max(0, Math.floor(place.at)) + 1 }, ...row.build(place, values) }];
};

const numberIn = (values: ActionValues, { name, min, max }: ActionField): number => {
  const text = (values[name] ?? '').trim();
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new ScenarioError(`${name}: must be a whole number from ${min} to ${max}`);
  }
  return value;
};

const sideOf = ({ side = '' }: ActionValues): readonly string[] => {
  const names = side.split('\n').filter((name) => name !== '');
  if (names.length === 0) throw new ScenarioError('side: name at least one node');
  return names;
};

const wordsOf = ({ command = '' }: ActionValues): readonly string[] => {
  // What is typed is text, what a server reads is bytes.
  const words = splitArguments(utf8(command));
  if (words === null) throw new ScenarioError('command: its quotes do not match');
  if (words.length === 0) throw new ScenarioError('command: name one');
  return words;
};
