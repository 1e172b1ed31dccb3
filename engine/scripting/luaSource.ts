/**
 * Source text of Lua 5.1 in the words of Lua 5.3: operators and escapes that only 5.3 knows become what 5.1 made of them, and lines
 * stay where they are.
 *
 * Always holds: strings, comments and long brackets keep their meaning; text that is wrong in 5.1 stays wrong.
 * Source: the lexers of both versions (llex.c), for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';

/** Operators of 5.3 that are two tokens, or none, in 5.1. */
const TWO_TOKENS: readonly string[] = ['//', '<<', '>>', '::'];
/** Escapes that mean the same in both. */
const ESCAPES = 'abfnrtv\\"\'\n\r';
const LONG_OPEN = /\[(=*)\[/y;
/** Long comments first, then strings, and what has two characters. */
const INTERESTING = /--|["']|\[=*\[|\/\/|<<|>>|::|[&|]|~(?!=)/;
/**
 * Operators of 5.3 that are no tokens of 5.1 stand for the characters 1, 2 and 3, which are none in either; `luaRules.ts` turns them back
 * in the message.
 */
export const FOREIGN_OPERATORS = '&|~';

export const sourceOf51 = (source: Bytes): Bytes => {
  if (!INTERESTING.test(source)) return source;
  const tokens = new RegExp(INTERESTING, 'g');
  let out = '';
  let at = 0;
  for (let match = tokens.exec(source); match !== null; match = tokens.exec(source)) {
    const { index } = match;
    const [token] = match;
    out += source.slice(at, index);
    if (TWO_TOKENS.includes(token)) {
      out += `${token.charAt(0)} `;
      at = index + 1;
    } else if (FOREIGN_OPERATORS.includes(token)) {
      out += String.fromCharCode(FOREIGN_OPERATORS.indexOf(token) + 1);
      at = index + 1;
    } else {
      const end = endOf(source, index, token);
      const text = source.slice(index, end);
      out += token === '"' || token === "'" ? stringOf51(text) : text;
      at = end;
    }
    tokens.lastIndex = at;
  }
  return (out + source.slice(at)) as Bytes;
};

/** Where the comment, string or long bracket ends that begins at `index`; the text's end where it is never closed. */
const endOf = (source: Bytes, index: number, token: string): number => {
  if (token === '--') return endOfComment(source, index + token.length);
  if (token.startsWith('[')) return endOfLong(source, index + token.length, token.length - 2);
  for (let at = index + 1; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === '\\') at++;
    else if (character === token || character === '\n') return at + 1;
  }
  return source.length;
};

const endOfComment = (source: Bytes, from: number): number => {
  const long = new RegExp(LONG_OPEN);
  long.lastIndex = from;
  const open = long.exec(source);
  if (open !== null) return endOfLong(source, from + open[0].length, open[0].length - 2);
  const line = source.indexOf('\n', from);
  return line < 0 ? source.length : line;
};

const endOfLong = (source: Bytes, from: number, level: number): number => {
  const close = `]${'='.repeat(level)}]`;
  const end = source.indexOf(close, from);
  return end < 0 ? source.length : end + close.length;
};

/** `\x41`, `\z` and `\u{…}` are plain letters in 5.1, as is every other character behind a backslash. */
const stringOf51 = (text: string): string =>
  text.replace(/\\([^0-9])/gs, (escape, character: string) => (ESCAPES.includes(character) ? escape : character));
