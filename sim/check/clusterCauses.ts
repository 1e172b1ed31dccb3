/**
 * What the decisions of a cluster's nodes rest on, beyond what their notes say: the silence behind PFAIL and what caused it, the
 * suspicions of others behind FAIL, the word of the one who told of it, the request behind a vote, the votes behind an election.
 *
 * Always holds: records are kept by the names that nodes have in the cluster, so they outlive processes; what a node suspected
 * goes with its process.
 */
import { type Bytes, CLUSTER_BY_HAND, type CauseId, type ClusterNote, type Note } from '../../engine/index.ts';
import type { Hindrances } from '../fault/hindrances.ts';
import type { SimProcess } from '../node/simProcess.ts';

export interface ClusterCausesWorld {
  /** The process of the node that has this name in its cluster; null: nobody has. */
  clusterProcess(id: Bytes): SimProcess | null;
  /** The name that the node of this process has in its cluster; null: it has none, or has not said so. */
  clusterName(process: SimProcess): Bytes | null;
  readonly hindrances: Hindrances;
}

type Records = Map<Bytes, Map<SimProcess, CauseId>>;

const NOTHING: readonly CauseId[] = [];

export class ClusterCauses {
  private readonly world: ClusterCausesWorld;
  /** Who holds which node to be silent, and to have failed: the records. */
  private readonly suspicions: Records = new Map();
  private readonly failures: Records = new Map();
  /** By candidate and epoch. */
  private readonly elections: Map<string, CauseId> = new Map();
  private readonly votes: Map<string, CauseId[]> = new Map();

  constructor(world: ClusterCausesWorld) {
    this.world = world;
  }

  /** What the record should list, where that is more than the note lists itself; nothing else. */
  because(process: SimProcess, note: Note): readonly CauseId[] {
    if (this.world.clusterName(process) === null) return NOTHING;
    switch (note.kind) {
      case 'cluster': return this.ofClusterNote(process, note);
      case 'vote': return beside(note.because, [this.elections.get(ballot(note.candidate, note.epoch))]);
      case 'leader':
        if (note.isForced) return this.told(process);
        return beside(NOTHING, [this.elections.get(ballot(note.leader, note.epoch)), ...this.votes.get(ballot(note.leader, note.epoch)) ?? []]);
      default: return NOTHING;
    }
  }

  /** The note was recorded as `event`. */
  note(process: SimProcess, note: Note, event: CauseId): void {
    if (this.world.clusterName(process) === null) return;
    if (note.kind === 'vote') {
      const key = ballot(note.candidate, note.epoch);
      this.votes.set(key, [...this.votes.get(key) ?? [], event]);
    } else if (note.kind === 'cluster') this.remember(process, note, event);
  }

  ended(process: SimProcess): void {
    for (const records of [this.suspicions, this.failures]) for (const holders of records.values()) holders.delete(process);
  }

  private ofClusterNote(process: SimProcess, { event, node, detail, reporters = [], because }: ClusterNote): readonly CauseId[] {
    const said = (records: Records): (CauseId | undefined)[] => reporters.map((reporter) => {
      const other = this.world.clusterProcess(reporter);
      return other === null ? undefined : records.get(node)?.get(other);
    });
    switch (event) {
      case 'pfail': return this.silence(process, node, because);
      case 'fail': return beside(NOTHING, [this.suspicions.get(node)?.get(process), ...said(this.suspicions)]);
      case 'told': return beside(NOTHING, said(this.failures));
      case 'election':
        return detail === CLUSTER_BY_HAND ? this.told(process) : beside(NOTHING, [this.failures.get(node)?.get(process)]);
      case 'down': return beside(NOTHING, this.troublesOf(process));
      default: return NOTHING;
    }
  }

  private remember(process: SimProcess, { event, node, epoch }: ClusterNote, id: CauseId): void {
    if (event === 'pfail') put(this.suspicions, node, process, id);
    else if (event === 'fail' || event === 'told') put(this.failures, node, process, id);
    else if (event === 'recovered') {
      this.suspicions.get(node)?.delete(process);
      this.failures.get(node)?.delete(process);
    } else if (event === 'election') {
      const candidate = this.world.clusterName(process);
      if (candidate !== null) this.elections.set(ballot(candidate, epoch), id);
    }
  }

  /** All that a node misses: its newest record of each. */
  private troublesOf(process: SimProcess): readonly (CauseId | undefined)[] {
    const nodes = new Set([...this.suspicions.keys(), ...this.failures.keys()]);
    return [...nodes].map((node) => this.failures.get(node)?.get(process) ?? this.suspicions.get(node)?.get(process));
  }

  /** The last word heard comes first. */
  private silence(process: SimProcess, node: Bytes, because: readonly CauseId[]): readonly CauseId[] {
    const [last] = because;
    const other = this.world.clusterProcess(node);
    if (last === undefined || other === null) return NOTHING;
    return beside(because, this.world.hindrances.silencing(process, other, last).map((hindrance) => hindrance.event));
  }

  /** By an operator: the last thing that was done to the process. */
  private told(process: SimProcess): readonly CauseId[] {
    const last = this.world.hindrances.lastOn(process);
    return last === undefined ? NOTHING : [last.event];
  }
}

const ballot = (candidate: Bytes, epoch: number): string => `${candidate} ${epoch}`;

/** Nothing where nothing was found: the note's own list stands then. */
const beside = (because: readonly CauseId[], found: readonly (CauseId | undefined)[]): readonly CauseId[] => {
  const known = found.filter((id): id is CauseId => id !== undefined);
  return known.length === 0 ? NOTHING : [...because, ...known];
};

const put = (records: Records, node: Bytes, process: SimProcess, id: CauseId): void => {
  const known = records.get(node);
  if (known === undefined) records.set(node, new Map([[process, id]]));
  else known.set(process, id);
};
