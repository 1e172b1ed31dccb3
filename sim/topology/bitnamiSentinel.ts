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
  PORT_MAX, PRIMARY_NAME_DEFAULT, given, integerOf, isYes, isYesByDefault, primaryKeys, readVariables, refuseTls, variableKey,
} from './bitnamiVariables.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import type { SentinelContainer } from './containers.ts';
import type { Placed } from './placed.ts';
import { sentinelDirectives } from './sentinelDirectives.ts';
import type { ReadText } from './topology.ts';

/** The image's defaults. */
const PORT = 26_379;
const QUORUM = '2';
const DOWN_AFTER_MS = 60_000;
const FAILOVER_TIMEOUT_MS = 180_000;
/** The host that the image watches when it is told none: used where the file has a service of that name. */
export const PRIMARY_HOST_DEFAULT = 'redis';
/** The image never says anything else. */
const PARALLEL_SYNCS = 1;
/** The directive of Redis 7 for how long a primary that restarted is held to be down. */
const REBOOT_PERIOD_DIRECTIVE = 'master-reboot-down-after-period';

const MS_MAX = 999_999_999;
const DATA_DIRECTORY = /^\/bitnami(?:\/(?:redis|valkey)-sentinel(?:\/conf)?)?\/?$/;

const READ: readonly string[] = [
  'MASTER_SET', 'MASTER_HOST', 'MASTER_PORT_NUMBER', 'MASTER_PASSWORD', 'MASTER_USER', 'MASTER_PASSWORD_FILE',
  'SENTINEL_QUORUM', 'SENTINEL_DOWN_AFTER_MILLISECONDS', 'SENTINEL_FAILOVER_TIMEOUT', 'SENTINEL_PASSWORD',
  'SENTINEL_PASSWORD_FILE', 'SENTINEL_PORT_NUMBER', 'SENTINEL_RESOLVE_HOSTNAMES', 'SENTINEL_ANNOUNCE_HOSTNAMES',
  'SENTINEL_ANNOUNCE_IP', 'SENTINEL_ANNOUNCE_PORT', 'SENTINEL_MASTER_REBOOT_DOWN_AFTER_PERIOD', 'SENTINEL_TLS_ENABLED',
];

export const readBitnamiSentinel = (reader: ComposeReader, service: ComposeService, read: ReadText): SentinelContainer => {
  const variables = readVariables(reader, service, READ, read);
  refuseTls(reader, variables, 'SENTINEL_TLS_ENABLED');
  refuseCommand(reader, service);
  const integer = (name: string, otherwise: number, min: number, max: number): number =>
    integerOf(reader, given(variables, name), otherwise, min, max);
  const byDefault = (name: string, text: string): Placed =>
    given(variables, name) ?? { line: service.line, key: variableKey(service, `REDIS_${name}`), text };
  const user = given(variables, 'MASTER_USER');
  if (user !== null && user.text !== 'default') throw reader.errorAt(user, `'${user.text}': users other than 'default' are not built yet`);
  const quorum = byDefault('SENTINEL_QUORUM', QUORUM);
  reader.integer(quorum, 1, MS_MAX);
  const announceIp = given(variables, 'SENTINEL_ANNOUNCE_IP');
  if (announceIp !== null && service.replicas > 1) {
    throw reader.errorAt(announceIp, `cannot be given to ${service.replicas} sentinels: they would pass for one`);
  }
  const announcePort = given(variables, 'SENTINEL_ANNOUNCE_PORT');
  const primaryName = checkName(reader, byDefault('MASTER_SET', PRIMARY_NAME_DEFAULT));
  const rebootDownAfterMs = integer('SENTINEL_MASTER_REBOOT_DOWN_AFTER_PERIOD', 0, 0, MS_MAX);
  const settings = {
    quorum: Number(quorum.text), port: integer('SENTINEL_PORT_NUMBER', PORT, 1, PORT_MAX), parallelSyncs: PARALLEL_SYNCS,
    downAfterMs: integer('SENTINEL_DOWN_AFTER_MILLISECONDS', DOWN_AFTER_MS, 1, MS_MAX),
    failoverTimeoutMs: integer('SENTINEL_FAILOVER_TIMEOUT', FAILOVER_TIMEOUT_MS, 1, MS_MAX),
    resolvesNames: isYesByDefault(variables.get('SENTINEL_RESOLVE_HOSTNAMES')),
    announcesNames: isYes(variables.get('SENTINEL_ANNOUNCE_HOSTNAMES')),
    announceIp: announceIp?.text, announcePort: announcePort === null ? undefined : reader.integer(announcePort, 1, PORT_MAX),
    password: given(variables, 'SENTINEL_PASSWORD')?.text, primaryUser: user?.text,
    primaryPassword: given(variables, 'MASTER_PASSWORD')?.text,
    more: rebootDownAfterMs === 0 ? [] : [['sentinel', REBOOT_PERIOD_DIRECTIVE, primaryName.text, String(rebootDownAfterMs)]],
  };
  return {
    port: settings.port, password: given(variables, 'SENTINEL_PASSWORD'), resolvesNames: settings.resolvesNames,
    resolvesNamesAt: { line: service.line, key: variableKey(service, 'REDIS_SENTINEL_RESOLVE_HOSTNAMES') }, keys: primaryKeys(service),
    watches: [{
      name: primaryName, host: given(variables, 'MASTER_HOST'), port: given(variables, 'MASTER_PORT_NUMBER'), quorum,
      password: given(variables, 'MASTER_PASSWORD'),
    }],
    configFile: 'kept',
    persistentData: service.mounts.some(({ target, isTemporary }) => DATA_DIRECTORY.test(target) && !isTemporary),
    configure: (primaryHost, primaryPort) => sentinelDirectives({ ...settings, primaryName: primaryName.text, primaryHost, primaryPort }),
  };
};

/** The image's scripts write the configuration; another command would start without. */
const refuseCommand = (reader: ComposeReader, { command, entrypoint }: ComposeService): void => {
  const other = entrypoint ?? (command !== null && !command.at.text.endsWith('/run.sh') ? command : null);
  if (other !== null) throw reader.errorAt(other.at, `'${other.at.text}' goes past what the image sets up`);
};

/** What Sentinel takes for a name. */
const checkName = (reader: ComposeReader, placed: Placed): Placed => {
  if (/^[A-Za-z0-9.\-_]{1,63}$/.test(placed.text)) return placed;
  throw reader.errorAt(placed, `'${placed.text}' is not a name that Sentinel takes`);
};
