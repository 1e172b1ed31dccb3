/**
 * The libraries string, table and math as Lua 5.1 has them: fengari's where the two versions agree, own functions where not.
 * Source: lstrlib.c, ltablib.c and lmathlib.c of Lua 5.1; redis_math_random in script_lua.c of Redis 7.0, for behaviour.
 */
import lauxlib from 'fengari/src/lauxlib.js';
import lua from 'fengari/src/lua.js';
import lualib from 'fengari/src/lualib.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { bytes } from '../core/bytes.ts';
import type { Random48 } from './random48.ts';
import { loadText } from './luaBase.ts';
import { formatText } from './luaFormat.ts';
import {
  argumentError, checkInteger, checkNumber, checkText, dropFields, isMissing, pushText, raise, setFunctions, setNumbers,
} from './luaStack.ts';
import { toLua } from './luaText.ts';

const LUA_53_MATH: readonly string[] = ['tointeger', 'ult', 'type', 'maxinteger', 'mininteger'];
const REPEATED_MAX = 512 * 1024 * 1024;

/** What is simplest said in Lua itself. The libraries are parameters, so that no global is touched. */
const PRELUDE = bytes(`
local string, table, math = ...
local find, type, tostring = string.find, type, tostring
local floor, exp, log, huge = math.floor, math.exp, math.log, math.huge
function math.pow(x, y) return x ^ y end
function math.log10(x) return log(x, 10) end
local atan = math.atan
function math.atan2(y, x) return atan(y, x) end
function math.sinh(x) return (exp(x) - exp(-x)) / 2 end
function math.cosh(x) return (exp(x) + exp(-x)) / 2 end
function math.tanh(x)
  local a, b = exp(x), exp(-x)
  if a == huge then return 1 elseif b == huge then return -1 end
  return (a - b) / (a + b)
end
function table.foreach(t, f)
  for k, v in pairs(t) do
    local r = f(k, v)
    if r ~= nil then return r end
  end
end
function table.foreachi(t, f)
  for i = 1, #t do
    local r = f(i, t[i])
    if r ~= nil then return r end
  end
end
`);

/** Sets the globals `string`, `table` and `math`; the generator behind `math.random` is `random`. */
export const openLibraries = (L: LuaState, random: Random48): void => {
  openString(L);
  openTable(L);
  openMath(L, random);
  if (!loadText(L, PRELUDE, '=prelude')) lua.lua_error(L);
  for (const name of ['string', 'table', 'math']) {
    lua.lua_pushglobaltable(L);
    lua.lua_getfield(L, -1, toLua(name));
    lua.lua_remove(L, -2);
  }
  lua.lua_call(L, 3, 0);
  // Where 5.3 looks up names of functions for its messages; 5.1 does not.
  lua.lua_newtable(L);
  lua.lua_setfield(L, lua.LUA_REGISTRYINDEX, toLua('_LOADED'));
};

const openString = (L: LuaState): void => {
  lauxlib.luaL_requiref(L, toLua('string'), lualib.luaopen_string, true);
  dropFields(L, ['pack', 'packsize', 'unpack']);
  setFunctions(L, {
    format: formatText, rep: repeat, char: characters, dump: (state) => raise(state, 'unable to dump given function'),
  });
  lua.lua_getfield(L, -1, toLua('gmatch'));
  lua.lua_setfield(L, -2, toLua('gfind'));
  lua.lua_pop(L, 1);
};

const characters: LuaFunction = (L) => {
  const codes: number[] = [];
  for (let argument = 1; argument <= lua.lua_gettop(L); argument++) {
    const code = checkInteger(L, argument);
    if (code < 0 || code > 255) argumentError(L, argument, 'invalid value');
    codes.push(code);
  }
  pushText(L, codes.map((code) => String.fromCharCode(code)).join(''));
  return 1;
};

const repeat: LuaFunction = (L) => {
  const text = checkText(L, 1);
  const count = Math.max(0, checkInteger(L, 2));
  if (count * text.length > REPEATED_MAX) raise(L, 'resulting string too large');
  pushText(L, text.repeat(count));
  return 1;
};

const openTable = (L: LuaState): void => {
  lauxlib.luaL_requiref(L, toLua('table'), lualib.luaopen_table, true);
  dropFields(L, ['pack', 'unpack', 'move']);
  setFunctions(L, {
    insert: insertPlace, remove: removePlace, maxn: greatestKey,
    getn: (state) => {
      lauxlib.luaL_checktype(state, 1, lua.LUA_TTABLE);
      lua.lua_pushnumber(state, lua.lua_rawlen(state, 1));
      return 1;
    },
    setn: (state) => {
      lauxlib.luaL_checktype(state, 1, lua.LUA_TTABLE);
      return raise(state, "'setn' is obsolete");
    },
  });
  lua.lua_pop(L, 1);
};

