/**
 * Deployment files of any kind that can be imported, told apart by what is in them: Docker Compose, values of a Helm chart,
 * redis.conf and sentinel.conf files that belong together, or a cluster's nodes.conf. Texts in, topology out.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { importCompose } from './compose.ts';
import { importConf } from './confTopology.ts';
import { type DeploymentFile, deploymentKind } from './deploymentFile.ts';
import { importHelmValues, isHelmValues } from './helm.ts';
import { importNodesConf } from './nodesConf.ts';
import type { ReadText, Topology } from './topology.ts';

export { type DeploymentFile, noOtherFiles } from './deploymentFile.ts';

/** Most files that describe one deployment. */
const FILES_MAX = 600;

/** `read` gets the text of what the files refer to. Throws `ScenarioError`. */
export const importDeployment = (files: readonly DeploymentFile[], read: ReadText): Topology => {
  const [first] = files;
  if (first === undefined) throw new ScenarioError('no deployment file is given');
  if (files.length > FILES_MAX) throw new ScenarioError(`more than ${FILES_MAX} deployment files`);
  const twice = files.find(({ file }, index) => files.findIndex((other) => other.file === file) !== index);
  if (twice !== undefined) throw new ScenarioError(`${twice.file}: is given twice`);
  const yaml = files.filter((file) => deploymentKind(file) === 'yaml');
  const nodes = files.filter((file) => deploymentKind(file) === 'nodes');
  const confs = files.filter((file) => deploymentKind(file) === 'conf');
  const [document, second] = yaml;
  if (document === undefined) return nodes.length > 0 ? importNodesConf(nodes, confs, read) : importConf(confs, read);
  if (second !== undefined) {
    throw new ScenarioError(
      `${second.file}:1: file: several YAML files are not merged here; give the output of 'docker compose config', or one file of values`);
  }
  const other = files.find((file) => file !== document);
  if (other !== undefined) {
    throw new ScenarioError(`${other.file}:1: file: does not go together with ${document.file}, which describes a whole deployment`);
  }
  refuseManifest(document);
  return isHelmValues(document.text, document.file) ? importHelmValues(document.text, document.file)
    : importCompose(document.text, document.file, read);
};

/** What Helm renders, rather than what it is given. */
const refuseManifest = ({ file, text }: DeploymentFile): void => {
  const [before, kind] = text.split(/^kind\s*:/m);
  if (before === undefined || kind === undefined || !/^apiVersion\s*:/m.test(text)) return;
  const line = before.split('\n').length;
  throw new ScenarioError(`${file}:${line}: kind: is a manifest of Kubernetes; give the values of the chart that it was made from`);
};
