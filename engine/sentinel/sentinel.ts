/**
 * The state of one sentinel and what its parts share: whom it watches, epochs, events, the saved configuration.
 *
 * Always holds: what must survive a crash (epochs, known replicas and sentinels, own ID) is written before anything that rests
 * on it leaves the process. Source: sentinelState, sentinelEvent in sentinel.c of Redis 7.0.
 */
import type { Host, LogLevel } from '../host.ts';
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import type { Random } from '../core/random.ts';
import type { CauseId } from '../core/units.ts';
import type { Settings } from '../commands/settings.ts';
import { INSTANCE_WORD, SENTINEL_EVENT, type SentinelEventName } from '../protocol/sentinelNames.ts';
import type { InstanceAddress } from './address.ts';
import {
  type Instance, PeerSentinel, type PrimaryOptions, WatchedPrimary, WatchedReplica, primaryOf,
} from './instance.ts';
import { InstanceLink } from './instanceLink.ts';
import { numericAddress } from '../core/numericAddress.ts';
import { type Periods, newPeriods } from './periods.ts';
import { ScriptQueue } from './scripts.ts';

export const ID_LENGTH = 40;

export interface SentinelServices {
  readonly host: Host;
  readonly random: Random;
  /** The directives that every server has: port, bind-source-addr, … */
  readonly settings: Settings;
  /** To those who are subscribed at this sentinel. */
  publish(channel: Bytes, message: Bytes): void;
  /** Writes the configuration file anew; false when that failed, which was logged. */
  saveConfig(): boolean;
  /** Bugs planted for tests. */
  readonly bugs: SentinelBugs;
}

/** Named faults of Sentinel itself, for proving that the checkers see them. */
export interface SentinelBugs {
  /** Votes for whoever asks, as often as asked in one epoch. */
  readonly votesTwice: boolean;
  /** Counts half of the needed votes as enough. */
  readonly electsWithoutMajority: boolean;
  /** Promotes replicas of priority 0 too. */
  readonly promotesPriorityZero: boolean;
  /** Does not read the epochs in its configuration file. */
  readonly forgetsEpochs: boolean;
  /** Finds primaries down, and never begins to replace one. */
  readonly neverFailsOver: boolean;
}

export const NO_SENTINEL_BUGS: SentinelBugs = {
  votesTwice: false, electsWithoutMajority: false, promotesPriorityZero: false, forgetsEpochs: false, neverFailsOver: false,
};

export class Sentinel {
  readonly services: SentinelServices;
  readonly host: Host;
  readonly periods: Periods = newPeriods();
  readonly primaries: Map<Bytes, WatchedPrimary> = new Map();
  readonly scripts: ScriptQueue;
  /** Its run ID, kept in the configuration file. */
  id: Bytes = EMPTY;
  currentEpoch = 0;
  isTilted = false;
  tiltStartMs = 0;
  lastTickMs: number;
  /** Null: as the connection's own end shows. An empty one, which CONFIG SET can leave, is told to the others as it is. */
  announceIp: Bytes | null = null;
  announcePort = 0;
  resolveHostnames = false;
  announceHostnames = false;
  denyScriptsReconfig = true;
  /** How it authenticates at other sentinels. */
  sentinelUser: Bytes = EMPTY;
  sentinelPass: Bytes = EMPTY;
  /** SENTINEL SIMULATE-FAILURE. */
  crashAfterElection = false;
  crashAfterPromotion = false;

  constructor(services: SentinelServices) {
    this.services = services;
    this.host = services.host;
    this.lastTickMs = services.host.wallMs();
    this.scripts = new ScriptQueue(services.host, this.periods, (level, event, text) => this.event(level, event, null, text));
  }

  get nowMs(): number {
    return this.host.wallMs();
  }

  /** The address as it is shown to others. */
  shown(address: InstanceAddress): Bytes {
    return this.announceHostnames ? address.hostname : address.ip;
  }

  /** `address:port`, for names of replicas and for notes. */
  place(address: InstanceAddress): Bytes {
    return `${this.shown(address)}:${address.port}` as Bytes;
  }

  /**
   * An address from what somebody said: an IP address, or a name where names are resolved. A name starts unresolved; null
   * when it is neither.
   */
  address(hostname: Bytes, port: number): InstanceAddress | null {
    if (port < 0 || port > PORT_MAX) return null;
    const numeric = numericAddress(hostname);
    if (numeric !== null) return { hostname, ip: numeric, port };
    if (!this.resolveHostnames) return null;
    const known = this.knownNames.get(lower(hostname));
    return { hostname, ip: known ?? EMPTY, port };
  }

  /** Looks an instance's name up again, and remembers the answer; `done` is called once its address is as good as it gets. */
  resolve(instance: Instance, done: () => void): void {
    const { hostname, port } = instance.address;
    if (numericAddress(hostname) !== null || !this.resolveHostnames) {
      done();
      return;
    }
    this.host.resolve(hostname, (addresses) => {
      const ip = addresses[0];
      if (ip !== undefined) {
        this.knownNames.set(lower(hostname), ip);
        if (instance.address.hostname === hostname && instance.address.ip !== ip) {
          instance.address = { hostname, ip, port };
          if (instance.kind === 'primary') this.noteBelief(instance);
        }
      }
      done();
    });
  }

