/** Faults of the name service: replicas that lost their link must look up whom they follow. */
import { describe, expect, test } from 'vitest';
import type { PlanEntry } from '../../../../sim/index.ts';
import { END_MS, STRIKE_MS, type FaultRun, runFault } from './faultWorld.ts';

const RESET_AT_MS = STRIKE_MS + 100;
const RESET: PlanEntry = { when: { atMs: RESET_AT_MS }, do: 'reset', target: 'redis-replica-1' };

/** Milliseconds from the reset until the replica is connected again; null: it never is. */
const reconnected = ({ records }: FaultRun): number | null => {
  const note = records.find(({ at, kind, node, detail }) => {
    const said = detail?.['note'] as { readonly kind?: string; readonly state?: string } | undefined;
    return kind === 'note' && node === 'redis-replica-1' && at > RESET_AT_MS * 1000 && said?.kind === 'sync' && said.state === 'connected';
  });
  return note === undefined ? null : note.at / 1000 - RESET_AT_MS;
};

const during = (entry: Omit<PlanEntry, 'when'>): FaultRun => runFault([{ when: { atMs: STRIKE_MS }, ...entry }, RESET]);

test('without a fault a second is enough', () => expect(reconnected(runFault([RESET]))).toBeLessThan(1500));

test('silentNames: nobody is found until it ends', () => {
  expect(reconnected(during({ do: 'silentNames', forMs: 6000 }))).toBeGreaterThan(5800);
  expect(reconnected(during({ do: 'silentNames' }))).toBeGreaterThan(END_MS - RESET_AT_MS - 1);
});

test('slowNames: each lookup takes so much longer', () => {
  const waited = reconnected(during({ do: 'slowNames', forMs: 6000, with: { delayMs: 2000 } }));
  expect(waited).toBeGreaterThan(2000);
  expect(waited).toBeLessThan(4000);
});

describe('wrongName', () => {
  test('does not resolve', () => {
    const run = during({ do: 'wrongName', forMs: 4000, with: { name: 'redis-main' } });
    expect(run.strike.outcome).toBe('redis-main does not resolve');
    expect(reconnected(run)).toBeGreaterThan(3800);
    expect(run.report.failures).toEqual([]);
  });

  test('resolves to another machine: the replica follows the other replica until it ends', () => {
    const run = during({ do: 'wrongName', forMs: 4000, with: { name: 'redis-main', to: 'redis-replica-2' } });
    expect(run.strike.outcome).toBe('redis-main resolves to redis-replica-2 (10.0.0.12)');
    const asked = run.between(RESET_AT_MS, STRIKE_MS + 4000, 'syn').map(({ node, detail }) => `${String(detail?.['from'])} ${node}`);
    expect(asked).toContain('redis-replica-1 machine/redis-replica-2');
  });
});
