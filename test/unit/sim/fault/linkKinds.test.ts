/** Faults of links as a plan strikes them: what stops, what slows down, and who is left alone. */
import { describe, expect, test } from 'vitest';
import { END_MS, STRIKE_MS, completed, runFault } from './faultWorld.ts';

const FOR_MS = 3000;
const DURING = [STRIKE_MS, STRIKE_MS + FOR_MS] as const;
const BEFORE = [STRIKE_MS - FOR_MS, STRIKE_MS] as const;

describe('partition', () => {
  test('the others are all that no group names, clients too', () => {
    const run = runFault({ do: 'partition', forMs: FOR_MS, with: { groups: [['redis-main', 'C1'], ['the others']] } });
    expect(run.strike.resolved).toBe('redis-main C1 | redis-replica-1 redis-replica-2 C2 C3 P1 operator');
    expect(completed(run, 'C1', ...DURING)).toBeGreaterThan(20);
    expect(completed(run, 'C2', ...DURING)).toBe(0);
    expect(completed(run, 'C2', END_MS - 2000, END_MS)).toBeGreaterThan(10);
  });

  test('a machine that two groups mean stands in the first', () => {
    const run = runFault({ do: 'partition', forMs: FOR_MS, with: { groups: [['the primary'], ['redis-main', 'redis-replica-1']] } });
    expect(run.strike.resolved).toBe('redis-main | redis-replica-1');
  });

  test('one way: requests arrive and are executed, answers do not', () => {
    const run = runFault({ do: 'partition', forMs: FOR_MS, with: { groups: [['redis-main'], ['C1', 'C2', 'C3', 'P1']], oneWay: true } });
    expect(completed(run, 'C1', ...DURING)).toBe(0);
    expect(run.report.ledger.unacknowledgedEffective).toBeGreaterThan(0);
    expect(run.report.ledger.lost).toBe(0);
  });

  test('three groups: nobody reaches anybody', () => {
    const run = runFault({ do: 'partition', forMs: FOR_MS, with: { groups: [['redis-main'], ['redis-replica-1'], ['redis-replica-2', 'C1']] } });
    expect(completed(run, 'C1', ...DURING)).toBe(0);
    expect(completed(run, 'C2', ...DURING)).toBeGreaterThan(20);
  });
});

test('clog: what takes half a millisecond takes the delay twice', () => {
  const run = runFault({ do: 'clog', target: 'C1', forMs: FOR_MS, with: { delayMs: 200 } });
  const latencies = run.between(...DURING, 'complete').filter(({ node }) => node === 'C1')
    .map(({ at, detail }) => (at - Number(detail?.['invokedAt'])) / 1000);
  expect(Math.min(...latencies.slice(1))).toBeGreaterThanOrEqual(400);
  expect(completed(run, 'C2', ...DURING)).toBeGreaterThan(20);
});

test('lossy: segments are dropped, and nobody else\'s', () => {
  const run = runFault({ do: 'lossy', target: 'C1', forMs: FOR_MS, with: { percent: 50 } });
  const lost = run.between(...DURING, 'drop').filter(({ detail }) => detail?.['reason'] === 'lost');
  expect(lost.length).toBeGreaterThan(5);
  for (const { node, detail } of lost) expect([node, String(detail?.['to'])].some((name) => name.startsWith('C1'))).toBe(true);
  expect(run.between(...BEFORE, 'drop')).toEqual([]);
});

test('bandwidth: an answer waits for the line', () => {
  const latency = (bytesPerSecond: number): number => {
    const run = runFault({ do: 'bandwidth', target: 'C1', forMs: FOR_MS, with: { bytesPerSecond } });
    const times = run.between(...DURING, 'complete').filter(({ node }) => node === 'C1').slice(1, 4)
      .map(({ at, detail }) => (at - Number(detail?.['invokedAt'])) / 1000);
    return Math.min(...times);
  };
  // A request of about 40 bytes and its answer of 4 at 1000 bytes a second.
  expect(latency(1000)).toBeGreaterThan(30);
  expect(latency(1_000_000)).toBeLessThan(5);
});

describe('reset', () => {
  test('the connections of the target end at both sides, and are made anew', () => {
    const run = runFault({ do: 'reset', target: 'C1' });
    expect(run.strike.outcome).toBe('1 connections reset');
    expect(run.between(STRIKE_MS, STRIKE_MS + 2000, 'syn').filter(({ detail }) => String(detail?.['from']).startsWith('C1'))).toHaveLength(1);
    expect(completed(run, 'C1', STRIKE_MS + 2000, END_MS)).toBeGreaterThan(40);
  });

  test('from one side to another: only those', () => {
    const run = runFault({ do: 'reset', with: { from: 'the primary', to: 'redis-replica-1' } });
    expect(run.strike.outcome).toBe('1 connections reset');
    expect(run.report.syncs.partialOk).toBe(1);
  });
});
