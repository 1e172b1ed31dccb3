/** Known histories, good and bad, for linearizability; and what the other consistency checks say of small ones. */
import { describe, expect, test } from 'vitest';
import { NO_CAUSE, bytes, micros } from '../../../../../engine/index.ts';
import type { CheckResult } from '../../../../../sim/check/check.ts';
import { consistencyChecks } from '../../../../../sim/check/consistency/consistencyChecks.ts';
import { FINAL_READER } from '../../../../../sim/check/consistency/keyHistories.ts';
import { judge } from '../../../../../sim/check/consistency/linearizability.ts';
import { modelOf } from '../../../../../sim/check/consistency/models.ts';
import { search } from '../../../../../sim/check/consistency/search.ts';
import type { DataModel } from '../../../../../sim/client/call.ts';
import { History } from '../../../../../sim/client/history.ts';
import { type Line, callsOf, resultOf } from './histories.ts';

type Short = Omit<Line, 'model'>;

const of = (model: DataModel, lines: readonly Short[]): readonly Line[] => lines.map((line) => ({ ...line, model }));
const w = (argument: string, from: number, to: number | null, more: Partial<Short> = {}): Short => ({ what: 'write', argument, from, to, ...more });
const r = (result: string | null, from: number, to: number, more: Partial<Short> = {}): Short => ({ what: 'read', result, from, to, ...more });
const cas = (result: string | null, argument: string, from: number, to: number | null): Short => ({ what: 'cas', argument, result, from, to });
const push = (argument: string, from: number, to: number | null): Short => ({ what: 'push', argument, from, to });
const pop = (result: string | null, from: number, to: number | null, more: Partial<Short> = {}): Short => ({ what: 'pop', result, from, to, ...more });
const increment = (result: string | null, from: number, to: number | null, more: Partial<Short> = {}): Short =>
  ({ what: 'increment', argument: '1', result, from, to, ...more });
const acquire = (client: string, token: string | null, from: number, to: number, leaseMs = 10): Short =>
  ({ client, what: 'acquire', argument: token ?? `${client}?`, result: token, from, to, leaseMs });
const release = (client: string, token: string, from: number, to: number): Short => ({ client, what: 'release', argument: token, from, to });

describe('linearizability', () => {
  test.each<[string, DataModel, readonly Short[], 'ok' | 'illegal', number]>([
    ['a read that overlaps two writes may find either', 'register', [w('a', 0, 10), w('b', 0, 10), r('a', 5, 20)], 'ok', 0],
    ['a stale read', 'register', [w('a', 0, 1), w('b', 2, 3), r('a', 4, 5)], 'illegal', 3],
    ['reads that go back', 'register', [w('a', 0, 1), w('b', 2, 30), r('b', 3, 4), r('a', 5, 6)], 'illegal', 4],
    ['a read from nowhere', 'register', [w('a', 0, 1), r('x', 2, 3)], 'illegal', 1],
    ['nothing found after a write', 'register', [w('a', 0, 1), r(null, 2, 3)], 'illegal', 2],
    ['a write without an answer, found much later', 'register', [w('a', 0, null), r(null, 5, 6), w('b', 7, 8), r('b', 9, 10), r('a', 50, 51)], 'ok', 0],
    ['a write without an answer, gone again', 'register', [w('a', 0, null), r('a', 5, 6), r(null, 7, 8)], 'illegal', 3],
    ['a write that failed, found', 'register', [w('a', 0, 1, { outcome: 'failed' }), r('a', 2, 3)], 'illegal', 1],
    ['two replaced the same value', 'register', [w('a', 0, 1), cas('a', 'b', 2, 9), cas('a', 'c', 2, 9)], 'illegal', 3],
    ['one replaced what the other made', 'register', [w('a', 0, 1), cas('a', 'b', 2, 9), cas('b', 'c', 2, 9), r('c', 10, 11)], 'ok', 0],
    ['a lost update', 'counter', [increment('1', 0, 1), increment('1', 2, 3)], 'illegal', 2],
    ['an increment without an answer, counted late', 'counter', [increment(null, 0, null), increment('1', 1, 2), r('1', 3, 4), r('2', 9, 10)], 'ok', 0],
    ['taken in the wrong order', 'queue', [push('a', 0, 1), push('b', 2, 3), pop('b', 4, 5), pop('a', 6, 7)], 'illegal', 4],
    ['taken twice', 'queue', [push('a', 0, 1), pop('a', 2, 3), pop('a', 4, 5)], 'illegal', 3],
    ['found empty with something in it', 'queue', [push('a', 0, 1), pop(null, 2, 3), pop('a', 4, 5)], 'illegal', 3],
    ['an element that a pop without an answer took', 'queue', [push('a', 0, 1), push('b', 2, 3), pop(null, 4, null), pop('b', 5, 6)], 'ok', 0],
    ['that pop came too late for it', 'queue', [push('a', 0, 1), push('b', 2, 3), pop('b', 4, 5), pop(null, 6, null)], 'illegal', 3],
    ['one in line is missing in the end', 'queue', [push('a', 0, 1), push('b', 2, 3), { what: 'read', result: ['b'], from: 9, to: 10 }], 'illegal', 2],
    ['sets that are no chain', 'set', [{ what: 'add', argument: 'a', from: 0, to: 9 }, { what: 'add', argument: 'b', from: 0, to: 9 },
      { what: 'read', result: ['a'], from: 0, to: 9 }, { what: 'read', result: ['b'], from: 0, to: 9 }], 'illegal', 4],
    ['a second holder', 'lock', [acquire('C1', 't1', 0, 1), acquire('C2', 't2', 2, 3)], 'illegal', 2],
    ['a second holder after the lease', 'lock', [acquire('C1', 't1', 0, 1), acquire('C2', 't2', 11_000, 11_001)], 'ok', 0],
  ])('%s', (_name, model, lines, verdict, most) => {
    const calls = callsOf(of(model, lines));
    const judged = judge(modelOf(model), calls);
    expect(judged.verdict).toBe(verdict);
    expect(judged.refutation.length).toBeLessThanOrEqual(most);
    expect(judged.refutation.length > 0).toBe(verdict === 'illegal');
    expect(search(modelOf(model), calls).verdict).toBe(verdict);
  });

  test('a budget that is used up decides nothing', () => {
    const calls = callsOf(of('counter', Array.from({ length: 12 }, (_, index) => increment(String(12 - index), 0, 100))));
    expect(search(modelOf('counter'), calls, { steps: 5, states: 1000 }).verdict).toBe('unknown');
    expect(search(modelOf('counter'), calls, { steps: 1000, states: 2 }).verdict).toBe('unknown');
    expect(search(modelOf('counter'), calls).verdict).toBe('ok');
  });

  test('of many calls only those are shown that cannot all be right', () => {
    const quiet = Array.from({ length: 60 }, (_, index) => [w(`q${index}`, index * 10, index * 10 + 3), r(`q${index}`, index * 10 + 5, index * 10 + 6)]).flat();
    const calls = callsOf(of('register', [...quiet, r('q3', 900, 901)]));
    expect(judge(modelOf('register'), calls).refutation.length).toBeLessThanOrEqual(4);
  });
});

