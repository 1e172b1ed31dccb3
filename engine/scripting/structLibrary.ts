/**
 * The library `struct`: values as C lays them out in memory.
 * Source: the documentation of Roberto Ierusalimschy's struct 0.2, as Redis 7.0 brings it, and that library's behaviour.
 */
import lua from 'fengari/src/lua.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { argumentError, checkInteger, checkNumber, checkText, isMissing, pushText, raise, setFunctions } from './luaStack.ts';

const INTEGER_BYTES_MAX = 32;
const ALIGNMENT_MAX = 8;
const INT_MAX = 2147483647;
const INTEGERS = 'bBhHlLTiI';
const SIZES: Readonly<Record<string, number>> = { b: 1, B: 1, h: 2, H: 2, l: 8, L: 8, T: 8, f: 4, d: 8, x: 1 };

/** Reads a format option by option; `>`, `<`, `!` and spaces change how the others are laid out. */
class Format {
  isBigEndian = false;
  option = '';
  size = 0;
  private readonly text: Bytes;
  private readonly L: LuaState;
  private at = 0;
  private alignment = 1;

  constructor(L: LuaState, text: Bytes) {
    this.L = L;
    this.text = text;
  }

  /** False at the end. */
  next(): boolean {
    if (this.at >= this.text.length) return false;
    this.option = this.text.charAt(this.at++);
    this.size = this.sizeOfOption();
    return true;
  }

  /** How many bytes come before an item at `length`. */
  padding(length: number): number {
    const size = Math.min(this.size, this.alignment);
    if (size === 0 || this.option === 'c') return 0;
    return (size - (length & (size - 1))) & (size - 1);
  }

  /** An option that is no item. */
  control(): void {
    switch (this.option) {
      case ' ': return;
      case '>': this.isBigEndian = true; return;
      case '<': this.isBigEndian = false; return;
      case '!': {
        const alignment = this.number(ALIGNMENT_MAX);
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0) raise(this.L, `alignment ${alignment} is not a power of 2`);
        this.alignment = alignment;
        return;
      }
      default: argumentError(this.L, 1, `invalid format option '${this.option}'`);
    }
  }

  private sizeOfOption(): number {
    if (this.option === 'c') return this.number(1);
    if (this.option !== 'i' && this.option !== 'I') return SIZES[this.option] ?? 0;
    const size = this.number(4);
    if (size > INTEGER_BYTES_MAX) raise(this.L, `integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`);
    return size;
  }

  private number(otherwise: number): number {
    let value = 0;
    const from = this.at;
    for (; this.at < this.text.length; this.at++) {
      const digit = this.text.charCodeAt(this.at) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      if (value > INT_MAX) raise(this.L, 'integral size overflow');
    }
    return this.at === from ? otherwise : value;
  }
}

/** As C casts: what is below zero by way of a signed integer. */
const toUnsigned = (value: number): bigint => {
  if (!Number.isFinite(value)) return 1n << 63n;
  const whole = BigInt(Math.trunc(value));
  if (whole >= 1n << 64n || whole < -(1n << 63n)) return whole > 0n ? 0n : 1n << 63n;
  return BigInt.asUintN(64, whole);
};

const integerBytes = (value: number, size: number, isBigEndian: boolean): string => {
  const codes: number[] = [];
  let rest = toUnsigned(value);
  for (let index = 0; index < size; index++) {
    codes.push(Number(rest & 255n));
    rest >>= 8n;
  }
  return String.fromCharCode(...(isBigEndian ? codes.toReversed() : codes));
};

const doubleBytes = (value: number, size: number, isBigEndian: boolean): string => {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, !isBigEndian);
  else view.setFloat64(0, value, !isBigEndian);
  return String.fromCharCode(...new Uint8Array(view.buffer));
};

