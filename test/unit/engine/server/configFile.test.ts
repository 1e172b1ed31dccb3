import { describe, expect, it } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { directiveError, formatDirective, parseConfigText } from '../../../../engine/server/configFile.ts';

const parse = (text: string): readonly string[][] =>
  parseConfigText(bytes(text), 'redis.conf').map(({ name, values }) => [name, ...values]);

describe('configuration text', () => {
  it('is a list of directives in order, names in lower case', () => {
    expect(parse('Port 7000\nSAVE 3600 1 300 100\nport 7001\n'))
      .toEqual([['port', '7000'], ['save', '3600', '1', '300', '100'], ['port', '7001']]);
  });

  it('skips comments and empty lines, and trims', () => {
    expect(parse('# port 1\n\n \t port 7000 \r\n  # more\n')).toEqual([['port', '7000']]);
    expect(parse('port 7000 # not a comment')).toEqual([['port', '7000', '#', 'not', 'a', 'comment']]);
  });

  it('unquotes values', () => {
    expect(parse('save ""\nrequirepass "a \\"b\\" \\x41\\n"\nuser \'it\\\'s\' x'))
      .toEqual([['save', ''], ['requirepass', 'a "b" A\n'], ['user', "it's", 'x']]);
  });

  it('names the line, the file and the text of what it cannot read', () => {
    const read = (): unknown => parseConfigText(bytes('port 1\nrequirepass "open\n'), 'redis.conf');
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      'Reading the configuration, at line 2 of redis.conf\n'
      + '>>> \'requirepass "open\'\nUnbalanced quotes in configuration line');
  });

  it('gives every directive its place, which errors about it name', () => {
    const [first] = parseConfigText(bytes('\nport abc'), 'redis.conf');
    expect(first?.place).toBe('line 2 of redis.conf');
    if (first === undefined) throw new Error('no directive');
    expect(directiveError(first, 'not an integer').message)
      .toBe("Reading the configuration, at line 2 of redis.conf\n>>> 'port abc'\nnot an integer");
  });

  it('formats what it would read back', () => {
    const values = ['plain', '', 'two words', 'a"b', 'line\nfeed', "it's", '\xff'].map(bytes);
    const line = formatDirective(bytes('name'), values);
    expect(line.startsWith('name plain "" "two words"')).toBe(true);
    expect(parseConfigText(line, 'redis.conf')[0]?.values).toEqual(values);
  });
});
