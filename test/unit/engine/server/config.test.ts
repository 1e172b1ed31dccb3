/** The running configuration: what files add up to, what CONFIG SET takes, and that it takes all or nothing. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { Config } from '../../../../engine/server/config.ts';
import { parseMemory } from '../../../../engine/server/configValues.ts';
import { parseConfigText } from '../../../../engine/server/configFile.ts';

const loaded = (text: string): Config => {
  const config = new Config();
  config.load(parseConfigText(bytes(text), 'redis.conf'));
  return config;
};
const set = (config: Config, ...words: readonly string[]): string | null => {
  const pairs: (readonly [ReturnType<typeof bytes>, ReturnType<typeof bytes>])[] = [];
  for (let index = 0; index < words.length; index += 2) pairs.push([bytes(words[index] ?? ''), bytes(words[index + 1] ?? '')]);
  return config.set(pairs);
};
const shown = (config: Config, name: string): string | undefined => [...config.list()].find((one) => one.name === name)?.value;

describe('a file', () => {
  test('defaults, then what the file says, the last line counting', () => {
    expect(loaded('').number('repl-timeout')).toBe(60);
    expect(loaded('repl-timeout 5\nrepl-timeout 7').number('repl-timeout')).toBe(7);
  });

  test('older names mean the same', () => {
    expect(loaded('slave-priority 7').number('replica-priority')).toBe(7);
    expect(loaded('slaveof 10.0.0.1 6379').text('replicaof')).toBe('10.0.0.1 6379');
  });

  test('save lines add up in place of the default; an empty one clears', () => {
    expect(loaded('').text('save')).toBe('3600 1 300 100 60 10000');
    expect(loaded('save 900 1').text('save')).toBe('900 1');
    expect(loaded('save 900 1\nsave 60 5').text('save')).toBe('900 1 60 5');
    expect(loaded('save 900 1 60 5').text('save')).toBe('900 1 60 5');
    expect(loaded('save ""').text('save')).toBe('');
    expect(loaded('save ""\nsave 60 5').text('save')).toBe('60 5');
    expect(loaded('save 60 5\nsave ""').text('save')).toBe('');
  });

  test.each([
    ['nonsense 1', 'Bad directive or wrong number of arguments'], ['hz', 'wrong number of arguments'],
    ['hz 1 2', 'wrong number of arguments'], ['hz many', "argument couldn't be parsed into an integer"],
    ['appendfsync sometimes', 'argument(s) must be one of the following: '], ['save 900', 'Invalid save parameters'],
    ['rdbchecksum maybe', "argument must be 'yes' or 'no'"],
  ])('%s is refused with its place', (line, reason) => {
    expect(() => loaded(`# a comment\n${line}`)).toThrow(ConfigError);
    expect(() => loaded(`# a comment\n${line}`)).toThrow(`at line 2 of redis.conf\n>>> '${line}'\n${reason}`);
  });
});

describe('memory', () => {
  test.each([
    ['0', 0], ['100', 100], ['100b', 100], ['1k', 1000], ['1kb', 1024], ['2M', 2_000_000], ['2MB', 2_097_152],
    ['1g', 1_000_000_000], ['1Gb', 1_073_741_824],
  ])('%s', (text, size) => expect(parseMemory(bytes(text))).toBe(size));

  test.each(['', 'kb', '1tb', '1.5mb', '-1', '1 mb', '99999999gb'])('%s is none', (text) => {
    expect(parseMemory(bytes(text))).toBeNull();
  });

  test('is shown in bytes', () => {
    const config = new Config();
    expect(set(config, 'repl-backlog-size', '1mb')).toBeNull();
    expect(shown(config, 'repl-backlog-size')).toBe('1048576');
  });
});

describe('CONFIG SET', () => {
  test('several at once, in whatever case, by old names too', () => {
    const config = new Config();
    expect(set(config, 'HZ', '20', 'slave-priority', '1', 'repl-diskless-sync', 'NO')).toBeNull();
    expect([config.number('hz'), config.number('replica-priority'), config.flag('repl-diskless-sync')]).toEqual([20, 1, false]);
    expect([shown(config, 'replica-priority'), shown(config, 'slave-priority')]).toEqual(['1', '1']);
  });

  test.each([
    [['hz', '20', 'nonsense', '1'], "Unknown option or number of arguments for CONFIG SET - 'nonsense'"],
    [['hz', '20', 'databases', '1'], "CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config"],
    [['hz', '20', 'Hz', '30'], "CONFIG SET failed (possibly related to argument 'Hz') - duplicate parameter"],
    [['hz', '20', 'maxclients', 'x'],
      "CONFIG SET failed (possibly related to argument 'maxclients') - argument couldn't be parsed into an integer"],
    [['hz', '20', 'active-expire-effort', '11'],
      "CONFIG SET failed (possibly related to argument 'active-expire-effort') - argument must be between 1 and 10 inclusive"],
    // What cannot be is found before any value is looked at.
    [['hz', 'x', 'databases', '1'], "CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config"],
    [['hz', 'x', 'dbfilename', 'a'], "CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config"],
  ])('%j changes nothing', (words, problem) => {
    const config = new Config();
    let told = 0;
    config.onChange('hz', () => {
      told++;
    });
    expect(set(config, ...words)).toBe(problem);
    expect([config.number('hz'), told]).toEqual([10, 0]);
  });

  test('listeners hear of it once, after all is set', () => {
    const config = new Config();
    const seen: number[] = [];
    config.onChange('hz', () => {
      seen.push(config.number('maxclients'));
    });
    set(config, 'hz', '20', 'maxclients', '5');
    expect(seen).toEqual([5]);
  });

  test('save as one value', () => {
    const config = new Config();
    expect(set(config, 'save', '10 2 20 1')).toBeNull();
    expect(config.text('save')).toBe('10 2 20 1');
    expect(set(config, 'save', '')).toBeNull();
    expect(config.text('save')).toBe('');
    expect(set(config, 'save', '10')).toContain('Invalid save parameters');
  });
});
