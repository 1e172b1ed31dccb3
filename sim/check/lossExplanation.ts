/**
 * Why an acknowledged write is gone. A loss is a bug unless, for every copy that held the write when it was acknowledged, an
 * event and a named rule explain its disappearance.
 */
import type { Bytes, Micros } from '../../engine/index.ts';
import type { DiskTrouble } from '../disk/disk.ts';
import type { CauseStep } from '../report.ts';
import type { FinalState } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';
import type { AofPosition, PositionChange, PositionLog } from './positionLog.ts';

export interface Explanation {
  readonly permitted: boolean;
  /** One line: the class of the loss. */
  readonly cause: string;
  readonly chain: readonly CauseStep[];
}

const MICROS_PER_MS = 1000;

/** The rules that permit a copy to disappear. */
const RULE = {
  memoryOnly: 'memory is gone with its process, and no snapshot on its disk held the write',
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
  resynchronised: 'a replica gives up its own data for its primary\'s at a full resynchronisation',
  notServing: 'another node serves: clients are not sent here',
  notResynchronised: 'it has not resynchronised with the serving primary yet',
  asynchronous: 'replication is asynchronous: a replica is promoted with what it has',
  notTold: 'a primary that was replaced goes on accepting writes until a sentinel reaches it and makes it a replica',
  minority: 'a primary that was replaced goes on accepting writes until it hears of that, or has missed the majority for a node timeout',
} as const;

type Fate = 'died' | 'discarded' | 'kept' | 'unexplained';

interface CopyFate {
  readonly fate: Fate;
  readonly step: CauseStep;
}

/** Explains one lost write from the positions of its copies. */
export const explainLoss = (
  write: WriteRecord, positions: PositionLog, tree: HistoryTree, state: FinalState,
): Explanation => {
  const copies = write.holders.map((holder) => copyFate(holder, write, positions, tree, state));
  const chain = copies.map((copy) => copy.step);
  const fork = forkStep(write, positions, tree, state);
  if (fork !== null) chain.push(fork);
  const permitted = copies.every((copy) => copy.fate !== 'unexplained');
  const cause = permitted ? failoverCause(write, copies, positions, fork, state) ?? causeOf(write, copies, positions, tree, state)
    : 'a copy disappeared without an explanation';
  return { permitted, cause, chain };
};

const causeOf = (
  write: WriteRecord, copies: readonly CopyFate[], positions: PositionLog, tree: HistoryTree, state: FinalState,
): string => {
  const own = copies.find((copy) => copy.step.node === write.executedBy.name)?.fate;
  const others = copies.filter((copy) => copy.step.node !== write.executedBy.name);
  if (own === 'died' && (others.some((copy) => copy.fate === 'discarded') || wasDiscardedLater(write, positions, tree, state))) {
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
const wasDiscardedLater = (write: WriteRecord, positions: PositionLog, tree: HistoryTree, { views }: FinalState): boolean => {
  const has = (id: Bytes | null, offset: number): boolean => id !== null && tree.contains(id, offset, write.id, write.offset);
  return views.some((view) => view !== write.executedBy && positions.changes(view).some((change) => (
    change.event > write.executedIn && change.what.kind === 'history' && change.what.reason === 'full-sync'
      && has(change.fromId, change.fromOffset) && !has(change.toId, change.toOffset))));
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
const copyFate = (
  holder: NodeView, write: WriteRecord, positions: PositionLog, tree: HistoryTree, state: FinalState,
): CopyFate => {
  const has = (id: Bytes | null, offset: number): boolean =>
    id !== null && tree.contains(id, offset, write.id, write.offset);
  const step = (event: number, at: Micros, what: string, rule: string | null): CauseStep =>
    ({ node: holder.name, event, atMs: at / MICROS_PER_MS, what, rule });
  if (has(holder.id, holder.offset)) return stillHeld(holder, write, state, step);
  let gone: PositionChange | null = null;
  for (const change of positions.changes(holder)) {
    if (change.event > write.executedIn && has(change.fromId, change.fromOffset)
      && !has(change.toId, change.toOffset)) gone = change;
  }
  if (gone === null) {
    return { fate: 'unexplained', step: step(0, state.now, 'it held the write, and then did not, without an event', null) };
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
  const end: EndOfCopy = { holder, event: gone.event, at: gone.at, what, has, step };
  if (aof === null) return endWithoutAof(end, positions);
  const lostPower = how === 'power' || losesPowerBeforeStart(holder, gone, positions);
  return endWithAof({ ...end, what: lostPower && how !== 'power' ? `${what}, and its machine then lost power` : what }, aof, lostPower);
};

/** The machine of a process that had ended lost its power before the next start. */
const losesPowerBeforeStart = (holder: NodeView, end: PositionChange, positions: PositionLog): boolean => {
  const next = positions.changes(holder).find((change) => change.event > end.event && change.what.kind === 'history');
  return holder.process.machine.powerLosses.some((at) => at >= end.at && (next === undefined || at < next.at));
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

const endWithoutAof = ({ holder, event, at, what, has, step }: EndOfCopy, positions: PositionLog): CopyFate => {
  // There is one file, and each save replaces it.
  const onDisk = positions.saved(holder).findLast((saved) => saved.event < event);
  if (onDisk === undefined || !has(onDisk.id, onDisk.offset)) {
    return { fate: 'died', step: step(event, at, what, RULE.memoryOnly) };
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

const stillHeld = (
  holder: NodeView, write: WriteRecord, state: FinalState, step: (event: number, at: Micros, what: string, rule: string | null) => CauseStep,
): CopyFate => {
  const follows = holder.role === 'replica' && holder.sync === 'connected' && holder.id === servingOf(write, state)?.id;
  if (follows) {
    return {
      fate: 'unexplained',
      step: step(0, state.now, 'it holds the write, and follows the serving primary, which does not', null),
    };
  }
  const rule = holder.role === 'primary' ? RULE.notServing : RULE.notResynchronised;
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