/** What one check says of a history with these calls; `end`: what was found in the end. */
const say = (name: string, model: DataModel, lines: readonly Short[], end?: Line['result']): CheckResult => {
  const history = new History();
  for (const { client, key, what, argument, leaseMs, invokedAt, completedAt, outcome, result } of callsOf(of(model, lines))) {
    const call = history.invokeCall(client, 1, { key, model, what, argument, leaseMs }, invokedAt, NO_CAUSE);
    if (outcome !== 'pending') history.completeCall(call, outcome, result, completedAt ?? micros(1e9), NO_CAUSE);
  }
  if (end !== undefined) {
    history.found(FINAL_READER, { key: bytes('k'), model, what: 'read', argument: null }, resultOf(end), micros(1e6), micros(1e6 + 1), NO_CAUSE);
  }
  const [check] = consistencyChecks(history, [name]);
  if (check === undefined) throw new Error(`no check is called ${name}`);
  expect(check.isSafety).toBe(false);
  return check.finish();
};

const verdict = (...asked: Parameters<typeof say>): string => say(...asked).verdict;

describe('sessions', () => {
  const c1 = { client: 'C1' };
  const c2 = { client: 'C2' };

  test('read your writes', () => {
    expect(verdict('read-your-writes', 'register', [w('a', 0, 1, c2), w('b', 2, 3, c1), r('a', 4, 5, c1)])).toBe('violated');
    expect(verdict('read-your-writes', 'register', [w('b', 2, 3, c1), r(null, 4, 5, c1)])).toBe('violated');
    // Another one's may have come after its own.
    expect(verdict('read-your-writes', 'register', [w('a', 0, 9, c2), w('b', 2, 3, c1), r('a', 4, 5, c1)])).toBe('holds');
    expect(verdict('read-your-writes', 'register', [w('b', 2, 3, c1), r(null, 4, 5, c2)])).toBe('not exercised');
    expect(verdict('read-your-writes', 'counter', [increment('5', 0, 1, c1), r('4', 2, 3, c1)])).toBe('violated');
  });

  test('monotonic reads', () => {
    const writes = [w('a', 0, 1, c2), w('b', 2, 3, c2)];
    expect(verdict('monotonic-reads', 'register', [...writes, r('b', 4, 5, c1), r('a', 6, 7, c1)])).toBe('violated');
    expect(verdict('monotonic-reads', 'register', [...writes, r('b', 4, 9, c1), r('a', 6, 7, c1)])).toBe('not exercised');
    expect(verdict('monotonic-reads', 'register', [...writes, r('a', 4, 5, c1), r('b', 6, 7, c1)])).toBe('holds');
    expect(verdict('monotonic-reads', 'counter', [r('4', 0, 1, c1), r('3', 2, 3, c1)])).toBe('violated');
    const { evidence } = say('monotonic-reads', 'register', [...writes, r('b', 4, 5, c1), r('a', 6, 7, c1)]);
    expect(evidence?.map(({ what }) => what)).toEqual(['write', 'write', 'read', 'read']);
  });

  test('monotonic writes, and writes that follow reads', () => {
    const writes = [w('a', 0, 1, c1), w('b', 2, 3, c1)];
    expect(verdict('monotonic-writes', 'register', [...writes, r('b', 4, 5, c2), r('a', 6, 7, c2)])).toBe('violated');
    expect(verdict('monotonic-writes', 'register', [...writes, r('a', 4, 5, c2), r('b', 6, 7, c2)])).toBe('holds');
    const following = [w('a', 0, 1, c1), r('a', 2, 3, c2), w('b', 4, 5, c2)];
    expect(verdict('writes-follow-reads', 'register', [...following, r('b', 6, 7), r('a', 8, 9)])).toBe('not exercised');
    const c3 = { client: 'C3' };
    expect(verdict('writes-follow-reads', 'register', [...following, r('b', 6, 7, c3), r('a', 8, 9, c3)])).toBe('violated');
    expect(verdict('writes-follow-reads', 'register', [...following, r('a', 6, 7, c3), r('b', 8, 9, c3)])).toBe('not exercised');
    expect(verdict('writes-follow-reads', 'register', [...following, r('b', 6, 7, c3), r('b', 8, 9, c3)])).toBe('holds');
  });
});

