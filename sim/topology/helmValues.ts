/**
 * The values of the Bitnami chart `redis`, as far as they decide what runs: read with the chart's own defaults, checked,
 * and put into our words.
 *
 * Always holds: a value that would change what runs and is not built is an error or a warning; values that change nothing
 * here are passed over; those that nobody knows are named in one warning.
 *
 * Source: bitnami/charts, bitnami/redis README, "Parameters", and `values.yaml`.
 */
import { type Directive, ConfigError, parseConfigText, utf8 } from '../../engine/index.ts';
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

const PORT_MAX = 65_535;
const MS_MAX = 999_999_999;
/** As many as a saved run can hold known replicas and sentinels of. */
const PODS_MAX = 100;
const NAME_MAX = 40;
/** Stands for a password that the chart draws or finds in a secret: everybody here knows it. */
const STAND_IN_PASSWORD = 'drawn-by-the-chart';

/** The chart's own `commonConfiguration`. */
const COMMON_CONFIGURATION = 'appendonly yes\nsave ""';

/** Change nothing that this simulation shows. */
const HARMLESS: readonly string[] = [
  'global', 'kubeVersion', 'commonLabels', 'commonAnnotations', 'secretAnnotations', 'extraDeploy', 'diagnosticMode', 'image',
  'serviceBindings', 'networkPolicy', 'podSecurityPolicy', 'rbac', 'serviceAccount', 'pdb', 'metrics', 'volumePermissions',
  'sysctl', 'kubectl', 'useExternalDNS', 'nameResolutionThreshold', 'nameResolutionTimeout', 'namespaceOverride',
  'revisionHistoryLimit', 'podDisruptionBudget', 'defaultInitContainers', 'pdbs', 'master',
];
const UNDERSTOOD: readonly string[] = [
  'nameOverride', 'fullnameOverride', 'clusterDomain', 'useHostnames', 'architecture', 'auth', 'commonConfiguration',
  'existingConfigmap', 'replica', 'sentinel', 'tls',
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
  ...POD, 'kind', 'replicaCount', 'disableCommands', 'extraFlags', 'updateStrategy', 'minReadySeconds', 'priorityClassName',
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

export const readHelmValues = (reader: HelmReader): HelmValues => {
  checkSupported(reader);
  warnOfUnknown(reader);
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
  const password = readPassword(reader);
  return {
    name: readName(reader), clusterDomain: reader.text('clusterDomain', 'cluster.local'), pods,
    usesNames: reader.boolean('useHostnames', true),
    password, sentinelsWantPassword: password !== null && reader.boolean('auth.sentinel', true),
    port: reader.integer('replica.containerPorts.redis', 6379, 1, PORT_MAX),
    persistentData: reader.boolean('replica.persistence.enabled', true),
    configuration: [
      ...directives(reader, 'replica.configuration', ''),
      ...directives(reader, 'commonConfiguration', COMMON_CONFIGURATION),
      ...extraFlags(reader),
    ],
    primaryName, quorum,
    sentinelPort: reader.integer('sentinel.containerPorts.sentinel', 26_379, 1, PORT_MAX),
    downAfterMs: reader.integer('sentinel.downAfterMilliseconds', 60_000, 1, MS_MAX),
    failoverTimeoutMs: reader.integer('sentinel.failoverTimeout', 180_000, 1, MS_MAX),
    parallelSyncs: reader.integer('sentinel.parallelSyncs', 1, 1, MS_MAX),
    sentinelConfiguration: directives(reader, 'sentinel.configuration', ''),
  };
};

/** What makes another deployment than the one built here. */
const checkSupported = (reader: HelmReader): void => {
  const architecture = reader.text('architecture', 'replication');
  const hasSentinels = reader.boolean('sentinel.enabled', false);
  if (architecture !== 'replication') {
    throw reader.error('architecture', hasSentinels ? `'${architecture}' has no sentinels, and sentinel.enabled is true`
      : `'${architecture}' is not built yet; replication with sentinel.enabled is`);
  }
  if (!hasSentinels) throw reader.error('sentinel.enabled', 'must be true: the chart without sentinels is not built yet');
  if (reader.text('existingConfigmap', '') !== '') {
    throw reader.error('existingConfigmap', 'names a map that this importer cannot read; give commonConfiguration');
  }
  for (const path of ['tls.enabled', 'auth.acl.enabled', 'sentinel.externalMaster.enabled', 'replica.externalMaster.enabled']) {
    if (reader.boolean(path, false)) throw reader.error(path, 'is not built yet');
  }
  for (const path of ['replica.command', 'replica.args', 'replica.preExecCmds', 'sentinel.command', 'sentinel.args',
    'sentinel.preExecCmds']) {
    const entry = reader.find(path);
    if (entry !== null && !isEmpty(entry.value)) throw reader.error(path, 'changes what starts, and is not built yet');
  }
};

const isEmpty = (value: NonNullable<ReturnType<HelmReader['find']>>['value']): boolean =>
  value.kind === 'list' ? value.items.length === 0 : value.kind === 'scalar' && value.value === '';

const warnOfUnknown = (reader: HelmReader): void => {
  const unknown = [
    ...reader.unknown('', [...UNDERSTOOD, ...HARMLESS]),
    ...reader.unknown('auth', AUTH).map((name) => `auth.${name}`),
    ...reader.unknown('replica', REPLICA).map((name) => `replica.${name}`),
    ...reader.unknown('sentinel', SENTINEL).map((name) => `sentinel.${name}`),
  ];
  const first = unknown[0];
  if (first !== undefined) reader.warn(first, `ignored: ${unknown.join(', ')}`);
  if (reader.boolean('sentinel.persistence.enabled', false)) {
    reader.warn('sentinel.persistence.enabled', 'is not modelled: at each start a sentinel forgets what it wrote');
  }
  if (reader.boolean('sentinel.automateClusterRecovery', false)) {
    reader.warn('sentinel.automateClusterRecovery', 'is not modelled: a starting node forces no failover');
  }
  if (reader.boolean('replica.autoscaling.enabled', false)) {
    reader.warn('replica.autoscaling.enabled', 'is not modelled: there are as many pods as replicaCount says');
  }
  if (reader.text('replica.podManagementPolicy', 'OrderedReady') === 'Parallel') {
    reader.warn('replica.podManagementPolicy', 'is not modelled: the first roll-out is taken to be in order');
  }
  const ownPersistence = reader.boolean('master.persistence.enabled', true);
  if (ownPersistence !== reader.boolean('replica.persistence.enabled', true)) {
    reader.warn('master.persistence.enabled', 'is not used: with sentinels all pods are as replica.persistence says');
  }
  if (reader.text('master.configuration', '') !== '') {
    reader.warn('master.configuration', 'is not used: with sentinels all pods are as replica.configuration says');
  }
};

const readName = (reader: HelmReader): string => {
  const path = reader.text('fullnameOverride', '') === '' ? 'nameOverride' : 'fullnameOverride';
  const name = reader.text(path, '') === '' ? 'redis' : reader.text(path, '');
  if (name.length > NAME_MAX || !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw reader.error(path, `'${name}' is not a name of Kubernetes of at most ${NAME_MAX} characters`);
  }
  return name;
};

const readPassword = (reader: HelmReader): string | null => {
  if (!reader.boolean('auth.enabled', true)) return null;
  const common = reader.text('global.redis.password', '');
  const own = reader.text('auth.password', '');
  if (common !== '' && own !== '' && common !== own) {
    reader.warn('auth.password', 'is not used: global.redis.password overrides it');
  }
  const secret = reader.text('auth.existingSecret', '');
  const password = secret !== '' ? '' : common === '' ? own : common;
  if (/[^!-~]/.test(password)) throw reader.error('auth.password', 'must be of printable ASCII characters without spaces');
  if (password !== '') return password;
  reader.warn(secret === '' ? 'auth.password' : 'auth.existingSecret',
    `${secret === '' ? 'is empty: the chart draws one' : 'cannot be read here'}; '${STAND_IN_PASSWORD}' stands for the password`);
  return STAND_IN_PASSWORD;
};

/** Lines of a configuration file, as the server reads them. */
const directives = (reader: HelmReader, path: string, otherwise: string): readonly (readonly string[])[] => {
  const text = reader.text(path, otherwise);
  if (text.includes('{{')) throw reader.error(path, 'has a template in it, which this importer does not run');
  try {
    return parseConfigText(utf8(text), path).map((directive: Directive) => [directive.name, ...directive.values]);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.message.split('\n');
    throw reader.error(path, `${lines.at(-1)}: ${lines.at(-2)?.replace(/^>>> /, '')}`);
  }
};

/** `--name value` in one item or in several. */
const extraFlags = (reader: HelmReader): readonly (readonly string[])[] => {
  const path = 'replica.extraFlags';
  const lines: string[][] = [];
  for (const word of reader.texts(path).flatMap((item) => item.trim().split(/\s+/))) {
    const last = lines.at(-1);
    if (word.startsWith('--')) lines.push([word.slice(2).toLowerCase()]);
    else if (last === undefined) throw reader.error(path, `'${word}' stands before any --option`);
    else last.push(word);
  }
  return lines;
};
