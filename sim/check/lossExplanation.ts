/**
 * Why an acknowledged write is gone. A loss is a bug unless, for every copy that held the write when it was acknowledged, an
 * event and a named rule explain its disappearance.
 */
import type { Bytes, Micros } from '../../engine/index.ts';
import type { DiskTrouble } from '../disk/disk.ts';
import type { CauseStep } from '../report.ts';
import type { FinalState } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { KeyEdge, KeyMoves } from './keyMoves.ts';
import type { WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';
import type { AofPosition, PositionChange, PositionLog } from './positionLog.ts';

export interface Explanation {
  readonly permitted: boolean;
  /** One line: the class of the loss. */
  readonly cause: string;
  readonly chain: readonly CauseStep[];
}

/** What an explanation is made of. */
export interface Evidence {
  readonly positions: PositionLog;
  readonly tree: HistoryTree;
  readonly moves: KeyMoves;
}

const MICROS_PER_MS = 1000;
/** A key is followed through so many moves. */
const MOVES_EXPLAINED_MAX = 64;

/** The rules that permit a copy to disappear. */
const RULE = {
  memoryOnly: 'memory is gone with its process, and no snapshot on its disk held the write',
  aofNotRead: 'appendonly was switched on in memory alone: the next start reads the snapshot, and that did not hold the write',
  notStarted: 'its disk held the write, but it does not run again',
  everysecPower: 'appendfsync everysec: what was written since the last sync began is not on the disk yet, normally a second '
    + 'or two, longer behind a slow disk',
  everysecKill: 'appendfsync everysec: while a sync runs the write itself waits in memory, for two to three seconds',
  writeFailed: 'the disk refused a write: it was acknowledged, the next ones were not (MISCONF), and it waited in memory',
  noSync: 'appendfsync no: the kernel writes back in its own time, within 30 seconds',
  syncSuspended: 'no-appendfsync-on-rewrite: nothing is synced while a child writes',
  aofStopped: 'after a full synchronisation the append-only file is made anew; until that is done the disk has the old one',
  diskLied: 'the disk had reported a sync that it did not make',
  syncFailed: 'a sync had failed: the kernel gave those pages up, and no later sync covers them',
  diskDamaged: 'the disk damaged the file',
  containerReplaced: 'its data directory was on no volume: it went with its container',
  resynchronised: 'a replica gives up its own data for its primary\'s at a full resynchronisation',
  notServing: 'another node serves: clients are not sent here',
  notResynchronised: 'it has not resynchronised with the serving primary yet',
  asynchronous: 'replication is asynchronous: a replica is promoted with what it has',
  notTold: 'a primary that was replaced goes on accepting writes until a sentinel reaches it and makes it a replica',
  minority: 'a primary that was replaced goes on accepting writes until it hears of that, or has missed the majority for a node timeout',
  migrated: 'MIGRATE deletes a key when the other node has acknowledged it, and that node\'s replicas are not waited for',
  overwritten: 'MIGRATE with REPLACE puts what it brings over what the node has: whoever moves the slot has asked for that',
  slotTaken: 'a node that hears of a newer owner of a slot deletes the keys that it has there',
  moveForgotten: 'who is promoted in the middle of a move knows nothing of it (Redis 7.0): the keys stay with the node that imported '
    + 'them, and clients are not sent there',
} as const;

/** Rules by which a copy is gone, or of no use, because another node has taken its holder's place. */
const OF_REPLACEMENT: readonly (string | null)[] = [RULE.resynchronised, RULE.notServing, RULE.notResynchronised, RULE.asynchronous,
  RULE.notTold, RULE.minority, RULE.slotTaken, RULE.moveForgotten];

export const isReplacement = ({ rule }: CauseStep): boolean => OF_REPLACEMENT.includes(rule);

type Fate = 'died' | 'discarded' | 'kept' | 'moved' | 'taken' | 'unexplained';

interface CopyFate {
  readonly fate: Fate;
  readonly step: CauseStep;
  /** Where it went, of a copy that was `moved`. */
  readonly arrival?: KeyEdge;
}

/** Explains one lost write from the positions of its copies, and of what moves made of them. */
export const explainLoss = (
  write: WriteRecord, evidence: Evidence, state: FinalState, movesLeft: number = MOVES_EXPLAINED_MAX,
): Explanation => {
  const copies = write.holders.map((holder) => copyFate(holder, write, evidence, state));
  const arrivals = [...new Set(copies.flatMap(({ arrival }) => (arrival === undefined ? [] : [arrival])))];
  if (arrivals.length === 0 || movesLeft === 0) return explainHere(write, copies, evidence, state);
  const here = copies.filter(({ fate }) => fate !== 'moved');
  const parts = [
    ...(here.length === 0 ? [] : [explainHere(write, here, evidence, state)]),
    ...arrivals.map((arrival) => {
      const { cause, ...rest } = explainLoss(arrivedWrite(write, arrival), evidence, state, movesLeft - 1);
      return { ...rest, cause: `migrated, then ${cause}` };
    }),
  ];
  return {
    permitted: parts.every(({ permitted }) => permitted),
    cause: (parts.find(({ permitted }) => !permitted) ?? parts.at(-1) as Explanation).cause,
    chain: [...copies.filter(({ fate }) => fate === 'moved').map(({ step }) => step), ...parts.flatMap(({ chain }) => chain)],
  };
};

/** The write as the node has it that took its key over. */
const arrivedWrite = (write: WriteRecord, { id, offset, node, event, at, holders }: KeyEdge): WriteRecord =>
  ({ ...write, id, offset, executedBy: node, executedIn: event, executedAt: at, holders });

const explainHere = (
  write: WriteRecord, copies: readonly CopyFate[], { positions, tree }: Evidence, state: FinalState,
): Explanation => {
  const chain = copies.map((copy) => copy.step);
  const fork = forkStep(write, positions, tree, state);
  if (fork !== null) chain.push(fork);
  const later = copies.some(({ fate, step }) => fate === 'died' && step.node === write.executedBy.name)
    ? laterDiscard(write, positions, tree, state) : null;
  if (later !== null && chain.every(({ node, event }) => node !== later.node || event !== later.event)) chain.push(later);
  const permitted = copies.every((copy) => copy.fate !== 'unexplained');
  const cause = permitted ? moveCause(copies) ?? failoverCause(write, copies, positions, fork, state)
      ?? causeOf(write, copies, positions, later)
    : 'a copy disappeared without an explanation';
  return { permitted, cause, chain };
};

/** Losses that only a move of the key makes possible; null: it was none of these. */
const moveCause = (copies: readonly CopyFate[]): string | null => {
  if (copies.some(({ step }) => step.rule === RULE.overwritten)) return 'overwritten by a MIGRATE with REPLACE';
  if (copies.some(({ fate }) => fate === 'taken')) return 'deleted by its holder, which heard of a newer owner of the slot';
  return copies.some(({ step }) => step.rule === RULE.moveForgotten) ? 'held by the node that imports the slot and does not own it' : null;
};

const causeOf = (write: WriteRecord, copies: readonly CopyFate[], positions: PositionLog, later: CauseStep | null): string => {
  const own = copies.find((copy) => copy.step.node === write.executedBy.name)?.fate;
  const others = copies.filter((copy) => copy.step.node !== write.executedBy.name);
  if (own === 'died' && (others.some((copy) => copy.fate === 'discarded') || later !== null)) {
    return 'replicated, then discarded: the replicas resynchronised with a primary that did not have it';
  }
  if (own === 'died' && others.length === 0) return 'not yet replicated when its primary died';
  if (own === 'died') return 'held by replicas that were not the ones to serve';
  const hadDied = positions.changes(write.executedBy).some(
    (change) => change.what.kind === 'ended' && change.event > write.executedIn);
  if (own === 'discarded' && hadDied && others.length === 0) {
    return 'not yet replicated when its primary died; discarded when that came back as a replica';
  }
  if (own === 'discarded') return 'accepted by an isolated primary and discarded at resynchronisation';
  return 'held by a node that does not serve';
};

/** A replica that got the write only after its acknowledgement had it, and gave it up at a full resynchronisation. */
const laterDiscard = (write: WriteRecord, positions: PositionLog, tree: HistoryTree, { views }: FinalState): CauseStep | null => {
  const has = (id: Bytes | null, offset: number): boolean => id !== null && tree.contains(id, offset, write.id, write.offset);
  for (const view of views) {
    if (view === write.executedBy) continue;
    const change = positions.changes(view).find(({ event, what, fromId, fromOffset, toId, toOffset }) => (
      event > write.executedIn && what.kind === 'history' && what.reason === 'full-sync' && has(fromId, fromOffset) && !has(toId, toOffset)));
    if (change !== undefined) {
      return {
        node: view.name, event: change.event, atMs: change.at / MICROS_PER_MS, what: 'its data, and the write by then, were replaced (full-sync)',
        rule: RULE.resynchronised,
      };
    }
  }
  return null;
};

/** The primary that serves what the write was about. */
const servingOf = (write: WriteRecord, { serving }: FinalState): NodeView | null => serving.of(write.operation.key);

/** Somebody replaces primaries without being told to: sentinels, or the cluster itself. */
const replacesPrimaries = ({ sentinels, clusterNodes }: FinalState): boolean => sentinels.length > 0 || clusterNodes.length > 0;

/** Where primaries are replaced by themselves, whether the write was accepted before or after that tells two causes apart. */
const failoverCause = (
  write: WriteRecord, copies: readonly CopyFate[], positions: PositionLog, fork: CauseStep | null, state: FinalState,
): string | null => {
  const own = copies.find((copy) => copy.step.node === write.executedBy.name);
  if (!replacesPrimaries(state) || fork === null || own === undefined) return null;
  // Replicas that had it went the same way, or else it is not for the primary's sake that it is gone.
  const wentAlong = own.fate === 'discarded' && copies.every((copy) => copy.fate === 'discarded' || copy.fate === 'died');
  if (copies.length > 1 && !wentAlong) return null;
  const isAfter = fork.event < write.executedIn;
  if (own.fate === 'died') {
    return isAfter ? 'accepted by a primary that had been replaced already, and that then died'
      : 'not yet replicated when its primary died and was replaced';
  }
  if (own.fate !== 'discarded') return null;
  if (isAfter) return 'accepted by a primary that had been replaced already, discarded when it rejoined';
  const hadDied = positions.changes(write.executedBy).some(
    (change) => change.what.kind === 'ended' && change.event > write.executedIn);
  return hadDied ? 'not yet replicated when its primary died and was replaced; discarded when that rejoined'
    : 'not yet replicated when its primary was replaced; discarded when that rejoined';
};

/** What became of one node's copy. */
const copyFate = (holder: NodeView, write: WriteRecord, evidence: Evidence, state: FinalState): CopyFate => {
  const { positions, moves } = evidence;
  const has = (id: Bytes | null, offset: number): boolean => id !== null && moves.holds(id, offset, write);
  const step = (event: number, at: Micros, what: string, rule: string | null): CauseStep =>
    ({ node: holder.name, event, atMs: at / MICROS_PER_MS, what, rule });
  if (has(holder.id, holder.offset)) return stillHeld(holder, write, evidence, state, step);
  let gone: PositionChange | null = null;
  for (const change of positions.changes(holder)) {
    if (change.event > write.executedIn && has(change.fromId, change.fromOffset)
      && (change.toId === null || !moves.passes(change.toId, change.toOffset, write))) gone = change;
  }
  if (gone === null) {
    const edge = moves.endOf(write, placesOf(holder, positions.changes(holder)));
    return edge !== null ? endOfKey(edge, write, moves, step) : { fate: 'unexplained', step: step(0, state.now, 'it held the write, and then did not, without an event', null) };
  }
  if (gone.what.kind === 'history') {
    const { reason } = gone.what;
    const what = `its data were replaced (${reason})`;
    return reason === 'full-sync'
      ? { fate: 'discarded', step: step(gone.event, gone.at, what, RULE.resynchronised) }
      : { fate: 'unexplained', step: step(gone.event, gone.at, what, null) };
  }
  const { how, aof } = gone.what;
  const what = how === 'power' ? 'its machine lost power' : how === 'kill' ? 'it was killed' : 'its process ended';
  if (happensBeforeStart(holder.process.erasures, holder, gone, positions)) {
    return { fate: 'died', step: step(gone.event, gone.at, `${what}, and its container was replaced`, RULE.containerReplaced) };
  }
  const end: EndOfCopy = { holder, event: gone.event, at: gone.at, what, has, step };
  if (aof === null || holder.process.startsWithAof === false) return endWithoutAof(end, positions, aof === null ? RULE.memoryOnly : RULE.aofNotRead);
  const lostPower = how === 'power' || losesPowerBeforeStart(holder, gone, positions);
  return endWithAof({ ...end, what: lostPower && how !== 'power' ? `${what}, and its machine then lost power` : what }, aof, lostPower);
};

/** Where a node stands, and stood before each change. */
const placesOf = ({ id, offset }: NodeView, positions: readonly PositionChange[]): { readonly id: Bytes; readonly offset: number }[] => [
  ...(id === null ? [] : [{ id, offset }]),
  ...positions.flatMap(({ fromId, fromOffset }) => (fromId === null ? [] : [{ id: fromId, offset: fromOffset }])),
];

/** The key itself ended in the holder's history: it was given away, replaced or dropped. */
const endOfKey = (edge: KeyEdge, write: WriteRecord, moves: KeyMoves, step: StepOf): CopyFate => {
  const { kind, event, at, sending } = edge;
  if (kind === 'dropped') {
    return { fate: 'taken', step: step(event, at, `${edge.node.name} deleted the keys of the slot`, RULE.slotTaken) };
  }
  if (kind === 'left') {
    const arrival = moves.edgesOf(write.operation.key).find((one) => one.kind === 'arrived' && one.sending === sending);
    return arrival === undefined || sending === null
      ? { fate: 'unexplained', step: step(event, at, 'MIGRATE deleted the key, and no node had taken it', null) }
      : { fate: 'moved', arrival, step: step(event, at, `${edge.node.name} gave the key to ${arrival.node.name}`, RULE.migrated) };
  }
  return {
    fate: edge.replaces ? 'taken' : 'unexplained',
    step: step(event, at, 'a RESTORE put another value in its place', edge.replaces ? RULE.overwritten : null),
  };
};

/** The machine of a process that had ended lost its power before the next start. */
const losesPowerBeforeStart = (holder: NodeView, end: PositionChange, positions: PositionLog): boolean =>
  happensBeforeStart(holder.process.machine.powerLosses, holder, end, positions);

/** One of these times lies between a process's end and its next start. */
const happensBeforeStart = (times: readonly number[], holder: NodeView, end: PositionChange, positions: PositionLog): boolean => {
  const next = positions.changes(holder).find((change) => change.event > end.event && change.what.kind === 'history');
  return times.some((at) => at >= end.at && (next === undefined || at < next.at));
};

/** A holder's process ended while it had the write in memory. */
interface EndOfCopy {
  readonly holder: NodeView;
  readonly event: number;
  readonly at: Micros;
  readonly what: string;
  has(id: Bytes | null, offset: number): boolean;
  step(event: number, at: Micros, what: string, rule: string | null): CauseStep;
}

const endWithoutAof = (
  { holder, event, at, what, has, step }: EndOfCopy, positions: PositionLog, rule: string,
): CopyFate => {
  // There is one file, and each save replaces it.
  const onDisk = positions.saved(holder).findLast((saved) => saved.event < event);
  if (onDisk === undefined || !has(onDisk.id, onDisk.offset)) {
    return { fate: 'died', step: step(event, at, what, rule) };
  }
  return heldByDisk(holder, step, event, at, `${what}; its snapshot held the write`);
};

/** Where there is an append-only file, it alone is loaded. */
const endWithAof = (
  { holder, event, at, what, has, step }: EndOfCopy, aof: AofPosition, lostPower: boolean,
): CopyFate => {
  const place = lostPower ? aof.synced : aof.written;
  if (!aof.isStopped && place !== null && has(place.id, place.offset)) {
    return heldByDisk(holder, step, event, at, `${what}; its append-only file held the write`);
  }
  const rule = aofRule(aof, lostPower);
  return { fate: rule === null ? 'unexplained' : 'died', step: step(event, at, what, rule) };
};

/** Why the append-only file did not hold what was acknowledged; null: it should have. */
const aofRule = (aof: AofPosition, isPower: boolean): string | null => {
  if (aof.isStopped) return RULE.aofStopped;
  if (aof.hasFailed) return RULE.writeFailed;
  if (aof.policy === 'everysec') return isPower ? RULE.everysecPower : RULE.everysecKill;
  if (aof.policy === 'no') return isPower ? RULE.noSync : null;
  return aof.isSuspended && isPower ? RULE.syncSuspended : null;
};

/** The disk held the write: it may only be gone with a node that is gone, or by the disk's own doing. */
const heldByDisk = (
  holder: NodeView, step: EndOfCopy['step'], event: number, at: Micros, what: string,
): CopyFate => {
  const rule = holder.isAlive ? diskRule(holder.process.machine.disk.trouble) : RULE.notStarted;
  return { fate: rule === null ? 'unexplained' : 'died', step: step(event, at, what, rule) };
};

const diskRule = (trouble: DiskTrouble): string | null => {
  if (trouble.lied) return RULE.diskLied;
  if (trouble.failedSync) return RULE.syncFailed;
  return trouble.rotted || trouble.tore ? RULE.diskDamaged : null;
};

type StepOf = (event: number, at: Micros, what: string, rule: string | null) => CauseStep;

const stillHeld = (holder: NodeView, write: WriteRecord, { tree, moves }: Evidence, state: FinalState, step: StepOf): CopyFate => {
  const follows = holder.role === 'replica' && holder.sync === 'connected' && holder.id === servingOf(write, state)?.id;
  if (follows) {
    return {
      fate: 'unexplained',
      step: step(0, state.now, 'it holds the write, and follows the serving primary, which does not', null),
    };
  }
  const isImported = moves.edgesOf(write.operation.key).some(({ kind, id, offset }) =>
    kind === 'arrived' && holder.id !== null && tree.contains(holder.id, holder.offset, id, offset));
  const rule = isImported ? RULE.moveForgotten : holder.role === 'primary' ? RULE.notServing : RULE.notResynchronised;
  return { fate: 'kept', step: step(0, state.now, 'it still holds the write', rule) };
};

/** Where the serving primary's history left the write's. */
const forkStep = (
  write: WriteRecord, positions: PositionLog, tree: HistoryTree, state: FinalState,
): CauseStep | null => {
  const serving = servingOf(write, state);
  if (serving === null) return null;
  const change = positions.changes(serving).find((one) => one.what.kind === 'history' && one.what.reason === 'promotion'
    && one.event > write.executedIn && one.toId !== null && !tree.contains(one.toId, one.toOffset, write.id, write.offset));
  if (change !== undefined) {
    return {
      node: serving.name, event: change.event, atMs: change.at / MICROS_PER_MS,
      what: `promoted at offset ${change.fromOffset}; the write ends at ${write.offset}`, rule: RULE.asynchronous,
    };
  }
  return replacesPrimaries(state) ? earlierPromotion(write, positions, serving, state) : null;
};

/** The serving primary had been promoted before the write was accepted elsewhere. */
const earlierPromotion = (
  write: WriteRecord, positions: PositionLog, serving: NodeView, state: FinalState,
): CauseStep | null => {
  const change = positions.changes(serving).findLast((one) => one.what.kind === 'history' && one.what.reason === 'promotion'
    && one.event < write.executedIn);
  return change === undefined || serving === write.executedBy ? null : {
    node: serving.name, event: change.event, atMs: change.at / MICROS_PER_MS,
    what: `had been promoted before ${write.executedBy.name} accepted the write`,
    rule: state.clusterNodes.length > 0 ? RULE.minority : RULE.notTold,
  };
};
