/** Drawn faults, those of disks above all, on a primary with two replicas that keep an append-only file. */
import type { Scenario } from '../../sim/scenario.ts';
import { CHAOS } from '../chaos.ts';
import { threeClients } from '../plan.ts';
import { appendOnly, primaryWithReplicas } from './deployment.ts';

export const persistenceChaos: Scenario = {
  ...CHAOS,
  name: 'persistence/chaos',
  teaches: 'Whatever strikes an append-only file: what a disk was told to keep it keeps, unless the disk itself lied or rotted.',
  topology: primaryWithReplicas(appendOnly('everysec')),
  workload: threeClients('redis-main:6379'),
};
