/** The scenarios that come with the project, and a stranger's compose file as a scenario. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../engine/core/errors.ts';
import { findScenario, readSavedRun, resolve, saveRun, scenarioFor, scenarios } from '../../../scenarios/index.ts';
import { expandScenario } from '../../../sim/fault/expandPlan.ts';
import { importCompose } from '../../../sim/topology/compose.ts';
import { noOtherFiles } from '../../../sim/topology/importDeployment.ts';
import type { ReadText } from '../../../sim/topology/topology.ts';

const readSeed: ReadText = (file) => readFileSync(new URL(`../../../scenarios/seeds/${file}`, import.meta.url), 'utf8');

describe('scenarios', () => {
  test('names are unique, and found', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const scenario of scenarios) expect(findScenario(scenario.name)).toBe(scenario);
    expect(findScenario('replication/nothing')).toBeNull();
  });

  test.each(scenarios.map((scenario) => [scenario.name, scenario]))('%s resolves, and every name in its plan exists', (_name, scenario) => {
    const resolved = expandScenario(resolve(scenario, readSeed), 1);
    const names = new Set([
      ...resolved.topology.processes.flatMap((process) => [process.name, ...process.aliases]),
      ...resolved.workload.clients.map((client) => client.name),
      ...resolved.workload.probes.map((probe) => probe.name),
      // What actions start.
      'redis-cli',
    ]);
    for (const entry of resolved.plan) {
      const groups = entry.with?.['groups'];
      const mentioned = [entry.target, entry.with?.['name'], entry.with?.['to'], ...(Array.isArray(groups) ? groups.flat() : [])];
      for (const name of mentioned) if (typeof name === 'string' && !name.includes(' ')) expect(names).toContain(name);
    }
    for (const { server, sentinel, sentinelOnce, cluster } of resolved.workload.clients) {
      const places = server === undefined ? cluster?.nodes ?? (sentinel ?? sentinelOnce)?.sentinels ?? [] : [server];
      expect(places).not.toEqual([]);
      for (const place of places) expect(names).toContain(place.split(':')[0]);
    }
    const last = Math.max(...resolved.plan.map((entry) => ('atMs' in entry.when ? entry.when.atMs : 0)));
    expect(last).toBeLessThan(resolved.durationMs);
  });

  test('a compose file gets the plan of the main job', () => {
    const scenario = scenarioFor(importCompose(readSeed('replication.compose.yaml'), 'mine.yaml', noOtherFiles));
    expect(scenario.name).toBe('mine.yaml');
    expect(scenario.plan).toEqual(findScenario('replication/primary-power-loss')?.plan);
  });

  test('a lone node has nobody to promote', () => {
    const topology = importCompose(readSeed('standalone.compose.yaml'), 'alone.yaml', noOtherFiles);
    expect(() => scenarioFor(topology)).toThrow(ScenarioError);
  });

  test('a saved run comes back, and is validated', () => {
    const [first] = scenarios;
    if (first === undefined) throw new Error('no scenario');
    const saved = saveRun(resolve(first, readSeed), 7, '0123456789abcdef');
    const json = JSON.parse(JSON.stringify(saved)) as Record<string, unknown>;
    expect(readSavedRun(json, 'x')).toEqual(saved);
    expect(() => readSavedRun({ ...json, seed: -1 }, 'x')).toThrow(/^x: seed: /);
    expect(() => readSavedRun({ ...json, faultline: 99 }, 'x')).toThrow(/^x: faultline: /);
    expect(() => readSavedRun({ ...json, scenario: first }, 'x')).toThrow(/^x: scenario\.topology: /);
  });
});
