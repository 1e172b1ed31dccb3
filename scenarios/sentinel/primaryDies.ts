/**
 * The primary of the Compose file goes, and the sentinels promote a replica without anybody's help: killed, without power on a
 * network that loses segments, and standing still in a command that takes longer than `down-after-milliseconds`. Each time the
 * old primary comes back, calls itself a primary, and is made a replica by the sentinels.
 *
 * How long it takes: 3 s of silence, a tenth to one of a second until the leader begins, an election, the promotion, and the
 * time in which clients ask again.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, boot, command, kill, lossy, partition, power, start } from '../plan.ts';
import { COMPOSE, clientsOf, composeClients, watched } from './deployment.ts';

/**
 * No sooner than 3 s after the last sign of life, and none took longer than 6.3 s in 200 runs: the margin above is for a client
 * that needs two more attempts of a second each.
 */
const OUTAGE_MS = { min: 3000, max: 9000 } as const;

const common = { topology: COMPOSE, workload: composeClients(), durationMs: 60_000, settlingMs: 45_000 } as const;

export const primaryKilled: Scenario = {
  ...common,
  name: 'sentinel/primary-killed',
  teaches: 'A killed primary is replaced within seconds, by majority; when it comes back it is made a replica.',
  plan: [kill(at(20_000), 'the primary'), start(at(40_000), 'redis-main')],
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Its kernel still sends what it had acknowledged.
    lost: { max: 0 },
    // Measured: 4.2 to 4.6 s.
    unavailableMs: OUTAGE_MS,
  },
};

/** A bad day of the network between the primary and its replicas: only so is there a window to measure. */
const LOSS_PERCENT = 30;

export const primaryPowerLoss: Scenario = {
  ...common,
  name: 'sentinel/primary-power-loss',
  teaches: 'Sentinel makes failover automatic, not lossless: what the dying primary had not yet sent is lost.',
  plan: [
    lossy(at(15_000), 'redis-main', 'redis-replica-1', LOSS_PERCENT, 10_000),
    lossy(at(15_000), 'redis-main', 'redis-replica-2', LOSS_PERCENT, 10_000),
    power(at(20_000), 'the primary'),
    boot(at(40_000), 'redis-main'),
  ],
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Measured: 0 to 63, half of the runs below 6. Not more than was written while segments were lost.
    lost: { max: 150 },
    // Measured: 4.9 to 6.3 s: clients of a silent machine wait for their second to pass.
    unavailableMs: OUTAGE_MS,
  },
};

const sleepers = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: [['enable-debug-command', 'yes']],
});
const SLEEP_SECONDS = 10;

export const primaryPaused: Scenario = {
  ...common,
  name: 'sentinel/primary-paused',
  teaches: 'A command slower than down-after costs the primary its role: it wakes up as a primary, and is demoted.',
  topology: sleepers,
  workload: clientsOf(sleepers),
  // Between two full seconds: struck at one, some outages would end just before and others just after a probe's second.
  plan: [command(at(20_400), 'the primary', 'DEBUG', 'SLEEP', String(SLEEP_SECONDS))],
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Whatever waits in the sleeper's kernel is executed after its clients gave up: never acknowledged.
    lost: { max: 0 },
    // Measured: 4.9 s.
    unavailableMs: OUTAGE_MS,
  },
};

/** C1 stays with the primary that is cut off, and does not listen to news. */
export const primaryIsolated: Scenario = {
  ...common,
  name: 'sentinel/primary-isolated',
  teaches: 'Behind a partition the old primary goes on accepting writes beside the new one; all of them are discarded.',
  plan: [
    partition(at(20_000), [
      ['redis-main', 'C1'],
      ['redis-replica-1', 'redis-replica-2', 'the sentinels', 'C2', 'C3', 'P1'],
    ], 25_000),
  ],
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    // Measured: 370 to 374: ten a second, for 25 s of partition and the 12 s until the sentinels reach and demote it.
    lost: { min: 300, max: 450 },
    unavailableMs: OUTAGE_MS,
  },
};
