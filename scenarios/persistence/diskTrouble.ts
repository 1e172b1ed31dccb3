/**
 * Disks that are full or slow. A primary that cannot write its append-only file refuses writes, and even PING; a replica in
 * that state ends itself at the next write that its primary sends; and a sync that takes seconds holds writes back.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, fullDisk, slowDisk, threeClients } from '../plan.ts';
import { appendOnly, primaryWithReplicas } from './deployment.ts';

const common: Pick<Scenario, 'workload' | 'durationMs' | 'settlingMs'> = {
  workload: threeClients('redis-main:6379'),
  durationMs: 60_000,
  settlingMs: 30_000,
};

export const fullDiskPrimary: Scenario = {
  ...common,
  name: 'persistence/full-disk-primary',
  teaches: 'A primary with a full disk answers MISCONF to every write and to PING: an outage without a dead node, and no loss.',
  topology: primaryWithReplicas(appendOnly('everysec')),
  plan: [fullDisk(at(15_000), 'redis-main', 20_000)],
  expects: {
    verdicts: everythingHolds,
    lost: { max: 0 },
    unavailableMs: { min: 18_000, max: 24_000 },
  },
};

export const fullDiskReplica: Scenario = {
  ...common,
  name: 'persistence/full-disk-replica',
  teaches: 'A replica with a full disk ends itself rather than apply what it cannot persist; the service does not notice.',
  topology: primaryWithReplicas(appendOnly('everysec')),
  plan: [fullDisk(at(15_000), 'redis-replica-1', 20_000)],
  expects: { verdicts: everythingHolds, lost: { max: 0 }, unavailableMs: { max: 0 } },
};

export const slowDiskPrimary: Scenario = {
  ...common,
  name: 'persistence/slow-disk-primary',
  teaches: 'Behind a slow fsync everysec postpones writes for two seconds, then blocks: the node stands still for its disk.',
  topology: primaryWithReplicas(appendOnly('everysec')),
  plan: [slowDisk(at(15_000), 'redis-main', 6000, 20_000)],
  expects: { verdicts: everythingHolds, lost: { max: 0 }, unavailableMs: { min: 2000 } },
};
