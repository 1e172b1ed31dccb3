/**
 * Coroutines of Lua 5.1 inside a script that is itself run in slices. A slice that ends within a coroutine ends in all that wait for it
 * as well, up to the script; the next slice goes on in the innermost.
 *
 * Always holds: a script never sees the end of a slice.
 * Source: lbaselib.c of Lua 5.1 (auxresume, auxwrap, luaB_costatus), for behaviour.
 */
import lauxlib from 'fengari/src/lauxlib.js';
import lua from 'fengari/src/lua.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { argumentError, pushText, raise, raisePlain, setFunctions, textAt } from './luaStack.ts';
import { toLua } from './luaText.ts';

/** What the runner keeps of the slices; one object for each interpreter. */
export interface Slices {
  /** The yield on its way out is the end of a slice, and none that the script asked for. */
  isEnding: boolean;
  /** How many coroutines were resumed from where nothing can be interrupted. */
  unbroken: number;
  /** The threads in which scripts run. */
  readonly scripts: WeakSet<LuaState>;
  /** Threads that run now, outermost first. */
  readonly running: LuaState[];
}

export const openCoroutines = (L: LuaState, slices: Slices): void => {
  lua.lua_newtable(L);
  setFunctions(L, {
    create,
    resume: (state) => resumed(state, slices),
    wrap: (state) => {
      create(state);
      lua.lua_pushcclosure(state, (inner) => wrapped(inner, slices), 1);
      return 1;
    },
    yield: (state) => (slices.scripts.has(state) ? raisePlain(state, 'attempt to yield across metamethod/C-call boundary')
      : lua.lua_yield(state, lua.lua_gettop(state))),
    status: (state) => {
      pushText(state, statusOf(state, threadAt(state, 1), slices));
      return 1;
    },
    running: (state) => {
      if (slices.scripts.has(state)) lua.lua_pushnil(state);
      else lua.lua_pushthread(state);
      return 1;
    },
  });
  lua.lua_pushglobaltable(L);
  lua.lua_insert(L, -2);
  lua.lua_setfield(L, -2, toLua('coroutine'));
  lua.lua_pop(L, 1);
};

const create: LuaFunction = (L) => {
  if (lua.lua_type(L, 1) !== lua.LUA_TFUNCTION || lua.lua_iscfunction(L, 1)) argumentError(L, 1, 'Lua function expected');
  const thread = lua.lua_newthread(L);
  lua.lua_pushvalue(L, 1);
  lua.lua_xmove(L, thread, 1);
  return 1;
};

const threadAt = (L: LuaState, index: number): LuaState =>
  lua.lua_tothread(L, index) ?? argumentError(L, index, 'coroutine expected');

const statusOf = (L: LuaState, thread: LuaState, slices: Slices): 'running' | 'suspended' | 'normal' | 'dead' => {
  if (thread === L) return 'running';
  if (slices.running.includes(thread)) return 'normal';
  const status = lua.lua_status(thread);
  if (status === lua.LUA_YIELD) return 'suspended';
  return status === lua.LUA_OK && lua.lua_gettop(thread) > 0 ? 'suspended' : 'dead';
};

const resumed = (L: LuaState, slices: Slices): number => {
  const thread = threadAt(L, 1);
  const status = statusOf(L, thread, slices);
  if (status !== 'suspended') {
    lua.lua_pushboolean(L, false);
    pushText(L, `cannot resume ${status === 'dead' ? 'dead' : `non-suspended`} coroutine`);
    return 2;
  }
  const parameters = lua.lua_gettop(L) - 1;
  lua.lua_xmove(L, thread, parameters);
  return go(L, thread, parameters, slices, (isOk, count) => {
    lua.lua_pushboolean(L, isOk);
    lua.lua_insert(L, -(count + 1));
    return count + 1;
  });
};

const wrapped = (L: LuaState, slices: Slices): number => {
  const thread = threadAt(L, lua.lua_upvalueindex(1));
  const status = statusOf(L, thread, slices);
  if (status !== 'suspended') return raise(L, `cannot resume ${status === 'dead' ? 'dead' : 'non-suspended'} coroutine`);
  const parameters = lua.lua_gettop(L);
  lua.lua_xmove(L, thread, parameters);
  return go(L, thread, parameters, slices, (isOk, count) => {
    if (isOk) return count;
    const text = lua.lua_type(L, -1) === lua.LUA_TSTRING ? textAt(L, -1) : null;
    if (text !== null) {
      lauxlib.luaL_where(L, 1);
      pushText(L, (textAt(L, -1) ?? '') + text);
    }
    return lua.lua_error(L);
  });
};

/** Runs a coroutine until it yields, ends or fails; `finish` says what its caller gets of the values on top. */
const go = (
  L: LuaState, thread: LuaState, parameters: number, slices: Slices, finish: (isOk: boolean, count: number) => number,
): number => {
  const isBreakable = lua.lua_isyieldable(L);
  if (!isBreakable) slices.unbroken++;
  slices.running.push(thread);
  const status = lua.lua_resume(thread, L, parameters);
  slices.running.pop();
  if (!isBreakable) slices.unbroken--;
  if (status === lua.LUA_YIELD && slices.isEnding) {
    return lua.lua_yieldk(L, 0, 0, (state) => go(state, thread, 0, slices, finish));
  }
  const isOk = status === lua.LUA_OK || status === lua.LUA_YIELD;
  const count = isOk ? lua.lua_gettop(thread) : 1;
  lua.lua_xmove(thread, L, count);
  return finish(isOk, count);
};
