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

/** Where no client writes what the ledger follows. */
export const noLedger = { 'ledger-no-bugs': 'not exercised' } as const;

/**
 * The same where sentinels watch: nobody votes or leads twice, and in the end all hold the same primary. There is one
 * failover at least.
 */
export const sentinelsHold: Readonly<Record<string, Verdict>> = {
  ...everythingHolds,
  'one-vote-per-epoch': 'holds',
  'one-leader-per-epoch': 'holds',
  'epochs-never-go-back': 'holds',
  'failover-needs-quorum-and-majority': 'holds',
  'priority-zero-never-promoted': 'holds',
  'only-listed-replicas-promoted': 'holds',
  'sentinels-agree': 'holds',
  'one-writable-primary': 'holds',
};

/** The same where no leader finds a replica that it may promote. */
export const nobodyChosen: Readonly<Record<string, Verdict>> = {
  ...sentinelsHold, 'priority-zero-never-promoted': 'not exercised', 'only-listed-replicas-promoted': 'not exercised',
};

/** The same where nobody wins a vote, or where an operator makes a sentinel lead without one. */
const noElections = { 'one-leader-per-epoch': 'not exercised', 'failover-needs-quorum-and-majority': 'not exercised' } as const;

export const nobodyElected: Readonly<Record<string, Verdict>> = { ...nobodyChosen, ...noElections };

export const failoverForced: Readonly<Record<string, Verdict>> = { ...sentinelsHold, ...noElections };

/** The same where no sentinel even asks for a vote. */
export const nothingNoticed: Readonly<Record<string, Verdict>> = { ...nobodyElected, 'one-vote-per-epoch': 'not exercised' };

/** The same in a cluster: one owner of each slot, one vote and one elected in each epoch, one map in the end. One failover at least. */
export const clusterHolds: Readonly<Record<string, Verdict>> = {
  ...everythingHolds,
  'one-owner-per-slot-and-epoch': 'holds',
  'newest-claim-stays': 'holds',
  'slot-epochs-never-go-back': 'holds',
  'one-cluster-vote-per-epoch': 'holds',
  'one-elected-per-epoch': 'holds',
  'config-epochs-unique': 'holds',
  'slot-maps-agree': 'holds',
};

/** The same where nobody is elected, because nobody could be or nobody need be: no slot gets another owner. */
export const clusterUnelected: Readonly<Record<string, Verdict>> = {
  ...clusterHolds, 'one-cluster-vote-per-epoch': 'not exercised', 'one-elected-per-epoch': 'not exercised',
  'slot-epochs-never-go-back': 'not exercised',
};

/** The same where slots get other owners without an election: an operator moves them, or orders a takeover. */
export const slotsChangeHands: Readonly<Record<string, Verdict>> = { ...clusterUnelected, 'slot-epochs-never-go-back': 'holds' };
