/**
 * YAML text as a plain tree that remembers the line of everything, for importers whose messages name file, line and key.
 *
 * The text comes from strangers, so it is bounded before and while it is read: its size, its depth, and the number of
 * nodes after aliases are expanded (which stops "billion laughs"). Duplicate keys, aliases that contain themselves and
 * more than one document are errors. Merge keys (`<<`) are expanded, explicit keys win. Every error is a
 * `ScenarioError` of one line: `file:line: key: message`.
 *
 * Source: YAML 1.2 core schema, as Docker Compose reads it; merge keys of yaml.org/type/merge.html.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import type { ScenarioError } from '../../engine/core/errors.ts';
import { placedError } from './placed.ts';

/** Largest file that is read, in characters. */
export const YAML_SIZE_MAX = 1_048_576;
/** Most nodes of the tree once aliases are expanded. */
export const YAML_NODES_MAX = 50_000;
/** Deepest nesting of the tree. */
export const YAML_DEPTH_MAX = 64;
/** Furthest column at which a line's own text may begin, and most brackets open at once: see `boundDepth`. */
const COLUMN_MAX = 128;
const BRACKETS_MAX = 128;

export type YamlScalar = string | number | boolean | null;

export type YamlValue =
  | { readonly kind: 'scalar'; readonly line: number; readonly value: YamlScalar }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly YamlValue[] }
  | YamlMap;

export interface YamlEntry {
  /** Line of the key. */
  readonly line: number;
  readonly value: YamlValue;
}

export interface YamlMap {
  readonly kind: 'map';
  readonly line: number;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

/** Builds the one-line error of an importer. */
export const yamlError = (file: string, line: number, key: string, message: string): ScenarioError =>
  placedError({ line, key }, file, message);

/** Reads `text`; throws `ScenarioError`. An empty file is an error too: nothing can be deployed from it. */
export const readYaml = (text: string, file: string): YamlValue => {
  if (text.length > YAML_SIZE_MAX) {
    throw yamlError(file, 1, 'file', `larger than ${YAML_SIZE_MAX} characters`);
  }
  boundDepth(text, file);
  const lines = new LineCounter();
  // Duplicate keys are found below: the library's own check takes the square of a map's size.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', uniqueKeys: false });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const line = lines.linePos(problem.pos[0]).line;
    const message = problem.code === 'MULTIPLE_DOCS' ? 'more than one document' : firstLine(problem.message);
    throw yamlError(file, Math.max(line, 1), 'YAML', message);
  }
  if (document.contents === null) throw yamlError(file, 1, 'file', 'is empty');
  return new TreeBuilder(file, lines, document).build(document.contents, '(top)', 0);
};

/**
 * Refuses what would nest so deeply that the library, which descends by recursion, could end the whole process. Judged
 * from the text alone, so a little too strict: brackets inside quotes count, a line may begin at most at `COLUMN_MAX`.
 */
const boundDepth = (text: string, file: string): void => {
  let brackets = 0;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const prefix = /^\s*(?:(?:[-?:]|[&!]\S*)[ \t]+)*/.exec(line)?.[0] ?? '';
    if (prefix.length > COLUMN_MAX) throw yamlError(file, index + 1, 'YAML', `begins beyond column ${COLUMN_MAX}`);
    for (const character of line) {
      if (character === '[' || character === '{') brackets += 1;
      else if ((character === ']' || character === '}') && brackets > 0) brackets -= 1;
      if (brackets > BRACKETS_MAX) {
        throw yamlError(file, index + 1, 'YAML', `more than ${BRACKETS_MAX} brackets open at once`);
      }
    }
  }
};

const firstLine = (message: string): string => message.split('\n', 1)[0] ?? message;

/** Turns the library's nodes into the tree, following aliases, within the bounds. */
class TreeBuilder {
  private readonly file: string;
  private readonly lines: LineCounter;
  private readonly document: Document.Parsed;
  /** Alias targets being expanded: one met again contains itself. */
  private readonly open: Set<Node> = new Set();
  private nodes = 0;

  constructor(file: string, lines: LineCounter, document: Document.Parsed) {
    this.file = file;
    this.lines = lines;
    this.document = document;
  }

  build(node: unknown, key: string, depth: number): YamlValue {
    const line = this.lineOf(node);
    this.nodes += 1;
    if (this.nodes > YAML_NODES_MAX) {
      throw yamlError(this.file, line, key, `more than ${YAML_NODES_MAX} values once aliases are expanded`);
    }
    if (depth > YAML_DEPTH_MAX) throw yamlError(this.file, line, key, `nested deeper than ${YAML_DEPTH_MAX}`);
    if (isAlias(node)) {
      return this.expand(node, key, (target) => this.build(target, key, depth + 1));
    }
    if (isMap(node)) return this.buildMap(node, key, depth);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.build(item, `${key}[${index}]`, depth + 1));
      return { kind: 'list', line, items };
    }
    if (isScalar(node)) return { kind: 'scalar', line, value: scalar(node.value) };
    return { kind: 'scalar', line, value: null };
  }

  private expand<Result>(node: Node, key: string, use: (target: Node) => Result): Result {
    const target = isAlias(node) ? node.resolve(this.document) : node;
    const line = this.lineOf(node);
    if (target === undefined) throw yamlError(this.file, line, key, 'names an anchor that does not exist');
    if (this.open.has(target)) throw yamlError(this.file, line, key, 'an alias that contains itself');
    this.open.add(target);
    const result = use(target);
    this.open.delete(target);
    return result;
  }

  private buildMap(node: YAMLMap, key: string, depth: number): YamlMap {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlMap[] = [];
    for (const pair of node.items as readonly Pair[]) {
      const name = this.keyText(pair.key, key);
      const path = key === '(top)' ? name : `${key}.${name}`;
      if (name === '<<') {
        merged.push(...this.mergeSources(pair.value, path, depth));
        continue;
      }
      if (entries.has(name)) throw yamlError(this.file, this.lineOf(pair.key), path, 'is given twice');
      entries.set(name, { line: this.lineOf(pair.key), value: this.build(pair.value, path, depth + 1) });
    }
    for (const source of merged) {
      for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    return { kind: 'map', line: this.lineOf(node), entries };
  }

  private mergeSources(node: unknown, path: string, depth: number): readonly YamlMap[] {
    const value = this.build(node, path, depth + 1);
    const sources = value.kind === 'list' ? value.items : [value];
    return sources.map((source) => {
      if (source.kind !== 'map') throw yamlError(this.file, value.line, path, 'must merge maps');
      return source;
    });
  }

  private keyText(node: unknown, parent: string): string {
    const target = isAlias(node) ? node.resolve(this.document) : node;
    if (!isScalar(target)) throw yamlError(this.file, this.lineOf(node), parent, 'has a key that is not plain text');
    return String(scalar(target.value));
  }

  private lineOf(node: unknown): number {
    const range = (node as Node | null | undefined)?.range;
    return range === null || range === undefined ? 1 : Math.max(1, this.lines.linePos(range[0]).line);
  }
}

const scalar = (value: unknown): YamlScalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
    ? value
    : String(value);
