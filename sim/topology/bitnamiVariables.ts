/**
 * The environment of a Bitnami container, read as the image's scripts read it: `REDIS_X` and `VALKEY_X` are two spellings
 * of one variable, yes is `yes`, `true` or `1`, an empty variable is none.
 *
 * Always holds: a variable that nobody reads is named in one warning for its service, never dropped in silence.
 * Source: bitnami/containers, READMEs of bitnami/redis and bitnami/redis-sentinel, "Environment variables".
 */
import type { ComposeReader, Placed } from './composeReader.ts';
import type { ComposeService } from './composeService.ts';

/** Variables by their names without the prefix. */
export type Variables = ReadonlyMap<string, Placed>;

export const PORT_MAX = 65_535;

/** Both prefixes may be used, but not to say different things. `read` are the names that the caller knows. */
export const readVariables = (reader: ComposeReader, service: ComposeService, read: readonly string[]): Variables => {
  const found = new Map<string, Placed>();
  const ignored: string[] = [];
  for (const [name, placed] of service.environment) {
    const bare = /^(?:REDIS|VALKEY)_(.+)$/.exec(name)?.[1]?.replace(/^PRIMARY_/, 'MASTER_');
    if (bare === undefined) continue;
    if (/[^ -~]/.test(placed.text)) throw reader.error(placed.line, placed.key, 'must be of printable ASCII characters');
    const other = found.get(bare);
    if (other !== undefined && other.text !== placed.text) {
      throw reader.error(placed.line, placed.key, `says '${placed.text}', but ${other.key} says '${other.text}'`);
    }
    found.set(bare, placed);
    if (!read.includes(bare)) ignored.push(name);
  }
  if (ignored.length > 0) {
    reader.warn(service.line, `${service.path}.environment`, `not used in this version: ${ignored.join(', ')}`);
  }
  return found;
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

/** Files of secrets are not in the deployment file, and nothing here speaks TLS. */
export const refuseUnreadable = (reader: ComposeReader, variables: Variables, fileVariables: readonly string[], tls: string): void => {
  for (const name of fileVariables) {
    const placed = given(variables, name);
    if (placed !== null) throw reader.error(placed.line, placed.key, 'names a file that this importer cannot read; give the value itself');
  }
  const placed = given(variables, tls);
  if (isYes(placed) && placed !== null) throw reader.error(placed.line, placed.key, 'TLS is not built yet');
};

/** What a message about a missing variable points to. */
export const variableKey = (service: ComposeService, name: string): string => `${service.path}.environment.${name}`;
