/**
 * fast-check's arbitraries for deployments and plans (`faultline/arbitraries`), for properties of one's own:
 *
 *     fc.assert(fc.property(scenarios({ durationMs: 20_000 }), fc.nat(1000), (scenario, seed) =>
 *       runScenario(scenario, seed).ledger.bugs === 0), { numRuns: 20 });
 *
 * What always holds: a topology can be laid out and a plan can strike it; both shrink to fewer nodes, fewer and earlier entries. The
 * same fast-check seed gives the same scenario. Needs fast-check 4, which whoever imports this has installed.
 */
import fc from 'fast-check';
import type { PlanEntry, ResolvedScenario } from '../../sim/scenario.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { chaosOn } from '../chaosOn.ts';
import { clusterTopology, sentinelTopology, topologyOf } from '../topologies.ts';

/** Bounds of what is generated. */
export const ARBITRARY_BOUNDS = {
  replicasMax: 3, sentinelsMax: 5, clusterPrimariesMax: 4, clusterReplicasMax: 2, entriesMax: 6, strikeMsMin: 5000,
} as const;

const persistence: fc.Arbitrary<readonly (readonly string[])[]> = fc.constantFrom(
  [['save', '']], [['save', ''], ['appendonly', 'yes']], [['save', ''], ['appendonly', 'yes'], ['appendfsync', 'always']],
);
const restart: fc.Arbitrary<'no' | 'always'> = fc.constantFrom('no', 'always');

/** A primary with one replica or more, and nobody who watches them. */
export const replicationTopologies = (): fc.Arbitrary<Topology> =>
  fc.record({ replicas: fc.integer({ min: 1, max: ARBITRARY_BOUNDS.replicasMax }), directives: persistence })
    .map(({ replicas, directives }) => topologyOf('a drawn primary and its replicas', [
      { name: 'n1', directives },
      ...Array.from({ length: replicas }, (_, index) => ({ name: `n${index + 2}`, follows: 'n1', directives })),
    ]));

/** The same with sentinels, each on a machine of its own; any quorum that they could reach. */
export const sentinelTopologies = (): fc.Arbitrary<Topology> =>
  fc.record({
    replicas: fc.integer({ min: 1, max: ARBITRARY_BOUNDS.replicasMax }), restart, directives: persistence,
    watch: fc.integer({ min: 1, max: ARBITRARY_BOUNDS.sentinelsMax })
      .chain((sentinels) => fc.record({ sentinels: fc.constant(sentinels), quorum: fc.integer({ min: 1, max: sentinels }) })),
  }).map(({ watch, ...rest }) => sentinelTopology({ ...rest, ...watch, placement: 'apart', downAfterMs: 2000, failoverTimeoutMs: 10_000 }));

/** Three primaries or more, with replicas. */
export const clusterTopologies = (): fc.Arbitrary<Topology> =>
  fc.record({
    primaries: fc.integer({ min: 3, max: ARBITRARY_BOUNDS.clusterPrimariesMax }),
    replicasEach: fc.integer({ min: 1, max: ARBITRARY_BOUNDS.clusterReplicasMax }), restart, directives: persistence,
  }).map((plan) => clusterTopology({ ...plan, nodeTimeoutMs: 2000 }));

export const topologies = (): fc.Arbitrary<Topology> =>
  fc.oneof(replicationTopologies(), sentinelTopologies(), clusterTopologies());

/** Faults and restarts at times of their own, on the nodes of the topology and within `durationMs`. */
export const plans = (topology: Topology, durationMs: number): fc.Arbitrary<readonly PlanEntry[]> => {
  const process = fc.constantFrom(...topology.processes.map(({ name }) => name));
  const machine = fc.constantFrom(...topology.machines.map(({ name }) => name));
  const when = fc.integer({ min: ARBITRARY_BOUNDS.strikeMsMin, max: Math.max(ARBITRARY_BOUNDS.strikeMsMin, durationMs) })
    .map((atMs) => ({ atMs }));
  const forMs = fc.integer({ min: 100, max: 10_000 });
  const entry: fc.Arbitrary<PlanEntry> = fc.oneof(
    fc.record({ when, do: fc.constant('kill'), target: process }),
    fc.record({ when, do: fc.constant('start'), target: process }),
    fc.record({ when, do: fc.constant('pause'), target: process, forMs }),
    fc.record({ when, do: fc.constant('power'), target: machine, forMs }),
    fc.record({ when, do: fc.constant('lossy'), target: machine, forMs, with: fc.record({ percent: fc.integer({ min: 1, max: 90 }) }) }),
    fc.record({ when, do: fc.constant('clog'), target: machine, forMs, with: fc.record({ delayMs: fc.integer({ min: 1, max: 3000 }) }) }),
    fc.record({ when, do: fc.constant('clockJump'), target: machine, with: fc.record({ byMs: fc.integer({ min: -5000, max: 5000 }) }) }),
    fc.record({
      when, do: fc.constant('partition'), forMs,
      with: machine.map((alone) => ({
        groups: [[alone], topology.machines.map(({ name }) => name).filter((name) => name !== alone)],
      })),
    }),
  ).map((drawn): PlanEntry => ({ ...drawn, mayMiss: true }));
  return fc.array(entry, { maxLength: ARBITRARY_BOUNDS.entriesMax });
};

export interface ScenarioOptions {
  /** Virtual milliseconds of faults; 30,000 when absent. */
  readonly durationMs?: number;
  /** What the topology is drawn from; any when absent. */
  readonly topology?: fc.Arbitrary<Topology>;
}

/** A deployment, the clients that fit it, and a plan. */
export const scenarios = ({ durationMs = 30_000, topology = topologies() }: ScenarioOptions = {}): fc.Arbitrary<ResolvedScenario> =>
  topology.chain((drawn) => plans(drawn, durationMs)
    .map((plan) => ({ ...chaosOn(drawn), plan, durationMs, expects: { verdicts: {} } })));
