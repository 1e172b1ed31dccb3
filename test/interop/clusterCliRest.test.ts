/**
 * What redis-cli's cluster manager can do beside what clusterCli.test.ts takes it through: call, set-timeout, import, backup, and fix of
 * slots that nobody has and of slots that were left open; on nodes of ours.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterProcess, SLOTS, makeCluster, startNode } from '../support/clusterNodes.ts';
import { type ServerProcess, eventually, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const MANAGE_MS_MAX = 30_000;
const KEYS = 100;

/** What the manager says, however it ends; it is answered yes to whatever it asks. */
const manage = (...words: readonly string[]): Promise<string> => new Promise((resolve, reject) => {
  const child = execFile('redis-cli', ['--cluster', ...words], { timeout: MANAGE_MS_MAX }, (failure, said, complaints) => {
    if (failure?.killed === true) reject(new Error(`redis-cli --cluster ${words.join(' ')} did not end: ${said}`));
    else resolve(said + complaints);
  });
  child.stdin?.end('yes\n');
});

describe("redis-cli's cluster manager", () => requireRedis(() => {
  let nodes: readonly ClusterProcess[] = [];
  let entry = '';

  const isSound = async (): Promise<void> => {
    for (const node of nodes) {
      await eventually(() => node.cli('CLUSTER', 'INFO'), (text) => text.includes('cluster_state:ok') && text.includes(`cluster_slots_ok:${SLOTS}\r`));
    }
    const said = await manage('check', entry);
    expect(said).toContain(`[OK] All ${SLOTS} slots covered.`);
    expect(said).not.toMatch(/\[ERR\]|\[WARNING\]/);
  };

  beforeAll(async () => {
    nodes = await Promise.all([0, 1, 2].map(() => startNode('faultline')));
    entry = `127.0.0.1:${nodes[0]?.port ?? 0}`;
    await makeCluster(nodes);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  });

  it('call asks every node, set-timeout sets it on every node', async () => {
    const said = await manage('call', entry, 'CONFIG', 'GET', 'cluster-node-timeout');
    for (const node of nodes) expect(said).toContain(`127.0.0.1:${node.port}: cluster-node-timeout`);
    await manage('set-timeout', entry, '7000');
    for (const node of nodes) expect(node.cli('CONFIG', 'GET', 'cluster-node-timeout')).toBe('cluster-node-timeout\n7000');
  });

  it('import takes the keys of a server that is no cluster; backup fetches a snapshot of every primary', async () => {
    const source: ServerProcess = await startServerProcess('faultline');
    const directory = mkdtempSync(join(tmpdir(), 'faultline-backup-'));
    try {
      source.cli('MSET', ...Array.from({ length: KEYS }, (_, index) => [`key:${index}`, `value ${index}`]).flat());
      await manage('import', entry, '--cluster-from', `127.0.0.1:${source.port}`, '--cluster-copy');
      expect(source.cli('DBSIZE')).toBe(String(KEYS));
      expect(await manage('info', entry)).toContain(`[OK] ${KEYS} keys in 3 masters.`);
      expect(nodes[0]?.cli('-c', 'GET', 'key:42')).toBe('value 42');
      const said = await manage('backup', entry, directory);
      expect(said).toContain('Backup created into');
      const files = readdirSync(directory);
      expect(files.filter((name) => name.endsWith('.rdb'))).toHaveLength(nodes.length);
      expect(JSON.parse(readFileSync(join(directory, 'nodes.json'), 'utf8'))).toHaveLength(nodes.length);
      for (const node of nodes) {
        const file = files.find((name) => name.endsWith('.rdb') && name.includes(node.name)) ?? '';
        const reader = await startServerProcess('redis', ['--dbfilename', file], [], [], null, directory);
        expect(reader.cli('DBSIZE')).toBe(node.cli('DBSIZE'));
        await reader.stop();
      }
    } finally {
      await source.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('fix gives away what nobody has, and closes what was left open', async () => {
    const [first, second] = nodes as readonly [ClusterProcess, ClusterProcess, ...ClusterProcess[]];
    for (const node of nodes) node.cli('CLUSTER', 'DELSLOTS', '1', '2', '3');
    expect(await manage('check', entry)).toContain(`[ERR] Not all ${SLOTS} slots are covered by nodes.`);
    await manage('fix', entry, '--cluster-yes');
    await isSound();
    second.cli('CLUSTER', 'SETSLOT', '10', 'IMPORTING', first.name);
    first.cli('CLUSTER', 'SETSLOT', '10', 'MIGRATING', second.name);
    expect(await manage('check', entry)).toContain('slots are open: 10.');
    await manage('fix', entry, '--cluster-yes');
    await isSound();
  });
}));
