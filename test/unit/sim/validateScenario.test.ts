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

const reader = (fields: Json): Json => (
  { name: 'R1', zone: 'a', kind: 'reader', operationsPerSecond: 10, server: 'a:1', timeoutMs: 1000, ...fields });

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

  test('clients that share their keys, each with the fields of its kind and no others', () => {
    const base = { name: 'C1', zone: 'a', operationsPerSecond: 10, server: 'a:1', timeoutMs: 1000 };
    const read = (fields: Json): unknown => validateScenario(changed(['workload', 'clients'], [{ ...base, ...fields }]), 'x').workload.clients[0];
    for (const fields of [
      { kind: 'sharedRegister', keys: 3, loop: 'closed', thinkMs: 20 }, { kind: 'queue', queue: { side: 'consumer', takesBy: 'LMOVE' } },
      { kind: 'lock', lock: { leaseMs: 5000, holdMs: 100 } }, { kind: 'counter', loop: 'open' }, { kind: 'multiKey', hashTag: 't' },
    ]) expect(read(fields)).toEqual({ ...base, ...fields });
    for (const [fields, path] of [
      [{ kind: 'counter', wait: { replicas: 1, timeoutMs: 5 } }, 'wait'], [{ kind: 'counter', lock: { leaseMs: 1, holdMs: 1 } }, 'lock'],
      [{ kind: 'queue', queue: { side: 'producer', takesBy: 'LPOP' } }, 'queue.takesBy'], [{ kind: 'lock', lock: { leaseMs: 0, holdMs: 1 } }, 'lock.leaseMs'],
      [{ kind: 'queue', queue: { side: 'both' } }, 'queue.side'],
    ] as const) expect(() => read(fields)).toThrow(`x: workload.clients[0].${path}: `);
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
    [['workload', 'clients', 0, 'queue'], { side: 'producer' }, 'workload.clients[0].queue'],
    [['workload', 'clients', 0, 'thinkMs'], 5, 'workload.clients[0].thinkMs'],
    [['workload', 'clients', 0, 'loop'], 'endless', 'workload.clients[0].loop'],
    [['plan'], Array.from({ length: 1001 }, () => ({})), 'plan'],
    [['plan', 2, 'when'], {}, 'plan[2].when.after'],
    [['plan', 2, 'when'], { atMs: 1, nth: 2 }, 'plan[2].when.nth'],
    [['plan', 2, 'do'], 'rm -rf', 'plan[2].do'],
    [['plan', 2, 'with'], { primary: {} }, 'plan[2].with.primary'],
    [['plan', 2, 'with'], { x: Number.NaN }, 'plan[2].with.x'],
    [['expects', 'verdicts', 'convergence'], 'maybe', 'expects.verdicts.convergence'],
    [['expects', 'lost'], { min: -1 }, 'expects.lost.min'],
    [['expects', 'waitedLost'], { most: 1 }, 'expects.waitedLost.most'],
    [['expects', 'fullSyncs'], 2, 'expects.fullSyncs'],
    [['expects', 'staleMs'], { max: 0.5 }, 'expects.staleMs.max'],
    [['expects', 'tolerance'], { share: 1 }, 'expects.tolerance.share'],
    [['expects', 'tolerance'], { ms: -1 }, 'expects.tolerance.ms'],
    [['workload', 'clients', 0, 'wait'], { replicas: 0, timeoutMs: 1 }, 'workload.clients[0].wait.replicas'],
    [['workload', 'clients', 0, 'wait'], { replicas: 1 }, 'workload.clients[0].wait.timeoutMs'],
    [['workload', 'clients', 0, 'valueBytes'], 1e9, 'workload.clients[0].valueBytes'],
    [['workload', 'clients', 0, 'servers'], ['a:1'], 'workload.clients[0].servers'],
    [['workload', 'clients', 2], reader({ wait: { replicas: 1, timeoutMs: 1 } }), 'workload.clients[2].wait'],
    [['workload', 'clients', 2], reader({ valueBytes: 10 }), 'workload.clients[2].valueBytes'],
    [['workload', 'clients', 2], reader({ servers: ['a:1', 'b'] }), 'workload.clients[2].servers[1]'],
    // The third client of the sample is the one that writes registers.
    [['workload', 'clients', 2], reader({}), 'workload.clients'],
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

  test('too many bytes are refused', () => {
    const scenario = sample();
    const [first] = (scenario['workload'] as { clients: Json[] }).clients;
    Object.assign(first ?? {}, { valueBytes: 1_048_576 });
    expect(() => validateScenario(scenario, 'x')).toThrow(/workload\.clients: write more than 134217728 bytes of values/);
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
