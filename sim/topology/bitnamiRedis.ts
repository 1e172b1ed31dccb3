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
import type { Variables } from './bitnamiVariables.ts';
import {
  PORT_MAX, given, integerOf, isYes, isYesByDefault, readVariables, refuseUnreadable, variableKey,
} from './bitnamiVariables.ts';
import type { ComposeReader, Placed } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';

export interface BitnamiRedis {
  readonly role: 'primary' | 'replica';
  readonly port: number;
  /** As written; null where it must be inferred. */
  readonly primaryHost: Placed | null;
  readonly primaryPort: Placed | null;
  /** A replica that asks a sentinel whom to follow. */
  readonly sentinel: AskedSentinel | null;
  /** What it wants to hear from clients, and what a replica says to its primary. */
  readonly password: Placed | null;
  readonly primaryPassword: Placed | null;
  /** Directives besides `replicaof`, in order. */
  readonly directives: readonly (readonly string[])[];
  /** A volume is mounted at the image's data directory. */
  readonly persistentData: boolean;
}

export interface AskedSentinel {
  readonly host: Placed;
  readonly port: number;
  readonly primaryName: Placed;
}

const ROLES: Readonly<Record<string, BitnamiRedis['role']>> = {
  main: 'primary', master: 'primary', primary: 'primary',
  secondary: 'replica', slave: 'replica', replica: 'replica',
};

const DATA_DIRECTORY = /^\/bitnami(?:\/(?:redis|valkey)(?:\/data)?)?\/?$/;
const CONFIGURATION = /^\/opt\/bitnami\/(?:redis|valkey)\//;
/** The image's own names of the two variables that say whom to follow. */
export const PRIMARY_HOST_VARIABLE: string = 'REDIS_MASTER_HOST';
export const PRIMARY_PORT_VARIABLE: string = 'REDIS_MASTER_PORT_NUMBER';
export const PRIMARY_PASSWORD_VARIABLE: string = 'REDIS_MASTER_PASSWORD';
/** How long the entrypoint of a replica waits for its primary's port: the default of `wait-for-port`. */
export const WAIT_FOR_PRIMARY_MS = 30_000;

const PORT_DEFAULT = 6379;
const SENTINEL_PORT_DEFAULT = 26_379;

/** Variables that are read below. */
const READ: readonly string[] = [
  'REPLICATION_MODE', 'PORT_NUMBER', 'MASTER_HOST', 'MASTER_PORT_NUMBER', 'AOF_ENABLED', 'EXTRA_FLAGS', 'PASSWORD',
  'MASTER_PASSWORD', 'PASSWORD_FILE', 'MASTER_PASSWORD_FILE', 'TLS_ENABLED', 'DATABASE', 'RDB_POLICY', 'RDB_POLICY_DISABLED',
  'REPLICA_IP', 'REPLICA_PORT', 'SENTINEL_HOST', 'SENTINEL_PORT_NUMBER', 'SENTINEL_MASTER_NAME',
];

export const readBitnamiRedis = (reader: ComposeReader, service: ComposeService): BitnamiRedis => {
  const variables = readVariables(reader, service, READ);
  refuseUnreadable(reader, variables, ['PASSWORD_FILE', 'MASTER_PASSWORD_FILE'], 'TLS_ENABLED');
  const mode = readRole(reader, variables);
  const role = mode ?? 'primary';
  const primaryHost = given(variables, 'MASTER_HOST');
  if (mode === null && primaryHost !== null) {
    throw reader.error(primaryHost.line, primaryHost.key, 'is given, but REDIS_REPLICATION_MODE is not');
  }
  if (mode === 'primary' && primaryHost !== null && primaryHost.text !== service.name) {
    throw reader.error(primaryHost.line, primaryHost.key, 'is given to a primary, which follows nobody');
  }
  const port = integerOf(reader, given(variables, 'PORT_NUMBER'), PORT_DEFAULT, 1, PORT_MAX);
  const password = given(variables, 'PASSWORD');
  const primaryPassword = role === 'replica' ? given(variables, 'MASTER_PASSWORD') : null;
  checkPasswords(reader, service, role, password, primaryPassword);
  warnOfMountedConfiguration(reader, service);
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
      ...extraFlags(reader, variables.get('EXTRA_FLAGS')),
    ],
    persistentData: service.volumes.some((volume) => DATA_DIRECTORY.test(volume.target)),
  };
};

const readRole = (reader: ComposeReader, variables: Variables): BitnamiRedis['role'] | null => {
  const mode = given(variables, 'REPLICATION_MODE');
  if (mode === null) return null;
  const role = Object.hasOwn(ROLES, mode.text.toLowerCase()) ? ROLES[mode.text.toLowerCase()] : undefined;
  if (role === undefined) {
    throw reader.error(mode.line, mode.key, `'${mode.text}' is neither main (or master) nor Secondary (or slave, replica)`);
  }
  return role;
};

const checkPasswords = (
  reader: ComposeReader, service: ComposeService, role: BitnamiRedis['role'], password: Placed | null,
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
  mode: BitnamiRedis['role'] | null, password: Placed | null, primaryPassword: Placed | null,
): readonly (readonly string[])[] => {
  const placed = mode === 'primary' ? password : primaryPassword;
  return placed === null ? [] : [['masterauth', placed.text]];
};

const readSentinel = (
  reader: ComposeReader, service: ComposeService, role: BitnamiRedis['role'], variables: Variables,
): AskedSentinel | null => {
  const host = given(variables, 'SENTINEL_HOST');
  if (host === null) return null;
  if (role === 'primary') {
    reader.warn(host.line, host.key, 'is not used by a primary: the image asks for replicas only');
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
      throw reader.error(policy.line, policy.key, `'${word}' is not a save point (seconds#changes)`);
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
    reader.warn(place.line, place.key, `the image announces port ${announced}, but this node listens on ${port}`);
  }
  return [
    ...(ip === null ? [] : [['replica-announce-ip', ip.text]]),
    ...(announced === port ? [] : [['replica-announce-port', String(announced)]]),
  ];
};

const warnOfMountedConfiguration = (reader: ComposeReader, service: ComposeService): void => {
  const mounted = service.volumes.find((volume) => CONFIGURATION.test(volume.target));
  if (mounted === undefined) return;
  reader.warn(mounted.line, `${service.path}.volumes`, `the file mounted at ${mounted.target} is not read`);
};

/** `--name value …` as directives. */
export const extraFlags = (reader: ComposeReader, placed: Placed | undefined): readonly (readonly string[])[] => {
  if (placed === undefined) return [];
  const directives: string[][] = [];
  for (const word of placed.text.split(/\s+/)) {
    if (word === '') continue;
    if (word.startsWith('--')) directives.push([word.slice(2).toLowerCase()]);
    else {
      const last = directives.at(-1);
      if (last === undefined) throw reader.error(placed.line, placed.key, `'${word}' stands before any --option`);
      last.push(word);
    }
  }
  return directives;
};
