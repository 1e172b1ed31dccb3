/**
 * A primary whose disk is full answers PING with MISCONF, which is no valid answer: the sentinels hold it to be down and replace
 * it, though its process lives and its network is fine. The same disk, without sentinels, is `persistence/full-disk-primary`.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, fullDisk } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from './deployment.ts';

const topology = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', restart: 'always',
  // Redis's own delay: without it a replica that cannot write the snapshot asks for the next one at once, hundreds a second.
  directives: [...PERSISTED, ['repl-diskless-sync-delay', '5']],
});

export const primaryDiskFull: Scenario = {
  name: 'sentinel/primary-disk-full',
  teaches: 'A primary with a full disk answers PING with MISCONF: Sentinel counts it as down and promotes a replica.',
  topology,
  workload: clientsOf(topology),
  plan: [fullDisk(at(20_000), 'the primary', 30_000)],
  durationMs: 60_000,
  settlingMs: 50_000,
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Nothing is acknowledged that was not sent to the replicas.
    lost: { max: 0 },
    // Measured: 4.8 to 5.2 s. No sooner than 3 s after the last PONG; the margin is for two more attempts of a client.
    unavailableMs: { min: 3000, max: 9000 },
  },
};
