/** The default user: who needs a password, which ones are accepted, and how its rules read. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { Config } from '../../../../engine/server/config.ts';
import { parseConfigText } from '../../../../engine/server/configFile.ts';
import { DefaultUser } from '../../../../engine/server/defaultUser.ts';

const loaded = (text: string): Config => {
  const config = new Config();
  config.load(parseConfigText(bytes(text), 'redis.conf'));
  return config;
};

/** The hash of `x`. */
const HASH = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';

describe('requirepass', () => {
  test('none, one, and none again', () => {
    const config = loaded('');
    expect(config.defaultUser.needsPassword).toBe(false);
    expect(config.defaultUser.accepts(bytes('anything'))).toBe(true);
    config.set([[bytes('requirepass'), bytes('x')]]);
    expect(config.defaultUser.needsPassword).toBe(true);
    expect([config.defaultUser.accepts(bytes('x')), config.defaultUser.accepts(bytes('X'))]).toEqual([true, false]);
    expect(config.defaultUser.describe()).toBe(`on #${HASH} ~* &* +@all`);
    config.set([[bytes('requirepass'), bytes('')]]);
    expect(config.defaultUser.describe()).toBe('on nopass ~* &* +@all');
  });

  test('a CONFIG SET that fails changes no password', () => {
    const config = loaded('requirepass x');
    expect(config.set([[bytes('requirepass'), bytes('y')], [bytes('hz'), bytes('many')]])).toContain('CONFIG SET failed');
    expect(config.defaultUser.accepts(bytes('x'))).toBe(true);
  });
});

describe('a user line', () => {
  test('wins over requirepass, wherever it stands', () => {
    const config = loaded(`user default on #${HASH} >second ~* &* +@all\nrequirepass other`);
    expect(['x', 'second', 'other'].map((word) => config.defaultUser.accepts(bytes(word)))).toEqual([true, true, false]);
    expect(loaded('requirepass other\nuser default on nopass allkeys allchannels allcommands').defaultUser.needsPassword).toBe(false);
  });

  test('what is written is read back as it was', () => {
    const user = new DefaultUser();
    user.setPassword(bytes('x'));
    const again = new DefaultUser();
    expect(again.apply(user.describe().split(' ').map((word) => bytes(word)))).toBeNull();
    expect(again.accepts(bytes('x'))).toBe(true);
    expect(again.accepts(bytes('y'))).toBe(false);
  });

  test('without a password nobody gets in', () => {
    const user = new DefaultUser();
    expect(user.apply(['on', '~*', '&*', '+@all'].map((word) => bytes(word)))).toBeNull();
    expect([user.needsPassword, user.accepts(bytes(''))]).toEqual([true, false]);
  });

  test.each(['user default off nopass ~* &* +@all', 'user default on nopass ~a* &* +@all', 'user default on nopass ~* &*', 'user alice on nopass ~* &* +@all',
    'user default on nopass ~* &* +@all -debug', 'user'])('%s is not built, and says where it stands', (line) => {
    expect(() => loaded(`# users\n${line}`)).toThrow(ConfigError);
    expect(() => loaded(`# users\n${line}`)).toThrow('at line 2 of redis.conf');
  });
});

test('rename-command is read, two words to a line', () => {
  expect(loaded('rename-command FLUSHALL ""\nrename-command CONFIG hidden').renames.map(({ from, to }) => [from, to]))
    .toEqual([['FLUSHALL', ''], ['CONFIG', 'hidden']]);
  expect(() => loaded('rename-command FLUSHALL')).toThrow('wrong number of arguments');
});
