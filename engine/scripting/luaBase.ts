/**
 * Lua's basic functions where 5.1 differs from 5.3, and the global table as Redis's sandbox has it.
 * Source: lbaselib.c of Lua 5.1; scriptingInit and its list of allowed names in script_lua.c of Redis 7.0, for behaviour.
 */
import lauxlib from 'fengari/src/lauxlib.js';
import lua from 'fengari/src/lua.js';
import lualib from 'fengari/src/lualib.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { sourceOf51 } from './luaSource.ts';
import {
  argumentError, checkInteger, checkText, dropFields, isMissing, pushText, raise, raisePlain, setFunctions, setText, tableAt, textAt,
} from './luaStack.ts';
import { fromLua, toLua } from './luaText.ts';
import { luaNumberText, readNumber } from './numberText.ts';

const METATABLE = toLua('__metatable');
const TO_STRING = toLua('__tostring');
const ERR = toLua('err');
const NEXT = toLua('next');
const TEXT_ONLY = toLua('t');
const READ_ONLY = 'Attempt to modify a readonly table';
const UNPACKED_MAX = 7999;
const ADDRESS_DIGITS = 12;
/** What a fresh interpreter of Redis reports: there is no collector to ask here. */
const MEMORY_KILOBYTES = 32;

/** Compiles text of Lua 5.1 and leaves the function, or the message, on top. */
export const loadText = (L: LuaState, source: Bytes, chunkName: string): boolean => {
  let isRead = false;
  const read = (): Uint8Array | null => {
    if (isRead) return null;
    isRead = true;
    return toLua(sourceOf51(source));
  };
  return lua.lua_load(L, read, null, toLua(chunkName), TEXT_ONLY) === lua.LUA_OK;
};

/** What `tostring` shows of a value. */
export const shown = (L: LuaState, index: number): Bytes => {
  const type = lua.lua_type(L, index);
  switch (type) {
    case lua.LUA_TNUMBER: return bytes(luaNumberText(lua.lua_tonumber(L, index)));
    case lua.LUA_TSTRING: return fromLua(lua.lua_tolstring(L, index) as Uint8Array);
    case lua.LUA_TBOOLEAN: return bytes(lua.lua_toboolean(L, index) ? 'true' : 'false');
    case lua.LUA_TNIL: return bytes('nil');
    case lua.LUA_TLIGHTUSERDATA: return bytes('userdata: (nil)');
    default: {
      const { id = 0 } = lua.lua_topointer(L, index) ?? {};
      const name = fromLua(lua.lua_typename(L, type));
      return bytes(`${name}: 0x${id.toString(16).padStart(ADDRESS_DIGITS, '0')}`);
    }
  }
};

const toText: LuaFunction = (L) => {
  lauxlib.luaL_checkany(L, 1);
  if (lauxlib.luaL_callmeta(L, 1, TO_STRING)) return 1;
  pushText(L, shown(L, 1));
  return 1;
};

const toNumber: LuaFunction = (L) => {
  const base = isMissing(L, 2) ? 10 : checkInteger(L, 2);
  if (base === 10) {
    lauxlib.luaL_checkany(L, 1);
    const text = textAt(L, 1);
    const value = lua.lua_type(L, 1) === lua.LUA_TNUMBER ? lua.lua_tonumber(L, 1) : text === null ? null : readNumber(text);
    return pushNumberOrNil(L, value);
  }
  const text = checkText(L, 1);
  if (base < 2 || base > 36) argumentError(L, 2, 'base out of range');
  return pushNumberOrNil(L, readInBase(text, base));
};

const pushNumberOrNil = (L: LuaState, value: number | null): number => {
  if (value === null) lua.lua_pushnil(L);
  else lua.lua_pushnumber(L, value);
  return 1;
};

/** As strtoul reads it: a minus wraps at 64 bits, and so does too much. */
const readInBase = (text: Bytes, base: number): number | null => {
  const [, sign, digits = ''] = /^[ \t-\r]*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-zA-Z]+)[ \t-\r]*$/.exec(text) ?? [];
  const word = base !== 16 && /0[xX]/.test(text) ? text.trim().replace(/^[+-]/, '') : digits;
  if (word === '') return null;
  let value = 0n;
  for (const digit of word) {
    const place = Number.parseInt(digit, 36);
    if (Number.isNaN(place) || place >= base) return null;
    value = value * BigInt(base) + BigInt(place);
  }
  const limited = value > 0xffffffffffffffffn ? 0xffffffffffffffffn : value;
  return Number(BigInt.asUintN(64, sign === '-' ? -limited : limited));
};

const assertTrue: LuaFunction = (L) => {
  lauxlib.luaL_checkany(L, 1);
  if (lua.lua_toboolean(L, 1)) return lua.lua_gettop(L);
  return raise(L, isMissing(L, 2) ? 'assertion failed!' : checkText(L, 2));
};

const fail: LuaFunction = (L) => {
  const level = isMissing(L, 2) ? 1 : checkInteger(L, 2);
  lua.lua_settop(L, 1);
  const text = textAt(L, 1);
  if (text !== null && level > 0) {
    lauxlib.luaL_where(L, level);
    pushText(L, fromLua(lua.lua_tolstring(L, -1) as Uint8Array) + text);
  } else lua.lua_pushvalue(L, 1);
  return lua.lua_error(L);
};

