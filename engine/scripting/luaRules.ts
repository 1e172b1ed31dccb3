/**
 * Bends fengari, a Lua 5.3, to what scripts of Redis find in Lua 5.1: all numbers are doubles and print as `%.14g`, errors name
 * variables as 5.1 does, tables can be read-only, and a traversal goes through a list in its order.
 *
 * Always holds: what is put in place is a pure function of its arguments, so it makes no difference how often or when it is done; but
 * it is the package's own modules that are changed, for the whole program.
 * Source: lvm.c, lobject.c and ldebug.c of Lua 5.1, and Redis's read-only tables (lua_enablereadonlytable), for behaviour.
 */
import ldebug from 'fengari/src/ldebug.js';
import lobject, { type Tagged } from 'fengari/src/lobject.js';
import lstate from 'fengari/src/lstate.js';
import lstring from 'fengari/src/lstring.js';
import ltable, { type Table } from 'fengari/src/ltable.js';
import type { LuaState, LuaText } from 'fengari/src/luaTypes.js';
import { FOREIGN_OPERATORS } from './luaSource.ts';
import { fromLua, toLua } from './luaText.ts';
import { luaNumberText, readNumber } from './numberText.ts';

const READ_ONLY = toLua('Attempt to modify a readonly table');
const TYPE_ERROR = 'attempt to %s a %s value%s';
/** 5.3 says which. */
const CAPTURE_ERROR = 'invalid capture index';
const NEAR = '%s near %s';
const TOKEN_KINDS: readonly string[] = ['<eof>', '<name>', '<string>', '<number>', '<integer>'];
const NUMBER_TAG = 3;
/** LUAI_MAXCALLS of Lua 5.1. */
const CALLS_MAX = 20_000;
const STACK_OVERFLOW = toLua('stack overflow');
const JS_STACK_OVERFLOW = 'JS stack overflow';
const TOO_MANY = 'too many %s (limit is %d) in %s';
const TOO_DEEP = 'chunk has too many syntax levels';
const VARIABLE = /^ \((\w+) '(.*)'\)$/s;

/** Harmless when done again. */
export const applyLuaRules = (): void => {
  // The one sign that it is done stands where it was done: no state of our own.
  if (Object.hasOwn(lobject, APPLIED)) return;
  Object.defineProperty(lobject, APPLIED, { value: true });
  makeNumbersDoubles();
  formatLikeLua51();
  guardTables();
  limitCalls();
};

const APPLIED = Symbol('rules of Lua 5.1');

/** Without integers every operation takes its path for doubles. */
const makeNumbersDoubles = (): void => {
  const { prototype } = lobject.TValue;
  prototype.ttisinteger = (): boolean => false;
  prototype.ttisfloat = prototype.ttisnumber;
  lobject.luaO_tostring = (L, value) => {
    value.setsvalue(lstring.luaS_bless(L, toLua(luaNumberText(value.value as number))));
  };
  lobject.luaO_str2num = (text, into) => {
    // A lexer's buffer may end with a null byte.
    const word = fromLua(text);
    const number = readNumber(word.endsWith('\0') ? word.slice(0, -1) : word);
    if (number === null) return 0;
    into.setfltvalue(number);
    return text.length + 1;
  };
};

/** Messages: numbers without a point, and variables named as in `attempt to index local 'x' (a nil value)`. */
const formatLikeLua51 = (): void => {
  const push = (L: LuaState, format: LuaText, values: readonly unknown[]): LuaText => {
    const message = toLua(formatted(fromLua(format), values));
    const slots = L as { top: number; stack: unknown[] };
    const value = new lobject.TValue(0, null);
    value.setsvalue(lstring.luaS_bless(L, message));
    slots.stack[slots.top++] = value;
    return message;
  };
  lobject.luaO_pushvfstring = push;
  lobject.luaO_pushfstring = (L, format, ...values) => push(L, format, values);
};

const formatted = (format: string, values: readonly unknown[]): string => {
  if (format === TYPE_ERROR) return typeErrorText(values.map(textOf));
  if (format === NEAR) return nearText(textOf(values[0]), textOf(values[1]));
  if (format.startsWith(CAPTURE_ERROR)) return CAPTURE_ERROR;
  if (format === JS_STACK_OVERFLOW) return 'C stack overflow';
  if (format === TOO_MANY && textOf(values[0]) === 'JS levels') return TOO_DEEP;
  let next = 0;
  return format.replace(/%(.)/gs, (_all, kind: string) => {
    if (kind === '%') return '%';
    const value = values[next++];
    if (kind === 'c') return characterText(value as number);
    return typeof value === 'number' ? luaNumberText(value) : textOf(value);
  });
};

