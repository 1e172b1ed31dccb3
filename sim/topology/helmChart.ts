/**
 * Which chart's values a file has, and where: those of `redis` or `redis-cluster`, or of their namesakes for Valkey, for
 * themselves or as a subchart under any name.
 *
 * Source: Helm's documentation of values files and subcharts; bitnami/charts: `values.yaml` of redis, redis-cluster, valkey and
 * valkey-cluster.
 */
import type { ChartPlace } from './helmReader.ts';
import { type YamlMap, readYaml, yamlError } from './yamlTree.ts';

export interface Chart {
  readonly place: ChartPlace;
  readonly kind: 'redis' | 'cluster';
  readonly product: 'redis' | 'valkey';
  /** What pods are called after where the values do not say. */
  readonly name: string;
}

/** What tells that a map is one of values of the chart `redis`, and what of the cluster's. */
const MARKS: readonly string[] = ['architecture', 'auth', 'master', 'primary', 'replica', 'sentinel', 'commonConfiguration'];
const CLUSTER_MARKS: readonly string[] = ['nodes', 'replicas', 'init', 'externalAccess', 'update'];
/** Other charts have some of these too: a map under another name must have one that they have not. */
const OWN_MARKS: readonly string[] = ['sentinel', 'commonConfiguration'];
/** Bitnami's charts for Valkey say the same by other names, whole or in part. */
const VALKEY_NAMES: Readonly<Record<string, string>> = {
  master: 'primary', masterSet: 'primarySet', externalMaster: 'externalPrimary', masterService: 'primaryService', redis: 'valkey',
  redisShutdownWaitFailover: 'valkeyShutdownWaitFailover', getMasterTimeout: 'getPrimaryTimeout',
};

/** Null: the file has no values of these charts. Throws `ScenarioError` where it has those of several. */
export const findChart = (text: string, file: string): Chart | null => {
  const tree = readYaml(text, file);
  if (tree.kind !== 'map' || tree.entries.has('services')) return null;
  const below = [...tree.entries].flatMap(([name, { value }]) => (
    value.kind === 'map' && isChart(value, name) ? [chartIn(file, tree, value, name)] : []));
  const [first, second] = below;
  if (first !== undefined && second !== undefined) {
    throw yamlError(file, second.place.root.line, second.place.rootPath,
      `is one of several deployments in this file, ${first.place.rootPath} is another; give one at a time`);
  }
  if (first !== undefined) return first;
  const repository = repositoryOf(tree);
  const isOther = repository !== '' && !saysRedis(repository);
  return !isOther && (hasMark(tree) || isCluster(tree)) ? chartIn(file, tree, tree, '') : null;
};

/** The chart of a file that must have one. */
export const chartOf = (text: string, file: string): Chart => {
  const chart = findChart(text, file);
  if (chart !== null) return chart;
  const tree = readYaml(text, file);
  if (tree.kind !== 'map') throw yamlError(file, tree.line, 'file', 'must be a map of values');
  throw yamlError(file, tree.line, 'file', `has no values of the charts redis and redis-cluster, or valkey (${MARKS.join(', ')}, cluster)`);
};

const hasMark = (map: YamlMap): boolean => MARKS.some((name) => map.entries.has(name));

const isCluster = (map: YamlMap): boolean => {
  const cluster = map.entries.get('cluster')?.value;
  return cluster?.kind === 'map' && CLUSTER_MARKS.some((name) => cluster.entries.has(name)) && !map.entries.has('architecture');
};

const saysRedis = (text: string): boolean => /redis|valkey/i.test(text);

/** A map under `name` that is a chart of ours, rather than a part of one, or another's. */
const isChart = (map: YamlMap, name: string): boolean => {
  if (MARKS.includes(name) || name === 'global' || name === 'image' || name === 'metrics') return false;
  const isNamed = saysRedis(name) || saysRedis(repositoryOf(map));
  return (isNamed && (hasMark(map) || isCluster(map))) || OWN_MARKS.every((mark) => map.entries.has(mark))
    || (map.entries.get('sentinel')?.value.kind === 'map' && map.entries.has('replica'));
};

const repositoryOf = (map: YamlMap): string => {
  const image = map.entries.get('image')?.value;
  const repository = image?.kind === 'map' ? image.entries.get('repository')?.value : undefined;
  return repository?.kind === 'scalar' ? String(repository.value) : '';
};

const chartIn = (file: string, top: YamlMap, root: YamlMap, rootPath: string): Chart => {
  const isValkey = /valkey/i.test(`${rootPath} ${repositoryOf(root)}`) || root.entries.has('primary') || root.entries.has('valkey');
  const kind = isCluster(root) ? 'cluster' : 'redis';
  const product = isValkey ? 'valkey' : 'redis';
  const spelled = (path: string): string =>
    (isValkey ? path.split('.').map((part) => VALKEY_NAMES[part] ?? part).join('.') : path);
  const isName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(rootPath);
  return {
    place: { file, top, root, rootPath, spelled }, kind, product,
    name: isName ? rootPath : kind === 'cluster' ? `${product}-cluster` : product,
  };
};
