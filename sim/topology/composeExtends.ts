/**
 * `extends` of Compose services: a service as it is once what it extends is merged into it.
 *
 * Always holds: no `extends` is left; what came from another file stands at the line of the `extends` that asked for it,
 * since every message is about the file that is imported.
 * Source: compose-spec, "extends": maps merge, lists are joined, the service's own values win; `command` and `entrypoint`
 * are replaced whole.
 */
import type { ComposeReader } from './composeReader.ts';
import { readOrRefuse } from './composeMounts.ts';
import { type Placed, besideFile } from './placed.ts';
import type { ReadText } from './topology.ts';
import { type YamlEntry, type YamlMap, type YamlValue, readYaml } from './yamlTree.ts';

const EXTENDS_MAX = 16;
const REPLACED: readonly string[] = ['command', 'entrypoint'];
const NAMED_VALUES: readonly string[] = ['environment', 'labels'];

/** `tree` is the file that the service stands in, `file` its name. */
export const withExtended = (
  reader: ComposeReader, tree: YamlMap, file: string, name: string, entry: YamlEntry, read: ReadText,
  chain: readonly string[] = [],
): YamlMap => {
  const path = `services.${name}`;
  const map = reader.map(entry, path);
  const extended = map.entries.get('extends');
  if (extended === undefined) return map;
  const key = `${path}.extends`;
  const link = `${file}#${name}`;
  if (chain.includes(link)) throw reader.error(extended.line, key, 'services extend each other in a circle');
  if (chain.length === EXTENDS_MAX) throw reader.error(extended.line, key, `more than ${EXTENDS_MAX} services extend each other`);
  const isMap = extended.value.kind === 'map';
  const service = isMap ? reader.optionalText(reader.map(extended, key), 'service', key)?.text
    : reader.text(extended.value, extended.line, key);
  if (service === undefined) throw reader.error(extended.line, `${key}.service`, 'is missing');
  const from = isMap ? reader.optionalText(reader.map(extended, key), 'file', key) : null;
  const baseFile = from === null ? file : besideFile(file, from.text);
  const place: Placed = { line: extended.line, key, text: service };
  const baseTree = baseFile === file ? tree : treeOf(reader, baseFile, read, place);
  const found = servicesOf(baseTree)?.entries.get(service);
  if (found === undefined) throw reader.errorAt(place, `'${service}' is no service of ${baseFile === file ? 'this file' : baseFile}`);
  const moved = movedTo(found, baseFile === reader.file ? null : extended.line);
  const base = withExtended(reader, baseTree, baseFile, service, moved, read, [...chain, link]);
  const own = new Map([...map.entries].filter(([word]) => word !== 'extends'));
  return mergeMaps(base, { ...map, entries: own });
};

const treeOf = (reader: ComposeReader, file: string, read: ReadText, place: Placed): YamlMap => {
  const tree = readYaml(readOrRefuse(reader, file, read, place), file);
  if (tree.kind !== 'map') throw reader.errorAt(place, `${file} is not a map with services`);
  return tree;
};

const servicesOf = (tree: YamlMap): YamlMap | null => {
  const services = tree.entries.get('services')?.value;
  return services?.kind === 'map' ? services : null;
};

/** Everything below at that line. */
const movedTo = (entry: YamlEntry, line: number | null): YamlEntry =>
  (line === null ? entry : { line, value: movedValue(entry.value, line) });

const movedValue = (value: YamlValue, line: number): YamlValue => {
  if (value.kind === 'scalar') return { ...value, line };
  if (value.kind === 'list') return { kind: 'list', line, items: value.items.map((item) => movedValue(item, line)) };
  return { kind: 'map', line, entries: new Map([...value.entries].map(([name, entry]) => [name, movedTo(entry, line)])) };
};

const mergeMaps = (base: YamlMap, own: YamlMap): YamlMap => {
  const entries = new Map(base.entries);
  for (const [name, entry] of own.entries) {
    const other = base.entries.get(name);
    entries.set(name, other === undefined || REPLACED.includes(name) ? entry : mergeEntries(name, other, entry));
  }
  return { kind: 'map', line: own.line, entries };
};

const mergeEntries = (name: string, base: YamlEntry, own: YamlEntry): YamlEntry => {
  const isNamed = NAMED_VALUES.includes(name);
  const [one, other] = isNamed ? [asMap(base.value), asMap(own.value)] : [base.value, own.value];
  if (one.kind === 'map' && other.kind === 'map') return { line: own.line, value: mergeMaps(one, other) };
  if (one.kind === 'list' && other.kind === 'list') {
    return { line: own.line, value: { ...other, items: [...one.items, ...other.items] } };
  }
  return own;
};

/** `- NAME=value` and `NAME: value` say the same. */
const asMap = (value: YamlValue): YamlValue => {
  if (value.kind !== 'list') return value;
  const entries = new Map<string, YamlEntry>();
  for (const item of value.items) {
    const text = item.kind === 'scalar' ? String(item.value) : '';
    const equals = text.indexOf('=');
    entries.set(equals < 0 ? text : text.slice(0, equals), {
      line: item.line, value: { kind: 'scalar', line: item.line, value: equals < 0 ? null : text.slice(equals + 1) },
    });
  }
  return { kind: 'map', line: value.line, entries };
};
