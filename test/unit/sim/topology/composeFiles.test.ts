/** What Compose itself can say around the images: files beside the file, other services, where containers run. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { importDeployment } from '../../../../sim/topology/importDeployment.ts';
import { passwordOf, type Topology } from '../../../../sim/topology/topology.ts';
import { refusalOf } from './refusalOf.ts';

type Files = Readonly<Record<string, string>>;

const load = (text: string, files: Files = {}, file = 'c.yaml'): Topology => importDeployment([{ file, text }], (name) => {
  const found = files[name];
  if (found === undefined) throw new ScenarioError(`${name}: no such file or directory`);
  return found;
});

const messageOf = (text: string, files: Files = {}): string => refusalOf(() => load(text, files));

describe('files beside a Compose file', () => {
  test('.env gives variables their values, in the directory of the file', () => {
    const text = 'services:\n  a:\n    image: redis:${TAG:-7.4}\n    command: redis-server --requirepass "${PASS}" --port ${PORT:?needed}\n';
    const topology = load(text, { 'deploy/.env': '# ours\nTAG=7.0\nexport PASS="ge heim"\nPORT=7000 # not the usual one\n' }, 'deploy/c.yaml');
    expect(topology.processes[0]).toMatchObject({ port: 7000 });
    expect(topology.notes).toHaveLength(1);
    expect(topology.warnings).toEqual([]);
    expect(messageOf(text)).toMatch(/^c\.yaml:4: services\.a\.command: the variable PASS has no value here/);
  });

  test('env_file, and environment, which wins; a name alone has the value of .env', () => {
    const topology = load(`
services:
  a:
    image: bitnami/redis:7.0
    env_file: [common.env, { path: missing.env, required: false }]
    environment: [REDIS_PORT_NUMBER=7001, REDIS_AOF_ENABLED]
    x: $$
`, { '.env': 'REDIS_AOF_ENABLED=no', 'common.env': "REDIS_PASSWORD='geheim'\nREDIS_PORT_NUMBER=7000\n" });
    expect(topology.processes[0]?.directives).toEqual([['port', '7001'], ['requirepass', 'geheim']]);
    expect(topology.warnings).toEqual(['c.yaml:7: services.a: ignored: x', 'c.yaml:5: services.a.env_file: missing.env cannot be read, and is not required']);
    const wrong = messageOf('services:\n  a: { image: bitnami/redis, env_file: a.env }\n', { 'a.env': 'ALLOW_EMPTY_PASSWORD=yes\n\nREDIS_PORT_NUMBER=x\n' });
    expect(wrong).toBe("a.env:3: REDIS_PORT_NUMBER: must be a whole number from 1 to 65535, not 'x'");
  });

  test('passwords in secrets', () => {
    const topology = load(`
services:
  a:
    image: bitnami/redis:7.0
    environment: { REDIS_PASSWORD_FILE: /run/secrets/redis }
    secrets: [redis]
secrets: { redis: { file: ./secret.txt } }
`, { 'secret.txt': 'geheim\n' });
    expect(topology.processes.map(passwordOf)).toEqual(['geheim']);
  });

  test("a configuration of one's own in Bitnami's image, whole or in part", () => {
    const environment = 'environment: { ALLOW_EMPTY_PASSWORD: "yes", REDIS_DISABLE_COMMANDS: "FLUSHALL,CONFIG" }';
    const load1 = (name: string, command = ''): Topology => load(`
services:
  a:
    image: bitnamilegacy/redis:7.0
    ${environment}
    volumes: ['./my.conf:/opt/bitnami/redis/mounted-etc/${name}']${command}
`, { 'my.conf': 'appendfsync always\nprotected-mode no\n' });
    expect(load1('overrides.conf', '\n    command: /opt/bitnami/scripts/redis/run.sh --maxmemory-policy noeviction').processes[0]).toMatchObject({
      configFile: 'set',
      directives: [['appendonly', 'yes'], ['rename-command', 'FLUSHALL', ''], ['rename-command', 'CONFIG', ''], ['appendfsync', 'always'],
        ['protected-mode', 'no'], ['maxmemory-policy', 'noeviction']],
    });
    expect(load1('redis.conf').processes[0]).toMatchObject({
      configFile: 'rewritten', directives: [['appendfsync', 'always'], ['protected-mode', 'no']],
    });
  });

  test('extends, from this file and another', () => {
    const text = `
services:
  base: { image: bitnami/redis:7.0, environment: [ALLOW_EMPTY_PASSWORD=yes, REDIS_AOF_ENABLED=no] }
  a: { extends: base, environment: { REDIS_REPLICATION_MODE: master } }
  b:
    extends: { file: more/other.yaml, service: replica }
    environment: [REDIS_MASTER_HOST=a]
`;
    const other = 'services:\n  replica:\n    extends: root\n    restart: always\n  root:\n    image: bitnami/redis:7.0\n    environment: { ALLOW_EMPTY_PASSWORD: yes, REDIS_REPLICATION_MODE: slave }\n';
    const topology = load(text, { 'more/other.yaml': other });
    expect(topology.processes.map(({ name, restart, directives }) => [name, restart, directives])).toEqual([
      ['base', 'no', []], ['a', 'no', []], ['b', 'always', [['appendonly', 'yes'], ['replicaof', 'a', '6379']]]]);
    // What is wrong in the other file is said of the line that asked for it.
    expect(messageOf(text, { 'more/other.yaml': other.replace('slave', 'wave') }))
      .toMatch(/^c\.yaml:6: services\.b\.environment\.REDIS_REPLICATION_MODE: 'wave' is neither/);
  });

  test.each<[string, string, Files, RegExp]>([
    ['extends in a circle', 'services:\n  a: { extends: b }\n  b: { extends: a }\n', {}, /^c\.yaml:\d: services\.\w\.extends: services extend each other in a circle$/],
    ['extends of nobody', 'services:\n  a: { extends: b }\n', {}, /^c\.yaml:2: services\.a\.extends: 'b' is no service of this file$/],
    ['a missing file of extends', 'services:\n  a: { extends: { file: x.yaml, service: b } }\n', {},
      /^c\.yaml:2: services\.a\.extends: refers to a file that cannot be read: x\.yaml: no such file/],
    ['a missing env_file', 'services:\n  a: { image: redis, env_file: x.env }\n', {}, /services\.a\.env_file: refers to a file that cannot be read/],
    ['a secret that is not declared', 'services:\n  a: { image: redis, secrets: [s] }\n', {}, /services\.a\.secrets: 's' is not declared under the file's secrets$/],
    ['include', 'include: [x.yaml]\nservices:\n  a: { image: redis }\n', {}, /^c\.yaml:1: include: several Compose files are not merged here/],
    ["a command that goes past Bitnami's set-up", 'services:\n  a: { image: bitnami/redis, command: redis-server --port 1, environment: [ALLOW_EMPTY_PASSWORD=yes] }\n', {},
      /services\.a\.command: 'redis-server --port 1' goes past what the image sets up/],
  ])('refuses %s', (_what, text, files, message) => {
    expect(messageOf(text, files)).toMatch(message);
  });
});

describe('services besides Redis', () => {
  test('are left out with one note each, those of profiles too', () => {
    const topology = load(`
services:
  app: { build: ., depends_on: [cache] }
  exporter: { image: 'oliver006/redis_exporter:v1' }
  insight: { image: redis/redisinsight }
  debug: { image: redis, profiles: [debug] }
  cache: { image: 'mirror.example:5000/library/redis:7.0' }
`);
    expect(topology.processes.map(({ name }) => name)).toEqual(['cache']);
    expect(topology.warnings).toEqual([
      'c.yaml:3: services.app: is built from sources, and is left out',
      'c.yaml:4: services.exporter: runs oliver006/redis_exporter:v1, and is left out',
      'c.yaml:5: services.insight: runs redis/redisinsight, and is left out',
      "c.yaml:6: services.debug.profiles: debug belongs to the profile 'debug', and is not started",
    ]);
  });

  test.each(['redis/redis-stack-server', 'docker.dragonflydb.io/dragonflydb/dragonfly', 'eqalpha/keydb:latest', 'apache/kvrocks',
    'grokzen/redis-cluster:7.0', 'someone/redis'])('%s would have to be modelled, and is refused', (image) => {
    expect(messageOf(`services:\n  a: { image: ${image} }\n`)).toContain(`c.yaml:2: services.a.image: '${image}' is not known; this importer knows redis, valkey/valkey`);
  });

  test('every spelling of an image that is known', () => {
    const images = ['redis', 'library/redis:7', 'docker.io/redis@sha256:00ab', 'public.ecr.aws/docker/library/redis:7.0', 'valkey/valkey:8', 'localhost/valkey'];
    const topology = load(`services:\n${images.map((image, index) => `  s${index}: { image: '${image}' }\n`).join('')}`);
    expect(topology.processes).toHaveLength(images.length);
  });
});

describe('addresses that are announced', () => {
  const announcing = (flags: string, more = ''): string => `services:\n  a: { image: redis, command: redis-server ${flags}${more} }\n`;

  test("the host's address is the container's here", () => {
    expect(load(announcing('--replica-announce-ip 192.168.1.5 --replica-announce-port 6379')).machines).toEqual([{ name: 'a', zone: 'zone-a', address: '192.168.1.5' }]);
    expect(load(announcing('--replica-announce-ip a.example')).machines[0]?.address).toBe('10.0.0.1');
  });

  test.each<[string, string, Files, RegExp]>([
    ['another port', announcing('--replica-announce-ip 192.168.1.5 --replica-announce-port 7001'), {},
      /^c\.yaml:2: services\.a: announces 192\.168\.1\.5:7001, and listens on 6379: ports are not translated here/],
    ['several containers', announcing('--replica-announce-ip 192.168.1.5', ', scale: 2'), {}, /192\.168\.1\.5 is announced by 2 containers$/],
    ['an ID of several sentinels', 'services:\n  a: { image: redis }\n  s: { image: redis, command: redis-sentinel /s.conf, volumes: [./s.conf:/s.conf], scale: 3 }\n',
      { 's.conf': `sentinel resolve-hostnames yes\nsentinel myid ${'a'.repeat(40)}\nsentinel monitor m a 6379 2\n` }, /^s\.conf:2: sentinel: 'sentinel myid a+' would be that of 3 sentinels/],
  ])('%s', (_what, text, files, message) => expect(messageOf(text, files)).toMatch(message));
});

describe("Bitnami's images for Valkey", () => {
  test('with sentinels', () => {
    const topology = load(`
x-base: &base { ALLOW_EMPTY_PASSWORD: "yes" }
services:
  main: { image: bitnami/valkey:8.0, environment: { <<: *base, VALKEY_REPLICATION_MODE: primary } }
  replica:
    image: bitnamilegacy/valkey:8.0
    environment: { <<: *base, VALKEY_REPLICATION_MODE: replica, VALKEY_SENTINEL_HOST: sentinel, VALKEY_SENTINEL_PRIMARY_NAME: m }
  sentinel:
    image: bitnami/valkey-sentinel:8.0
    environment: { VALKEY_PRIMARY_HOST: main, VALKEY_PRIMARY_SET: m, VALKEY_SENTINEL_QUORUM: 1 }
`);
    expect(topology.processes[1]?.directives.at(-1)).toEqual(['replicaof', 'main', '6379']);
    expect(topology.processes[1]?.entrypoint?.ask).toMatchObject({ primaryName: 'm', sentinels: ['sentinel:26379'] });
    expect(topology.processes[2]?.directives).toContainEqual(['sentinel', 'monitor', 'm', 'main', '6379', '1']);
    expect(topology.warnings).toEqual([]);
  });

  test('as a cluster', () => {
    const node = (name: string, more = ''): string => `  ${name}: { image: bitnami/valkey-cluster:8.0, environment: { ALLOW_EMPTY_PASSWORD: "yes", VALKEY_NODES: "a b c"${more} } }\n`;
    expect(load(`services:\n${node('a')}${node('b')}${node('c', ', VALKEY_CLUSTER_CREATOR: "yes", VALKEY_CLUSTER_REPLICAS: 0')}`).cluster)
      .toEqual({ create: ['a', 'b', 'c'], replicas: 0 });
  });
});

describe('where containers run', () => {
  const file = (main: string, sentinel: string): string => `
services:
  main: { image: redis, ${main} }
  sentinel: { image: redis, command: redis-sentinel /s.conf, volumes: ['./s.conf:/s.conf'], ${sentinel} }
`;
  const conf = { 's.conf': 'sentinel resolve-hostnames yes\nsentinel monitor m main 6379 1\n' };

  test.each<[string, string, string]>([
    ['labels', 'labels: { faultline.machine: m1, faultline.zone: z1 }', 'labels: [faultline.machine=m1]'],
    ["a swarm's constraints", 'deploy: { placement: { constraints: ["node.hostname == m1", "node.labels.zone==z1"] } }',
      'deploy: { placement: { constraints: ["node.hostname==m1"] } }'],
  ])('%s', (_what, main, sentinel) => {
    const topology = load(file(main, sentinel), conf);
    expect(topology.machines).toEqual([
      { name: 'main', zone: 'z1', address: '10.0.0.1', host: 'm1' }, { name: 'sentinel', zone: 'z1', address: '10.0.0.2', host: 'm1' }]);
    expect(topology.notes?.some((note) => note.includes('machine of its own'))).toBe(false);
  });

  test('beside the service whose network it has', () => {
    const topology = load(file('labels: {}', 'network_mode: "service:main"'), conf);
    expect(topology.processes.map(({ machine }) => machine)).toEqual(['main', 'main']);
  });

  test('nothing said: each container a machine, and the assumption is told', () => {
    const topology = load(file('restart: always', 'restart: always'), conf);
    expect(topology.machines.map(({ name }) => name)).toEqual(['main', 'sentinel']);
    expect(topology.notes).toContain('each container is taken to be a machine of its own, in one zone; labels faultline.machine and faultline.zone, or check --place, say otherwise');
  });

  test.each<[string, string, string, RegExp]>([
    ['one port twice', 'command: redis-server --port 26379', 'network_mode: "service:main"',
      /sentinel and main are both on main and listen on 26379/],
    ['two zones', 'labels: { faultline.machine: m1, faultline.zone: a }', 'labels: { faultline.machine: m1, faultline.zone: b }',
      /is on m1, which would be in a and in b$/],
    ['the network of nobody', 'labels: {}', 'network_mode: "service:nobody"', /'nobody' is no service of this file that is deployed$/],
    ['no network', 'network_mode: none', 'labels: {}', /services\.main\.network_mode: 'none' is not built yet$/],
  ])('refuses %s', (_what, main, sentinel, message) => {
    const port = /--port (\d+)/.exec(main)?.[1] ?? '6379';
    expect(messageOf(file(main, sentinel), { 's.conf': conf['s.conf'].replace('6379', port) })).toMatch(message);
  });
});
