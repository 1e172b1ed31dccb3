/**
 * redis-cli's cluster manager on our nodes, and on real ones and ours together: create, check, info, reshard, add-node, rebalance and
 * del-node, while a client counts. No key is lost, and every INCR that was answered is there at the end, once.
 */
import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { keySlot } from '../../engine/cluster/slots.ts';
import type { Bytes } from '../../engine/core/bytes.ts';
import { ErrorReply, type Reply } from '../../engine/protocol/reply.ts';
import { type ClusterProcess, startNode, untilServing, withNodes } from '../support/clusterNodes.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 240_000;
const COUNTERS = 200;
const LISTS = 100;
const ATTEMPTS_MAX = 1000;
const RETRY_MS = 20;
const NODES = 6;
const OURS: ServerKind = 'faultline';

/** What the manager says; throws with its output when it fails. */
const manage = (...words: readonly string[]): Promise<string> => new Promise((resolve, reject) => {
  execFile('redis-cli', ['--cluster', ...words], { maxBuffer: 1 << 26 }, (failure, said, complaints) => {
    if (failure === null) resolve(said);
    else reject(new Error(`redis-cli --cluster ${words.join(' ')}: ${failure.message}\n${said}\n${complaints}`));
  });
});

/** A client that goes where it is sent. */
class Wanderer {
  private readonly clients: Map<number, RawClient> = new Map();
  private readonly owners: Map<number, number> = new Map();
  private readonly first: number;
  redirections = 0;

  constructor(first: number) {
    this.first = first;
  }

  async run(key: string, ...words: readonly string[]): Promise<Reply> {
    const slot = keySlot(key as Bytes);
    let port = this.owners.get(slot) ?? this.first;
    let isAsking = false;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const client = await this.client(port);
      const asked = isAsking ? client.run('ASKING') : null;
      const reply = await client.run(...words);
      await asked;
      if (!(reply instanceof ErrorReply)) return reply;
      const sent = /^(MOVED|ASK) [0-9]+ 127\.0\.0\.1:([0-9]+)$/.exec(reply.text);
      if (sent === null && !/^(?:TRYAGAIN|CLUSTERDOWN)/.test(reply.text)) throw new Error(`${words.join(' ')}: ${reply.text}`);
      if (sent === null) {
        // Who was the owner may have left the cluster: as clients do, this one asks the first node again a little later.
        if (reply.text.startsWith('CLUSTERDOWN')) {
          this.owners.delete(slot);
          port = this.first;
        }
        isAsking = false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      this.redirections++;
      port = Number(sent[2]);
      isAsking = sent[1] === 'ASK';
      if (!isAsking) this.owners.set(slot, port);
    }
    throw new Error(`${words.join(' ')}: sent about without end`);
  }

  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private async client(port: number): Promise<RawClient> {
    const known = this.clients.get(port) ?? await RawClient.open(port);
    this.clients.set(port, known);
    return known;
  }
}

/** Counts, one key after the other, until told to stop. */
class Counting {
  readonly counts: number[] = Array.from({ length: COUNTERS }, () => 0);
  private isStopped = false;
  private readonly done: Promise<void>;

  constructor(wanderer: Wanderer) {
    this.done = this.count(wanderer);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  private async count(wanderer: Wanderer): Promise<void> {
    for (let turn = 0; !this.isStopped; turn++) {
      const index = turn % COUNTERS;
      expect(await wanderer.run(`counter:${index}`, 'INCR', `counter:${index}`)).toBe(++(this.counts[index] as number));
    }
  }
}

const listItems = (index: number): readonly string[] => Array.from({ length: index + 1 }, (_, item) => `item ${item}`);

const at = (node: ClusterProcess): string => `127.0.0.1:${node.port}`;

/** Until all nodes are of one mind and none has an open slot. */
const untilSound = async (entry: ClusterProcess): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    const said = await manage('check', at(entry)).catch((failure: unknown) => String(failure));
    if (said.includes('[OK] All nodes agree about slots configuration.') && said.includes('[OK] All 16384 slots covered.')
      && !/\[ERR\]|\[WARNING\]/.test(said)) return;
    if (attempt >= ATTEMPTS_MAX / 20) throw new Error(said);
  }
};

