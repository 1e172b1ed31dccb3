/** The incidents, by what went wrong. Data only; each one's scenario is listed with all others. */
import { emptyAfterRestart, fasterThanDetection, snapshotOfSynchronisation, volumeLostWithPod } from './emptyPrimaries.ts';
import { forgottenMigration } from './forgottenMigration.ts';
import { ghostSentinels, ghostsForgotten, sameAddressForgotten } from './ghostSentinels.ts';
import type { Incident } from './incident.ts';
import { jepsen2013 } from './jepsen2013.ts';
import { primariesInOneLab, twoOfThreePrimaries, twoPrimariesOnOneMachine } from './majorityOfPrimaries.ts';
import { manualFailoverRollback } from './manualFailoverRollback.ts';
import { chartAsksFirst, twoPrimariesAfterNewAddress } from './newAddress.ts';
import { neverSynced } from './neverSynced.ts';
import { goodReplicaInTime, noGoodReplica } from './noGoodReplica.ts';
import { rebootIsDown, rebootWhileLoading } from './rebootWhileLoading.ts';
import { restartedReplica, restartedReplicaAnyAge } from './restartedReplica.ts';
import { reusedAddress } from './reusedAddress.ts';
import { slotlessPrimaries } from './slotlessPrimaries.ts';
import { stalePrimaryAgain } from './stalePrimaryAgain.ts';
import { tiltByStalls } from './tiltByStalls.ts';

export const incidents: readonly Incident[] = [
  jepsen2013, manualFailoverRollback, stalePrimaryAgain, neverSynced,
  emptyAfterRestart, snapshotOfSynchronisation, fasterThanDetection, volumeLostWithPod,
  twoPrimariesAfterNewAddress, chartAsksFirst, reusedAddress,
  sameAddressForgotten, ghostSentinels, ghostsForgotten, noGoodReplica, goodReplicaInTime, rebootWhileLoading, rebootIsDown, tiltByStalls,
  twoOfThreePrimaries, primariesInOneLab, twoPrimariesOnOneMachine, slotlessPrimaries, restartedReplica, restartedReplicaAnyAge,
  forgottenMigration,
];
