/**
 * The values of the Bitnami chart `redis`, as far as they decide what runs: read with the chart's own defaults, checked,
 * and put into our words.
 *
 * Always holds: a value that would change what runs and is not built is an error or a warning; values that change nothing
 * here are passed over; those that nobody knows are named in one warning.
 *
 * Source: bitnami/charts, bitnami/redis README, "Parameters", and `values.yaml`.
 */
import type { Chart } from './helmChart.ts';
import { confLines, extraFlags, readName, readPassword } from './helmPods.ts';
import type { HelmReader } from './helmReader.ts';

export interface HelmValues {
  /** The chart's full name: pods are called `<name>-node-0` and so on. */
  readonly name: string;
  readonly clusterDomain: string;
  readonly pods: number;
  readonly usesNames: boolean;
  /** Null: authentication is off. */
  readonly password: string | null;
  /** Whether the sentinels want it too. */
  readonly sentinelsWantPassword: boolean;
  readonly port: number;
  readonly persistentData: boolean;
  /** Lines of the data nodes' configuration, in the order in which the server reads them. */
  readonly configuration: readonly (readonly string[])[];
  readonly primaryName: string;
  readonly sentinelPort: number;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  readonly sentinelConfiguration: readonly (readonly string[])[];
}

export const PORT_MAX = 65_535;
const MS_MAX = 999_999_999;
/** As many as a saved run can hold known replicas and sentinels of. */
export const PODS_MAX = 100;

/** The chart's own `commonConfiguration`. */
export const COMMON_CONFIGURATION: string = 'appendonly yes\nsave ""';

/** Change nothing that this simulation shows. */
const HARMLESS: readonly string[] = [
  'global', 'kubeVersion', 'commonLabels', 'commonAnnotations', 'secretAnnotations', 'extraDeploy', 'diagnosticMode', 'image',
  'serviceBindings', 'networkPolicy', 'podSecurityPolicy', 'rbac', 'serviceAccount', 'pdb', 'metrics', 'volumePermissions',
  'sysctl', 'kubectl', 'useExternalDNS', 'nameResolutionThreshold', 'nameResolutionTimeout', 'namespaceOverride',
  'revisionHistoryLimit', 'podDisruptionBudget', 'defaultInitContainers', 'pdbs', 'enabled',
];
const UNDERSTOOD: readonly string[] = [
  'nameOverride', 'fullnameOverride', 'clusterDomain', 'useHostnames', 'architecture', 'auth', 'commonConfiguration',
  'existingConfigmap', 'master', 'replica', 'sentinel', 'tls',
];

const AUTH: readonly string[] = [
  'enabled', 'sentinel', 'password', 'existingSecret', 'existingSecretPasswordKey', 'usePasswordFiles',
  'usePasswordFileFromSecret', 'acl',
];
/** Of a pod, whichever container it is about: where it runs, with what rights, how it is probed and reached. */
const POD: readonly string[] = [
  'image', 'resources', 'resourcesPreset', 'containerSecurityContext', 'podSecurityContext', 'startupProbe', 'livenessProbe',
  'readinessProbe', 'customStartupProbe', 'customLivenessProbe', 'customReadinessProbe', 'lifecycleHooks', 'extraVolumes',
  'extraVolumeMounts', 'extraEnvVars', 'extraEnvVarsCM', 'extraEnvVarsSecret', 'service', 'terminationGracePeriodSeconds',
  'annotations', 'persistence', 'containerPorts', 'configuration',
];
const REPLICA: readonly string[] = [
  ...POD, 'kind', 'count', 'replicaCount', 'disableCommands', 'extraFlags', 'updateStrategy', 'minReadySeconds', 'priorityClassName',
  'hostAliases', 'podLabels', 'podAnnotations', 'shareProcessNamespace', 'podAffinityPreset', 'podAntiAffinityPreset',
  'nodeAffinityPreset', 'affinity', 'nodeSelector', 'tolerations', 'topologySpreadConstraints', 'dnsPolicy', 'dnsConfig',
  'sidecars', 'initContainers', 'persistentVolumeClaimRetentionPolicy', 'schedulerName', 'serviceAccount', 'pdb',
  'automountServiceAccountToken', 'externalMaster', 'podManagementPolicy', 'autoscaling', 'command', 'args', 'preExecCmds',
  'enableServiceLinks',
];
const SENTINEL: readonly string[] = [
  ...POD, 'enabled', 'masterSet', 'quorum', 'getMasterTimeout', 'automateClusterRecovery', 'redisShutdownWaitFailover',
  'downAfterMilliseconds', 'failoverTimeout', 'parallelSyncs', 'command', 'args', 'preExecCmds', 'externalMaster',
  'enableServiceLinks', 'externalAccess', 'masterService',
];

