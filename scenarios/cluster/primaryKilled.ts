/** One primary of three dies: a majority is left to find that out, and to elect its replica. */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterHolds } from '../expectations.ts';
import { at, kill } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const topology = threeAndThree();

export const primaryKilled: Scenario = {
  name: 'cluster/primary-killed',
  teaches: 'The slots of a dead primary are not served until two others have missed it for the node timeout and elected its replica.',
  topology,
  workload: clusterClients(topology),
  plan: [kill(at(20_000), 'n1')],
  durationMs: 45_000,
  settlingMs: 20_000,
  // Measured over 30 seeds: nothing lost (what a dying process had sent still arrives), 6.8 to 9.3 s.
  expects: { verdicts: clusterHolds, lost: { max: 10 }, unavailableMs: { min: 5500, max: 11_000 } },
};
