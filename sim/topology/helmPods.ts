/**
 * What pods of all our charts have in common: where Kubernetes puts them, what they are called by, their password and the lines of
 * their configuration.
 *
 * Source: Kubernetes, "Pod topology spread constraints" and "Assigning pods to nodes"; bitnami/charts, `common` templates.
 */
import type { HelmReader } from './helmReader.ts';
import { movedToLine } from './placed.ts';
import { checkLines, lineOfWords, readConf } from './redisConf.ts';
import type { YamlMap, YamlValue } from './yamlTree.ts';

export const NAMESPACE = 'default';
const ZONE_LABEL = /(?:^|\/)zone$/;
/** As many as a region has, as a rule; nobody says how many there are. */
const ZONES: readonly string[] = ['zone-a', 'zone-b', 'zone-c'];
const NAME_MAX = 40;
/** Stands for a password that the chart draws or finds in a secret: everybody here knows it. */
const STAND_IN_PASSWORD = 'drawn-by-the-chart';

/** The zone of the pod at an index: as `section` spreads them, or all in one. */
export const podZones = (reader: HelmReader, section: string): ((index: number) => string) => {
  const fixed = selectedZone(reader, section);
  const spread = [`${section}.topologySpreadConstraints`, `${section}.affinity`].find((path) => saysZone(reader.find(path)?.value));
  if (fixed !== null) return () => fixed;
  if (spread !== undefined) {
    reader.warn(spread, `spreads the pods over zones; taken to be ${ZONES.length} of them`);
    return (index) => ZONES[index % ZONES.length] ?? 'zone-a';
  }
  if (['', 'none'].includes(reader.text(`${section}.podAntiAffinityPreset`, 'soft'))) {
    reader.warn(`${section}.podAntiAffinityPreset`, 'is off, so pods may share a machine; taken to have one each');
  }
  return () => 'zone-a';
};

/** `nodeSelector` with a zone. */
const selectedZone = (reader: HelmReader, section: string): string | null => {
  const selector = reader.find(`${section}.nodeSelector`)?.value;
  if (selector?.kind !== 'map') return null;
  for (const [label, { value }] of selector.entries) {
    if (ZONE_LABEL.test(label) && value.kind === 'scalar' && /^[A-Za-z0-9._-]{1,63}$/.test(String(value.value))) return String(value.value);
  }
  return null;
};

/** Whether some `topologyKey` below is a zone. */
const saysZone = (value: YamlValue | undefined): boolean => {
  if (value === undefined || value.kind === 'scalar') return false;
  if (value.kind === 'list') return value.items.some(saysZone);
  return hasZoneKey(value) || [...value.entries.values()].some((entry) => saysZone(entry.value));
};

const hasZoneKey = (map: YamlMap): boolean => {
  const key = map.entries.get('topologyKey')?.value;
  return key?.kind === 'scalar' && ZONE_LABEL.test(String(key.value));
};

/** The chart's full name: `fullnameOverride`, `nameOverride`, or that of the chart. */
export const readName = (reader: HelmReader, otherwise: string): string => {
  const path = reader.text('fullnameOverride', '') === '' ? 'nameOverride' : 'fullnameOverride';
  const name = reader.text(path, '') === '' ? otherwise : reader.text(path, '');
  if (name.length > NAME_MAX || !/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw reader.error(path, `'${name}' is not a name of Kubernetes of at most ${NAME_MAX} characters`);
  }
  return name;
};

/** `at` and `secretAt` are where the chart has its password, and the name of a secret that has it instead. */
export const readPassword = (reader: HelmReader, at: string, secretAt: string): string => {
  const common = reader.text('global.redis.password', '');
  const own = reader.text(at, '');
  if (common !== '' && own !== '' && common !== own) {
    reader.warn(at, `is not used: ${reader.key('global.redis.password')} overrides it`);
  }
  const secret = reader.text(secretAt, '');
  const password = secret !== '' ? '' : common === '' ? own : common;
  if (/[^!-~]/.test(password)) throw reader.error(at, 'must be of printable ASCII characters without spaces');
  if (password !== '') return password;
  reader.warn(secret === '' ? at : secretAt,
    `${secret === '' ? 'is empty: the chart draws one' : 'cannot be read here'}; '${STAND_IN_PASSWORD}' stands for the password`);
  return STAND_IN_PASSWORD;
};

/** Lines of a configuration file, as the server reads them. */
export const confLines = (
  reader: HelmReader, path: string, otherwise: string, kind: 'redis' | 'sentinel' = 'redis',
): readonly (readonly string[])[] => {
  const text = reader.text(path, otherwise);
  if (text.includes('{{')) throw reader.error(path, 'has a template in it, which this importer does not run');
  const { line, key } = reader.placed(path);
  const lines = readConf(movedToLine(text, line), reader.file, () => null, key);
  // Sentinel's own lines refer to what the chart writes around them: they are tried when that is known.
  if (kind === 'sentinel') return lines.map(({ words }) => words);
  return checkLines(lines, kind, reader.file, (warning) => reader.note(warning)).map(({ words }) => words);
};

/** `--name value` in one item or in several. */
export const extraFlags = (reader: HelmReader, path: string): readonly (readonly string[])[] => {
  const at = reader.placed(path);
  const lines: string[][] = [];
  for (const word of reader.texts(path).flatMap((item) => item.trim().split(/\s+/))) {
    const last = lines.at(-1);
    if (word.startsWith('--')) lines.push([word.slice(2)]);
    else if (last === undefined) throw reader.error(path, `'${word}' stands before any --option`);
    else last.push(word);
  }
  return checkLines(lines.map((words) => lineOfWords(words, at)), 'redis', reader.file, (warning) => reader.note(warning))
    .map(({ words }) => words);
};

/** `true`, `false`, or the texts that charts use for them. */
export const yesOrNo = (reader: HelmReader, path: string, otherwise: boolean): boolean => {
  const text = reader.text(path, otherwise ? 'yes' : 'no').toLowerCase();
  if (!['yes', 'no', 'true', 'false'].includes(text)) throw reader.error(path, `must be yes or no, not '${text}'`);
  return text === 'yes' || text === 'true';
};
