/**
 * The script engine on Lua: scripts by their SHA-1, libraries of functions in an interpreter of their own.
 * Source: eval.c and function_lua.c of Redis 7.0 (luaCreateFunction, luaCallFunction, luaEngineCreate), for behaviour and messages.
 */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import { Interpreter, failureReply } from './interpreter.ts';
import { LibraryLoader } from './libraryLoader.ts';
import { loadText } from './luaBase.ts';
import { takeReply } from './luaReplies.ts';
import { Random48 } from './random48.ts';
import { pushText, textAt } from './luaStack.ts';
import { toLua } from './luaText.ts';
import type { LoadedLibrary, RunStep, ScriptEngine, ScriptRun, ScriptServices } from './scriptEngine.ts';

export const createLuaEngine = (services: ScriptServices): ScriptEngine => new LuaEngine(services);

class LuaEngine implements ScriptEngine {
  private readonly services: ScriptServices;
  private readonly scripts: Interpreter;
  private readonly random: Random48 = new Random48();
  /** Made when the first library comes. */
  private loader: LibraryLoader | null = null;

  constructor(services: ScriptServices) {
    this.services = services;
    this.scripts = new Interpreter(services, this.random, false);
  }

  compile(sha: Bytes, body: Bytes): string | null {
    const L = this.scripts.state;
    if (!loadText(L, body, '@user_script')) {
      const problem = textAt(L, -1) ?? bytes('');
      lua.lua_pop(L, 1);
      return problem;
    }
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, registered(sha));
    return null;
  }

  forget(sha: Bytes): void {
    const L = this.scripts.state;
    lua.lua_pushnil(L);
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, registered(sha));
  }

  start(sha: Bytes, keys: readonly Bytes[], args: readonly Bytes[], client: 2 | 3): ScriptRun {
    this.scripts.setGlobal('KEYS', (L) => pushList(L, keys));
    this.scripts.setGlobal('ARGV', (L) => pushList(L, args));
    const thread = this.scripts.begin((L) => {
      if (lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, registered(sha)) !== lua.LUA_TFUNCTION) {
        throw new InvariantError('a script is compiled before it runs');
      }
    });
    return new LuaRun(this.scripts, thread, 0, sha, client);
  }

  load(code: Bytes): LoadedLibrary | string {
    this.loader ??= new LibraryLoader(new Interpreter(this.services, this.random, true), this.services);
    return this.loader.load(code);
  }

  startFunction(library: LoadedLibrary, name: Bytes, keys: readonly Bytes[], args: readonly Bytes[], client: 2 | 3): ScriptRun {
    const { loader } = this;
    if (loader === null) throw new InvariantError('a function was loaded before it runs');
    const thread = loader.interpreter.begin((L) => {
      loader.pushFunction(L, library, name);
      pushList(L, keys);
      pushList(L, args);
    });
    return new LuaRun(loader.interpreter, thread, 2, name, client);
  }
}

const registered = (sha: Bytes): Uint8Array => toLua(`f_${sha}`);

const pushList = (L: LuaState, items: readonly Bytes[]): void => {
  lua.lua_newtable(L);
  for (const [index, item] of items.entries()) {
    pushText(L, item);
    lua.lua_rawseti(L, -2, index + 1);
  }
};

class LuaRun implements ScriptRun {
  private readonly interpreter: Interpreter;
  private readonly thread: LuaState;
  private parameters: number;
  private readonly name: Bytes;
  private readonly client: 2 | 3;
  private killedBy: string | null = null;

  constructor(interpreter: Interpreter, thread: LuaState, parameters: number, name: Bytes, client: 2 | 3) {
    this.interpreter = interpreter;
    this.thread = thread;
    this.parameters = parameters;
    this.name = name;
    this.client = client;
  }

  step(instructions: number): RunStep {
    const { interpreter, thread, name } = this;
    if (this.killedBy !== null) {
      const failure = { message: bytes(`ERR ${this.killedBy}`), ...interpreter.stoppedAt, isCounted: false };
      return { done: true, reply: failureReply(failure, name) };
    }
    const outcome = interpreter.resume(thread, this.parameters, instructions);
    this.parameters = 0;
    if (outcome.kind === 'sliceEnded') return { done: false };
    if (outcome.kind === 'failed') return { done: true, reply: failureReply(outcome.failure, name) };
    lua.lua_settop(thread, 1);
    return { done: true, reply: takeReply(thread, { client: this.client, script: interpreter.session.protocol }) };
  }

  kill(message: string): void {
    this.killedBy = message;
  }
}
