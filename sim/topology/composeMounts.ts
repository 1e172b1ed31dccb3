/**
 * What a Compose service finds in its file system that the image has not put there: volumes, `configs` and `secrets`; and
 * the texts of the files among them, through the reader.
 *
 * Source: compose-spec, "volumes", "configs" and "secrets" of services, and the top-level elements of these names.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { ComposeReader } from './composeReader.ts';
import { type Placed, besideFile, movedToLine } from './placed.ts';
import type { ReadText } from './topology.ts';
import type { YamlEntry, YamlMap, YamlValue } from './yamlTree.ts';

export interface Mount {
  readonly target: string;
  /** A named volume that the file must declare; null for others. */
  readonly volume: string | null;
  /** A path on the host; null for others. */
  readonly hostPath: string | null;
  /** The text itself, of a config that stands in the file. */
  readonly content: string | null;
  readonly isReadOnly: boolean;
  /** Nothing in it outlives the container. */
  readonly isTemporary: boolean;
  readonly line: number;
  readonly key: string;
}

/** A file in a container. */
export interface MountedFile {
  readonly file: string;
  readonly text: string;
  /**
   * How it is there. Nobody can rename a file over one that is mounted by itself, so a server that rewrites its
   * configuration can do so in a `directory` only.
   */
  readonly access: 'readOnly' | 'file' | 'directory';
}

const MOUNTED_SECRETS = '/run/secrets';

export const readMounts = (reader: ComposeReader, tree: YamlMap, map: YamlMap, path: string): readonly Mount[] => [
  ...readVolumes(reader, map, path), ...readTemporary(reader, map, path),
  ...readReferences(reader, tree, map, path, 'configs'), ...readReferences(reader, tree, map, path, 'secrets'),
];

const NONE = { volume: null, hostPath: null, content: null, isReadOnly: false, isTemporary: false } as const;

const readVolumes = (reader: ComposeReader, map: YamlMap, path: string): readonly Mount[] => {
  const entry = map.entries.get('volumes');
  if (entry === undefined) return [];
  const key = `${path}.volumes`;
  return reader.list(
    entry, key).map((item): Mount => (item.kind === 'map' ? longVolume(reader, item, key) : shortVolume(reader, item, key)));
};

const longVolume = (reader: ComposeReader, item: YamlMap, key: string): Mount => {
  const target = reader.optionalText(item, 'target', key);
  if (target === null) throw reader.error(item.line, key, 'a volume without a target');
  const type = reader.optionalText(item, 'type', key)?.text ?? 'volume';
  const source = reader.optionalText(item, 'source', key)?.text ?? null;
  return {
    ...NONE, target: target.text, line: item.line, key,
    volume: type === 'volume' ? source : null, hostPath: type === 'bind' ? source : null,
    isReadOnly: reader.optionalText(item, 'read_only', key)?.text === 'true', isTemporary: type === 'tmpfs',
  };
};

const shortVolume = (reader: ComposeReader, item: YamlValue, key: string): Mount => {
  const parts = reader.text(item, item.line, key).split(':');
  const [first = '', target, mode = ''] = parts;
  if (target === undefined) return { ...NONE, target: first, line: item.line, key };
  // A path is a bind mount; a bare name is a volume that the file must declare.
  const isName = /^[A-Za-z0-9]/.test(first);
  return {
    ...NONE, target, line: item.line, key, volume: isName ? first : null, hostPath: isName ? null : first,
    isReadOnly: mode.split(',').includes('ro'),
  };
};

const readTemporary = (reader: ComposeReader, map: YamlMap, path: string): readonly Mount[] => {
  const entry = map.entries.get('tmpfs');
  if (entry === undefined) return [];
  const key = `${path}.tmpfs`;
  const items = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return items.map((item): Mount => (
    { ...NONE, target: reader.text(item, item.line, key).split(':', 1)[0] ?? '', isTemporary: true, line: item.line, key }));
};

/** `configs` and `secrets` name what the file declares at its end. */
const readReferences = (
  reader: ComposeReader, tree: YamlMap, map: YamlMap, path: string, section: 'configs' | 'secrets',
): readonly Mount[] => {
  const entry = map.entries.get(section);
  if (entry === undefined) return [];
  const key = `${path}.${section}`;
  return reader.list(entry, key).map((item): Mount => {
    const source = item.kind === 'map' ? reader.optionalText(item, 'source', key)?.text : reader.text(item, item.line, key);
    if (source === undefined) throw reader.error(item.line, key, 'has no source');
    const given = item.kind === 'map' ? reader.optionalText(item, 'target', key)?.text : undefined;
    const directory = section === 'secrets' ? MOUNTED_SECRETS : '';
    const target = given === undefined ? `${directory}/${source}` : given.startsWith('/') ? given : `${directory}/${given}`;
    const declared = declaredIn(reader, tree, section, source, { line: item.line, key, text: source });
    return {
      ...NONE, target, line: item.line, key, isReadOnly: true,
      hostPath: reader.optionalText(declared, 'file', `${section}.${source}`)?.text ?? null,
      content: contentOf(reader, declared, `${section}.${source}`),
    };
  });
};

/** Moved to its line of the file, so that messages name that. */
const contentOf = (reader: ComposeReader, declared: YamlMap, path: string): string | null => {
  const placed = reader.optionalText(declared, 'content', path);
  return placed === null ? null : movedToLine(placed.text, placed.line);
};

const declaredIn = (reader: ComposeReader, tree: YamlMap, section: string, name: string, place: Placed): YamlMap => {
  const all = tree.entries.get(section)?.value;
  const declared: YamlEntry | undefined = all?.kind === 'map' ? all.entries.get(name) : undefined;
  if (declared === undefined) throw reader.errorAt(place, `'${name}' is not declared under the file's ${section}`);
  return reader.map(declared, `${section}.${name}`);
};

/**
 * The file at `path` in a container with these mounts; null where no mount has it. `place` is who asks, for the message when
 * it cannot be read.
 */
export const findMounted = (
  reader: ComposeReader, mounts: readonly Mount[], path: string, read: ReadText, place: Placed,
): MountedFile | null => {
  // The deepest mount covers the others.
  const [mount] = mounts.filter(({ target }) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`))
    .sort((one, other) => other.target.length - one.target.length);
  if (mount === undefined) return null;
  const isFile = mount.target === path;
  const access = mount.isReadOnly ? 'readOnly' : isFile ? 'file' : 'directory';
  if (mount.content !== null) return { file: reader.file, text: mount.content, access };
  if (mount.hostPath === null) {
    throw reader.errorAt(place, `'${path}' is on a volume, and what that holds cannot be read here`);
  }
  const inside = path.slice(mount.target.replace(/\/$/, '').length);
  const file = besideFile(reader.file, isFile ? mount.hostPath : `${mount.hostPath.replace(/\/$/, '')}${inside}`);
  return { file, text: readOrRefuse(reader, file, read, { line: mount.line, key: mount.key, text: path }), access };
};

/** The text of a file that the deployment refers to. */
export const readOrRefuse = (reader: ComposeReader, file: string, read: ReadText, place: Placed): string => {
  try {
    return read(file);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw reader.errorAt(place, `refers to a file that cannot be read: ${error.message.replaceAll('\n', ' ')}`);
  }
};
