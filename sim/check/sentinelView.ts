/**
 * What the simulator knows of each sentinel, from its notes alone: whom it holds to be the primary of each name, its epochs,
 * its votes, how far a failover of its own has come.
 */
import { type Bytes, type Note, SENTINEL_EVENT } from '../../engine/index.ts';
import type { SimProcess } from '../node/simProcess.ts';

/** What one sentinel thinks of one name. */
export interface Watched {
  readonly name: Bytes;
  /** `address:port`. */
  primary: Bytes | null;
  currentEpoch: number;
  configEpoch: number;
  /** Its last vote. */
  vote: { readonly epoch: number; readonly candidate: Bytes } | null;
  /** The epoch that it last led; null: none since its start. */
  ledEpoch: number | null;
  isSdown: boolean;
  isOdown: boolean;
}

export class SentinelView {
  readonly process: SimProcess;
  readonly port: number;
  /** Its run ID, once it has voted. It outlives the process: the configuration file keeps it. */
  id: Bytes | null = null;
  isTilted = false;
  /** By name, in the order in which they were first heard of. Empty while the process is dead. */
  readonly watched: Map<Bytes, Watched> = new Map();

  constructor(process: SimProcess, port: number) {
    this.process = process;
    this.port = port;
  }

  get name(): string {
    return this.process.name;
  }

  get isAlive(): boolean {
    return this.process.state !== 'dead';
  }

  /** Brings the view up to date. */
  note(note: Note): void {
    switch (note.kind) {
      case 'belief':
        if (note.name !== undefined) this.believe(note.name, note.primary);
        break;
      case 'epoch': {
        const watched = this.of(note.name);
        watched.currentEpoch = note.current;
        watched.configEpoch = note.config;
        break;
      }
      case 'vote':
        this.id = note.voter;
        this.of(note.name).vote = { epoch: note.epoch, candidate: note.candidate };
        break;
      case 'leader':
        this.of(note.name).ledEpoch = note.epoch;
        break;
      case 'sentinel':
        this.event(note.event, note.name, note.instance);
        break;
      default:
    }
  }

  /** The process ended: memory is gone. */
  ended(): void {
    this.watched.clear();
    this.isTilted = false;
  }

  private believe(name: Bytes, primary: Bytes | null): void {
    const watched = this.of(name);
    if (watched.primary === primary) return;
    watched.primary = primary;
    watched.isSdown = false;
    watched.isOdown = false;
  }

  private event(event: string, name: Bytes | null, instance: Bytes | null): void {
    if (event === SENTINEL_EVENT.tilt) this.isTilted = true;
    else if (event === SENTINEL_EVENT.noTilt) this.isTilted = false;
    else if (name !== null && event === SENTINEL_EVENT.unmonitor) this.watched.delete(name);
    if (name === null) return;
    const watched = this.watched.get(name);
    if (watched === undefined || watched.primary !== instance) return;
    if (event === SENTINEL_EVENT.sdown) watched.isSdown = true;
    else if (event === SENTINEL_EVENT.noSdown) watched.isSdown = false;
    else if (event === SENTINEL_EVENT.odown) watched.isOdown = true;
    else if (event === SENTINEL_EVENT.noOdown) watched.isOdown = false;
  }

  private of(name: Bytes): Watched {
    let watched = this.watched.get(name);
    if (watched === undefined) {
      watched = {
        name, primary: null, currentEpoch: 0, configEpoch: 0, vote: null, ledEpoch: null, isSdown: false, isOdown: false,
      };
      this.watched.set(name, watched);
    }
    return watched;
  }
}

type Belief = Watched & { readonly primary: Bytes };

/**
 * The primary of `name` by the newest configuration that a living sentinel holds: of several of the same epoch the one that
 * more of them believe in, then the first sentinel's. Null: no sentinel lives, or none watches the name.
 */
export const believedPrimary = (sentinels: readonly SentinelView[], name: Bytes): Bytes | null => {
  let best: { readonly primary: Bytes; readonly epoch: number; readonly believers: number } | null = null;
  const beliefs = livingBeliefs(sentinels, name);
  for (const { primary, configEpoch } of beliefs) {
    let believers = 0;
    for (const other of beliefs) if (other.primary === primary && other.configEpoch === configEpoch) believers++;
    const isBetter = best === null || configEpoch > best.epoch || (configEpoch === best.epoch && believers > best.believers);
    if (isBetter) best = { primary, epoch: configEpoch, believers };
  }
  return best?.primary ?? null;
};

/** Every name that a sentinel watches, in the order of sentinels. */
export const watchedNames = (sentinels: readonly SentinelView[]): readonly Bytes[] =>
  [...new Set(sentinels.flatMap((view) => [...view.watched.keys()]))];

const livingBeliefs = (sentinels: readonly SentinelView[], name: Bytes): readonly Belief[] => {
  const beliefs: Belief[] = [];
  for (const view of sentinels) {
    const watched = view.isAlive ? view.watched.get(name) : undefined;
    if (watched !== undefined && watched.primary !== null) beliefs.push(watched as Belief);
  }
  return beliefs;
};
