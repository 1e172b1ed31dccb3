/**
 * The library `cmsgpack`: values in MessagePack.
 * Source: the MessagePack specification; lua_cmsgpack.c of Redis 7.0 for the functions, limits and messages.
 */
import lua from 'fengari/src/lua.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { argumentError, checkInteger, checkText, isMissing, pushText, raise, setFunctions, setText, textAt } from './luaStack.ts';

/** A table nested deeper is packed as nil. */
const NESTING_MAX = 16;
const RESULTS_MAX = 2147483647;
const SLOTS = 4;
/** So many lengths fit so many bytes. */
const LENGTHS = { 1: 0x100, 2: 0x10000, 4: 0x100000000 } as const;
/** 2 to the 63rd. */
const INTEGER_LIMIT = 9223372036854775808;

const big = (value: number | bigint, size: number): string => {
  let out = '';
  for (let shift = BigInt(size - 1) * 8n; shift >= 0n; shift -= 8n) out += String.fromCharCode(Number((BigInt(value) >> shift) & 255n));
  return out;
};

/** The type byte of the least form that holds so many, and the length. */
const head = (
  length: number, fixed: { readonly type: number; readonly max: number }, forms: readonly (readonly [type: number, size: number])[],
): string => {
  if (length <= fixed.max) return String.fromCharCode(fixed.type | length);
  const [type, size] = forms.find(([, bytesOfLength]) => length < LENGTHS[bytesOfLength as 1 | 2 | 4]) ?? [0xc1, 0];
  return String.fromCharCode(type) + big(length, size);
};

const packedText = (text: Bytes): string =>
  head(text.length, { type: 0xa0, max: 31 }, [[0xd9, 1], [0xda, 2], [0xdb, 4]]) + text;

const packedNumber = (value: number): string => {
  if (Number.isInteger(value) && Math.abs(value) <= INTEGER_LIMIT && value !== INTEGER_LIMIT) return packedInteger(BigInt(value));
  const view = new DataView(new ArrayBuffer(8));
  if (asFloat(value) === value) {
    view.setFloat32(0, value);
    return `\xca${String.fromCharCode(...new Uint8Array(view.buffer, 0, 4))}`;
  }
  view.setFloat64(0, value);
  return `\xcb${String.fromCharCode(...new Uint8Array(view.buffer))}`;
};

const asFloat = (value: number): number => new Float32Array([value])[0] as number;

const packedInteger = (value: bigint): string => {
  if (value >= 0n) {
    if (value <= 127n) return String.fromCharCode(Number(value));
    return value <= 0xffn ? `\xcc${big(value, 1)}` : value <= 0xffffn ? `\xcd${big(value, 2)}`
      : value <= 0xffffffffn ? `\xce${big(value, 4)}` : `\xcf${big(value, 8)}`;
  }
  if (value >= -32n) return String.fromCharCode(Number(value) & 255);
  return value >= -128n ? `\xd0${big(value, 1)}` : value >= -32768n ? `\xd1${big(value, 2)}`
    : value >= -2147483648n ? `\xd2${big(value, 4)}` : `\xd3${big(value, 8)}`;
};

/** The value on top, which is taken from the stack. */
const takePacked = (L: LuaState, level: number): string => {
  lua.lua_checkstack(L, SLOTS);
  const type = lua.lua_type(L, -1);
  const packed = type === lua.LUA_TSTRING ? packedText(textAt(L, -1) as Bytes)
    : type === lua.LUA_TBOOLEAN ? (lua.lua_toboolean(L, -1) ? '\xc3' : '\xc2')
      : type === lua.LUA_TNUMBER ? packedNumber(lua.lua_tonumber(L, -1))
        : type === lua.LUA_TTABLE && level < NESTING_MAX ? packedTable(L, level) : '\xc0';
  lua.lua_pop(L, 1);
  return packed;
};

const packedTable = (L: LuaState, level: number): string => {
  const { count, isList } = measure(L);
  if (isList) {
    let out = head(count, { type: 0x90, max: 15 }, [[0xdc, 2], [0xdd, 4]]);
    for (let place = 1; place <= count; place++) {
      lua.lua_rawgeti(L, -1, place);
      out += takePacked(L, level + 1);
    }
    return out;
  }
  let out = head(count, { type: 0x80, max: 15 }, [[0xde, 2], [0xdf, 4]]);
  lua.lua_pushnil(L);
  while (lua.lua_next(L, -2) !== 0) {
    lua.lua_pushvalue(L, -2);
    out += takePacked(L, level + 1);
    out += takePacked(L, level + 1);
  }
  return out;
};

/** A list has the places 1 to its length and nothing else. */
const measure = (L: LuaState): { readonly count: number; readonly isList: boolean } => {
  let count = 0;
  let greatest = 0;
  let hasOther = false;
  lua.lua_pushnil(L);
  while (lua.lua_next(L, -2) !== 0) {
    lua.lua_pop(L, 1);
    count++;
    const place = lua.lua_type(L, -1) === lua.LUA_TNUMBER ? lua.lua_tonumber(L, -1) : 0;
    if (place > 0 && Number.isInteger(place)) greatest = Math.max(greatest, place);
    else hasOther = true;
  }
  return { count, isList: !hasOther && greatest === count };
};

