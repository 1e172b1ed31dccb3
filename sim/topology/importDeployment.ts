/**
 * A deployment file of any kind that can be imported, told apart by what is in it: values of a Helm chart, or Docker
 * Compose. Text in, topology out.
 */
import { importCompose } from './compose.ts';
import { importHelmValues, isHelmValues } from './helm.ts';
import type { Topology } from './topology.ts';

/** `file` is the name for messages and for the topology. Throws `ScenarioError`. */
export const importDeployment = (text: string, file: string): Topology =>
  (isHelmValues(text, file) ? importHelmValues(text, file) : importCompose(text, file));
