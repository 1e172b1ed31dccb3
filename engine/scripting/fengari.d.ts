/**
 * What this room uses of fengari (a Lua 5.3 in JavaScript, MIT). Lua's own API keeps its C names; a Lua string is a `Uint8Array`.
 * Source: the package's sources, version 0.1.5.
 */
declare module 'fengari/src/lua.js' {
  import type { LuaFunction, LuaHook, LuaState, LuaText } from 'fengari/src/luaTypes.js';

  interface Lua {
    readonly LUA_OK: 0;
    readonly LUA_YIELD: 1;
    readonly LUA_ERRMEM: number;
    readonly LUA_MULTRET: -1;
    readonly LUA_REGISTRYINDEX: number;
    readonly LUA_MASKCOUNT: number;
    readonly LUA_OPPOW: number;
    readonly LUA_TNONE: -1;
    readonly LUA_TNIL: 0;
    readonly LUA_TBOOLEAN: 1;
    readonly LUA_TLIGHTUSERDATA: 2;
    readonly LUA_TNUMBER: 3;
    readonly LUA_TSTRING: 4;
    readonly LUA_TTABLE: 5;
    readonly LUA_TFUNCTION: 6;
    readonly LUA_TUSERDATA: 7;
    readonly LUA_TTHREAD: 8;
    readonly lua_Debug: new () => LuaDebug;
    lua_atnativeerror(L: LuaState, handler: LuaFunction | null): void;
    lua_newstate(): LuaState;
    lua_newthread(L: LuaState): LuaState;
    lua_checkstack(L: LuaState, slots: number): boolean;
    lua_gettop(L: LuaState): number;
    lua_settop(L: LuaState, top: number): void;
    lua_pop(L: LuaState, count: number): void;
    lua_absindex(L: LuaState, index: number): number;
    lua_pushvalue(L: LuaState, index: number): void;
    lua_insert(L: LuaState, index: number): void;
    lua_remove(L: LuaState, index: number): void;
    lua_replace(L: LuaState, index: number): void;
    lua_pushnil(L: LuaState): void;
    lua_pushboolean(L: LuaState, value: boolean): void;
    lua_pushnumber(L: LuaState, value: number): void;
    lua_pushstring(L: LuaState, text: LuaText): void;
    lua_pushcfunction(L: LuaState, called: LuaFunction): void;
    lua_pushcclosure(L: LuaState, called: LuaFunction, upvalues: number): void;
    lua_pushlightuserdata(L: LuaState, value: unknown): void;
    lua_pushglobaltable(L: LuaState): void;
    lua_pushthread(L: LuaState): boolean;
    lua_upvalueindex(index: number): number;
    lua_type(L: LuaState, index: number): number;
    lua_typename(L: LuaState, type: number): LuaText;
    lua_toboolean(L: LuaState, index: number): boolean;
    lua_tonumber(L: LuaState, index: number): number;
    lua_tolstring(L: LuaState, index: number): LuaText | null;
    lua_touserdata(L: LuaState, index: number): unknown;
    lua_tothread(L: LuaState, index: number): LuaState | null;
    lua_topointer(L: LuaState, index: number): { readonly id?: number } | null;
    lua_iscfunction(L: LuaState, index: number): boolean;
    lua_rawequal(L: LuaState, first: number, second: number): number;
    lua_rawlen(L: LuaState, index: number): number;
    lua_newtable(L: LuaState): void;
    lua_getfield(L: LuaState, index: number, name: LuaText): number;
    lua_setfield(L: LuaState, index: number, name: LuaText): void;
    lua_rawget(L: LuaState, index: number): number;
    lua_rawset(L: LuaState, index: number): void;
    lua_rawgeti(L: LuaState, index: number, place: number): number;
    lua_rawseti(L: LuaState, index: number, place: number): void;
    lua_next(L: LuaState, index: number): number;
    lua_getmetatable(L: LuaState, index: number): boolean;
    lua_setmetatable(L: LuaState, index: number): void;
    lua_arith(L: LuaState, operation: number): void;
    lua_compare(L: LuaState, first: number, second: number, operation: number): number;
    lua_call(L: LuaState, parameters: number, results: number): void;
    lua_pcall(L: LuaState, parameters: number, results: number, handler: number): number;
    lua_pcallk(L: LuaState, parameters: number, results: number, handler: number, context: number, next: LuaContinuation): number;
    lua_error(L: LuaState): never;
    lua_resume(L: LuaState, from: LuaState | null, parameters: number): number;
    lua_yield(L: LuaState, results: number): number;
    lua_yieldk(L: LuaState, results: number, context: number, next: LuaContinuation): number;
    lua_isyieldable(L: LuaState): boolean;
    lua_status(L: LuaState): number;
    lua_xmove(from: LuaState, to: LuaState, count: number): void;
    lua_load(L: LuaState, read: (L: LuaState, data: unknown) => LuaText | null, data: unknown, name: LuaText, mode: LuaText): number;
    lua_sethook(L: LuaState, hook: LuaHook | null, mask: number, count: number): void;
    lua_getstack(L: LuaState, level: number, into: LuaDebug): number;
    lua_getinfo(L: LuaState, what: LuaText, into: LuaDebug): number;
    lua_setupvalue(L: LuaState, index: number, place: number): LuaText | null;
  }

