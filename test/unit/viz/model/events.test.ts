import { describe, expect, test } from 'vitest';
import { EVENTS_MAX, EventList, type EventRequest, messageWords } from '../../../../viz/model/events.ts';
import { played } from './played.ts';

const ALL: EventRequest = { node: '', kind: '', word: '', text: '', from: 0, around: 0, count: 20 };

describe('EventList', () => {
  const { recording } = played('sentinel/primary-killed');
  const list = new EventList(recording);

  test('shows a window of all events, from a place or around a time', () => {
    const first = list.window(ALL);
    expect(first.total).toBe(recording.count);
    expect(first.rows.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    const around = list.window({ ...ALL, from: null, around: 20_000_000 });
    const now = around.nowPlace;
    expect(recording.rows.at[now] as number).toBeLessThanOrEqual(20_000_000);
    expect(recording.rows.at[now + 1] as number).toBeGreaterThan(20_000_000);
    expect(around.rows.map(({ row }) => row)).toContain(now);
    expect(list.window({ ...ALL, from: null, around: -1 }).nowPlace).toBe(-1);
    expect(list.window({ ...ALL, from: recording.count + 5, count: 3 }).rows.map(({ row }) => row)).toEqual(
      [recording.count - 3, recording.count - 2, recording.count - 1]);
    expect(list.window({ ...ALL, count: 1e9 }).rows).toHaveLength(EVENTS_MAX);
  });

  test('filters by node, kind and words', () => {
    const votes = list.window({ ...ALL, node: 'redis-sentinel-1', kind: 'note', text: 'voted' });
    expect(votes.total).toBeGreaterThan(0);
    for (const { node, text } of votes.rows) expect([node, text]).toEqual(['redis-sentinel-1', expect.stringContaining('voted in epoch')]);
    expect(list.window({ ...ALL, text: 'no such words anywhere' })).toMatchObject({ total: 0, from: 0, nowPlace: -1, rows: [] });
    expect(list.window(ALL).total).toBe(recording.count);
  });

  test('counts the messages by their words', () => {
    const words = messageWords(recording);
    expect(words.reduce((sum, { count }) => sum + count, 0)).toBe(recording.messageCount);
    expect(words.map(({ word }) => word)).toContain('PING');
    for (let place = 1; place < words.length; place++) {
      expect((words[place - 1] as { count: number }).count).toBeGreaterThanOrEqual((words[place] as { count: number }).count);
    }
  });
});
