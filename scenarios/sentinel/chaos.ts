/** Drawn faults and actions on a primary, two replicas and three sentinels in three zones, all of which start again by themselves. */
import type { Scenario } from '../../sim/scenario.ts';
import { CHAOS } from '../chaos.ts';
import { PERSISTED, clientsOf, watched } from './deployment.ts';

const topology = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED, restart: 'always',
  zones: ['zone-a', 'zone-b', 'zone-c'],
});

export const sentinelChaos: Scenario = {
  ...CHAOS,
  name: 'sentinel/chaos',
  teaches: 'Whatever strikes, no sentinel votes twice in an epoch, and a majority that lives brings a primary back.',
  topology,
  workload: clientsOf(topology),
};
