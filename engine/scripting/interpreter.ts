/**
 * One Lua state as scripts of Redis find it: sandboxed, with read-only globals and the libraries that Redis brings. Scripts run in threads
 * of it, slice by slice.
 *
 * Always holds: between two runs nothing of a script is left but what it compiled, and what it drew and set of generators and libraries.
 * Source: scriptingInit in eval.c and script_lua.c of Redis 7.0, for behaviour.
 */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { type Reply, error } from '../protocol/reply.ts';
import { pushBitLibrary } from './bitLibrary.ts';
import { pushJsonLibrary } from './json.ts';
import { openBase, shown } from './luaBase.ts';
import { type Slices, openCoroutines } from './luaCoroutines.ts';
import { openLibraries } from './luaLibraries.ts';
import { applyLuaRules, makeReadOnly, withWriting } from './luaRules.ts';
import { pushText, raise, raisePlain, setText, tableAt, textAt } from './luaStack.ts';
import { fromLua, toLua } from './luaText.ts';
import { pushMessagePackLibrary } from './messagePack.ts';
import type { Random48 } from './random48.ts';
import { type ScriptSession, pushRedisLibrary, setGlobal } from './redisLibrary.ts';
import { CountedError, type ScriptServices } from './scriptEngine.ts';
import { pushStructLibrary } from './structLibrary.ts';

/** The clock of a script ticks once in so many instructions. */
const TICK = 1000;
/** A callback of `table.sort` or `string.gsub` cannot be interrupted, and may take so many. */
const UNBROKEN_MAX = 20_000_000;
const SOURCE_AND_LINE = toLua('Sl');
const LIBRARY_NAMES: readonly string[] = ['string', 'table', 'math', 'coroutine', 'redis', 'cjson', 'cmsgpack', 'struct', 'bit'];

export type Outcome =
  | { readonly kind: 'sliceEnded' }
  | { readonly kind: 'returned' }
  | { readonly kind: 'failed'; readonly failure: ScriptFailure };

/** What a script died of, and where. */
export interface ScriptFailure {
  readonly message: Bytes;
  readonly source: Bytes;
  readonly line: number;
  /** The command that failed was counted as an error already. */
  readonly isCounted: boolean;
}

export class Interpreter {
  readonly state: LuaState;
  readonly session: ScriptSession = { protocol: 2 };
  private readonly services: ScriptServices;
  private readonly slices: Slices = { isEnding: false, unbroken: 0, scripts: new WeakSet(), running: [] };
  /** Where the last slice ended. */
  stoppedAt: { readonly source: Bytes; readonly line: number } = { source: bytes(''), line: 0 };
  /** Instructions that the present slice may take, and has taken. */
  private budget = 0;
  private taken = 0;
  /** An error of our own that must not be taken for one of the script's. */
  private broken: { readonly cause: unknown } | null = null;

  constructor(services: ScriptServices, random: Random48, isForFunctions: boolean) {
    applyLuaRules();
    this.services = services;
    const L = lua.lua_newstate();
    this.state = L;
    openBase(L);
    lua.lua_pop(L, 1);
    openLibraries(L, random);
    openCoroutines(L, this.slices);
    pushRedisLibrary(L, services, this.session, isForFunctions);
    setGlobal(L, 'redis');
    pushJsonLibrary(L);
    setGlobal(L, 'cjson');
    pushMessagePackLibrary(L);
    setGlobal(L, 'cmsgpack');
    pushStructLibrary(L);
    setGlobal(L, 'struct');
    pushBitLibrary(L);
    setGlobal(L, 'bit');
    if (!isForFunctions) {
      lua.lua_pushcfunction(L, asErrorTable);
      setGlobal(L, '__redis__err__handler');
    }
    this.protect();
    lua.lua_atnativeerror(L, (state) => this.explain(state));
    lua.lua_sethook(L, (state) => this.tick(state), lua.LUA_MASKCOUNT, TICK);
  }

  /** A thread whose function and parameters `push` leaves on its stack; they are as many as it returns, without the function. */
  begin(push: (thread: LuaState) => void): LuaState {
    const thread = lua.lua_newthread(this.state);
    lua.lua_pop(this.state, 1);
    this.slices.scripts.add(thread);
    this.session.protocol = 2;
    push(thread);
    return thread;
  }

  /** Runs a thread for so many instructions at least; `parameters` are on its stack when it begins. */
  resume(thread: LuaState, parameters: number, instructions: number): Outcome {
    this.budget = instructions;
    this.taken = 0;
    this.slices.isEnding = false;
    this.slices.running.push(thread);
    const status = lua.lua_resume(thread, this.state, parameters);
    this.slices.running.length = 0;
    this.slices.unbroken = 0;
    const { broken } = this;
    this.broken = null;
    if (broken !== null) throw broken.cause;
    if (status === lua.LUA_YIELD) return { kind: 'sliceEnded' };
    return status === lua.LUA_OK ? { kind: 'returned' } : { kind: 'failed', failure: this.failureOf(thread) };
  }

