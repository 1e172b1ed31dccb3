/**
 * ioredis and node-redis used broadly: the same programme on redis-server and on our server, through the library's own functions and its
 * own understanding of the answers; what comes of it is the same. In a cluster and behind sentinels: libraryDeployments.test.ts.
 */
import { Redis } from 'ioredis';
import { RESP_TYPES, createClient, createClientPool, defineScript, type CommandParser } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];

let servers: Readonly<Record<ServerKind, ServerProcess>>;

const expectSame = async (run: (port: number) => Promise<readonly unknown[]>): Promise<readonly unknown[]> => {
  const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => run(servers[kind].port)));
  expect(ours).toEqual(theirs);
  return ours as readonly unknown[];
};

/** The answer, or the error in its place. */
const orError = (answer: Promise<unknown>): Promise<unknown> => answer.catch((failure: unknown) => `error: ${(failure as Error).message}`);

const withIoredis = (use: (client: Redis, another: () => Redis) => Promise<readonly unknown[]>): Promise<readonly unknown[]> =>
  expectSame(async (port) => {
    const clients: Redis[] = [];
    const another = (): Redis => {
      const client = new Redis(port, '127.0.0.1', { lazyConnect: false });
      clients.push(client);
      return client;
    };
    const client = another();
    try {
      await client.flushall();
      return await use(client, another);
    } finally {
      for (const each of clients) each.disconnect();
    }
  });

const ADD_TO_ALL = "for i, key in ipairs(KEYS) do redis.call('INCRBY', key, ARGV[1]) end return redis.call('MGET', unpack(KEYS))";

/** Resolves once `count` things were heard. */
const heard = <Thing>(count: number): { readonly hear: (thing: Thing) => void; readonly all: Promise<readonly Thing[]> } => {
  const things: Thing[] = [];
  let resolve: (things: readonly Thing[]) => void = () => {};
  const all = new Promise<readonly Thing[]>((done) => {
    resolve = done;
  });
  return {
    hear: (thing) => {
      things.push(thing);
      if (things.length === count) resolve(things);
    }, all,
  };
};

