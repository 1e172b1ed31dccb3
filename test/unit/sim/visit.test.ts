import { describe, expect, test } from 'vitest';
import { runScenario } from '../../../sim/run.ts';
import { Visit, ask } from '../../../sim/visit.ts';
import type { World } from '../../../sim/world.ts';
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
      const visit = new Visit(scenario, 1, { record: (record) => seen.push(key(record)) });
      // In steps as odd as they may be: there and back, and across the beginning of settling.
      for (let at = 0; at < atMs * 1000; at += 1_234_567) visit.advance(at);
      visit.advance(atMs * 1000);
      visit.advance(1000);
      expect(visit.at).toBe(atMs * 1000);
      expect(seen.length).toBeGreaterThan(1000);
      expect(seen.findIndex((line, index) => line !== wanted[index])).toBe(-1);
    }
  });

  const worldAt = (atMicros: number): World => {
    const visit = new Visit(scenario, 1);
    visit.advance(atMicros);
    return visit.world;
  };

  test('asks a node for itself', () => {
    const before = ask(worldAt(15_000_000), 'redis-main', [['ROLE'], ['DBSIZE']]);
    expect(before.failure).toBeNull();
    expect(before.replies[0]).toMatchObject(['master', expect.any(Number), expect.any(Array)]);
    expect(before.replies[1]).toBeGreaterThan(0);
    const sentinel = ask(worldAt(39_000_000), 'redis-sentinel-1', [['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymain']]);
    expect(sentinel.replies[0]).not.toEqual(['10.0.0.1', '6379']);
  });

  test('a dead node says nothing', () => {
    const dead = ask(worldAt(25_000_000), 'redis-main', [['PING']]);
    expect(dead).toMatchObject({ replies: [], failure: expect.any(String) });
    expect(() => ask(worldAt(1000), 'nobody', [['PING']])).toThrow("no server is called 'nobody'");
  });
});
