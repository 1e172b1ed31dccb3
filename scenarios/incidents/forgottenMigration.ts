/**
 * https://github.com/redis/redis/issues/6339: the state of a slot's move is in its two primaries alone. Where the source is replaced
 * in the middle, its replica owns the slot and knows nothing of the keys that have left: it answers that they are not there.
 */
import { clusterHolds } from '../expectations.ts';
import { MOVED_SLOT, slotClients, threeAndThree } from '../cluster/deployment.ts';
import { afterStep, at, fixSlots, kill, moveSlots, start } from '../plan.ts';
import type { Incident } from './incident.ts';

const topology = threeAndThree();

export const forgottenMigration: Incident = {
  reports: ['https://github.com/redis/redis/issues/6339', 'https://github.com/redis/redis/pull/10517'],
  says: 'The migrating state of a slot is not replicated: after a failover of the source, keys that had moved already are served by'
    + ' nobody.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-6339',
    teaches: 'A failover in the middle of a slot\'s move forgets the move: acknowledged writes to keys that had left are lost.',
    topology,
    workload: slotClients(topology),
    plan: [
      moveSlots(at(15_000), 'n1', 'n2', `${MOVED_SLOT}-${MOVED_SLOT}`, { pauseMs: 600, perMigrate: 8 }),
      kill(afterStep('keys', 1, 300), 'n1'), start(at(40_000), 'n1'), fixSlots(at(45_000), 'n2'),
    ],
    durationMs: 65_000,
    settlingMs: 20_000,
    expects: { verdicts: clusterHolds, lost: { min: 60, max: 250 } },
  },
};
