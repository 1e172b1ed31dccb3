/** Deployments that scripts build: names, addresses, zones, who follows and who watches whom. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../engine/core/errors.ts';
import { type SentinelPlan, sentinelTopology, topologyOf } from '../../../scenarios/topologies.ts';
import { sentinelServices } from '../../../sim/topology/sentinelService.ts';
import type { ProcessSpec, Topology } from '../../../sim/topology/topology.ts';

const processOf = (topology: Topology, name: string): ProcessSpec => {
  const found = topology.processes.find((process) => process.name === name);
  if (found === undefined) throw new Error(`no process ${name}`);
  return found;
};

const PLAN: SentinelPlan = { replicas: 2, sentinels: 3, quorum: 2, placement: 'apart' };

describe('sentinelTopology', () => {
  test('apart: data nodes, then sentinels, each on a machine of its own', () => {
    const topology = sentinelTopology(PLAN);
    expect(topology.machines.map(({ name, address }) => `${name} ${address}`)).toEqual(
      ['n1 10.0.0.1', 'n2 10.0.0.2', 'n3 10.0.0.3', 's1 10.0.0.4', 's2 10.0.0.5', 's3 10.0.0.6']);
    expect(topology.processes.map(({ name, kind, machine, port, configFile }) => [name, kind, machine, port, configFile])).toEqual([
      ...['n1', 'n2', 'n3'].map((name) => [name, 'redis', name, 6379, 'kept']),
      ...['s1', 's2', 's3'].map((name) => [name, 'sentinel', name, 26379, 'kept']),
    ]);
    expect(processOf(topology, 'n1').directives).toEqual([['port', '6379'], ['save', '']]);
    expect(processOf(topology, 'n3').directives).toEqual([['port', '6379'], ['save', ''], ['replicaof', '10.0.0.1', '6379']]);
    expect(processOf(topology, 's2').directives).toEqual([
      ['port', '26379'], ['sentinel', 'monitor', 'mymain', '10.0.0.1', '6379', '2'],
      ['sentinel', 'down-after-milliseconds', 'mymain', '30000'], ['sentinel', 'failover-timeout', 'mymain', '180000'],
      ['sentinel', 'parallel-syncs', 'mymain', '1'],
    ]);
    expect(topology.name).toBe('1 primary, 2 replicas, 3 sentinels apart, quorum 2');
    expect(sentinelServices(topology)).toEqual([{ name: 'mymain', sentinels: ['s1:26379', 's2:26379', 's3:26379'] }]);
  });

  test('beside: five nodes, each with its sentinel on the same machine; or fewer sentinels than nodes', () => {
    const topology = sentinelTopology({ ...PLAN, replicas: 4, sentinels: 5, quorum: 3, placement: 'beside' });
    expect(topology.machines.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    expect(topology.processes.filter(({ kind }) => kind === 'sentinel').map(({ name, machine }) => `${name} ${machine}`)).toEqual(
      ['n1-sentinel n1', 'n2-sentinel n2', 'n3-sentinel n3', 'n4-sentinel n4', 'n5-sentinel n5']);
    const few = sentinelTopology({ ...PLAN, replicas: 4, sentinels: 2, placement: 'beside' });
    expect(few.processes.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5', 'n1-sentinel', 'n2-sentinel']);
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('every cell of the quorum table with %i sentinels', (sentinels) => {
    for (let quorum = 1; quorum <= sentinels; quorum++) {
      const topology = sentinelTopology({ replicas: 2, sentinels, quorum, placement: 'apart', downAfterMs: 3000, failoverTimeoutMs: 18_000 });
      const watching = topology.processes.filter(({ kind }) => kind === 'sentinel');
      expect(watching).toHaveLength(sentinels);
      for (const { directives } of watching) {
        expect(directives).toContainEqual(['sentinel', 'monitor', 'mymain', '10.0.0.1', '6379', String(quorum)]);
        expect(directives).toContainEqual(['sentinel', 'down-after-milliseconds', 'mymain', '3000']);
        expect(directives).toContainEqual(['sentinel', 'failover-timeout', 'mymain', '18000']);
      }
      expect(new Set(topology.machines.map(({ address }) => address)).size).toBe(3 + sentinels);
    }
  });

  test('options: for all nodes, for one process, zones, restart policy', () => {
    const topology = sentinelTopology({
      ...PLAN, name: 'mine', directives: [['appendonly', 'yes']],
      directivesOf: { n2: [['replica-priority', '0']], s1: [['sentinel', 'deny-scripts-reconfig', 'yes']] },
      zones: ['a', 'b'], restart: 'always', parallelSyncs: 2,
    });
    expect(topology.name).toBe('mine');
    expect(processOf(topology, 'n2')).toMatchObject({
      restart: 'always', origin: 'mine: n2',
      directives: [['port', '6379'], ['appendonly', 'yes'], ['replica-priority', '0'], ['replicaof', '10.0.0.1', '6379']],
    });
    expect(processOf(topology, 'n1').directives).toEqual([['port', '6379'], ['appendonly', 'yes']]);
    expect(processOf(topology, 's1').directives.at(-1)).toEqual(['sentinel', 'deny-scripts-reconfig', 'yes']);
    expect(processOf(topology, 's2').directives.at(-1)).toEqual(['sentinel', 'parallel-syncs', 'mymain', '2']);
    expect(topology.machines.map(({ name, zone }) => `${name}${zone}`)).toEqual(['n1a', 'n2b', 'n3a', 's1a', 's2b', 's3a']);
  });

  test('two primaries, watched by all sentinels under names of their own', () => {
    const topology = sentinelTopology({ ...PLAN, primaries: 2, replicas: 1, sentinels: 2 });
    expect(topology.processes.slice(0, 4).map(({ directives }) => directives.find(([name]) => name === 'replicaof')?.[1])).toEqual(
      [undefined, '10.0.0.1', undefined, '10.0.0.3']);
    const { directives } = processOf(topology, 's1');
    expect(directives.filter((words) => words[1] === 'monitor')).toEqual([
      ['sentinel', 'monitor', 'mymain', '10.0.0.1', '6379', '2'], ['sentinel', 'monitor', 'mymain2', '10.0.0.3', '6379', '2']]);
    expect(directives.filter(([name]) => name === 'port')).toHaveLength(1);
    expect(sentinelServices(topology).map(({ name }) => name)).toEqual(['mymain', 'mymain2']);
  });

  test.each<[Partial<SentinelPlan>, RegExp]>([
    [{ sentinels: 4, placement: 'beside' }, /: 4 sentinels cannot each stand beside one of 3 data nodes$/],
    [{ sentinels: 0 }, /primaries, sentinels and quorum must be whole numbers from 1$/],
    [{ quorum: 0 }, /primaries, sentinels and quorum must be whole numbers from 1$/],
    [{ primaries: 1.5 }, /must be whole numbers from 1$/],
    [{ replicas: -1 }, /replicas must be a whole number from 0$/],
    [{ replicas: 260 }, /more than 256 machines$/],
    [{ directivesOf: { n9: [] } }, /directivesOf names 'n9', and there is no such process$/],
  ])('refuses %j', (change, message) => {
    expect(() => sentinelTopology({ ...PLAN, ...change })).toThrow(ScenarioError);
    expect(() => sentinelTopology({ ...PLAN, ...change })).toThrow(message);
  });
});

describe('topologyOf', () => {
  test('servers alone: numbered addresses, no persistence, whom they follow', () => {
    const topology = topologyOf('chain', [{ name: 'a' }, { name: 'b', follows: 'a', directives: [['repl-timeout', '5']] }]);
    expect(topology.machines.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(processOf(topology, 'b').directives).toEqual(
      [['port', '6379'], ['save', ''], ['repl-timeout', '5'], ['replicaof', 'a', '6379']]);
  });
});
