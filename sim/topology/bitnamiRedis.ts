/**
 * What the entrypoint of the Bitnami Redis (and Valkey) image makes of a container's environment: role, port, whom to
 * follow, and the configuration directives it hands the server at every start.
 *
 * Always holds: a variable that would change the server and is not built is an error or a warning, never dropped in
 * silence. `REDIS_X` and `VALKEY_X` are two spellings of one variable.
 *
 * Source: bitnami/containers, bitnami/redis README, "Environment variables"; the notes' spellings `main` and `Secondary`.
 */
import type { ComposeReader, Placed } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';

export interface BitnamiRedis {
  readonly role: 'primary' | 'replica';
  readonly port: number;
  /** As written; null where it must be inferred. */
  readonly primaryHost: Placed | null;
  readonly primaryPort: Placed | null;
  /** Directives besides `replicaof`, in order. */
  readonly directives: readonly (readonly string[])[];
  /** A volume is mounted at the image's data directory. */
  readonly persistentData: boolean;
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

const PORT_MAX = 65535;

/** Variables that are read below. */
const READ: readonly string[] = [
  'REPLICATION_MODE', 'PORT_NUMBER', 'MASTER_HOST', 'MASTER_PORT_NUMBER', 'AOF_ENABLED', 'EXTRA_FLAGS', 'PASSWORD',
  'MASTER_PASSWORD', 'PASSWORD_FILE', 'MASTER_PASSWORD_FILE', 'TLS_ENABLED', 'DATABASE',
];

/** Throws `ScenarioError` unless `image` is one that this importer knows. */
export const checkImage = (reader: ComposeReader, image: Placed): void => {
  const name = image.text.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[\w.-]+$/, '');
  const path = name.split('/').slice(-2).join('/');
  if (/^bitnami(?:legacy|secure)?\/(?:redis|valkey)$/.test(path)) return;
  if (/(?:redis|valkey)-(?:sentinel|cluster)$/.test(path)) {
    throw reader.error(image.line, image.key, `'${image.text}' is not built yet; bitnami/redis is`);
  }
  throw reader.error(image.line, image.key, `'${image.text}' is not known; this importer knows bitnami/redis`);
};

export const readBitnamiRedis = (reader: ComposeReader, service: ComposeService): BitnamiRedis => {
  const variable = variables(reader, service);
  refuseUnbuilt(reader, service, variable);
  const role = readRole(reader, variable);
  const primaryHost = notEmpty(variable.get('MASTER_HOST'));
  const primaryPort = notEmpty(variable.get('MASTER_PORT_NUMBER'));
  if (role === null && primaryHost !== null) {
    throw reader.error(primaryHost.line, primaryHost.key, 'is given, but REDIS_REPLICATION_MODE is not');
  }
  if (role === 'primary' && primaryHost !== null && primaryHost.text !== service.name) {
    throw reader.error(primaryHost.line, primaryHost.key, 'is given to a primary, which follows nobody');
  }
  const port = notEmpty(variable.get('PORT_NUMBER'));
  warnOfMountedConfiguration(reader, service);
  return {
    role: role ?? 'primary',
    port: port === null ? 6379 : reader.integer(port, 1, PORT_MAX),
    primaryHost: role === 'replica' ? primaryHost : null,
    primaryPort: role === 'replica' ? primaryPort : null,
    directives: [
      // The image turns the append-only file on unless it is told otherwise.
      ...(isOn(variable.get('AOF_ENABLED')) ? [['appendonly', 'yes']] : []),
      ...extraFlags(reader, variable.get('EXTRA_FLAGS')),
    ],
    persistentData: service.volumes.some((volume) => DATA_DIRECTORY.test(volume.target)),
  };
};

/** The image's variables without their prefix. Both prefixes may be used, but not to say different things. */
const variables = (reader: ComposeReader, service: ComposeService): ReadonlyMap<string, Placed> => {
  const found = new Map<string, Placed>();
  const ignored: string[] = [];
  for (const [name, placed] of service.environment) {
    const bare = /^(?:REDIS|VALKEY)_(.+)$/.exec(name)?.[1]?.replace(/^PRIMARY_/, 'MASTER_');
    if (bare === undefined) continue;
    const other = found.get(bare);
    if (other !== undefined && other.text !== placed.text) {
      throw reader.error(placed.line, placed.key, `says '${placed.text}', but ${other.key} says '${other.text}'`);
    }
    found.set(bare, placed);
    if (!READ.includes(bare)) ignored.push(name);
  }
  if (ignored.length > 0) {
    reader.warn(service.line, `${service.path}.environment`, `not used in this version: ${ignored.join(', ')}`);
  }
  return found;
};

const notEmpty = (placed: Placed | undefined): Placed | null =>
  placed === undefined || placed.text === '' ? null : placed;

const isYes = (placed: Placed | undefined): boolean => /^(?:yes|true|1)$/i.test(placed?.text ?? '');

const refuseUnbuilt = (
  reader: ComposeReader, service: ComposeService, variable: ReadonlyMap<string, Placed>,
): void => {
  for (const name of ['PASSWORD', 'MASTER_PASSWORD', 'PASSWORD_FILE', 'MASTER_PASSWORD_FILE']) {
    const placed = notEmpty(variable.get(name));
    if (placed !== null) throw reader.error(placed.line, placed.key, 'passwords are not built yet; use ALLOW_EMPTY_PASSWORD=yes');
  }
  const tls = variable.get('TLS_ENABLED');
  if (tls !== undefined && isYes(tls)) throw reader.error(tls.line, tls.key, 'TLS is not built yet');
  if (!isYes(service.environment.get('ALLOW_EMPTY_PASSWORD'))) {
    throw reader.error(
      service.line, `${service.path}.environment`,
      'has neither a password nor ALLOW_EMPTY_PASSWORD=yes, and the image refuses to start so',
    );
  }
};

const readRole = (reader: ComposeReader, variable: ReadonlyMap<string, Placed>): BitnamiRedis['role'] | null => {
  const mode = notEmpty(variable.get('REPLICATION_MODE'));
  if (mode === null) return null;
  const role = Object.hasOwn(ROLES, mode.text.toLowerCase()) ? ROLES[mode.text.toLowerCase()] : undefined;
  if (role === undefined) {
    throw reader.error(mode.line, mode.key, `'${mode.text}' is neither main (or master) nor Secondary (or slave, replica)`);
  }
  return role;
};

const isOn = (placed: Placed | undefined): boolean => placed === undefined || isYes(placed);

const warnOfMountedConfiguration = (reader: ComposeReader, service: ComposeService): void => {
  const mounted = service.volumes.find((volume) => CONFIGURATION.test(volume.target));
  if (mounted === undefined) return;
  reader.warn(mounted.line, `${service.path}.volumes`, `the file mounted at ${mounted.target} is not read`);
};

/** `--name value …` as directives. */
const extraFlags = (reader: ComposeReader, placed: Placed | undefined): readonly (readonly string[])[] => {
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
