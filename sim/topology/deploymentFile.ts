/**
 * A file that describes a deployment, and what kind it is of: told from its content, and from its name only where that says
 * nothing.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { ReadText } from './topology.ts';

/** `file` is the name for messages, and for the topology; what the text refers to is looked for beside it. */
export interface DeploymentFile {
  readonly file: string;
  readonly text: string;
}

export type DeploymentKind = 'yaml' | 'conf' | 'nodes';

/** A reader for where there are no files besides those that are given. */
export const noOtherFiles: ReadText = (file) => {
  throw new ScenarioError(`${file}: cannot be read here`);
};

/** `yaml`: Docker Compose or values of a chart; `conf`: redis.conf or sentinel.conf; `nodes`: nodes.conf. */
export const deploymentKind = ({ file, text }: DeploymentFile): DeploymentKind => {
  const [first = ''] = /^(?!\s*(?:#|$)).*$/m.exec(text) ?? [];
  if (/^(?:[0-9a-f]{40} \S*:\d+@\d+|vars currentEpoch )/.test(first)) return 'nodes';
  if (/^\s*(?:---|%YAML|[{[]|-\s|[^\s:"']+\s*:(?:\s|$)|"[^"]*"\s*:|'[^']*'\s*:)/.test(first)) return 'yaml';
  return /\.(?:ya?ml|json)$/i.test(file) ? 'yaml' : 'conf';
};
