/**
 * Deployments of every kind that can be imported, run for twenty seconds: they form what their files say. Replicas follow and have
 * their primary's data, sentinels watch the same primary, clusters come up; and clients write.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clientsFor, zonesOf } from '../../scenarios/clientsFor.ts';
import { runScenario } from '../../sim/run.ts';
import { importDeployment, noOtherFiles } from '../../sim/topology/importDeployment.ts';
import { applyPlacement } from '../../sim/topology/placement.ts';
import type { Topology } from '../../sim/topology/topology.ts';

const SEED = 1;

const load = (files: Readonly<Record<string, string>>, beside: Readonly<Record<string, string>> = {}): Topology => importDeployment(
  Object.entries(files).map(([file, text]) => ({ file, text })), (name) => beside[name] ?? noOtherFiles(name));

const seed = (name: string): Topology =>
  load({ [name]: readFileSync(new URL(`../../scenarios/seeds/${name}`, import.meta.url), 'utf8') });

const OFFICIAL = `
services:
  main: { image: redis:7.2, command: redis-server /etc/redis.conf, volumes: ['./redis.conf:/etc/redis.conf:ro'] }
  replica: { image: valkey/valkey:8, command: valkey-server --replicaof main 6379 --masterauth geheim --requirepass geheim, deploy: { replicas: 2 } }
  sentinel: { image: redis:7.2, command: sh -c "cp /s.conf /tmp/s.conf && redis-sentinel /tmp/s.conf", volumes: ['./s.conf:/s.conf'], scale: 3 }
  app: { build: . }
`;
const BESIDE = {
  'redis.conf': 'requirepass geheim\nmasterauth geheim\nappendonly yes\n',
  's.conf': 'sentinel resolve-hostnames yes\nsentinel monitor mymain main 6379 2\nsentinel auth-pass mymain geheim\nsentinel down-after-milliseconds mymain 3000\n',
};
const CREATED = `services:${[1, 2, 3, 4, 5, 6].map((node) => `
  n${node}: { image: redis:7.0, command: redis-server --cluster-enabled yes, networks: { net: { ipv4_address: 172.20.0.1${node} } } }`).join('')}
  creator:
    image: redis:7.0
    networks: [net]
    command: sh -c "sleep 5; redis-cli --cluster create ${[1, 2, 3, 4, 5, 6].map((node) => `172.20.0.1${node}:6379`).join(' ')} --cluster-replicas 1 --cluster-yes"
networks: { net: {} }
`;
const NODES = [
  ['a', 7001, 'master -', ' 0-100 8000-12000'], ['b', 7002, 'master -', ' 101-7999'], ['c', 7003, 'master -', ' 12001-16383'], ['d', 7004, `slave ${'b'.repeat(40)}`, ''],
].map(([letter, port, role, slots]) => `${String(letter).repeat(40)} 127.0.0.1:${port}@${Number(port) + 10_000} ${role} 0 0 1 connected${slots}`).join('\n');
const SERVER = 'protected-mode no\nrepl-diskless-sync-delay 0\n';

const DEPLOYMENTS: readonly (readonly [string, () => Topology])[] = [
  ['standalone.compose.yaml', () => seed('standalone.compose.yaml')],
  ['replication.compose.yaml', () => seed('replication.compose.yaml')],
  ['sentinel.compose.yaml', () => seed('sentinel.compose.yaml')],
  ['cluster.compose.yaml', () => seed('cluster.compose.yaml')],
  ['kubernetes.values.yaml', () => seed('kubernetes.values.yaml')],
  ['the official images with mounted files', () => load({ 'c.yaml': OFFICIAL }, BESIDE)],
  ['the same, sentinels beside servers', () => applyPlacement(load({ 'c.yaml': OFFICIAL }, BESIDE),
    'machines: { m1: [main, sentinel-1], m2: [sentinel-2, replica-1], m3: [replica-2, sentinel-3] }', 'p.yaml')],
  ['official images made a cluster', () => load({ 'c.yaml': CREATED })],
  ['the chart without sentinels', () => load({ 'v.yaml': 'architecture: replication\nreplica: { replicaCount: 2 }\n' })],
  ['the chart redis-cluster', () => load({ 'v.yaml': 'cluster: { nodes: 6, replicas: 1 }\npassword: geheim\n' })],
  ['redis.conf files on one machine', () => load({
    'redis.conf': 'appendonly yes\nrepl-diskless-sync-delay 0\n', 'replica.conf': 'port 6380\nbind 127.0.0.1\nreplicaof 127.0.0.1 6379\n',
    'sentinel.conf': 'sentinel monitor m 127.0.0.1 6379 1\nsentinel down-after-milliseconds m 3000\n',
  })],
  ['redis.conf files on several', () => load({
    'a/redis.conf': `bind 192.168.7.1\n${SERVER}`, 'b/redis.conf': `bind 192.168.7.2\nreplicaof 192.168.7.1 6379\n${SERVER}`,
    'a/sentinel.conf': 'bind 192.168.7.1\nsentinel monitor m 192.168.7.1 6379 1\n', 'b/sentinel.conf': 'bind 192.168.7.2\nsentinel monitor m 192.168.7.1 6379 1\n',
  })],
  ['nodes.conf, four nodes on one machine', () => load({ 'nodes.conf': NODES })],
];

describe('an imported deployment forms what its file says', () => {
  test.each(DEPLOYMENTS)('%s', (_name, importIt) => {
    const topology = importIt();
    const report = runScenario({
      name: 'test/imported', teaches: 'nothing', topology, workload: clientsFor(topology, zonesOf(topology)), plan: [],
      durationMs: 20_000, settlingMs: 4000, expects: { verdicts: {} },
    }, SEED);
    const said = `seed ${SEED}\n${JSON.stringify({ nodes: report.nodes, sentinels: report.sentinels, verdicts: report.verdicts }, null, 1)}`;
    expect(report.nodes.every(({ state }) => state === 'running'), said).toBe(true);
    const primaries = report.nodes.filter(({ role }) => role === 'primary');
    const { cluster } = topology;
    const expected = cluster === undefined ? 1
      : cluster.parts?.filter(({ kind }) => kind === 'primary').length ?? Math.floor(cluster.create.length / (cluster.replicas + 1));
    expect(primaries, said).toHaveLength(expected);
    // Who replicates one history has the same data in the end.
    const histories = new Map(report.nodes.map(({ replicationId, digest }) => [replicationId, digest]));
    expect(histories.size, said).toBe(expected);
    for (const { replicationId, digest } of report.nodes) expect(digest, said).toBe(histories.get(replicationId));
    const watched = new Set((report.sentinels ?? []).flatMap((sentinel) => sentinel.watched.map(({ primary }) => primary)));
    expect(watched.size, said).toBe(topology.processes.some(({ kind }) => kind === 'sentinel') ? 1 : 0);
    expect(report.ledger.acknowledged, said).toBeGreaterThan(200);
    expect(report.ledger.lost, said).toBe(0);
    expect(report.failures, said).toEqual([]);
  });
});
