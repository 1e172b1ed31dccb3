/**
 * Helpers that build plan entries: one function for each fault and action, so that a plan reads like a script and a wrong
 * parameter does not compile. They build plain data and nothing else; `sim/fault` says what each does.
 */
import type {
  ClientSpec, LockSpec, Locator, PlanEntry, PlanTime, PlanValue, QueueSpec, WaitSpec, WorkloadKind, WorkloadSpec,
} from '../sim/scenario.ts';
import type { Topology } from '../sim/topology/topology.ts';

/** Virtual milliseconds from the start of the run. */
export const at = (atMs: number): PlanTime => ({ atMs });

interface Options {
  readonly target?: string;
  readonly forMs?: number | undefined;
  readonly with?: Readonly<Record<string, PlanValue>>;
}

const entry = (when: PlanTime, kind: string, options: Options): PlanEntry => ({
  when,
  do: kind,
  ...(options.target === undefined ? {} : { target: options.target }),
  ...(options.forMs === undefined ? {} : { forMs: options.forMs }),
  ...(options.with === undefined ? {} : { with: options.with }),
});

/** Cuts the power of the target's machine; with `forMs` it boots again by itself. */
export const power = (when: PlanTime, target: string, forMs?: number): PlanEntry => entry(when, 'power', { target, forMs });

/** Ends the target's process as `kill -9` does. */
export const kill = (when: PlanTime, target: string): PlanEntry => entry(when, 'kill', { target });

/** Stops the target's process as SIGSTOP does, for `forMs`. */
export const pause = (when: PlanTime, target: string, forMs: number): PlanEntry => entry(when, 'pause', { target, forMs });

/** Makes everything that the target's process does take `times` as long. */
export const slow = (when: PlanTime, target: string, times: number, forMs?: number): PlanEntry =>
  entry(when, 'slow', { target, forMs, with: { times } });

/** Replaces the target's container by a new one, which starts after `forMs`: with the old one's data only where these are on a volume. */
export const recreate = (when: PlanTime, target: string, forMs: number): PlanEntry => entry(when, 'recreate', { target, forMs });

/** The target's machine goes as without power, and comes back after `forMs` at another address. */
export const newAddress = (when: PlanTime, target: string, address: string, forMs: number): PlanEntry =>
  entry(when, 'newAddress', { target, forMs, with: { address } });

/** Cuts every link between machines of different groups. Who stands in no group reaches everybody. */
export const partition = (when: PlanTime, groups: readonly (readonly string[])[], forMs?: number): PlanEntry =>
  entry(when, 'partition', { forMs, with: { groups } });

/** Cuts the links from the machines of `from` to those of `to`; the other direction works on. */
export const partitionOneWay = (when: PlanTime, from: readonly string[], to: readonly string[], forMs?: number): PlanEntry =>
  entry(when, 'partition', { forMs, with: { groups: [from, to], oneWay: true } });

/** Loses `percent` of the segments from one node to another; TCP sends them again, later. */
export const lossy = (when: PlanTime, from: string, to: string, percent: number, forMs?: number): PlanEntry =>
  entry(when, 'lossy', { forMs, with: { from, to, percent } });

/** Delays every segment from one node to another by `delayMs`, beyond what the link takes anyhow. */
export const clog = (when: PlanTime, from: string, to: string, delayMs: number, forMs?: number): PlanEntry =>
  entry(when, 'clog', { forMs, with: { from, to, delayMs } });

/** Ends all partitions, clogs and losses. */
export const heal = (when: PlanTime): PlanEntry => entry(when, 'heal', {});

/** Turns the target's machine on and starts its processes. */
export const boot = (when: PlanTime, target: string): PlanEntry => entry(when, 'boot', { target });

/** Starts the target's process on a machine that is on. */
export const start = (when: PlanTime, target: string): PlanEntry => entry(when, 'start', { target });

/** The operator makes the target a primary: REPLICAOF NO ONE. */
export const promote = (when: PlanTime, target: string): PlanEntry => entry(when, 'promote', { target });

/** The operator makes the target follow `primary`: REPLICAOF host port. */
export const follow = (when: PlanTime, target: string, primary: string): PlanEntry =>
  entry(when, 'follow', { target, with: { primary } });

/** The operator sends one command to the target. */
export const command = (when: PlanTime, target: string, ...argv: readonly string[]): PlanEntry =>
  entry(when, 'command', { target, with: { argv } });

/** The target's disk has no room left, or `roomBytes` more. */
export const fullDisk = (when: PlanTime, target: string, forMs?: number, roomBytes = 0): PlanEntry =>
  entry(when, 'fullDisk', { target, forMs, with: { roomBytes } });

/** Every sync of the target's disk takes `byMs` longer. */
export const slowDisk = (when: PlanTime, target: string, byMs: number, forMs?: number): PlanEntry =>
  entry(when, 'slowDisk', { target, forMs, with: { byMs } });

