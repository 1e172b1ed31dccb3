/** Client-side caching beside redis-server's: conversations of several connections, what each is sent byte for byte. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Step, converse } from '../support/conversation.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
let servers: readonly ServerProcess[] = [];

/** Ids of clients depend on who was there before. */
const blank = (text: string): string => text.replace(/(\$2\r\nid\r\n:)\d+/g, '$1ID').replace(/(redirect\r\n:)[1-9]\d*/g, '$1ID')
  .replace(/^:\d+\r\n/, ':ID\r\n').replace(/(tracking-redir-broken\r\n:)\d+/g, '$1ID').replace(/\r\n:\d{1,3}\r\n(?=\+OK|\*|%)/g, '\r\n:ID\r\n');

const flat = (...steps: readonly (readonly Step[])[]): readonly Step[] => steps.flat();
const start = (...names: readonly string[]): readonly Step[] => names.map((name): Step => [name, 'HELLO', '3']);

const CONVERSATIONS: readonly (readonly [string, readonly Step[]])[] = [
  ['default mode: told once, of what was read', flat(start('a', 'b'), [
    ['a', 'CLIENT', 'TRACKING', 'on'], ['b', 'SET', 'k', '1'], ['a', 'GET', 'k'], ['b', 'SET', 'k', '2'], ['b', 'SET', 'k', '3'], ['a', 'MGET', 'k', 'l'],
    ['b', 'MSET', 'k', 'x', 'l', 'y', 'm', 'z'], ['a', 'GET', 'k'], ['a', 'SET', 'k', 'own'], ['a', 'GET', 'nothing'], ['b', 'SET', 'nothing', 'x'],
    ['a', 'HGETALL', 'h'], ['b', 'HSET', 'h', 'f', 'v'], ['b', 'HSET', 'h', 'f', 'w'], ['a', 'GET', 'k'], ['b', 'DEL', 'k'], ['a', 'GET', 'm'],
    ['b', 'RENAME', 'm', 'n'], ['a', 'CLIENT', 'TRACKING', 'off'], ['a', 'GET', 'l'], ['b', 'SET', 'l', '1'], ['b', 'FLUSHALL'],
  ])],
  ['a transaction hears of its own changes behind EXEC', flat(start('a', 'b'), [
    ['a', 'CLIENT', 'TRACKING', 'on'], ['a', 'GET', 'k'], ['a', 'MULTI'], ['a', 'SET', 'k', '1'], ['a', 'GET', 'k'], ['a', 'EXEC'], ['b', 'SET', 'k', '2'],
    ['a', 'GET', 'k'], ['a', 'FLUSHDB'], ['a', 'GET', 'k'], ['b', 'FLUSHALL'], ['b', 'SET', 'k', '3'],
  ])],
  ['a script that reads has read the keys it was given', flat(start('a', 'b'), [
    ['a', 'CLIENT', 'TRACKING', 'on'], ['a', 'EVAL', "return redis.call('get', 'k')", '1', 'given'], ['b', 'SET', 'given', '1'], ['a', 'EVAL', 'return 1', '1', 'given'], ['b', 'SET', 'given', '1'], ['b', 'SET', 'k', '1'], ['a', 'EVAL_RO', 'return 1', '1', 'l'],
    ['b', 'SET', 'l', '1'], ['a', 'GET', 'l'], ['a', 'EVAL', "return redis.call('set', 'l', '2')", '1', 'l'], ['b', 'FLUSHALL'],
  ])],
  ['NOLOOP', flat(start('a', 'b'), [
    ['a', 'CLIENT', 'TRACKING', 'on', 'NOLOOP'], ['a', 'GET', 'k'], ['a', 'SET', 'k', '1'], ['b', 'SET', 'k', '2'], ['a', 'GET', 'k'], ['b', 'SET', 'k', '3'],
    ['a', 'CLIENT', 'TRACKINGINFO'], ['b', 'FLUSHALL'],
  ])],
  ['OPTIN and OPTOUT', flat(start('a', 'b', 'c'), [
    ['a', 'CLIENT', 'CACHING', 'yes'], ['a', 'CLIENT', 'TRACKING', 'on', 'OPTIN'], ['a', 'GET', 'k'], ['b', 'SET', 'k', '1'], ['a', 'CLIENT', 'CACHING', 'yes'],
    ['a', 'CLIENT', 'TRACKINGINFO'], ['a', 'GET', 'k'], ['a', 'GET', 'l'], ['b', 'MSET', 'k', '2', 'l', '2'], ['a', 'CLIENT', 'CACHING', 'no'],
    ['a', 'CLIENT', 'CACHING', 'yes'], ['a', 'MULTI'], ['a', 'GET', 'k'], ['a', 'GET', 'l'], ['a', 'EXEC'], ['b', 'MSET', 'k', '3', 'l', '3'],
    ['c', 'CLIENT', 'TRACKING', 'on', 'OPTOUT'], ['c', 'CLIENT', 'CACHING', 'no'], ['c', 'GET', 'k'], ['c', 'GET', 'l'], ['b', 'MSET', 'k', '4', 'l', '4'],
    ['c', 'CLIENT', 'CACHING', 'yes'], ['c', 'CLIENT', 'CACHING', 'x'], ['c', 'CLIENT', 'TRACKING', 'on', 'OPTIN'], ['c', 'CLIENT', 'TRACKINGINFO'], ['b', 'FLUSHALL'],
  ])],
  ['BCAST with prefixes, at the end of the turn, keys in order', flat(start('a', 'b', 'c'), [
    ['a', 'CLIENT', 'TRACKING', 'on', 'BCAST', 'PREFIX', 'user:', 'PREFIX', 'item:'], ['c', 'CLIENT', 'TRACKING', 'on', 'BCAST', 'NOLOOP'],
    ['b', 'MSET', 'user:2', 'x', 'other', 'y', 'user:1', 'z', 'item:1', 'w'], ['c', 'MSET', 'user:9', '1', 'zz', '2'], ['a', 'SET', 'user:3', 'own'],
    ['b', 'GET', 'user:1'], ['b', 'DEL', 'user:1', 'user:2'], ['a', 'CLIENT', 'TRACKINGINFO'], ['a', 'CLIENT', 'TRACKING', 'on', 'BCAST', 'PREFIX', 'user:1'],
    ['a', 'CLIENT', 'TRACKING', 'on', 'BCAST', 'PREFIX', 'new:', 'PREFIX', 'new:x'], ['a', 'CLIENT', 'TRACKING', 'on', 'BCAST', 'PREFIX', 'new:'],
    ['b', 'SET', 'new:1', 'x'], ['a', 'CLIENT', 'TRACKINGINFO'], ['a', 'CLIENT', 'TRACKING', 'on'], ['a', 'CLIENT', 'TRACKING', 'off'], ['b', 'SET', 'user:1', 'x'],
    ['b', 'FLUSHALL'],
  ])],
  ['errors', flat(start('a'), [
    ['a', 'CLIENT', 'TRACKING', 'x'], ['a', 'CLIENT', 'TRACKING', 'on', 'PREFIX', 'x'], ['a', 'CLIENT', 'TRACKING', 'on', 'OPTIN', 'OPTOUT'],
    ['a', 'CLIENT', 'TRACKING', 'on', 'BCAST', 'OPTIN'], ['a', 'CLIENT', 'TRACKING', 'on', 'REDIRECT', '99999999'], ['a', 'CLIENT', 'TRACKING', 'on', 'REDIRECT', 'x'],
    ['a', 'CLIENT', 'TRACKING', 'on', 'what'], ['a', 'CLIENT', 'TRACKING', 'on', 'PREFIX'], ['a', 'CLIENT', 'GETREDIR'], ['a', 'CLIENT', 'TRACKINGINFO'],
    ['a', 'CLIENT', 'TRACKING', 'on', 'OPTIN'], ['a', 'CLIENT', 'TRACKING', 'on', 'OPTOUT'], ['a', 'CLIENT', 'GETREDIR'], ['a', 'RESET'],
    ['a', 'CLIENT', 'TRACKINGINFO'], ['a', 'CLIENT', 'CACHING'], ['a', 'CLIENT', 'TRACKING'],
  ])],
  ['RESP2 hears nothing, unless it listens for another', flat([
    ['a', 'CLIENT', 'TRACKING', 'on'], ['a', 'GET', 'k'], ['b', 'SET', 'k', '1'], ['a', 'SET', 'k', '2'], ['b', 'FLUSHALL'],
  ])],
];

