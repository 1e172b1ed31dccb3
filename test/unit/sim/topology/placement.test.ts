/** Placement files: who runs where, in which zone, and what that would break. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { sentinelTopology } from '../../../../scenarios/topologies.ts';
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
  test('puts processes on computers and these into zones; the others stay, and so do all addresses', () => {
    const placed = applyPlacement(topology, PLACE, 'p.yaml');
    expect(placed.machines.map(({ name, host = '-', zone, address }) => `${name} ${host} ${zone} ${address}`)).toEqual([
      'n1 m1 zone-a 10.0.0.1', 'n2 m2 zone-b 10.0.0.2', 'n3 m3 zone-b 10.0.0.3', 's1 m1 zone-a 10.0.0.4', 's2 m2 zone-b 10.0.0.5',
      's3 - zone-c 10.0.0.6']);
    expect(placed.processes).toEqual(topology.processes);
    expect(validateTopology(JSON.parse(JSON.stringify(placed)), 'topology')).toEqual(placed);
  });

  test('who shares a pod stays together', () => {
    const pods = sentinelTopology({ replicas: 2, sentinels: 3, quorum: 2, placement: 'beside' });
    const [first, second] = pods.processes.filter(({ machine }) => machine === pods.machines[0]?.name).map(({ name }) => name);
    expect(() => applyPlacement(pods, `machines: { m1: [${first}], m2: [${second}] }`, 'p.yaml')).toThrow(/share a pod or an address/);
  });

  test.each<[string, string, RegExp]>([
    ['an unknown process', 'machines:\n  m1: [n9]\n', /^p\.yaml:2: machines\.m1: 'n9' is no process of this deployment \(there are: n1, n2, n3, s1, s2, s3\)$/],
    ['an unknown machine', 'zones: { z: [m9] }', /^p\.yaml:1: zones\.z: 'm9' is no machine of this deployment/],
    ['a process twice', 'machines: { m1: [n1], m2: [n1] }', /^p\.yaml:1: machines\.m2: 'n1' is in machines\.m1 already$/],
    ['another word', 'racks: {}', /^p\.yaml:1: racks: is not known; a placement has machines and zones$/],
    ['a list', '- a', /^p\.yaml:1: file: must be a map/],
    ['a name that is none', 'machines: { "a b": [n1] }', /^p\.yaml:1: machines\.a b: 'a b' is not a name$/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => applyPlacement(topology, text, 'p.yaml')).toThrow(ScenarioError);
    expect(() => applyPlacement(topology, text, 'p.yaml')).toThrow(message);
  });
});
