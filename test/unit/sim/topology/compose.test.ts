/** The Compose importer: the spellings found in the wild, and one clear line for everything else. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { importCompose } from '../../../../sim/topology/compose.ts';
import { noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import { passwordOf } from '../../../../sim/topology/topology.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';
import { refusalOf } from './refusalOf.ts';

const seed = (name: string): string =>
  readFileSync(new URL(`../../../../scenarios/seeds/${name}`, import.meta.url), 'utf8');

const redis = (name: string, lines: readonly string[], environment: readonly string[] = []): string => [
  `  ${name}:`, '    image: bitnami/redis:7.2', ...lines.map((line) => `    ${line}`),
  '    environment:', '      - ALLOW_EMPTY_PASSWORD=yes', ...environment.map((line) => `      - ${line}`),
].join('\n');

const compose = (...services: readonly string[]): string => `services:\n${services.join('\n')}\n`;

const MAIN = redis('redis-main', [], ['REDIS_REPLICATION_MODE=master']);
const REPLICA = redis('redis-replica', [], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=redis-main']);

const load = (text: string): Topology => importCompose(text, 'a.yaml', noOtherFiles);

const messageOf = (text: string): string => refusalOf(() => load(text));

/** The image turns it on. */
const AOF = ['appendonly', 'yes'];