  /** Names that were looked up. Their number is bounded by the instances that were ever known by name. */
  private readonly knownNames: Map<Bytes, Bytes> = new Map();

  /** Whether `hostname` (of INFO, of a hello) means the same machine as `address`. */
  isAt(address: InstanceAddress, hostname: Bytes): boolean {
    // The usual case needs no parsing: an address in the form that it is kept in.
    if (hostname !== EMPTY && address.ip === hostname) return true;
    const numeric = numericAddress(hostname);
    if (numeric !== null) return address.ip === numeric;
    const known = this.knownNames.get(lower(hostname));
    if (known !== undefined) return address.ip === known;
    return lower(this.resolveHostnames ? address.hostname : address.ip) === lower(hostname);
  }

  /**
   * An event: logged, published on the channel of its name, and noted. Of an instance, the text starts with what and where
   * it is. `because`: the events that the state it rests on came from.
   */
  event(
    level: LogLevel, event: SentinelEventName, instance: Instance | null, text = '', because: readonly CauseId[] = [],
  ): void {
    const message = instance === null ? bytes(text) : bytes(this.describe(instance) + text);
    this.announce(level, event, instance === null ? null : primaryOf(instance), instance, message, because);
  }

  /** An event about a primary whose text does not name it (`+new-epoch 3`). */
  plainEvent(
    level: LogLevel, event: SentinelEventName, primary: WatchedPrimary, text: string, because: readonly CauseId[] = [],
  ): void {
    this.announce(level, event, primary, primary, bytes(text), because);
  }

  private announce(
    level: LogLevel, event: SentinelEventName, primary: WatchedPrimary | null, instance: Instance | null, message: Bytes,
    because: readonly CauseId[],
  ): void {
    this.host.log(level, `${event} ${message}`);
    if (level !== 'debug') this.services.publish(bytes(event), message);
    this.host.note({
      kind: 'sentinel', event, detail: message, name: primary?.name ?? null,
      instance: instance === null ? null : this.place(instance.address), because,
    });
    const script = primary?.options.notificationScript ?? null;
    if (level === 'warning' && script !== null) this.scripts.add(script, [bytes(event), message]);
  }

  private describe(instance: Instance): string {
    const { address } = instance;
    const itself = `${INSTANCE_WORD[instance.kind]} ${instance.name} ${this.shown(address)} ${address.port}`;
    if (instance.kind === 'primary') return itself;
    const { primary } = instance;
    return `${itself} @ ${primary.name} ${this.shown(primary.address)} ${primary.address.port}`;
  }

  addPrimary(name: Bytes, address: InstanceAddress, options: PrimaryOptions): WatchedPrimary {
    const primary = new WatchedPrimary(name, address, this.newLink(), options, this.periods.defaultDownAfter, this.nowMs);
    this.primaries.set(name, primary);
    this.noteBelief(primary);
    return primary;
  }

  /** Null when the address is no good, or known already. */
  addReplica(primary: WatchedPrimary, hostname: Bytes, port: number): WatchedReplica | null {
    const address = this.address(hostname, port);
    if (address === null) return null;
    const name = this.place(address);
    if (primary.replicas.has(name)) return null;
    const replica = new WatchedReplica(name, address, this.newLink(), primary, this.nowMs);
    primary.replicas.set(name, replica);
    return replica;
  }

  /** Null when the address is no good, or the run ID is known already. */
  addPeer(primary: WatchedPrimary, hostname: Bytes, port: number, runId: Bytes): PeerSentinel | null {
    const address = this.address(hostname, port);
    if (address === null || primary.sentinels.has(runId)) return null;
    const peer = new PeerSentinel(runId, address, this.newLink(), primary, this.nowMs);
    primary.sentinels.set(runId, peer);
    return peer;
  }

  removePrimary(primary: WatchedPrimary): void {
    for (const replica of primary.replicas.values()) replica.link.release();
    for (const peer of primary.sentinels.values()) peer.link.release();
    primary.link.release();
    this.primaries.delete(primary.name);
  }

  /** The name that this primary's nodes know a command by. */
  command(primary: WatchedPrimary, name: string): Bytes {
    const { renamedCommands } = primary.options;
    return renamedCommands.size === 0 ? bytes(name) : renamedCommands.get(lower(bytes(name)))?.to ?? bytes(name);
  }

  /** A random start of a failover or of the wait after a vote. */
  get desyncMs(): number {
    return this.services.random.below(DESYNC_MS);
  }

  noteBelief(primary: WatchedPrimary): void {
    this.host.note({ kind: 'belief', name: primary.name, primary: this.place(primary.currentAddress) });
  }

  noteEpochs(primary: WatchedPrimary): void {
    this.host.note({ kind: 'epoch', name: primary.name, current: this.currentEpoch, config: primary.configEpoch });
  }

  /** A greater epoch was heard of, or is begun here. */
  enterEpoch(epoch: number, primary: WatchedPrimary): void {
    this.currentEpoch = epoch;
    this.noteEpochs(primary);
  }

  announceEpoch(primary: WatchedPrimary): void {
    this.plainEvent('warning', SENTINEL_EVENT.newEpoch, primary, String(this.currentEpoch));
  }

  private newLink(): InstanceLink {
    return new InstanceLink(this.nowMs, this.host.cause());
  }
}

const PORT_MAX = 65535;
const DESYNC_MS = 1000;
