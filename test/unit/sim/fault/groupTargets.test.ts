/** Groups of machines by place and by state, as faults and partitions mean them. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/index.ts';
import { NodeView } from '../../../../sim/check/nodeView.ts';
import { SentinelView } from '../../../../sim/check/sentinelView.ts';
import { checkTarget, resolveMachines, resolveProcesses } from '../../../../sim/fault/target.ts';
import type { WorldParts } from '../../../../sim/fault/worldParts.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { END_MS, STRIKE_MS, completed, runFault } from './faultWorld.ts';

interface Spec {
  readonly name: string;
  readonly kind: 'redis' | 'sentinel' | 'client';
  readonly machine: string;
  readonly zone: string;
  readonly state?: SimProcess['state'];
}

const world = (specs: readonly Spec[], leader: string | null = null): WorldParts => {
  const machines = new Map<string, { name: string; zone: string; processes: unknown[] }>();
  const processes = new Map<string, SimProcess>();
  for (const { name, machine: place, zone, state = 'running' } of specs) {
    const machine = machines.get(place) ?? { name: place, zone, processes: [] };
    machines.set(place, machine);
    const process = { name, state, machine };
    machine.processes.push(process);
    processes.set(name, process as unknown as SimProcess);
  }
  const of = (kind: Spec['kind']): readonly SimProcess[] =>
    specs.filter((spec) => spec.kind === kind).map(({ name }) => processes.get(name) as SimProcess);
  const sentinels = of('sentinel').map((process) => new SentinelView(process, 26379));
  return {
    views: of('redis').map((process) => new NodeView(process, 6379)), sentinels,
    sentinelLeader: () => sentinels.find(({ name }) => name === leader) ?? null,
    clients: new Set(of('client').map(({ name }) => name)), beliefs: new Map(), machines, processes, cluster: { nodes: [] },
  } as unknown as WorldParts;
};

/** A sentinel beside each of three nodes, one sentinel alone, and clients in two zones. */
const specs: readonly Spec[] = [
  { name: 'n1', kind: 'redis', machine: 'm1', zone: 'east' }, { name: 's1', kind: 'sentinel', machine: 'm1', zone: 'east' },
  { name: 'n2', kind: 'redis', machine: 'm2', zone: 'west' }, { name: 's2', kind: 'sentinel', machine: 'm2', zone: 'west', state: 'dead' },
  { name: 'n3', kind: 'redis', machine: 'm3', zone: 'west', state: 'dead' }, { name: 's3', kind: 'sentinel', machine: 'm3', zone: 'west' },
  { name: 's4', kind: 'sentinel', machine: 'm4', zone: 'east' },
  { name: 'C1', kind: 'client', machine: 'C1', zone: 'east' }, { name: 'P1', kind: 'client', machine: 'P1', zone: 'west' },
];
const machines = (target: string, parts: WorldParts = world(specs)): readonly string[] => resolveMachines(parts, target).map(({ name }) => name);
const processes = (target: string, parts: WorldParts = world(specs)): readonly string[] => resolveProcesses(parts, target).map(({ name }) => name);

