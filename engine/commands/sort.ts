/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in another order, or what other keys hold for them.
 *
 * Always holds: equal numbers are ordered by their elements, so the result does not depend on how a value is kept; only
 * equal weights under ALPHA keep the order of the source. Texts compare as bytes (the C locale).
 * Source: sortCommandGeneric, sortCompare and lookupKeyByPattern in sort.c of Redis 7.0, for behaviour.
 */
import { type Bytes, EMPTY, bytes, compare, slice } from '../core/bytes.ts';
import { HashValue } from '../keyspace/hashValue.ts';
import { ListValue } from '../keyspace/listValue.ts';
import { SetValue } from '../keyspace/setValue.ts';
import { SortedSetValue } from '../keyspace/sortedSetValue.ts';
import type { Value } from '../keyspace/value.ts';
import { ErrorReply, type Reply, SYNTAX_ERROR, WRONG_TYPE, error } from '../protocol/reply.ts';
import { isWord, readLong, removeTarget } from './arguments.ts';
import { type Call, type CommandRow, ONE_KEY } from './command.ts';
import { readSortNumber } from './doubleArgument.ts';

const NOT_NUMBERS = error("ERR One or more scores can't be converted into double");

const BY_DENIED = error('ERR BY option of SORT denied due to insufficient ACL permissions.');
const GET_DENIED = error('ERR GET option of SORT denied due to insufficient ACL permissions.');

interface SortOptions {
  isDescending: boolean;
  isAlpha: boolean;
  /** Below 0: from the start; to the end. */
  offset: number;
  count: number;
  /** The pattern of the keys to sort by; null: the elements themselves. */
  by: Bytes | null;
  gets: Bytes[];
  store: Bytes | null;
}

/** Words behind the option itself. */
const OPTION_WORDS: Readonly<Record<string, number>> = { asc: 0, desc: 0, alpha: 0, limit: 2, store: 1, by: 1, get: 1 };

const optionName = (argument: Bytes): string | undefined => Object.keys(OPTION_WORDS).find((name) => isWord(argument, name));

/** `isBlind`: whoever asks may not read every key, so none may be chosen by a pattern. */
const readOptions = (argv: readonly Bytes[], isReadOnly: boolean, isBlind: boolean): SortOptions | ErrorReply => {
  const options: SortOptions = { isDescending: false, isAlpha: false, offset: 0, count: -1, by: null, gets: [], store: null };
  for (let index = 2; index < argv.length; index++) {
    const name = optionName(argv[index] as Bytes);
    const words = name === undefined ? 0 : OPTION_WORDS[name] as number;
    const value = argv[index + 1] ?? EMPTY;
    if (name === undefined || index + words >= argv.length || (name === 'store' && isReadOnly)) return SYNTAX_ERROR;
    if (name === 'asc' || name === 'desc') options.isDescending = name === 'desc';
    else if (name === 'alpha') options.isAlpha = true;
    else if (name === 'store') options.store = value;
    else if (name === 'by') {
      if (isBlind && value.includes('*')) return BY_DENIED;
      options.by = value;
    } else if (name === 'get') {
      if (isBlind) return GET_DENIED;
      options.gets.push(value);
    }
    else {
      const offset = readLong(value);
      if (offset instanceof ErrorReply) return offset;
      const count = readLong(argv[index + 2] as Bytes);
      if (count instanceof ErrorReply) return count;
      options.offset = offset;
      options.count = count;
    }
    index += words;
  }
  return options;
};

/** What the key (or the field of the hash) holds that `pattern` names for an element; null when nothing. */
const lookUp = (call: Call, pattern: Bytes, element: Bytes): Bytes | null => {
  if (pattern === '#') return element;
  const star = pattern.indexOf('*');
  if (star < 0) return null;
  const arrow = pattern.indexOf('->', star + 1);
  const hasField = arrow >= 0 && arrow + 2 < pattern.length;
  const end = hasField ? arrow : pattern.length;
  const key = bytes(pattern.slice(0, star) + element + pattern.slice(star + 1, end));
  const value = call.db.lookupRead(key)?.value;
  if (value === undefined) return null;
  if (hasField) return value instanceof HashValue ? value.get(slice(pattern, arrow + 2)) ?? null : null;
  return typeof value === 'string' ? value : null;
};

type Sortable = ListValue | SetValue | SortedSetValue;

const isSortable = (value: Value): value is Sortable =>
  value instanceof ListValue || value instanceof SetValue || value instanceof SortedSetValue;

const elementsOf = (value: Readonly<Sortable>): readonly Bytes[] => {
  if (value instanceof ListValue) return value.slice(0, value.size);
  return value instanceof SetValue ? value.list() : (value as SortedSetValue).slice().map(({ member }) => member);
};

interface Weighed {
  readonly element: Bytes;
  readonly score: number;
  /** Under ALPHA; null: there is none, which comes first. */
  readonly text: Bytes | null;
}