export const readHelmValues = (reader: HelmReader, chart: Chart): HelmValues => {
  checkSupported(reader);
  warnOfUnknown(reader);
  warnOfUnmodelled(reader);
  const pods = reader.integer('replica.replicaCount', 3, 1, PODS_MAX);
  const quorum = reader.integer('sentinel.quorum', 2, 1, MS_MAX);
  if (quorum > pods) {
    reader.warn('sentinel.quorum', `is ${quorum}, but there ${pods === 1 ? 'is 1 sentinel' : `are ${pods} sentinels`
    }: they can never agree that the primary is down`);
  }
  const primaryName = reader.text('sentinel.masterSet', 'mymaster');
  if (!/^[A-Za-z0-9.\-_]{1,63}$/.test(primaryName)) {
    throw reader.error('sentinel.masterSet', `'${primaryName}' is not a name that Sentinel takes`);
  }
  const password = reader.boolean('auth.enabled', true) ? readPassword(reader, 'auth.password', 'auth.existingSecret') : null;
  return {
    name: readName(reader, chart.name), clusterDomain: reader.text('clusterDomain', 'cluster.local'), pods,
    usesNames: reader.boolean('useHostnames', true),
    password, sentinelsWantPassword: password !== null && reader.boolean('auth.sentinel', true),
    port: reader.integer('replica.containerPorts.redis', 6379, 1, PORT_MAX),
    persistentData: reader.boolean('replica.persistence.enabled', true),
    configuration: [
      ...confLines(reader, 'replica.configuration', ''),
      ...confLines(reader, 'commonConfiguration', COMMON_CONFIGURATION),
      ...extraFlags(reader, 'replica.extraFlags'),
    ],
    primaryName, quorum,
    sentinelPort: reader.integer('sentinel.containerPorts.sentinel', 26_379, 1, PORT_MAX),
    downAfterMs: reader.integer('sentinel.downAfterMilliseconds', 60_000, 1, MS_MAX),
    failoverTimeoutMs: reader.integer('sentinel.failoverTimeout', 180_000, 1, MS_MAX),
    parallelSyncs: reader.integer('sentinel.parallelSyncs', 1, 1, MS_MAX),
    sentinelConfiguration: confLines(reader, 'sentinel.configuration', '', 'sentinel'),
  };
};

/** What makes another deployment than the one built here. */
export const checkSupported = (reader: HelmReader): void => {
  const architecture = reader.text('architecture', 'replication');
  const hasSentinels = reader.boolean('sentinel.enabled', false);
  if (!['replication', 'standalone'].includes(architecture)) {
    throw reader.error('architecture', `'${architecture}' is neither standalone nor replication`);
  }
  if (architecture === 'standalone' && hasSentinels) {
    throw reader.error('architecture', `'${architecture}' has no sentinels, and sentinel.enabled is true`);
  }
  if (reader.text('existingConfigmap', '') !== '') {
    throw reader.error('existingConfigmap', 'names a map that this importer cannot read; give commonConfiguration');
  }
  for (const path of ['tls.enabled', 'auth.acl.enabled', 'sentinel.externalMaster.enabled', 'replica.externalMaster.enabled']) {
    if (reader.boolean(path, false)) throw reader.error(path, 'is not built yet');
  }
  const parts = hasSentinels ? ['replica', 'sentinel'] : ['master', 'replica'];
  for (const path of parts.flatMap((part) => [`${part}.command`, `${part}.args`, `${part}.preExecCmds`])) {
    const entry = reader.find(path);
    if (entry !== null && !isEmpty(entry.value)) throw reader.error(path, 'changes what starts, and is not built yet');
  }
};

const isEmpty = (value: NonNullable<ReturnType<HelmReader['find']>>['value']): boolean =>
  value.kind === 'list' ? value.items.length === 0 : value.kind === 'scalar' && value.value === '';

export const warnOfUnknown = (reader: HelmReader): void => {
  const unknown = [
    ...reader.unknown('', [...UNDERSTOOD, ...HARMLESS]),
    ...reader.unknown('auth', AUTH).map((name) => `auth.${name}`),
    ...['master', 'replica'].flatMap((part) => reader.unknown(part, REPLICA).map((name) => `${part}.${name}`)),
    ...reader.unknown('sentinel', SENTINEL).map((name) => `sentinel.${name}`),
  ];
  const first = unknown[0];
  if (first !== undefined) reader.warn(first, `ignored: ${unknown.join(', ')}`);
  if (!reader.boolean('enabled', true)) reader.warn('enabled', 'is false, so Helm would not install it; taken to be true');
  if (reader.boolean('replica.autoscaling.enabled', false)) {
    reader.warn('replica.autoscaling.enabled', 'is not modelled: there are as many pods as replicaCount says');
  }
};

const warnOfUnmodelled = (reader: HelmReader): void => {
  if (reader.boolean('sentinel.persistence.enabled', false)) {
    reader.warn('sentinel.persistence.enabled', 'is not modelled: at each start a sentinel forgets what it wrote');
  }
  if (reader.boolean('sentinel.automateClusterRecovery', false)) {
    reader.warn('sentinel.automateClusterRecovery', 'is not modelled: a starting node forces no failover');
  }
  if (reader.text('replica.podManagementPolicy', 'OrderedReady') === 'Parallel') {
    reader.warn('replica.podManagementPolicy', 'is not modelled: the first roll-out is taken to be in order');
  }
  const ownPersistence = reader.boolean('master.persistence.enabled', true);
  if (reader.find('master.persistence.enabled') !== null && ownPersistence !== reader.boolean('replica.persistence.enabled', true)) {
    reader.warn('master.persistence.enabled', 'is not used: with sentinels all pods are as replica.persistence says');
  }
  if (reader.text('master.configuration', '') !== '') {
    reader.warn('master.configuration', 'is not used: with sentinels all pods are as replica.configuration says');
  }
};
