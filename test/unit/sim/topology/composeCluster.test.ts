/** Compose files with a cluster: the image's variables, and what the creator is told. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { scenarioFor } from '../../../../scenarios/index.ts';
import { expandScenario } from '../../../../sim/fault/expandPlan.ts';
import { importCompose } from '../../../../sim/topology/compose.ts';
import { noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';
import { validateScenario } from '../../../../sim/validateScenario.ts';

const NAMES: readonly string[] = ['a', 'b', 'c'];
const NODES = `REDIS_NODES=${NAMES.join(' ')}`;
const CREATOR: readonly string[] = ['REDIS_CLUSTER_CREATOR=yes', 'REDIS_CLUSTER_REPLICAS=0'];

const service = (name: string, environment: readonly string[]): string => [
  `  ${name}:`, '    image: bitnami/redis-cluster:7.2', '    environment:', '      - ALLOW_EMPTY_PASSWORD=yes',
  ...environment.map((line) => `      - ${line}`)].join('\n');

/** Three nodes, the last of which creates the cluster. */
const three = (last: readonly string[], others: readonly string[] = [NODES]): string =>
  `services:\n${[service('a', others), service('b', others), service('c', last)].join('\n')}\n`;

const load = (text: string): Topology => importCompose(text, 'c.yaml', noOtherFiles);

describe('a cluster of a Compose file', () => {
  const seed = readFileSync(new URL('../../../../scenarios/seeds/cluster.compose.yaml', import.meta.url), 'utf8');

  test('the seed: six nodes, created with a replica each', () => {
    const topology = load(seed);
    expect(topology.warnings).toEqual([]);
    expect(topology.cluster).toEqual({ create: [0, 1, 2, 3, 4, 5].map((ordinal) => `redis-node-${ordinal}`), replicas: 1 });
    for (const { kind, directives, configFile } of topology.processes) {
      expect({ kind, directives, configFile }).toEqual(
        { kind: 'redis', directives: [['cluster-enabled', 'yes'], ['appendonly', 'yes']], configFile: 'set' });
    }
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test('the seed gets a plan that anybody may send on', () => {
    const scenario = scenarioFor(load(seed));
    expect(expandScenario(scenario, 1).plan.map((entry) => [entry.do, entry.target])).toEqual([['power', 'redis-node-0'], ['boot', 'redis-node-0']]);
    expect(validateScenario(JSON.parse(JSON.stringify(scenario)), 'x')).toEqual(scenario);
  });

  test('what the environment says becomes directives', () => {
    const said = [NODES, 'REDIS_PORT_NUMBER=7000', 'REDIS_AOF_ENABLED=no', 'REDIS_PASSWORD=pw', 'REDIS_CLUSTER_ANNOUNCE_HOSTNAME=h',
      'REDIS_EXTRA_FLAGS=--cluster-node-timeout 2000'];
    expect(load(three([...said, ...CREATOR], said)).processes[0]?.directives).toEqual([
      ['port', '7000'], ['cluster-enabled', 'yes'], ['requirepass', 'pw'], ['masterauth', 'pw'], ['cluster-announce-hostname', 'h'],
      ['cluster-node-timeout', '2000'],
    ]);
  });

  test('names may be parted by commas and have ports', () => {
    expect(load(three(['REDIS_NODES=a:6379,b;c', ...CREATOR])).cluster?.create).toEqual(NAMES);
  });

  test.each<[string, string, RegExp]>([
    ['nobody creates it', three([NODES]), /^c\.yaml:2: services\.a\.environment\.REDIS_CLUSTER_CREATOR: is said by no service/],
    ['two create it', three([NODES, ...CREATOR], [NODES, ...CREATOR]), /is said by a too$/],
    ['a node without names', three([NODES, ...CREATOR], ['REDIS_PORT_NUMBER=6379']), /REDIS_NODES: is missing/],
    ['an unknown name', three(['REDIS_NODES=a b nobody', ...CREATOR]), /'nobody' is no cluster node of this file/],
    ['a name twice', three(['REDIS_NODES=a b b', ...CREATOR]), /'b' is named twice/],
    ['a wrong port', three(['REDIS_NODES=a b:7000 c', ...CREATOR]), /asks b at port 7000, but it listens on 6379/],
    ['too few', three(['REDIS_NODES=a b', ...CREATOR]), /a cluster needs 3 primaries: 2 nodes with 0 replicas each make 2/],
    ['other passwords', three([NODES, 'REDIS_PASSWORD=pw', ...CREATOR]), /a has another password than c/],
    ['no address to announce', three([NODES, 'REDIS_CLUSTER_DYNAMIC_IPS=no', ...CREATOR]), /REDIS_CLUSTER_ANNOUNCE_IP: is missing/],
  ])('%s: one line says so', (_what, text, message) => {
    expect(() => load(text)).toThrow(message);
  });
});
