/**
 * What the entrypoint of the Bitnami Redis Cluster image makes of a container's environment: a node of a cluster, and for one of
 * them the order to create it.
 *
 * Always holds: a variable that would change the server and is not built is an error or a warning, never dropped in silence.
 * Source: bitnami/containers, bitnami/redis-cluster README, "Environment variables", and `librediscluster.sh`, read for its
 * behaviour.
 */
import { readBitnamiConf } from './bitnamiConf.ts';
import { savePoints } from './bitnamiRedis.ts';
import {
  PORT_MAX, commandFlags, flagLines, given, integerOf, isYes, isYesByDefault, readVariables, refuseTls, variableKey,
} from './bitnamiVariables.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import { portOf } from './containerOfLines.ts';
import type { ClusterContainer, Directives } from './containers.ts';
import type { Placed } from './placed.ts';
import { lastValue } from './redisConf.ts';
import { type ReadText, TOPOLOGY_PROCESSES_MAX } from './topology.ts';

const DATA_DIRECTORY = /^\/bitnami(?:\/(?:redis|valkey)(?:\/data)?)?\/?$/;
const PORT_DEFAULT = 6379;

const READ: readonly string[] = [
  'PORT_NUMBER', 'PASSWORD', 'PASSWORD_FILE', 'AOF_ENABLED', 'RDB_POLICY', 'RDB_POLICY_DISABLED', 'EXTRA_FLAGS', 'TLS_ENABLED',
  'NODES', 'CLUSTER_CREATOR', 'CLUSTER_REPLICAS', 'CLUSTER_DYNAMIC_IPS', 'CLUSTER_ANNOUNCE_IP', 'CLUSTER_ANNOUNCE_PORT',
  'CLUSTER_ANNOUNCE_BUS_PORT', 'CLUSTER_ANNOUNCE_HOSTNAME', 'CLUSTER_PREFERRED_ENDPOINT_TYPE', 'DNS_RETRIES',
  'CLUSTER_SLEEP_BEFORE_DNS_LOOKUP', 'CLUSTER_DNS_LOOKUP_RETRIES', 'CLUSTER_DNS_LOOKUP_SLEEP',
];

export const readBitnamiCluster = (reader: ComposeReader, service: ComposeService, read: ReadText): ClusterContainer => {
  const variables = readVariables(reader, service, READ, read);
  refuseTls(reader, variables, 'TLS_ENABLED');
  const { replaced, overrides } = readBitnamiConf(reader, service, read);
  const flags = [...flagLines(reader, given(variables, 'EXTRA_FLAGS')), ...flagLines(reader, commandFlags(reader, service))];
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
  const replicas = integerOf(reader, given(variables, 'CLUSTER_REPLICAS'), 1, 0, TOPOLOGY_PROCESSES_MAX);
  const ofEnvironment: Directives = [
    ...(port === PORT_DEFAULT ? [] : [['port', String(port)]]), ['cluster-enabled', 'yes'],
    ...(isYesByDefault(variables.get('AOF_ENABLED')) ? [['appendonly', 'yes']] : []),
    ...savePoints(reader, variables),
    ...(password === null ? [] : [['requirepass', password.text], ['masterauth', password.text]]),
  ];
  return {
    // With a file of one's own the image sets nothing of the environment but what makes the node a part of a cluster.
    port: replaced === null ? port : portOf(reader, replaced, PORT_DEFAULT),
    password: replaced === null ? password : lastValue(replaced, 'requirepass'),
    creates: creates ? { nodes, replicas } : null,
    directives: [
      ...(replaced === null ? ofEnvironment : [...replaced.map(({ words }) => words), ['cluster-enabled', 'yes']]),
      ...announced.flatMap(([name, placed]) => (placed === null ? [] : [[name, placed.text]])),
      ...[...overrides, ...flags].map(({ words }) => words),
    ],
    configFile: replaced === null ? 'set' : 'rewritten',
    persistentData: service.mounts.some(({ target, isTemporary }) => DATA_DIRECTORY.test(target) && !isTemporary),
  };
};
