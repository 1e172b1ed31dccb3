/**
 * The worlds of the determinism campaign: a deployment drawn from the seed, with the clients that fit it and a plan of chaos. Pure, so
 * that Node, Chromium and Firefox make the same of the same seed.
 */
import { chaosOn } from '../../scenarios/chaosOn.ts';
import { clusterTopology, sentinelTopology, topologyOf } from '../../scenarios/topologies.ts';
import { RandomStream } from '../../sim/random/streams.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import type { Topology } from '../../sim/topology/topology.ts';

type Directives = readonly (readonly string[])[];

const PERSISTENCE: readonly Directives[] = [
  [['save', '']], [['save', '5 1']], [['save', ''], ['appendonly', 'yes']],
  [['save', ''], ['appendonly', 'yes'], ['appendfsync', 'always']], [['save', ''], ['appendonly', 'yes'], ['appendfsync', 'no']],
];
const SYNCING: readonly Directives[] = [
  [], [['repl-diskless-sync-delay', '0']], [['repl-diskless-sync', 'no']], [['repl-diskless-load', 'swapdb']],
  [['min-replicas-to-write', '1']], [['repl-backlog-size', '16384']],
];
const ZONES: readonly (readonly string[])[] = [['zone-a'], ['zone-a', 'zone-b', 'zone-c']];
const DURATION_MS = 20_000;
const SETTLING_MS = 20_000;

export const drawnWorld = (seed: number): ResolvedScenario => {
  const draws = new RandomStream(`determinism/${seed}`);
  const topology = drawnTopology(draws);
  return { ...chaosOn(topology), name: `drawn/${seed}`, topology, durationMs: DURATION_MS, settlingMs: SETTLING_MS, expects: { verdicts: {} } };
};

const drawnTopology = (draws: RandomStream): Topology => {
  const directives = [...draws.pick(PERSISTENCE), ...draws.pick(SYNCING)];
  const common = { directives, restart: draws.pick(['no', 'always'] as const), zones: draws.pick(ZONES) };
  switch (draws.below(4)) {
    case 0: return topologyOf('a lone node', [{ name: 'n1', directives }]);
    case 1: return topologyOf('a primary and its replicas', [
      { name: 'n1', directives },
      ...Array.from({ length: draws.between(1, 3) }, (_, index) => ({ name: `n${index + 2}`, follows: 'n1', directives })),
    ]);
    case 2: {
      const sentinels = draws.between(1, 5);
      const replicas = draws.between(1, 3);
      return sentinelTopology({
        ...common, replicas, sentinels, quorum: draws.between(1, sentinels), downAfterMs: 2000, failoverTimeoutMs: 10_000,
        placement: sentinels <= replicas + 1 && draws.chance(500_000) ? 'beside' : 'apart',
      });
    }
    default: return clusterTopology({ ...common, primaries: draws.between(3, 4), replicasEach: draws.between(1, 2), nodeTimeoutMs: 2000 });
  }
};
