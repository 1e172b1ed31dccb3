/**
 * The write ledger: where each write of the workload was executed, who held it when it was acknowledged, and what became
 * of it. See the design, "What is checked".
 *
 *     acknowledged = survived + superseded + lost + unknown        lost = permitted + bugs
 */
import type { Bytes, CauseId, Micros, Note, WriteNote } from '../../engine/index.ts';
import { lower } from '../../engine/index.ts';
import { type History, type Operation, describeOperation, isWaited } from '../client/history.ts';
import type { LedgerReport, LostWrite } from '../report.ts';
import type { Doubt, FinalState } from './check.ts';
import { doubted } from './doubt.ts';
import type { HistoryTree } from './historyTree.ts';
import { KeyMoves, type Way } from './keyMoves.ts';
import { type Explanation, explainLoss } from './lossExplanation.ts';
import type { NodeView } from './nodeView.ts';
import { PositionLog } from './positionLog.ts';

/** Where a write was first executed, and who held it when it was acknowledged. */
export interface WriteRecord {
  readonly operation: Operation;
  readonly id: Bytes;
  readonly offset: number;
  readonly executedBy: NodeView;
  readonly executedIn: CauseId;
  readonly executedAt: Micros;
  /** Nodes whose copy counted at the acknowledgement, or at WAIT's answer; the executing one always among them. */
  holders: readonly NodeView[];
}

const MICROS_PER_MS = 1000;
const RESTORES: readonly string[] = ['restore-asking', 'restore'];

/** A write that the serving primary has, and where in its history. */
interface Survivor {
  readonly write: WriteRecord;
  readonly moves: number;
  readonly depth: number;
}

/** How deep an ID lies on the way from the root to another: looked up once for each of these. */
class DepthsOfPaths {
  private readonly tree: HistoryTree;
  private readonly depths: Map<Bytes, ReadonlyMap<Bytes, number>> = new Map();

  constructor(tree: HistoryTree) {
    this.tree = tree;
  }

  of(way: Way, id: Bytes): number {
    let depths = this.depths.get(way.id);
    if (depths === undefined) {
      depths = new Map(this.tree.path(way.id).map((one, index) => [one, index]));
      this.depths.set(way.id, depths);
    }
    return depths.get(id) ?? 0;
  }
}

export class Ledger {
  readonly positions: PositionLog;
  /** Keys that went from one shard to another. */
  readonly moves: KeyMoves;
  private readonly history: History;
  private readonly tree: HistoryTree;
  private readonly views: readonly NodeView[];
  /** By the operation's index. */
  private readonly writes: (WriteRecord | undefined)[] = [];
  private readonly groups: (readonly NodeView[])[] = [];
  private readonly gathered: NodeView[] = [];

  constructor(history: History, tree: HistoryTree, views: readonly NodeView[]) {
    this.history = history;
    this.tree = tree;
    this.views = views;
    this.positions = new PositionLog();
    this.moves = new KeyMoves(tree);
    history.onCompleted((operation) => {
      if (operation.outcome === 'ok') this.acknowledged(operation);
    });
    history.onWaited((operation) => this.acknowledged(operation));
  }

  note(view: NodeView, note: Note, cause: CauseId, now: Micros): void {
    if (note.kind === 'write') this.executed(view, note, cause, now);
    else if (note.kind === 'moved') this.moves.note(view, note, cause, now, this.views);
    else this.positions.note(view, note, cause, now);
  }

  /** The write that a token was executed as; undefined when no node ever did. */
  write(operation: Operation): WriteRecord | undefined {
    return this.writes[operation.index];
  }

  /** Operations in the surviving histories, in the order of each. Empty when nobody serves. */
  surviving({ serving }: FinalState): readonly WriteRecord[] {
    const survivors: WriteRecord[] = [];
    for (const primary of serving.primaries) {
      if (primary.id === null) continue;
      const depths = new DepthsOfPaths(this.tree);
      const inside: Survivor[] = [];
      for (const write of this.writes) {
        if (write === undefined || serving.of(write.operation.key) !== primary) continue;
        const way = this.moves.way(primary.id, primary.offset, write);
        if (way !== null) inside.push({ write, moves: way.moves, depth: depths.of(way, write.id) });
      }
      // What came over more moves was there before what came over fewer.
      inside.sort((left, right) => right.moves - left.moves || left.depth - right.depth
        || left.write.offset - right.write.offset || left.write.operation.index - right.write.operation.index);
      for (const { write } of inside) survivors.push(write);
    }
    return survivors;
  }