const setMetatable: LuaFunction = (L) => {
  const type = lua.lua_type(L, 2);
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  if (type !== lua.LUA_TNIL && type !== lua.LUA_TTABLE) argumentError(L, 2, 'nil or table expected');
  if (lauxlib.luaL_getmetafield(L, 1, METATABLE) !== lua.LUA_TNIL) raise(L, 'cannot change a protected metatable');
  if (tableAt(L, 1).isReadOnly === true) raisePlain(L, READ_ONLY);
  lua.lua_settop(L, 2);
  lua.lua_setmetatable(L, 1);
  return 1;
};

/** Without `__pairs`, which 5.1 does not know. */
const pairs: LuaFunction = (L) => {
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  lua.lua_pushglobaltable(L);
  lua.lua_getfield(L, -1, NEXT);
  lua.lua_pushvalue(L, 1);
  lua.lua_pushnil(L);
  return 3;
};

const ipairs: LuaFunction = (L) => {
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  lua.lua_pushcfunction(L, nextPlace);
  lua.lua_pushvalue(L, 1);
  lua.lua_pushnumber(L, 0);
  return 3;
};

const nextPlace: LuaFunction = (L) => {
  const place = checkInteger(L, 2) + 1;
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  lua.lua_pushnumber(L, place);
  return lua.lua_rawgeti(L, 1, place) === lua.LUA_TNIL ? 0 : 2;
};

const unpack: LuaFunction = (L) => {
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  const first = isMissing(L, 2) ? 1 : checkInteger(L, 2);
  const last = isMissing(L, 3) ? lua.lua_rawlen(L, 1) : checkInteger(L, 3);
  if (first > last) return 0;
  const count = last - first + 1;
  if (count > UNPACKED_MAX || !lua.lua_checkstack(L, count)) return raise(L, 'too many results to unpack');
  for (let place = first; place <= last; place++) lua.lua_rawgeti(L, 1, place);
  return count;
};

/** `load` and `loadstring`: the function, or nil and what is wrong. */
const loaded = (L: LuaState, source: Bytes, chunkName: string): number => {
  if (source.startsWith('\x1b')) {
    lua.lua_pushnil(L);
    pushText(L, 'binary chunks are not loaded');
    return 2;
  }
  if (loadText(L, source, chunkName)) return 1;
  lua.lua_pushnil(L);
  lua.lua_insert(L, -2);
  return 2;
};

const loadString: LuaFunction = (L) => {
  const source = checkText(L, 1);
  return loaded(L, source, isMissing(L, 2) ? source : checkText(L, 2));
};

const load: LuaFunction = (L) => {
  const chunkName = isMissing(L, 2) ? '=(load)' : checkText(L, 2);
  lauxlib.luaL_checktype(L, 1, lua.LUA_TFUNCTION);
  let source = '';
  for (;;) {
    lua.lua_pushvalue(L, 1);
    lua.lua_call(L, 0, 1);
    const part = textAt(L, -1);
    if (part === null && !isMissing(L, -1)) return raise(L, 'reader function must return a string');
    lua.lua_pop(L, 1);
    if (part === null || part === '') return loaded(L, bytes(source), chunkName);
    source += part;
  }
};

/** As Lua's, but of an error reply that was raised only its text is seen. */
const protectedCall: LuaFunction = (L) => {
  if (lua.lua_gettop(L) === 0) {
    // What stands first there is the place for the result.
    lua.lua_pushboolean(L, false);
    pushText(L, 'attempt to call a boolean value');
    return 2;
  }
  lua.lua_pushboolean(L, true);
  lua.lua_insert(L, 1);
  const status = lua.lua_pcallk(L, lua.lua_gettop(L) - 2, lua.LUA_MULTRET, 0, 0, endOfProtectedCall);
  return endOfProtectedCall(L, status);
};

const endOfProtectedCall = (L: LuaState, status: number): number => {
  if (status === lua.LUA_OK || status === lua.LUA_YIELD) return lua.lua_gettop(L);
  if (lua.lua_type(L, -1) === lua.LUA_TTABLE) {
    lua.lua_getfield(L, -1, ERR);
    if (textAt(L, -1) === null) lua.lua_pop(L, 1);
  }
  lua.lua_pushboolean(L, false);
  lua.lua_insert(L, -2);
  return 2;
};

const collectGarbage: LuaFunction = (L) => {
  const what = isMissing(L, 1) ? 'collect' : checkText(L, 1);
  if (!['stop', 'restart', 'collect', 'count', 'step', 'setpause', 'setstepmul'].includes(what)) {
    argumentError(L, 1, `invalid option '${what}'`);
  }
  if (what === 'step') lua.lua_pushboolean(L, true);
  else lua.lua_pushnumber(L, what === 'count' ? MEMORY_KILOBYTES : 0);
  return 1;
};

const usedMemory: LuaFunction = (L) => {
  lua.lua_pushnumber(L, MEMORY_KILOBYTES);
  return 1;
};

/** Pushes the global table with the basic functions in it. */
export const openBase = (L: LuaState): void => {
  lauxlib.luaL_requiref(L, toLua('_G'), lualib.luaopen_base, false);
  dropFields(L, ['dofile', 'loadfile', 'print', 'rawlen']);
  setText(L, '_VERSION', 'Lua 5.1');
  setFunctions(L, {
    assert: assertTrue, collectgarbage: collectGarbage, error: fail, gcinfo: usedMemory, ipairs, pairs, load, loadstring: loadString, pcall: protectedCall,
    setmetatable: setMetatable, tonumber: toNumber, tostring: toText, unpack,
  });
};
