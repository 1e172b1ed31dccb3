/**
 * One lesson in three parts: a lone node loses power for five seconds, and what it lost is what its disk did not have. With
 * snapshots that is everything since the last one that was complete; with `everysec` about the last second; with `always`
 * nothing, at the price of a sync before every reply.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, power, threeClients } from '../plan.ts';
import { appendOnly, loneNode } from './deployment.ts';

const OUTAGE_MS = 5000;

const common: Pick<Scenario, 'workload' | 'plan' | 'durationMs' | 'settlingMs'> = {
  workload: threeClients('redis-main:6379'),
  plan: [power(at(20_350), 'redis-main', OUTAGE_MS)],
  durationMs: 40_000,
  settlingMs: 15_000,
};

/** There is nobody to agree with. */
const alone = {
  ...everythingHolds, 'history-prefix': 'not exercised', 'equal-offset-equal-data': 'not exercised', convergence: 'not exercised',
  'loads-own-prefix': 'holds',
} as const;

export const powerLossSnapshots: Scenario = {
  ...common,
  name: 'persistence/power-loss-snapshots',
  teaches: 'Save points lose everything since the last snapshot: minutes of writes, not seconds.',
  topology: loneNode([['save', '15 1'], ['appendonly', 'no']]),
  expects: {
    verdicts: alone,
    // The snapshot is taken 15 to 16 s after the start; two clients add ten a second each, registers are overwritten.
    lost: { min: 60, max: 180 },
    unavailableMs: { min: OUTAGE_MS, max: 9000 },
  },
};

export const powerLossEverysec: Scenario = {
  ...common,
  name: 'persistence/power-loss-everysec',
  teaches: 'appendfsync everysec loses at most about the last second of writes, acknowledged as they were.',
  topology: loneNode(appendOnly('everysec')),
  expects: {
    verdicts: { ...alone, 'everysec-window': 'holds' },
    lost: { max: 40 },
    unavailableMs: { min: OUTAGE_MS, max: 9000 },
  },
};

export const powerLossAlways: Scenario = {
  ...common,
  name: 'persistence/power-loss-always',
  teaches: 'appendfsync always loses nothing that was acknowledged: each reply waits for the disk.',
  topology: loneNode(appendOnly('always')),
  expects: {
    verdicts: { ...alone, 'always-no-loss': 'holds' },
    lost: { max: 0 },
    unavailableMs: { min: OUTAGE_MS, max: 9000 },
  },
};
