/**
 * Publishing and killing clients beside redis-server 7.0: the same conversations of several connections, and every byte that
 * each of them was sent.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Step, converse } from '../support/conversation.ts';
import { type ServerKind, type ServerProcess, eventually, startServerProcess } from '../support/redisServer.ts';
import { RawStream } from '../support/rawClient.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
let servers: Readonly<Record<ServerKind, ServerProcess>>;

/** Ports and numbers of connections, ages and sizes are the process's own. */
const blank = (said: Record<string, string>): Record<string, string> => Object.fromEntries(
  Object.entries(said).map(([who, text]) => [who, text
    .replace(/(id\r\n:)\d+/g, '$1N')
    .replace(/^id=\d+ .*?(name=\S* ).*?(flags=\w+ db=\d+ sub=\d+ psub=\d+ ssub=\d+ multi=-?\d+).*?(cmd=\S+).*?(resp=\d)$/gm, '$1$2 $3 $4')
    .replace(/([$=])\d+\r\n((?:txt:)?name=)/g, '$1N\r\n$2')]));

const expectSame = async (steps: readonly Step[]): Promise<Record<string, string>> => {
  const said = await Promise.all(KINDS.map(async (kind) => blank(await converse(servers[kind].port, steps))));
  const [theirs, ours] = said as [Record<string, string>, Record<string, string>];
  expect(ours).toEqual(theirs);
  return ours;
};

/** The same for listeners of either protocol. */
const both = (steps: readonly Step[]): [string, readonly Step[]][] => [
  ['RESP2', steps],
  ['RESP3', [...new Set(steps.map(([who]) => who))].map((who): Step => [who, 'HELLO', '3']).concat(steps)],
];

