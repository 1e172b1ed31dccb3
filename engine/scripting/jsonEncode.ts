/** Values as JSON. Source: lua_cjson.c of Redis 7.0 (json_append_data, lua_array_length), for behaviour and messages. */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import type { Bytes } from '../core/bytes.ts';
import type { JsonSettings } from './json.ts';
import { raise, textAt } from './luaStack.ts';
import { fromLua } from './luaText.ts';
import { generalText } from './numberText.ts';

const SLOTS = 4;
const ESCAPED = /["\\/\x00-\x1f\x7f]/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"', '\\': '\\\\', '/': '\\/', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r',
};

/** The value on top, which stays there. */
export const encoded = (L: LuaState, settings: JsonSettings): string => valueText(L, settings, 0);

const valueText = (L: LuaState, settings: JsonSettings, depth: number): string => {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING: return stringText(textAt(L, -1) as Bytes);
    case lua.LUA_TNUMBER: return numberText(L, settings);
    case lua.LUA_TBOOLEAN: return lua.lua_toboolean(L, -1) ? 'true' : 'false';
    case lua.LUA_TNIL: return 'null';
    case lua.LUA_TTABLE: return tableText(L, settings, depth + 1);
    case lua.LUA_TLIGHTUSERDATA: return 'null';
    default: return refuse(L, 'type not supported');
  }
};

/** `what` is wrong with the value on top. */
const refuse = (L: LuaState, what: string): never =>
  raise(L, `Cannot serialise ${fromLua(lua.lua_typename(L, lua.lua_type(L, -1)))}: ${what}`);

const stringText = (text: Bytes): string =>
  `"${text.replace(ESCAPED, (character) => SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;

const numberText = (L: LuaState, { encodeInvalid, precision }: JsonSettings): string => {
  const value = lua.lua_tonumber(L, -1);
  if (Number.isFinite(value)) return generalText(value, precision);
  if (encodeInvalid === 'off') return refuse(L, 'must not be NaN or Inf');
  if (encodeInvalid === 'null') return 'null';
  return generalText(value, precision);
};

const tableText = (L: LuaState, settings: JsonSettings, depth: number): string => {
  if (depth > settings.encodeDepthMax || !lua.lua_checkstack(L, SLOTS)) {
    return raise(L, `Cannot serialise, excessive nesting (${depth})`);
  }
  const length = listLength(L, settings);
  return length > 0 ? listText(L, settings, depth, length) : objectText(L, settings, depth);
};

/** Greater than 0: only places are keys, up to that one. Holes are null, if there are not too many. */
const listLength = (L: LuaState, { encodeSparseRatio, encodeSparseSafe, encodeSparseConvert }: JsonSettings): number => {
  let greatest = 0;
  let count = 0;
  lua.lua_pushnil(L);
  while (lua.lua_next(L, -2) !== 0) {
    lua.lua_pop(L, 1);
    const place = lua.lua_type(L, -1) === lua.LUA_TNUMBER ? lua.lua_tonumber(L, -1) : 0;
    if (!(place >= 1 && Number.isInteger(place))) {
      lua.lua_pop(L, 1);
      return -1;
    }
    greatest = Math.max(greatest, place);
    count++;
  }
  if (encodeSparseRatio > 0 && greatest > count * encodeSparseRatio && greatest > encodeSparseSafe) {
    return encodeSparseConvert ? -1 : refuse(L, 'excessively sparse array');
  }
  return greatest;
};

const listText = (L: LuaState, settings: JsonSettings, depth: number, length: number): string => {
  const items: string[] = [];
  for (let place = 1; place <= length; place++) {
    lua.lua_rawgeti(L, -1, place);
    items.push(valueText(L, settings, depth));
    lua.lua_pop(L, 1);
  }
  return `[${items.join(',')}]`;
};

const objectText = (L: LuaState, settings: JsonSettings, depth: number): string => {
  const members: string[] = [];
  lua.lua_pushnil(L);
  while (lua.lua_next(L, -2) !== 0) {
    lua.lua_pushvalue(L, -2);
    const type = lua.lua_type(L, -1);
    const key = type === lua.LUA_TNUMBER ? `"${numberText(L, settings)}"`
      : type === lua.LUA_TSTRING ? stringText(textAt(L, -1) as Bytes) : refuse(L, 'table key must be a number or string');
    lua.lua_pop(L, 1);
    members.push(`${key}:${valueText(L, settings, depth)}`);
    lua.lua_pop(L, 1);
  }
  return `{${members.join(',')}}`;
};
