/** Who gets which slots in a new cluster. The expected parts are what redis-cli 7.0.15 prints for nodes on addresses of their own. */
import { describe, expect, test } from 'vitest';
import { bytes, keySlot } from '../../../../engine/index.ts';
import { clusterTopology } from '../../../../scenarios/topologies.ts';
import { clusterParts, clusterPlaces, rangeKeys } from '../../../../sim/topology/clusterSetup.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const ranges = (nodes: number, replicas: number): string[] => clusterParts(nodes, replicas)
  .flatMap((part) => (part.kind === 'primary' ? part.slots.map(({ first, last }) => `${first}-${last}`) : []));

describe('a new cluster', () => {
  test.each<[number, number, string[]]>([
    [6, 1, ['0-5460', '5461-10922', '10923-16383']],
    [4, 0, ['0-4095', '4096-8191', '8192-12287', '12288-16383']],
    [7, 0, ['0-2340', '2341-4680', '4681-7021', '7022-9361', '9362-11702', '11703-14042', '14043-16383']],
    [5, 0, ['0-3276', '3277-6553', '6554-9829', '9830-13106', '13107-16383']],
  ])('%i nodes with %i replicas each share the slots as redis-cli does', (nodes, replicas, expected) => {
    expect(ranges(nodes, replicas)).toEqual(expected);
  });

  test.each<[number, number, number[]]>([
    [6, 1, [2, 0, 1]], [7, 1, [0, 0, 1, 2]], [9, 2, [2, 0, 0, 1, 1, 2]], [11, 2, [1, 0, 0, 1, 1, 2, 2, 0]],
  ])('%i nodes with %i replicas each: the others follow these', (nodes, replicas, expected) => {
    expect(clusterParts(nodes, replicas).slice(3).map((part) => (part.kind === 'replica' ? part.primary : part.kind))).toEqual(expected);
  });

  test('without a primary there is no cluster', () => {
    expect(() => clusterParts(1, 1)).toThrow(/has no primary/);
  });
});

describe('a built cluster', () => {
  const topology = clusterTopology({ primaries: 3, replicasEach: 1, zones: ['a', 'b'], nodeTimeoutMs: 2000 });

  test('comes through JSON as it is', () => {
    expect(validateTopology(JSON.parse(JSON.stringify(topology)), 'topology')).toEqual(topology);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown node', { create: ['n1', 'n2', 'nobody'], replicas: 0 }, /cluster\.create: 'nobody' is no process with cluster-enabled yes/],
    ['a node twice', { create: ['n1', 'n1', 'n2'], replicas: 0 }, /'n1' is given twice/],
    ['too few nodes', { create: ['n1'], replicas: 1 }, /has no primary/],
  ])('%s is refused', (_what, cluster, message) => {
    expect(() => validateTopology({ ...topology, cluster }, 'topology')).toThrow(message);
  });

  test('each range has a key', () => {
    expect(clusterPlaces(topology)).toEqual(['n1:6379', 'n2:6379', 'n3:6379', 'n4:6379', 'n5:6379', 'n6:6379']);
    const slots = rangeKeys(topology).map((tag) => keySlot(bytes(`probe:${tag}:x`)));
    expect(slots.map((slot) => (slot <= 5460 ? 0 : slot <= 10922 ? 1 : 2))).toEqual([0, 1, 2]);
  });
});