describe('pub/sub beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--repl-diskless-sync', 'no'])));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  }, 60_000);

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  describe('channels, patterns and shard channels', () => {
    test.each(both([
      ['a', 'SUBSCRIBE', 'news', 'sport', 'news'], ['b', 'PSUBSCRIBE', 'n*'], ['a', 'PSUBSCRIBE', 'n*', '?port'],
      ['c', 'SSUBSCRIBE', 'news'], ['b', 'SUBSCRIBE', 'news'], ['p', 'PUBLISH', 'news', 'one'], ['p', 'PUBLISH', 'sport', 'two\r\n\0é'],
      ['p', 'PUBLISH', 'nothing', ''], ['p', 'PUBLISH', '', 'three'], ['p', 'SPUBLISH', 'news', 'four'], ['p', 'SPUBLISH', 'x', 'five'],
      ['p', 'PUBSUB', 'NUMPAT'], ['p', 'PUBSUB', 'NUMSUB', 'news', 'sport', 'x', 'news'], ['p', 'PUBSUB', 'NUMSUB'],
      ['p', 'PUBSUB', 'SHARDNUMSUB', 'news', 'x'], ['p', 'PUBSUB', 'SHARDCHANNELS'], ['p', 'PUBSUB', 'SHARDCHANNELS', 'x*'],
      ['p', 'PUBSUB', 'CHANNELS', 'n*'], ['p', 'PUBSUB', 'CHANNELS', 'x'],
      ['a', 'UNSUBSCRIBE', 'sport', 'nothing'], ['a', 'PUNSUBSCRIBE', 'n*'], ['p', 'PUBLISH', 'news', 'six'], ['a', 'UNSUBSCRIBE'],
      ['a', 'UNSUBSCRIBE'], ['a', 'PUNSUBSCRIBE'], ['a', 'PUNSUBSCRIBE'], ['a', 'SUNSUBSCRIBE'], ['c', 'SUNSUBSCRIBE', 'x', 'news'],
      ['c', 'SUNSUBSCRIBE'], ['a', 'GET', 'x'], ['c', 'GET', 'x'], ['b', 'QUIT'], ['p', 'PUBLISH', 'news', 'seven'], ['p', 'PUBSUB', 'CHANNELS'],
    ]))('%s', async (_version, steps) => {
      await expectSame(steps);
    });
  });

  describe('what a subscriber may ask', () => {
    test.each(both([
      ['a', 'PING'], ['a', 'UNSUBSCRIBE', 'x'], ['a', 'PING', 'x'], ['a', 'SUBSCRIBE', 'x'], ['a', 'PING'], ['a', 'PING', 'hello'], ['a', 'PING', 'a', 'b'],
      ['a', 'GET', 'x'], ['a', 'GET'], ['a', 'NOTHING'], ['a', 'CONFIG', 'GET', 'hz'], ['a', 'CLIENT', 'GETNAME'], ['a', 'MULTI'], ['a', 'EXEC'],
      ['a', 'PUBLISH', 'x', 'mine'], ['a', 'SUNSUBSCRIBE'], ['a', 'PUNSUBSCRIBE'], ['a', 'RESET'], ['a', 'GET', 'x'], ['p', 'PUBLISH', 'x', 'y'],
      ['a', 'SSUBSCRIBE', 's'], ['a', 'GET', 'x'], ['a', 'SUNSUBSCRIBE', 's'], ['a', 'GET', 'x'], ['a', 'HELLO', '2'],
    ]))('%s', async (_version, steps) => {
      await expectSame(steps);
    });

    test('errors', () => expectSame([
      ['a', 'SUBSCRIBE'], ['a', 'PUBLISH', 'x'], ['a', 'PUBSUB'], ['a', 'PUBSUB', 'NOTHING'], ['a', 'PUBSUB', 'CHANNELS', 'a', 'b'], ['a', 'PUBSUB', 'NUMPAT', 'x'],
      ['a', 'PUBSUB', 'HELP'], ['a', 'SPUBLISH', 'x'], ['a', 'PSUBSCRIBE'], ['a', 'PUBSUB', 'CHANNELS'],
    ]));
  });

  describe('between MULTI and EXEC', () => {
    test.each(both([
      ['b', 'SUBSCRIBE', 'c'], ['a', 'MULTI'], ['a', 'SUBSCRIBE', 'c', 'd'], ['a', 'SSUBSCRIBE', 's'], ['a', 'PUBLISH', 'c', 'one'], ['a', 'PING'], ['a', 'PSUBSCRIBE', 'c*'],
      ['a', 'UNSUBSCRIBE', 'd'], ['a', 'GET', 'x'], ['a', 'EXEC'], ['p', 'PUBLISH', 'c', 'two'], ['a', 'PUNSUBSCRIBE', 'c*'], ['a', 'UNSUBSCRIBE', 'c'], ['a', 'GET', 'x'],
    ]))('%s', async (_version, steps) => {
      await expectSame(steps);
    });

    test('the protocol may change in the middle', () => expectSame([
      ['a', 'MULTI'], ['a', 'GET', 'x'], ['a', 'HELLO', '3'], ['a', 'GET', 'x'], ['a', 'SUBSCRIBE', 'c'], ['a', 'EXEC'],
    ]));
  });

  test('CLIENT REPLY holds back no messages', () => expectSame([
    ['a', 'HELLO', '3'], ['a', 'CLIENT', 'REPLY', 'OFF'], ['a', 'SUBSCRIBE', 'c'], ['a', 'GET', 'x'], ['p', 'PUBLISH', 'c', 'one'], ['a', 'UNSUBSCRIBE'],
    ['a', 'CLIENT', 'REPLY', 'ON'], ['a', 'CLIENT', 'REPLY', 'SKIP'], ['a', 'SUBSCRIBE', 'c'], ['a', 'GET', 'x'],
  ]));

  test('subscribers in CLIENT LIST and INFO', async () => {
    const said = await expectSame([
      ['a', 'CLIENT', 'SETNAME', 'listener'], ['a', 'SUBSCRIBE', 'x', 'y'], ['a', 'PSUBSCRIBE', 'z*'], ['a', 'SSUBSCRIBE', 's'],
      ['p', 'CLIENT', 'LIST', 'TYPE', 'pubsub'], ['q', 'CLIENT', 'INFO'], ['q', 'MULTI'], ['q', 'CLIENT', 'NO-EVICT', 'ON'], ['q', 'CLIENT', 'INFO'], ['q', 'EXEC'],
      ['a', 'RESET'], ['p', 'CLIENT', 'LIST', 'TYPE', 'pubsub'],
    ]);
    expect(said['p']).toContain('flags=P db=0 sub=2 psub=1 ssub=1');
  });

  test('PUBLISH reaches replicas and what listens there', async () => {
    for (const kind of KINDS) {
      const server = servers[kind];
      const stream = await RawStream.open(server.port);
      server.cli('PUBLISH', 'c', 'one');
      await converse(server.port, [['a', 'MULTI'], ['a', 'SET', 'k', '1'], ['a', 'PUBLISH', 'c', 'two'], ['a', 'SPUBLISH', 's', 'three'], ['a', 'EXEC']]);
      server.cli('SET', 'last', '1');
      expect((await stream.takeUntil('SET', 'last', '1')).filter(([name]) => name !== 'ping')).toEqual([
        ['SELECT', '0'], ['PUBLISH', 'c', 'one'], ['MULTI'], ['SET', 'k', '1'], ['PUBLISH', 'c', 'two'], ['SPUBLISH', 's', 'three'], ['EXEC'],
      ]);
      stream.close();
    }
  });
}));

