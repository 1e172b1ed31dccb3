/** Drawn faults and an operator's actions on a primary with two replicas that nobody watches. */
import type { Scenario } from '../../sim/scenario.ts';
import { CHAOS } from '../chaos.ts';
import { primaryWithReplicas, UNPERSISTED } from '../persistence/deployment.ts';
import { threeClients } from '../plan.ts';

export const replicationChaos: Scenario = {
  ...CHAOS,
  name: 'replication/chaos',
  teaches: 'Whatever strikes a replicated Redis without sentinels: every loss has its reason, and only a human ends an outage.',
  topology: primaryWithReplicas(UNPERSISTED),
  workload: threeClients('redis-main:6379'),
};
