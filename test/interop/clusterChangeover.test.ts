/**
 * A node changes over to the other kind, and back, on its own nodes.conf and data, in a running cluster of both kinds: it is the same
 * node afterwards, to itself, to the others and to redis-cli. And a nodes.conf that cannot be used is refused, and left as it is.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ClusterProcess, changeKind, startNode, untilServing } from '../support/clusterNodes.ts';
import { type ServerKind, eventually, freePort, runOurServer } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 120_000;
/** Nobody takes over while a node changes. */
const SLOW: readonly string[] = ['--cluster-node-timeout', '20000'];
const KINDS: readonly ServerKind[] = ['faultline', 'redis', 'faultline', 'redis', 'faultline', 'redis'];
const PRIMARIES = 3;
const KEYS = 60;

const cliLines = (port: number, options: readonly string[], commands: readonly string[]): readonly string[] =>
  execFileSync('redis-cli', ['-p', String(port), ...options], { input: `${commands.join('\n')}\n`, encoding: 'latin1' }).trim().split('\n');

const onCluster = (port: number, ...words: readonly string[]): string =>
  execFileSync('redis-cli', ['--cluster', ...words.slice(0, 1), `127.0.0.1:${port}`, ...words.slice(1)], { encoding: 'latin1', stdio: 'pipe' });

/** What must stay: who, what it is and whom it follows, its epoch, its slots; by node. Times, links and gossip's flags may differ. */
const view = (node: ClusterProcess): readonly string[] => node.cli('CLUSTER', 'NODES').split('\n').map((line) => {
  const [name, address, flags, primary, , , epoch, , ...slots] = line.trim().split(' ');
  return [name, address, flags?.replace('myself,', ''), primary, epoch, ...slots].join(' ');
}).sort();

const epochOf = (node: ClusterProcess): string => /cluster_current_epoch:([0-9]+)/.exec(node.cli('CLUSTER', 'INFO'))?.[1] ?? '';

const dataOf = (node: ClusterProcess): readonly string[] => {
  const keys = node.cli('KEYS', '*').split('\n').filter((key) => key !== '').sort();
  return cliLines(node.port, [], ['READONLY', ...keys.map((key) => `GET ${key}`)]).map((value, index) => `${keys[index - 1] ?? ''}=${value}`);
};

const create = async (nodes: readonly ClusterProcess[]): Promise<void> => {
  execFileSync('redis-cli', ['--cluster', 'create', ...nodes.map(({ port }) => `127.0.0.1:${port}`), '--cluster-replicas', '1', '--cluster-yes'],
    { stdio: 'pipe' });
  await untilServing(nodes, nodes.length);
  await untilFollowing(nodes);
};

const untilFollowing = async (nodes: readonly ClusterProcess[]): Promise<void> => {
  for (const node of nodes) {
    await eventually(() => node.cli('INFO', 'replication'), (text) => /role:master|master_link_status:up/.test(text));
    if (node.cli('ROLE').startsWith('master')) await eventually(() => node.cli('INFO', 'replication'), (text) => text.includes('state=online'));
  }
};

