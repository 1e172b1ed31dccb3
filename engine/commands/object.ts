/**
 * OBJECT: how a value is stored, and when it was last asked for. None of it counts as an access.
 * Source: objectCommand in object.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { parseInt64, parseSafeInteger } from '../core/integers.ts';
import type { Entry } from '../keyspace/database.ts';
import { Status, type Reply, error } from '../protocol/reply.ts';
import type { Call, CommandRow, Handler, KeyRange } from './command.ts';
import { NO_KEYS } from './command.ts';

const NO_LFU = error(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between '
  + 'policies at runtime LRU and LFU data will take some time to adjust.');

const NO_IDLE_TIME = error(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between '
  + 'policies at runtime LRU and LFU data will take some time to adjust.');

/** Longest string that is embedded in its object. */
const EMBEDDED_LENGTH_MAX = 44;
/** Integers below this are one shared object, whose count of references says so. */
const SHARED_INTEGERS = 10000;
const SHARED_REFERENCES = 0x7fffffff;

/** The name that OBJECT ENCODING shows. */
export const encodingName = (entry: Readonly<Entry>): string => {
  const { value } = entry;
  if (typeof value !== 'string') return value.encoding;
  if (entry.form === 'raw') return 'raw';
  if (entry.form === 'plain' && value.length <= 20 && parseInt64(value) !== null) return 'int';
  return value.length <= EMBEDDED_LENGTH_MAX ? 'embstr' : 'raw';
};

/** The count that OBJECT REFCOUNT shows. */
export const referencesOf = (entry: Readonly<Entry>): number => (isShared(entry) ? SHARED_REFERENCES : 1);

const isShared = (entry: Readonly<Entry>): boolean => {
  if (typeof entry.value !== 'string' || entry.form !== 'plain' || entry.value.length > 4) return false;
  const value = parseSafeInteger(entry.value);
  return value !== null && value >= 0 && value < SHARED_INTEGERS;
};

/** Looks the key up and replies with what `show` says of it; null when there is none. */
const about = (show: (entry: Readonly<Entry>, call: Call) => Reply): Handler => (call, argv) => {
  const key = argv[2] as Bytes;
  const entry = call.db.has(key) ? call.db.peek(key) : undefined;
  return entry === undefined ? null : show(entry, call);
};

const HELP: readonly string[] = [
  'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'ENCODING <key>',
  '    Return the kind of internal representation used in order to store the value',
  '    associated with a <key>.',
  'FREQ <key>',
  '    Return the access frequency index of the <key>. The returned integer is',
  '    proportional to the logarithm of the recent access frequency of the key.',
  'IDLETIME <key>',
  '    Return the idle time of the <key>, that is the approximated number of',
  '    seconds elapsed since the last access to the key.',
  'REFCOUNT <key>',
  '    Return the number of references of the value associated with the specified',
  '    <key>.',
  'HELP',
  '    Prints this help.',
];

const KEY_AT_TWO: KeyRange = { first: 2, last: 2, step: 1 };
const READ = ['readonly'] as const;

const row = (name: string, since: string, show: (entry: Readonly<Entry>, call: Call) => Reply): CommandRow =>
  ({ name: `object|${name}`, arity: 3, flags: READ, keys: KEY_AT_TWO, since, handler: about(show) });

export const objectCommands: readonly CommandRow[] = [
  row('encoding', '2.2.3', (entry) => bytes(encodingName(entry))),
  row('freq', '4.0.0', (entry, call) => call.keyspace.lfu?.frequency(entry.accessedMs, call.nowMs) ?? NO_LFU),
  row('idletime', '2.2.3', (entry, call) => (call.keyspace.lfu !== null ? NO_IDLE_TIME : Math.max(0, Math.floor((call.nowMs - entry.accessedMs) / 1000)))),
  row('refcount', '2.2.3', referencesOf),
  {
    name: 'object|help', arity: 2, flags: ['loading', 'stale'], keys: NO_KEYS, since: '6.2.0',
    handler: () => HELP.map((line) => new Status(line)),
  },
];