const weigh = (call: Call, elements: readonly Bytes[], options: SortOptions): Weighed[] | ErrorReply => {
  const weighed: Weighed[] = [];
  let areNumbers = true;
  for (const element of elements) {
    const text = options.by === null ? element : lookUp(call, options.by, element);
    if (options.isAlpha) {
      weighed.push({ element, score: 0, text });
      continue;
    }
    const score = text === null ? 0 : readSortNumber(text);
    // The others are looked up all the same: their keys count as asked for.
    if (score === null) areNumbers = false;
    else weighed.push({ element, score, text: null });
  }
  return areNumbers ? weighed : NOT_NUMBERS;
};

const compareTexts = (one: Bytes | null, other: Bytes | null): number => {
  if (one === null || other === null) return (one === null ? 0 : 1) - (other === null ? 0 : 1);
  return compare(one, other);
};

const inOrder = (weighed: readonly Weighed[], { isAlpha, isDescending }: SortOptions): readonly Bytes[] => {
  const sign = isDescending ? -1 : 1;
  const order = (one: Weighed, other: Weighed): number => {
    if (isAlpha) return sign * compareTexts(one.text, other.text);
    if (one.score !== other.score) return one.score < other.score ? -sign : sign;
    return sign * compare(one.element, other.element);
  };
  return weighed.toSorted(order).map(({ element }) => element);
};

/** Elements in the order asked for, all of them. A pattern without a star asks for the order that there is. */
const ordered = (call: Call, value: Readonly<Sortable> | undefined, options: SortOptions): readonly Bytes[] | ErrorReply => {
  if (value === undefined) return [];
  const elements = elementsOf(value);
  call.cost(elements.length);
  if (options.by === null || options.by.includes('*')) {
    const weighed = weigh(call, elements, options);
    return weighed instanceof ErrorReply ? weighed : inOrder(weighed, options);
  }
  if (!(value instanceof SetValue)) return options.isDescending ? elements.toReversed() : elements;
  // What is stored must be the same everywhere.
  if (options.store === null) return elements;
  return inOrder(elements.map((element) => ({ element, score: 0, text: element })), { ...options, isAlpha: true });
};

const limited = (elements: readonly Bytes[], { offset, count }: SortOptions): readonly Bytes[] => {
  const from = Math.max(0, offset);
  return elements.slice(from, count < 0 ? elements.length : from + count);
};

const store = (call: Call, target: Bytes, items: readonly (Bytes | null)[]): Reply => {
  if (items.length === 0) {
    removeTarget(call, target);
    return 0;
  }
  const list = new ListValue();
  for (const item of items) list.pushRight(item ?? EMPTY);
  // For its deletion, should its time have come.
  call.db.lookupWrite(target);
  call.db.put(target, list);
  call.db.notify('l', 'sortstore', target);
  call.changed(items.length);
  return items.length;
};

const sort = (call: Call, argv: readonly Bytes[], isReadOnly: boolean): Reply => {
  const options = readOptions(argv, isReadOnly, isBlind(call, argv, isReadOnly));
  if (options instanceof ErrorReply) return options;
  const value = call.db.lookupRead(argv[1] as Bytes)?.value;
  if (value !== undefined && !isSortable(value)) return WRONG_TYPE;
  const elements = ordered(call, value, options);
  if (elements instanceof ErrorReply) return elements;
  const chosen = limited(elements, options);
  const items = options.gets.length === 0 ? chosen
    : chosen.flatMap((element) => options.gets.map((pattern) => lookUp(call, pattern, element)));
  return options.store === null ? items : store(call, options.store, items);
};

const isBlind = ({ client: { user } }: Call, argv: readonly Bytes[], isReadOnly: boolean): boolean => {
  if (user === null || user.isUnrestricted) return false;
  const keys = (isReadOnly ? [argv[1] as Bytes] : sortKeys(argv))
    .map((key, index) => ({ key, flags: index === 0 ? ['access'] : ['update'] }));
  return !user.mayReadEveryKey({ name: isReadOnly ? 'sort_ro' : 'sort', argv, isFree: false, keys: () => keys });
};

/** The source, and the last target named. */
const sortKeys = (argv: readonly Bytes[]): readonly Bytes[] => {
  let target: Bytes | null = null;
  for (let index = 2; index < argv.length; index++) {
    const name = optionName(argv[index] as Bytes);
    if (name === undefined) continue;
    const value = argv[index + 1];
    if (name === 'store' && value !== undefined) target = value;
    // As Redis looks for them, the word behind STORE is looked at too.
    if (name !== 'store') index += OPTION_WORDS[name] as number;
  }
  const source = argv[1] as Bytes;
  return target === null ? [source] : [source, target];
};

export const sortCommands: readonly CommandRow[] = [
  { name: 'sort', arity: -2, flags: ['write', 'denyoom', 'movablekeys'], keys: ONE_KEY, movableKeys: sortKeys, since: '1.0.0',
    handler: (call, argv) => sort(call, argv, false) },
  { name: 'sort_ro', arity: -2, flags: ['readonly', 'movablekeys'], keys: ONE_KEY, movableKeys: (argv) => [argv[1] as Bytes],
    since: '7.0.0', handler: (call, argv) => sort(call, argv, true) },
];
