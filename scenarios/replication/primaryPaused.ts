/**
 * The primary's process stands still (a full disk, a debugger, a virtual machine being moved) and goes on as if nothing
 * had happened. Nobody is promoted, nothing is lost; requests that waited in the kernel are answered late, after their
 * clients have given up: they took effect without an acknowledgement.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, pause, threeClients } from '../plan.ts';

export const primaryPaused: Scenario = {
  name: 'replication/primary-paused',
  teaches: 'A primary that stands still is an outage, not a loss: what waited in its kernel is executed afterwards.',
  topology: { file: 'replication.compose.yaml' },
  workload: threeClients('redis-main:6379'),
  plan: [pause(at(20_000), 'the primary', 8000)],
  durationMs: 60_000,
  settlingMs: 30_000,
  expects: {
    verdicts: everythingHolds,
    lost: { max: 0 },
    unavailableMs: { min: 7000, max: 12_000 },
  },
};