describe('client-side caching beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    servers = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--enable-debug-command', 'yes'])));
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  const both = async (steps: (port: number) => Promise<readonly Step[]>): Promise<readonly Record<string, string>[]> =>
    Promise.all(servers.map(async ({ port }) => {
      const said = await converse(port, await steps(port));
      return Object.fromEntries(Object.entries(said).map(([who, text]) => [who, blank(text)]));
    }));

  test.each(CONVERSATIONS)('%s', async (_name, steps) => {
    const [theirs, ours] = await both(async () => steps);
    expect(ours).toEqual(theirs);
  });

  test('above tracking-table-max-keys keys are given up, and who has them is told', async () => {
    for (const { port, cli } of servers) {
      cli('CONFIG', 'SET', 'tracking-table-max-keys', '2');
      const said = await converse(port, [
        ['a', 'HELLO', '3'], ['a', 'CLIENT', 'TRACKING', 'on'], ['a', 'MGET', 'k1', 'k2', 'k3', 'k4', 'k5'], ['a', 'DEBUG', 'SLEEP', '0.2'], ['a', 'INFO', 'stats'],
        ['a', 'PING'], ['a', 'INFO', 'stats'],
      ]);
      expect(said['a']?.match(/invalidate/g)?.length).toBe(3);
      expect(said['a']).toContain('tracking_total_keys:2\r\n');
      cli('CONFIG', 'SET', 'tracking-table-max-keys', '1000000');
    }
  });

  test('REDIRECT to a subscriber that speaks RESP2, which then goes', async () => {
    const [theirs, ours] = await both(async (port) => {
      // Ids count up by one: a speaker's opening does not change the next one's.
      const said = await converse(port, [['probe', 'CLIENT', 'ID']]);
      const last = Number(/:(\d+)/.exec(said['probe'] ?? '')?.[1]);
      const listener = String(last + 2);
      return [
        ['listener', 'SUBSCRIBE', '__redis__:invalidate'], ['a', 'CLIENT', 'TRACKING', 'on', 'REDIRECT', listener], ['a', 'GET', 'k'], ['b', 'SET', 'k', '1'],
        ['a', 'GET', 'k'], ['a', 'SET', 'k', '2'], ['a', 'GET', 'k'], ['b', 'FLUSHALL'], ['a', 'CLIENT', 'GETREDIR'], ['a', 'HELLO', '3'], ['a', 'GET', 'k'],
        ['b', 'CLIENT', 'KILL', 'ID', listener], ['b', 'SET', 'k', '3'], ['a', 'CLIENT', 'TRACKINGINFO'],
      ] as const;
    });
    expect(ours?.['listener']).toContain('invalidate');
    expect(ours).toEqual(theirs);
  });
}));
