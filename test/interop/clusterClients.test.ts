/**
 * Two client libraries on a cluster of our nodes, both writing all the time, while a primary is killed: what was acknowledged after
 * its replica took over can be read, by the library that wrote it and by the other one. What got no answer may be gone.
 */
import { execFileSync } from 'node:child_process';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { expect, it } from 'vitest';
import { keySlot } from '../../engine/cluster/slots.ts';
import { bytes } from '../../engine/core/bytes.ts';
import { type ClusterProcess, untilServing, withNodes } from '../support/clusterNodes.ts';
import { eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 120_000;
const TIMEOUT: readonly string[] = ['--cluster-node-timeout', '1500'];
/** `redis-cli --cluster create` gives the first of three primaries these. */
const FIRST_RANGE_SLOTS = 5461;
/** Each library writes over so many lines at once, each write when the one before has its answer. */
const WRITERS = 8;
const PAUSE_MS = 5;
/** A write without an answer for so long is given up: its line goes on. */
const ANSWER_MS_MAX = 1000;
const WRITES_ENOUGH = 50;

/** What a library is used for here. */
interface Library {
  readonly name: string;
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  close(): Promise<void> | void;
}

const ioredis = (nodes: readonly ClusterProcess[]): Library => {
  const client = new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port })), { clusterRetryStrategy: () => 100 });
  // Without a listener the loss of a connection ends the process.
  client.on('error', () => {});
  return {
    name: 'ioredis', set: (key, value) => client.set(key, value), get: (key) => client.get(key), close: () => client.disconnect(),
  };
};

const nodeRedis = async (nodes: readonly ClusterProcess[]): Promise<Library> => {
  const client = createCluster({
    rootNodes: nodes.map(({ port }) => ({ url: `redis://127.0.0.1:${port}` })),
    // It waits five seconds otherwise before it asks who has the slots of a node that it cannot reach.
    topologyRefreshOnReconnectionAttemptStrategy: 500,
  });
  client.on('error', () => {});
  await client.connect();
  return {
    name: 'node-redis', set: (key, value) => client.set(key, value), get: (key) => client.get(key), close: () => client.destroy(),
  };
};

interface Write {
  readonly key: string;
  readonly invokedMs: number;
}

/** Writes of unique keys, all the time; those that were acknowledged. */
class Load {
  readonly library: Library;
  readonly acknowledged: Write[] = [];
  private isOver = false;
  private written = 0;
  private readonly writers: readonly Promise<void>[];

  constructor(library: Library) {
    this.library = library;
    this.writers = Array.from({ length: WRITERS }, () => this.write());
  }

  /** How many writes to the first range, and how many to others, were sent after `sinceMs` and acknowledged. */
  acknowledgedSince(sinceMs: number): { readonly first: number; readonly others: number } {
    const writes = this.acknowledged.filter(({ invokedMs }) => invokedMs >= sinceMs);
    const first = writes.filter(({ key }) => keySlot(bytes(key)) < FIRST_RANGE_SLOTS).length;
    return { first, others: writes.length - first };
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.writers);
  }

  private async write(): Promise<void> {
    while (!this.isOver) {
      const key = `${this.library.name}:${this.written++}`;
      const invokedMs = Date.now();
      const answer = this.library.set(key, key).then((reply) => reply === 'OK', () => false);
      if (await Promise.race([answer, after(ANSWER_MS_MAX)])) this.acknowledged.push({ key, invokedMs });
      await after(PAUSE_MS);
    }
  }
}

const after = (durationMs: number): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), durationMs));

const hasEnough = ({ first, others }: { readonly first: number; readonly others: number }): boolean =>
  first >= WRITES_ENOUGH && others >= WRITES_ENOUGH;

/** As `eventually`, for what the test's own process does meanwhile: redis-cli would hold it up. */
const untilEnough = async (loads: readonly Load[], sinceMs: number): Promise<void> => {
  const until = Date.now() + TEST_MS / 3;
  while (!loads.every((load) => hasEnough(load.acknowledgedSince(sinceMs)))) {
    if (Date.now() > until) {
      throw new Error(`too few writes: ${JSON.stringify(loads.map((load) => [load.library.name, load.acknowledgedSince(sinceMs)]))}`);
    }
    await after(20);
  }
};

requireRedis(() => it('ioredis and node-redis go on writing through a failover of our nodes', async () => {
  await withNodes(Array.from({ length: 6 }, () => 'faultline' as const), async (nodes) => {
    const places = nodes.map(({ port }) => `127.0.0.1:${port}`);
    execFileSync('redis-cli', ['--cluster', 'create', ...places, '--cluster-replicas', '1', '--cluster-yes'], { stdio: 'pipe' });
    await untilServing(nodes, nodes.length);
    const [first, ...others] = nodes as readonly [ClusterProcess, ...ClusterProcess[]];
    for (const node of others.slice(2)) {
      await eventually(() => node.cli('INFO', 'replication'), (text) => text.includes('master_link_status:up'));
    }
    const libraries = [ioredis(nodes), await nodeRedis(nodes)];
    const loads = libraries.map((library) => new Load(library));
    try {
      await untilEnough(loads, 0);
      await first.stop('SIGKILL');
      // Six nodes were given the epochs 1 to 6: the election has the next.
      const isTaken = (text: string): boolean => text.includes('cluster_state:ok') && text.includes('cluster_slots_ok:16384\r')
        && /cluster_current_epoch:([7-9]|\d\d)\r/.test(text);
      for (const node of others) await eventually(() => node.cli('CLUSTER', 'INFO'), isTaken, TEST_MS / 3);
      const takenMs = Date.now();
      await untilEnough(loads, takenMs);
      await Promise.all(loads.map((load) => load.end()));
      const written = loads.flatMap((load) => load.acknowledged.filter(({ invokedMs }) => invokedMs >= takenMs)).map(({ key }) => key);
      for (const library of libraries) {
        expect(await Promise.all(written.map((key) => library.get(key))), library.name).toEqual(written);
      }
    } finally {
      await Promise.all(loads.map((load) => load.end()));
      await Promise.all(libraries.map((library) => library.close()));
    }
  }, TIMEOUT);
}, TEST_MS));
