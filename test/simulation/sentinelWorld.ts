/** A small deployment with sentinels, as data: what the tests of Sentinel in the virtual world share. */
import type {
  Bounds, MachineSpec, PlanEntry, ProcessSpec, ResolvedScenario, Verdict, WorkloadSpec,
} from '../../sim/index.ts';

export interface Deployment {
  readonly replicas?: number;
  readonly sentinels?: number;
  readonly quorum?: number;
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  /** More directives for every data node, or for one of them. */
  readonly directives?: readonly (readonly string[])[];
  readonly directivesOf?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** More lines of every sentinel. */
  readonly sentinelLines?: readonly (readonly string[])[];
}

export const NAME = 'mymain';
const PORT = 6379;
const SENTINEL_PORT = 26379;

/** Data nodes r0 (the primary), r1, …; sentinels s1, s2, …: each on a machine of its own. */
export const deployment = (options: Deployment = {}): { machines: MachineSpec[]; processes: ProcessSpec[] } => {
  const { replicas = 2, sentinels = 3 } = options;
  const nodes = Array.from({ length: replicas + 1 }, (_, index) => `r${index}`);
  const watchers = Array.from({ length: sentinels }, (_, index) => `s${index + 1}`);
  const machines = [...nodes, ...watchers].map((name, index) => ({ name, zone: 'zone-a', address: `10.0.0.${index + 1}` }));
  const base = { aliases: [], restart: 'no', persistentData: true, origin: 'the test', configFile: 'kept' } as const;
  return {
    machines,
    processes: [
      ...nodes.map((name): ProcessSpec => ({
        ...base, name, kind: 'redis', machine: name, port: PORT, directives: [
          ['repl-diskless-sync-delay', '0'],
          ...(name === 'r0' ? [] : [['replicaof', '10.0.0.1', String(PORT)]]), ...options.directives ?? [],
          ...options.directivesOf?.[name] ?? [],
        ],
      })),
      ...watchers.map((name): ProcessSpec => ({
        ...base, name, kind: 'sentinel', machine: name, port: SENTINEL_PORT, directives: sentinelLines(options),
      })),
    ],
  };
};

const sentinelLines = ({
  quorum = 2, downAfterMs = 1000, failoverTimeoutMs = 10_000, sentinelLines: more = [],
}: Deployment): readonly (readonly string[])[] => [
  ['port', String(SENTINEL_PORT)],
  ['sentinel', 'monitor', NAME, '10.0.0.1', String(PORT), String(quorum)],
  ['sentinel', 'down-after-milliseconds', NAME, String(downAfterMs)],
  ['sentinel', 'failover-timeout', NAME, String(failoverTimeoutMs)],
  ...more,
];

/** Two writers and a probe that ask the sentinels. */
export const workload = (sentinels: number): WorkloadSpec => {
  const sentinel = {
    name: NAME, sentinels: Array.from({ length: sentinels }, (_, index) => `s${index + 1}:${SENTINEL_PORT}`), listens: true,
  };
  const common = { zone: 'zone-a', operationsPerSecond: 20, timeoutMs: 1000, sentinel } as const;
  return {
    clients: [{ ...common, name: 'C1', kind: 'setAdd' }, { ...common, name: 'C2', kind: 'register' }],
    probes: [{ name: 'P1', zone: 'zone-a', sentinel }],
  };
};

export const sentinelScenario = (
  plan: readonly PlanEntry[], options: Deployment = {}, expects: Readonly<Record<string, Verdict>> = {}, lost?: Bounds,
  times: { readonly durationMs: number; readonly settlingMs: number } = { durationMs: 30_000, settlingMs: 60_000 },
): ResolvedScenario => ({
  name: 'test/sentinel', teaches: 'a test', topology: { name: 'the test', ...deployment(options), warnings: [] },
  workload: workload(options.sentinels ?? 3), plan, ...times,
  expects: { verdicts: expects, ...(lost === undefined ? {} : { lost }) },
});
