/**
 * Helpers that build plan entries: one function for each fault and action, so that a plan reads like a script and a wrong
 * parameter does not compile. They build plain data and nothing else; `sim/fault` says what each does.
 */
import type {
  ClientSpec, PlanEntry, PlanTime, PlanValue, WaitSpec, WorkloadKind, WorkloadSpec,
} from '../sim/scenario.ts';

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

/** Cuts every link between machines of different groups. Who stands in no group reaches everybody. */
export const partition = (when: PlanTime, groups: readonly (readonly string[])[], forMs?: number): PlanEntry =>
  entry(when, 'partition', { forMs, with: { groups } });

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

/** The operator changes the DNS entry `name` to the machine of `to`. */
export const point = (when: PlanTime, name: string, to: string): PlanEntry => entry(when, 'point', { with: { name, to } });

export interface ClientOptions {
  readonly server: string;
  readonly zone?: string;
  readonly operationsPerSecond?: number;
  readonly timeoutMs?: number;
  readonly wait?: WaitSpec;
  readonly valueBytes?: number;
  readonly servers?: readonly string[];
}

/** A workload client with the defaults of the house: 10 operations a second, given up after a second. */
export const client = (name: string, kind: WorkloadKind, options: ClientOptions): ClientSpec => ({
  name,
  kind,
  zone: options.zone ?? 'zone-a',
  operationsPerSecond: options.operationsPerSecond ?? 10,
  server: options.server,
  timeoutMs: options.timeoutMs ?? 1000,
  ...(options.wait === undefined ? {} : { wait: options.wait }),
  ...(options.valueBytes === undefined ? {} : { valueBytes: options.valueBytes }),
  ...(options.servers === undefined ? {} : { servers: options.servers }),
});

/** Three clients (two add to sets, one sets registers) and one probe, all sent to `server` and all in one zone. */
export const threeClients = (server: string, zone: string = 'zone-a'): WorkloadSpec => ({
  clients: [
    client('C1', 'setAdd', { server, zone }),
    client('C2', 'setAdd', { server, zone }),
    client('C3', 'register', { server, zone }),
  ],
  probes: [{ name: 'P1', zone, server }],
});
