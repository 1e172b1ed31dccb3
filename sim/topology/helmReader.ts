/**
 * The typed questions that the Helm importer asks of a chart's values: by path, with the chart's own default where the
 * file says nothing, each answered or refused with file, line and key.
 *
 * Source: Helm's documentation of values files; a chart used as a subchart has its values under its name.
 */
import type { ScenarioError } from '../../engine/core/errors.ts';
import { type Placed, asLine, placedError } from './placed.ts';
import type { YamlEntry, YamlMap, YamlValue } from './yamlTree.ts';

/** Where a chart's values are in a file. */
export interface ChartPlace {
  readonly file: string;
  /** The whole file: its `global` is that of every chart in it. */
  readonly top: YamlMap;
  /** The map that holds the chart's values, and its path in the file: '' or `redis`, say. */
  readonly root: YamlMap;
  readonly rootPath: string;
  /** What the chart calls a value that we ask for by the name of the chart `redis`. */
  spelled(path: string): string;
}

export class HelmReader {
  readonly file: string;
  private readonly place: ChartPlace;
  private readonly gathered: Set<string> = new Set();

  constructor(place: ChartPlace) {
    this.file = place.file;
    this.place = place;
  }

  get warnings(): readonly string[] {
    return [...this.gathered];
  }

  /** The full key of a value of the chart. */
  key(path: string): string {
    const spelled = this.place.spelled(path);
    const isShared = path.startsWith('global.') && !this.place.root.entries.has('global');
    return isShared ? spelled : [this.place.rootPath, spelled].filter((part) => part !== '').join('.');
  }

  /** A warning about the value at `path`; the line is that of the nearest part that the file has. */
  warn(path: string, message: string): void {
    this.note(`${this.file}:${this.line(path)}: ${this.key(path)}: ${message}`);
  }

  /** A warning that names its place itself. */
  note(warning: string): void {
    this.gathered.add(asLine(warning));
  }

  error(path: string, message: string): ScenarioError {
    return placedError(this.placed(path), this.file, message);
  }

  /** Where the value at `path` is, or would be. */
  placed(path: string): Placed {
    return { line: this.line(path), key: this.key(path), text: '' };
  }

  /** What the file says at `path`; null where it says nothing, or `null`, which is the chart's default too. */
  find(path: string): YamlEntry | null {
    const { entry, isWhole } = this.walk(path);
    return entry === null || !isWhole || (entry.value.kind === 'scalar' && entry.value.value === null) ? null : entry;
  }

  text(path: string, otherwise: string): string {
    const value = this.scalar(path);
    return value === null ? otherwise : String(value);
  }

  boolean(path: string, otherwise: boolean): boolean {
    const value = this.scalar(path);
    if (value === null) return otherwise;
    if (typeof value !== 'boolean') throw this.error(path, `must be true or false, not '${value}'`);
    return value;
  }

  integer(path: string, otherwise: number, min: number, max: number): number {
    const value = this.scalar(path);
    if (value === null) return otherwise;
    const number = /^\d{1,9}$/.test(String(value)) ? Number(value) : -1;
    if (number < min || number > max) throw this.error(path, `must be a whole number from ${min} to ${max}, not '${value}'`);
    return number;
  }

  /** A list of texts. */
  texts(path: string): readonly string[] {
    const entry = this.find(path);
    if (entry === null) return [];
    if (entry.value.kind !== 'list') throw this.error(path, 'must be a list');
    return entry.value.items.map((item) => {
      if (item.kind !== 'scalar' || item.value === null) throw this.error(path, 'must be a list of texts');
      return String(item.value);
    });
  }

  /** The keys at `path` that are in none of the lists. */
  unknown(path: string, known: readonly string[]): readonly string[] {
    const { root, spelled } = this.place;
    const map = path === '' ? root : this.find(path)?.value;
    if (map === undefined) return [];
    if (map.kind !== 'map') throw this.error(path, 'must be a map');
    const names = known.map((name) => spelled(path === '' ? name : `${path}.${name}`).split('.').at(-1) ?? name);
    return [...map.entries.keys()].filter((name) => !known.includes(name) && !names.includes(name));
  }

  private scalar(path: string): string | number | boolean | null {
    const entry = this.find(path);
    if (entry === null) return null;
    if (entry.value.kind !== 'scalar') throw this.error(path, 'must be a single value');
    return entry.value.value;
  }

  private line(path: string): number {
    return this.walk(path).entry?.line ?? this.place.root.line;
  }

  /** The deepest entry on the way to `path`, and whether that is the whole way. */
  private walk(path: string): { readonly entry: YamlEntry | null; readonly isWhole: boolean } {
    const { top, root, spelled } = this.place;
    const isShared = path.startsWith('global.') && !root.entries.has('global');
    const own = walkFrom(isShared ? top : root, spelled(path));
    // Older versions of a chart may have the older names still.
    const older = own.isWhole ? own : walkFrom(isShared ? top : root, path);
    return older.isWhole ? older : own;
  }
}

const walkFrom = (root: YamlMap, path: string): { readonly entry: YamlEntry | null; readonly isWhole: boolean } => {
  let value: YamlValue = root;
  let entry: YamlEntry | null = null;
  for (const name of path.split('.')) {
    const next: YamlEntry | undefined = value.kind === 'map' ? value.entries.get(name) : undefined;
    if (next === undefined) return { entry, isWhole: false };
    entry = next;
    value = next.value;
  }
  return { entry, isWhole: true };
};
