/** Values of the Bitnami chart: pods of a data node and a sentinel, the chart's defaults, and one clear line for the rest. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { importHelmValues, isHelmValues } from '../../../../sim/topology/helm.ts';
import { importDeployment, noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import { sentinelServices } from '../../../../sim/topology/sentinelService.ts';
import type { ProcessSpec, Topology } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const readSeed = (name: string): string =>
  readFileSync(new URL(`../../../../scenarios/seeds/${name}`, import.meta.url), 'utf8');

const SEED = readSeed('kubernetes.values.yaml');
const MINIMAL = 'architecture: replication\nauth: { enabled: false }\nsentinel: { enabled: true }\n';
const PROBES = 'replica.livenessProbe: probes are not modelled: a container that hangs is not started again';

const load = (text: string): Topology => importHelmValues(text, 'v.yaml');

const processOf = (topology: Topology, name: string): ProcessSpec => {
  const found = topology.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
};

const hostOf = (pod: number): string => `redis-node-${pod}.redis-headless.default.svc.cluster.local`;

describe('importHelmValues', () => {
  test('the seed, a subchart: three pods, each a machine with a data node and a sentinel', () => {
    const topology = importHelmValues(SEED, 'kubernetes.values.yaml');
    expect(topology.machines).toEqual([0, 1, 2].map((pod) => (
      { name: `redis-node-${pod}`, zone: 'zone-a', address: `10.0.0.${pod + 1}` })));
    expect(topology.processes.map(({ name, kind, machine, port, restart, persistentData, configFile }) =>
      [name, kind, machine, port, restart, persistentData, configFile])).toEqual([0, 1, 2].flatMap((pod) => [
      [`redis-node-${pod}`, 'redis', `redis-node-${pod}`, 6379, 'always', true, 'none'],
      [`redis-node-${pod}-sentinel`, 'sentinel', `redis-node-${pod}`, 26379, 'always', false, 'rewritten'],
    ]));
    expect(processOf(topology, 'redis-node-2').directives).toEqual([
      ['port', '6379'], ['requirepass', 'xxxx'], ['masterauth', 'xxxx'], ['replica-announce-port', '6379'],
      ['replica-announce-ip', hostOf(2)], ['appendonly', 'yes'], ['save', ''], ['replicaof', hostOf(0), '6379'],
    ]);
    expect(processOf(topology, 'redis-node-0').directives.some(([name]) => name === 'replicaof')).toBe(false);
    expect(topology.warnings).toEqual([`kubernetes.values.yaml:27: redis.${PROBES}`]);
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test("the seed's sentinels: the chart's defaults, everybody known, names announced", () => {
    const topology = importHelmValues(SEED, 'kubernetes.values.yaml');
    const { directives } = processOf(topology, 'redis-node-1-sentinel');
    expect(directives.filter((words) => words[1] !== 'known-sentinel')).toEqual([
      ['port', '26379'], ['requirepass', 'xxxx'], ['sentinel', 'resolve-hostnames', 'yes'],
      ['sentinel', 'announce-hostnames', 'yes'], ['sentinel', 'announce-ip', hostOf(1)],
      ['sentinel', 'announce-port', '26379'], ['sentinel', 'myid', '33535e4e17bf8f9f9ff9ce8f9ddf609e558ff4f2'],
      ['sentinel', 'monitor', 'mymaster', hostOf(0), '6379', '2'],
      ['sentinel', 'down-after-milliseconds', 'mymaster', '60000'],
      ['sentinel', 'failover-timeout', 'mymaster', '180000'], ['sentinel', 'parallel-syncs', 'mymaster', '1'],
      ['sentinel', 'auth-pass', 'mymaster', 'xxxx'], ['sentinel', 'known-replica', 'mymaster', hostOf(1), '6379'],
      ['sentinel', 'known-replica', 'mymaster', hostOf(2), '6379'],
    ]);
    // The two that it knows go by the IDs that they have themselves.
    const known = directives.filter((words) => words[1] === 'known-sentinel');
    expect(known.map((words) => words.slice(2, 5))).toEqual(
      [0, 2].map((pod) => ['mymaster', hostOf(pod), '26379']));
    expect(known.map((words) => words[5])).toEqual([0, 2].map((pod) =>
      processOf(topology, `redis-node-${pod}-sentinel`).directives.find((words) => words[1] === 'myid')?.[2]));
    expect(sentinelServices(topology)).toEqual([{
      name: 'mymaster', password: 'xxxx',
      sentinels: [0, 1, 2].map((pod) => `redis-node-${pod}-sentinel:26379`),
    }]);
  });

  test('at a later start every container asks the sentinels of the other pods', () => {
    const topology = importHelmValues(SEED, 'kubernetes.values.yaml');
    const entrypoint = {
      ask: {
        primaryName: 'mymaster', sentinels: [`${hostOf(1)}:26379`, `${hostOf(2)}:26379`], password: 'xxxx', tries: 2,
        pauseMs: 5000, otherwise: 'primary',
      },
      waitForPrimaryMs: 0,
    };
    expect(processOf(topology, 'redis-node-0').entrypoint).toEqual(entrypoint);
    expect(processOf(topology, 'redis-node-0-sentinel').entrypoint).toEqual(entrypoint);
  });

  test('five pods, quorum 3, and every other value that decides what runs; at the top of the file', () => {
    const topology = load(`
fullnameOverride: cache
clusterDomain: example
auth: { enabled: true, sentinel: false, password: geheim }
commonConfiguration: |-
  save 60 1
replica:
  replicaCount: 5
  containerPorts: { redis: 7000 }
  persistence: { enabled: false }
  configuration: "repl-backlog-size 16384"
  extraFlags: ["--repl-timeout 30", --min-replicas-to-write, 1]
master: { persistence: { enabled: false } }
sentinel:
  enabled: true
  masterSet: cache
  quorum: 3
  downAfterMilliseconds: 3000
  failoverTimeout: 18000
  parallelSyncs: 2
  containerPorts: { sentinel: 26380 }
  configuration: "sentinel deny-scripts-reconfig yes"
`);
    expect(topology.machines).toHaveLength(5);
    const host = (pod: number): string => `cache-node-${pod}.cache-headless.default.svc.example`;
    expect(processOf(topology, 'cache-node-4')).toMatchObject({
      port: 7000, persistentData: false,
      directives: [
        ['port', '7000'], ['requirepass', 'geheim'], ['masterauth', 'geheim'], ['replica-announce-port', '7000'],
        ['replica-announce-ip', host(4)], ['repl-backlog-size', '16384'], ['save', '60', '1'], ['repl-timeout', '30'],
        ['min-replicas-to-write', '1'], ['replicaof', host(0), '7000'],
      ],
    });
    const { port, directives, entrypoint } = processOf(topology, 'cache-node-4-sentinel');
    expect(port).toBe(26380);
    expect(directives.some(([name]) => name === 'requirepass')).toBe(false);
    expect(entrypoint?.ask?.password).toBeNull();
    for (const line of [
      ['sentinel', 'monitor', 'cache', host(0), '7000', '3'], ['sentinel', 'down-after-milliseconds', 'cache', '3000'],
      ['sentinel', 'failover-timeout', 'cache', '18000'], ['sentinel', 'parallel-syncs', 'cache', '2'],
      ['sentinel', 'auth-pass', 'cache', 'geheim'], ['sentinel', 'deny-scripts-reconfig', 'yes'],
    ]) expect(directives).toContainEqual(line);
    expect(directives.filter((words) => words[1] === 'known-sentinel')).toHaveLength(4);
  });

  test('addresses instead of names, and no password', () => {
    const topology = load(`${MINIMAL}useHostnames: false\n`);
    expect(processOf(topology, 'redis-node-1').directives).toEqual([
      ['port', '6379'], ['protected-mode', 'no'], ['replica-announce-port', '6379'], ['replica-announce-ip', '10.0.0.2'],
      ['appendonly', 'yes'], ['save', ''], ['replicaof', '10.0.0.1', '6379'],
    ]);
    const { directives } = processOf(topology, 'redis-node-1-sentinel');
    expect(directives).toContainEqual(['sentinel', 'monitor', 'mymaster', '10.0.0.1', '6379', '2']);
    expect(directives.some((words) => /hostnames|auth-pass/.test(words[1] ?? ''))).toBe(false);
  });

  test('one pod asks nobody, and its quorum of two is a warning', () => {
    const topology = load(`${MINIMAL}replica: { replicaCount: 1 }\n`);
    expect(topology.processes.map(({ entrypoint }) => entrypoint)).toEqual([undefined, undefined]);
    expect(topology.warnings).toEqual([
      'v.yaml:3: sentinel.quorum: is 2, but there is 1 sentinel: they can never agree that the primary is down',
      `v.yaml:4: ${PROBES}`,
    ]);
  });

  test('a password that the chart draws or finds elsewhere is stood in for', () => {
    const drawn = load('sentinel: { enabled: true }\n');
    expect(processOf(drawn, 'redis-node-0').directives).toContainEqual(['requirepass', 'drawn-by-the-chart']);
    expect(drawn.warnings[0]).toBe("v.yaml:1: auth.password: is empty: the chart draws one; 'drawn-by-the-chart' stands for the password");
    const secret = load('auth: { existingSecret: mine }\nsentinel: { enabled: true }\n');
    expect(secret.warnings[0]).toMatch(/^v\.yaml:1: auth\.existingSecret: cannot be read here; /);
  });

  test('what is ignored or not modelled is said once, with its place', () => {
    const { warnings } = load(`${MINIMAL}
frobnicate: 1
replica: { mistyped: 2, autoscaling: { enabled: true }, podManagementPolicy: Parallel, persistence: { enabled: false } }
master: { count: 1, configuration: "maxmemory 1gb", persistence: { enabled: true } }
metrics: { enabled: true }
`.replace('sentinel: { enabled: true }', 'sentinel: { enabled: true, persistence: { enabled: true }, automateClusterRecovery: true }'));
    expect(warnings).toEqual([
      'v.yaml:5: frobnicate: ignored: frobnicate, replica.mistyped',
      'v.yaml:6: replica.autoscaling.enabled: is not modelled: there are as many pods as replicaCount says',
      'v.yaml:3: sentinel.persistence.enabled: is not modelled: at each start a sentinel forgets what it wrote',
      'v.yaml:3: sentinel.automateClusterRecovery: is not modelled: a starting node forces no failover',
      'v.yaml:6: replica.podManagementPolicy: is not modelled: the first roll-out is taken to be in order',
      'v.yaml:7: master.persistence.enabled: is not used: with sentinels all pods are as replica.persistence says',
      'v.yaml:7: master.configuration: is not used: with sentinels all pods are as replica.configuration says',
      `v.yaml:6: ${PROBES}`,
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /^v\.yaml:1: file: is empty$/],
    ['a list', '- a', /^v\.yaml:1: file: must be a map of values$/],
    ['another chart', 'postgresql: { auth: { database: x } }', /^v\.yaml:1: file: has no values of the charts redis and redis-cluster, or valkey \(architecture, /],
    ['the values of another chart', 'image: { repository: bitnami/postgresql }\nprimary: {}\n', /has no values of the charts/],
    ['two deployments in one file', 'cache:\n  sentinel: { enabled: true }\n  replica: {}\nredis:\n  auth: {}\n',
      /^v\.yaml:5: redis: is one of several deployments in this file, cache is another; give one at a time$/],
    ['an architecture that is none', 'architecture: ring', /^v\.yaml:1: architecture: 'ring' is neither standalone nor replication$/],
    ['several primaries', 'master: { count: 2 }', /^v\.yaml:1: master\.count: other than 1 is not built yet$/],
    ['a lone node with sentinels', 'architecture: standalone\nsentinel: { enabled: true }',
      /^v\.yaml:1: architecture: 'standalone' has no sentinels, and sentinel\.enabled is true$/],
    ['a truth that is none', 'sentinel: { enabled: perhaps }', /sentinel\.enabled: must be true or false, not 'perhaps'$/],
    ['a map of configuration', `${MINIMAL}existingConfigmap: mine`, /^v\.yaml:4: existingConfigmap: names a map/],
    ['TLS', `${MINIMAL}tls: { enabled: true }`, /^v\.yaml:4: tls\.enabled: is not built yet$/],
    ['a primary elsewhere', 'sentinel: { enabled: true, externalMaster: { enabled: true } }', /externalMaster\.enabled: is not built yet$/],
    ['a command', `${MINIMAL}replica:\n  command: [sleep]`, /^v\.yaml:5: replica\.command: changes what starts, and is not built yet$/],
    ['too many pods', `${MINIMAL}replica: { replicaCount: 101 }`, /replica\.replicaCount: must be a whole number from 1 to 100, not '101'$/],
    ['a quorum of none', 'sentinel: { enabled: true, quorum: 0 }', /sentinel\.quorum: must be a whole number from 1/],
    ['a list for a number', 'sentinel: { enabled: true, quorum: [2] }', /sentinel\.quorum: must be a single value$/],
    ['text for a map', `${MINIMAL}replica: three`, /^v\.yaml:4: replica: must be a map$/],
    ['a name that Sentinel refuses', 'sentinel: { enabled: true, masterSet: "a b" }', /'a b' is not a name that Sentinel takes$/],
    ['a name that Kubernetes refuses', `${MINIMAL}fullnameOverride: Redis_`, /^v\.yaml:4: fullnameOverride: 'Redis_' is not a name/],
    ['a template', `${MINIMAL}commonConfiguration: "save {{ .x }}"`, /commonConfiguration: has a template in it/],
    ['a broken configuration', `${MINIMAL}commonConfiguration: 'save "'`,
      /^v\.yaml:4: commonConfiguration: 'save "': Unbalanced quotes in configuration line$/],
    ['an unknown directive of a block', `${MINIMAL}commonConfiguration: |\n  appendonly yes\n  appendonlyy no\n`,
      /^v\.yaml:6: commonConfiguration: 'appendonlyy no': Bad directive or wrong number of arguments$/],
    ["a line of a sentinel's that it does not take", `${MINIMAL.replace('true }', 'true, configuration: "sentinel down-after-milliseconds other 5" }')}`,
      /^v\.yaml:3: sentinel\.configuration: 'sentinel down-after-milliseconds other 5': No such master with specified name\.$/],
    ['a flag without a name', `${MINIMAL}replica: { extraFlags: [yes, --a] }`, /'yes' stands before any --option$/],
    ['flags that are no list', `${MINIMAL}replica: { extraFlags: --a }`, /replica\.extraFlags: must be a list$/],
    ['a password that no wire could tell', 'auth: { password: gehéim }\nsentinel: { enabled: true }', /auth\.password: must be of printable/],
  ])('refuses %s in one line with file, line and key', (_name, text, message) => {
    let said: unknown;
    try {
      load(text);
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(ScenarioError);
    expect((said as ScenarioError).message).toMatch(message);
    expect((said as ScenarioError).message).toMatch(/^v\.yaml:\d+: \S.*: \S[^\n]*$/);
  });

  test('whatever the text, a topology that a saved run can hold or a ScenarioError of one line', () => {
    const lines = SEED.split('\n');
    fc.assert(fc.property(fc.nat(lines.length - 1), fc.nat(40), fc.string({ maxLength: 12 }), (line, column, insert) => {
      const changed = lines.map((text, index) => (index === line ? text.slice(0, column) + insert + text.slice(column) : text));
      try {
        const topology = load(changed.join('\n'));
        expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
        expect((error as ScenarioError).message).not.toContain('\n');
      }
    }), { numRuns: 300 });
  });
});

const importOne = (text: string, file: string): Topology => importDeployment([{ file, text }], noOtherFiles);

describe('importDeployment', () => {
  test('tells values of a chart from Docker Compose by what is in the file', () => {
    expect(importOne(SEED, 'a.yaml').machines[0]?.name).toBe('redis-node-0');
    expect(importOne(readSeed('sentinel.compose.yaml'), 'b.yaml').machines[0]?.name).toBe('redis-main');
    expect(isHelmValues('services: {}\nsentinel: {}\n', 'c.yaml')).toBe(false);
    expect(() => importOne('some: thing\n', 'd.yaml')).toThrow(/^d\.yaml:1: services: is missing$/);
  });

  test('of a subchart `enabled` is a condition, and nothing that is not said is warned of', () => {
    const { warnings } = load(`cache:\n  enabled: false\n  sentinel: { enabled: true }\n  replica: { persistence: { enabled: false } }\n`);
    expect(warnings.filter((warning) => !warning.includes(PROBES) && !warning.includes('auth.password'))).toEqual([
      'v.yaml:2: cache.enabled: is false, so Helm would not install it; taken to be true']);
  });
});