  /** `doubts`: explanations that rest on what is in doubt do not count. */
  report(state: FinalState, doubts: readonly Doubt[]): LedgerReport {
    const surviving = this.surviving(state);
    const survivors = new Set(surviving.map((write) => write.operation));
    const current = new Set(lastOfEachRegister(surviving).values());
    const counts = { acknowledged: 0, survived: 0, superseded: 0, lost: 0, permitted: 0, bugs: 0, unknown: 0,
      unacknowledged: 0, unacknowledgedEffective: 0 };
    const waited = { acknowledged: 0, lost: 0 };
    const lostWrites: LostWrite[] = [];
    for (const operation of this.history.operations) {
      const survives = survivors.has(operation);
      if (operation.outcome !== 'ok') {
        counts.unacknowledged++;
        if (survives) counts.unacknowledgedEffective++;
        continue;
      }
      counts.acknowledged++;
      if (isWaited(operation)) waited.acknowledged++;
      if (state.serving.of(operation.key) === null) counts.unknown++;
      else if (survives && (operation.kind === 'setAdd' || current.has(operation))) counts.survived++;
      else if (survives) counts.superseded++;
      else {
        const lost = this.lostWrite(operation, state, doubts);
        counts.lost++;
        if (isWaited(operation)) waited.lost++;
        if (lost.permitted) counts.permitted++;
        else counts.bugs++;
        lostWrites.push(lost);
      }
    }
    return { ...counts, waited, lostWrites };
  }

  private lostWrite(operation: Operation, state: FinalState, doubts: readonly Doubt[]): LostWrite {
    const write = this.write(operation);
    const explanation: Explanation = write === undefined
      ? { permitted: false, cause: 'acknowledged without being executed', chain: [] }
      : doubted(explainLoss(write, { positions: this.positions, tree: this.tree, moves: this.moves }, state), write, doubts);
    return {
      client: operation.client, operation: describeOperation(operation), acknowledgedBy: operation.acknowledgedBy,
      invokedMs: operation.invokedAt / MICROS_PER_MS, acknowledgedMs: (operation.completedAt ?? 0) / MICROS_PER_MS,
      position: write === undefined ? null : `${write.id}:${write.offset}`, ...explanation,
    };
  }

  /** As `note`, for those who know what it is. */
  executed(view: NodeView, note: WriteNote, cause: CauseId, now: Micros): void {
    const { id, offset, argv } = note;
    const word = lower(argv[0] as Bytes);
    const token = argv[2];
    if ((word !== 'sadd' && word !== 'set') || token === undefined) {
      if (RESTORES.includes(word)) this.moves.restored(view, note, cause, now);
      return;
    }
    const operation = this.history.find(token);
    if (operation === undefined || this.writes[operation.index] !== undefined) return;
    this.writes[operation.index] = {
      operation, id, offset, executedBy: view, executedIn: cause, executedAt: now, holders: this.group([view]),
    };
  }

  private acknowledged(operation: Operation): void {
    const write = this.writes[operation.index];
    if (write === undefined) return;
    const { holders } = write;
    const held = this.gathered;
    held.length = 0;
    for (const view of this.views) if (holders.includes(view) || this.holds(view, write)) held.push(view);
    write.holders = this.group(held);
  }

  /** One list for all writes that the same nodes held: there are few such lists, and many writes. */
  private group(members: readonly NodeView[]): readonly NodeView[] {
    for (const group of this.groups) {
      if (group.length === members.length && group.every((view, place) => view === members[place])) return group;
    }
    const group = members.slice();
    this.groups.push(group);
    return group;
  }

  private holds(view: NodeView, write: WriteRecord): boolean {
    return view.id !== null && this.moves.holds(view.id, view.offset, write);
  }
}

/** The operation whose value each register has in the end. */
const lastOfEachRegister = (surviving: readonly WriteRecord[]): ReadonlyMap<Bytes, Operation> => {
  const last = new Map<Bytes, Operation>();
  for (const { operation } of surviving) if (operation.kind === 'register') last.set(operation.key, operation);
  return last;
};
