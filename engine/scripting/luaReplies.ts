/**
 * Replies as values of Lua and back. What RESP2 lacks comes as a table with one field of that name: `ok`, `err`, `double`, `map`, `set`,
 * `big_number`, `verbatim_string`.
 * Source: script_lua.c of Redis 7.0 (redisProtocolToLuaType_*, luaReplyToRedisReply), for behaviour.
 */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import { type Bytes, bytes } from '../core/bytes.ts';
import { encodeReply } from '../protocol/encode.ts';
import {
  BooleanReply, DoubleReply, ErrorReply, MapReply, NO_REPLY, NULL_ARRAY, PushReply, RawReply, type Reply, SetReply, Status,
  VerbatimReply, error,
} from '../protocol/reply.ts';
import { ReplyDecoder } from '../protocol/replyDecoder.ts';
import { pushText, setText, textAt } from './luaStack.ts';
import { toLua } from './luaText.ts';

/** Each level of a nested value takes so many slots. */
const SLOTS = 6;
/** Deeper than this no value is converted. */
const DEPTH_MAX = 7000;
const STACK_LIMIT = error('ERR reached lua stack limit');
const INTEGER_MIN = -(2n ** 63n);

/** A reply as the script sees it that asked for `protocol`. */
export const pushReply = (L: LuaState, reply: Reply, protocol: 2 | 3): void => {
  lua.lua_checkstack(L, SLOTS);
  if (typeof reply === 'string') pushText(L, reply);
  else if (typeof reply === 'number' || typeof reply === 'bigint') lua.lua_pushnumber(L, Number(reply));
  else if (reply === null || reply === NULL_ARRAY || reply === NO_REPLY) pushNull(L, protocol);
  else if (Array.isArray(reply)) pushItems(L, reply as readonly Reply[], protocol);
  else pushOther(L, reply as OtherReply, protocol);
};

type OtherReply = Exclude<Reply, Bytes | number | bigint | null | readonly Reply[] | typeof NULL_ARRAY | typeof NO_REPLY>;

const pushOther = (L: LuaState, reply: OtherReply, protocol: 2 | 3): void => {
  if (reply instanceof Status) pushField(L, 'ok', () => pushText(L, reply.text));
  else if (reply instanceof ErrorReply) pushError(L, reply);
  else if (reply instanceof PushReply) pushItems(L, reply.items, protocol);
  else if (reply instanceof RawReply) pushReply(L, decoded(reply.wire), protocol);
  else if (protocol === 2) pushReply(L, inResp2(reply), protocol);
  else if (reply instanceof MapReply) pushField(L, 'map', () => pushPairs(L, reply.entries, protocol));
  else if (reply instanceof SetReply) pushField(L, 'set', () => pushMembers(L, reply.items, protocol));
  else if (reply instanceof DoubleReply) pushField(L, 'double', () => lua.lua_pushnumber(L, reply.value));
  else if (reply instanceof BooleanReply) lua.lua_pushboolean(L, reply.value);
  else {
    pushField(L, 'verbatim_string', () => {
      lua.lua_newtable(L);
      setText(L, 'string', reply.text);
      setText(L, 'format', reply.format);
    });
  }
};

const inResp2 = (reply: MapReply | SetReply | DoubleReply | BooleanReply | VerbatimReply): Reply => {
  if (reply instanceof MapReply) return reply.entries.flat();
  if (reply instanceof SetReply) return reply.items;
  if (reply instanceof VerbatimReply) return reply.text;
  return decoded(encodeReply(reply, 2));
};

const decoded = (wire: Bytes): Reply => {
  const decoder = new ReplyDecoder();
  decoder.push(wire);
  return decoder.next() ?? null;
};

const pushNull = (L: LuaState, protocol: 2 | 3): void => {
  if (protocol === 3) lua.lua_pushnil(L);
  else lua.lua_pushboolean(L, false);
};

const pushField = (L: LuaState, name: string, pushValue: () => void): void => {
  lua.lua_newtable(L);
  pushValue();
  lua.lua_setfield(L, -2, toLua(name));
};

/** An error as `redis.pcall` returns it and `redis.call` raises it. Its sender has counted it. */
export const pushError = (L: LuaState, reply: ErrorReply): void => {
  pushField(L, 'err', () => pushText(L, reply.text.replace(/[\r\n]+$/, '')));
  lua.lua_pushboolean(L, true);
  lua.lua_setfield(L, -2, toLua('ignore_error_stats_update'));
};

const pushItems = (L: LuaState, items: readonly Reply[], protocol: 2 | 3): void => {
  lua.lua_newtable(L);
  for (const [index, item] of items.entries()) {
    pushReply(L, item, protocol);
    lua.lua_rawseti(L, -2, index + 1);
  }
};

const pushPairs = (L: LuaState, entries: readonly (readonly [Reply, Reply])[], protocol: 2 | 3): void => {
  lua.lua_newtable(L);
  for (const [key, value] of entries) {
    pushReply(L, key, protocol);
    pushReply(L, value, protocol);
    lua.lua_rawset(L, -3);
  }
};

