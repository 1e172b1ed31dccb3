import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../../../../engine/core/errors.ts';
import { readerIn } from '../../../../../scenarios/cli/files.ts';
import { type MeasuredRun, compareWorlds } from '../../../../../scenarios/cli/real/comparison.ts';
import { FIDELITY_SCENARIOS } from '../../../../../scenarios/cli/real/fidelityList.ts';
import { fidelityPage } from '../../../../../scenarios/cli/real/fidelityPage.ts';
import { FidelityState, type FinishedRun, STALL_MS_MAX, digestOf, kindOf } from '../../../../../scenarios/cli/real/fidelityState.ts';
import { fidelityTable } from '../../../../../scenarios/cli/real/fidelityTable.ts';
import { NameBook } from '../../../../../scenarios/cli/real/nameBook.ts';
import { strike } from '../../../../../scenarios/cli/real/realFaults.ts';
import { findScenario, resolve } from '../../../../../scenarios/index.ts';
import { expandScenario } from '../../../../../sim/index.ts';

const measured = (failoverMs: number | null): MeasuredRun => ({
  verdicts: { check: 'holds' }, notDone: [],
  figures: { acknowledged: 100, lost: 0, lostPercent: 0, unavailableMs: 1000, failoverMs, orders: {} },
});
const finished = (change: Partial<FinishedRun> = {}): FinishedRun => ({
  scenario: 'x/y', digest: 'd', world: 'real', version: 'Redis server v=7.0.15', endedAt: '2026-11-23T05:00:00.000Z', load: 3, stallMs: 60,
  run: measured(4000), details: {}, ...change,
});
const compare = (virtual: readonly number[], real: readonly number[]) => compareWorlds('x/y', [
  { world: 'virtual', runs: virtual.map(measured) }, { world: 'real', runs: real.map(measured) }]);

describe('the state of a campaign', () => {
  let directory = '';
  let file = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fidelity-'));
    file = join(directory, 'state.jsonl');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('is written at once and read again, and a line that was cut off is made again', () => {
    const state = new FidelityState(file, false);
    state.add(finished());
    state.add(finished({ world: 'ours on TCP' }));
    appendFileSync(file, '{"scenario":"x/y","wor');
    const resumed = new FidelityState(file, true);
    expect(resumed.runs).toEqual(state.runs);
    resumed.add(finished({ load: 4 }));
    expect(new FidelityState(file, true).runs.map(({ load }) => load)).toEqual([3, 3, 4]);
  });

  test('is not gone on with by mistake, nor read from another file', () => {
    new FidelityState(file, false).add(finished());
    expect(() => new FidelityState(file, false)).toThrow(ConfigError);
    writeFileSync(file, '{"scenario":1}\n');
    expect(() => new FidelityState(file, true)).toThrow(/line 1 is no run/);
    writeFileSync(file, 'nothing\n');
    expect(() => new FidelityState(file, true)).toThrow(ConfigError);
    expect(readFileSync(file, 'utf8')).toBe('nothing\n');
  });

  test('counts what a busy machine disturbed and what came to nothing apart, and runs of another text not at all', () => {
    expect([finished(), finished({ stallMs: STALL_MS_MAX + 1 }), finished({ run: null, stallMs: 0 })].map(kindOf)).toEqual(['counted', 'disturbed', 'failed']);
    const state = new FidelityState(file, false);
    state.add(finished());
    state.add(finished({ digest: 'of another text' }));
    state.add(finished({ stallMs: STALL_MS_MAX + 1 }));
    expect(state.of('x/y', 'd', 'real', 'counted')).toHaveLength(1);
    expect(state.of('x/y', 'd', 'real', 'disturbed')).toHaveLength(1);
    expect(state.of('x/y', 'd', 'ours on TCP', 'counted')).toHaveLength(0);
  });
});

describe('docs/fidelity.md', () => {
  test('its table has a row for each world', () => {
    const text = fidelityTable([compare([4000, 4100], [5000, 6000])]);
    expect(text).toContain('| `x/y` | virtual | 2 | 0 % (0–0) | 4050 ms (4000–4100) | 1000 ms (1000–1000) | 0 |  |');
    expect(text).toContain('|  | real | 2 | 0 % (0–0) | 5500 ms (5000–6000) | 1000 ms (1000–1000) | 0 | different |');
    expect(fidelityTable([compare([4000], [])])).toContain('| not measured |');
  });

  test('tells the machine, what differs, and every run that does not count', () => {
    const runs = [finished(), finished({ stallMs: 900 }), finished({ run: null, details: { failed: 'n1 was ended by SIGBUS' } })];
    const text = fidelityPage([compare([4000, 4100], [5000, 6000])], runs, '0.1.0');
    expect(text).toContain('- real: Redis server v=7.0.15');
    expect(text).toContain('Runs: 1 count. 1 were made again');
    expect(text).toContain('1 came to nothing (`x/y`: n1 was ended by SIGBUS)');
    expect(text).toContain('- failover: virtual 4050 ms, real 5500 ms in the median');
    expect(fidelityPage([compare([4000], [4100])], runs, '0.1.0')).toContain('No row of the table differs.');
  });

  test('its scenarios are of the library, twenty at least, of all four kinds, and nothing in them is beyond the real world', () => {
    expect(FIDELITY_SCENARIOS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(FIDELITY_SCENARIOS.map((name) => name.split('/')[0]))).toEqual(new Set(['replication', 'persistence', 'sentinel', 'cluster']));
    const nobody = {
      processes: () => [], machineNames: () => [], machine: () => undefined, everyone: [], addEffect: () => () => undefined,
      network: { names: new NameBook(), reset: () => '0 connections reset', hasOwnDisks: true },
      operate: () => undefined, startTool: () => 'redis-cli', killTool: () => false, clusterPassword: undefined,
    };
    const digests = FIDELITY_SCENARIOS.map((name) => {
      const scenario = resolve(findScenario(name) ?? expect.fail(`no scenario is called ${name}`), readerIn(null));
      for (const entry of expandScenario(scenario, 1).plan) expect(strike(nobody, entry, () => undefined), `${name}: ${entry.do}`).not.toHaveProperty('notDone');
      return digestOf(scenario);
    });
    expect(new Set(digests).size).toBe(digests.length);
  });
});
