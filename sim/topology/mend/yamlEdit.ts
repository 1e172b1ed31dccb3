/**
 * Changes of YAML text that leave everything else as it was: comments, order, quotes, blank lines.
 *
 * Always holds: what is set through an alias is set where the anchor stands, so all that share it change together.
 */
import { type Document, type Node, Scalar, type YAMLMap, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import { pairLines } from './pairLines.ts';

export class YamlEdit {
  private readonly document: Document.Parsed;
  private readonly text: string;

  /** `text` must have been imported already: it is taken to be well-formed. */
  constructor(text: string) {
    this.text = text;
    this.document = parseDocument(text, { version: '1.2', uniqueKeys: false });
  }

  /** The map at a path; null where there is none. */
  map(path: readonly string[]): YAMLMap | null {
    let node: unknown = this.document.contents;
    for (const key of path) {
      const map = this.resolved(node);
      if (!isMap(map)) return null;
      node = map.get(key, true);
    }
    const found = this.resolved(node);
    return isMap(found) ? found : null;
  }

  /** Sets a value; maps on the way are made where they are missing. False where something else stands in the way. */
  set(path: readonly string[], value: unknown): boolean {
    const [last] = path.slice(-1);
    if (last === undefined) return false;
    const parent = this.map(path.slice(0, -1)) ?? (this.isFree(path.slice(0, -1)) && this.set(path.slice(0, -1), {}) ? this.map(path.slice(0, -1)) : null);
    if (parent === null) return false;
    const known = parent.get(last, true);
    // A scalar keeps its comment and its place.
    if (isScalar(known) && (typeof value !== 'object' || value === null)) {
      known.value = value;
      if (known.type === Scalar.PLAIN && isWordOfYaml11(value)) known.type = Scalar.QUOTE_DOUBLE;
    } else parent.set(last, this.nodeOf(value));
    return true;
  }

  /** The text of a scalar; null where there is none. */
  scalar(path: readonly string[]): string | null {
    const node = this.node(path);
    return isScalar(node) && node.value !== null ? String(node.value) : null;
  }

  /** The texts of a list, or a single text as a list of one; null where there is neither. */
  texts(path: readonly string[]): readonly string[] | null {
    const node = this.node(path);
    if (isScalar(node)) return node.value === null ? null : [String(node.value)];
    if (!isSeq(node)) return null;
    return node.items.map((item) => (isScalar(item) ? String(item.value) : ''));
  }

  isList(path: readonly string[]): boolean {
    return isSeq(this.node(path));
  }

  /** Appends to a list, which is made where it is missing. */
  append(path: readonly string[], item: string): boolean {
    const node = this.node(path);
    if (isSeq(node)) {
      const added = this.nodeOf(item);
      // Quoted as its neighbour is.
      const beside = node.items.at(-1);
      if (isScalar(added) && isScalar(beside) && (beside.type === Scalar.QUOTE_DOUBLE || beside.type === Scalar.QUOTE_SINGLE)) added.type = beside.type;
      node.add(added);
      return true;
    }
    return this.isFree(path) && this.set(path, [item]);
  }

  /** Sets a variable of an environment, whether that is a list of `NAME=value` or a map; null takes it out. */
  setVariable(path: readonly string[], name: string, value: string | null): boolean {
    const node = this.node(path);
    if (isSeq(node)) {
      const index = node.items.findIndex((item) => isScalar(item) && String(item.value).startsWith(`${name}=`));
      const item = node.items[index];
      if (value === null) {
        if (index >= 0) node.items.splice(index, 1);
      } else if (isScalar(item)) item.value = `${name}=${value}`;
      else node.add(this.document.createNode(`${name}=${value}`));
      return true;
    }
    if (value === null) {
      if (isMap(node)) node.delete(name);
      return true;
    }
    return this.set([...path, name], value);
  }

  /** The value of a variable of an environment; null where it is not set. */
  variable(path: readonly string[], name: string): string | null {
    const node = this.node(path);
    if (!isSeq(node)) return this.scalar([...path, name]);
    const item = node.items.find((one) => isScalar(one) && String(one.value).startsWith(`${name}=`));
    return isScalar(item) ? String(item.value).slice(name.length + 1) : null;
  }

  toString(): string {
    // Lists stand below their key as the file has them.
    const flush = /^([ \t]*)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(this.text);
    const indent = /^( +)\S/m.exec(this.text)?.[1]?.length ?? 2;
    const written = this.document.toString({ lineWidth: 0, indentSeq: !flush, indent: Math.max(1, indent), flowCollectionPadding: !/[[{][^\s\]}]/.test(this.text) });
    return withOldSpacing(this.text, written);
  }

  /** As `createNode`, with quotes where older readers of YAML would take a text for a truth value. */
  private nodeOf(value: unknown): Node {
    const node = this.document.createNode(value);
    visit(node, { Scalar: (_, scalar) => {
      if (isWordOfYaml11(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    } });
    return node;
  }

  private node(path: readonly string[]): unknown {
    const [last] = path.slice(-1);
    const parent = this.map(path.slice(0, -1));
    return last === undefined || parent === null ? null : this.resolved(parent.get(last, true));
  }

  /** Nothing stands there, or nothing but the word for nothing. */
  private isFree(path: readonly string[]): boolean {
    const node = this.node(path);
    return node === undefined || node === null || (isScalar(node) && node.value === null);
  }

  private resolved(node: unknown): Node | unknown {
    return isAlias(node) ? node.resolve(this.document) : node;
  }
}

const isWordOfYaml11 = (value: unknown): boolean => typeof value === 'string' && /^(?:y|n|yes|no|on|off|true|false)$/i.test(value);

/** Lines that differ in nothing but spaces and empty lines stand as the file had them: nobody asked for those changes. */
const withOldSpacing = (before: string, after: string): string => {
  const old = before.split('\n');
  const written = after.split('\n');
  const bare = (line: string): string => `${/^ */.exec(line)?.[0] ?? ''}${line.replace(/\s+/g, '')}`;
  const filled = (lines: readonly string[]): readonly number[] => lines.flatMap((line, index) => (line.trim() === '' ? [] : [index]));
  const [olds, news] = [filled(old), filled(written)];
  const pairs = pairLines(olds.map((index) => bare(old[index] ?? '')), news.map((index) => bare(written[index] ?? '')));
  let from = 0;
  let last = -1;
  const lines = news.flatMap((index, place): readonly string[] => {
    const pair = pairs[place] ?? -1;
    const partner = olds[pair];
    const gap = written.slice(from, index);
    from = index + 1;
    if (partner === undefined || pair < 0) return [...gap, written[index] ?? ''];
    // The same neighbours as before, or a new one behind which the same lines were empty.
    const oldGap = pair === last + 1 || gap.length > 0 ? old.slice((olds[pair - 1] ?? -1) + 1, partner) : gap;
    last = pair;
    return [...oldGap, old[partner] ?? ''];
  });
  const end = last === olds.length - 1 ? old.slice((olds.at(-1) ?? -1) + 1) : written.slice(from);
  return [...lines, ...end].join('\n');
};
