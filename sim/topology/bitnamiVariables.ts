/**
 * The environment of a Bitnami container, read as the image's scripts read it: `REDIS_X` and `VALKEY_X` are two spellings
 * of one variable, yes is `yes`, `true` or `1`, an empty variable is none.
 *
 * Always holds: a variable that nobody reads is named in one warning for its service, never dropped in silence.
 * Source: bitnami/containers, READMEs of bitnami/redis and bitnami/redis-sentinel, "Environment variables".
 */
import { findMounted } from './composeMounts.ts';
import type { ComposeReader } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';
import type { KeysOfPrimary } from './containers.ts';
import type { Placed } from './placed.ts';
import { type ConfLine, checkLines, lineOfWords } from './redisConf.ts';
import type { ReadText } from './topology.ts';

/** Variables by their names without the prefix. */
export type Variables = ReadonlyMap<string, Placed>;

export const PORT_MAX = 65_535;
/** Under this name image and chart watch the primary when they are told none. */
export const PRIMARY_NAME_DEFAULT = 'mymaster';

/** Both prefixes may be used, but not to say different things. `known` are the names that the caller reads. */
export const readVariables = (
  reader: ComposeReader, service: ComposeService, known: readonly string[], read: ReadText,
): Variables => {
  const found = new Map<string, Placed>();
  const ignored: string[] = [];
  for (const [name, placed] of service.environment) {
    const bare = /^(?:REDIS|VALKEY)_(.+)$/.exec(name)?.[1]?.replace(/(^|^SENTINEL_)PRIMARY_/, '$1MASTER_');
    if (bare === undefined) continue;
    if (/[^ -~]/.test(placed.text)) throw reader.errorAt(placed, 'must be of printable ASCII characters');
    const other = found.get(bare);
    if (other !== undefined && other.text !== placed.text) {
      throw reader.errorAt(placed, `says '${placed.text}', but ${other.key} says '${other.text}'`);
    }
    found.set(bare, placed);
    if (!known.includes(bare)) ignored.push(name);
  }
  if (ignored.length > 0) {
    reader.warn(service.line, `${service.path}.environment`, `not used in this version: ${ignored.join(', ')}`);
  }
  return withFiles(reader, service, found, read);
};

/** What is given and not empty. */
export const given = (variables: Variables, name: string): Placed | null => notEmpty(variables.get(name));

const notEmpty = (placed: Placed | undefined): Placed | null =>
  placed === undefined || placed.text === '' ? null : placed;

export const isYes = (placed: Placed | null | undefined): boolean => /^(?:yes|true|1)$/i.test(placed?.text ?? '');

/** Yes, unless it is given and says otherwise. */
export const isYesByDefault = (placed: Placed | undefined): boolean => placed === undefined || isYes(placed);

export const integerOf = (reader: ComposeReader, placed: Placed | null, otherwise: number, min: number, max: number): number =>
  (placed === null ? otherwise : reader.integer(placed, min, max));

/** `NAME_FILE` names a mounted file that has the value of `NAME`, and wins. */
const withFiles = (
  reader: ComposeReader, service: ComposeService, variables: Variables, read: ReadText,
): Variables => {
  const all = new Map(variables);
  for (const name of variables.keys()) {
    const placed = name.endsWith('PASSWORD_FILE') ? given(variables, name) : null;
    if (placed === null) continue;
    const found = findMounted(reader, service.mounts, placed.text, read, placed);
    if (found === null) throw reader.errorAt(placed, `'${placed.text}' is mounted from nowhere in this file`);
    all.set(name.slice(0, -'_FILE'.length), { ...placed, text: found.text.replace(/\r?\n$/, '') });
  }
  return all;
};

/** Nothing here speaks TLS. */
export const refuseTls = (reader: ComposeReader, variables: Variables, tls: string): void => {
  const placed = given(variables, tls);
  if (isYes(placed) && placed !== null) throw reader.errorAt(placed, 'TLS is not built yet');
};

/** What a message about a missing variable points to. */
export const variableKey = (service: ComposeService, name: string): string => `${service.path}.environment.${name}`;

/** Where the image's replicas and sentinels are told of their primary. */
export const primaryKeys = (service: ComposeService): KeysOfPrimary => ({
  host: { line: service.line, key: variableKey(service, 'REDIS_MASTER_HOST') },
  port: { line: service.line, key: variableKey(service, 'REDIS_MASTER_PORT_NUMBER') },
  password: { line: service.line, key: variableKey(service, 'REDIS_MASTER_PASSWORD') },
});

/** What stands behind `run.sh` is for the server; any other command goes past what the image sets up. */
export const commandFlags = (reader: ComposeReader, service: ComposeService): Placed | null => {
  const { command, entrypoint } = service;
  if (entrypoint !== null) throw reader.errorAt(entrypoint.at, "replaces the image's entrypoint, which is what sets everything up");
  if (command === null) return null;
  const [program = '', ...flags] = command.words;
  if (!program.endsWith('/run.sh')) {
    throw reader.errorAt(
      command.at, `'${command.at.text}' goes past what the image sets up; flags stand behind its run.sh, or in REDIS_EXTRA_FLAGS`);
  }
  return { ...command.at, text: flags.join(' ') };
};

/** `--name value …` as lines that the engine takes. */
export const flagLines = (reader: ComposeReader, placed: Placed | null | undefined): readonly ConfLine[] => {
  if (placed === undefined || placed === null) return [];
  const lines: string[][] = [];
  for (const word of placed.text.split(/\s+/)) {
    if (word === '') continue;
    const last = lines.at(-1);
    if (word.startsWith('--')) lines.push([word.slice(2)]);
    else if (last === undefined) throw reader.errorAt(placed, `'${word}' stands before any --option`);
    else last.push(word);
  }
  return checkLines(lines.map((words) => lineOfWords(words, placed)), 'redis', reader.file, (warning) => reader.note(warning));
};
