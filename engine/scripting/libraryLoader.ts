/**
 * Runs the code of a library, which registers functions, and finds them again when they are called. While it is loaded, a library has
 * `redis.register_function` and `redis.log`, and nothing that reaches the data.
 * Source: function_lua.c of Redis 7.0 (luaEngineCreate, luaRegisterFunction), for behaviour and messages.
 */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { type Interpreter, guardMissing } from './interpreter.ts';
import { loadText } from './luaBase.ts';
import { makeReadOnly, withWriting } from './luaRules.ts';
import { setFunctions, tableAt, textAt } from './luaStack.ts';
import { toLua } from './luaText.ts';
import { pushLogging, raiseError } from './redisLibrary.ts';
import type { LoadedLibrary, RegisteredFunction, ScriptServices } from './scriptEngine.ts';

/** As many instructions as half a second takes, Redis's limit. */
const LOAD_INSTRUCTIONS_MAX = 5_000_000;
const FLAGS: readonly string[] = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'];
const NAME = /^[A-Za-z0-9_]+$/;
const REGISTERED = 'library ';

class Library implements LoadedLibrary {
  readonly id: number;
  readonly functions: RegisteredFunction[] = [];

  constructor(id: number) {
    this.id = id;
  }
}

export class LibraryLoader {
  readonly interpreter: Interpreter;
  private libraries = 0;
  /** What is being loaded. */
  private current: Library | null = null;
  private readonly services: ScriptServices;

  constructor(interpreter: Interpreter, services: ScriptServices) {
    this.interpreter = interpreter;
    this.services = services;
    this.makeEnvironment(interpreter.state);
  }

  load(code: Bytes): LoadedLibrary | string {
    const L = this.interpreter.state;
    if (!loadText(L, code, '@user_function')) {
      const problem = textAt(L, -1) ?? '';
      lua.lua_pop(L, 1);
      return `Error compiling function: ${problem}`;
    }
    const library = new Library(this.libraries++);
    this.current = library;
    lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, ENVIRONMENT);
    lua.lua_setupvalue(L, -2, 1);
    this.setReach(LOADING);
    const thread = this.interpreter.begin((inner) => lua.lua_xmove(L, inner, 1));
    const outcome = this.interpreter.resume(thread, 0, LOAD_INSTRUCTIONS_MAX);
    this.setReach(GLOBALS);
    this.current = null;
    if (outcome.kind === 'failed') return `Error registering functions: ${outcome.failure.message}`;
    if (outcome.kind === 'sliceEnded') return 'Error registering functions: FUNCTION LOAD timeout';
    return library.functions.length === 0 ? 'No functions registered' : library;
  }

  pushFunction(L: LuaState, library: LoadedLibrary, name: Bytes): void {
    lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, registeredName(library as Library, name));
  }

  /** What libraries find behind their globals from now on. */
  private setReach(name: Uint8Array): void {
    const L = this.interpreter.state;
    lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, ENVIRONMENT);
    lua.lua_getmetatable(L, -1);
    const metatable = tableAt(L, -1);
    lua.lua_getfield(L, lua.LUA_REGISTRYINDEX, name);
    withWriting(metatable, () => lua.lua_setfield(L, -2, toLua('__index')));
    lua.lua_pop(L, 2);
  }

  /** An empty table stands for the globals of all libraries; what is behind it changes. */
  private makeEnvironment(L: LuaState): void {
    lua.lua_pushglobaltable(L);
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, GLOBALS);
    lua.lua_newtable(L);
    lua.lua_newtable(L);
    pushLogging(L, this.services);
    setFunctions(L, { register_function: (state) => this.register(state) });
    guardMissing(L);
    makeReadOnly(tableAt(L, -1));
    lua.lua_setfield(L, -2, toLua('redis'));
    guardMissing(L);
    makeReadOnly(tableAt(L, -1));
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, LOADING);
    lua.lua_newtable(L);
    lua.lua_newtable(L);
    makeReadOnly(tableAt(L, -1));
    lua.lua_setmetatable(L, -2);
    makeReadOnly(tableAt(L, -1));
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, ENVIRONMENT);
  }

  /** `redis.register_function(name, callback)`, or one table of named arguments. The callback ends on top. */
  private register(L: LuaState): number {
    const library = this.current;
    if (library === null) return raiseError(L, 'redis.register_function can only be called on FUNCTION LOAD command');
    const parameters = lua.lua_gettop(L);
    if (parameters < 1 || parameters > 2) return raiseError(L, 'wrong number of arguments to redis.register_function');
    const made = parameters === 1 ? namedArguments(L) : placedArguments(L);
    if (!NAME.test(made.name)) {
      return raiseError(L, 'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long');
    }
    if (library.functions.some(({ name }) => name === made.name)) return raiseError(L, 'Function already exists in the library');
    library.functions.push(made);
    lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, registeredName(library, made.name));
    return 0;
  }
}

