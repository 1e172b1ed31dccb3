/**
 * The decisions of a run and their causes, kept while it goes on. A decision that rests on a silence names the last word that
 * was heard; here it also gets what swallowed the next: the fault, action or end of a process that came between the two.
 *
 * Always holds: it knows the same of a run whether or not a trace is written.
 */
import { type Bytes, type CauseId, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import type { SimProcess } from '../node/simProcess.ts';
import { CauseIndex, type CauseRecord, type CauseRecords, decisionOf, shortName, struck } from './causeRecord.ts';
import { ClusterCauses, type ClusterCausesWorld } from './clusterCauses.ts';

export interface ChronicleWorld extends ClusterCausesWorld {
  /** The process at `host:port`; null: there is none. */
  find(place: Bytes): SimProcess | null;
  /** Whom a data node follows, `host:port`. */
  followed(process: SimProcess): Bytes | null;
}

const NOTHING: readonly CauseId[] = [];

export class Chronicle implements CauseRecords {
  private readonly world: ChronicleWorld;
  private readonly index: CauseIndex = new CauseIndex();
  private readonly cluster: ClusterCauses;
  /** Who holds which primary to be subjectively down: the record, by name and process. */
  private readonly silent: Map<Bytes, Map<SimProcess, CauseId>> = new Map();
  /** Whom each sentinel holds to be the primary of each name. */
  private readonly primaries: Map<SimProcess, Map<Bytes, Bytes>> = new Map();

  constructor(world: ChronicleWorld) {
    this.world = world;
    this.cluster = new ClusterCauses(world);
  }

  /** What the record of a note should list under `because`, beyond what the note says itself; nothing for most. */
  because(process: SimProcess, note: Note): readonly CauseId[] {
    switch (note.kind) {
      case 'sentinel':
        if (note.event === SENTINEL_EVENT.odown && note.name !== null) return this.agreed(process, note.name, note.because);
        if (note.event === SENTINEL_EVENT.tryFailover) return this.told(process, note.because);
        return note.event === SENTINEL_EVENT.sdown ? this.silence(process, note.instance, note.because) : NOTHING;
      case 'odown':
        return this.agreed(process, note.name, note.because);
      case 'sync':
        return note.state === 'connect' ? this.silence(process, this.world.followed(process), note.because) : NOTHING;
      case 'replica':
        return note.event === 'dropped' ? this.silence(process, note.replica, note.because) : NOTHING;
      default:
        return this.cluster.because(process, note);
    }
  }

  /** A note was recorded as `event`, at `at`, inside `parent`. */
  note(process: SimProcess, note: Note, event: CauseId, at: number, parent: CauseId): void {
    if (note.kind === 'sentinel') this.remember(process, note.event, note.name, note.instance, event);
    else if (note.kind === 'belief' && note.name !== undefined && note.primary !== null) {
      this.primaries.set(process, (this.primaries.get(process) ?? new Map<Bytes, Bytes>()).set(note.name, note.primary));
    }
    const decision = decisionOf(process.name, note, (id) => this.world.clusterProcess(id)?.name ?? shortName(id));
    if (decision !== null) {
      const found = this.because(process, note);
      const because = found.length > 0 ? found : 'because' in note ? note.because : NOTHING;
      this.index.add({ id: event, at, parent, node: process.name, because, ...decision });
    }
    this.cluster.note(process, note, event);
  }

  /** A process ended. */
  ended(process: SimProcess): void {
    for (const silent of this.silent.values()) silent.delete(process);
    this.primaries.delete(process);
    this.cluster.ended(process);
  }

  find(id: number): CauseRecord | undefined {
    const hindrance = this.world.hindrances.find(id as CauseId);
    return hindrance === undefined ? this.index.find(id) : struck(id, hindrance.at, 0, hindrance.what);
  }

  inside(event: number, node: string): readonly CauseRecord[] {
    return this.index.inside(event, node);
  }

  /** The last word heard comes first in `because`. */
  private silence(process: SimProcess, place: Bytes | null, because: readonly CauseId[]): readonly CauseId[] {
    const [last] = because;
    const other = place === null ? null : this.world.find(place);
    if (last === undefined || other === null) return NOTHING;
    const found = this.world.hindrances.silencing(process, other, last).map((hindrance) => hindrance.event);
    return found.length === 0 ? NOTHING : [...because, ...found];
  }

  /** A failover that rests on nothing was asked for: by the last thing that was done to the sentinel. */
  private told(process: SimProcess, because: readonly CauseId[]): readonly CauseId[] {
    const last = because.some((cause) => cause > 0) ? undefined : this.world.hindrances.lastOn(process);
    return last === undefined ? NOTHING : [last.event];
  }

  /** Other sentinels said so too: each had found it to be down before its last word here. */
  private agreed(process: SimProcess, name: Bytes, because: readonly CauseId[]): readonly CauseId[] {
    const lastWord = Math.max(0, ...because);
    const others = [...this.silent.get(name) ?? []].flatMap(([other, event]) => (other !== process && event < lastWord ? [event] : []));
    return others.length === 0 ? NOTHING : [...because, ...others];
  }

  private remember(process: SimProcess, event: string, name: Bytes | null, instance: Bytes | null, id: CauseId): void {
    // Replicas and other sentinels go down too; what counts is the primary.
    if (name === null || instance === null || this.primaries.get(process)?.get(name) !== instance) return;
    if (event === SENTINEL_EVENT.sdown) {
      this.silent.set(name, (this.silent.get(name) ?? new Map<SimProcess, CauseId>()).set(process, id));
    } else if (event === SENTINEL_EVENT.noSdown || event === SENTINEL_EVENT.switchPrimary) this.silent.get(name)?.delete(process);
  }
}
