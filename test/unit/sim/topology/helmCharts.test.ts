/** Values of the charts besides `redis` with sentinels: without them, as a cluster, for Valkey, under any name, and spread. */
import { describe, expect, test } from 'vitest';
import { importHelmValues } from '../../../../sim/topology/helm.ts';
import { type ProcessSpec, type Topology, passwordOf } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const load = (text: string): Topology => importHelmValues(text, 'v.yaml');

const one = (topology: Topology, name: string): ProcessSpec => {
  const found = topology.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no process ${name} among ${topology.processes.map((process) => process.name).join(', ')}`);
  return found;
};

const HOST = 'redis-master-0.redis-headless.default.svc.cluster.local';

describe('the chart redis without sentinels', () => {
  test("its own defaults: one primary, three replicas, the append-only file, a password that is drawn", () => {
    const topology = load('architecture: replication\n');
    expect(topology.processes.map(({ name }) => name)).toEqual(['redis-master-0', 'redis-replicas-0', 'redis-replicas-1', 'redis-replicas-2']);
    expect(one(topology, 'redis-replicas-1')).toMatchObject({
      configFile: 'none', restart: 'always', persistentData: true,
      directives: [
        ['port', '6379'], ['requirepass', 'drawn-by-the-chart'], ['masterauth', 'drawn-by-the-chart'], ['appendonly', 'yes'], ['save', ''],
        ['replica-announce-port', '6379'], ['replica-announce-ip', 'redis-replicas-1.redis-headless.default.svc.cluster.local'],
        ['replicaof', HOST, '6379'],
      ],
    });
    expect(one(topology, 'redis-master-0').aliases).toContain(HOST);
    expect(one(topology, 'redis-replicas-1').entrypoint).toBeUndefined();
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test('each part has its own values', () => {
    const topology = load(`
fullnameOverride: cache
auth: { enabled: false }
master: { configuration: "repl-backlog-size 2mb", persistence: { enabled: false } }
replica: { replicaCount: 1, extraFlags: ["--maxmemory-policy volatile-ttl"], containerPorts: { redis: 6380 } }
`);
    expect(one(topology, 'cache-master-0')).toMatchObject({ port: 6379, persistentData: false });
    expect(one(topology, 'cache-master-0').directives).toContainEqual(['repl-backlog-size', '2mb']);
    expect(one(topology, 'cache-replicas-0').directives).toEqual([
      ['port', '6380'], ['protected-mode', 'no'], ['appendonly', 'yes'], ['save', ''], ['replica-announce-port', '6380'],
      ['replica-announce-ip', 'cache-replicas-0.cache-headless.default.svc.cluster.local'], ['maxmemory-policy', 'volatile-ttl'],
      ['replicaof', 'cache-master-0.cache-headless.default.svc.cluster.local', '6379']]);
  });

  test('alone', () => {
    expect(load('architecture: standalone\n').processes.map(({ name }) => name)).toEqual(['redis-master-0']);
  });
});

describe('the chart redis-cluster', () => {
  test("its own defaults: six nodes, made a cluster with one replica each", () => {
    const topology = load('cluster:\n  nodes: 6\n');
    expect(topology.cluster).toEqual({ create: [0, 1, 2, 3, 4, 5].map((pod) => `redis-cluster-${pod}`), replicas: 1 });
    expect(one(topology, 'redis-cluster-4')).toMatchObject({
      configFile: 'set', persistentData: true, restart: 'always',
      directives: [['port', '6379'], ['cluster-enabled', 'yes'], ['appendonly', 'yes'], ['requirepass', 'drawn-by-the-chart'], ['masterauth', 'drawn-by-the-chart']],
    });
    expect(topology.warnings).toEqual([
      "v.yaml:1: password: is empty: the chart draws one; 'drawn-by-the-chart' stands for the password",
      'v.yaml:1: redis.livenessProbe: probes are not modelled: a container that hangs is not started again']);
  });

  test('as a subchart under another name, with its own settings', () => {
    const topology = load(`
global: { redis: { password: geheim } }
redis-shards:
  cluster: { nodes: 9, replicas: 2 }
  persistence: { enabled: false }
  redis:
    useAOFPersistence: "no"
    configmap: |-
      cluster-node-timeout 5000
      port 1
`);
    expect(one(topology, 'redis-shards-8')).toMatchObject({
      persistentData: false,
      directives: [['cluster-node-timeout', '5000'], ['port', '6379'], ['cluster-enabled', 'yes'], ['appendonly', 'no'], ['requirepass', 'geheim'], ['masterauth', 'geheim']],
    });
    expect(topology.cluster?.replicas).toBe(2);
  });

  test.each<[string, string, RegExp]>([
    ['too few primaries', 'cluster: { nodes: 4, replicas: 1 }', /^v\.yaml:1: cluster\.nodes: a cluster needs 3 primaries: 4 nodes with 1 replicas each make 2$/],
    ['nobody who creates it', 'cluster: { init: false }', /^v\.yaml:1: cluster\.init: is false: nobody creates the cluster$/],
    ['TLS', 'cluster: { nodes: 6 }\ntls: { enabled: true }', /^v\.yaml:2: tls\.enabled: is not built yet$/],
    ['a wrong line', 'cluster: { nodes: 6 }\nredis:\n  configmap: |\n    appendfsync always\n    appendfsync sometimes\n',
      /^v\.yaml:5: redis\.configmap: 'appendfsync sometimes': argument\(s\) must be one of the following: /],
  ])('refuses %s', (_what, text, message) => expect(() => load(text)).toThrow(message));
});

describe('the charts for Valkey', () => {
  test('with sentinels, by its own names', () => {
    const topology = load(`
valkey:
  image: { tag: 8.0.1 }
  auth: { password: geheim }
  replica: { replicaCount: 2 }
  sentinel: { enabled: true, primarySet: main, quorum: 1 }
`);
    expect(topology.processes.map(({ name }) => name)).toEqual(['valkey-node-0', 'valkey-node-0-sentinel', 'valkey-node-1', 'valkey-node-1-sentinel']);
    expect(one(topology, 'valkey-node-1-sentinel').directives).toContainEqual(
      ['sentinel', 'monitor', 'main', 'valkey-node-0.valkey-headless.default.svc.cluster.local', '6379', '1']);
    expect(topology.warnings).toEqual(['v.yaml:5: valkey.replica.livenessProbe: probes are not modelled: a container that hangs is not started again']);
    expect(topology.notes?.[1]).toMatch(/^Valkey 8\.0 differs from it/);
  });

  test('without', () => {
    const topology = load('architecture: replication\nprimary: { extraFlags: [--repl-timeout 30], containerPorts: { valkey: 7000 } }\nauth: { password: x }\n');
    expect(one(topology, 'valkey-primary-0')).toMatchObject({ port: 7000 });
    expect(one(topology, 'valkey-primary-0').directives).toContainEqual(['repl-timeout', '30']);
    expect(one(topology, 'valkey-replicas-0').directives.at(-1)).toEqual(['replicaof', 'valkey-primary-0.valkey-headless.default.svc.cluster.local', '7000']);
    expect(topology.processes.map(passwordOf)).toEqual(['x', 'x', 'x', 'x']);
  });
});

describe('where pods run', () => {
  const zonesOf = (replica: string): readonly string[] => load(`auth: { enabled: false }\nsentinel: { enabled: true }\nreplica:\n${replica}`).machines.map(({ zone }) => zone);

  test.each<[string, string, string[]]>([
    ['nothing said', '  replicaCount: 3\n', ['zone-a', 'zone-a', 'zone-a']],
    ['spread over zones', '  topologySpreadConstraints:\n    - topologyKey: topology.kubernetes.io/zone\n      maxSkew: 1\n', ['zone-a', 'zone-b', 'zone-c']],
    ['spread over machines', '  topologySpreadConstraints: [{ topologyKey: kubernetes.io/hostname }]\n', ['zone-a', 'zone-a', 'zone-a']],
    ['kept apart by zone', '  affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: topology.kubernetes.io/zone }] } }\n', ['zone-a', 'zone-b', 'zone-c']],
    ['a zone for all', '  nodeSelector: { topology.kubernetes.io/zone: eu-1 }\n', ['eu-1', 'eu-1', 'eu-1']],
  ])('%s', (_what, replica, zones) => expect(zonesOf(replica)).toEqual(zones));
});
