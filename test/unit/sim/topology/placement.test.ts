/** Placement files: who runs where, in which zone, and what that would break. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { clusterTopology, sentinelTopology } from '../../../../scenarios/topologies.ts';
import { applyPlacement } from '../../../../sim/topology/placement.ts';
import { validateTopology } from '../../../../sim/topology/validateTopology.ts';

const topology = sentinelTopology({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart' });

const PLACE = `
machines:
  m1: [n1, s1]
  m2: [n2, s2]
  m3: [n3]
zones: { zone-a: [m1], zone-b: [m2, m3], zone-c: s3 }
`;

describe('a placement', () => {
  test('puts processes on machines and machines into zones; the others stay', () => {
    const placed = applyPlacement(topology, PLACE, 'p.yaml');
    expect(placed.machines.map(({ name, zone, address }) => `${name} ${zone} ${address}`)).toEqual([
      's3 zone-c 10.0.0.6', 'm1 zone-a 10.0.0.1', 'm2 zone-b 10.0.0.2', 'm3 zone-b 10.0.0.3']);
    expect(placed.processes.map(({ name, machine }) => `${name} ${machine}`)).toEqual(['n1 m1', 'n2 m2', 'n3 m3', 's1 m1', 's2 m2', 's3 s3']);
    expect(validateTopology(JSON.parse(JSON.stringify(placed)), 'topology')).toEqual(placed);
  });

  test('whoever was told an address that is no more is told the new one', () => {
    // The primary comes second here, so its machine has the sentinel's address.
    const placed = applyPlacement(topology, 'machines: { m1: [s1, n1] }', 'p.yaml');
    expect(placed.machines.find(({ name }) => name === 'm1')?.address).toBe('10.0.0.4');
    expect(placed.processes.find(({ name }) => name === 'n2')?.directives.at(-1)).toEqual(['replicaof', '10.0.0.4', '6379']);
    expect(placed.processes.find(({ name }) => name === 's3')?.directives.find((words) => words[1] === 'monitor')?.[3]).toBe('10.0.0.4');
  });

  test.each<[string, string, RegExp]>([
    ['an unknown process', 'machines:\n  m1: [n9]\n', /^p\.yaml:2: machines\.m1: 'n9' is no process of this deployment \(there are: n1, n2, n3, s1, s2, s3\)$/],
    ['an unknown machine', 'zones: { z: [m9] }', /^p\.yaml:1: zones\.z: 'm9' is no machine of this deployment/],
    ['a process twice', 'machines: { m1: [n1], m2: [n1] }', /^p\.yaml:1: machines\.m2: 'n1' is in machines\.m1 already$/],
    ['one port twice', 'machines: { m1: [n1, n2] }', /^p\.yaml:1: machines\.m1: n1 and n2 both listen on 6379: a machine has one address here$/],
    ['another word', 'racks: {}', /^p\.yaml:1: racks: is not known; a placement has machines and zones$/],
    ['a list', '- a', /^p\.yaml:1: file: must be a map/],
    ['a name that is none', 'machines: { "a b": [n1] }', /^p\.yaml:1: machines\.a b: 'a b' is not a name$/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => applyPlacement(topology, text, 'p.yaml')).toThrow(ScenarioError);
    expect(() => applyPlacement(topology, text, 'p.yaml')).toThrow(message);
  });

  test('nodes of a cluster keep machines of their own', () => {
    const cluster = clusterTopology({ primaries: 3, replicasEach: 0, directivesOf: { n2: [['port', '7000']] } });
    const apart = { ...cluster, processes: cluster.processes.map((process, index) => ({ ...process, port: 7000 + index })) };
    expect(() => applyPlacement(apart, 'machines: { m1: [n1, n2] }', 'p.yaml')).toThrow(/n1 and n2 are nodes of one cluster/);
  });
});
