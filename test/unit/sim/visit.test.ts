import { describe, expect, test } from 'vitest';
import { runScenario } from '../../../sim/run.ts';
import { ask, visit } from '../../../sim/visit.ts';
import { resolvedScenario } from '../../simulation/resolved.ts';

describe('a visit', () => {
  const scenario = resolvedScenario('sentinel/primary-killed');

  test('is the same run up to its instant, settling included', () => {
    for (const atMs of [30_000, scenario.durationMs + 5_000]) {
      const wanted: string[] = [];
      const seen: string[] = [];
      const key = ({ id, at, kind, a, b }: { id: number; at: number; kind: string; a: number; b: number }): string =>
        `${id} ${at} ${kind} ${a} ${b}`;
      runScenario(scenario, 1, { sink: { record: (record) => {
        if (record.at <= atMs * 1000) wanted.push(key(record));
      } } });
      visit(scenario, 1, atMs * 1000, { record: (record) => seen.push(key(record)) });
      expect(seen.length).toBeGreaterThan(1000);
      expect(seen.findIndex((line, index) => line !== wanted[index])).toBe(-1);
    }
  });

  test('asks a node for itself', () => {
    const before = ask(visit(scenario, 1, 15_000_000), 'redis-main', [['ROLE'], ['DBSIZE']]);
    expect(before.failure).toBeNull();
    expect(before.replies[0]).toMatchObject(['master', expect.any(Number), expect.any(Array)]);
    expect(before.replies[1]).toBeGreaterThan(0);
    const sentinel = ask(visit(scenario, 1, 39_000_000), 'redis-sentinel-1', [['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymain']]);
    expect(sentinel.replies[0]).not.toEqual(['10.0.0.1', '6379']);
  });

  test('a dead node says nothing', () => {
    const dead = ask(visit(scenario, 1, 25_000_000), 'redis-main', [['PING']]);
    expect(dead).toMatchObject({ replies: [], failure: expect.any(String) });
    expect(() => ask(visit(scenario, 1, 1000), 'nobody', [['PING']])).toThrow("no server is called 'nobody'");
  });
});
