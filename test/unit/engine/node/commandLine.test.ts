import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../engine/node/commandLine.ts';

const options = (...argv: string[]): string => {
  const command = parseCommandLine(argv);
  return command.kind === 'start' ? command.options : command.kind;
};

describe('the command line of the server', () => {
  it('takes directives with their values', () => {
    expect(options('--port', '7000', '--replicaof', '127.0.0.1', '7001'))
      .toBe('port "7000"\nreplicaof "127.0.0.1" "7001"');
  });

  it('takes name and values in one argument', () => {
    expect(options('--replicaof 127.0.0.1 7001', '--port', '1')).toBe('replicaof 127.0.0.1 7001\nport "1"');
  });

  it('takes a value that looks like a directive', () => {
    expect(options('--requirepass', '--secret', '--port', '1')).toBe('requirepass "--secret"\nport "1"');
  });

  it('lets save stand without a value', () => {
    expect(options('--save', '--port', '1')).toBe('save ""\nport "1"');
    expect(options('--save')).toBe('save ""');
    expect(options('--save', '')).toBe('save ""');
  });

  it('takes a file first and standard input last', () => {
    expect(parseCommandLine(['redis.conf', '--port', '1', '-'])).toEqual({
      kind: 'start', configFile: 'redis.conf', fromStandardInput: true, sentinel: false, options: 'port "1"',
    });
    expect(parseCommandLine(['-'])).toMatchObject({ configFile: null, fromStandardInput: true });
  });

  it('knows version, help and sentinel', () => {
    expect(parseCommandLine(['-v']).kind).toBe('version');
    expect(parseCommandLine(['--help']).kind).toBe('help');
    expect(parseCommandLine(['sentinel.conf', '--sentinel'])).toMatchObject({ sentinel: true, options: 'sentinel' });
    expect(parseCommandLine(['--sentinel', '--port', '1'])).toMatchObject({ sentinel: true, options: 'sentinel\nport "1"' });
  });

  it('writes text as UTF-8', () => {
    expect(options('--requirepass', 'é')).toBe('requirepass "\\xc3\\xa9"');
  });
});
