/** The lines of a run's report that stand only where they say something. */
import { describe, expect, test } from 'vitest';
import { styleFor } from '../../../../scenarios/cli/tables.ts';
import { runReportText } from '../../../../scenarios/cli/runReport.ts';
import { runScenario } from '../../../../sim/index.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';

const textOf = (name: string): string => {
  const scenario = resolvedScenario(name);
  return runReportText(styleFor({ isTTY: false, columns: 140 }), scenario, runScenario(scenario, 1));
};

describe('runReportText', () => {
  test('WAIT: what the clients send, what it acknowledged, and what was lost of that', () => {
    const text = textOf('replication/wait-and-still-lost');
    expect(text).toContain('client: setAdd, 10 a second, WAIT 1 50');
    expect(text).toMatch(/\d+ acknowledged by WAIT too, 1\d\d of which were lost/);
    expect(text).toMatch(/acknowledged at \d+\.\d+ s, by WAIT for 1 replica/);
    expect(text).toMatch(/Synchronisations\n {2}\d full, \d partial, \d requests? to resume refused/);
    expect(text).not.toContain('What readers saw');
  });

  test('readers: whom they ask, and how old what they saw was', () => {
    const text = textOf('replication/stale-replica-reads');
    expect(text).toContain('client: reader, 20 a second, of redis-replica-1:6379');
    expect(text).toMatch(/What readers saw\n {2}\d+ of 1,\d\d\d reads were out of date: up to [12]\.\d\d\d s, in the median 1\./);
    expect(text).toContain('fresh-reads');
    expect(text).not.toContain('WAIT');
  });

  test('commands of the plan are shown in full, large values by their size', () => {
    const text = textOf('replication/slow-replica-resumes');
    expect(text).toContain('CONFIG SET repl-backlog-size 64mb');
    expect(text).toContain('values of 49,152 bytes');
    expect(text).toContain('2 full, 1 partial, 0 requests to resume refused');
  });
});
