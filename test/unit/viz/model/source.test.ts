import { describe, expect, test } from 'vitest';
import { readerIn } from '../../../../scenarios/cli/files.ts';
import { saveRun } from '../../../../scenarios/index.ts';
import { runScenario } from '../../../../sim/run.ts';
import { namedScenario, readSource } from '../../../../viz/model/source.ts';
import { Theatre } from '../../../../viz/model/theatre.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

const NAME = 'replication/primary-killed';
const seeds = readerIn(null);
const read = (text: string, name = 'file.json'): ReturnType<typeof readSource> => readSource(text, name, 4, seeds);

describe('readSource', () => {
  const scenario = { ...resolvedScenario(NAME), durationMs: 2000, settlingMs: 0, expects: { verdicts: {} }, plan: [] };

  test('a saved run brings its seed and its hash', () => {
    const source = read(JSON.stringify(saveRun(scenario, 9, 'abc')));
    expect(source).toMatchObject({ seed: 9, traceHash: 'abc', trace: null });
    const view = finished(new Theatre().openSource(source));
    expect(view.origin).toEqual({ kind: 'saved', traceHash: 'abc' });
    expect(view.report.traceHash).toBe(runScenario(scenario, 9).traceHash);
  });

  test('one with planted bugs is refused: it would be another run', () => {
    expect(() => read(JSON.stringify(saveRun(scenario, 9, 'abc', { planted: ['votesTwice'] })))).toThrow('bugs that were planted (votesTwice)');
  });

  test('a report runs again with its plan', () => {
    const plan = [{ when: { atMs: 500 }, do: 'kill', target: 'the primary' }];
    const source = read(JSON.stringify({ ...runScenario({ ...scenario, plan }, 3), scenario: NAME }));
    expect(source.scenario?.plan).toEqual(plan);
    expect(source.seed).toBe(3);
  });

  test('a scenario and a deployment file get the seed of the page', () => {
    expect(read(JSON.stringify(scenario))).toMatchObject({ seed: 4, traceHash: null });
    const compose = read(seeds('sentinel.compose.yaml'), 'mine.yaml');
    expect(compose.scenario?.topology.processes.map(({ name }) => name)).toContain('redis-sentinel-1');
    expect(namedScenario(NAME, seeds).name).toBe(NAME);
  });

  test.each([
    ['nonsense', 'file.json: not JSON'], ['{"a":1}', 'file.json: a: is not known here'], ['{"trace":"faultline","version":99}', 'a trace of version 99'],
    ['{"ledger":{},"traceHash":"a","scenario":"x/y","seed":1}', "a report of 'x/y', which does not come with this page"],
    ['{"ledger":{},"traceHash":"a","scenario":"x/y","seed":-1}', 'without scenario, seed or hash'],
  ])('%s is one clear line', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => namedScenario('no/such', seeds)).toThrow("unknown scenario 'no/such'");
  });
});
