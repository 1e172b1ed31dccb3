/** Staleness of reads, from histories written by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, NO_CAUSE, bytes, micros } from '../../../../engine/index.ts';
import { FreshReads, judgeReads, staleness } from '../../../../sim/check/staleReads.ts';
import { History } from '../../../../sim/client/history.ts';

const KEY = bytes('register:C1:0');
const MS = 1000;

/** Times in ms. `acknowledged`: null for a write that never was. */
interface WriteStep { readonly invoked: number; readonly acknowledged: number | null }

const historyOf = (writes: readonly WriteStep[]): History => {
  const history = new History();
  writes.forEach(({ invoked, acknowledged }, index) => {
    const operation = history.invoke('C1', 'register', KEY, bytes(`C1:${index}`), micros(invoked * MS), NO_CAUSE);
    history.complete(operation, acknowledged === null ? 'unknown' : 'ok', micros((acknowledged ?? invoked + 1000) * MS), NO_CAUSE);
  });
  return history;
};

const read = (history: History, atMs: number, value: Bytes | null, key: Bytes = KEY): void => {
  const made = history.invokeRead('R1', key, micros(atMs * MS), NO_CAUSE);
  history.completeRead(made, 'ok', value, micros(atMs * MS + 300), NO_CAUSE);
};

const staleMs = (history: History): number[] => judgeReads(history).map((judged) => judged.staleMicros / MS);

const WRITES: readonly WriteStep[] = [
  { invoked: 10, acknowledged: 11 }, { invoked: 20, acknowledged: 21 }, { invoked: 30, acknowledged: 31 },
];

describe('judgeReads', () => {
  test('the newest acknowledged value is fresh, and so is one that is newer still', () => {
    const history = historyOf(WRITES);
    read(history, 25, bytes('C1:1'));
    read(history, 25, bytes('C1:2'));
    read(history, 21, bytes('C1:0'));
    expect(staleMs(history)).toEqual([0, 0, 0]);
  });

  test('staleness counts from the first acknowledgement of anything newer', () => {
    const history = historyOf(WRITES);
    read(history, 40, bytes('C1:0'));
    read(history, 40, bytes('C1:1'));
    read(history, 40, null);
    read(history, 5, null);
    expect(staleMs(history)).toEqual([19, 9, 29, 0]);
    expect(staleness(judgeReads(history))).toEqual({ reads: 4, stale: 3, maxMs: 29, medianMs: 19 });
  });

  test('a write that was never acknowledged replaces nothing for certain', () => {
    const history = historyOf([WRITES[0] as WriteStep, { invoked: 20, acknowledged: null }]);
    read(history, 5000, bytes('C1:0'));
    read(history, 5000, bytes('C1:1'));
    expect(staleMs(history)).toEqual([0, 0]);
  });

  test('a later write acknowledged earlier counts; reads without an answer and strangers’ values do not', () => {
    const history = historyOf([{ invoked: 10, acknowledged: 90 }, { invoked: 20, acknowledged: 50 }]);
    read(history, 70, null);
    expect(staleMs(history)).toEqual([20]);
    read(history, 70, bytes('somebody else'));
    history.completeRead(history.invokeRead('R1', KEY, micros(0), NO_CAUSE), 'failed', null, micros(1), NO_CAUSE);
    history.invokeRead('R1', KEY, micros(0), NO_CAUSE);
    expect(staleMs(history)).toEqual([20]);
  });

  test('a key that nobody wrote is fresh when it is empty', () => {
    const history = historyOf(WRITES);
    read(history, 40, null, bytes('register:C2:0'));
    expect(staleMs(history)).toEqual([0]);
  });

  test('as the definition says, whatever the history', () => {
    const step = fc.record({ gap: fc.nat({ max: 20 }), answer: fc.option(fc.integer({ min: 1, max: 60 })) });
    const look = fc.record({ atMs: fc.nat({ max: 400 }), place: fc.nat({ max: 21 }) });
    fc.assert(fc.property(fc.array(step, { maxLength: 20 }), fc.array(look, { maxLength: 20 }), (steps, looks) => {
      let now = 0;
      const writes = steps.map(({ gap, answer }): WriteStep => {
        now += gap;
        return { invoked: now, acknowledged: answer === null ? null : now + answer };
      });
      const history = historyOf(writes);
      const expected = looks.map(({ atMs, place }) => {
        const value = place >= writes.length ? -1 : place;
        read(history, atMs, value < 0 ? null : bytes(`C1:${value}`));
        const newer = writes.slice(value + 1).map((write) => write.acknowledged ?? Infinity);
        return Math.max(0, atMs - Math.min(Infinity, ...newer));
      });
      expect(staleMs(history)).toEqual(expected);
    }));
  });
});

describe('fresh-reads', () => {
  test('not exercised without reads, holds when all are fresh, names the worst otherwise', () => {
    const history = historyOf(WRITES);
    const check = new FreshReads(history);
    expect(check.isSafety).toBe(false);
    expect(check.finish()).toEqual({ verdict: 'not exercised', detail: 'no reads', comparisons: 0 });
    read(history, 40, bytes('C1:2'));
    expect(check.finish().verdict).toBe('holds');
    read(history, 50, bytes('C1:1'));
    read(history, 45, bytes('C1:0'));
    const { verdict, detail } = check.finish();
    expect(verdict).toBe('violated');
    expect(detail).toBe('R1 read register:C1:0 at 45 ms and found C1:0, out of date for 24 ms');
  });
});
