/**
 * The scenarios that come with Faultline, and how a scenario gets its topology. Everything here is data and pure
 * functions: files are read by whoever calls, through the reader that is handed in, so a browser uses the same module.
 *
 * Always holds: names are unique, `room/name`; this module never reaches `scenarios/cli`.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ResolvedScenario, Scenario } from '../sim/scenario.ts';
import { importCompose } from '../sim/topology/compose.ts';
import type { ReadText } from '../sim/topology/topology.ts';
import { fullDiskPrimary, fullDiskReplica, slowDiskPrimary } from './persistence/diskTrouble.ts';
import { powerLossAlways, powerLossEverysec, powerLossSnapshots } from './persistence/powerLoss.ts';
import { persistedRestart, unpersistedRestart } from './persistence/primaryRestart.ts';
import { chainedSubtree } from './replication/chainedSubtree.ts';
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

export { scenarioFor } from './importedScenario.ts';
export { isSavedRun, readSavedRun, saveRun } from './savedRun.ts';
export type { SavedRun } from './savedRun.ts';

/** In the order in which they are best read. */
export const scenarios: readonly Scenario[] = [
  primaryPowerLoss, primaryIsolated, minReplicas, waitAndStillLost, primaryKilled, primaryPaused, manualFailover, linkCut,
  promotionKeepsPartialSync, chainedSubtree, slowReplicaDropped, slowReplicaResumes, staleReplicaReads, replicaPowerLoss,
  powerLossSnapshots, powerLossEverysec, powerLossAlways, unpersistedRestart, persistedRestart, fullDiskPrimary,
  fullDiskReplica, slowDiskPrimary,
];

/** The scenario of that name; null when there is none. */
export const findScenario = (name: string): Scenario | null =>
  scenarios.find((scenario) => scenario.name === name) ?? null;

/** Puts the topology in place of the file's name. Throws `ScenarioError` when the file cannot be used. */
export const resolve = (scenario: Scenario, readText: ReadText): ResolvedScenario => {
  const { topology } = scenario;
  if (!('file' in topology)) return { ...scenario, topology };
  return { ...scenario, topology: importTopology(topology.file, readText) };
};

const importTopology = (file: string, readText: ReadText): ReturnType<typeof importCompose> => {
  if (/\.ya?ml$/.test(file)) return importCompose(readText(file), file);
  throw new ScenarioError(`${file}: not a deployment file that can be imported; Docker Compose (.yaml, .yml) can`);
};
