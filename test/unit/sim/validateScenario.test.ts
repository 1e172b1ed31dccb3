/** Scenarios from strangers: what comes out is what went in, and every wrong field is named by its path. */
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { ScenarioError } from '../../../engine/core/errors.ts';
import { scenarios } from '../../../scenarios/index.ts';
import { validateScenario } from '../../../sim/validateScenario.ts';

type Json = Record<string, unknown>;

const sample = (): Json => JSON.parse(JSON.stringify(scenarios[0])) as Json;

/** The sample with the field at `path` set to `value`. */
const changed = (path: readonly (string | number)[], value: unknown): Json => {
  const scenario = sample();
  let target: Json = scenario;
  for (const name of path.slice(0, -1)) target = target[name] as Json;
  target[path.at(-1) ?? ''] = value;
  return scenario;
};

describe('validateScenario', () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario]))('%s survives JSON', (_name, scenario) => {
    expect(validateScenario(JSON.parse(JSON.stringify(scenario)), 'x')).toEqual(scenario);
  });

  test('times as patterns and as microseconds', () => {
    const plan = [
      { when: { after: { kind: 'note', node: 'a', fields: { kind: 'role' } }, nth: 2, delayMs: 5 }, do: 'heal' },
      { when: { atMicros: 20_000_001 }, do: 'partition', with: { groups: [['a'], ['b']], oneWay: true } },
    ];
    expect(validateScenario(changed(['plan'], plan), 'x').plan).toEqual(plan);
  });

  test.each<[readonly (string | number)[], unknown, string]>([
    [['durationMs'], -1, 'durationMs'],
    [['durationMs'], 1e12, 'durationMs'],
    [['durationMs'], '60000', 'durationMs'],
    [['settlingMs'], 0.5, 'settlingMs'],
    [['name'], 7, 'name'],
    [['name'], 'two\nlines', 'name'],
    [['name'], 'a'.repeat(1000), 'name'],
    [['nmae'], 'x', 'nmae'],
    [['topology'], null, 'topology'],
    [['topology'], { file: '../../etc/passwd' }, 'topology.file'],
    [['topology'], { name: 'x', machines: [], processes: [], warnings: [] }, 'topology.processes'],
    [['workload', 'clients', 1, 'operationsPerSecond'], 1e6, 'workload.clients[1].operationsPerSecond'],
    [['workload', 'clients', 1, 'server'], 'nowhere', 'workload.clients[1].server'],
    [['workload', 'clients', 1, 'name'], 'C1', 'workload.clients[1].name'],
    [['workload', 'clients', 0, 'kind'], 'increment', 'workload.clients[0].kind'],
    [['plan'], Array.from({ length: 1001 }, () => ({})), 'plan'],
    [['plan', 2, 'when'], {}, 'plan[2].when.after'],
    [['plan', 2, 'when'], { atMs: 1, nth: 2 }, 'plan[2].when.nth'],
    [['plan', 2, 'do'], 'rm -rf', 'plan[2].do'],
    [['plan', 2, 'with'], { primary: {} }, 'plan[2].with.primary'],
    [['plan', 2, 'with'], { x: Number.NaN }, 'plan[2].with.x'],
    [['expects', 'verdicts', 'convergence'], 'maybe', 'expects.verdicts.convergence'],
    [['expects', 'lost'], { min: -1 }, 'expects.lost.min'],
  ])('names the field %j', (path, value, named) => {
    let message = '';
    try {
      validateScenario(changed(path, value), 'x.json');
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      message = (error as ScenarioError).message;
    }
    expect(message.startsWith(`x.json: ${named}: `)).toBe(true);
    expect(message).not.toContain('\n');
  });

  test('a name of the prototype is a name like any other, and refused', () => {
    const plan = '[{"when":{"atMs":1},"do":"heal","with":{"__proto__":{"polluted":true}}}]';
    expect(() => validateScenario(changed(['plan'], JSON.parse(plan)), 'x')).toThrow(ScenarioError);
  });

  test('too much work is refused', () => {
    const scenario = changed(['durationMs'], 86_400_000);
    (scenario['workload'] as Json)['clients'] = Array.from({ length: 64 }, (_, index) => ({
      name: `C${index}`, zone: 'a', kind: 'setAdd', operationsPerSecond: 1000, server: 'a:1', timeoutMs: 1000,
    }));
    expect(() => validateScenario(scenario, 'x')).toThrow(/workload\.clients: ask for more than/);
  });

  test('whatever the JSON, a scenario or a ScenarioError', () => {
    fc.assert(fc.property(fc.constantFrom(...Object.keys(sample())), fc.jsonValue(), (name, value) => {
      try {
        validateScenario(changed([name], value), 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(ScenarioError);
      }
    }));
  });
});
