/**
 * The scenarios that come with Faultline, and how a scenario gets its topology. Everything here is data and pure
 * functions: files are read by whoever calls, through the reader that is handed in, so a browser uses the same module.
 *
 * Always holds: names are unique, `room/name`; this module never reaches `scenarios/cli`.
 */
import type { Scenario } from '../sim/scenario.ts';
import { claimScenarios } from './claims/claimScenarios.ts';
import { clusterChaos } from './cluster/chaos.ts';
import { epochCollision } from './cluster/epochCollision.ts';
import { hundredNodes } from './cluster/hundredNodes.ts';
import { clusterManualFailover } from './cluster/manualFailover.ts';
import { addingANode, removingANode } from './cluster/members.ts';
import { minorityPartition } from './cluster/minorityPartition.ts';
import { oneWayPartition } from './cluster/oneWayPartition.ts';
import { partialCoverage } from './cluster/partialCoverage.ts';
import { primariesInOneZone, takeoverByHand } from './cluster/primariesInOneZone.ts';
import { primaryKilled as clusterPrimaryKilled } from './cluster/primaryKilled.ts';
import { replicaMigration } from './cluster/replicaMigration.ts';
import { resharding } from './cluster/resharding.ts';
import { reshardingCrashes } from './cluster/reshardingCrashes.ts';
import { clusterStaleReplicaRefused } from './cluster/staleReplicaRefused.ts';
import { twoPrimariesAtOnce } from './cluster/twoPrimariesAtOnce.ts';
import { twoPrimariesInTurn } from './cluster/twoPrimariesInTurn.ts';
import { incidents } from './incidents/index.ts';
import { lessons } from './lessons/index.ts';
import { persistenceChaos } from './persistence/chaos.ts';
import { fullDiskPrimary, fullDiskReplica, slowDiskPrimary } from './persistence/diskTrouble.ts';
import { powerLossAlways, powerLossEverysec, powerLossSnapshots } from './persistence/powerLoss.ts';
import { persistedRestart, unpersistedRestart } from './persistence/primaryRestart.ts';
import { replicationChaos } from './replication/chaos.ts';
import { chainedSubtree } from './replication/chainedSubtree.ts';
import { oneNodeIsLinearizable, replicaReadsNotLinearizable } from './replication/linearizability.ts';
import { linkCut } from './replication/linkCut.ts';
import { manualFailover } from './replication/manualFailover.ts';
import { minReplicas } from './replication/minReplicas.ts';
import { primaryIsolated } from './replication/primaryIsolated.ts';
import { primaryKilled } from './replication/primaryKilled.ts';
import { primaryPaused } from './replication/primaryPaused.ts';
import { primaryPowerLoss } from './replication/primaryPowerLoss.ts';
import { promotionKeepsPartialSync } from './replication/promotionKeepsPartialSync.ts';
import { replicaPowerLoss } from './replication/replicaPowerLoss.ts';
import { slowReplicaDropped, slowReplicaResumes } from './replication/slowReplica.ts';
import { staleReplicaReads } from './replication/staleReplicaReads.ts';
import { waitAndStillLost } from './replication/waitAndStillLost.ts';
import { sentinelChaos } from './sentinel/chaos.ts';
import { clockJumpTilt } from './sentinel/clockJump.ts';
import { crashOfTheLeader } from './sentinel/crashOfTheLeader.ts';
import { helmFivePods, helmThreePods } from './sentinel/helmPods.ts';
import { counterGoesBack, lockHeldTwice, queueLosesJobs, registerNotLinearizable } from './sentinel/lostInFailover.ts';
import { manualFailoverUnderLoad } from './sentinel/manualFailover.ts';
import { minorityPrimary, minorityPrimaryMinReplicas } from './sentinel/minorityPrimary.ts';
import {
  primaryIsolated as sentinelPrimaryIsolated, primaryKilled as sentinelPrimaryKilled, primaryPaused as sentinelPrimaryPaused,
  primaryPowerLoss as sentinelPrimaryPowerLoss,
} from './sentinel/primaryDies.ts';
import { primaryDiskFull } from './sentinel/primaryDiskFull.ts';
import { besideEachRedis, quorumAgainstMajority, twoSentinels } from './sentinel/quorum.ts';
import { stubbornClient } from './sentinel/stubbornClient.ts';
import { flappingPrimary, unpersistedPrimaryReborn } from './sentinel/unseen.ts';
import { replicaPriorities, staleReplicaRefused } from './sentinel/whoIsPromoted.ts';

export { findLesson, lessons } from './lessons/index.ts';
export type { Lesson, LessonAnchor, LessonClaim, LessonFigure, LessonStep } from './lessons/lesson.ts';
export { incidents } from './incidents/index.ts';
export type { Incident } from './incidents/incident.ts';
export { scenarioFor } from './importedScenario.ts';
export { resolve } from './resolve.ts';
export { isSavedRun, readSavedRun, saveRun } from './savedRun.ts';
export type { SavedRun } from './savedRun.ts';

/** In the order in which they are best read. */
export const scenarios: readonly Scenario[] = [
  primaryPowerLoss, primaryIsolated, minReplicas, waitAndStillLost, primaryKilled, primaryPaused, manualFailover, linkCut,
  promotionKeepsPartialSync, chainedSubtree, slowReplicaDropped, slowReplicaResumes, staleReplicaReads, replicaPowerLoss,
  oneNodeIsLinearizable, replicaReadsNotLinearizable,
  powerLossSnapshots, powerLossEverysec, powerLossAlways, unpersistedRestart, persistedRestart, fullDiskPrimary,
  fullDiskReplica, slowDiskPrimary,
  sentinelPrimaryKilled, sentinelPrimaryPowerLoss, sentinelPrimaryPaused, sentinelPrimaryIsolated, minorityPrimary,
  minorityPrimaryMinReplicas, besideEachRedis, twoSentinels, quorumAgainstMajority, crashOfTheLeader, replicaPriorities,
  staleReplicaRefused, manualFailoverUnderLoad, stubbornClient, unpersistedPrimaryReborn, flappingPrimary, primaryDiskFull,
  clockJumpTilt, lockHeldTwice, queueLosesJobs, counterGoesBack, registerNotLinearizable, helmThreePods, helmFivePods,
  clusterPrimaryKilled, twoPrimariesAtOnce, twoPrimariesInTurn, primariesInOneZone, takeoverByHand, minorityPartition,
  oneWayPartition, partialCoverage, replicaMigration, clusterStaleReplicaRefused, clusterManualFailover, epochCollision,
  hundredNodes, resharding, addingANode, removingANode, ...reshardingCrashes,
  ...lessons.map(({ scenario }) => scenario),
  ...incidents.map(({ scenario }) => scenario),
  ...claimScenarios,
  replicationChaos, persistenceChaos, sentinelChaos, clusterChaos,
];

/** The scenario of that name; null when there is none. */
export const findScenario = (name: string): Scenario | null =>
  scenarios.find((scenario) => scenario.name === name) ?? null;
