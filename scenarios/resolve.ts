/** How a scenario gets its topology: apart from the list of scenarios, since it brings the importers of deployment files along. */
import { ScenarioError } from '../engine/core/errors.ts';
import type { ResolvedScenario, Scenario } from '../sim/scenario.ts';
import { importDeployment } from '../sim/topology/importDeployment.ts';
import type { ReadText, Topology } from '../sim/topology/topology.ts';

/** Puts the topology in place of the file's name. Throws `ScenarioError` when the file cannot be used. */
export const resolve = (scenario: Scenario, readText: ReadText): ResolvedScenario => {
  const { topology } = scenario;
  if (!('file' in topology)) return { ...scenario, topology };
  return { ...scenario, topology: importTopology(topology.file, readText) };
};

const importTopology = (file: string, readText: ReadText): Topology => {
  if (/\.(?:ya?ml|conf)$/.test(file)) return importDeployment([{ file, text: readText(file) }], readText);
  throw new ScenarioError(`${file}: not a deployment file that can be imported; Docker Compose and Helm values (.yaml, .yml), redis.conf and nodes.conf (.conf) can`);
};
