/** The library `bit`: operations on 32-bit words. Source: the documentation of Lua BitOp 1.0.2, as Redis 7.0 brings it. */
import lua from 'fengari/src/lua.js';
import type { LuaFunction, LuaState } from 'fengari/src/luaTypes.js';
import { checkNumber, isMissing, pushText, setFunctions } from './luaStack.ts';

/** Added to a double it leaves the value, rounded, in the low 32 bits. */
const ROUNDING = 6755399441055744;
const HEX_DIGITS = 8;

const toWord = (value: number): number => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value + ROUNDING);
  return view.getInt32(4);
};

const wordAt = (L: LuaState, argument: number): number => toWord(checkNumber(L, argument));

const give = (L: LuaState, word: number): number => {
  lua.lua_pushnumber(L, word | 0);
  return 1;
};

const folding = (fold: (left: number, right: number) => number): LuaFunction => (L) => {
  let word = wordAt(L, 1);
  for (let argument = lua.lua_gettop(L); argument > 1; argument--) word = fold(word, wordAt(L, argument));
  return give(L, word);
};

const shifting = (shift: (word: number, places: number) => number): LuaFunction => (L) => {
  const word = wordAt(L, 1);
  return give(L, shift(word, wordAt(L, 2) & 31));
};

const swapBytes = (word: number): number =>
  (word >>> 24) | ((word >>> 8) & 0xff00) | ((word & 0xff00) << 8) | (word << 24);

const toHex: LuaFunction = (L) => {
  const word = wordAt(L, 1) >>> 0;
  const wanted = isMissing(L, 2) ? HEX_DIGITS : wordAt(L, 2);
  const digits = Math.min(HEX_DIGITS, wanted < 0 ? -wanted : wanted);
  const text = word.toString(16).padStart(HEX_DIGITS, '0').slice(HEX_DIGITS - digits);
  pushText(L, wanted < 0 ? text.toUpperCase() : text);
  return 1;
};

export const pushBitLibrary = (L: LuaState): void => {
  lua.lua_newtable(L);
  setFunctions(L, {
    tobit: (state) => give(state, wordAt(state, 1)),
    bnot: (state) => give(state, ~wordAt(state, 1)),
    bswap: (state) => give(state, swapBytes(wordAt(state, 1))),
    band: folding((left, right) => left & right),
    bor: folding((left, right) => left | right),
    bxor: folding((left, right) => left ^ right),
    lshift: shifting((word, places) => word << places),
    rshift: shifting((word, places) => word >>> places),
    arshift: shifting((word, places) => word >> places),
    rol: shifting((word, places) => (word << places) | (word >>> ((32 - places) & 31))),
    ror: shifting((word, places) => (word >>> places) | (word << ((32 - places) & 31))),
    tohex: toHex,
  });
};