  type LuaContinuation = (L: LuaState, status: number, context: number) => number;

  interface LuaDebug {
    readonly what: LuaText | null;
    readonly source: LuaText | null;
    readonly currentline: number;
  }

  const lua: Lua;
  export default lua;
}

declare module 'fengari/src/luaTypes.js' {
  /** One thread of Lua; all of one state share its globals. */
  export interface LuaState {
    readonly stack: { type: number; value: unknown }[];
    readonly top: number;
    readonly nny: number;
    readonly hookcount: number;
    readonly l_G: { readonly mainthread: LuaState };
    readonly ci: LuaCall;
  }
  /** A function that runs. `depth` is not of fengari: see `luaRules.ts`. */
  export interface LuaCall {
    depth?: number;
  }
  export type LuaText = Uint8Array;
  export type LuaFunction = (L: LuaState) => number;
  export type LuaHook = (L: LuaState) => void;
}

declare module 'fengari/src/lauxlib.js' {
  import type { LuaFunction, LuaState, LuaText } from 'fengari/src/luaTypes.js';

  interface LuaAuxiliary {
    luaL_checkany(L: LuaState, argument: number): void;
    luaL_checkinteger(L: LuaState, argument: number): number;
    luaL_checklstring(L: LuaState, argument: number): LuaText;
    luaL_checknumber(L: LuaState, argument: number): number;
    luaL_checktype(L: LuaState, argument: number, type: number): void;
    luaL_argerror(L: LuaState, argument: number, message: LuaText): never;
    luaL_callmeta(L: LuaState, index: number, event: LuaText): boolean;
    luaL_getmetafield(L: LuaState, index: number, event: LuaText): number;
    luaL_where(L: LuaState, level: number): void;
    luaL_requiref(L: LuaState, name: LuaText, open: LuaFunction, isGlobal: boolean): void;
  }

  const lauxlib: LuaAuxiliary;
  export default lauxlib;
}

declare module 'fengari/src/lobject.js' {
  import type { LuaState, LuaText } from 'fengari/src/luaTypes.js';

  interface Tagged {
    type: number;
    value: unknown;
    ttisinteger(): boolean;
    ttisfloat(): boolean;
    ttisnumber(): boolean;
    setfltvalue(value: number): void;
    setsvalue(value: unknown): void;
  }

  interface Objects {
    readonly TValue: { readonly prototype: Tagged; new (type: number, value: unknown): Tagged };
    luaO_tostring(L: LuaState, value: Tagged): void;
    luaO_str2num(text: LuaText, into: Tagged): number;
    luaO_pushvfstring(L: LuaState, format: LuaText, values: readonly unknown[]): LuaText;
    luaO_pushfstring(L: LuaState, format: LuaText, ...values: readonly unknown[]): LuaText;
  }

  const lobject: Objects;
  export default lobject;
  export type { Tagged };
}

declare module 'fengari/src/lstate.js' {
  import type { LuaCall, LuaState } from 'fengari/src/luaTypes.js';

  const lstate: { luaE_extendCI(L: LuaState): LuaCall };
  export default lstate;
}

declare module 'fengari/src/lstring.js' {
  import type { LuaState, LuaText } from 'fengari/src/luaTypes.js';

  const lstring: { luaS_bless(L: LuaState, text: LuaText): unknown };
  export default lstring;
}

declare module 'fengari/src/ltable.js' {
  import type { Tagged } from 'fengari/src/lobject.js';
  import type { LuaState } from 'fengari/src/luaTypes.js';

  /** Entries are kept in the order of insertion. */
  interface Table {
    readonly strong: { readonly size: number; has(key: unknown): boolean };
    metatable: Table | null;
    /** Not of fengari: see `luaRules.ts`. */
    isReadOnly?: boolean;
    arrayEnd?: number;
  }

  interface Tables {
    readonly Table: new (L: LuaState) => Table;
    luaH_next(L: LuaState, table: Table, place: number): boolean;
    luaH_setfrom(L: LuaState, table: Table, key: Tagged, value: Tagged): void;
    luaH_setint(table: Table, key: number, value: Tagged): void;
    luaH_getint(table: Table, key: number): Tagged;
    luaH_getn(table: Table): number;
  }

  const ltable: Tables;
  export default ltable;
  export type { Table };
}

declare module 'fengari/src/ldebug.js' {
  import type { LuaState, LuaText } from 'fengari/src/luaTypes.js';

  const ldebug: { luaG_runerror(L: LuaState, format: LuaText, ...values: readonly unknown[]): never };
  export default ldebug;
}

/** The one module that loads the libraries without a circle. */
declare module 'fengari/src/lualib.js' {
  import type { LuaFunction } from 'fengari/src/luaTypes.js';

  const lualib: {
    readonly luaopen_base: LuaFunction;
    readonly luaopen_string: LuaFunction;
    readonly luaopen_table: LuaFunction;
    readonly luaopen_math: LuaFunction;
  };
  export default lualib;
}
