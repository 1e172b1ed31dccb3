/**
 * The library `cjson`: its functions and settings. Settings last until they are changed, for whoever runs scripts.
 * Source: the manual of lua-cjson 2.1.0, as Redis 7.0 brings it, and lua_cjson.c for messages.
 */
import lua from 'fengari/src/lua.js';
import type { LuaState } from 'fengari/src/luaTypes.js';
import { pushDecoded } from './jsonDecode.ts';
import { encoded } from './jsonEncode.ts';
import { argumentError, checkInteger, checkText, isMissing, pushText, setFunctions, setText, textAt } from './luaStack.ts';
import { toLua } from './luaText.ts';

const PRECISION_MAX = 14;
const INT_MAX = 2147483647;

/** How numbers that JSON lacks are taken: `null` writes them as null. */
export type InvalidNumbers = 'off' | 'on' | 'null';

export class JsonSettings {
  encodeSparseConvert = false;
  encodeSparseRatio = 2;
  encodeSparseSafe = 10;
  encodeDepthMax = 1000;
  decodeDepthMax = 1000;
  encodeInvalid: InvalidNumbers = 'off';
  decodeInvalid = true;
  keepsBuffer = true;
  precision: number = PRECISION_MAX;
}

/** Pushes the library with settings of its own. */
export const pushJsonLibrary = (L: LuaState): void => {
  const settings = new JsonSettings();
  lua.lua_newtable(L);
  setFunctions(L, {
    encode: (state) => {
      expectOne(state);
      pushText(state, encoded(state, settings));
      return 1;
    },
    decode: (state) => {
      expectOne(state);
      pushDecoded(state, checkText(state, 1), settings);
      return 1;
    },
    encode_sparse_array: (state) => setSparse(state, settings),
    encode_max_depth: (state) => numberOption(state, 1, INT_MAX, settings, 'encodeDepthMax'),
    decode_max_depth: (state) => numberOption(state, 1, INT_MAX, settings, 'decodeDepthMax'),
    encode_number_precision: (state) => numberOption(state, 1, PRECISION_MAX, settings, 'precision'),
    encode_keep_buffer: (state) => {
      if (!isMissing(state, 1)) settings.keepsBuffer = switchAt(state, 1);
      lua.lua_pushboolean(state, settings.keepsBuffer);
      return 1;
    },
    encode_invalid_numbers: (state) => setEncodeInvalid(state, settings),
    decode_invalid_numbers: (state) => {
      if (!isMissing(state, 1)) settings.decodeInvalid = switchAt(state, 1);
      lua.lua_pushboolean(state, settings.decodeInvalid);
      return 1;
    },
    new: (state) => {
      pushJsonLibrary(state);
      return 1;
    },
  });
  lua.lua_pushlightuserdata(L, null);
  lua.lua_setfield(L, -2, toLua('null'));
  setText(L, '_NAME', 'cjson');
  setText(L, '_VERSION', '2.1.0');
};

const expectOne = (L: LuaState): void => {
  if (lua.lua_gettop(L) !== 1) argumentError(L, 1, 'expected 1 argument');
};

type NumberSetting = 'encodeDepthMax' | 'decodeDepthMax' | 'precision' | 'encodeSparseRatio' | 'encodeSparseSafe';

const setNumber = (L: LuaState, argument: number, least: number, most: number, settings: JsonSettings, name: NumberSetting): void => {
  if (!isMissing(L, argument)) {
    const value = checkInteger(L, argument);
    if (value < least || value > most) argumentError(L, argument, `expected integer between ${least} and ${most}`);
    settings[name] = value;
  }
  lua.lua_pushnumber(L, settings[name]);
};

const numberOption = (L: LuaState, least: number, most: number, settings: JsonSettings, name: NumberSetting): number => {
  setNumber(L, 1, least, most, settings, name);
  return 1;
};

/** `on` and `off`, or a boolean. */
const switchAt = (L: LuaState, argument: number): boolean => {
  if (lua.lua_type(L, argument) === lua.LUA_TBOOLEAN) return lua.lua_toboolean(L, argument);
  const word = checkText(L, argument);
  if (word !== 'on' && word !== 'off') argumentError(L, argument, `invalid option '${word}'`);
  return word === 'on';
};

const setSparse = (L: LuaState, settings: JsonSettings): number => {
  const parameters = lua.lua_gettop(L);
  if (parameters > 3) argumentError(L, 4, 'found too many arguments');
  lua.lua_settop(L, 3);
  if (!isMissing(L, 1)) settings.encodeSparseConvert = switchAt(L, 1);
  lua.lua_pushboolean(L, settings.encodeSparseConvert);
  setNumber(L, 2, 0, INT_MAX, settings, 'encodeSparseRatio');
  setNumber(L, 3, 0, INT_MAX, settings, 'encodeSparseSafe');
  return 3;
};

const setEncodeInvalid = (L: LuaState, settings: JsonSettings): number => {
  if (!isMissing(L, 1)) settings.encodeInvalid = textAt(L, 1) === 'null' ? 'null' : switchAt(L, 1) ? 'on' : 'off';
  if (settings.encodeInvalid === 'null') pushText(L, 'null');
  else lua.lua_pushboolean(L, settings.encodeInvalid === 'on');
  return 1;
};
