/**
 * Questions to a JSON value from a stranger: each answers with the typed value, or throws a `ScenarioError` whose message
 * is one line with the path of the wrong field (`plan[3].when.atMs: must be …`). Unknown fields are errors: a mistyped
 * name must not change a scenario in silence.
 */
import { ScenarioError } from '../../engine/core/errors.ts';

/** Longest text of any field. */
export const TEXT_MAX = 400;

/** An object whose fields are read by name; its path is for messages. */
export interface Fields {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

const wrong = (path: string, message: string): ScenarioError => new ScenarioError(`${path === '' ? '(top)' : path}: ${message}`);

/** An object with no fields besides `known`. */
export const readObject = (value: unknown, path: string, known: readonly string[]): Fields => {
  const fields = readRecord(value, path);
  const unknown = Object.keys(fields.values).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(join(path, unknown), `is not known here (known: ${known.join(', ')})`);
  return fields;
};

/** An object with any fields. */
export const readRecord = (value: unknown, path: string): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'must be an object');
  return { path, values: value as Record<string, unknown> };
};

/** The field's value; undefined where the object has none of its own. */
export const valueOf = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields.values, name) ? fields.values[name] : undefined;

export const has = (fields: Fields, name: string): boolean => valueOf(fields, name) !== undefined;

export const pathOf = (fields: Fields, name: string): string => join(fields.path, name);

export const reject = (fields: Fields, name: string, message: string): ScenarioError =>
  wrong(pathOf(fields, name), message);

export const readText = (fields: Fields, name: string): string => checkText(valueOf(fields, name), pathOf(fields, name));

/** A name: letters, digits, dot, dash, underscore. */
export const readName = (fields: Fields, name: string): string => {
  const text = readText(fields, name);
  if (!/^[A-Za-z0-9._-]{1,63}$/.test(text)) throw reject(fields, name, `'${text}' is not a name`);
  return text;
};

export const checkText = (value: unknown, path: string): string => {
  if (typeof value !== 'string') throw wrong(path, 'must be text');
  if (value.length > TEXT_MAX) throw wrong(path, `must be at most ${TEXT_MAX} characters`);
  if (/[\u0000-\u001f\u007f]/.test(value)) throw wrong(path, 'must not hold control characters');
  return value;
};

export const readInteger = (fields: Fields, name: string, min: number, max: number): number => {
  const value = valueOf(fields, name);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw reject(fields, name, `must be a whole number from ${min} to ${max}`);
  }
  return value;
};

export const readBoolean = (fields: Fields, name: string): boolean => {
  const value = valueOf(fields, name);
  if (typeof value !== 'boolean') throw reject(fields, name, 'must be true or false');
  return value;
};

export const readChoice = <Choice extends string>(fields: Fields, name: string, choices: readonly Choice[]): Choice => {
  const value = valueOf(fields, name);
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw reject(fields, name, `must be one of: ${choices.join(', ')}`);
  return choice;
};

/** A list of at most `max` items, each read with its own path. */
export const readList = <Item>(
  fields: Fields, name: string, max: number, read: (value: unknown, path: string) => Item,
): readonly Item[] => checkList(valueOf(fields, name), pathOf(fields, name), max, read);

export const checkList = <Item>(
  value: unknown, path: string, max: number, read: (value: unknown, path: string) => Item,
): readonly Item[] => {
  if (!Array.isArray(value)) throw wrong(path, 'must be a list');
  if (value.length > max) throw wrong(path, `must have at most ${max} entries`);
  return value.map((item, index) => read(item, `${path}[${index}]`));
};

/** Refuses the second of two equal names. */
export const checkDistinct = (names: readonly string[], path: string): void => {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name)) throw wrong(`${path}[${index}].name`, `'${name}' is given twice`);
    seen.add(name);
  }
};
