/**
 * ioredis and node-redis in a cluster and behind sentinels of ours: what each needs of them beyond single commands. How they get through a
 * failover of a cluster and, for node-redis, of sentinels is in clusterClients.test.ts and sentinelNodeRedis.test.ts.
 */
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { describe, expect, it } from 'vitest';
import { keySlot } from '../../engine/cluster/slots.ts';
import { bytes } from '../../engine/core/bytes.ts';
import { type ClusterProcess, SLOTS, makeCluster, withNodes } from '../support/clusterNodes.ts';
import { eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment, NAME } from '../support/sentinelDeployment.ts';

const TEST_MS = 60_000;
const KEYS = 60;

/** The first slot of the first node moves to the last one while nobody tells the clients. */
const moveSlot = (nodes: readonly ClusterProcess[], slot: number): void => {
  const [from, to] = [nodes[0] as ClusterProcess, nodes.at(-1) as ClusterProcess];
  to.cli('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', from.name);
  from.cli('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', to.name);
  for (const key of from.cli('CLUSTER', 'GETKEYSINSLOT', String(slot), '100').split('\n')) {
    if (key !== '') from.cli('MIGRATE', '127.0.0.1', String(to.port), key, '0', '5000');
  }
  for (const node of [to, from]) node.cli('CLUSTER', 'SETSLOT', String(slot), 'NODE', to.name);
};

const keyOfFirst = (): string => {
  for (let index = 0; ; index++) if (keySlot(bytes(`mover:${index}`)) < SLOTS / 3) return `mover:${index}`;
};

const useIoredis = async (nodes: readonly ClusterProcess[], key: string): Promise<void> => {
  const client = new Cluster([{ host: '127.0.0.1', port: nodes[1]?.port ?? 0 }], { enableAutoPipelining: true });
  client.on('error', () => {});
  try {
    await Promise.all(Array.from({ length: KEYS }, (_, index) => client.set(`io:${index}`, index)));
    expect(await Promise.all(Array.from({ length: KEYS }, (_, index) => client.get(`io:${index}`)))).toEqual(Array.from({ length: KEYS }, (_, index) => String(index)));
    expect(await client.pipeline().set('{tag}:a', 1).incr('{tag}:a').lpush('{tag}:a', 'x').exec().then((all) => all?.map(([failure, value]) => failure?.message ?? value)))
      .toEqual(['OK', 2, 'WRONGTYPE Operation against a key holding the wrong kind of value']);
    expect(await client.multi().incr('{tag}:a').set('{tag}:b', 'x').exec()).toEqual([[null, 3], [null, 'OK']]);
    client.defineCommand('both', { numberOfKeys: 2, lua: "return redis.call('MGET', KEYS[1], KEYS[2])" });
    expect(await (client as Cluster & { both(...keys: readonly string[]): Promise<unknown> }).both('{tag}:a', '{tag}:b')).toEqual(['3', 'x']);
    const counts = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
    expect(counts).toHaveLength(3);
    expect(counts.every((count) => count > 0)).toBe(true);
    await client.rpush(key, 'a', 'b');
    moveSlot(nodes, keySlot(bytes(key)));
    expect(await client.lrange(key, 0, -1)).toEqual(['a', 'b']);
    const subscriber = new Cluster([{ host: '127.0.0.1', port: nodes[0]?.port ?? 0 }], { shardedSubscribers: true });
    try {
      const message = new Promise((resolve) => subscriber.on('smessage', (channel: string, text: string) => resolve([channel, text])));
      await subscriber.ssubscribe('shard channel');
      expect(await client.spublish('shard channel', 'heard')).toBe(1);
      expect(await message).toEqual(['shard channel', 'heard']);
    } finally {
      subscriber.disconnect();
    }
  } finally {
    client.disconnect();
  }
};

const useNodeRedis = async (nodes: readonly ClusterProcess[], key: string): Promise<void> => {
  const client = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${nodes[2]?.port ?? 0}` }], defaults: {}, RESP: 3 });
  client.on('error', () => {});
  await client.connect();
  try {
    await Promise.all(Array.from({ length: KEYS }, (_, index) => client.hSet(`node:${index}`, { value: String(index) })));
    expect(await Promise.all(Array.from({ length: KEYS }, (_, index) => client.hGet(`node:${index}`, 'value')))).toEqual(Array.from({ length: KEYS }, (_, index) => String(index)));
    expect(await client.multi().set('{two}:a', '1').incr('{two}:a').exec()).toEqual(['OK', 2]);
    expect(await client.eval('return redis.call("GET", KEYS[1])', { keys: ['{two}:a'] })).toBe('2');
    expect(await client.mGet(['{two}:a', 'node:1'])).toEqual(['2', null]);
    await expect(client.sInter(['none:1', 'none:2'])).rejects.toThrow('CROSSSLOT');
    expect(await client.lRange(key, 0, -1)).toEqual(['a', 'b']);
    const told: { resolve: (text: string) => void } = { resolve: () => {} };
    const message = new Promise<string>((resolve) => {
      told.resolve = resolve;
    });
    await client.sSubscribe('other channel', (text) => told.resolve(text));
    expect(await client.sPublish('other channel', 'sharded')).toBe(1);
    expect(await message).toBe('sharded');
    expect(client.masters).toHaveLength(3);
  } finally {
    client.destroy();
  }
};

describe('libraries in deployments of ours', () => requireRedis(() => {
  it('a cluster: pipelines, transactions, scripts, slots that have moved, sharded channels', async () => {
    await withNodes(['faultline', 'faultline', 'faultline'], async (nodes) => {
      await makeCluster(nodes);
      const key = keyOfFirst();
      await useIoredis(nodes, key);
      await useNodeRedis(nodes, key);
    });
  }, TEST_MS);

  it('ioredis behind sentinels: the primary, a replica for reading, and the promoted one after SENTINEL FAILOVER', async () => {
    await Deployment.with({ servers: ['faultline', 'faultline'], sentinels: ['faultline'], quorum: 1 }, async (deployment) => {
      const sentinels = deployment.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
      const options = { sentinels, name: NAME, failoverDetector: true, sentinelRetryStrategy: () => 50, retryStrategy: () => 50 };
      const client = new Redis(options);
      const reader = new Redis({ ...options, role: 'slave' });
      for (const each of [client, reader]) each.on('error', () => {});
      try {
        expect(await client.set('before', '1')).toBe('OK');
        expect(await client.role()).toContain('master');
        expect(await reader.role()).toContain('slave');
        expect(await client.wait(1, 5000)).toBe(1);
        expect(await reader.get('before')).toBe('1');
        const old = deployment.servers[0]?.port ?? 0;
        deployment.sentinels[0]?.cli('SENTINEL', 'FAILOVER', NAME);
        const promoted = await deployment.switched(old);
        const until = Date.now() + TEST_MS / 2;
        const promotedServer = deployment.server(promoted);
        while (await client.set('after', '1').catch(() => null) !== 'OK' || promotedServer.cli('GET', 'after') !== '1') {
          if (Date.now() > until) throw new Error('no write reached the promoted node');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await eventually(() => deployment.servers[0]?.cli('GET', 'after'), (value) => value === '1');
      } finally {
        for (const each of [client, reader]) each.disconnect();
      }
    });
  }, TEST_MS);
}));
