/**
 * What the entrypoint of the Bitnami Redis (and Valkey) image makes of a container's environment: role, port, whom to
 * follow, passwords, and the configuration directives it sets at every start.
 *
 * Always holds: a variable that would change the server and is not built is an error or a warning, never dropped in
 * silence.
 *
 * Source: bitnami/containers, bitnami/redis README, "Environment variables", and `libredis.sh`, read for its behaviour;
 * the notes' spellings `main` and `Secondary`.
 */
import { readBitnamiConf } from './bitnamiConf.ts';
import {
  PORT_MAX, type Variables, commandFlags, flagLines, given, integerOf, isYes, isYesByDefault, primaryKeys, readVariables, refuseTls,
  variableKey,
} from './bitnamiVariables.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import { containerOfLines } from './containerOfLines.ts';
import type { AskedSentinel, DataContainer, Directives } from './containers.ts';
import type { Placed } from './placed.ts';
import type { ReadText } from './topology.ts';

type Role = DataContainer['role'];

const ROLES: Readonly<Record<string, Role>> = {
  main: 'primary', master: 'primary', primary: 'primary',
  secondary: 'replica', slave: 'replica', replica: 'replica',
};

const DATA_DIRECTORY = /^\/bitnami(?:\/(?:redis|valkey)(?:\/data)?)?\/?$/;
const PRIMARY_PASSWORD_VARIABLE = 'REDIS_MASTER_PASSWORD';
/** How long the entrypoint of a replica waits for its primary's port: the default of `wait-for-port`. */
const WAIT_FOR_PRIMARY_MS = 30_000;

const PORT_DEFAULT = 6379;
const SENTINEL_PORT_DEFAULT = 26_379;

/** Variables that are read below. */
const READ: readonly string[] = [
  'REPLICATION_MODE', 'PORT_NUMBER', 'MASTER_HOST', 'MASTER_PORT_NUMBER', 'AOF_ENABLED', 'EXTRA_FLAGS', 'PASSWORD',
  'MASTER_PASSWORD', 'PASSWORD_FILE', 'MASTER_PASSWORD_FILE', 'TLS_ENABLED', 'DATABASE', 'RDB_POLICY', 'RDB_POLICY_DISABLED',
  'REPLICA_IP', 'REPLICA_PORT', 'DISABLE_COMMANDS', 'SENTINEL_HOST', 'SENTINEL_PORT_NUMBER', 'SENTINEL_MASTER_NAME',
];

export const readBitnamiRedis = (reader: ComposeReader, service: ComposeService, read: ReadText): DataContainer => {
  const variables = readVariables(reader, service, READ, read);
  refuseTls(reader, variables, 'TLS_ENABLED');
  const { replaced, overrides } = readBitnamiConf(reader, service, read);
  const flags = [...flagLines(reader, given(variables, 'EXTRA_FLAGS')), ...flagLines(reader, commandFlags(reader, service))];
  const persistentData = service.mounts.some(({ target, isTemporary }) => DATA_DIRECTORY.test(target) && !isTemporary);
  if (replaced !== null) {
    // The image copies that file over its own at each start, and sets nothing of the environment in it.
    return containerOfLines(reader, service, [...replaced, ...overrides, ...flags], {
      keys: primaryKeys(service), configFile: 'rewritten', persistentData, first: [],
    });
  }
  const mode = readRole(reader, variables);
  const role = mode ?? 'primary';
  const primaryHost = given(variables, 'MASTER_HOST');
  if (mode === null && primaryHost !== null) throw reader.errorAt(primaryHost, 'is given, but REDIS_REPLICATION_MODE is not');
  if (mode === 'primary' && primaryHost !== null && primaryHost.text !== service.name) {
    throw reader.errorAt(primaryHost, 'is given to a primary, which follows nobody');
  }
  const port = integerOf(reader, given(variables, 'PORT_NUMBER'), PORT_DEFAULT, 1, PORT_MAX);
  const password = given(variables, 'PASSWORD');
  const primaryPassword = role === 'replica' ? given(variables, 'MASTER_PASSWORD') : null;
  checkPasswords(reader, service, role, password, primaryPassword);
  return {
    role, port, password, primaryPassword,
    primaryHost: role === 'replica' ? primaryHost : null,
    primaryPort: role === 'replica' ? given(variables, 'MASTER_PORT_NUMBER') : null,
    sentinel: readSentinel(reader, service, role, variables),
    directives: [
      ...(port === PORT_DEFAULT ? [] : [['port', String(port)]]),
      // The image turns the append-only file on unless it is told otherwise.
      ...(isYesByDefault(variables.get('AOF_ENABLED')) ? [['appendonly', 'yes']] : []),
      ...savePoints(reader, variables),
      ...(password === null ? [] : [['requirepass', password.text]]),
      ...primaryAuth(mode, password, primaryPassword),
      ...(mode === null ? [] : announcement(reader, variables, port)),
      ...disabledCommands(variables),
      ...[...overrides, ...flags].map(({ words }) => words),
    ],
    // The image's entrypoint sets what the environment says in the container's own file, which outlives the process.
    configFile: 'set',
    waitForPrimaryMs: role === 'replica' ? WAIT_FOR_PRIMARY_MS : 0,
    keys: primaryKeys(service),
    unreachable: null,
    persistentData,
  };
};

