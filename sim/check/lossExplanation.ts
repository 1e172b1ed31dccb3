/**
 * Why an acknowledged write is gone. A loss is a bug unless, for every copy that held the write when it was acknowledged, an
 * event and a named rule explain its disappearance.
 */
import type { Bytes, Micros } from '../../engine/index.ts';
import type { CauseStep } from '../report.ts';
import type { FinalState } from './check.ts';
import type { HistoryTree } from './historyTree.ts';
import type { WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';
import type { PositionChange, PositionLog } from './positionLog.ts';

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
  notStarted: 'its snapshot held the write, but nobody started it again',
  resynchronised: 'a replica gives up its own data for its primary\'s at a full resynchronisation',
  notServing: 'another node serves: clients are not sent here',
  notResynchronised: 'it has not resynchronised with the serving primary yet',
  asynchronous: 'replication is asynchronous: a replica is promoted with what it has',
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
  return { permitted, cause: permitted ? causeOf(write, copies) : 'a copy disappeared without an explanation', chain };
};

const causeOf = (write: WriteRecord, copies: readonly CopyFate[]): string => {
  const own = copies.find((copy) => copy.step.node === write.executedBy.name)?.fate;
  const others = copies.filter((copy) => copy.step.node !== write.executedBy.name);
  if (own === 'died' && others.length === 0) return 'not yet replicated when its primary died';
  if (own === 'died' && others.some((copy) => copy.fate === 'discarded')) {
    return 'replicated, then discarded: the replicas resynchronised with a primary that did not have it';
  }
  if (own === 'died') return 'held by replicas that were not the ones to serve';
  if (own === 'discarded') return 'accepted by an isolated primary and discarded at resynchronisation';
  return 'held by a node that does not serve';
};

/** What became of one node's copy. */
const copyFate = (
  holder: NodeView, write: WriteRecord, positions: PositionLog, tree: HistoryTree, state: FinalState,
): CopyFate => {
  const has = (id: Bytes | null, offset: number): boolean =>
    id !== null && tree.contains(id, offset, write.id, write.offset);
  const step = (event: number, at: Micros, what: string, rule: string | null): CauseStep =>
    ({ node: holder.name, event, atMs: at / MICROS_PER_MS, what, rule });
  if (has(holder.id, holder.offset)) return stillHeld(holder, state, step);
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
  const event = gone.event;
  const what = gone.what.how === 'power' ? 'its machine lost power' : gone.what.how === 'kill' ? 'it was killed'
    : 'its process ended';
  // There is one file, and each save replaces it.
  const onDisk = positions.saved(holder).findLast((saved) => saved.event < event);
  if (onDisk === undefined || !has(onDisk.id, onDisk.offset)) return { fate: 'died', step: step(event, gone.at, what, RULE.memoryOnly) };
  return holder.isAlive ? { fate: 'unexplained', step: step(event, gone.at, `${what}; its snapshot held the write`, null) }
    : { fate: 'died', step: step(event, gone.at, what, RULE.notStarted) };
};

const stillHeld = (
  holder: NodeView, state: FinalState, step: (event: number, at: Micros, what: string, rule: string | null) => CauseStep,
): CopyFate => {
  const follows = holder.role === 'replica' && holder.sync === 'connected' && holder.id === state.serving?.id;
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
  const { serving } = state;
  if (serving === null) return null;
  const change = positions.changes(serving).find((one) => one.what.kind === 'history' && one.what.reason === 'promotion'
    && one.event > write.executedIn && one.toId !== null && !tree.contains(one.toId, one.toOffset, write.id, write.offset));
  return change === undefined ? null : {
    node: serving.name, event: change.event, atMs: change.at / MICROS_PER_MS,
    what: `promoted at offset ${change.fromOffset}; the write ends at ${write.offset}`, rule: RULE.asynchronous,
  };
};
