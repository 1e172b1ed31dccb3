import { describe, expect, test } from 'vitest';
import { buildLanes } from '../../../../viz/model/lanes.ts';
import { MessageIndex } from '../../../../viz/model/messageIndex.ts';
import { FATES, buildOperations } from '../../../../viz/model/operations.ts';
import { ARROWS_MAX, type MessageSlice, type SliceRequest, buffersOf, sliceMessages, sliceOperations } from '../../../../viz/model/slice.ts';
import { KIND } from '../../../../sim/time/kinds.ts';
import { played } from './played.ts';

const COLUMNS = 100;

const edgesOf = (from: number, to: number): Float64Array =>
  Float64Array.from({ length: COLUMNS + 1 }, (_, edge) => from + edge * (to - from) / COLUMNS);

const { recording, scenario, report } = played('sentinel/primary-killed');
const lanes = buildLanes(recording, scenario).map(({ name }) => name);
const window = (from: number, to: number, shown: (word: string) => boolean = () => true): SliceRequest => ({
  edges: edgesOf(from, to), lanes: lanes.length, laneOf: Int16Array.from(recording.nodes, (name) => lanes.indexOf(name)),
  words: Uint8Array.from(recording.words, (word) => (shown(word) ? 1 : 0)),
});

describe('messages in a window', () => {
  const slice = (request: SliceRequest): MessageSlice =>
    sliceMessages(recording, new MessageIndex(recording, request.words, request.laneOf, request.lanes), request);

  test('a short one holds each arrow that is seen in it, and no other', () => {
    const [from, to] = [10_000_000, 10_100_000];
    const arrows = slice(window(from, to));
    if (arrows.kind !== 'arrows') throw new Error('too many');
    const { messages, rows } = recording;
    const wanted = Array.from({ length: recording.messageCount }, (_, message) => message).filter((message) => {
      const row = messages.row[message] as number;
      return (rows.at[row] as number) >= from && (messages.sentAt[message] as number) <= to
        && lanes.includes(recording.nodeName(row)) && lanes.includes(recording.nodes[messages.from[message] as number] as string);
    });
    expect(wanted.length).toBeGreaterThan(10);
    expect([...arrows.row]).toEqual(wanted.map((message) => messages.row[message]));
    arrows.row.forEach((row, index) => {
      expect(arrows.at[index]).toBe(rows.at[row]);
      expect(lanes[arrows.toLane[index] as number]).toBe(recording.nodeName(row));
    });
  });

  test('a long one holds their numbers, lane by lane and column by column', () => {
    const request = window(0, recording.endAt + 1);
    const density = slice(request);
    if (density.kind !== 'density') throw new Error('too few');
    expect(density.messages).toBeGreaterThan(ARROWS_MAX);
    expect(Math.max(...density.counts)).toBe(density.countMax);
    const counts = new Uint16Array(lanes.length * COLUMNS);
    for (let message = 0; message < recording.messageCount; message++) {
      const row = recording.messages.row[message] as number;
      const lane = lanes.indexOf(recording.nodeName(row));
      if (lane < 0 || !lanes.includes(recording.nodes[recording.messages.from[message] as number] as string)) continue;
      const place = lane * COLUMNS + request.edges.findLastIndex((edge) => edge <= (recording.rows.at[row] as number));
      counts[place] = (counts[place] as number) + 1;
    }
    expect(density.counts).toEqual(counts);
    expect(density.messages).toBe(counts.reduce((sum, count) => sum + count, 0));
  });

  test('what is filtered out is not there', () => {
    const request = window(0, recording.endAt, (word) => word === 'PUBLISH __sentinel__:hello');
    const arrows = slice(request);
    if (arrows.kind !== 'arrows') throw new Error('too many');
    expect(new Set([...arrows.row].map((row) => recording.word(row)))).toEqual(new Set(['PUBLISH __sentinel__:hello']));
  });

  test('an index is for its own filter only', () => {
    const { words, laneOf } = window(0, 1);
    const index = new MessageIndex(recording, words, laneOf, lanes.length);
    expect(index.isFor(words.slice(), laneOf.slice(), lanes.length)).toBe(true);
    expect(index.isFor(words.map((shown, word) => (word === 1 ? 0 : shown)), laneOf, lanes.length)).toBe(false);
    expect(index.isFor(words, laneOf.map((lane) => (lane === 1 ? 0 : lane)), lanes.length)).toBe(false);
    expect(index.isFor(words, laneOf, lanes.length + 1)).toBe(false);
  });
});

describe('operations in a window', () => {
  const { columns } = buildOperations(recording, report);

  test.each([[0, 61_000_000], [19_000_000, 26_000_000], [20_000_000, 20_400_000]])('from %i to %i: the gravest of each lane and column', (from, to) => {
    const request = window(from, to);
    const { starts, column, at, fate, row } = sliceOperations(recording, columns, request);
    const wanted = new Map<string, number>();
    for (let each = 0; each < recording.count; each++) {
      if (recording.rows.kind[each] !== KIND.complete) continue;
      const lane = lanes.indexOf(recording.nodeName(each));
      const place = request.edges.findLastIndex((edge) => edge <= (recording.rows.at[each] as number));
      if (lane < 0 || place < 0 || place >= COLUMNS) continue;
      const outcome = recording.detail(each)?.['outcome'];
      const grave = outcome === 'ok' ? 0 : outcome === 'failed' ? 1 : 2;
      wanted.set(`${lane} ${place}`, Math.max(grave, wanted.get(`${lane} ${place}`) ?? 0));
    }
    const found = new Map<string, number>();
    for (let lane = 0; lane < lanes.length; lane++) {
      for (let place = starts[lane] as number; place < (starts[lane + 1] as number); place++) {
        found.set(`${lane} ${column[place] as number}`, fate[place] as number);
        expect(recording.rows.at[row[place] as number]).toBe(at[place]);
        expect(recording.nodeName(row[place] as number)).toBe(lanes[lane]);
      }
    }
    expect(report.ledger.lost).toBe(0);
    expect(wanted.size).toBeGreaterThan(5);
    expect([...found].sort()).toEqual([...wanted].sort());
    expect(FATES[Math.max(...fate)]).not.toBe('lost');
  });

  test('few of them come with what they were, many without', () => {
    const few = sliceOperations(recording, columns, window(10_000_000, 11_000_000));
    expect(few.texts.length).toBe(few.row.length);
    expect(few.texts[0]).toBe(String(recording.detail(few.row[0] as number)?.['operation']));
    expect(few.texts[0]).not.toBe('');
  });

  test('a slice hands over every buffer that it has', () => {
    const request = window(0, recording.endAt);
    const messages = sliceMessages(recording, new MessageIndex(recording, request.words, request.laneOf, request.lanes), request);
    const operations = sliceOperations(recording, columns, request);
    expect(new Set(buffersOf({ messages, operations })).size).toBe(6);
  });
});
