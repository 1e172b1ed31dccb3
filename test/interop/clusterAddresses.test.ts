/**
 * Two nodes that change their addresses while neither hears of the other find each other again: each tells the third node, whose
 * gossip corrects the address of whoever is held to be failing. With nobody in between they never do. The same with nodes of both kinds.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ClusterProcess, startNode, untilServing } from '../support/clusterNodes.ts';
import { type ServerKind, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const NODE_TIMEOUT_MS = 1500;
const DIRECTIVES: readonly string[] = ['--cluster-node-timeout', String(NODE_TIMEOUT_MS)];

/** Name, port and link of every node that this one knows, by name. */
const known = (node: ClusterProcess): readonly string[] => node.cli('CLUSTER', 'NODES').split('\n').map((line) => {
  const [name, address, flags, , , , , link] = line.trim().split(' ');
  return [name, address?.replace(/^.*:([0-9]+)@.*$/, '$1'), flags?.replace('myself,', ''), link].join(' ');
}).sort();

const restartElsewhere = async (nodes: ClusterProcess[], directories: readonly string[], which: readonly number[]): Promise<void> => {
  await Promise.all(which.map((index) => (nodes[index] as ClusterProcess).stop()));
  await Promise.all(which.map(async (index) => {
    const { kind, port } = nodes[index] as ClusterProcess;
    nodes[index] = await startNode(kind, DIRECTIVES, { directory: directories[index] as string });
    expect((nodes[index] as ClusterProcess).port).not.toBe(port);
  }));
};

/** Runs nodes of these kinds, each with its directory, as a cluster of primaries. */
const withCluster = async (
  kinds: readonly ServerKind[], use: (nodes: ClusterProcess[], directories: readonly string[]) => Promise<void>,
): Promise<void> => {
  const directories = kinds.map(() => mkdtempSync(join(tmpdir(), 'faultline-node-')));
  const nodes: ClusterProcess[] = [];
  try {
    for (const [index, kind] of kinds.entries()) nodes.push(await startNode(kind, DIRECTIVES, { directory: directories[index] as string }));
    const [first, ...others] = nodes as [ClusterProcess, ...ClusterProcess[]];
    for (const { port } of others) first.cli('CLUSTER', 'MEET', '127.0.0.1', String(port));
    const share = Math.ceil(16_384 / nodes.length);
    for (const [index, node] of nodes.entries()) {
      node.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      node.cli('CLUSTER', 'ADDSLOTSRANGE', String(index * share), String(Math.min(16_383, (index + 1) * share - 1)));
    }
    await untilServing(nodes, nodes.length);
    await use(nodes, directories);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  }
};

requireRedis(() => describe('two nodes change their addresses while they are apart', () => {
  it.concurrent.each([[['faultline', 'faultline', 'redis']], [['redis', 'redis', 'faultline']]] as readonly (readonly [readonly ServerKind[]])[])('%j: the third brings the first two together', async (kinds) => {
    await withCluster(kinds, async (nodes, directories) => {
      await restartElsewhere(nodes, directories, [0, 1]);
      const expected = nodes.map(({ name, port }) => `${name} ${port} master connected`).sort();
      for (const node of nodes) await eventually(() => known(node), (seen) => String(seen) === String(expected), 40_000);
      await untilServing(nodes, nodes.length);
      expect(execFileSync('redis-cli', ['--cluster', 'check', `127.0.0.1:${nodes[2]?.port}`], { encoding: 'latin1' })).toContain('[OK] All 16384 slots covered.');
    });
  }, 90_000);

  it.concurrent.each([['redis', 'faultline']] as const)('%s and %s alone stay apart', async (...kinds) => {
    await withCluster(kinds, async (nodes, directories) => {
      await restartElsewhere(nodes, directories, [0, 1]);
      // Each holds the other to be failing at its old address, and nobody else could know better.
      for (const [index, node] of nodes.entries()) {
        const other = nodes[1 - index] as ClusterProcess;
        await eventually(() => known(node), (seen) => seen.some((line) => line.startsWith(other.name) && line.endsWith('disconnected')));
        const line = known(node).find((one) => one.startsWith(other.name)) ?? '';
        expect(line).not.toContain(` ${other.port} `);
      }
    });
  }, 60_000);
}));