/** A C string: it ends at its first null byte. Names of kinds of tokens are quoted as all others are. */
const textOf = (value: unknown): string => {
  if (!(value instanceof Uint8Array)) return value === null ? '(null)' : String(value);
  const [text = ''] = fromLua(value).split('\0', 1);
  return TOKEN_KINDS.includes(text) ? `'${text}'` : text;
};

/** Where 5.3 says `syntax error`, 5.1 wants an assignment, or does not understand one. */
const nearText = (message: string, token: string): string => {
  if (message.endsWith(TOO_DEEP)) return message;
  const expected = message.replace(/ \(starting at line \d+\)$/, '')
    .replace(/: syntax error$/, token === "'='" || token === "','" ? ': unexpected symbol' : ": '=' expected");
  return `${expected} near ${token}`;
};

/** A token of one character. */
const characterText = (code: number): string =>
  (code >= 32 && code < 127 ? String.fromCharCode(code) : FOREIGN_OPERATORS.charAt(code - 1) || `<\\${code}>`);

const typeErrorText = ([operation = '', type = '', variable = '']: readonly string[]): string => {
  const [, kind = '', name = ''] = VARIABLE.exec(variable) ?? [];
  return kind === '' || kind === 'constant' ? `attempt to ${operation} a ${type} value`
    : `attempt to ${operation} ${kind} '${name}' (a ${type} value)`;
};

/** So that a recursion without end is found before memory is gone. */
const limitCalls = (): void => {
  const { luaE_extendCI: extend } = lstate;
  lstate.luaE_extendCI = (L) => {
    const depth = (L.ci.depth ?? 0) + 1;
    if (depth > CALLS_MAX) ldebug.luaG_runerror(L, STACK_OVERFLOW);
    const call = extend(L);
    call.depth = depth;
    return call;
  };
};

const guardTables = (): void => {
  const { luaH_setfrom: setValue, luaH_setint: setPlace, luaH_next: nextEntry } = ltable;
  ltable.luaH_setfrom = (L, table, key, value) => {
    if (table.isReadOnly === true) ldebug.luaG_runerror(L, READ_ONLY);
    const { size } = table.strong;
    setValue(L, table, key, value);
    if (table.strong.size > size) table.arrayEnd = -1;
  };
  ltable.luaH_setint = (table, key, value) => {
    const { size } = table.strong;
    setPlace(table, key, value);
    if (table.strong.size > size) table.arrayEnd = -1;
  };
  ltable.luaH_next = (L, table, place) => nextInOrder(L, table, place, nextEntry);
};

/**
 * The places 1, 2, 3, … first, then all else as it was inserted. Where the list ends is found when a traversal begins, and holds
 * until a key is added, which no traversal allows.
 */
const nextInOrder = (L: LuaState, table: Table, place: number, nextEntry: (L: LuaState, table: Table, place: number) => boolean): boolean => {
  const key = L.stack[place] as Tagged;
  if (key.type === 0 && (table.arrayEnd ?? -1) < 0) table.arrayEnd = ltable.luaH_getn(table);
  const end = table.arrayEnd ?? 0;
  if (key.type === 0 || isPlace(key, end)) {
    for (let at = key.type === 0 ? 1 : (key.value as number) + 1; at <= end; at++) {
      const value = ltable.luaH_getint(table, at);
      if (value.type === 0) continue;
      put(L, place, NUMBER_TAG, at);
      put(L, place + 1, value.type, value.value);
      return true;
    }
    put(L, place, 0, null);
  }
  while (nextEntry(L, table, place)) if (!isPlace(L.stack[place] as Tagged, end)) return true;
  return false;
};

const isPlace = (key: Pick<Tagged, 'type' | 'value'>, end: number): boolean =>
  (key.type & 15) === NUMBER_TAG && (key.value as number) >= 1 && (key.value as number) <= end && Number.isInteger(key.value);

const put = (L: LuaState, place: number, type: number, value: unknown): void => {
  const slot = L.stack[place] as { type: number; value: unknown };
  slot.type = type;
  slot.value = value;
};

/** Nobody may change the table any more, in whatever way. */
export const makeReadOnly = (table: Table): void => {
  table.isReadOnly = true;
};

/** Changes a read-only table all the same. */
export const withWriting = (table: Table, change: () => void): void => {
  table.isReadOnly = false;
  change();
  table.isReadOnly = true;
};
