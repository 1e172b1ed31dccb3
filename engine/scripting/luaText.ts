/** Byte strings as Lua's strings and back. A Lua string is never changed once it is made, so names are converted once. */
import type { LuaText } from 'fengari/src/luaTypes.js';
import { type Bytes, EMPTY, join } from '../core/bytes.ts';

/** As many arguments as every engine takes in one call. */
const CHUNK = 4096;

export const toLua = (text: string): LuaText => {
  const out = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) out[index] = text.charCodeAt(index);
  return out;
};

export const fromLua = (text: LuaText): Bytes => {
  if (text.length === 0) return EMPTY;
  if (text.length <= CHUNK) return String.fromCharCode(...text) as Bytes;
  const parts: Bytes[] = [];
  for (let from = 0; from < text.length; from += CHUNK) parts.push(String.fromCharCode(...text.subarray(from, from + CHUNK)) as Bytes);
  return join(parts);
};
