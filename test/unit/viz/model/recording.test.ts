import { describe, expect, test } from 'vitest';
import { KIND } from '../../../../sim/time/kinds.ts';
import { NONE, RECORDS_MAX, Recording } from '../../../../viz/model/recording.ts';
import { played } from './played.ts';

describe('Recording', () => {
  const { recording, report } = played('sentinel/primary-killed');

  test('holds a row for each record, with parents before their children', () => {
    const { rows, count } = recording;
    expect(count).toBeGreaterThan(report.events);
    expect(rows.parent.slice(0, count).findIndex((parent, row) => parent > row)).toBe(NONE);
  });

  test('knows of each message when it left, from whom, and what it was', () => {
    const { rows, messages, messageCount } = recording;
    const words = new Set<string>();
    for (let index = 0; index < messageCount; index++) {
      const row = messages.row[index] as number;
      const isRight = rows.kind[row] === KIND.segment && rows.message[row] === index
        && (messages.sentAt[index] as number) < (rows.at[row] as number);
      if (!isRight) expect.fail(`message ${index} of row ${row}`);
      words.add(recording.word(row));
    }
    for (const word of ['PING', '+PONG', 'SADD', 'PUBLISH __sentinel__:hello', 'REPLCONF ACK']) expect(words).toContain(word);
  });

  test('keeps the details of rare records only', () => {
    const kept = [...recording.detailed()];
    expect(kept.length).toBeLessThan(recording.count / 5);
    expect(kept.some(([row]) => recording.kindName(row) === 'fault')).toBe(true);
    expect(kept.some(([row]) => recording.kindName(row) === 'segment')).toBe(false);
  });

  test('finds the first row of a time', () => {
    const row = recording.firstAt(20_000_000);
    expect(recording.rows.at[row]).toBeGreaterThanOrEqual(20_000_000);
    expect(recording.rows.at[row - 1]).toBeLessThan(20_000_000);
    expect(recording.firstAt(Infinity)).toBe(recording.count);
  });

  test('grows, and refuses a gap', () => {
    const own = new Recording();
    const add = (id: number): void =>
      own.record({ id, at: id, parent: 0, kind: 'timer', node: 'n', a: id, b: 0, detail: null });
    for (let id = 1; id <= 70_000; id++) add(id);
    expect(own.rows.a[69_999]).toBe(70_000);
    expect(own.rows.message[69_999]).toBe(NONE);
    expect(() => add(70_002)).toThrow('follows 70000');
    // A link may ask for more than a page has room for.
    own.count = RECORDS_MAX;
    expect(() => add(RECORDS_MAX + 1)).toThrow(`more than ${RECORDS_MAX} events`);
  });
});
