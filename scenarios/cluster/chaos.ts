/** Drawn faults and actions on a cluster of three primaries with a replica each, in three zones. */
import type { Scenario } from '../../sim/scenario.ts';
import { CHAOS } from '../chaos.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const topology = threeAndThree({
  directives: [['appendonly', 'yes']], restart: 'always', zones: ['zone-a', 'zone-b', 'zone-c'],
});

export const clusterChaos: Scenario = {
  ...CHAOS,
  name: 'cluster/chaos',
  teaches: 'Whatever strikes, no slot has two owners in one epoch, and a majority of the primaries brings all slots back.',
  topology,
  workload: clusterClients(topology, ['zone-a']),
};