const ENVIRONMENT = toLua('environment of libraries');
const GLOBALS = toLua('globals');
const LOADING = toLua('globals while loading');

const registeredName = (library: Library, name: Bytes): Uint8Array => toLua(`${REGISTERED}${library.id} ${name}`);

const placedArguments = (L: LuaState): RegisteredFunction => {
  const name = textAt(L, 1);
  if (name === null) return raiseError(L, 'first argument to redis.register_function must be a string');
  if (lua.lua_type(L, 2) !== lua.LUA_TFUNCTION) return raiseError(L, 'second argument to redis.register_function must be a function');
  return { name, description: null, flags: [] };
};

const namedArguments = (L: LuaState): RegisteredFunction => {
  if (lua.lua_type(L, 1) !== lua.LUA_TTABLE) {
    return raiseError(L, 'calling redis.register_function with a single argument is only applicable to Lua table '
      + '(representing named arguments).');
  }
  let name: Bytes | null = null;
  let description: Bytes | null = null;
  let flags: readonly Bytes[] = [];
  let hasCallback = false;
  // Slot 2 keeps the callback.
  lua.lua_pushnil(L);
  lua.lua_pushnil(L);
  while (lua.lua_next(L, 1) !== 0) {
    if (textAt(L, -2) === null) return raiseError(L, 'named argument key given to redis.register_function is not a string');
    switch (textAt(L, -2)) {
      case 'function_name': name = textField(L, 'function_name'); break;
      case 'description': description = textField(L, 'description'); break;
      case 'callback':
        if (lua.lua_type(L, -1) !== lua.LUA_TFUNCTION) {
          return raiseError(L, 'callback argument given to redis.register_function must be a function');
        }
        hasCallback = true;
        lua.lua_pushvalue(L, -1);
        lua.lua_replace(L, 2);
        break;
      case 'flags': flags = flagsOnTop(L); break;
      default: return raiseError(L, 'unknown argument given to redis.register_function');
    }
    lua.lua_pop(L, 1);
  }
  if (name === null) return raiseError(L, 'redis.register_function must get a function name argument');
  if (!hasCallback) return raiseError(L, 'redis.register_function must get a callback argument');
  lua.lua_settop(L, 2);
  return { name, description, flags };
};

const textField = (L: LuaState, name: string): Bytes =>
  textAt(L, -1) ?? raiseError(L, `${name} argument given to redis.register_function must be a string`);

const flagsOnTop = (L: LuaState): readonly Bytes[] => {
  if (lua.lua_type(L, -1) !== lua.LUA_TTABLE) {
    return raiseError(L, 'flags argument to redis.register_function must be a table representing function flags');
  }
  const flags: Bytes[] = [];
  for (let place = 1; ; place++) {
    const type = lua.lua_rawgeti(L, -1, place);
    const flag = type === lua.LUA_TSTRING ? textAt(L, -1) : null;
    lua.lua_pop(L, 1);
    if (type === lua.LUA_TNIL) return FLAGS.filter((known) => flags.includes(bytes(known))).map(bytes);
    if (flag === null || !FLAGS.includes(flag)) return raiseError(L, 'unknown flag given');
    flags.push(flag);
  }
};
