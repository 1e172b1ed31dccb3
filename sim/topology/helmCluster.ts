/**
 * The chart `redis-cluster`: pods of Bitnami's cluster image, the first of which creates the cluster when all answer.
 *
 * Always holds: nodes.conf lies with the data, so a pod keeps who it is as long as it keeps its volume; what a node rewrote in its
 * configuration lasts as long as its pod.
 *
 * Source: bitnami/charts, bitnami/redis-cluster: README, `values.yaml`, `templates/redis-statefulset.yaml` and `configmap.yaml`;
 * bitnami/containers, `librediscluster.sh`, read for their behaviour.
 */
import { addressAt } from './addresses.ts';
import { CLUSTER_PRIMARIES_MIN } from './clusterSetup.ts';
import type { Chart } from './helmChart.ts';
import { NAMESPACE, confLines, podZones, readName, readPassword, yesOrNo } from './helmPods.ts';
import type { HelmReader } from './helmReader.ts';
import { PODS_MAX, PORT_MAX } from './helmValues.ts';
import type { ClusterSetup, MachineSpec, ProcessSpec, Topology } from './topology.ts';

const KNOWN: readonly string[] = [
  'global', 'kubeVersion', 'nameOverride', 'fullnameOverride', 'namespaceOverride', 'clusterDomain', 'commonAnnotations', 'commonLabels',
  'extraDeploy', 'diagnosticMode', 'image', 'networkPolicy', 'serviceAccount', 'rbac', 'podSecurityContext', 'podDisruptionBudget',
  'pdb', 'minAvailable', 'maxUnavailable', 'containerSecurityContext', 'usePassword', 'password', 'existingSecret',
  'existingSecretPasswordKey', 'usePasswordFile', 'usePasswordFiles', 'tls', 'service', 'persistence',
  'persistentVolumeClaimRetentionPolicy', 'volumePermissions', 'podSecurityPolicy', 'redis', 'updateJob', 'cluster', 'metrics',
  'sysctlImage', 'secretAnnotations', 'serviceBindings', 'enabled',
];

export const clusterPods = (reader: HelmReader, chart: Chart): Pick<Topology, 'machines' | 'processes' | 'cluster'> => {
  checkSupported(reader);
  const unknown = reader.unknown('', KNOWN);
  const [first] = unknown;
  if (first !== undefined) reader.warn(first, `ignored: ${unknown.join(', ')}`);
  const name = readName(reader, chart.name);
  const nodes = reader.integer('cluster.nodes', 6, 1, PODS_MAX);
  const pods = Array.from({ length: nodes }, (_, index) => `${name}-${index}`);
  const password = reader.boolean('usePassword', true) ? readPassword(reader, 'password', 'existingSecret') : null;
  const port = reader.integer('redis.containerPorts.redis', reader.integer('redis.port', 6379, 1, PORT_MAX), 1, PORT_MAX);
  const domain = `${NAMESPACE}.svc.${reader.text('clusterDomain', 'cluster.local')}`;
  const zones = podZones(reader, 'redis');
  // What the image sets from the environment replaces the lines of that name.
  const set = [
    ['port', String(port)], ['cluster-enabled', 'yes'], ['appendonly', yesOrNo(reader, 'redis.useAOFPersistence', true) ? 'yes' : 'no'],
    ...(password === null ? [['protected-mode', 'no']] : [['requirepass', password], ['masterauth', password]]),
  ];
  const own = [...confLines(reader, 'redis.defaultConfigOverride', ''), ...confLines(reader, 'redis.configmap', '')]
    // The chart's own file listens on the loopback alone, until the image says otherwise.
    .filter(([word]) => word !== 'bind' && !set.some(([other]) => other === word));
  return {
    machines: pods.map((pod, index): MachineSpec => ({ name: pod, zone: zones(index), address: addressAt(index) })),
    processes: pods.map((pod): ProcessSpec => ({
      name: pod, kind: 'redis', machine: pod, port,
      aliases: [`${pod}.${name}-headless`, `${pod}.${name}-headless.${domain}`, name, `${name}.${domain}`],
      directives: [...own, ...set], configFile: 'set', restart: 'always',
      persistentData: reader.boolean('persistence.enabled', true), origin: `${reader.file}: pod ${pod}`,
    })),
    cluster: setup(reader, pods),
  };
};

const setup = (reader: HelmReader, pods: readonly string[]): ClusterSetup => {
  if (!reader.boolean('cluster.init', true)) throw reader.error('cluster.init', 'is false: nobody creates the cluster');
  const replicas = reader.integer('cluster.replicas', 1, 0, PODS_MAX);
  const primaries = Math.floor(pods.length / (replicas + 1));
  if (primaries < CLUSTER_PRIMARIES_MIN) {
    throw reader.error('cluster.nodes',
      `a cluster needs ${CLUSTER_PRIMARIES_MIN} primaries: ${pods.length} nodes with ${replicas} replicas each make ${primaries}`);
  }
  return { create: pods, replicas };
};

const checkSupported = (reader: HelmReader): void => {
  for (const path of ['tls.enabled', 'cluster.externalAccess.enabled']) {
    if (reader.boolean(path, false)) throw reader.error(path, 'is not built yet');
  }
  for (const path of ['redis.command', 'redis.args']) {
    if (reader.texts(path).length > 0) throw reader.error(path, 'changes what starts, and is not built yet');
  }
  if (reader.boolean('redis.hostNetwork', false)) throw reader.error('redis.hostNetwork', 'is not built yet');
};