describe('CLIENT KILL beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  }, 60_000);

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test.each<[string, readonly Step[]]>([
    ['by address, the old way', [['a', 'PING'], ['b', 'CLIENT', 'KILL', '@a'], ['b', 'CLIENT', 'KILL', '@a'], ['b', 'CLIENT', 'KILL', '@b'], ['b', 'PING']]],
    ['ADDR', [['a', 'PING'], ['b', 'CLIENT', 'KILL', 'ADDR', '@a'], ['b', 'CLIENT', 'KILL', 'ADDR', '@b'], ['b', 'CLIENT', 'KILL', 'ADDR', '@b', 'SKIPME', 'no']]],
    ['LADDR and USER', [['a', 'PING'], ['b', 'CLIENT', 'KILL', 'LADDR', '127.0.0.1:1'], ['b', 'CLIENT', 'KILL', 'USER', 'default', 'ADDR', '@a'], ['b', 'CLIENT', 'KILL', 'USER', 'x']]],
    ['TYPE pubsub takes subscribers only', [['a', 'SUBSCRIBE', 'x'], ['c', 'PSUBSCRIBE', 'x'], ['d', 'SSUBSCRIBE', 'x'], ['e', 'PING'],
      ['b', 'CLIENT', 'KILL', 'TYPE', 'PubSub'], ['b', 'PUBLISH', 'x', 'y'], ['b', 'PUBSUB', 'CHANNELS'], ['b', 'PUBSUB', 'NUMPAT'], ['b', 'PUBSUB', 'SHARDCHANNELS']]],
    ['TYPE normal spares subscribers', [['a', 'HELLO', '3'], ['a', 'SUBSCRIBE', 'x'], ['b', 'CLIENT', 'KILL', 'TYPE', 'normal', 'ADDR', '@a'], ['b', 'CLIENT', 'KILL', 'TYPE', 'normal', 'ADDR', '@b'],
      ['b', 'CLIENT', 'KILL', 'TYPE', 'master', 'TYPE', 'pubsub']]],
    ['ID: the last one counts', [['a', 'PING'], ['b', 'CLIENT', 'KILL', 'ID', '1', 'ID', '99999999'], ['b', 'CLIENT', 'KILL', 'ADDR', 'x', 'ADDR', '@a']]],
    ['a client that waits', [['a', 'BLPOP', 'nothing', '0'], ['b', 'CLIENT', 'KILL', 'ADDR', '@a'], ['b', 'LPUSH', 'nothing', '1'], ['b', 'DEL', 'nothing']]],
    ['itself in MULTI: no answer follows', [['a', 'MULTI'], ['a', 'SET', 'k', '1'], ['a', 'CLIENT', 'KILL', 'ADDR', '@a', 'SKIPME', 'no'], ['a', 'SET', 'k', '2'],
      ['a', 'EXEC'], ['b', 'GET', 'k'], ['b', 'DEL', 'k']]],
    ['others in MULTI, as Sentinel does', [['c', 'PING'], ['d', 'SUBSCRIBE', 'x'], ['a', 'MULTI'], ['a', 'SLAVEOF', 'NO', 'ONE'], ['a', 'CONFIG', 'REWRITE'],
      ['a', 'CLIENT', 'KILL', 'TYPE', 'pubsub'], ['a', 'CLIENT', 'KILL', 'ADDR', '@c'], ['a', 'PING'], ['a', 'EXEC']]],
    ['errors', [['a', 'CLIENT', 'KILL'], ['a', 'CLIENT', 'KILL', 'ID', '0'], ['a', 'CLIENT', 'KILL', 'ID', '1', 'TYPE'], ['a', 'CLIENT', 'KILL', 'ID', '1', 'SKIPME', 'x'],
      ['a', 'CLIENT', 'LIST', 'ID'], ['a', 'CLIENT', 'LIST', 'TYPE'], ['a', 'CLIENT', 'LIST', 'ID', '99999999', '99999998'], ['a', 'CLIENT', 'UNBLOCK', 'x'],
      ['a', 'CLIENT', 'UNBLOCK', '99999999'], ['a', 'CLIENT', 'UNBLOCK', '99999999', 'x']]],
  ])('%s', async (_name, steps) => {
    await expectSame(steps);
  });

  test('TYPE replica ends a replica, TYPE master a replica\'s link, and both come back', async () => {
    const primary = servers.faultline;
    const replica = await startServerProcess('faultline', ['--replicaof', '127.0.0.1', String(primary.port), '--repl-diskless-sync-delay', '0']);
    try {
      const isUp = (): Promise<string> => eventually(() => replica.cli('INFO', 'replication'), (info) => info.includes('master_link_status:up'));
      await isUp();
      expect(primary.cli('CLIENT', 'KILL', 'TYPE', 'slave')).toBe('1');
      await isUp();
      expect(replica.cli('CLIENT', 'KILL', 'TYPE', 'master')).toBe('1');
      await isUp();
    } finally {
      await replica.stop();
    }
  }, 60_000);
}));
