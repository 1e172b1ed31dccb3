/**
 * The typed questions that the Compose importer asks of a file's tree, each answered or refused with file, line and key.
 * A reader also gathers the warnings, one line each, and never the same line twice.
 *
 * Source: compose-spec; the list and map forms of `environment` and `labels` mean the same.
 */
import type { ScenarioError } from '../../engine/core/errors.ts';
import { type Variables, interpolate } from './composeInterpolation.ts';
import { type Place, type Placed, asLine, placeOf, placedError } from './placed.ts';
import type { YamlEntry, YamlMap, YamlValue } from './yamlTree.ts';

export class ComposeReader {
  readonly file: string;
  /** What `.env` beside the file says. */
  private readonly variables: Variables;
  private readonly gathered: Set<string> = new Set();

  constructor(file: string, variables: Variables) {
    this.file = file;
    this.variables = variables;
  }

  get warnings(): readonly string[] {
    return [...this.gathered];
  }

  warn(line: number, key: string, message: string): void {
    this.warnAt({ line, key }, message);
  }

  warnAt(placed: Place, message: string): void {
    this.note(`${placeOf(placed, this.file)}: ${message}`);
  }

  /** A warning that names its place itself. */
  note(warning: string): void {
    this.gathered.add(asLine(warning));
  }

  error(line: number, key: string, message: string): ScenarioError {
    return placedError({ line, key }, this.file, message);
  }

  errorAt(placed: Place, message: string): ScenarioError {
    return placedError(placed, this.file, message);
  }

  map(entry: YamlEntry, key: string): YamlMap {
    if (entry.value.kind !== 'map') throw this.error(entry.line, key, 'must be a map');
    return entry.value;
  }

  /** The text of a scalar, its variables replaced; numbers and booleans as they are written in YAML. */
  text(value: YamlValue, line: number, key: string): string {
    if (value.kind !== 'scalar' || value.value === null) throw this.error(line, key, 'must be text');
    const { text, defaulted, missing } = interpolate(String(value.value), this.variables);
    if (missing !== null) {
      throw this.error(line, key, `the variable ${missing} has no value here; give it a default: \${${missing}:-value}`);
    }
    for (const name of defaulted) this.warn(line, key, `the variable ${name} has no value here, its default is used`);
    return text;
  }

  optionalText(map: YamlMap, name: string, path: string): Placed | null {
    const entry = map.entries.get(name);
    if (entry === undefined) return null;
    const key = `${path}.${name}`;
    return { line: entry.line, key, text: this.text(entry.value, entry.line, key) };
  }

  /** A decimal integer within bounds. */
  integer(placed: Placed, min: number, max: number): number {
    const value = /^\d{1,9}$/.test(placed.text) ? Number(placed.text) : -1;
    if (value < min || value > max) {
      throw this.errorAt(placed, `must be a whole number from ${min} to ${max}, not '${placed.text}'`);
    }
    return value;
  }

  /** A list of texts, or the keys of a map: `depends_on` and `networks` allow both. */
  names(map: YamlMap, name: string, path: string): readonly Placed[] {
    const entry = map.entries.get(name);
    if (entry === undefined) return [];
    const key = `${path}.${name}`;
    if (entry.value.kind === 'map') {
      return [...entry.value.entries].map(([text, item]) => ({ line: item.line, key, text }));
    }
    return this.list(entry, key).map((item) => ({ line: item.line, key, text: this.text(item, item.line, key) }));
  }

  list(entry: YamlEntry, key: string): readonly YamlValue[] {
    if (entry.value.kind === 'scalar' && entry.value.value === null) return [];
    if (entry.value.kind !== 'list') throw this.error(entry.line, key, 'must be a list');
    return entry.value.items;
  }

  /** `environment` and `labels`: `- NAME=value` or `NAME: value`. A name without a value has the one of `.env`, or none. */
  pairs(map: YamlMap, name: string, path: string): ReadonlyMap<string, Placed> {
    const pairs = new Map<string, Placed>();
    const entry = map.entries.get(name);
    if (entry === undefined) return pairs;
    const key = `${path}.${name}`;
    if (entry.value.kind === 'map') {
      for (const [variable, item] of entry.value.entries) {
        const empty = item.value.kind === 'scalar' && item.value.value === null;
        const place = `${key}.${variable}`;
        const text = empty ? this.variables.get(variable) ?? '' : this.text(item.value, item.line, place);
        pairs.set(variable, { line: item.line, key: place, text });
      }
      return pairs;
    }
    for (const item of this.list(entry, key)) {
      const line = this.text(item, item.line, key);
      const equals = line.indexOf('=');
      const variable = equals < 0 ? line : line.slice(0, equals);
      const place = `${key}.${variable}`;
      if (pairs.has(variable)) throw this.error(item.line, place, 'is given twice');
      pairs.set(variable, { line: item.line, key: place, text: equals < 0 ? this.variables.get(variable) ?? '' : line.slice(equals + 1) });
    }
    return pairs;
  }
}
