/**
 * `commandFacts.ts` read: categories, tips and key specifications of a command by its name; and by the latter which words of a request
 * are keys, and what becomes of them. Source: getKeysUsingKeySpecs in db.c of Redis 7.0, for behaviour.
 */
import { type Bytes, lower } from '../core/bytes.ts';
import type { FlaggedKey } from '../commands/actingUser.ts';
import { isWord } from '../commands/arguments.ts';
import { COMMAND_FACTS } from './commandFacts.ts';
import { keysOf } from './commandKeys.ts';
import type { Command } from './commandTable.ts';

/** How a search begins, or how keys are found from there: `index`, `keyword`, `range`, `keynum` or `unknown`, with its figures. */
export interface SpecStep {
  readonly type: string;
  readonly values: readonly (readonly [name: string, value: number | string])[];
}

export interface KeySpec {
  readonly flags: readonly string[];
  readonly begin: SpecStep;
  readonly find: SpecStep;
  readonly notes: string | null;
}

export interface CommandFact {
  readonly categories: readonly string[];
  readonly tips: readonly string[];
  readonly keySpecs: readonly KeySpec[];
}

const NO_FACT: CommandFact = Object.freeze({ categories: [], tips: [], keySpecs: [] });

const FIGURES: Readonly<Record<string, readonly string[]>> = {
  index: ['index'], keyword: ['keyword', 'startfrom'], range: ['lastkey', 'keystep', 'limit'],
  keynum: ['keynumidx', 'firstkey', 'keystep'], unknown: [],
};

const readWords = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

const readStep = (text: string): SpecStep => {
  const [type = '', ...words] = readWords(text);
  const names = FIGURES[type] ?? [];
  return { type, values: names.map((name, index) => [name, name === 'keyword' ? words[index] as string : Number(words[index])]) };
};

const readSpec = (text: string): KeySpec => {
  const [flags = '', begin = '', find = '', notes] = text.split(' > ');
  return { flags: readWords(flags), begin: readStep(begin), find: readStep(find), notes: notes ?? null };
};

const readLine = (line: string): CommandFact => {
  const [, categories = '', tips = '', specs = ''] = line.split(';');
  return {
    categories: readWords(categories), tips: readWords(tips),
    keySpecs: specs.trim() === '' ? [] : specs.split('|').map((spec) => readSpec(spec.trim())),
  };
};

/** The lines are sorted, so one is found by halving. Nothing is known of a command that redis-server 7.0 lacks. */
export const factOf = (name: string): CommandFact => {
  let low = 0;
  let high = COMMAND_FACTS.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (nameOf(middle) < name) low = middle + 1;
    else high = middle;
  }
  return low < COMMAND_FACTS.length && nameOf(low) === name ? readLine(COMMAND_FACTS[low] as string) : NO_FACT;
};

const nameOf = (place: number): string => {
  const line = COMMAND_FACTS[place] as string;
  return line.slice(0, line.indexOf(';'));
};

/** The keys of a request, each with what the command does to it. Where a specification says too little, the command's row says the keys. */
export const keysAndFlags = (command: Command, argv: readonly Bytes[]): readonly FlaggedKey[] => {
  const { keySpecs } = command.fact ??= factOf(command.name);
  const flagsOf = (spec: KeySpec | undefined): readonly string[] => (spec === undefined ? [] : shownFlags(command, spec, argv));
  const byRow = (): readonly FlaggedKey[] =>
    keysOf(command, argv).map((key, index) => ({ key, flags: flagsOf(index === 0 ? keySpecs[0] : keySpecs.at(-1)) }));
  if (keySpecs.some(({ flags, begin }) => begin.type === 'unknown' || flags.includes('incomplete'))) return byRow();
  const found: FlaggedKey[] = [];
  for (const spec of keySpecs) {
    const places = placesOf(spec, argv);
    // What cannot be right has no keys at all, unless the command finds them in its own way.
    if (places === null) return command.movableKeys === undefined ? [] : byRow();
    for (const place of places) found.push({ key: argv[place] as Bytes, flags: flagsOf(spec) });
  }
  return found;
};

/** Without what the specification says of itself; and of commands whose arguments decide, what these say. */
const shownFlags = ({ name }: Command, { flags }: KeySpec, argv: readonly Bytes[]): readonly string[] => {
  if (flags.includes('variable_flags')) {
    if (name === 'set') {
      return argv.slice(3).some((word) => isWord(word, 'get')) ? ['RW', 'access', 'update'] : ['OW', 'update'];
    }
    if (name === 'bitfield') return isOnlyReading(argv) ? ['RO', 'access'] : ['RW', 'access', 'update'];
  }
  return flags.filter((flag) => flag !== 'variable_flags' && flag !== 'incomplete');
};

/** BITFIELD: what cannot be understood is taken for a write. */
const isOnlyReading = (argv: readonly Bytes[]): boolean => {
  for (let at = 2; at < argv.length;) {
    const behind = argv.length - at - 1;
    if (isWord(argv[at], 'get') && behind >= 2) at += 3;
    else if (isWord(argv[at], 'overflow') && behind >= 1) at += 2;
    else return false;
  }
  return true;
};

const figure = (step: SpecStep, name: string): number => Number(step.values.find(([one]) => one === name)?.[1] ?? 0);

/** Where the keys of one specification stand; null: the words cannot be right. */
const placesOf = ({ begin, find }: KeySpec, argv: readonly Bytes[]): readonly number[] | null => {
  const first = beginning(begin, argv);
  if (first === null) return [];
  const step = figure(find, 'keystep');
  const [from, last] = find.type === 'range' ? [first, lastOf(find, first, argv.length)] : counted(find, first, argv);
  if (from >= argv.length || last >= argv.length || last < from) return null;
  const places: number[] = [];
  for (let place = from; place <= last; place += step) places.push(place);
  return places;
};

const beginning = (begin: SpecStep, argv: readonly Bytes[]): number | null => {
  if (begin.type !== 'keyword') return figure(begin, 'index');
  const start = figure(begin, 'startfrom');
  const isBackward = start < 0;
  for (let at = isBackward ? argv.length + start : start; at > 0 && at < argv.length; at += isBackward ? -1 : 1) {
    if (isWord(argv[at], lower(String(begin.values[0]?.[1]) as Bytes))) return at + 1;
  }
  return null;
};

/** A last key from the end may leave out a part of the rest: half of it, a third. */
const lastOf = (find: SpecStep, first: number, count: number): number => {
  const last = figure(find, 'lastkey');
  if (last >= 0) return first + last;
  const limit = figure(find, 'limit');
  return limit <= 1 ? count + last : first + Math.floor((count - first) / limit) + last;
};

const counted = (find: SpecStep, first: number, argv: readonly Bytes[]): readonly [from: number, last: number] => {
  const count = Number(argv[first + figure(find, 'keynumidx')]);
  const from = first + figure(find, 'firstkey');
  return Number.isSafeInteger(count) && count > 0 ? [from, from + (count - 1) * figure(find, 'keystep')] : [from, from - 1];
};