const pack: LuaFunction = (L) => {
  const count = lua.lua_gettop(L);
  if (count === 0) return argumentError(L, 0, 'MessagePack pack needs input.');
  let out = '';
  for (let argument = 1; argument <= count; argument++) {
    lua.lua_pushvalue(L, argument);
    out += takePacked(L, 0);
  }
  pushText(L, out);
  return 1;
};

/** Reads packed values and pushes them. */
class Unpacker {
  at: number;
  private readonly L: LuaState;
  private readonly data: Bytes;

  constructor(L: LuaState, data: Bytes, at: number) {
    this.L = L;
    this.data = data;
    this.at = at;
  }

  push(): void {
    const { L } = this;
    lua.lua_checkstack(L, SLOTS);
    const type = Number(this.unsigned(1));
    if (type < 0x80) lua.lua_pushnumber(L, type);
    else if (type < 0x90) this.pushMap(type & 15);
    else if (type < 0xa0) this.pushList(type & 15);
    else if (type < 0xc0) this.pushText(type & 31);
    else if (type >= 0xe0) lua.lua_pushnumber(L, type - 256);
    else this.pushTyped(type);
  }

  private pushTyped(type: number): void {
    const { L } = this;
    switch (type) {
      case 0xc0: lua.lua_pushnil(L); return;
      case 0xc2: lua.lua_pushboolean(L, false); return;
      case 0xc3: lua.lua_pushboolean(L, true); return;
      case 0xca: lua.lua_pushnumber(L, this.view(4).getFloat32(0)); return;
      case 0xcb: lua.lua_pushnumber(L, this.view(8).getFloat64(0)); return;
      case 0xcc: case 0xcd: case 0xce: case 0xcf: lua.lua_pushnumber(L, Number(this.unsigned(1 << (type - 0xcc)))); return;
      case 0xd0: case 0xd1: case 0xd2: case 0xd3: {
        const size = 1 << (type - 0xd0);
        lua.lua_pushnumber(L, Number(BigInt.asIntN(size * 8, this.unsigned(size))));
        return;
      }
      case 0xd9: this.pushText(Number(this.unsigned(1))); return;
      case 0xda: this.pushText(Number(this.unsigned(2))); return;
      case 0xdb: this.pushText(Number(this.unsigned(4))); return;
      case 0xdc: this.pushList(Number(this.unsigned(2))); return;
      case 0xdd: this.pushList(Number(this.unsigned(4))); return;
      case 0xde: this.pushMap(Number(this.unsigned(2))); return;
      case 0xdf: this.pushMap(Number(this.unsigned(4))); return;
      default: raise(L, 'Bad data format in input.');
    }
  }

  private pushList(count: number): void {
    lua.lua_newtable(this.L);
    for (let place = 1; place <= count; place++) {
      this.push();
      lua.lua_rawseti(this.L, -2, place);
    }
  }

  private pushMap(count: number): void {
    lua.lua_newtable(this.L);
    for (let pair = 0; pair < count; pair++) {
      this.push();
      this.push();
      lua.lua_rawset(this.L, -3);
    }
  }

  private pushText(length: number): void {
    pushText(this.L, this.take(length));
  }

  private unsigned(size: number): bigint {
    let value = 0n;
    for (const character of this.take(size)) value = (value << 8n) | BigInt(character.charCodeAt(0));
    return value;
  }

  private view(size: number): DataView {
    const view = new DataView(new ArrayBuffer(size));
    for (const [index, character] of [...this.take(size)].entries()) view.setUint8(index, character.charCodeAt(0));
    return view;
  }

  private take(length: number): string {
    if (this.at + length > this.data.length) raise(this.L, 'Missing bytes in input.');
    this.at += length;
    return this.data.slice(this.at - length, this.at);
  }
}

/** Pushes up to `limit` values from `offset`; how many, and where the next begins. */
const unpackFrom = (L: LuaState, limit: number, offset: number): { readonly count: number; readonly next: number } => {
  const data = checkText(L, 1);
  if (offset < 0 || limit < 0) raise(L, `Invalid request to unpack with offset of ${offset} and limit of ${data.length}.`);
  if (offset > data.length) raise(L, `Start offset ${offset} greater than input length ${data.length}.`);
  const unpacker = new Unpacker(L, data, offset);
  let count = 0;
  for (; unpacker.at < data.length && count < limit; count++) unpacker.push();
  return { count, next: unpacker.at === data.length ? -1 : unpacker.at };
};

const unpackPart = (L: LuaState, limit: number, offset: number): number => {
  const { count, next } = unpackFrom(L, limit, offset);
  lua.lua_pushnumber(L, next);
  lua.lua_insert(L, -(count + 1));
  return count + 1;
};

const optionalOffset = (L: LuaState, argument: number): number => (isMissing(L, argument) ? 0 : checkInteger(L, argument));

export const pushMessagePackLibrary = (L: LuaState): void => {
  lua.lua_newtable(L);
  setFunctions(L, {
    pack,
    unpack: (state) => unpackFrom(state, RESULTS_MAX, 0).count,
    unpack_one: (state) => unpackPart(state, 1, optionalOffset(state, 2)),
    unpack_limit: (state) => unpackPart(state, checkInteger(state, 2), optionalOffset(state, 3)),
  });
  setText(L, '_NAME', 'cmsgpack');
  setText(L, '_VERSION', 'lua-cmsgpack 0.4.0');
  setText(L, '_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo');
  setText(L, '_DESCRIPTION', bytes('MessagePack C implementation for Lua'));
};
