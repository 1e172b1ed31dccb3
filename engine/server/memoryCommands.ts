/**
 * MEMORY. What a key and a data set weigh is an estimate of what redis-server would need (`keyspace/memoryEstimate.ts`); of an
 * allocator there is nothing to say here. Source: object.c of Redis 7.0 (memoryCommand), for behaviour.
 */
import { bytes, lower, type Bytes } from '../core/bytes.ts';
import { readLong } from '../commands/arguments.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { SAMPLES_DEFAULT, entryBytes } from '../keyspace/memoryEstimate.ts';
import {
  DoubleReply, ErrorReply, MapReply, OK, type Reply, SYNTAX_ERROR, VerbatimReply,
} from '../protocol/reply.ts';
import { STATS_MEMORY_OF_REPLICAS } from '../protocol/wireNames.ts';
import { MEMORY_HELP, helpRow } from './helpTexts.ts';
import type { MemoryUse } from './memoryUse.ts';

const usage = (call: Call, argv: readonly Bytes[]): Reply => {
  let samples = SAMPLES_DEFAULT;
  for (let index = 3; index < argv.length; index += 2) {
    if (lower(argv[index] as Bytes) !== 'samples' || argv[index + 1] === undefined) return SYNTAX_ERROR;
    const count = readLong(argv[index + 1] as Bytes);
    if (count instanceof ErrorReply) return count;
    if (count < 0) return SYNTAX_ERROR;
    samples = count;
  }
  const key = argv[2] as Bytes;
  const entry = call.db.has(key) ? call.db.peek(key) : undefined;
  if (entry === undefined) return null;
  call.cost(samples);
  return entryBytes(entry, samples);
};

const stats = (use: MemoryUse): Reply => {
  const figures = use.figures();
  const rows: (readonly [Reply, Reply])[] = [
    ['peak.allocated', figures.peak], ['total.allocated', figures.total], ['startup.allocated', figures.startup],
    ['replication.backlog', figures.backlog], [STATS_MEMORY_OF_REPLICAS, figures.replicas], ['clients.normal', figures.clients],
    ['cluster.links', 0], ['aof.buffer', figures.aofBuffer], ['lua.caches', 0], ['functions.caches', 0],
  ].map(([name, value]) => [bytes(name as string), value as number]);
  for (const { id, keys, expiring } of figures.databases) {
    rows.push([bytes(`db.${id}`), new MapReply([
      [bytes('overhead.hashtable.main'), keys], [bytes('overhead.hashtable.expires'), expiring],
      [bytes('overhead.hashtable.slot-to-keys'), 0]])]);
  }
  rows.push(
    [bytes('overhead.total'), figures.overhead], [bytes('keys.count'), figures.keys],
    [bytes('keys.bytes-per-key'), figures.keys === 0 ? 0 : Math.floor((figures.total - figures.startup) / figures.keys)],
    [bytes('dataset.bytes'), figures.dataset],
    [bytes('dataset.percentage'), new DoubleReply(percent(figures.dataset, figures.total - figures.startup))],
    [bytes('peak.percentage'), new DoubleReply(percent(figures.total, figures.peak))]);
  return new MapReply(rows);
};

const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : (part / whole) * 100);

/** Below it there is nothing to judge. */
const TOO_LITTLE_BYTES = 5_242_880;
const EMPTY_REPORT = "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. "
  + 'Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I '
  + 'finished rebooting.\n';
const GOOD_REPORT = 'Hi Sam, I can\'t find any memory issue in your instance. I can only account for what occurs on this base.\n';
const ISSUES = 'Sam, I detected a few issues in this Redis instance memory implants:\n\n';
const PEAK = ' * Peak memory: In the past this instance used more than 150% the memory that is currently using.\n\n';

const doctor = (use: MemoryUse): string => {
  const { total, peak } = use.figures();
  if (total < TOO_LITTLE_BYTES) return EMPTY_REPORT;
  return peak > total * 1.5 ? `${ISSUES}${PEAK}` : GOOD_REPORT;
};

export const memoryCommands = (use: MemoryUse): readonly CommandRow[] => [
  {
    name: 'memory|usage', arity: -3, flags: ['readonly'], keys: { first: 2, last: 2, step: 1 }, since: '4.0.0', handler: usage,
  },
  { name: 'memory|stats', arity: 2, flags: [], keys: NO_KEYS, since: '4.0.0', handler: () => stats(use) },
  {
    name: 'memory|doctor', arity: 2, flags: [], keys: NO_KEYS, since: '4.0.0',
    handler: () => new VerbatimReply('txt', bytes(doctor(use))),
  },
  { name: 'memory|purge', arity: 2, flags: [], keys: NO_KEYS, since: '4.0.0', handler: () => OK },
  {
    name: 'memory|malloc-stats', arity: 2, flags: [], keys: NO_KEYS, since: '4.0.0',
    handler: () => new VerbatimReply('txt', bytes('The memory of this process is managed by its JavaScript engine: no statistics.\n')),
  },
  helpRow('memory', MEMORY_HELP, '4.0.0'),
];
