/** Compose files with sentinels: the image's variables and defaults, and what its services must agree on. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { importCompose } from '../../../../sim/topology/compose.ts';
import { noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import { sentinelServices } from '../../../../sim/topology/sentinelService.ts';
import type { ProcessSpec, Topology } from '../../../../sim/topology/topology.ts';
import { passwordOf } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const service = (name: string, image: string, environment: readonly string[], lines: readonly string[] = []): string => [
  `  ${name}:`, `    image: bitnami/${image}:7.2`, ...lines.map((line) => `    ${line}`),
  ...(environment.length === 0 ? [] : ['    environment:', ...environment.map((line) => `      - ${line}`)]),
].join('\n');

const compose = (...services: readonly string[]): string => `services:\n${services.join('\n')}\n`;

const MAIN = service('redis-main', 'redis', ['ALLOW_EMPTY_PASSWORD=yes', 'REDIS_REPLICATION_MODE=master']);
const REPLICA_VARIABLES: readonly string[] = [
  'ALLOW_EMPTY_PASSWORD=yes', 'REDIS_REPLICATION_MODE=slave', 'REDIS_MASTER_HOST=redis-main'];
const REPLICA = service('redis-replica', 'redis', REPLICA_VARIABLES);
const sentinel = (environment: readonly string[], replicas: number = 3, name: string = 'redis-sentinel'): string =>
  service(name, 'redis-sentinel', environment, [`deploy: { replicas: ${replicas} }`]);
const HOST = 'REDIS_MASTER_HOST=redis-main';

const load = (text: string): Topology => importCompose(text, 'a.yaml', noOtherFiles);

const processOf = (topology: Topology, name: string): ProcessSpec => {
  const found = topology.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
};

describe('sentinels of a Compose file', () => {
  test('the seed: one primary, two replicas, three sentinels', () => {
    const text = readFileSync(new URL('../../../../scenarios/seeds/sentinel.compose.yaml', import.meta.url), 'utf8');
    const topology = importCompose(text, 'sentinel.compose.yaml', noOtherFiles);
    expect(topology.processes.map(({ name, kind, port, configFile }) => [name, kind, port, configFile])).toEqual([
      ['redis-main', 'redis', 6379, 'set'],
      ['redis-replica-1', 'redis', 6379, 'set'], ['redis-replica-2', 'redis', 6379, 'set'],
      ['redis-sentinel-1', 'sentinel', 26379, 'kept'], ['redis-sentinel-2', 'sentinel', 26379, 'kept'],
      ['redis-sentinel-3', 'sentinel', 26379, 'kept'],
    ]);
    expect(processOf(topology, 'redis-sentinel-2')).toMatchObject({
      machine: 'redis-sentinel-2', aliases: ['redis-sentinel'], persistentData: false,
      directives: [
        ['port', '26379'], ['sentinel', 'resolve-hostnames', 'yes'],
        ['sentinel', 'monitor', 'mymain', 'redis-main', '6379', '2'],
        ['sentinel', 'down-after-milliseconds', 'mymain', '3000'], ['sentinel', 'failover-timeout', 'mymain', '18000'],
        ['sentinel', 'parallel-syncs', 'mymain', '1'],
      ],
    });
    expect(topology.machines.at(-1)).toEqual({ name: 'redis-sentinel-3', zone: 'zone-a', address: '10.0.0.6' });
    expect(topology.warnings).toEqual([]);
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
    expect(sentinelServices(topology)).toEqual([
      { name: 'mymain', sentinels: ['redis-sentinel-1:26379', 'redis-sentinel-2:26379', 'redis-sentinel-3:26379'] }]);
  });

  test("the image's own defaults, and the only primary inferred", () => {
    const topology = load(compose(MAIN, sentinel([])));
    expect(processOf(topology, 'redis-sentinel-1').directives).toEqual([
      ['port', '26379'], ['sentinel', 'resolve-hostnames', 'yes'],
      ['sentinel', 'monitor', 'mymaster', 'redis-main', '6379', '2'],
      ['sentinel', 'down-after-milliseconds', 'mymaster', '60000'],
      ['sentinel', 'failover-timeout', 'mymaster', '180000'], ['sentinel', 'parallel-syncs', 'mymaster', '1'],
    ]);
    expect(topology.warnings).toEqual([
      'a.yaml:7: services.redis-sentinel.environment.REDIS_MASTER_HOST: is missing; taken to be redis-main, the only primary']);
  });

  test("the host that the image watches by default is 'redis'", () => {
    const other = service('redis', 'redis', ['ALLOW_EMPTY_PASSWORD=yes', 'REDIS_REPLICATION_MODE=master']);
    const topology = load(compose(MAIN, other, sentinel([])));
    expect(processOf(topology, 'redis-sentinel-1').directives).toContainEqual(
      ['sentinel', 'monitor', 'mymaster', 'redis', '6379', '2']);
    expect(topology.warnings).toEqual([]);
  });

  test('every variable that changes a sentinel', () => {
    const topology = load(`${compose(
      service('redis-main', 'redis', ['REDIS_PASSWORD=geheim', 'REDIS_PORT_NUMBER=7000', 'REDIS_REPLICA_PORT=7000']),
      service('watch', 'redis-sentinel', [
        'REDIS_MASTER_SET=cache', HOST, 'REDIS_MASTER_PORT_NUMBER=7000', 'REDIS_MASTER_PASSWORD=geheim',
        'REDIS_MASTER_USER=default', 'REDIS_SENTINEL_PASSWORD=tell', 'REDIS_SENTINEL_QUORUM=1',
        'REDIS_SENTINEL_PORT_NUMBER=26380', 'REDIS_SENTINEL_ANNOUNCE_HOSTNAMES=yes', 'REDIS_SENTINEL_ANNOUNCE_IP=watch',
        'REDIS_SENTINEL_ANNOUNCE_PORT=26380', 'REDIS_SENTINEL_MASTER_REBOOT_DOWN_AFTER_PERIOD=500',
        'REDIS_SENTINEL_DISABLE_COMMANDS=FLUSHALL', 'REDIS_SENTINEL_DATABASE=redis',
      ], ['restart: always', 'volumes: ["conf:/bitnami/redis-sentinel/conf"]']),
    )}volumes: { conf: }\n`);
    const watch = processOf(topology, 'watch');
    expect(watch).toMatchObject({ port: 26380, restart: 'always', persistentData: true });
    expect(watch.directives).toEqual([
      ['port', '26380'], ['requirepass', 'tell'], ['sentinel', 'resolve-hostnames', 'yes'],
      ['sentinel', 'announce-hostnames', 'yes'], ['sentinel', 'announce-ip', 'watch'],
      ['sentinel', 'announce-port', '26380'], ['sentinel', 'monitor', 'cache', 'redis-main', '7000', '1'],
      ['sentinel', 'down-after-milliseconds', 'cache', '60000'], ['sentinel', 'failover-timeout', 'cache', '180000'],
      ['sentinel', 'parallel-syncs', 'cache', '1'], ['sentinel', 'auth-user', 'cache', 'default'],
      ['sentinel', 'auth-pass', 'cache', 'geheim'], ['sentinel', 'master-reboot-down-after-period', 'cache', '500'],
    ]);
    expect(passwordOf(watch)).toBe('tell');
    expect(sentinelServices(topology)).toEqual([{ name: 'cache', sentinels: ['watch:26380'], password: 'tell' }]);
    expect(topology.warnings).toEqual([
      'a.yaml:8: services.watch.environment: not used in this version: REDIS_SENTINEL_DISABLE_COMMANDS, REDIS_SENTINEL_DATABASE']);
  });

  test('a replica that asks the sentinels: first the primary that they watch, then whom they name', () => {
    const topology = load(compose(MAIN, service('redis-replica', 'redis', [
      'ALLOW_EMPTY_PASSWORD=yes', 'REDIS_REPLICATION_MODE=slave', 'REDIS_SENTINEL_HOST=redis-sentinel',
      'REDIS_SENTINEL_MASTER_NAME=mymain', 'REDIS_MASTER_HOST=redis-main',
    ]), sentinel(['REDIS_MASTER_SET=mymain', HOST], 2)));
    expect(processOf(topology, 'redis-replica')).toMatchObject({
      directives: [['appendonly', 'yes'], ['replicaof', 'redis-main', '6379']],
      entrypoint: {
        ask: {
          primaryName: 'mymain', sentinels: ['redis-sentinel-1:26379', 'redis-sentinel-2:26379'], password: null,
          tries: 1, otherwise: 'exit',
        },
        waitForPrimaryMs: 30_000,
      },
    });
    expect(topology.warnings).toEqual([
      'a.yaml:14: services.redis-replica.environment.REDIS_MASTER_HOST: counts at the first start only: '
      + 'later the image asks the sentinel']);
  });

  test('a quorum that can never be reached is a warning: one may want to see it fail', () => {
    const warnings = (environment: readonly string[], replicas: number): readonly string[] =>
      load(compose(MAIN, sentinel([HOST, ...environment], replicas))).warnings;
    expect(warnings(['REDIS_SENTINEL_QUORUM=4'], 3)).toEqual([
      'a.yaml:12: services.redis-sentinel.environment.REDIS_SENTINEL_QUORUM: is 4, but 3 sentinels watch mymaster: '
      + 'they can never agree that it is down']);
    expect(warnings([], 1)).toEqual([expect.stringContaining('is 2, but 1 sentinel watches mymaster')]);
    expect(warnings(['REDIS_SENTINEL_QUORUM=3'], 3)).toEqual([]);
  });

  test('sentinels of two services count together, and may differ in quorum with a warning', () => {
    const topology = load(compose(
      MAIN, sentinel([HOST], 1, 'one'), sentinel([HOST, 'REDIS_SENTINEL_QUORUM=1'], 1, 'two')));
    expect(topology.warnings).toEqual([expect.stringContaining('REDIS_SENTINEL_QUORUM: is 1, but services.one says 2')]);
    expect(sentinelServices(topology)).toEqual([{ name: 'mymaster', sentinels: ['one:26379', 'two:26379'] }]);
  });

  test.each<[string, string, RegExp]>([
    ['an unknown host', compose(MAIN, sentinel(['REDIS_MASTER_HOST=redis-mian'])),
      /^a\.yaml:11: services\.redis-sentinel\.environment\.REDIS_MASTER_HOST: 'redis-mian' is no service .*redis-main, redis-sentinel\)$/],
    ['itself as the primary', compose(MAIN, sentinel(['REDIS_MASTER_HOST=redis-sentinel'])), /names the service itself$/],
    ['a sentinel as the primary', compose(MAIN, sentinel([HOST], 1, 'one'), sentinel(['REDIS_MASTER_HOST=one'], 1, 'two')),
      /'one' is a sentinel, which has no data$/],
    ['a replica as the primary', compose(MAIN, REPLICA, sentinel(['REDIS_MASTER_HOST=redis-replica'])),
      /^a\.yaml:17: .*'redis-replica' is a replica; sentinels are told the primary/],
    ['no primary at all', compose(sentinel([])), /REDIS_MASTER_HOST: is missing, and there is no primary$/],
    ['a wrong port', compose(MAIN, sentinel([HOST, 'REDIS_MASTER_PORT_NUMBER=7000'])),
      /REDIS_MASTER_PORT_NUMBER: says 7000, but redis-main listens on 6379$/],
    ['names that are not looked up', compose(MAIN, sentinel([HOST, 'REDIS_SENTINEL_RESOLVE_HOSTNAMES=no'])),
      /RESOLVE_HOSTNAMES: is off, and the primary is given by a name \(redis-main\): Sentinel refuses to start so$/],
    ['a password that is not told', compose(service('redis-main', 'redis', ['REDIS_PASSWORD=a']), sentinel([HOST])),
      /^a\.yaml:6: services\.redis-sentinel\.environment\.REDIS_MASTER_PASSWORD: is missing, and redis-main wants a password$/],
    ['a wrong password', compose(
      service('redis-main', 'redis', ['REDIS_PASSWORD=a']), sentinel([HOST, 'REDIS_MASTER_PASSWORD=b'])),
    /is not the password of redis-main$/],
    ['another user', compose(MAIN, sentinel([HOST, 'REDIS_MASTER_USER=watcher'])), /users other than 'default' are not built yet$/],
    ['a quorum of none', compose(MAIN, sentinel([HOST, 'REDIS_SENTINEL_QUORUM=0'])), /QUORUM: must be a whole number from 1/],
    ['a time that is none', compose(MAIN, sentinel([HOST, 'REDIS_SENTINEL_DOWN_AFTER_MILLISECONDS=3s'])), /not '3s'$/],
    ['a name that Sentinel refuses', compose(MAIN, sentinel([HOST, 'REDIS_MASTER_SET=my main'])), /'my main' is not a name/],
    ['one address for several', compose(MAIN, sentinel([HOST, 'REDIS_SENTINEL_ANNOUNCE_IP=x'])), /cannot be given to 3 sentinels/],
    ['TLS', compose(MAIN, sentinel([HOST, 'REDIS_SENTINEL_TLS_ENABLED=yes'])), /REDIS_SENTINEL_TLS_ENABLED: TLS is not built yet$/],
    ['a secret in a file', compose(MAIN, sentinel([HOST, 'REDIS_SENTINEL_PASSWORD_FILE=/x'])), /'\/x' is mounted from nowhere in this file$/],
    ['one name for two primaries', compose(
      MAIN, service('other', 'redis', ['ALLOW_EMPTY_PASSWORD=yes']), sentinel([HOST], 1, 'one'),
      sentinel(['REDIS_MASTER_HOST=other'], 1, 'two')), /mymaster is other here, but services\.one says redis-main$/],
    ['no common network', `${compose(
      service('redis-main', 'redis', ['ALLOW_EMPTY_PASSWORD=yes'], ['networks: [x]']),
      service('watch', 'redis-sentinel', [HOST], ['networks: [y]']))}networks: { x: , y: }`,
    /shares no network with redis-main, which it watches$/],
    ['a replica that asks no sentinel', compose(MAIN, service('b', 'redis', [
      ...REPLICA_VARIABLES, 'REDIS_SENTINEL_HOST=redis-main', 'REDIS_SENTINEL_MASTER_NAME=x'])), /'redis-main' is not a sentinel$/],
    ['a replica that asks for nobody', compose(MAIN, service('b', 'redis', [
      ...REPLICA_VARIABLES, 'REDIS_SENTINEL_HOST=redis-sentinel']), sentinel([HOST])),
    /REDIS_SENTINEL_MASTER_NAME: is missing, so no sentinel would know the primary$/],
    ['a replica that asks for another', compose(MAIN, service('b', 'redis', [
      ...REPLICA_VARIABLES, 'REDIS_SENTINEL_HOST=redis-sentinel', 'REDIS_SENTINEL_MASTER_NAME=x']), sentinel([HOST])),
    /REDIS_SENTINEL_MASTER_NAME: says x, but redis-sentinel watches mymaster$/],
    ['a replica that asks at another port', compose(MAIN, service('b', 'redis', [
      ...REPLICA_VARIABLES, 'REDIS_SENTINEL_HOST=redis-sentinel', 'REDIS_SENTINEL_MASTER_NAME=mymaster',
      'REDIS_SENTINEL_PORT_NUMBER=1']), sentinel([HOST])), /is asked at port 1, but redis-sentinel listens on 26379$/],
    ['a replica whose question is refused', compose(MAIN, service('b', 'redis', [
      ...REPLICA_VARIABLES, 'REDIS_SENTINEL_HOST=redis-sentinel', 'REDIS_SENTINEL_MASTER_NAME=mymaster']),
    sentinel([HOST, 'REDIS_SENTINEL_PASSWORD=a'])), /wants a password, and the image asks without one$/],
  ])('refuses %s in one line with file, line and key', (_name, text, message) => {
    let said: unknown;
    try {
      load(text);
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(ScenarioError);
    expect((said as ScenarioError).message).toMatch(message);
    expect((said as ScenarioError).message).toMatch(/^a\.yaml:\d+: \S.*: \S[^\n]*$/);
  });
});

describe('published ports', () => {
  const published = (environment: readonly string[] = []): string =>
    compose(service('redis-main', 'redis', ['ALLOW_EMPTY_PASSWORD=yes', 'REDIS_REPLICATION_MODE=master', ...environment], ['ports: ["6379:6379"]']), REPLICA, sentinel([HOST]));
  const said = (text: string): boolean => (load(text).notes ?? []).some((note) => note.includes('no address is announced'));

  test('where sentinels tell clients addresses, what nobody announces is said', () => {
    expect(said(published())).toBe(true);
    expect(said(published(['REDIS_REPLICA_IP=192.0.2.1']))).toBe(false);
    expect(said(compose(MAIN, REPLICA, sentinel([HOST])))).toBe(false);
    expect(said(compose(service('redis-main', 'redis', ['ALLOW_EMPTY_PASSWORD=yes', 'REDIS_REPLICATION_MODE=master'], ['ports: ["6379:6379"]']), REPLICA))).toBe(false);
  });
});