const readRole = (reader: ComposeReader, variables: Variables): Role | null => {
  const mode = given(variables, 'REPLICATION_MODE');
  if (mode === null) return null;
  const role = Object.hasOwn(ROLES, mode.text.toLowerCase()) ? ROLES[mode.text.toLowerCase()] : undefined;
  if (role === undefined) {
    throw reader.errorAt(mode, `'${mode.text}' is neither main (or master) nor Secondary (or slave, replica)`);
  }
  return role;
};

const checkPasswords = (
  reader: ComposeReader, service: ComposeService, role: Role, password: Placed | null,
  primaryPassword: Placed | null,
): void => {
  if (isYes(service.environment.get('ALLOW_EMPTY_PASSWORD'))) return;
  if (password === null) {
    throw reader.error(
      service.line, `${service.path}.environment`,
      'has neither a password nor ALLOW_EMPTY_PASSWORD=yes, and the image refuses to start so');
  }
  if (role === 'replica' && primaryPassword === null) {
    throw reader.error(
      service.line, variableKey(service, PRIMARY_PASSWORD_VARIABLE),
      'is missing, and the image refuses to start a replica so (or with ALLOW_EMPTY_PASSWORD=yes)');
  }
};

/** A primary gets its own password as that of its future primary; a replica the one that it is given. */
const primaryAuth = (
  mode: Role | null, password: Placed | null, primaryPassword: Placed | null,
): readonly (readonly string[])[] => {
  const placed = mode === 'primary' ? password : primaryPassword;
  return placed === null ? [] : [['masterauth', placed.text]];
};

const readSentinel = (
  reader: ComposeReader, service: ComposeService, role: Role, variables: Variables,
): AskedSentinel | null => {
  const host = given(variables, 'SENTINEL_HOST');
  if (host === null) return null;
  if (role === 'primary') {
    reader.warnAt(host, 'is not used by a primary: the image asks for replicas only');
    return null;
  }
  const primaryName = given(variables, 'SENTINEL_MASTER_NAME');
  if (primaryName === null) {
    throw reader.error(
      service.line, variableKey(service, 'REDIS_SENTINEL_MASTER_NAME'), 'is missing, so no sentinel would know the primary');
  }
  const port = given(variables, 'SENTINEL_PORT_NUMBER');
  return { host, primaryName, port: integerOf(reader, port, SENTINEL_PORT_DEFAULT, 1, PORT_MAX) };
};

/** `REDIS_RDB_POLICY`: `900#1 300#10`. Without it the server's own save points hold, unless they are turned off. */
export const savePoints = (reader: ComposeReader, variables: Variables): readonly (readonly string[])[] => {
  const policy = given(variables, 'RDB_POLICY');
  if (policy === null) return isYes(variables.get('RDB_POLICY_DISABLED')) ? [['save', '']] : [];
  return policy.text.trim().split(/\s+/).map((word) => {
    const [, seconds, changes] = /^([1-9]\d{0,8})#(\d{1,9})$/.exec(word) ?? [];
    if (seconds === undefined || changes === undefined) {
      throw reader.errorAt(policy, `'${word}' is not a save point (seconds#changes)`);
    }
    return ['save', seconds, changes];
  });
};

/**
 * The image announces replicas under the primary's port, even if they listen on another. It announces the machine's own
 * address too, which is what everybody sees anyhow.
 */
const announcement = (reader: ComposeReader, variables: Variables, port: number): readonly (readonly string[])[] => {
  const ip = given(variables, 'REPLICA_IP');
  const placed = given(variables, 'REPLICA_PORT') ?? given(variables, 'MASTER_PORT_NUMBER');
  const announced = integerOf(reader, placed, PORT_DEFAULT, 1, PORT_MAX);
  const place = placed ?? given(variables, 'PORT_NUMBER');
  if (announced !== port && place !== null) {
    reader.warnAt(place, `the image announces port ${announced}, but this node listens on ${port}`);
  }
  return [
    ...(ip === null ? [] : [['replica-announce-ip', ip.text]]),
    ...(announced === port ? [] : [['replica-announce-port', String(announced)]]),
  ];
};

/** `REDIS_DISABLE_COMMANDS`: a comma between the names. */
const disabledCommands = (variables: Variables): Directives =>
  (given(variables, 'DISABLE_COMMANDS')?.text.split(/[, ]+/) ?? []).filter((name) => name !== '')
    .map((name) => ['rename-command', name, '']);
