/**
 * Why did that happen? The chain of causes from one decision back to what struck, a line each: what happened and when, the
 * number of its record, and behind it what it rests on.
 */
import type { CauseRecord, CauseRecords } from './causeRecord.ts';
import { CAUSE_WORDS, type CauseWords, fill } from './causeWords.ts';

/** A chain is told up to so many lines. */
const LINES_MAX = 32;
const MICROS_PER_SECOND = 1_000_000;

/** `id` is the number of a record. Empty when it is no decision. `words`: of the language that `records` are told in. */
export const explain = (records: CauseRecords, id: number, words: CauseWords = CAUSE_WORDS): readonly string[] => {
  const first = records.find(id);
  if (first === undefined) return [];
  const told = new Set<number>();
  const lines: string[] = [];
  const tell = (record: CauseRecord): void => {
    if (told.has(record.id) || lines.length >= LINES_MAX) return;
    told.add(record.id);
    const said = sentence(records, record, words);
    lines.push(lines.length === 0 ? said : fill(words.because, { sentence: said }));
    for (const cause of causesOf(records, record)) tell(cause);
  };
  tell(first);
  return lines;
};

const sentence = (records: CauseRecords, record: CauseRecord, words: CauseWords): string => {
  const { id, at, what, rank, because } = record;
  const text = fill(words.sentence, { seconds: (at / MICROS_PER_SECOND).toFixed(3), what, id });
  const [last] = because;
  const isPlain = last !== undefined && last > 0 && causeBehind(records, record, last) === undefined;
  // A silence rests on the last word, which is an event like any other.
  return rank === SILENT && isPlain ? fill(words.silence, { sentence: text, last }) : text;
};

const SILENT = 1;

const causesOf = (records: CauseRecords, record: CauseRecord): readonly CauseRecord[] =>
  record.because.flatMap((id) => causeBehind(records, record, id) ?? []);

/** The record itself, or the decision of the same node inside that event that comes closest to this one. */
const causeBehind = (records: CauseRecords, record: CauseRecord, id: number): CauseRecord | undefined => {
  const direct = records.find(id);
  if (direct !== undefined) return direct;
  const before = records.inside(id, record.node).filter((other) => other.id < record.id && other.rank < record.rank);
  let closest: CauseRecord | undefined;
  for (const other of before) if (closest === undefined || other.rank > closest.rank) closest = other;
  return closest;
};
