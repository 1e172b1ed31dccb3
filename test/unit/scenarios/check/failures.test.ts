import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { componentsOf } from '../../../../scenarios/check/components.ts';
import { cellCalled, pairedFailures, planOf, singleFailures } from '../../../../scenarios/check/failures.ts';
import { at } from '../../../../scenarios/plan.ts';
import { sentinelTopology } from '../../../../scenarios/topologies.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';

const beside = sentinelTopology({ replicas: 2, sentinels: 3, quorum: 2, placement: 'beside' });
const zoned: Topology = { ...beside, machines: beside.machines.map((machine, index) => ({ ...machine, zone: `zone-${index}` })) };
const names = (topology: Topology): readonly string[] => singleFailures(topology).map(({ name }) => name);

describe('components', () => {
  test('are processes, machines, zones where there are several, and links', () => {
    const count = (topology: Topology, kind: string): number => componentsOf(topology).filter((one) => one.kind === kind).length;
    expect(['process', 'machine', 'zone', 'links'].map((kind) => count(beside, kind))).toEqual([6, 3, 0, 3]);
    expect(['process', 'machine', 'zone', 'links'].map((kind) => count(zoned, kind))).toEqual([6, 3, 3, 6]);
  });
});

describe('failures', () => {
  test('have names of their own, by which they are found', () => {
    for (const topology of [beside, zoned]) {
      const all = [...singleFailures(topology), ...pairedFailures(topology)];
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
      for (const cell of all) expect(cellCalled(topology, cell.name)).toEqual(cell);
    }
    expect(() => cellCalled(beside, 'n1/flood')).toThrow(ScenarioError);
    expect(() => cellCalled(beside, names(beside).slice(0, 3).join(' + '))).toThrow(/at most 2/);
  });

  test('of a pair: neither contains the other', () => {
    const pairs = pairedFailures(beside).map(({ name }) => name);
    expect(pairs).toContain('n1/kill + n2/kill');
    expect(pairs).toContain('n1/kill + n2/power');
    expect(pairs).not.toContain('n1/kill + n1/pause');
    expect(pairs).not.toContain('n1/kill + n1/power');
    expect(pairs).not.toContain('n1/power + n1/partition');
    expect(pairs).not.toContain('n1/power + n1 - n2/partition');
    expect(pairs).toContain('n1/power + n2 - n3/partition');
  });

  test('strike who they say; clients stay with a machine only where that is said', () => {
    const plan = (name: string): unknown => planOf(cellCalled(zoned, name), at(1000), { inZone: (zone) => [`client-${zone}`], beside: ['C1'] }, zoned);
    expect(plan('n1/kill')).toEqual([{ when: { atMs: 1000 }, do: 'kill', target: 'n1' }]);
    expect(plan('n1/partition')).toEqual([{ when: { atMs: 1000 }, do: 'partition', with: { groups: [['n1'], ['the others']] } }]);
    expect(plan('n1/partition-with-clients')).toEqual([{ when: { atMs: 1000 }, do: 'partition', with: { groups: [['n1', 'C1'], ['the others']] } }]);
    expect(plan('zone-0/partition-with-clients'))
      .toEqual([{ when: { atMs: 1000 }, do: 'partition', with: { groups: [['n1', 'client-zone-0'], ['the others']] } }]);
    expect(plan('n1/power + n2 - n3/partition')).toEqual([
      { when: { atMs: 1000 }, do: 'power', target: 'n1' }, { when: { atMs: 1000 }, do: 'partition', with: { groups: [['n2'], ['n3']] } }]);
  });
});