/** The wall clock of the target's machine jumps by `byMs`, forward or back, and goes on from there. */
export const clockJump = (when: PlanTime, target: string, byMs: number): PlanEntry =>
  entry(when, 'clockJump', { target, with: { byMs } });

/** What `redis-cli --cluster` is told beside the nodes; see `sim/fault/clusterKinds.ts`. */
export interface ClusterToolOptions {
  /** Before each step that follows another: without it one follows the other at once. */
  readonly pauseMs?: number;
  readonly perMigrate?: number;
  readonly replace?: boolean;
}

/** `slots` of the target go to `to`: so many of its first ones, or `first-last`. As `redis-cli --cluster reshard` does it. */
export const moveSlots = (
  when: PlanTime, target: string, to: string, slots: number | string, options: ClusterToolOptions = {},
): PlanEntry => entry(when, 'moveSlots', { target, with: { to, slots, ...options } });

/** Slots that a move left open are closed, as `redis-cli --cluster fix` does it; the target is asked first. */
export const fixSlots = (
  when: PlanTime, target: string, options: ClusterToolOptions & { readonly withUnreachable?: boolean } = {},
): PlanEntry => entry(when, 'fixSlots', { target, with: { ...options } });

/** The target, a node alone, joins the cluster of `member`; as a replica of `follows` where that is given. */
export const addNode = (when: PlanTime, target: string, member: string, follows?: string): PlanEntry =>
  entry(when, 'addNode', { target, with: { member, ...(follows === undefined ? {} : { follows }) } });

/** The target's slots go to `to`, where that is given; then all others forget it. */
export const removeNode = (when: PlanTime, target: string, to?: string, options: ClusterToolOptions = {}): PlanEntry =>
  entry(when, 'removeNode', { target, with: { ...(to === undefined ? {} : { to }), ...options } });

/** The n-th time that a program of `moveSlots`, `fixSlots`, … did this step; see `sim/client/resharder.ts` for their names. */
export const afterStep = (step: string, nth: number = 1, delayMs: number = 0): PlanTime =>
  ({ after: { kind: 'note.step', fields: { step } }, nth, delayMs });

/** The operator changes the DNS entry `name` to the machine of `to`. */
export const point = (when: PlanTime, name: string, to: string): PlanEntry => entry(when, 'point', { with: { name, to } });

export type ClientOptions = Locator & {
  readonly zone?: string;
  readonly operationsPerSecond?: number;
  readonly timeoutMs?: number;
  readonly wait?: WaitSpec;
  readonly valueBytes?: number;
  readonly keys?: number;
  readonly loop?: 'open' | 'closed';
  readonly thinkMs?: number;
  readonly queue?: QueueSpec;
  readonly lock?: LockSpec;
  readonly hashTag?: string;
  readonly servers?: readonly string[];
  readonly readsFrom?: 'primary' | 'replicas';
};

/** A workload client with the defaults of the house: 10 operations a second, given up after a second. */
export const client = (name: string, kind: WorkloadKind, options: ClientOptions): ClientSpec => ({
  name, kind, zone: 'zone-a', operationsPerSecond: 10, timeoutMs: 1000, ...options,
});

/** Three clients (two add to sets, one sets registers) and one probe, all with the same way to their server and in one zone. */
const threeOf = (locator: Locator, zone: string): WorkloadSpec => ({
  clients: [
    client('C1', 'setAdd', { ...locator, zone }),
    client('C2', 'setAdd', { ...locator, zone }),
    client('C3', 'register', { ...locator, zone }),
  ],
  probes: [{ name: 'P1', zone, ...locator }],
});

/** Three clients and a probe that are sent to `server`. */
export const threeClients = (server: string, zone: string = 'zone-a'): WorkloadSpec => threeOf({ server }, zone);

export interface SentinelClientsOptions {
  /** They listen for the news of another primary; by default they do not. */
  readonly listens?: boolean;
  readonly zone?: string;
  /** Of the data nodes, and of the sentinels. */
  readonly password?: string;
  readonly sentinelPassword?: string;
}

/** Where the sentinels of a deployment are, as clients write it: `name:port`. */
export const sentinelPlaces = ({ processes }: Topology): readonly string[] =>
  processes.filter(({ kind }) => kind === 'sentinel').map(({ name, port }) => `${name}:${port}`);

/** Three clients and a probe that ask `sentinels` (`host:port`) for the primary that these watch as `name`. */
export const sentinelClients = (
  name: string, sentinels: readonly string[], { listens = false, zone = 'zone-a', password, sentinelPassword }: SentinelClientsOptions = {},
): WorkloadSpec => {
  const sentinel = { name, sentinels, listens, ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }) };
  return threeOf(password === undefined ? { sentinel } : { sentinel, password }, zone);
};
