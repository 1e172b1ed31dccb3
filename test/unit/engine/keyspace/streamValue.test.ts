/**
 * The stream as a value: beside a plain list of entries it gives the same ranges; its blocks take the bytes that their listpacks
 * take; a copy stays what it was.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import { lagOf } from '../../../../engine/keyspace/streamCounters.ts';
import { StreamGroup } from '../../../../engine/keyspace/streamGroup.ts';
import { ID_MAX, ID_MIN, type StreamId, compareIds } from '../../../../engine/keyspace/streamId.ts';
import { StreamValue } from '../../../../engine/keyspace/streamValue.ts';
import { ENCODING_LIMITS_DEFAULT } from '../../../../engine/keyspace/value.ts';
import { packBlock } from '../../../../engine/persistence/streamValueWriter.ts';

const LIMITS = { ...ENCODING_LIMITS_DEFAULT, streamNodeMaxBytes: 200, streamNodeMaxEntries: 6 };
const id: fc.Arbitrary<StreamId> = fc.record({ ms: fc.nat({ max: 60 }), seq: fc.nat({ max: 2 }) });
const word = fc.oneof(fc.constantFrom('f', '', '12', '-4097', '9223372036854775807', 'x'.repeat(63), 'y'.repeat(127)), fc.string({ unit: 'binary-ascii', maxLength: 9 }));
const words = fc.oneof(fc.constantFrom(['f', 'v'], ['f', '1000']), fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 3 }).map((pairs) => pairs.flat()));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('add' as const), ahead: fc.integer({ min: 1, max: 4 }), words }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
  fc.record({ do: fc.constant('length' as const), length: fc.nat({ max: 12 }), whole: fc.boolean() }),
  fc.record({ do: fc.constant('from' as const), id, whole: fc.boolean() }));
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

interface Row {
  readonly id: StreamId;
  readonly words: readonly string[];
}

const rowsOf = (stream: StreamValue, start = ID_MIN, end = ID_MAX, max = Infinity, isReverse = false): Row[] =>
  stream.entries(start, end, max, isReverse).map((entry) => ({ id: entry.id, words: entry.fields.flatMap((field, at) => [field, entry.values[at] as Bytes]) }));

/** Whole blocks go, or as much as was asked for: never more, always from the start. */
const trimmed = (rows: readonly Row[], one: Extract<Step, { do: 'length' | 'from' }>, deleted: number): Row[] => {
  const wanted = one.do === 'length' ? Math.max(0, rows.length - one.length) : rows.filter((row) => compareIds(row.id, one.id) < 0).length;
  if (one.whole) expect(deleted).toBeLessThanOrEqual(wanted);
  else expect(deleted).toBe(wanted);
  return rows.slice(deleted);
};

const apply = (stream: StreamValue, rows: readonly Row[], one: Step): readonly Row[] => {
  if (one.do === 'add') {
    const at = { ms: Number(stream.lastId.ms) + one.ahead - 1, seq: Number(stream.lastId.seq) + 1 };
    stream.append(at, one.words as readonly string[] as readonly Bytes[], LIMITS);
    return [...rows, { id: at, words: one.words }];
  }
  if (one.do === 'delete') {
    const known = rows.some((row) => compareIds(row.id, one.id) === 0);
    expect(stream.delete(one.id)).toBe(known);
    return rows.filter((row) => compareIds(row.id, one.id) !== 0);
  }
  return trimmed(rows, one, stream.trim(one.do === 'length' ? { length: one.length } : { from: one.id }, one.whole, 0));
};

describe('a stream', () => {
  test('holds what a plain list holds, in blocks of the bytes that Redis would count', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60, size: 'max' }), id, id, fc.nat({ max: 5 }), (steps, start, end, max) => {
      const stream = new StreamValue();
      let rows: readonly Row[] = [];
      const halfway = Math.floor(steps.length / 2);
      let kept: { readonly copy: StreamValue; readonly rows: readonly Row[]; readonly digest: number } | null = null;
      for (const [index, one] of steps.entries()) {
        if (index === halfway) kept = { copy: stream.copy(), rows, digest: stream.digestLo };
        rows = apply(stream, rows, one);
        expect(stream.size).toBe(rows.length);
        expect(stream.firstId).toEqual(rows[0]?.id ?? ID_MIN);
        expect(stream.lastLiveId()).toEqual(rows[rows.length - 1]?.id ?? ID_MIN);
      }
      expect(rowsOf(stream)).toEqual(rows);
      const inside = rows.filter((row) => compareIds(row.id, start) >= 0 && compareIds(row.id, end) <= 0);
      expect(rowsOf(stream, start, end, max)).toEqual(inside.slice(0, max));
      expect(rowsOf(stream, start, end, max, true)).toEqual([...inside].reverse().slice(0, max));
      for (const block of stream.blocks) expect(block.bytes).toBe(packBlock(block).length);
      if (kept === null) return;
      expect(rowsOf(kept.copy)).toEqual(kept.rows);
      expect(kept.copy.digestLo).toBe(kept.digest);
    }), { numRuns: 150 });
  });

  test('begins a block where the last one is full', () => {
    const stream = new StreamValue();
    for (let seq = 1; seq <= 13; seq++) stream.append({ ms: 1, seq }, ['f', 'v'] as never, LIMITS);
    expect(stream.blocks.map((block) => block.live)).toEqual([6, 6, 1]);
    stream.append({ ms: 1, seq: 14 }, ['f', 'x'.repeat(190)] as never, LIMITS);
    expect(stream.blocks.map((block) => block.live)).toEqual([6, 6, 1, 1]);
    expect(stream.trim({ length: 7 }, true, 0)).toBe(6);
    expect(stream.trim({ length: 1 }, true, 5)).toBe(0);
  });

  test('knows the lag of a group only where no deletion lies ahead', () => {
    const stream = new StreamValue();
    for (let seq = 1; seq <= 5; seq++) stream.append({ ms: 1, seq }, ['f', 'v'] as never, LIMITS);
    const group = new StreamGroup('g' as Bytes, { ms: 1, seq: 2 }, 2);
    expect(lagOf(stream, group)).toBe(3);
    stream.delete({ ms: 1, seq: 4 });
    expect(lagOf(stream, group)).toBeNull();
    group.lastId = { ms: 1, seq: 5 };
    expect(lagOf(stream, group)).toBe(3);
  });
});
