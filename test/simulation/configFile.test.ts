/**
 * What CONFIG REWRITE wrote, after a restart: it depends on what the deployment does with the file, and decides who comes
 * back as what. Also under power loss, and with a file that was damaged.
 */
import { describe, expect, test } from 'vitest';
import { at } from '../../scenarios/plan.ts';
import { runScenario } from '../../sim/run.ts';
import type { PlanEntry, ResolvedScenario } from '../../sim/scenario.ts';
import type { ConfigFileKeeping, Topology } from '../../sim/topology/topology.ts';
import { resolvedScenario } from './resolved.ts';

const PORT = 7001;
const FOLLOWS_MAIN = ['replicaof', '10.0.0.10', String(PORT)];

const topology = (configFile: ConfigFileKeeping): Topology => ({
  name: 'two nodes',
  machines: ['redis-main', 'redis-replica-1'].map((name, index) => ({ name, zone: 'zone-a', address: `10.0.0.1${index}` })),
  processes: ['redis-main', 'redis-replica-1'].map((name, index) => ({
    name, kind: 'redis', machine: name, port: PORT, aliases: [], restart: 'always', persistentData: true, configFile,
    directives: [['save', ''], ['appendonly', 'yes'], ['maxclients', '500'], ...(index === 0 ? [] : [FOLLOWS_MAIN])],
    origin: `the test's ${name}`,
  })),
  warnings: [],
});

const command = (atMs: number, target: string, ...argv: readonly string[]): PlanEntry =>
  ({ when: at(atMs), do: 'command', target, with: { argv } });

/** The roles are exchanged by hand, which both nodes write down; then both go and come back. */
const exchanged = (configFile: ConfigFileKeeping, ending: readonly PlanEntry[]): ResolvedScenario => ({
  ...resolvedScenario('replication/primary-power-loss'), name: `configuration file: ${configFile}`,
  topology: topology(configFile), workload: { clients: [], probes: [] },
  plan: [
    { when: at(3000), do: 'promote', target: 'redis-replica-1' },
    { when: at(3500), do: 'follow', target: 'redis-main', with: { primary: 'redis-replica-1' } },
    command(5000, 'redis-main', 'CONFIG', 'SET', 'maxclients', '600'),
    command(5000, 'redis-replica-1', 'CONFIG', 'SET', 'hz', '20'),
    command(5500, 'redis-main', 'CONFIG', 'REWRITE'), command(5500, 'redis-replica-1', 'CONFIG', 'REWRITE'),
    ...ending,
    command(12_000, 'redis-main', 'CONFIG', 'GET', 'maxclients'),
  ],
  durationMs: 15_000, settlingMs: 10_000, expects: { verdicts: {} },
});

const KILLED: readonly PlanEntry[] = ['redis-main', 'redis-replica-1'].map((target) => ({ when: at(7000), do: 'kill', target }));
const WITHOUT_POWER: readonly PlanEntry[] =
  ['redis-main', 'redis-replica-1'].map((target) => ({ when: at(5700), do: 'power', target, forMs: 1000 }));

const rolesAfter = (scenario: ResolvedScenario, seed: number): string[] =>
  runScenario(scenario, seed).nodes.map((node) => `${node.name}: ${node.role}`);

const AS_AT_FIRST = ['redis-main: primary', 'redis-replica-1: replica'];
const EXCHANGED = ['redis-main: replica', 'redis-replica-1: primary'];

describe('who comes back as what after CONFIG REWRITE', () => {
  test.each<[ConfigFileKeeping, readonly string[]]>([
    ['none', AS_AT_FIRST], ['rewritten', AS_AT_FIRST], ['kept', EXCHANGED],
    // The entrypoint finds no replicaof to set in the file of a node that was promoted.
    ['set', EXCHANGED],
  ])('%s, killed', (configFile, roles) => expect(rolesAfter(exchanged(configFile, KILLED), 1)).toEqual(roles));

  test.each([1, 2, 3, 4, 5, 6])('a rewritten file is durable at once: power loss, seed %i', (seed) => {
    expect(rolesAfter(exchanged('kept', WITHOUT_POWER), seed)).toEqual(EXCHANGED);
  });

  test('without a file it is refused', () => {
    const report = runScenario(exchanged('none', KILLED), 1);
    const outcomes = report.strikes.filter(({ entry }) => JSON.stringify(entry).includes('REWRITE')).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(Array.from({ length: 2 }, () => expect.stringContaining('The server is running without a config file')));
  });

  test('the run is the same every time', () => {
    const [first, second] = [1, 1].map((seed) => runScenario(exchanged('set', KILLED), seed).traceHash);
    expect(second).toBe(first);
  });
});