const pushMembers = (L: LuaState, items: readonly Reply[], protocol: 2 | 3): void => {
  lua.lua_newtable(L);
  for (const item of items) {
    pushReply(L, item, protocol);
    lua.lua_pushboolean(L, true);
    lua.lua_rawset(L, -3);
  }
};

/** What `value` has to know of the client that gets the reply, and of `redis.setresp`. */
export interface ReplyShape {
  readonly client: 2 | 3;
  readonly script: 2 | 3;
}

/** The value on top as a reply; it is taken from the stack. */
export const takeReply = (L: LuaState, shape: ReplyShape, depth = 0): Reply => {
  if (depth > DEPTH_MAX || !lua.lua_checkstack(L, SLOTS)) {
    lua.lua_pop(L, 1);
    return STACK_LIMIT;
  }
  const reply = replyOnTop(L, shape, depth);
  lua.lua_pop(L, 1);
  return reply;
};

const replyOnTop = (L: LuaState, shape: ReplyShape, depth: number): Reply => {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING: return textAt(L, -1);
    case lua.LUA_TNUMBER: return integerOf(lua.lua_tonumber(L, -1));
    case lua.LUA_TBOOLEAN: {
      const isTrue = lua.lua_toboolean(L, -1);
      if (shape.script === 3) return new BooleanReply(isTrue);
      return isTrue ? 1 : null;
    }
    case lua.LUA_TTABLE: return tableReply(L, shape, depth);
    default: return null;
  }
};

/** As a cast to a 64-bit integer does it on x86: too much is the smallest. */
const integerOf = (value: number): number | bigint => {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (!Number.isFinite(value)) return INTEGER_MIN;
  const exact = BigInt(whole);
  return exact >= INTEGER_MIN && exact < -INTEGER_MIN ? exact : INTEGER_MIN;
};

const tableReply = (L: LuaState, shape: ReplyShape, depth: number): Reply => {
  const failure = fieldText(L, 'err');
  if (failure !== null) return error(failure.replace(/[\r\n]/g, ' '));
  const status = fieldText(L, 'ok');
  if (status !== null) return new Status(status.replace(/[\r\n]/g, ' '));
  return field(L, 'double', lua.LUA_TNUMBER, () => new DoubleReply(lua.lua_tonumber(L, -1)))
    ?? field(L, 'map', lua.LUA_TTABLE, () => new MapReply(entriesOnTop(L, shape, depth)))
    ?? field(L, 'set', lua.LUA_TTABLE, () => new SetReply(entriesOnTop(L, shape, depth).map(([member]) => member)))
    ?? field(L, 'big_number', lua.LUA_TSTRING, () => bigNumber(textAt(L, -1) as Bytes, shape))
    ?? field(L, 'verbatim_string', lua.LUA_TTABLE, () => verbatimOnTop(L))
    ?? itemsOnTop(L, shape, depth);
};

const fieldText = (L: LuaState, name: string): Bytes | null => {
  pushRawField(L, name);
  const text = lua.lua_type(L, -1) === lua.LUA_TSTRING ? textAt(L, -1) : null;
  lua.lua_pop(L, 1);
  return text;
};

const pushRawField = (L: LuaState, name: string): void => {
  pushText(L, name);
  lua.lua_rawget(L, -2);
};

/** Null: the table on top has no such field of that type. */
const field = <Value>(L: LuaState, name: string, type: number, read: () => Value): Value | null => {
  pushRawField(L, name);
  const value = lua.lua_type(L, -1) === type ? read() : null;
  lua.lua_pop(L, 1);
  return value;
};

const bigNumber = (digits: Bytes, { client }: ReplyShape): Reply => {
  const line = bytes(digits.replace(/[\r\n]/g, ' '));
  return client === 3 ? new RawReply(`(${line}\r\n`) : line;
};

const verbatimOnTop = (L: LuaState): Reply => {
  const text = fieldText(L, 'string');
  const format = fieldText(L, 'format');
  if (text === null || format === null) return null;
  return new VerbatimReply(format.slice(0, 3), text);
};

const entriesOnTop = (L: LuaState, shape: ReplyShape, depth: number): (readonly [Reply, Reply])[] => {
  const entries: (readonly [Reply, Reply])[] = [];
  lua.lua_pushnil(L);
  while (lua.lua_next(L, -2) !== 0) {
    lua.lua_pushvalue(L, -2);
    const key = takeReply(L, shape, depth + 1);
    entries.push([key, takeReply(L, shape, depth + 1)]);
  }
  return entries;
};

/** Up to the first hole. */
const itemsOnTop = (L: LuaState, shape: ReplyShape, depth: number): Reply => {
  const items: Reply[] = [];
  for (let place = 1; ; place++) {
    lua.lua_rawgeti(L, -1, place);
    if (lua.lua_type(L, -1) === lua.LUA_TNIL) break;
    items.push(takeReply(L, shape, depth + 1));
  }
  lua.lua_pop(L, 1);
  return items;
};
