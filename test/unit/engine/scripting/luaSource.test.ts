/** Text of Lua 5.1 in the words of 5.3. */
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { sourceOf51 } from '../../../../engine/scripting/luaSource.ts';

test.each<[string, string]>([
  ['return 1', 'return 1'], ['return 7//2', 'return 7/ /2'], ['return a ~= b', 'return a ~= b'], ['return 5 & 3 | ~1', 'return 5 \x01 3 \x02 \x031'], ['a << b >> c :: d', 'a < < b > > c : : d'],
  // Strings, comments and long brackets mean what they meant.
  ['return "//" .. \'&\'', 'return "//" .. \'&\''], ['-- a // b\nreturn 1//2', '-- a // b\nreturn 1/ /2'], ['--[[ // ]] return [==[ & ]] ]==] & 1', '--[[ // ]] return [==[ & ]] ]==] \x01 1'],
  ['return "\\x41\\q\\65\\n\\"//"', 'return "x41q\\65\\n\\"//"'], ['return "open // \n1//2', 'return "open // \n1/ /2'], ['--[[ open // ', '--[[ open // '], ['return "a\\\n//b"', 'return "a\\\n//b"'],
])('%s', (source, expected) => expect(sourceOf51(bytes(source))).toBe(expected));