describe('locks, queues, counters', () => {
  test('two holders at once, by what each believes', () => {
    const first = acquire('C1', 't1', 0, 1000);
    expect(verdict('lock-mutual-exclusion', 'lock', [first, acquire('C2', 't2', 2000, 3000)])).toBe('violated');
    expect(verdict('lock-mutual-exclusion', 'lock', [first, release('C1', 't1', 1500, 4000), acquire('C2', 't2', 2000, 3000)])).toBe('holds');
    // The lease is counted from the request.
    expect(verdict('lock-mutual-exclusion', 'lock', [first, acquire('C2', 't2', 9000, 10_000)])).toBe('holds');
    expect(verdict('lock-mutual-exclusion', 'lock', [first, acquire('C2', 't2', 9000, 9999)])).toBe('violated');
    expect(verdict('lock-mutual-exclusion', 'lock', [{ ...first, result: null }])).toBe('not exercised');
  });

  test('an element must be somewhere', () => {
    const pushes = [push('a', 0, 1), push('b', 2, 3)];
    expect(verdict('queue-no-loss', 'queue', [...pushes, pop('a', 4, 5)], ['b'])).toBe('holds');
    expect(verdict('queue-no-loss', 'queue', [...pushes, pop('a', 4, 5)], [])).toBe('violated');
    expect(verdict('queue-no-loss', 'queue', [...pushes, pop('a', 4, 5), pop(null, 6, null)], [])).toBe('holds');
    expect(verdict('queue-no-loss', 'queue', pushes)).toBe('unknown');
    expect(verdict('queue-no-loss', 'queue', [push('a', 0, null)], [])).toBe('not exercised');
    expect(verdict('queue-no-loss', 'queue', [...pushes, { what: 'redeliver', result: 'a', from: 4, to: 5 }], ['b'])).toBe('holds');
  });

  test('and be delivered once', () => {
    expect(verdict('queue-no-duplicates', 'queue', [push('a', 0, 1), pop('a', 4, 5)], [])).toBe('holds');
    expect(verdict('queue-no-duplicates', 'queue', [push('a', 0, 1), pop('a', 4, 5), pop('a', 6, 7)], [])).toBe('violated');
    expect(verdict('queue-no-duplicates', 'queue', [push('a', 0, 1), pop('a', 4, 5)], ['a'])).toBe('violated');
    expect(verdict('queue-no-duplicates', 'queue', [push('a', 0, 1), pop('a', 4, 5), { what: 'redeliver', result: 'a', from: 6, to: 7 }], [])).toBe('violated');
  });

  test('a counter ends between what was acknowledged and what may have been', () => {
    const calls = [increment('1', 0, 1), increment('2', 2, 3), increment(null, 4, null)];
    expect(['1', '2', '3', '4'].map((end) => verdict('counter-exact', 'counter', calls, end))).toEqual(['violated', 'holds', 'holds', 'violated']);
    expect(verdict('counter-exact', 'counter', calls)).toBe('unknown');
  });
});
