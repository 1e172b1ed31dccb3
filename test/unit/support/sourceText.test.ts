/** The tokeniser behind `test/tidy.test.ts`. */
import { describe, expect, test } from 'vitest';
import { lineAt, readSource } from '../../support/sourceText.ts';

/** The code without the blanks that stand for what was taken out. */
const codeOf = (text: string): string => readSource(text).code.replace(/ +/g, ' ').trim();

describe('readSource', () => {
  test.each([
    ['a // Date.now()\nb', 'a \nb'],
    ['a /* x\n y */ b', 'a \n b'],
    ["x = 'it\\'s // no comment'; y", "x = ' '; y"],
    ['x = `a ${b + `c ${d}`} e`; f', 'x = ` ${b + ` ${d}`} `; f'],
    ['x = /[/"]\\/"/.test(y); z', 'x = / /.test(y); z'],
    ['x = a / b / c; // d', 'x = a / b / c;'],
    ['return /"/.test(y) ? "z" : 1', 'return / /.test(y) ? " " : 1'],
    ['x = `${{ a: 1 }.a}`; y', 'x = `${{ a: 1 }.a}`; y'],
  ])('%j', (text, code) => expect(codeOf(text)).toBe(code));

  test('keeps lines, and the strings by themselves', () => {
    const text = "a\n'slave'\n// 'x'\n`b ${'c'} d`";
    const source = readSource(text);
    expect(source.code).toHaveLength(text.length);
    expect(source.strings).toEqual([
      { line: 2, text: 'slave' }, { line: 4, text: 'b ' }, { line: 4, text: 'c' }, { line: 4, text: ' d' }]);
    expect(lineAt(text, text.indexOf('slave'))).toBe(2);
  });
});
