/** Users from configurations: who needs a password, what a rule gives, and how rules read; the log of refusals. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import type { MapReply } from '../../../../engine/protocol/reply.ts';
import { joinSelectors } from '../../../../engine/server/acl.ts';
import { AclLog } from '../../../../engine/server/aclLog.ts';
import type { User } from '../../../../engine/server/aclUser.ts';
import { Config } from '../../../../engine/server/config.ts';
import { parseConfigText } from '../../../../engine/server/configFile.ts';

const loaded = (text: string): Config => {
  const config = new Config();
  config.load(parseConfigText(bytes(text), 'redis.conf'));
  return config;
};

const userOf = (rules: string, name = 'a'): User => loaded(`user ${name} ${rules}`).acl.user(bytes(name)) as User;

/** The hash of `x`. */
const HASH = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';

describe('requirepass', () => {
  test('none, one, and none again', () => {
    const config = loaded('');
    const { defaultUser } = config.acl;
    expect(defaultUser.accepts(bytes('anything'))).toBe(true);
    config.set([[bytes('requirepass'), bytes('x')]]);
    expect([defaultUser.accepts(bytes('x')), defaultUser.accepts(bytes('X'))]).toEqual([true, false]);
    expect(defaultUser.describe()).toBe(`on #${HASH} ~* &* +@all`);
    config.set([[bytes('requirepass'), bytes('')]]);
    expect(defaultUser.describe()).toBe('on nopass ~* &* +@all');
  });

  test('a CONFIG SET that fails changes no password', () => {
    const config = loaded('requirepass x');
    expect(config.set([[bytes('requirepass'), bytes('y')], [bytes('hz'), bytes('many')]])).toContain('CONFIG SET failed');
    expect(config.acl.defaultUser.accepts(bytes('x'))).toBe(true);
  });
});

describe('a user line', () => {
  test('wins over requirepass, wherever it stands, and begins from nothing', () => {
    const { defaultUser } = loaded(`user default on #${HASH} >second ~* &* +@all\nrequirepass other`).acl;
    expect(['x', 'second', 'other'].map((word) => defaultUser.accepts(bytes(word)))).toEqual([true, true, false]);
    expect(loaded('user default on').acl.defaultUser.describe()).toBe('on sanitize-payload resetchannels -@all');
  });

  test.each<[string, string]>([
    ['on >x ~a* %R~b %W~c %RW~d &e +@read -get', `on #${HASH} ~a* %R~b %W~c ~d resetchannels &e -@all +@read -get`],
    ['+@all -@dangerous', 'off resetchannels +@all -@dangerous'],
    ['+config|get +config|set -config|set +select|0 +select|0', 'off resetchannels -@all +config|get +select|0'],
    ['(+get ~x) (%R~y +@all)', 'off resetchannels -@all (~x resetchannels -@all +get) (%R~y resetchannels +@all)'],
    ['on nopass allkeys allchannels allcommands clearselectors', 'on nopass ~* &* +@all'],
    ['on nopass reset', 'off sanitize-payload resetchannels -@all'],
  ])('%s is shown as %s', (rules, shown) => {
    expect(userOf(rules).describe()).toBe(shown);
    // And read back as it was.
    expect(userOf(shown).describe()).toBe(shown);
  });

  test.each<[string, string]>([
    ['user', 'Bad directive or wrong number of arguments'],
    ['user a blah', "Error in user declaration 'blah': Syntax error"],
    ['user a +nosuch', "Error loading ACL rule '+nosuch' for the user named 'a': Unknown command or category name in ACL"],
    ['user "a b" on', 'Spaces not allowed in ACL usernames'],
    ['user a (+get', "Unmatched parenthesis in acl selector starting at '(+get'."],
    ['user a ~* ~b', "Error in user declaration '~b': Adding a pattern after the * pattern"],
    ['user a on\nuser a off', "Error in user declaration 'a': Duplicate user found."],
  ])('%s is refused, and its place is named', (line, reason) => {
    expect(() => loaded(`# users\n${line}`)).toThrow(ConfigError);
    expect(() => loaded(`# users\n${line}`)).toThrow(/at line [23] of redis.conf/);
    expect(() => loaded(`# users\n${line}`)).toThrow(reason);
  });

  test('acl-pubsub-default is what new users begin with', () => {
    expect(loaded('user a on\nacl-pubsub-default allchannels').acl.user(bytes('a'))?.describe()).toBe('on &* -@all');
  });
});

test('words between parentheses are one rule', () => {
  const words = (text: string): Bytes[] => text.split(' ').map(bytes);
  expect(joinSelectors(words('on (+get ~x) (+set) ( )'))).toEqual(['on', '(+get ~x)', '(+set)', '( )']);
  expect(joinSelectors(words('on (+get ~x'))).toEqual({ unclosed: '(+get' });
});

test('the log counts what happens again within a minute, and forgets the oldest', () => {
  const log = new AclLog();
  const add = (object: string, nowMs: number): void => log.add(
    { reason: 'key', context: 'toplevel', object: bytes(object), user: bytes('a'), client: bytes('') }, nowMs, 2);
  const shown = (): unknown[] => log.reply(10, 100_000).map((entry) => [0, 3, 5].map((place) => (entry as MapReply).entries[place]?.[1]));
  add('x', 0);
  add('y', 10_000);
  add('x', 60_000);
  expect(shown()).toEqual([[2, 'x', { value: 40 }], [1, 'y', { value: 90 }]]);
  add('x', 120_001);
  expect(shown().map((entry) => (entry as unknown[])[0])).toEqual([1, 2]);
});

test('rename-command is read, two words to a line', () => {
  expect(loaded('rename-command FLUSHALL ""\nrename-command CONFIG hidden').renames.map(({ from, to }) => [from, to]))
    .toEqual([['FLUSHALL', ''], ['CONFIG', 'hidden']]);
  expect(() => loaded('rename-command FLUSHALL')).toThrow('wrong number of arguments');
});
