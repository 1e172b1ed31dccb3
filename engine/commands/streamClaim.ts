/**
 * XCLAIM and XAUTOCLAIM: entries that were given to one consumer go to another. What is not in the stream any more stops being
 * pending. Source: t_stream.c of Redis 7.0 (xclaimCommand, xautoclaimCommand), for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { INT64_MAX, narrow, parseInt64 } from '../core/integers.ts';
import type { StreamConsumer, StreamGroup } from '../keyspace/streamGroup.ts';
import { ID_MIN, type StreamId, type Wide, compareIds, idAfter, idText, plusUnsigned } from '../keyspace/streamId.ts';
import type { StreamValue } from '../keyspace/streamValue.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { type Writable, isWord } from './arguments.ts';
import { type Call, type CommandRow, type Handler, ONE_KEY } from './command.ts';
import { askForStream, cText, entryReply, noGroup, readId, readStart } from './streamArguments.ts';
import { seeConsumer } from './streamDelivery.ts';
import { GroupPropagation } from './streamPropagation.ts';

const AUTOCLAIM_COUNT = 100;
/** XAUTOCLAIM looks at so many entries for each that it may claim. */
const ATTEMPTS_PER_ENTRY = 10;
/** So that neither count overflows. */
const AUTOCLAIM_COUNT_MAX = INT64_MAX / 16n;
const WRONG_COUNT = error('ERR COUNT must be > 0');

/** What both work on. */
interface Claiming extends Writable<StreamValue> {
  readonly key: Bytes;
  readonly group: StreamGroup;
  readonly consumerName: Bytes;
  readonly out: GroupPropagation;
}

/** `target`: what stands at the key. */
const find = (argv: readonly Bytes[], target: Writable<StreamValue> | undefined | ErrorReply): Claiming | ErrorReply => {
  const key = argv[1] as Bytes;
  if (target instanceof ErrorReply) return target;
  const group = target?.value.groups.get(argv[2] as Bytes);
  if (target === undefined || group === undefined) {
    return noGroup(`No such key '${cText(key)}' or consumer group '${cText(argv[2] as Bytes)}'`);
  }
  return { ...target, key, group, consumerName: argv[3] as Bytes, out: new GroupPropagation() };
};

const readNumber = (argument: Bytes, what: string): Wide | ErrorReply => {
  const value = parseInt64(argument);
  return value === null ? error(`ERR Invalid ${what}`) : narrow(value);
};

const readIdleMin = (argument: Bytes, command: string): number | ErrorReply => {
  const value = readNumber(argument, `min-idle-time argument for ${command}`);
  return value instanceof ErrorReply ? value : Math.max(0, Number(value));
};

interface ClaimOptions {
  /** When the entries count as given; null: now. */
  deliveredMs: number | null;
  /** Below 0: counts on. */
  retryCount: Wide;
  force: boolean;
  justId: boolean;
  lastId: StreamId;
}

/** IDLE, TIME, RETRYCOUNT or LASTID, or the error. */
const readValue = (call: Call, name: Bytes, value: Bytes, options: ClaimOptions): ErrorReply | null => {
  if (isWord(name, 'lastid')) {
    const id = readId(value);
    if (id instanceof ErrorReply) return id;
    options.lastId = id;
    return null;
  }
  const option = isWord(name, 'idle') ? 'IDLE' : isWord(name, 'time') ? 'TIME' : 'RETRYCOUNT';
  const number = readNumber(value, `${option} option argument for XCLAIM`);
  if (number instanceof ErrorReply) return number;
  if (option === 'RETRYCOUNT') options.retryCount = number;
  else options.deliveredMs = option === 'IDLE' ? call.nowMs - Number(number) : Number(number);
  return null;
};

const TAKES_VALUE: readonly string[] = ['idle', 'time', 'retrycount', 'lastid'];

const readClaimOptions = (call: Call, argv: readonly Bytes[], from: number): ClaimOptions | ErrorReply => {
  const options: ClaimOptions = { deliveredMs: null, retryCount: -1, force: false, justId: false, lastId: ID_MIN };
  for (let at = from; at < argv.length; at++) {
    const name = argv[at] as Bytes;
    const value = argv[at + 1];
    if (isWord(name, 'force')) options.force = true;
    else if (isWord(name, 'justid')) options.justId = true;
    else if (value !== undefined && TAKES_VALUE.some((word) => isWord(name, word))) {
      const problem = readValue(call, name, value, options);
      if (problem !== null) return problem;
      at++;
    } else return error(`ERR Unrecognized XCLAIM option '${cText(name)}'`);
  }
  return options;
};

/** What a claimed entry is answered with. */
const claimedReply = (stream: StreamValue, id: StreamId, justId: boolean): Reply => {
  const [entry] = stream.entries(id, id, 1);
  return justId || entry === undefined ? idText(id) : entryReply(entry);
};

