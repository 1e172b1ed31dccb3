/**
 * The table `redis`: what scripts and functions may ask of the server.
 * Source: luaRegisterRedisAPI and the functions it names in script_lua.c of Redis 7.0, for behaviour and messages.
 */
import lua from 'fengari/src/lua.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes, toHex } from '../core/bytes.ts';
import { sha1 } from '../core/sha1.ts';
import { ErrorReply, error } from '../protocol/reply.ts';
import { SCRIPT_REPL_SLAVE } from '../protocol/wireNames.ts';
import { commandNumberText } from './luaFormat.ts';
import { pushError, pushReply } from './luaReplies.ts';
import { pushText, setFunctions, setNumbers, setText, textAt } from './luaStack.ts';
import { toLua } from './luaText.ts';
import { REPLICATE_TO_ALL, REPLICATE_TO_FILE, REPLICATE_TO_REPLICAS, type ScriptLogLevel, type ScriptServices } from './scriptEngine.ts';

const LEVELS: readonly ScriptLogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const VERSION = '7.0.15';
const VERSION_NUMBER = 0x0007000f;

/** What the script that runs has set by `redis.setresp`. */
export interface ScriptSession {
  protocol: 2 | 3;
}

/** Raises a table with the field `err`, as all failures of this library do. */
export const raiseError = (L: LuaState, message: string): never => {
  lua.lua_newtable(L);
  setText(L, 'err', `ERR ${message}`);
  return lua.lua_error(L);
};

/** Pushes the table; functions find a little less in it than scripts. */
export const pushRedisLibrary = (L: LuaState, services: ScriptServices, session: ScriptSession, isForFunctions: boolean): void => {
  lua.lua_newtable(L);
  pushLogging(L, services);
  setNumbers(L, {
    REPL_NONE: 0, REPL_AOF: REPLICATE_TO_FILE, REPL_REPLICA: REPLICATE_TO_REPLICAS, REPL_ALL: REPLICATE_TO_ALL,
    REDIS_VERSION_NUM: VERSION_NUMBER,
  });
  setNumbers(L, { [SCRIPT_REPL_SLAVE]: REPLICATE_TO_REPLICAS });
  setText(L, 'REDIS_VERSION', VERSION);
  setFunctions(L, {
    call: (state) => runCommand(state, services, session, true),
    pcall: (state) => runCommand(state, services, session, false),
    sha1hex: hashText,
    error_reply: (state) => singleField(state, 'err'),
    status_reply: (state) => singleField(state, 'ok'),
    setresp: (state) => setProtocol(state, session),
    set_repl: (state) => setReplication(state, services),
    acl_check_cmd: (state) => checkPermission(state, services),
  });
  if (!isForFunctions) setFunctions(L, SCRIPTS_ONLY);
};

/** What is older than functions, or belongs to the debugger, which there is not. */
const SCRIPTS_ONLY: Readonly<Record<string, LuaFunction>> = {
  replicate_commands: (L) => {
    lua.lua_pushboolean(L, true);
    return 1;
  },
  breakpoint: (L) => {
    lua.lua_pushboolean(L, false);
    return 1;
  },
  debug: () => 0,
};

/** `log` and its levels, into the table on top: libraries have them while they are loaded. */
export const pushLogging = (L: LuaState, services: ScriptServices): void => {
  setNumbers(L, { LOG_DEBUG: 0, LOG_VERBOSE: 1, LOG_NOTICE: 2, LOG_WARNING: 3 });
  setFunctions(L, { log: (state) => logLine(state, services) });
};

const logLine = (L: LuaState, services: ScriptServices): number => {
  const count = lua.lua_gettop(L);
  if (count < 2) return raiseError(L, 'redis.log() requires two arguments or more.');
  if (lua.lua_type(L, 1) !== lua.LUA_TNUMBER) return raiseError(L, 'First argument must be a number (log level).');
  const level = LEVELS[lua.lua_tonumber(L, 1)];
  if (level === undefined) return raiseError(L, 'Invalid debug level.');
  const words: Bytes[] = [];
  for (let argument = 2; argument <= count; argument++) {
    const text = textAt(L, argument);
    if (text !== null) words.push(text);
  }
  services.log(level, bytes(words.join(' ')));
  return 0;
};

