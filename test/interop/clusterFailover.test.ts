/**
 * Failover in clusters of real nodes and ours together: our replica for a real primary and the reverse, with votes of both kinds;
 * the old one returns as a replica; a node changes over to the other kind on its own nodes.conf; client libraries go on.
 */
import { execFileSync } from 'node:child_process';
import { Cluster } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type ClusterProcess, untilServing, withNodes } from '../support/clusterNodes.ts';
import { type ServerKind, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 120_000;
const TIMEOUT: readonly string[] = ['--cluster-node-timeout', '2000'];
const OTHER: Readonly<Record<ServerKind, ServerKind>> = { redis: 'faultline', faultline: 'redis' };

/** Three primaries in the order of the nodes, then a replica of each; every replica has its data. */
const create = async (nodes: readonly ClusterProcess[]): Promise<void> => {
  const places = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const [primaries, replicas] = [places.slice(0, 3), nodes.slice(3)];
  execFileSync('redis-cli', ['--cluster', 'create', ...primaries, '--cluster-yes'], { stdio: 'pipe' });
  for (const [index, replica] of replicas.entries()) {
    replica.cli('CLUSTER', 'MEET', '127.0.0.1', String(nodes[0]?.port));
    const primary = nodes[index] as ClusterProcess;
    await eventually(() => replica.cli('CLUSTER', 'NODES'), (text) => text.includes(primary.name));
    await eventually(() => replicate(replica, primary), (answer) => answer === 'OK');
  }
  await untilServing(nodes, nodes.length);
  for (const [index, replica] of replicas.entries()) {
    await eventually(() => replica.cli('INFO', 'replication'), (text) => text.includes('master_link_status:up'));
    const primary = nodes[index] as ClusterProcess;
    // The primary takes requests of its replicas only: it has to know that this is one.
    await eventually(() => seen(primary, replica), (line) => line.includes(` slave ${primary.name} `));
  }
};

const replicate = (replica: ClusterProcess, primary: ClusterProcess): string => replica.cli('CLUSTER', 'REPLICATE', primary.name);

/** The line of CLUSTER NODES about a node, as another one sees it. */
const seen = (by: ClusterProcess, node: ClusterProcess): string =>
  by.cli('CLUSTER', 'NODES').split('\n').find((line) => line.startsWith(node.name)) ?? '';

const slotsOf = (line: string): string => line.split(' ').slice(8).join(' ');

requireRedis(() => describe('failover in mixed clusters', () => {
  for (const kind of ['redis', 'faultline'] as const) {
    it(`a ${OTHER[kind]} replica takes over from a ${kind} primary, with votes of both kinds`, async () => {
      const kinds: readonly ServerKind[] = [kind, 'redis', 'faultline', OTHER[kind], 'redis', 'faultline'];
      await withNodes(kinds, async (nodes) => {
        await create(nodes);
        const [old, second, third, heir] = nodes as unknown as readonly [ClusterProcess, ClusterProcess, ClusterProcess, ClusterProcess];
        const slots = slotsOf(seen(second, old));
        await old.stop();
        for (const voter of [second, third]) {
          await eventually(() => seen(voter, heir), (line) => slotsOf(line) === slots && /^[^ ]+ [^ ]+ master/.test(line), 30_000);
          await eventually(() => voter.cli('CLUSTER', 'INFO'), (text) => text.includes('cluster_state:ok'));
        }
        expect(seen(second, old)).toMatch(/ master,fail /);
        // A majority of three is two: both of the others, one of each kind, have voted.
        const granted = [second, third].map((voter) => /Failover auth granted to /.test(voter.log()));
        expect(granted).toEqual([true, true]);
      }, TIMEOUT);
    }, TEST_MS);

    it(`CLUSTER FAILOVER hands a ${kind} primary's slots to a ${OTHER[kind]} replica without losing a write`, async () => {
      const kinds: readonly ServerKind[] = [kind, 'redis', 'faultline', OTHER[kind]];
      await withNodes(kinds, async (nodes) => {
        await create(nodes);
        const [old, second, , heir] = nodes as unknown as readonly [ClusterProcess, ClusterProcess, ClusterProcess, ClusterProcess];
        const slots = slotsOf(seen(second, old));
        const put = execFileSync('redis-cli', ['-c', '-p', String(second.port), 'SET', '{b}:key', 'value'], { encoding: 'latin1' });
        expect(put.trim()).toBe('OK');
        expect(heir.cli('CLUSTER', 'FAILOVER')).toBe('OK');
        await eventually(() => seen(second, heir), (line) => slotsOf(line) === slots);
        await eventually(() => seen(second, old), (line) => line.includes('slave'));
        await eventually(() => old.cli('INFO', 'replication'), (text) => text.includes('master_link_status:up'));
        const got = execFileSync('redis-cli', ['-c', '-p', String(second.port), 'GET', '{b}:key'], { encoding: 'latin1' });
        expect(got.trim()).toBe('value');
      }, TIMEOUT);
    }, TEST_MS);
  }

  it('ioredis Cluster goes on after a failover of our nodes', async () => {
    const kinds: readonly ServerKind[] = ['faultline', 'faultline', 'faultline', 'faultline', 'faultline', 'faultline'];
    await withNodes(kinds, async (nodes) => {
      await create(nodes);
      const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })), { clusterRetryStrategy: () => 200 });
      client.on('error', () => {});
      try {
        const keys = Array.from({ length: 60 }, (_, index) => `key:${index}`);
        await Promise.all(keys.map((key) => client.set(key, key)));
        await (nodes[0] as ClusterProcess).stop();
        await eventually(() => nodes[1]?.cli('CLUSTER', 'INFO') ?? '', (text) => text.includes('cluster_state:fail'), 30_000);
        await eventually(() => nodes[1]?.cli('CLUSTER', 'INFO') ?? '', (text) => text.includes('cluster_state:ok'), 30_000);
        await Promise.all(keys.map((key) => client.set(key, `${key}:after`)));
        expect(await Promise.all(keys.map((key) => client.get(key)))).toEqual(keys.map((key) => `${key}:after`));
      } finally {
        client.disconnect();
      }
    }, TIMEOUT);
  }, TEST_MS);
}));