describe('ioredis on our server as on redis-server', () => requireRedis(() => {
  beforeAll(async () => {
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
  });
  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  it('its functions for every type', () => withIoredis(async (client) => [
    await client.mset({ a: '1', b: '2' }), await client.mget('a', 'b', 'c'), await client.set('a', '5', 'EX', 100, 'NX'), await client.set('n', '5', 'PX', 100_000, 'GET'),
    await client.getex('n', 'PERSIST'), await client.getrange('n', 0, -1), await client.incrbyfloat('n', '0.5'), await client.append('n', 'x'), await client.getdel('n'),
    await client.lcs('a', 'b', 'LEN'), await client.setbit('bits', 7, 1), await client.bitcount('bits'), await client.call('BITFIELD', 'bits', 'SET', 'u4', 0, 9, 'GET', 'u8', 0),
    await client.rpush('l', 'a', 'b', 'c', 'a'), await client.lpos('l', 'a', 'COUNT', 0), await client.lmove('l', 'm', 'LEFT', 'RIGHT'), await client.lmpop(2, 'none', 'l', 'LEFT', 'COUNT', 2),
    await client.linsert('l', 'BEFORE', 'a', 'z'), await client.lrange('l', 0, -1), await client.blpop('l', 1), await client.blmpop(1, 1, 'l', 'RIGHT'),
    await client.hset('h', { x: 1, y: 'zwei' }), await client.hgetall('h'), await client.hincrbyfloat('h', 'x', 1.5), await client.hrandfield('h', 5).then((fields) => (fields as string[]).toSorted()),
    await client.hscan('h', 0, 'MATCH', 'x'), await client.sadd('s', 'a', 'b', 'c'), await client.smismember('s', 'a', 'x'), await client.sintercard(2, 's', 's', 'LIMIT', 2),
    await client.zadd('z', 'GT', 'CH', 1, 'one', 2.5, 'two', '+inf', 'end'), await client.zrange('z', '-inf', '(3', 'BYSCORE', 'LIMIT', 0, 5, 'WITHSCORES'),
    await client.zrangestore('copy', 'z', 0, 1), await client.zmpop(1, 'copy', 'MAX'), await client.zincrby('z', 2, 'one'), await client.zrank('z', 'two'), await client.zscan('z', 0), await client.bzpopmin('z', 1),
    await client.geoadd('g', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania'), await client.geodist('g', 'Palermo', 'Catania', 'KM'),
    await client.geosearch('g', 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km', 'ASC', 'WITHCOORD', 'WITHDIST'),
    await client.pfadd('hll', 'a', 'b', 'c'), await client.pfcount('hll'), await client.copy('h', 'h2'), await client.rename('h2', 'h3'), await client.type('h3'), await client.object('ENCODING', 'h3'),
    await client.expire('h3', 100, 'NX'), await client.persist('h3'), await client.dump('a').then((text) => text.length), await client.touch('a', 'b', 'x'), await client.unlink('a', 'b'),
    await client.sort('s', 'ALPHA', 'DESC'), await client.dbsize(), await client.select(3), await client.keys('*'), await client.swapdb(0, 3), await client.dbsize(), await client.time().then((time) => time.length),
    await orError(client.lpush('s', 'x')), await orError(client.call('SET')), await orError(client.call('NO', 'SUCH')), await client.echo('é'), await client.command('COUNT').then((count) => Number(count) > 200),
  ]).then((answers) => expect(answers.length).toBeGreaterThan(60)));

  it('pipelines, transactions and optimistic locks', () => withIoredis(async (client, another) => {
    const other = another();
    const pipeline = client.pipeline();
    for (let index = 0; index < 500; index++) pipeline.set(`key:${index}`, index).get(`key:${index}`);
    const answers = await pipeline.lpush('key:1', 'x').exec();
    const results: unknown[] = [answers?.map(([failure, value]) => failure?.message ?? value)];
    results.push(await client.multi([['set', 'a', '1'], ['incr', 'a'], ['lpush', 'a', 'x']]).exec().then((all) => all?.map(([failure, value]) => failure?.message ?? value)));
    results.push(await client.pipeline([['get', 'a'], ['multi'], ['incr', 'a'], ['incr', 'a'], ['exec'], ['get', 'a']]).exec());
    results.push(await orError(client.multi([['set', 'a']]).exec()));
    await client.watch('a');
    await other.set('a', '100');
    results.push(await client.multi().incr('a').exec());
    await client.watch('a');
    results.push(await client.multi().incr('a').exec(), await client.get('a'));
    const found = new Set<string>();
    for await (const keys of client.scanStream({ match: 'key:*', count: 50 }) as AsyncIterable<string[]>) for (const key of keys) found.add(key);
    return [...results, found.size];
  }));

  it('scripts: defineCommand, by text and by digest, after SCRIPT FLUSH, in pipelines; functions', () => withIoredis(async (client) => {
    client.defineCommand('addToAll', { lua: ADD_TO_ALL });
    client.defineCommand('keyed', { lua: 'return {KEYS[1], ARGV[1], ARGV[2]}', numberOfKeys: 1 });
    type Scripted = Redis & { addToAll(...words: readonly (string | number)[]): Promise<unknown>; keyed(...words: readonly string[]): Promise<unknown> };
    const scripted = client as Scripted;
    const results: unknown[] = [await scripted.addToAll(2, 'x', 'y', 5), await scripted.addToAll(1, 'x', -2), await scripted.keyed('k', 'a', 'b')];
    await client.script('FLUSH');
    results.push(await scripted.addToAll(2, 'x', 'y', 1));
    const pipeline = client.pipeline() as unknown as { addToAll(...words: readonly (string | number)[]): { get(key: string): { exec(): Promise<unknown> } } };
    results.push(await pipeline.addToAll(1, 'x', 1).get('x').exec());
    results.push(await client.eval('return {1, "two", false, {3, 3.9}, redis.status_reply("FINE")}', 0), await orError(client.eval('return redis.error_reply("MY wrong")', 0)));
    results.push(await orError(client.evalsha('0'.repeat(40), 0)), await orError(client.eval('return redis.call("LPUSH", KEYS[1], 1)', 1, 'x')), await orError(client.eval('syntax error', 0)));
    await client.set('binary', Buffer.from([0, 255, 10]));
    results.push(await client.callBuffer('EVAL', 'return redis.call("GET", KEYS[1])', 1, 'binary'));
    results.push(await client.call('FUNCTION', 'LOAD', 'REPLACE', "#!lua name=broad\nredis.register_function{function_name='total', callback=function(keys) local sum = 0 for _, key in ipairs(keys) do sum = sum + redis.call('GET', key) end return sum end, flags={'no-writes'}}"));
    results.push(await client.fcall('total', 2, 'x', 'y'), await client.fcall_ro('total', 1, 'x'), await client.call('FUNCTION', 'DELETE', 'broad'));
    return results;
  }));

  it('Pub/Sub: channels and patterns, and what a subscriber may not do', () => withIoredis(async (client, another) => {
    const subscriber = another();
    const { hear, all } = heard<string>(4);
    subscriber.on('message', (channel, text) => hear(`${channel} ${text}`));
    subscriber.on('pmessage', (pattern, channel, text) => hear(`${pattern} ${channel} ${text}`));
    const results: unknown[] = [await subscriber.subscribe('news', 'weather'), await subscriber.psubscribe('n*')];
    results.push(await client.publish('news', 'one'), await client.publish('weather', 'two'), await client.publish('night', 'three'), await client.publish('nobody?', ''));
    results.push((await all).slice(0, 3), await client.pubsub('NUMSUB', 'news', 'x'), await client.pubsub('NUMPAT'));
    results.push(await orError(subscriber.get('x')), await subscriber.unsubscribe('news', 'weather'), await subscriber.punsubscribe('n*'), await subscriber.get('x'));
    return results;
  }));

  it('streams: entries, ranges, groups whose consumers wait, claims', () => withIoredis(async (client, another) => {
    const waiting = another();
    const results: unknown[] = [await client.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM')];
    const read = waiting.xreadgroup('GROUP', 'workers', 'one', 'COUNT', 5, 'BLOCK', 20_000, 'STREAMS', 'jobs', '>');
    const alone = another().xread('BLOCK', 20_000, 'STREAMS', 'jobs', '0-0');
    results.push(await client.xadd('jobs', '1-1', 'task', 'a', 'size', 3), await read, await alone);
    results.push(await client.xadd('jobs', 'MAXLEN', '~', 1000, '2-*', 'task', 'b'), await client.xadd('jobs', 'NOMKSTREAM', '3-0', 'task', 'c'));
    results.push(await waiting.xreadgroup('GROUP', 'workers', 'two', 'STREAMS', 'jobs', '>'), await client.xack('jobs', 'workers', '1-1', '9-9'));
    results.push((await client.xpending('jobs', 'workers')).slice(0, 3), (await client.xpending('jobs', 'workers', '-', '+', 10) as unknown[][]).map(([id, owner, , times]) => [id, owner, times]));
    results.push(await client.xclaim('jobs', 'workers', 'three', 0, '2-0', 'JUSTID'), await client.xautoclaim('jobs', 'workers', 'four', 0, '0', 'COUNT', 1));
    results.push(await client.xrange('jobs', '(1-1', '+', 'COUNT', 5), await client.xrevrange('jobs', '+', '-'), await client.xlen('jobs'), await client.xdel('jobs', '2-0'), await client.xtrim('jobs', 'MINID', '3'));
    results.push(await client.xinfo('STREAM', 'jobs').then((info) => (info as unknown[]).filter((_, index) => index < 2)), await orError(client.xadd('jobs', '1-1', 'x', 'y')));
    return results;
  }));

  it('a stranger who connects late: offline queue, a name, a database and READONLY errors of its own', () => expectSame(async (port) => {
    const client = new Redis({ port, host: '127.0.0.1', db: 7, connectionName: 'late', enableAutoPipelining: true, keyPrefix: 'pre:', lazyConnect: true });
    try {
      const all = await Promise.all(Array.from({ length: 200 }, (_, index) => client.set(`k${index}`, index)));
      const info = String(await client.client('INFO'));
      return [new Set(all).size, await client.mget('k1', 'k199'), await client.client('GETNAME'), /db=7/.test(info), /name=late/.test(info), await client.flushdb()];
    } finally {
      client.disconnect();
    }
  }));
}));

const nodeRedis = (port: number, protocol: 2 | 3) => createClient({
  url: `redis://127.0.0.1:${port}`, RESP: protocol,
  scripts: {
    addToAll: defineScript({
      SCRIPT: ADD_TO_ALL, NUMBER_OF_KEYS: 2, IS_READ_ONLY: false,
      parseCommand: (parser: CommandParser, left: string, right: string, amount: number): void => {
        parser.pushKeys([left, right]);
        parser.push(String(amount));
      },
      transformReply: (reply: unknown): unknown => reply,
    }),
  },
});

type NodeClient = ReturnType<typeof nodeRedis>;

const withNodeRedis = async (protocol: 2 | 3, use: (client: NodeClient, port: number) => Promise<readonly unknown[]>): Promise<void> => {
  await expectSame(async (port) => {
    const client = nodeRedis(port, protocol);
    client.on('error', () => {});
    await client.connect();
    try {
      await client.flushAll();
      return await use(client, port);
    } finally {
      client.destroy();
    }
  });
};

for (const protocol of [2, 3] as const) {
  describe(`node-redis with RESP${protocol} on our server as on redis-server`, () => requireRedis(() => {
    beforeAll(async () => {
      const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
      servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
    });
    afterAll(async () => {
      await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
    });

    it('its functions for every type', () => withNodeRedis(protocol, async (client) => [
      await client.set('a', '1', { expiration: { type: 'EX', value: 100 }, condition: 'NX' }), await client.ttl('a'), await client.getEx('a', { type: 'PERSIST' }), await client.mGet(['a', 'x']),
      await client.incrByFloat('f', 1.5), await client.hSet('h', { x: '1', y: 'zwei' }), await client.hGetAll('h'), await client.hRandFieldCountWithValues('h', 9).then((all) => all.length),
      await client.hScan('h', '0'), await client.rPush('l', ['a', 'b', 'c']), await client.lPosCount('l', 'b', 0), await client.lmPop(['none', 'l'], 'LEFT', { COUNT: 2 }), await client.blPop('l', 1),
      await client.sAdd('s', ['1', '2', '3']), await client.sMembers('s'), await client.smIsMember('s', ['1', 'x']), await client.sInterCard(['s', 's']),
      await client.zAdd('z', [{ score: 1, value: 'one' }, { score: Infinity, value: 'end' }]), await client.zRangeWithScores('z', 0, -1), await client.zScore('z', 'end'), await client.zmScore('z', ['one', 'x']),
      await client.zPopMax('z'), await client.zmPop(['z'], 'MIN'), await client.zRandMember('z'), await client.zUnionWithScores(['s', 's']), await client.zInter(['s', 's']),
      await client.geoAdd('g', [{ longitude: 13.361389, latitude: 38.115556, member: 'Palermo' }, { longitude: 15.087269, latitude: 37.502669, member: 'Catania' }]),
      await client.geoDist('g', 'Palermo', 'Catania', 'km'), await client.geoSearch('g', { longitude: 15, latitude: 37 }, { radius: 200, unit: 'km' }), await client.geoPos('g', ['Palermo', 'x']),
      await client.setBit('bits', 7, 1), await client.bitFieldRo('bits', [{ encoding: 'u8', offset: 0 }]), await client.pfAdd('p', ['a', 'b']), await client.pfCount('p'),
      await client.copy('h', 'h2'), await client.expire('h2', 100), await client.expireTime('h').then(Number), await client.type('h2'), await client.objectEncoding('h2'), await client.exists(['h', 'x']),
      await client.sort('s', { DIRECTION: 'DESC', LIMIT: { offset: 0, count: 2 } }), await client.lcsIdx('a', 'f'), await client.keys('h*').then((keys) => keys.toSorted()), await client.dbSize(),
      await client.configGet('maxmemory*'), await client.commandCount().then((count) => count > 200), await client.commandInfo(['get', 'xadd']), await client.aclWhoAmI(), await client.memoryUsage('a').then((size) => (size ?? 0) > 10),
      await orError(client.lPush('a', 'x')), await orError(client.sendCommand(['NO', 'SUCH'])), await client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get('a'), await client.latencyDoctor().then((text) => text.length > 10),
    ]));

    it('pipelines, transactions, scripts and functions', () => withNodeRedis(protocol, async (client) => {
      const results: unknown[] = [await Promise.all(Array.from({ length: 300 }, (_, index) => client.incrBy('n', index)))];
      results.push(await client.multi().set('a', '1').incr('a').hSet('h', 'f', 'v').hGetAll('h').exec(), await client.multi().set('p', '1').get('p').execAsPipeline());
      results.push(await orError(client.multi().set('t', 'x').lPush('t', 'y').exec().then((all) => all.length)), await client.get('t'));
      const other = await client.duplicate().connect();
      await client.watch('a');
      await other.set('a', '9');
      results.push(await orError(client.multi().incr('a').exec()));
      other.destroy();
      results.push(await client.addToAll('x', 'y', 4), await client.scriptFlush(), await client.addToAll('x', 'y', 1), await client.eval('return {KEYS[1], ARGV[1]}', { keys: ['k'], arguments: ['v'] }));
      results.push(await client.functionLoad("#!lua name=node\nredis.register_function('first', function(keys, words) return {keys[1], words[1]} end)", { REPLACE: true }));
      results.push(await client.fCall('first', { keys: ['k'], arguments: ['w'] }), await client.functionList(), await client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).functionDump().then((dump) => client.functionRestore(dump, { mode: 'FLUSH' })), await client.functionDelete('node'));
      const found: string[] = [];
      for await (const keys of client.scanIterator({ COUNT: 10 })) found.push(...keys);
      return [...results, found.toSorted()];
    }));

    it('Pub/Sub and streams with groups', () => withNodeRedis(protocol, async (client, port) => {
      const subscriber = await nodeRedis(port, protocol).on('error', () => {}).connect();
      const { hear, all } = heard<string>(4);
      try {
        await subscriber.subscribe('news', (text, channel) => hear(`${channel} ${text}`));
        await subscriber.pSubscribe('n*', (text, channel) => hear(`pattern ${channel} ${text}`));
        await subscriber.sSubscribe('shard', (text, channel) => hear(`shard ${channel} ${text}`));
        const results: unknown[] = [await client.publish('news', 'one'), await client.sPublish('shard', 'two'), await client.publish('night', 'three'), (await all).toSorted()];
        results.push(await client.pubSubNumSub(['news']), await client.pubSubShardChannels(), await client.pubSubNumPat());
        results.push(await client.xGroupCreate('jobs', 'workers', '0', { MKSTREAM: true }), await client.xAdd('jobs', '1-1', { task: 'a' }), await client.xAdd('jobs', '2-*', { task: 'b', size: '2' }));
        results.push(await client.xReadGroup('workers', 'one', { key: 'jobs', id: '>' }, { COUNT: 1, BLOCK: 1000 }), await client.xReadGroup('workers', 'two', { key: 'jobs', id: '>' }));
        results.push(await client.xRead([{ key: 'jobs', id: '0' }]), await client.xPending('jobs', 'workers'), await client.xAck('jobs', 'workers', '1-1'), await client.xClaim('jobs', 'workers', 'three', 0, '2-0'));
        results.push(await client.xAutoClaim('jobs', 'workers', 'four', 0, '0'), await client.xRange('jobs', '-', '+'), await client.xInfoGroups('jobs'), await client.xLen('jobs'), await client.xTrim('jobs', 'MAXLEN', 1));
        return results;
      } finally {
        subscriber.destroy();
      }
    }));

    it('a pool of connections, each waiting for its own', () => expectSame(async (port) => {
      const pool = createClientPool({ url: `redis://127.0.0.1:${port}`, RESP: protocol }, { minimum: 2, maximum: 6 });
      await pool.connect();
      try {
        const waits = Array.from({ length: 4 }, (_, index) => pool.execute((client) => client.blPop(`wait:${index}`, 10)));
        for (let index = 0; index < 4; index++) await pool.rPush(`wait:${index}`, `value ${index}`);
        return await Promise.all(waits);
      } finally {
        pool.destroy();
      }
    }));
  }));
}
