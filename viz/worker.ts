/** Runs simulations away from the page, so that it stays responsive. The same modules as on Node, hence the same hashes. */
import { findScenario, resolve } from '../scenarios/index.ts';
import clusterCompose from '../scenarios/seeds/cluster.compose.yaml?raw';
import kubernetesValues from '../scenarios/seeds/kubernetes.values.yaml?raw';
import replicationCompose from '../scenarios/seeds/replication.compose.yaml?raw';
import sentinelCompose from '../scenarios/seeds/sentinel.compose.yaml?raw';
import standaloneCompose from '../scenarios/seeds/standalone.compose.yaml?raw';
import { ScenarioError } from '../engine/core/errors.ts';
import { runScenario } from '../sim/index.ts';
import { LaneBuilder } from './laneBuilder.ts';
import type { RunAnswer, RunRequest, RunResult } from './messages.ts';

const SEED_FILES: ReadonlyMap<string, string> = new Map([
  ['replication.compose.yaml', replicationCompose],
  ['standalone.compose.yaml', standaloneCompose],
  ['sentinel.compose.yaml', sentinelCompose],
  ['cluster.compose.yaml', clusterCompose],
  ['kubernetes.values.yaml', kubernetesValues],
]);

const readSeedFile = (file: string): string => {
  const text = SEED_FILES.get(file);
  if (text === undefined) throw new ScenarioError(`${file}: does not come with this page`);
  return text;
};

const run = ({ scenario: name, seed }: RunRequest): RunResult => {
  const scenario = findScenario(name);
  if (scenario === null) throw new ScenarioError(`unknown scenario '${name}'`);
  const resolved = resolve(scenario, readSeedFile);
  const clients = resolved.workload.clients.map((client) => client.name);
  const lanes = new LaneBuilder(resolved.topology, clients, resolved.durationMs);
  const started = performance.now();
  const report = runScenario(resolved, seed, { writeTrace: (line) => lanes.line(line) });
  const wallMs = Math.max(1, Math.round(performance.now() - started));
  return { report: { ...report, wallMs }, lanes: lanes.finish(report.virtualMs) };
};

const answer = (request: RunRequest): RunAnswer => {
  try {
    return { id: request.id, ok: true, result: run(request) };
  } catch (error) {
    return { id: request.id, ok: false, message: error instanceof Error ? error.message : String(error) };
  }
};

addEventListener('message', (event: MessageEvent<RunRequest>) => postMessage(answer(event.data)));
