/**
 * What the entrypoint of the Bitnami Redis Cluster image makes of a container's environment: a node of a cluster, and for one of
 * them the order to create it.
 *
 * Always holds: a variable that would change the server and is not built is an error or a warning, never dropped in silence.
 * Source: bitnami/containers, bitnami/redis-cluster README, "Environment variables", and `librediscluster.sh`, read for its
 * behaviour.
 */
import { extraFlags, savePoints } from './bitnamiRedis.ts';
import {
  PORT_MAX, given, integerOf, isYes, isYesByDefault, readVariables, refuseUnreadable, variableKey,
} from './bitnamiVariables.ts';
import type { ComposeReader, Placed } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import { TOPOLOGY_PROCESSES_MAX } from './topology.ts';

export interface BitnamiCluster {
  readonly port: number;
  readonly password: Placed | null;
  /** `REDIS_NODES` as written: names, perhaps with ports. */
  readonly nodes: Placed;
  /** Of the node that creates the cluster: how many replicas each primary gets; null for the others. */
  readonly createsWith: number | null;
  readonly directives: readonly (readonly string[])[];
  /** A volume is mounted at the image's data directory. */
  readonly persistentData: boolean;
}

const DATA_DIRECTORY = /^\/bitnami(?:\/(?:redis|valkey)(?:\/data)?)?\/?$/;
const PORT_DEFAULT = 6379;

const READ: readonly string[] = [
  'PORT_NUMBER', 'PASSWORD', 'PASSWORD_FILE', 'AOF_ENABLED', 'RDB_POLICY', 'RDB_POLICY_DISABLED', 'EXTRA_FLAGS', 'TLS_ENABLED',
  'NODES', 'CLUSTER_CREATOR', 'CLUSTER_REPLICAS', 'CLUSTER_DYNAMIC_IPS', 'CLUSTER_ANNOUNCE_IP', 'CLUSTER_ANNOUNCE_PORT',
  'CLUSTER_ANNOUNCE_BUS_PORT', 'CLUSTER_ANNOUNCE_HOSTNAME', 'CLUSTER_PREFERRED_ENDPOINT_TYPE', 'DNS_RETRIES',
  'CLUSTER_SLEEP_BEFORE_DNS_LOOKUP', 'CLUSTER_DNS_LOOKUP_RETRIES', 'CLUSTER_DNS_LOOKUP_SLEEP',
];

export const readBitnamiCluster = (reader: ComposeReader, service: ComposeService): BitnamiCluster => {
  const variables = readVariables(reader, service, READ);
  refuseUnreadable(reader, variables, ['PASSWORD_FILE'], 'TLS_ENABLED');
  const nodes = given(variables, 'NODES');
  if (nodes === null) {
    throw reader.error(service.line, variableKey(service, 'REDIS_NODES'), 'is missing, and the image refuses to start so');
  }
  const password = given(variables, 'PASSWORD');
  if (password === null && !isYes(service.environment.get('ALLOW_EMPTY_PASSWORD'))) {
    throw reader.error(
      service.line, `${service.path}.environment`,
      'has neither a password nor ALLOW_EMPTY_PASSWORD=yes, and the image refuses to start so');
  }
  const announceIp = given(variables, 'CLUSTER_ANNOUNCE_IP');
  const isDynamic = isYesByDefault(variables.get('CLUSTER_DYNAMIC_IPS'));
  if (!isDynamic && announceIp === null) {
    throw reader.error(
      service.line, variableKey(service, 'REDIS_CLUSTER_ANNOUNCE_IP'), 'is missing, and without dynamic addresses the image needs it');
  }
  const port = integerOf(reader, given(variables, 'PORT_NUMBER'), PORT_DEFAULT, 1, PORT_MAX);
  const announced: readonly (readonly [string, Placed | null])[] = [
    // With dynamic addresses the image announces the container's own, which is what the others see anyhow.
    ['cluster-announce-ip', isDynamic ? null : announceIp],
    ['cluster-announce-hostname', given(variables, 'CLUSTER_ANNOUNCE_HOSTNAME')],
    ['cluster-preferred-endpoint-type', given(variables, 'CLUSTER_PREFERRED_ENDPOINT_TYPE')],
    ['cluster-announce-port', given(variables, 'CLUSTER_ANNOUNCE_PORT')],
    ['cluster-announce-bus-port', given(variables, 'CLUSTER_ANNOUNCE_BUS_PORT')],
  ];
  const creates = isYes(variables.get('CLUSTER_CREATOR'));
  return {
    port, password, nodes,
    createsWith: creates ? integerOf(reader, given(variables, 'CLUSTER_REPLICAS'), 1, 0, TOPOLOGY_PROCESSES_MAX) : null,
    directives: [
      ...(port === PORT_DEFAULT ? [] : [['port', String(port)]]), ['cluster-enabled', 'yes'],
      ...(isYesByDefault(variables.get('AOF_ENABLED')) ? [['appendonly', 'yes']] : []),
      ...savePoints(reader, variables),
      ...(password === null ? [] : [['requirepass', password.text], ['masterauth', password.text]]),
      ...announced.flatMap(([name, placed]) => (placed === null ? [] : [[name, placed.text]])),
      ...extraFlags(reader, variables.get('EXTRA_FLAGS')),
    ],
    persistentData: service.volumes.some((volume) => DATA_DIRECTORY.test(volume.target)),
  };
};