requireRedis(() => describe('a node changes over', () => {
  it('to the other kind and back, a primary and a replica of each kind: the same name, slots, epochs and data', async () => {
    const directories = KINDS.map(() => mkdtempSync(join(tmpdir(), 'faultline-node-')));
    const nodes: ClusterProcess[] = [];
    try {
      for (const [index, kind] of KINDS.entries()) nodes.push(await startNode(kind, SLOW, { directory: directories[index] as string }));
      await create(nodes);
      const [first] = nodes as [ClusterProcess];
      for (let key = 0; key < KEYS; key++) {
        execFileSync('redis-cli', ['-c', '-p', String(first.port), 'SET', `key:${key}`, `value:${key}`], { stdio: 'pipe' });
      }
      // A primary and a replica of either kind, one after the other, there and back.
      for (const index of [0, 1, PRIMARIES, PRIMARIES + 1]) {
        for (const way of ['there', 'back']) {
          const node = nodes[index] as ClusterProcess;
          await eventually(() => nodes.map(view), (views) => new Set(views.map(String)).size === 1);
          await eventually(() => nodes.map(dataOf).flat().length, (lines) => lines === 2 * KEYS + KINDS.length);
          const before = { view: view(node), epoch: epochOf(node), data: dataOf(node) };
          const changed = await changeKind(node, SLOW);
          nodes[index] = changed;
          expect(changed.kind, way).not.toBe(node.kind);
          expect(changed.name).toBe(node.name);
          await untilServing(nodes, nodes.length);
          await untilFollowing(nodes);
          expect({ view: view(changed), epoch: epochOf(changed), data: dataOf(changed) }).toEqual(before);
          for (const other of nodes) await eventually(() => view(other), (lines) => String(lines) === String(before.view));
          const check = onCluster(changed.port, 'check');
          expect(check).toContain('[OK] All nodes agree about slots configuration.');
          expect(check).toContain('[OK] All 16384 slots covered.');
          expect(check).not.toMatch(/\[(?:ERR|WARNING)\]/);
        }
      }
      expect(nodes.map(({ kind }) => kind)).toEqual(KINDS);
    } finally {
      await Promise.all(nodes.map((node) => node.stop()));
      for (const directory of directories) rmSync(directory, { recursive: true, force: true });
    }
  }, TEST_MS);
}));

describe('a nodes.conf that cannot be used', () => {
  const A = 'a'.repeat(40);
  const B = 'b'.repeat(40);
  const GOOD = `${A} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-99\n`
    + `${B} 127.0.0.1:7001@17001 master - 0 1700000000000 2 connected 100-16383\nvars currentEpoch 2 lastVoteEpoch 0\n`;

  it.each([
    ['a slot that there is not', GOOD.replace('100-16383', '100-16384'), 2, 'there is no slot 16384'],
    ['a name that is none', GOOD.replace(B, 'B'.repeat(40)), 2, 'is no node name'],
    ['an unknown flag', GOOD.replace('myself,master', 'myself,lord'), 1, "unknown flag 'lord'"],
    ['too few words', GOOD.replace(/ 1 connected 0-99/, ''), 1, 'too few words'],
    ['an epoch that is no number', GOOD.replace('currentEpoch 2', 'currentEpoch two'), 3, "'two' is no number"],
    ['nobody that it is about', GOOD.replace('myself,', ''), null, 'nobody is called myself'],
  ])('%s: status 1, with line and reason, and the file stays', async (_what, text, line, reason) => {
    const directory = mkdtempSync(join(tmpdir(), 'faultline-conf-'));
    try {
      const file = join(directory, 'nodes.conf');
      writeFileSync(file, text);
      const ended = runOurServer(['--port', String(await freePort()), '--cluster-port', String(await freePort()), '--bind', '127.0.0.1',
        '--dir', directory, '--cluster-enabled', 'yes']);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain(`${line === null ? 'all' : `line ${line}`} of nodes.conf`);
      expect(ended.stderr).toContain(reason);
      expect(ended.stderr).not.toMatch(/^ +at /m);
      expect(readFileSync(file, 'utf8')).toBe(text);
      expect(readdirSync(directory)).toEqual(['nodes.conf']);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('cannot even be read: status 1, and the reason', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'faultline-conf-'));
    try {
      mkdirSync(join(directory, 'nodes.conf'));
      const ended = runOurServer(['--port', String(await freePort()), '--cluster-port', String(await freePort()), '--bind', '127.0.0.1',
        '--dir', directory, '--cluster-enabled', 'yes']);
      expect(ended.status).toBe(1);
      expect(ended.stderr).toContain("Can't read the cluster config file nodes.conf");
      expect(ended.stderr).not.toMatch(/^ +at /m);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