const slotsOf = (entry: ClusterProcess, node: ClusterProcess): number => {
  const line = entry.cli('CLUSTER', 'NODES').split('\n').find((one) => one.startsWith(node.name)) ?? '';
  return line.split(' ').slice(8).reduce((sum, range) => {
    const [first, last] = range.split('-').map(Number);
    return sum + ((last ?? first ?? 0) - (first ?? 0)) + 1;
  }, 0);
};

/** The manager's commands, one after the other, on a cluster of three primaries and their replicas; `extra` comes and goes. */
const takeThrough = async (nodes: readonly ClusterProcess[], extra: ClusterProcess): Promise<void> => {
  const [entry, second] = nodes as readonly [ClusterProcess, ClusterProcess, ...ClusterProcess[]];
  const created = await manage('create', ...nodes.map(at), '--cluster-replicas', '1', '--cluster-yes');
  expect(created).toContain('[OK] All 16384 slots covered.');
  await untilServing(nodes, NODES);
  await untilSound(entry);
  const wanderer = new Wanderer(entry.port);
  try {
    for (let index = 0; index < LISTS; index++) await wanderer.run(`list:${index}`, 'RPUSH', `list:${index}`, ...listItems(index));
    expect(await manage('info', at(second))).toContain(`[OK] ${LISTS} keys in 3 masters.`);
    const counting = new Counting(wanderer);
    await manage('reshard', at(entry), '--cluster-from', entry.name, '--cluster-to', second.name, '--cluster-slots', '200', '--cluster-yes');
    await untilSound(entry);
    expect(slotsOf(entry, second)).toBe(5462 + 200);
    await manage('add-node', at(extra), at(entry));
    await untilServing([...nodes, extra], NODES + 1);
    await untilSound(entry);
    await manage('rebalance', at(entry), '--cluster-use-empty-masters', '--cluster-threshold', '1', '--cluster-weight', `${extra.name}=0.1`);
    await untilSound(entry);
    expect(slotsOf(entry, extra)).toBeGreaterThan(500);
    await manage('rebalance', at(entry), '--cluster-threshold', '1', '--cluster-weight', `${extra.name}=0`);
    await untilSound(entry);
    expect(slotsOf(entry, extra)).toBe(0);
    await manage('del-node', at(entry), extra.name);
    await eventually(() => nodes.map((node) => node.cli('CLUSTER', 'NODES')), (texts) => texts.every((text) => !text.includes(extra.name)));
    await counting.stop();
    expect(wanderer.redirections).toBeGreaterThan(3);
    for (let index = 0; index < LISTS; index++) {
      expect(await wanderer.run(`list:${index}`, 'LRANGE', `list:${index}`, '0', '-1')).toEqual(listItems(index));
    }
    for (const [index, count] of counting.counts.entries()) {
      expect(await wanderer.run(`counter:${index}`, 'GET', `counter:${index}`)).toBe(String(count));
    }
    expect(await manage('info', at(second))).toContain(`[OK] ${LISTS + COUNTERS} keys in 3 masters.`);
  } finally {
    wanderer.close();
  }
};

const CLUSTERS: readonly { readonly name: string; readonly kinds: readonly ServerKind[]; readonly extra: ServerKind }[] = [
  { name: 'our nodes', kinds: Array.from({ length: NODES }, () => OURS), extra: OURS },
  { name: 'real nodes and ours', kinds: [OURS, 'redis', OURS, 'redis', OURS, 'redis'], extra: 'redis' },
];

describe("redis-cli's cluster manager", () => requireRedis(() => {
  for (const { name, kinds, extra } of CLUSTERS) {
    it(`creates, reshards and rebalances a cluster of ${name}`, async () => {
      await withNodes(kinds, async (nodes) => {
        const added = await startNode(extra);
        try {
          await takeThrough(nodes, added);
        } finally {
          await added.stop();
        }
      });
    }, TEST_MS);
  }
}));