const insertPlace: LuaFunction = (L) => {
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  let end = lua.lua_rawlen(L, 1) + 1;
  let place = end;
  switch (lua.lua_gettop(L)) {
    case 2: break;
    case 3:
      place = checkInteger(L, 2);
      end = Math.max(end, place);
      for (let at = end; at > place; at--) {
        lua.lua_rawgeti(L, 1, at - 1);
        setPlace(L, at);
      }
      break;
    default: return raise(L, "wrong number of arguments to 'insert'");
  }
  lua.lua_pushvalue(L, -1);
  setPlace(L, place);
  return 0;
};

/** Through the checked way, since the table may be read-only. */
const setPlace = (L: LuaState, place: number): void => {
  lua.lua_pushnumber(L, place);
  lua.lua_insert(L, -2);
  lua.lua_rawset(L, 1);
};

const removePlace: LuaFunction = (L) => {
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  const end = lua.lua_rawlen(L, 1);
  const place = isMissing(L, 2) ? end : checkInteger(L, 2);
  if (place < 1 || place > end) return 0;
  lua.lua_rawgeti(L, 1, place);
  for (let at = place; at < end; at++) {
    lua.lua_rawgeti(L, 1, at + 1);
    setPlace(L, at);
  }
  lua.lua_pushnil(L);
  setPlace(L, end);
  return 1;
};

const greatestKey: LuaFunction = (L) => {
  lauxlib.luaL_checktype(L, 1, lua.LUA_TTABLE);
  let greatest = 0;
  lua.lua_pushnil(L);
  while (lua.lua_next(L, 1) !== 0) {
    lua.lua_pop(L, 1);
    if (lua.lua_type(L, -1) === lua.LUA_TNUMBER) greatest = Math.max(greatest, lua.lua_tonumber(L, -1));
  }
  lua.lua_pushnumber(L, greatest);
  return 1;
};

const openMath = (L: LuaState, random: Random48): void => {
  lauxlib.luaL_requiref(L, toLua('math'), lualib.luaopen_math, true);
  dropFields(L, LUA_53_MATH);
  setNumbers(L, { huge: Infinity });
  setFunctions(L, {
    random: (state) => drawNumber(state, random),
    randomseed: (state) => {
      random.seed(checkInteger(state, 1));
      return 0;
    },
    mod: remainder, fmod: remainder,
    max: (state) => pushExtreme(state, (value, found) => value > found),
    min: (state) => pushExtreme(state, (value, found) => value < found),
    frexp: (state) => {
      const [mantissa, exponent] = splitDouble(checkNumber(state, 1));
      lua.lua_pushnumber(state, mantissa);
      lua.lua_pushnumber(state, exponent);
      return 2;
    },
    ldexp: (state) => {
      lua.lua_pushnumber(state, scaleDouble(checkNumber(state, 1), checkInteger(state, 2)));
      return 1;
    },
    modf: (state) => {
      const value = checkNumber(state, 1);
      lua.lua_pushnumber(state, Math.trunc(value));
      lua.lua_pushnumber(state, Number.isFinite(value) ? value - Math.trunc(value) : Number.isNaN(value) ? value : 0);
      return 2;
    },
  });
  lua.lua_pop(L, 1);
};

const pushExtreme = (L: LuaState, isBetter: (value: number, found: number) => boolean): number => {
  let found = checkNumber(L, 1);
  for (let argument = 2; argument <= lua.lua_gettop(L); argument++) {
    const value = checkNumber(L, argument);
    if (isBetter(value, found)) found = value;
  }
  lua.lua_pushnumber(L, found);
  return 1;
};

const remainder: LuaFunction = (L) => {
  lua.lua_pushnumber(L, checkNumber(L, 1) % checkNumber(L, 2));
  return 1;
};

const drawNumber = (L: LuaState, random: Random48): number => {
  const drawn = random.fraction();
  const parameters = lua.lua_gettop(L);
  if (parameters === 0) {
    lua.lua_pushnumber(L, drawn);
    return 1;
  }
  if (parameters > 2) return raise(L, 'wrong number of arguments');
  const least = parameters === 1 ? 1 : checkInteger(L, 1);
  const most = checkInteger(L, parameters);
  if (least > most) argumentError(L, parameters, 'interval is empty');
  lua.lua_pushnumber(L, Math.floor(drawn * (most - least + 1)) + least);
  return 1;
};

/** Mantissa in 0.5 to below 1, and the power of two. */
const splitDouble = (value: number): readonly [number, number] => {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let mantissa = value;
  let exponent = 0;
  for (; Math.abs(mantissa) >= 1; exponent++) mantissa /= 2;
  for (; Math.abs(mantissa) < 0.5; exponent--) mantissa *= 2;
  return [mantissa, exponent];
};

const SCALE_MAX = 2200;

const scaleDouble = (value: number, exponent: number): number => {
  let scaled = value;
  const steps = Math.min(SCALE_MAX, Math.abs(exponent));
  for (let step = 0; step < steps; step++) scaled = exponent > 0 ? scaled * 2 : scaled / 2;
  return scaled;
};
