/** Roles and names, resolved by what the simulator knows at the moment. */
import { describe, expect, test } from 'vitest';
import { ScenarioError, bytes } from '../../../../engine/index.ts';
import { NodeView } from '../../../../sim/check/nodeView.ts';
import { SentinelView } from '../../../../sim/check/sentinelView.ts';
import { resolveMachine, resolveMachines, resolveProcess, resolveProcesses } from '../../../../sim/fault/target.ts';
import type { WorldParts } from '../../../../sim/fault/worldParts.ts';
import type { Machine } from '../../../../sim/node/machine.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';

interface Spec {
  readonly name: string;
  readonly role: 'primary' | 'replica' | null;
  readonly offset?: number;
  readonly state?: SimProcess['state'];
}

const parts = (specs: readonly Spec[], beliefs: Readonly<Record<string, string>> = {}): WorldParts => {
  const views = specs.map(({ name, role, offset = 0, state = 'running' }, index) => {
    const process = { name, state, machine: { name: `${name}-machine`, address: `10.0.0.${index + 1}`, processes: [] as SimProcess[] } };
    process.machine.processes.push(process as unknown as SimProcess);
    const view = new NodeView(process as unknown as SimProcess, 6379);
    view.role = role;
    view.offset = offset;
    return view;
  });
  return {
    views, sentinels: [], sentinelLeader: () => null, beliefs: new Map(Object.entries(beliefs)),
    processes: new Map(views.map((view) => [view.name, view.process])),
    machines: new Map(views.map((view) => [view.process.machine.name, view.process.machine as Machine])),
  } as unknown as WorldParts;
};

const nodes: readonly Spec[] = [
  { name: 'a', role: 'replica', offset: 10 }, { name: 'b', role: 'primary', offset: 50 }, { name: 'c', role: 'replica', offset: 40 },
  { name: 'd', role: 'replica', offset: 40 }, { name: 'e', role: null, state: 'dead' },
];

describe('targets', () => {
  test.each([
    ['the primary', 'b'], ['a replica', 'a'], ['replica 1', 'a'], ['replica 2', 'c'], ['replica 3', 'd'],
    ['the most advanced replica', 'c'], ['the least advanced replica', 'a'], ['e', 'e'], ['c-machine', 'c'],
  ])('%s', (target, name) => expect(resolveProcess(parts(nodes), target)?.name).toBe(name));

  test.each(['replica 4', 'the primary as C9 believes'])('%s is nobody', (target) => {
    expect(resolveProcess(parts(nodes), target)).toBeNull();
    expect(resolveMachine(parts(nodes), target)).toBeNull();
  });

  test('the dead have no role', () => {
    const dead = parts([{ name: 'a', role: 'primary', state: 'dead' }]);
    for (const target of ['the primary', 'a replica', 'the most advanced replica']) expect(resolveProcess(dead, target)).toBeNull();
    // But a name is a name.
    expect(resolveProcess(dead, 'a')?.name).toBe('a');
  });

  test('a paused process still has its role; of two primaries the first by name is taken', () => {
    expect(resolveProcess(parts([{ name: 'a', role: 'primary', state: 'paused' }, { name: 'b', role: 'primary' }]), 'the primary')?.name)
      .toBe('a');
  });

  test('whom a client believes to be the primary, right or wrong', () => {
    const world = parts(nodes, { C1: '10.0.0.3:6379', C2: '10.0.0.99:6379' });
    expect(resolveProcess(world, 'the primary as C1 believes')?.name).toBe('c');
    expect(resolveProcess(world, 'the primary as C2 believes')).toBeNull();
  });

  test('machines: by their own name, or by what runs on them', () => {
    const world = parts(nodes);
    expect(resolveMachine(world, 'b-machine')).toBe(world.machines.get('b-machine'));
    expect(resolveMachine(world, 'the primary')?.name).toBe('b-machine');
  });

  test.each(['nobody', 'replica 0', 'replica 1000', 'The primary', 'the primary as  believes '])('%j is no target', (target) => {
    expect(() => resolveProcess(parts(nodes), target)).toThrow(ScenarioError);
    expect(bytes(target)).toBe(target);
  });
});

describe('sentinels as targets', () => {
  /** s1, s2, … each on a machine of its own; the leader is the one of that name. */
  const watched = (states: readonly SimProcess['state'][], leader: string | null = null): WorldParts => {
    const sentinels = states.map((state, index) => {
      const name = `s${index + 1}`;
      return new SentinelView({ name, state, machine: { name: `${name}-machine` } } as unknown as SimProcess, 26379);
    });
    return { ...parts(nodes), sentinels, sentinelLeader: () => sentinels.find((view) => view.name === leader) ?? null };
  };
  const names = (world: WorldParts, target: string): readonly string[] => resolveProcesses(world, target).map(({ name }) => name);
  const all = (count: number): SimProcess['state'][] => Array.from({ length: count }, () => 'running');

  test.each([
    [1, [], ['s1']], [2, [], ['s1', 's2']], [3, ['s1'], ['s2', 's3']], [4, ['s1'], ['s2', 's3', 's4']], [5, ['s1', 's2'], ['s3', 's4', 's5']],
  ])('of %i a minority and a majority, which never overlap', (count, minority, majority) => {
    expect(names(watched(all(count)), 'a minority of the sentinels')).toEqual(minority);
    expect(names(watched(all(count)), 'a majority of the sentinels')).toEqual(majority);
    expect(names(watched(all(count)), 'the sentinels')).toHaveLength(count);
  });

  test('they are counted as deployed: who is dead is not struck, and nobody else in its place', () => {
    const world = watched(['dead', 'running', 'running', 'paused', 'dead']);
    expect(names(world, 'a minority of the sentinels')).toEqual(['s2']);
    expect(names(world, 'a majority of the sentinels')).toEqual(['s3', 's4']);
    expect(names(world, 'a sentinel')).toEqual(['s2']);
    expect(names(world, 'sentinel 3')).toEqual(['s4']);
    expect(names(world, 'sentinel 4')).toEqual([]);
    expect(resolveProcess(world, 'the sentinels')?.name).toBe('s2');
    expect(resolveMachines(world, 'the sentinels').map(({ name }) => name)).toEqual(['s2-machine', 's3-machine', 's4-machine']);
  });

  test('the leader, while there is one and it lives', () => {
    expect(names(watched(all(3), 's2'), 'the sentinel leader')).toEqual(['s2']);
    expect(names(watched(all(3)), 'the sentinel leader')).toEqual([]);
    expect(names(watched(['running', 'dead', 'running'], 's2'), 'the sentinel leader')).toEqual([]);
  });

  test('none are deployed: nobody', () => {
    for (const target of ['a sentinel', 'a minority of the sentinels', 'the sentinel leader']) expect(names(parts(nodes), target)).toEqual([]);
    expect(() => resolveProcesses(parts(nodes), 'all sentinels')).toThrow(ScenarioError);
  });
});