const xclaim: Handler = (call, argv) => {
  const claiming = find(argv, askForStream(call, argv[1] as Bytes));
  if (claiming instanceof ErrorReply) return claiming;
  const idleMsMin = readIdleMin(argv[4] as Bytes, 'XCLAIM');
  if (idleMsMin instanceof ErrorReply) return idleMsMin;
  const ids: StreamId[] = [];
  // What is no ID is an option.
  for (const argument of argv.slice(5)) {
    const id = readId(argument);
    if (id instanceof ErrorReply) break;
    ids.push(id);
  }
  const options = readClaimOptions(call, argv, 5 + ids.length);
  if (options instanceof ErrorReply) return options;
  const { group, key, entry, out } = claiming;
  const movesOn = compareIds(options.lastId, group.lastId) > 0;
  if (movesOn) group.lastId = options.lastId;
  const replies = ids.flatMap((id, place) => claimOne(call, claiming, id, argv[5 + place] as Bytes, idleMsMin, options));
  // A claim says it too.
  if (movesOn && out.commands.length === 0) {
    out.groupId(key, group);
    call.changed(1);
  }
  call.propagate(...out.commands);
  if (out.commands.length > 0) call.db.changed(entry);
  call.cost(ids.length);
  return replies;
};

/** One entry of XCLAIM, as a list of one; of none where it is not claimed. `asked`: the ID as the client wrote it. */
const claimOne = (
  call: Call, { value: stream, group, key, consumerName, out }: Claiming, id: StreamId, asked: Bytes, idleMsMin: number,
  { deliveredMs, retryCount, force, justId }: ClaimOptions,
): Reply[] => {
  const known = group.pending.get(id);
  if (!stream.has(id)) {
    if (known === undefined) return [];
    out.claim(key, group, known, asked);
    group.release(known);
    call.changed(1);
    return [];
  }
  if (known === undefined && !force) return [];
  if (known !== undefined && idleMsMin !== 0 && call.nowMs - known.deliveredMs < idleMsMin) return [];
  const consumer = seeConsumer(call, key, group, consumerName);
  const before = known?.deliveries ?? 1;
  const counted = justId ? before : plusUnsigned(before, 1);
  const isSound = deliveredMs !== null && deliveredMs >= 0 && deliveredMs <= call.nowMs;
  const entry = group.assign(id, consumer, {
    deliveredMs: isSound ? deliveredMs : call.nowMs, deliveries: retryCount >= 0 ? retryCount : counted,
  });
  out.claim(key, group, entry, asked);
  call.changed(1);
  return [claimedReply(stream, id, justId)];
};

interface AutoclaimOptions {
  readonly idleMsMin: number;
  readonly start: StreamId;
  readonly count: number;
  readonly justId: boolean;
}

const readAutoclaimOptions = (argv: readonly Bytes[]): AutoclaimOptions | ErrorReply => {
  const idleMsMin = readIdleMin(argv[4] as Bytes, 'XAUTOCLAIM');
  if (idleMsMin instanceof ErrorReply) return idleMsMin;
  const start = readStart(argv[5] as Bytes);
  if (start instanceof ErrorReply) return start;
  let count = AUTOCLAIM_COUNT;
  let justId = false;
  for (let at = 6; at < argv.length; at++) {
    const value = argv[at + 1];
    if (value !== undefined && isWord(argv[at], 'count')) {
      const given = parseInt64(value);
      if (given === null || given < 1n || given > AUTOCLAIM_COUNT_MAX) return WRONG_COUNT;
      count = Number(given);
      at++;
    } else if (isWord(argv[at], 'justid')) justId = true;
    else return SYNTAX_ERROR;
  }
  return { idleMsMin, start, count, justId };
};

const xautoclaim: Handler = (call, argv) => {
  // Looked up before anything is read, though what is wrong with the arguments comes first.
  const target = askForStream(call, argv[1] as Bytes);
  const options = readAutoclaimOptions(argv);
  if (options instanceof ErrorReply) return options;
  const claiming = find(argv, target);
  if (claiming instanceof ErrorReply) return claiming;
  const { value: stream, group, key, entry: keyEntry, consumerName, out } = claiming;
  const { idleMsMin, justId } = options;
  const claimed: Reply[] = [];
  const deleted: Reply[] = [];
  let consumer: StreamConsumer | null = null;
  let next = group.pending.atOrAfter(options.start);
  for (let attempts = options.count * ATTEMPTS_PER_ENTRY; attempts > 0 && next !== undefined; attempts--) {
    if (claimed.length + deleted.length >= options.count) break;
    const entry = next;
    const behind = idAfter(entry.id);
    if (!stream.has(entry.id)) {
      out.claim(key, group, entry, idText(entry.id));
      group.release(entry);
      deleted.push(idText(entry.id));
      call.changed(1);
    } else if (idleMsMin === 0 || call.nowMs - entry.deliveredMs >= idleMsMin) {
      consumer ??= seeConsumer(call, key, group, consumerName);
      const deliveries = justId ? entry.deliveries : plusUnsigned(entry.deliveries, 1);
      out.claim(key, group, group.assign(entry.id, consumer, { deliveredMs: call.nowMs, deliveries }), idText(entry.id));
      claimed.push(claimedReply(stream, entry.id, justId));
      call.changed(1);
    }
    next = behind === null ? undefined : group.pending.atOrAfter(behind);
  }
  call.propagate(...out.commands);
  if (out.commands.length > 0) call.db.changed(keyEntry);
  call.cost(claimed.length + deleted.length);
  return [idText(next?.id ?? ID_MIN), claimed, deleted];
};

const WRITE_FAST = ['write', 'fast'] as const;

export const streamClaimCommands: readonly CommandRow[] = [
  { name: 'xclaim', arity: -6, flags: WRITE_FAST, keys: ONE_KEY, since: '5.0.0', handler: xclaim },
  { name: 'xautoclaim', arity: -6, flags: WRITE_FAST, keys: ONE_KEY, since: '6.2.0', handler: xautoclaim },
];
