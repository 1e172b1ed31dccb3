/**
 * What the worker needs of files: the deployments that come with the page, their importers, saved runs and traces. Loaded when the
 * first is opened: a lesson, or a scenario whose topology is built, needs none of it.
 */
import { ScenarioError } from '../engine/core/errors.ts';
import clusterCompose from '../scenarios/seeds/cluster.compose.yaml?raw';
import fivePodsValues from '../scenarios/seeds/five-pods.values.yaml?raw';
import kubernetesValues from '../scenarios/seeds/kubernetes.values.yaml?raw';
import replicationCompose from '../scenarios/seeds/replication.compose.yaml?raw';
import sentinelCompose from '../scenarios/seeds/sentinel.compose.yaml?raw';
import standaloneCompose from '../scenarios/seeds/standalone.compose.yaml?raw';
import type { ResolvedScenario } from '../sim/scenario.ts';
import { type Source, namedScenario, readSource } from './model/source.ts';

const SEED_FILES: ReadonlyMap<string, string> = new Map([
  ['replication.compose.yaml', replicationCompose],
  ['standalone.compose.yaml', standaloneCompose],
  ['sentinel.compose.yaml', sentinelCompose],
  ['cluster.compose.yaml', clusterCompose],
  ['kubernetes.values.yaml', kubernetesValues],
  ['five-pods.values.yaml', fivePodsValues],
]);

const readSeedFile = (file: string): string => {
  const text = SEED_FILES.get(file);
  if (text === undefined) throw new ScenarioError(`${file}: does not come with this page`);
  return text;
};

/** Throws `ScenarioError`. */
export const scenarioWithFile = (name: string): ResolvedScenario => namedScenario(name, readSeedFile);

/** What a person opens; `seed` for what names none. Throws `ScenarioError`. */
export const openedSource = (text: string, name: string, seed: number): Source => readSource(text, name, seed, readSeedFile);
