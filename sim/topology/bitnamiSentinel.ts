/**
 * What the entrypoint of the Bitnami Redis Sentinel image makes of a container's environment. It writes the configuration
 * file at the first start; from then on the file that the sentinel itself wrote is kept, and the environment counts no more.
 *
 * Always holds: a variable that would change the sentinel and is not built is an error or a warning, never dropped in
 * silence. Contradictions with the data nodes are found by `composeSentinels.ts`.
 *
 * Source: bitnami/containers, bitnami/redis-sentinel README, "Environment variables", and `libredissentinel.sh`, read for
 * its behaviour.
 */
import {
  PORT_MAX, given, integerOf, isYes, isYesByDefault, readVariables, refuseUnreadable, variableKey,
} from './bitnamiVariables.ts';
import type { ComposeReader, Placed } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';

export interface BitnamiSentinel {
  readonly port: number;
  /** The name under which the primary is watched, and where that was said. */
  readonly primaryName: Placed;
  /** As written; null where it must be inferred. */
  readonly primaryHost: Placed | null;
  readonly primaryPort: Placed | null;
  readonly primaryPassword: Placed | null;
  readonly primaryUser: Placed | null;
  readonly quorum: Placed;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly rebootDownAfterMs: number;
  readonly password: Placed | null;
  readonly resolvesNames: boolean;
  readonly announcesNames: boolean;
  readonly announceIp: Placed | null;
  readonly announcePort: number | undefined;
  /** A volume is mounted where the image keeps the configuration file. */
  readonly persistentData: boolean;
}

/** The image's defaults. */
const PRIMARY_NAME = 'mymaster';
const PORT = 26_379;
const QUORUM = '2';
const DOWN_AFTER_MS = 60_000;
const FAILOVER_TIMEOUT_MS = 180_000;
/** The host that the image watches when it is told none: used where the file has a service of that name. */
export const PRIMARY_HOST_DEFAULT = 'redis';
/** The image never says anything else. */
export const PARALLEL_SYNCS = 1;
/** The directive of Redis 7 for how long a primary that restarted is held to be down. */
export const REBOOT_PERIOD_DIRECTIVE: string = 'master-reboot-down-after-period';

const MS_MAX = 999_999_999;
const DATA_DIRECTORY = /^\/bitnami(?:\/(?:redis|valkey)-sentinel(?:\/conf)?)?\/?$/;

const READ: readonly string[] = [
  'MASTER_SET', 'MASTER_HOST', 'MASTER_PORT_NUMBER', 'MASTER_PASSWORD', 'MASTER_USER', 'MASTER_PASSWORD_FILE',
  'SENTINEL_QUORUM', 'SENTINEL_DOWN_AFTER_MILLISECONDS', 'SENTINEL_FAILOVER_TIMEOUT', 'SENTINEL_PASSWORD',
  'SENTINEL_PASSWORD_FILE', 'SENTINEL_PORT_NUMBER', 'SENTINEL_RESOLVE_HOSTNAMES', 'SENTINEL_ANNOUNCE_HOSTNAMES',
  'SENTINEL_ANNOUNCE_IP', 'SENTINEL_ANNOUNCE_PORT', 'SENTINEL_MASTER_REBOOT_DOWN_AFTER_PERIOD', 'SENTINEL_TLS_ENABLED',
];

export const readBitnamiSentinel = (reader: ComposeReader, service: ComposeService): BitnamiSentinel => {
  const variables = readVariables(reader, service, READ);
  refuseUnreadable(reader, variables, ['MASTER_PASSWORD_FILE', 'SENTINEL_PASSWORD_FILE'], 'SENTINEL_TLS_ENABLED');
  const integer = (name: string, otherwise: number, min: number, max: number): number =>
    integerOf(reader, given(variables, name), otherwise, min, max);
  const byDefault = (name: string, text: string): Placed =>
    given(variables, name) ?? { line: service.line, key: variableKey(service, `REDIS_${name}`), text };
  const user = given(variables, 'MASTER_USER');
  if (user !== null && user.text !== 'default') {
    throw reader.error(user.line, user.key, `'${user.text}': users other than 'default' are not built yet`);
  }
  const quorum = byDefault('SENTINEL_QUORUM', QUORUM);
  reader.integer(quorum, 1, MS_MAX);
  const announceIp = given(variables, 'SENTINEL_ANNOUNCE_IP');
  if (announceIp !== null && service.replicas > 1) {
    throw reader.error(announceIp.line, announceIp.key, `cannot be given to ${service.replicas} sentinels: they would pass for one`);
  }
  const announcePort = given(variables, 'SENTINEL_ANNOUNCE_PORT');
  return {
    port: integer('SENTINEL_PORT_NUMBER', PORT, 1, PORT_MAX),
    primaryName: checkName(reader, byDefault('MASTER_SET', PRIMARY_NAME)),
    primaryHost: given(variables, 'MASTER_HOST'),
    primaryPort: given(variables, 'MASTER_PORT_NUMBER'),
    primaryPassword: given(variables, 'MASTER_PASSWORD'),
    primaryUser: user,
    quorum,
    downAfterMs: integer('SENTINEL_DOWN_AFTER_MILLISECONDS', DOWN_AFTER_MS, 1, MS_MAX),
    failoverTimeoutMs: integer('SENTINEL_FAILOVER_TIMEOUT', FAILOVER_TIMEOUT_MS, 1, MS_MAX),
    rebootDownAfterMs: integer('SENTINEL_MASTER_REBOOT_DOWN_AFTER_PERIOD', 0, 0, MS_MAX),
    password: given(variables, 'SENTINEL_PASSWORD'),
    resolvesNames: isYesByDefault(variables.get('SENTINEL_RESOLVE_HOSTNAMES')),
    announcesNames: isYes(variables.get('SENTINEL_ANNOUNCE_HOSTNAMES')),
    announceIp,
    announcePort: announcePort === null ? undefined : reader.integer(announcePort, 1, PORT_MAX),
    persistentData: service.volumes.some((volume) => DATA_DIRECTORY.test(volume.target)),
  };
};

/** What Sentinel takes for a name. */
const checkName = (reader: ComposeReader, placed: Placed): Placed => {
  if (/^[A-Za-z0-9.\-_]{1,63}$/.test(placed.text)) return placed;
  throw reader.error(placed.line, placed.key, `'${placed.text}' is not a name that Sentinel takes`);
};
