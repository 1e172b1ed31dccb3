/**
 * Fifty primaries with a replica each: a node's gossip is about ten others, and still all hear of each other, of a dead primary and of
 * who replaced it. There are many more voters, and it takes no more time than with three.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { rangeKeys } from '../../sim/topology/clusterSetup.ts';
import { clusterHolds } from '../expectations.ts';
import { at, client, kill } from '../plan.ts';
import { clusterLocator, threeAndThree } from './deployment.ts';

const topology = threeAndThree({ primaries: 50, name: '50 primaries with a replica each' });

const locator = clusterLocator(topology);
const [firstRange = ''] = rangeKeys(topology);

export const hundredNodes: Scenario = {
  name: 'cluster/hundred-nodes',
  teaches: 'A cluster of a hundred nodes replaces a dead primary as fast as one of six: gossip tells all of them.',
  topology,
  // A probe for each range would be more work than the cluster.
  workload: {
    clients: [client('C1', 'setAdd', { ...locator, keys: 100 }), client('C2', 'register', { ...locator, keys: 100 })],
    probes: [{ name: 'P1', zone: 'zone-a', key: `probe:${firstRange}`, ...locator }],
  },
  plan: [kill(at(15_000), 'n1')],
  durationMs: 26_000,
  settlingMs: 4000,
  // Measured over 20 seeds: nothing lost, 7.6 to 8.7 s, as with three primaries.
  expects: { verdicts: clusterHolds, lost: { max: 10 }, unavailableMs: { min: 5500, max: 11_000 } },
};
