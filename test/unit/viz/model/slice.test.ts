import { describe, expect, test } from 'vitest';
import { buildLanes } from '../../../../viz/model/lanes.ts';
import { ARROWS_MAX, type SliceRequest, sliceMessages } from '../../../../viz/model/slice.ts';
import { played } from './played.ts';

describe('messages in a window', () => {
  const { recording, scenario } = played('sentinel/primary-killed');
  const lanes = buildLanes(recording, scenario).map(({ name }) => name);
  const window = (from: number, to: number, shown: (word: string) => boolean): SliceRequest => ({
    from, to, columns: 100, lanes: lanes.length, laneOf: Int16Array.from(recording.nodes, (name) => lanes.indexOf(name)),
    words: Uint8Array.from(recording.words, (word) => (shown(word) ? 1 : 0)),
  });

  test('a short one holds each arrow that is seen in it', () => {
    const slice = sliceMessages(recording, window(10_000_000, 10_100_000, () => true));
    if (slice.kind !== 'arrows') throw new Error('too many');
    expect(slice.row.length).toBeGreaterThan(10);
    slice.row.forEach((row, index) => {
      expect(slice.at[index]).toBe(recording.rows.at[row]);
      expect(slice.at[index]).toBeGreaterThanOrEqual(10_000_000);
      expect(slice.sentAt[index]).toBeLessThanOrEqual(10_100_000);
      expect(slice.fromLane[index]).toBeGreaterThanOrEqual(0);
    });
  });

  test('a long one holds their numbers', () => {
    const slice = sliceMessages(recording, window(0, recording.endAt, () => true));
    if (slice.kind !== 'density') throw new Error('too few');
    expect(slice.messages).toBeGreaterThan(ARROWS_MAX);
    expect(slice.counts.reduce((sum, count) => sum + count, 0)).toBe(slice.messages);
    expect(Math.max(...slice.counts)).toBe(slice.countMax);
  });

  test('what is filtered out is not there', () => {
    const slice = sliceMessages(recording, window(0, recording.endAt, (word) => word === 'PUBLISH __sentinel__:hello'));
    if (slice.kind !== 'arrows') throw new Error('too many');
    expect(new Set([...slice.row].map((row) => recording.word(row)))).toEqual(new Set(['PUBLISH __sentinel__:hello']));
  });
});
