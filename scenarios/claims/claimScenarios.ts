/** The scenarios that were written for claims alone, in the order of the claims. */
import type { Scenario } from '../../sim/scenario.ts';
import {
  clusterInfo, dyingFullCoverage, dyingPartialCoverage, primaryComesBackLate, primaryComesBackSoon,
} from './clusterRuns.ts';
import { loadsLog, loadsSnapshot, logAndSnapshot } from './persistenceRuns.ts';
import { nobodyPromotes, offsetMoves, oneNodeDies, readFromReplicas } from './replicationRuns.ts';
import {
  infoUnanswered, sdownAlone, secondLevelKnown, secondLevelUnknown, sentinelDuties, sentinelsMeet, sentinelsOnOneMachine,
  sentinelsWithoutPubSub,
} from './sentinelRuns.ts';

export const claimScenarios: readonly Scenario[] = [
  oneNodeDies, readFromReplicas, nobodyPromotes, offsetMoves,
  sentinelDuties, secondLevelUnknown, secondLevelKnown, sentinelsOnOneMachine, sentinelsMeet, sentinelsWithoutPubSub, sdownAlone,
  infoUnanswered,
  dyingFullCoverage, dyingPartialCoverage, primaryComesBackLate, primaryComesBackSoon, clusterInfo,
  loadsSnapshot, loadsLog, logAndSnapshot,
];