  /** Where a thread stands: one that runs, or died. */
  private place(thread: LuaState): { readonly source: Bytes; readonly line: number } {
    const at = new lua.lua_Debug();
    for (let level = 0; lua.lua_getstack(thread, level, at) === 1; level++) {
      lua.lua_getinfo(thread, SOURCE_AND_LINE, at);
      // Only functions written in Lua have lines.
      if (at.currentline < 0) continue;
      return { source: at.source === null ? bytes('?') : fromLua(at.source), line: at.currentline };
    }
    return { source: bytes(''), line: 0 };
  }

  /** Sets a global that scripts find but cannot set. */
  setGlobal(name: string, push: (L: LuaState) => void): void {
    const L = this.state;
    lua.lua_pushglobaltable(L);
    const globals = tableAt(L, -1);
    push(L);
    withWriting(globals, () => lua.lua_setfield(L, -2, toLua(name)));
    lua.lua_pop(L, 1);
  }

  private failureOf(thread: LuaState): ScriptFailure {
    const { source, line } = this.place(thread);
    const L = this.state;
    // A dead thread has no room for more.
    const top = lua.lua_gettop(L);
    lua.lua_xmove(thread, L, 1);
    let message = bytes(`ERR ${shown(L, -1)}`);
    let isCounted = false;
    if (lua.lua_type(L, -1) === lua.LUA_TTABLE) {
      message = rawField(L, 'err', () => textAt(L, -1)) ?? bytes('ERR unknown error');
      isCounted = rawField(L, 'ignore_error_stats_update', () => lua.lua_toboolean(L, -1));
    }
    lua.lua_settop(L, top);
    return { message, source, line, isCounted };
  }

  /** Globals: whoever asks for one that is not there is told so, and nobody sets any. */
  private protect(): void {
    const L = this.state;
    lua.lua_pushglobaltable(L);
    const globals = tableAt(L, -1);
    for (const name of LIBRARY_NAMES) {
      lua.lua_getfield(L, -1, toLua(name));
      makeReadOnly(tableAt(L, -1));
      lua.lua_pop(L, 1);
    }
    guardMissing(L);
    makeReadOnly(globals);
    lua.lua_pop(L, 1);
    // What strings have in common.
    pushText(L, '');
    if (lua.lua_getmetatable(L, -1)) {
      makeReadOnly(tableAt(L, -1));
      lua.lua_pop(L, 1);
    }
    lua.lua_pop(L, 1);
  }

  private tick(L: LuaState): void {
    this.taken += TICK;
    this.services.cost(TICK);
    if (this.taken < this.budget) return;
    if (this.slices.unbroken === 0 && lua.lua_isyieldable(L)) {
      this.slices.isEnding = true;
      this.stoppedAt = this.place(L);
      lua.lua_yield(L, 0);
    } else if (this.taken > UNBROKEN_MAX) raisePlain(L, 'a callback that cannot be interrupted took too long');
  }

  /** An exception of JavaScript under a script: too much memory asked for is the script's fault, all else is ours. */
  private explain(L: LuaState): number {
    const cause = lua.lua_touserdata(L, 1);
    if (!(cause instanceof RangeError)) this.broken = { cause };
    pushText(L, 'not enough memory');
    return 1;
  }
}

/** What Redis has errors go through; scripts can see it. */
const asErrorTable = (L: LuaState): number => {
  lua.lua_settop(L, 1);
  if (lua.lua_type(L, 1) === lua.LUA_TTABLE) return 1;
  lua.lua_newtable(L);
  setText(L, 'err', `ERR ${shown(L, 1)}`);
  return 1;
};

/** Reads a field of the table on top, past metatables, which could fail. */
const rawField = <Value>(L: LuaState, name: string, read: () => Value): Value => {
  pushText(L, name);
  lua.lua_rawget(L, -2);
  const value = read();
  lua.lua_pop(L, 1);
  return value;
};

/** Gives the table on top a metatable under which a missing field is an error. */
export const guardMissing = (L: LuaState): void => {
  lua.lua_newtable(L);
  lua.lua_pushcfunction(L, (state) => {
    const name = textAt(state, -1);
    return raise(state, name === null ? 'Script attempted to access nonexistent global variable'
      : `Script attempted to access nonexistent global variable '${name}'`);
  });
  lua.lua_setfield(L, -2, toLua('__index'));
  makeReadOnly(tableAt(L, -1));
  lua.lua_setmetatable(L, -2);
};

/** The reply that a failed script leaves: what happened, in which script, and where. */
export const failureReply = ({ message, source, line, isCounted }: ScriptFailure, name: Bytes): Reply => {
  const text = message.replace(/[\r\n]/g, ' ');
  const where = line > 0 && source !== '' ? ` script: ${name}, on ${source}:${line}.` : '';
  return isCounted ? new CountedError(text + where) : error(text + where);
};