describe('importCompose', () => {
  test('the seed of the main job: one primary, two replicas, the host inferred with a warning', () => {
    const topology = importCompose(seed('replication.compose.yaml'), 'replication.compose.yaml', noOtherFiles);
    expect(topology.processes.map(({ name, directives }) => [name, directives])).toEqual([
      ['redis-main', [AOF]],
      ['redis-replica-1', [AOF, ['replicaof', 'redis-main', '6379']]],
      ['redis-replica-2', [AOF, ['replicaof', 'redis-main', '6379']]],
    ]);
    expect(topology.machines.map(({ address, zone }) => `${address} ${zone}`)).toEqual(
      ['10.0.0.1 zone-a', '10.0.0.2 zone-a', '10.0.0.3 zone-a']);
    expect(topology.processes[1]?.aliases).toEqual(['redis-replica']);
    expect(topology.warnings).toEqual([
      expect.stringContaining('replication.compose.yaml:13: services.redis-replica.environment.REDIS_MASTER_HOST: is missing'),
    ]);
  });

  test('a lone node', () => {
    const topology = importCompose(seed('standalone.compose.yaml'), 'standalone.compose.yaml', noOtherFiles);
    expect(topology.processes.map(({ name }) => name)).toEqual(['redis']);
  });

  test.each(['main', 'master', 'Master', 'primary'])('%s is a primary', (mode) => {
    expect(load(compose(redis('a', [], [`REDIS_REPLICATION_MODE=${mode}`]))).processes[0]?.directives).toEqual([AOF]);
  });

  test.each(['Secondary', 'slave', 'replica', 'SLAVE'])('%s is a replica', (mode) => {
    const topology = load(compose(MAIN, redis('b', [], [`REDIS_REPLICATION_MODE=${mode}`])));
    expect(topology.processes[1]?.directives).toEqual([AOF, ['replicaof', 'redis-main', '6379']]);
  });

  test('environment as a map, the image as valkey, a port, a zone, a volume and a restart policy', () => {
    const topology = load(`
services:
  a:
    image: docker.io/bitnami/valkey:\${TAG:-8.0}@sha256:0123abcd
    restart: on-failure:3
    labels: { faultline.zone: zone-b }
    volumes: ['data:/bitnami/valkey/data']
    environment:
      ALLOW_EMPTY_PASSWORD: true
      VALKEY_REPLICATION_MODE: primary
      VALKEY_PORT_NUMBER: 7000
      VALKEY_EXTRA_FLAGS: --repl-backlog-size 16384 --repl-timeout 30
      VALKEY_AOF_ENABLED: no
volumes: { data: }
`);
    expect(topology.processes[0]).toMatchObject({
      port: 7000, restart: 'on-failure', persistentData: true,
      directives: [['port', '7000'], ['replica-announce-port', '6379'], ['repl-backlog-size', '16384'], ['repl-timeout', '30']],
    });
    expect(topology.machines[0]?.zone).toBe('zone-b');
    expect(topology.warnings).toEqual([
      expect.stringContaining('the variable TAG has no value here'),
      'a.yaml:11: services.a.environment.VALKEY_PORT_NUMBER: the image announces port 6379, but this node listens on 7000',
    ]);
  });

  test('anchors and merge keys', () => {
    const topology = load(`
x-redis: &redis
  image: bitnami/redis:7.2
  environment: &environment { ALLOW_EMPTY_PASSWORD: "yes", REDIS_REPLICATION_MODE: master }
services:
  a: { <<: *redis }
  b:
    <<: *redis
    environment: { <<: *environment, REDIS_REPLICATION_MODE: slave }
`);
    expect(topology.processes[1]?.directives).toEqual([AOF, ['replicaof', 'a', '6379']]);
  });

  test('passwords, save points and what is announced', () => {
    const topology = load(compose(
      redis('redis-main', [], ['REDIS_REPLICATION_MODE=master', 'REDIS_PASSWORD=geheim', 'REDIS_RDB_POLICY=900#1 60#5']),
      redis('redis-replica', [], [
        'REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=redis-main', 'REDIS_MASTER_PASSWORD=geheim', 'REDIS_PASSWORD=other',
        'REDIS_RDB_POLICY_DISABLED=yes', 'REDIS_REPLICA_IP=replica.example', 'REDIS_REPLICA_PORT=16379']),
    ));
    expect(topology.processes.map(({ directives }) => directives)).toEqual([
      [AOF, ['save', '900', '1'], ['save', '60', '5'], ['requirepass', 'geheim'], ['masterauth', 'geheim']],
      [AOF, ['save', ''], ['requirepass', 'other'], ['masterauth', 'geheim'], ['replica-announce-ip', 'replica.example'],
        ['replica-announce-port', '16379'], ['replicaof', 'redis-main', '6379']],
    ]);
    expect(topology.processes.map(passwordOf)).toEqual(['geheim', 'other']);
  });

  test('what the entrypoints do at a restart: a replica waits for its primary, both set what the environment says', () => {
    const [main, replica] = load(compose(MAIN, REPLICA)).processes;
    expect(main).toMatchObject({ configFile: 'set' });
    expect(main).not.toHaveProperty('entrypoint');
    expect(replica).toMatchObject({ configFile: 'set', entrypoint: { ask: null, waitForPrimaryMs: 30_000 } });
  });

  test('unknown keys are named once', () => {
    const topology = load(compose(redis('a', ['frobnicate: 1', 'healthcheck: {}', 'mem_swappiness: 2'])));
    expect(topology.warnings.filter((warning) => warning.includes('ignored'))).toEqual(
      ['a.yaml:4: services.a: ignored: frobnicate, mem_swappiness']);
  });

  test.each<[string, string, RegExp]>([
    ['nothing', '', /^a\.yaml:1: file: is empty$/],
    ['no services', 'version: "3"', /^a\.yaml:1: services: is missing$/],
    ['broken YAML', 'services: [', /^a\.yaml:1: YAML: /],
    ['a duplicate key', `${compose(MAIN)}services: {}`, /services: is given twice$/],
    ['another server of that kind', 'services:\n  db:\n    image: redis/redis-stack:7.2.0-v9\n', /^a\.yaml:3: services\.db\.image: 'redis\/redis-stack:7\.2\.0-v9' is not known/],
    ['no image', 'services:\n  db: {}\n', /^a\.yaml:2: services\.db: has no image$/],
    ['a build', compose(redis('a', ['build: .'])), /^a\.yaml:4: services\.a\.build: is built from sources: what it runs is not in this file$/],
    ['a password in a file', compose(redis('a', [], ['REDIS_PASSWORD_FILE=/run/secret'])),
      /REDIS_PASSWORD_FILE: '\/run\/secret' is mounted from nowhere in this file$/],
    ['a password that no wire could tell', compose(redis('a', [], ['REDIS_PASSWORD=gehéim'])), /printable ASCII/],
    ['a replica that does not know the password', compose(redis('redis-main', [], ['REDIS_PASSWORD=a']), REPLICA),
      /^a\.yaml:7: services\.redis-replica\.environment\.REDIS_MASTER_PASSWORD: is missing, and redis-main wants a password$/],
    ['a replica with a wrong password', compose(redis('redis-main', [], ['REDIS_PASSWORD=a']), `${REPLICA}
      - REDIS_MASTER_PASSWORD=b`), /^a\.yaml:13: .*REDIS_MASTER_PASSWORD: is not the password of redis-main$/],
    ['a password for a primary without one', compose(MAIN, `${REPLICA}
      - REDIS_MASTER_PASSWORD=b`), /is given, but redis-main has no password$/],
    ['TLS', compose(redis('a', [], ['REDIS_TLS_ENABLED=yes'])), /REDIS_TLS_ENABLED: TLS is not built yet$/],
    ['a save point that is none', compose(redis('a', [], ['REDIS_RDB_POLICY=900'])), /'900' is not a save point/],
    ['no password and none allowed', 'services:\n  a: { image: bitnami/redis }\n', /refuses to start/],
    ['a mode that is none', compose(redis('a', [], ['REDIS_REPLICATION_MODE=boss'])), /'boss' is neither/],
    ['a host without a mode', compose(MAIN, redis('b', [], ['REDIS_MASTER_HOST=redis-main'])), /REPLICATION_MODE is not$/],
    ['an unknown host', compose(MAIN, redis('b', [], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=c'])),
      /^a\.yaml:12: services\.b\.environment\.REDIS_MASTER_HOST: 'c' is no service of this file \(there are: redis-main, b\)$/],
    ['a replica of itself', compose(MAIN, redis('b', [], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=b'])),
      /names the service itself$/],
    ['replicas of each other', compose(
      redis('a', [], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=b']),
      redis('b', [], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=a'])), /leads in a circle/],
    ['no primary', compose(redis('b', [], ['REDIS_REPLICATION_MODE=slave'])), /there is no primary$/],
    ['two primaries to choose from', compose(MAIN, redis('a', []), redis('b', [], ['REDIS_REPLICATION_MODE=slave'])),
      /more than one primary$/],
    ['the wrong port', compose(MAIN, redis('b', [], [
      'REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=redis-main', 'REDIS_MASTER_PORT_NUMBER=7000'])),
    /says 7000, but redis-main listens on 6379$/],
    ['a port that is none', compose(redis('a', [], ['REDIS_PORT_NUMBER=99999'])), /whole number from 1 to 65535/],
    ['a named container with replicas', compose(redis('a', ['container_name: x', 'deploy: { replicas: 2 }'])),
      /cannot be given to 2 replicas$/],
    ['one host port twice', compose(redis('a', ['ports: ["1:6379"]']), redis('b', ['ports: ["1:6379"]'])),
      /already published by a$/],
    ['replicas and scale', compose(redis('a', ['scale: 2', 'deploy: { replicas: 3 }'])), /deploy\.replicas says 3$/],
    ['a name twice', compose(redis('a', ['hostname: b']), redis('b', [])), /answers to the name 'b'/],
    ['an unknown dependency', compose(redis('a', ['depends_on: [z]'])), /'z' is no service/],
    ['dependencies in a circle', compose(redis('a', ['depends_on: [b]']), redis('b', ['depends_on: [a]'])), /circle$/],
    ['an undeclared volume', compose(redis('a', ['volumes: ["data:/bitnami"]'])), /'data' is not declared/],
    ['no common network', `${compose(
      redis('redis-main', ['networks: [x]']),
      redis('b', ['networks: [y]'], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=redis-main']))}networks: { x: , y: }`,
    /shares no network with redis-main/],
    ['a variable without a value', compose(redis('a', [], ['REDIS_PORT_NUMBER=${PORT}'])), /the variable PORT has no value/],
    ['a circular alias', 'x: &a [*a]', /an alias that contains itself$/],
    ['a missing anchor', 'x: *a', /^a\.yaml:1: /],
    ['deep brackets', '['.repeat(100_000), /brackets open at once$/],
    ['deep indicators', '- '.repeat(100_000), /begins beyond column/],
    ['a huge file', 'a'.repeat(1_048_577), /larger than/],
  ])('refuses %s in one line with file, line and key', (_name, text, message) => {
    const said = messageOf(text);
    expect(said).toMatch(message);
    expect(said).toMatch(/^a\.yaml:\d+: \S.*: \S/);
    expect(said).not.toContain('\n');
  });

  test('refuses a bomb of aliases soon', () => {
    const levels = 'abcdefgh'.split('').map((name, index) =>
      `${name}: &${name} [${Array(9).fill(index === 0 ? 'x' : `*${'abcdefgh'[index - 1]}`).join(', ')}]`);
    expect(messageOf(levels.join('\n'))).toMatch(/more than 50000 values once aliases are expanded$/);
  });

  test('a replica may follow a replica', () => {
    const topology = load(compose(MAIN, REPLICA, redis('b', [], ['REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=redis-replica'])));
    expect(topology.processes[2]?.directives).toEqual([AOF, ['replicaof', 'redis-replica', '6379']]);
  });

  test('whatever the text, a topology or a ScenarioError of one line', () => {
    const lines = compose(MAIN, REPLICA).split('\n');
    fc.assert(fc.property(fc.nat(lines.length - 1), fc.nat(40), fc.string({ maxLength: 12 }), (line, column, insert) => {
      const changed = lines.map((text, index) => (index === line ? text.slice(0, column) + insert + text.slice(column) : text));
      try {
        load(changed.join('\n'));
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
        expect((error as ScenarioError).message).not.toContain('\n');
      }
    }), { numRuns: 300 });
  });
});
