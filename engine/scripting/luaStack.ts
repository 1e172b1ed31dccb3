/** Short words for what functions written for Lua do all the time: take arguments, give results, fail. */
import lauxlib from 'fengari/src/lauxlib.js';
import lua from 'fengari/src/lua.js';
import type { Table } from 'fengari/src/ltable.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import type { Bytes } from '../core/bytes.ts';
import { fromLua, toLua } from './luaText.ts';

export const pushText = (L: LuaState, text: string): void => lua.lua_pushstring(L, toLua(text));

/** A string or number at `index`; null for anything else. A number in a table or upvalue stays one. */
export const textAt = (L: LuaState, index: number): Bytes | null => {
  const type = lua.lua_type(L, index);
  if (type !== lua.LUA_TSTRING && type !== lua.LUA_TNUMBER) return null;
  if (type === lua.LUA_TSTRING) return fromLua(lua.lua_tolstring(L, index) as Uint8Array);
  lua.lua_pushvalue(L, index);
  const text = fromLua(lua.lua_tolstring(L, -1) as Uint8Array);
  lua.lua_pop(L, 1);
  return text;
};

/** A parameter that must be a string, or a number, which reads as one. */
export const checkText = (L: LuaState, argument: number): Bytes => fromLua(lauxlib.luaL_checklstring(L, argument));

export const checkNumber = (L: LuaState, argument: number): number => lauxlib.luaL_checknumber(L, argument);

export const isMissing = (L: LuaState, argument: number): boolean => lua.lua_type(L, argument) <= lua.LUA_TNIL;

/** As C casts a double to a 32-bit integer where it fits. */
export const checkInteger = (L: LuaState, argument: number): number => Math.trunc(checkNumber(L, argument));

export const argumentError = (L: LuaState, argument: number, message: string): never =>
  lauxlib.luaL_argerror(L, argument, toLua(message));

/** An error with the place of the caller in front. */
export const raise = (L: LuaState, message: string): never => {
  lauxlib.luaL_where(L, 1);
  const where = fromLua(lua.lua_tolstring(L, -1) as Uint8Array);
  pushText(L, where + message);
  return lua.lua_error(L);
};

/** The same without a place. */
export const raisePlain = (L: LuaState, message: string): never => {
  pushText(L, message);
  return lua.lua_error(L);
};

export const tableAt = (L: LuaState, index: number): Table => lua.lua_topointer(L, index) as unknown as Table;

/** Sets fields of the table on top. */
export const setFunctions = (L: LuaState, functions: Readonly<Record<string, LuaFunction>>): void => {
  for (const [name, called] of Object.entries(functions)) {
    lua.lua_pushcfunction(L, called);
    lua.lua_setfield(L, -2, toLua(name));
  }
};

export const setNumbers = (L: LuaState, numbers: Readonly<Record<string, number>>): void => {
  for (const [name, value] of Object.entries(numbers)) {
    lua.lua_pushnumber(L, value);
    lua.lua_setfield(L, -2, toLua(name));
  }
};

export const setText = (L: LuaState, name: string, text: string): void => {
  pushText(L, text);
  lua.lua_setfield(L, -2, toLua(name));
};

/** Takes a field away from the table on top. */
export const dropFields = (L: LuaState, names: readonly string[]): void => {
  for (const name of names) {
    lua.lua_pushnil(L);
    lua.lua_setfield(L, -2, toLua(name));
  }
};
