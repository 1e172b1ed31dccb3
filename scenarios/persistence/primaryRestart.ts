/**
 * A primary is killed and its container runtime starts it again within a tenth of a second, before anybody notices. Without
 * persistence it comes back empty, its replicas ask it for a synchronisation, and replace what they have by nothing. With
 * an append-only file it comes back with its data, and the same restart costs a moment of service.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, kill, threeClients } from '../plan.ts';
import { UNPERSISTED, appendOnly, primaryWithReplicas } from './deployment.ts';

const common: Pick<Scenario, 'workload' | 'plan' | 'durationMs' | 'settlingMs'> = {
  workload: threeClients('redis-main:6379'),
  plan: [kill(at(20_000), 'redis-main')],
  durationMs: 40_000,
  settlingMs: 30_000,
};

export const unpersistedRestart: Scenario = {
  ...common,
  name: 'persistence/unpersisted-restart',
  teaches: 'A primary without persistence that restarts by itself comes back empty, and empties its replicas.',
  topology: primaryWithReplicas(UNPERSISTED),
  expects: { verdicts: everythingHolds, lost: { min: 300 } },
};

export const persistedRestart: Scenario = {
  ...common,
  name: 'persistence/persisted-restart',
  teaches: 'With an append-only file the primary comes back with its data: what was written survives a kill.',
  topology: primaryWithReplicas(appendOnly('everysec')),
  expects: { verdicts: { ...everythingHolds, 'loads-own-prefix': 'holds' }, lost: { max: 0 }, unavailableMs: { max: 3000 } },
};