const pack: LuaFunction = (L) => {
  const format = new Format(L, checkText(L, 1));
  // Behind the last argument stands nil, and not nothing.
  lua.lua_pushnil(L);
  let out = '';
  let argument = 2;
  let total = 0;
  while (format.next()) {
    const { option } = format;
    let { size } = format;
    const padding = format.padding(total);
    out += '\0'.repeat(padding);
    total += padding;
    if (INTEGERS.includes(option)) out += integerBytes(checkNumber(L, argument++), size, format.isBigEndian);
    else if (option === 'f' || option === 'd') out += doubleBytes(checkNumber(L, argument++), size, format.isBigEndian);
    else if (option === 'x') out += '\0';
    else if (option === 'c' || option === 's') {
      const text = checkText(L, argument++);
      if (size === 0) size = text.length;
      if (text.length < size) argumentError(L, argument, 'string too short');
      out += text.slice(0, size);
      if (option === 's') {
        out += '\0';
        size++;
      }
    } else format.control();
    total += size;
  }
  pushText(L, out);
  return 1;
};

const readInteger = (data: Bytes, at: number, size: number, isBigEndian: boolean, isSigned: boolean): number => {
  let value = 0n;
  for (let index = 0; index < size; index++) {
    value = BigInt.asUintN(64, (value << 8n) | BigInt(data.charCodeAt(isBigEndian ? at + index : at + size - 1 - index)));
  }
  if (!isSigned) return Number(value);
  return Number(size >= 8 ? BigInt.asIntN(64, value) : BigInt.asIntN(size * 8, value));
};

const readDouble = (data: Bytes, at: number, size: number, isBigEndian: boolean): number => {
  const view = new DataView(new ArrayBuffer(size));
  for (let index = 0; index < size; index++) view.setUint8(index, data.charCodeAt(at + index));
  return size === 4 ? view.getFloat32(0, !isBigEndian) : view.getFloat64(0, !isBigEndian);
};

const TOO_SHORT = 'data string too short';

const unpack: LuaFunction = (L) => {
  const format = new Format(L, checkText(L, 1));
  const data = checkText(L, 2);
  let at = (isMissing(L, 3) ? 1 : checkInteger(L, 3)) - 1;
  if (at < 0) argumentError(L, 3, 'offset must be 1 or greater');
  lua.lua_settop(L, 2);
  while (format.next()) {
    const { option } = format;
    let { size } = format;
    at += format.padding(at);
    if (at + size > data.length) argumentError(L, 2, TOO_SHORT);
    lua.lua_checkstack(L, 2);
    if (INTEGERS.includes(option)) {
      lua.lua_pushnumber(L, readInteger(data, at, size, format.isBigEndian, option === option.toLowerCase()));
    } else if (option === 'f' || option === 'd') lua.lua_pushnumber(L, readDouble(data, at, size, format.isBigEndian));
    else if (option === 'c') {
      if (size === 0) {
        size = takeLength(L);
        if (at + size > data.length) argumentError(L, 2, TOO_SHORT);
      }
      pushText(L, data.slice(at, at + size));
    } else if (option === 's') {
      const end = data.indexOf('\0', at);
      if (end < 0) raise(L, 'unfinished string in data');
      pushText(L, data.slice(at, end));
      size = end - at + 1;
    } else if (option !== 'x') format.control();
    at += size;
  }
  lua.lua_pushnumber(L, at + 1);
  return lua.lua_gettop(L) - 2;
};

/** `c0`: the item before it is the length. */
const takeLength = (L: LuaState): number => {
  if (lua.lua_gettop(L) === 2 || lua.lua_type(L, -1) !== lua.LUA_TNUMBER) raise(L, "format 'c0' needs a previous size");
  const length = lua.lua_tonumber(L, -1);
  lua.lua_pop(L, 1);
  return length < 0 ? Infinity : Math.trunc(length);
};

const sizeOf: LuaFunction = (L) => {
  const format = new Format(L, checkText(L, 1));
  let total = 0;
  while (format.next()) {
    total += format.padding(total);
    if (format.option === 's') argumentError(L, 1, "option 's' has no fixed size");
    if (format.option === 'c' && format.size === 0) argumentError(L, 1, "option 'c0' has no fixed size");
    if (!/[A-Za-z0-9]/.test(bytes(format.option))) format.control();
    total += format.size;
  }
  lua.lua_pushnumber(L, total);
  return 1;
};

export const pushStructLibrary = (L: LuaState): void => {
  lua.lua_newtable(L);
  setFunctions(L, { pack, unpack, size: sizeOf });
};
