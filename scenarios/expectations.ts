/** What scenarios commonly expect of the checks of `sim/check`. */
import type { Verdict } from '../sim/scenario.ts';

/** Every check of a replication scenario holds: losses may happen, but each is explained and the nodes converge. */
export const everythingHolds: Readonly<Record<string, Verdict>> = {
  'ledger-no-bugs': 'holds',
  'history-prefix': 'holds',
  'equal-offset-equal-data': 'holds',
  convergence: 'holds',
  'service-restored': 'holds',
  'model-agrees': 'holds',
};