describe('groups of machines', () => {
  test.each([
    // Clients are no part of the deployment, whatever their zone.
    ['zone east', ['m1', 'm4']], ['zone west', ['m2', 'm3']], ['zone north', []],
    ['the clients', ['C1', 'P1']], ['the clients of zone west', ['P1']], ['the clients of zone north', []],
    ['a minority of the machines', ['m1']], ['a majority of the machines', ['m2', 'm3', 'm4']],
    // By the names of the processes: n3, s2.
    ['the dead nodes', ['m3', 'm2']],
  ])('%s', (target, expected) => expect(machines(target)).toEqual(expected));

  test('processes: all that run there, or should', () => {
    expect(processes('zone west')).toEqual(['n2', 's2', 'n3', 's3']);
    expect(processes('the dead nodes')).toEqual(['n3', 's2']);
    expect(processes('the clients')).toEqual(['C1', 'P1']);
  });

  test.each([[1, 0], [2, 0], [3, 1], [4, 1], [5, 2]])('of %i machines the minority has %i, and nobody is in both', (count, expected) => {
    const parts = world(Array.from({ length: count }, (_, index): Spec => ({ name: `n${index}`, kind: 'redis', machine: `m${index}`, zone: 'z' })));
    const minority = machines('a minority of the machines', parts);
    const majority = machines('a majority of the machines', parts);
    expect(minority).toHaveLength(expected);
    expect(new Set([...minority, ...majority]).size).toBe(count);
    expect(majority).toHaveLength(count - expected);
  });

  test('nobody is dead: nobody', () => {
    const alive = world(specs.map((spec) => ({ ...spec, state: 'running' })));
    expect([machines('the dead nodes', alive), processes('the dead nodes', alive)]).toEqual([[], []]);
  });

  test('a machine of that name is meant before the group', () => {
    const named = world([...specs, { name: 'the clients', kind: 'redis', machine: 'zone west', zone: 'east' }]);
    expect(machines('zone west', named)).toEqual(['zone west']);
    expect(processes('the clients', named)).toEqual(['the clients']);
  });

  test('what is no group is refused by name', () => {
    for (const target of ['the client', 'all machines', 'a majority of the clients']) {
      expect(() => machines(target)).toThrow(ScenarioError);
    }
    expect(() => checkTarget(world(specs), 'the primaries')).toThrow(/needs a cluster/);
  });
});

describe('a voter', () => {
  test('is the first living sentinel that does not lead', () => {
    expect(processes('a voter', world(specs, 's1'))).toEqual(['s3']);
    expect(processes('a voter', world(specs, 's3'))).toEqual(['s1']);
    expect(processes('a voter', world(specs))).toEqual(['s1']);
  });

  test('is nobody where only the leader lives', () => {
    expect(processes('a voter', world(specs.filter(({ name }) => name === 's1' || name === 's2'), 's1'))).toEqual([]);
  });
});

describe('the others: whoever stands in no other group of a partition', () => {
  const groups = (...lists: readonly (readonly string[])[]): ReturnType<typeof runFault> =>
    runFault({ do: 'partition', with: { groups: lists }, forMs: 3000 });

  test('the clients are cut from all of the deployment, and nobody else from anybody', () => {
    const run = groups(['the clients'], ['the others']);
    const [clients, others] = (run.strike.resolved ?? '').split(' | ').map((side) => side.split(' '));
    expect(clients).toEqual(expect.arrayContaining(['C1', 'C2', 'C3']));
    expect(others).toEqual(expect.arrayContaining(['redis-main', 'redis-replica-1', 'redis-replica-2']));
    expect(others?.filter((name) => clients?.includes(name))).toEqual([]);
    expect(completed(run, 'C1', STRIKE_MS + 100, STRIKE_MS + 3000)).toBe(0);
    expect(completed(run, 'C1', STRIKE_MS + 4000, END_MS)).toBeGreaterThan(0);
    expect(run.report.syncs).toMatchObject({ full: 2, partialOk: 0 });
  });

  test('may come first, and is taken behind the rest', () => {
    const run = groups(['the others'], ['redis-replica-2']);
    expect(run.strike.resolved?.endsWith(' | redis-replica-2')).toBe(true);
    expect(run.strike.resolved).not.toMatch(/redis-replica-2.* \|/);
    expect(completed(run, 'C1', STRIKE_MS + 100, STRIKE_MS + 3000)).toBeGreaterThan(0);
  });

  test('nobody is left: the entry is not exercised', () => {
    const run = groups(['the clients', 'zone zone-a', 'operator'], ['the others']);
    expect(run.strike).toMatchObject({ resolved: null, outcome: 'not exercised: the target was nobody' });
  });
});