/** The words of a command, or null where one is neither string nor number. */
const commandWords = (L: LuaState): readonly Bytes[] | null => {
  const words: Bytes[] = [];
  const count = lua.lua_gettop(L);
  for (let argument = 1; argument <= count; argument++) {
    const word = lua.lua_type(L, argument) === lua.LUA_TNUMBER ? commandNumberText(lua.lua_tonumber(L, argument)) : textAt(L, argument);
    if (word === null) return null;
    words.push(word);
  }
  return words;
};

const runCommand = (L: LuaState, services: ScriptServices, session: ScriptSession, raises: boolean): number => {
  if (lua.lua_gettop(L) === 0) return failed(L, error('ERR Please specify at least one argument for this redis lib call'), raises);
  const words = commandWords(L);
  if (words === null) return failed(L, error('ERR Lua redis lib command arguments must be strings or integers'), raises);
  const reply = services.call(words, session.protocol);
  if (reply instanceof ErrorReply) return failed(L, reply, raises);
  pushReply(L, reply, session.protocol);
  return 1;
};

const failed = (L: LuaState, reply: ErrorReply, raises: boolean): number => {
  pushError(L, reply);
  return raises ? lua.lua_error(L) : 1;
};

const hashText: LuaFunction = (L) => {
  if (lua.lua_gettop(L) !== 1) return raiseError(L, 'wrong number of arguments');
  pushText(L, toHex(sha1(textAt(L, 1) ?? bytes(''))));
  return 1;
};

const singleField = (L: LuaState, name: 'err' | 'ok'): number => {
  if (lua.lua_gettop(L) !== 1 || lua.lua_type(L, 1) !== lua.LUA_TSTRING) {
    lua.lua_newtable(L);
    setText(L, 'err', 'ERR wrong number or type of arguments');
    return 1;
  }
  const text = textAt(L, 1) as Bytes;
  lua.lua_newtable(L);
  setText(L, name, name === 'err' ? errorText(text) : text);
  return 1;
};

/** An error begins with its code; text without one gets the general one. */
const errorText = (text: Bytes): string => (text.startsWith('-') ? text.slice(1) : text.includes(' ') ? text : `ERR ${text}`);

const setProtocol = (L: LuaState, session: ScriptSession): number => {
  if (lua.lua_gettop(L) !== 1) return raiseError(L, 'redis.setresp() requires one argument.');
  const version = Math.trunc(lua.lua_tonumber(L, -1));
  if (version !== 2 && version !== 3) return raiseError(L, 'RESP version must be 2 or 3.');
  session.protocol = version;
  return 0;
};

const setReplication = (L: LuaState, services: ScriptServices): number => {
  if (lua.lua_gettop(L) !== 1) return raiseError(L, 'redis.set_repl() requires two arguments.');
  const flags = Math.trunc(lua.lua_tonumber(L, -1));
  if ((flags & ~REPLICATE_TO_ALL) !== 0) {
    return raiseError(L, 'Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
  }
  services.setReplication(flags);
  return 0;
};

const checkPermission = (L: LuaState, services: ScriptServices): number => {
  if (lua.lua_gettop(L) === 0) return raiseError(L, 'Please specify at least one argument for this redis lib call');
  const words = commandWords(L);
  if (words === null) return raiseError(L, 'Lua redis lib command arguments must be strings or integers');
  const mayRun = services.mayCall(words);
  if (mayRun === null) return raiseError(L, 'Invalid command passed to redis.acl_check_cmd()');
  lua.lua_pushboolean(L, mayRun);
  return 1;
};

/** Sets the table on top as the global `redis`. */
export const setGlobal = (L: LuaState, name: string): void => {
  lua.lua_pushglobaltable(L);
  lua.lua_insert(L, -2);
  lua.lua_setfield(L, -2, toLua(name));
  lua.lua_pop(L, 1);
};
