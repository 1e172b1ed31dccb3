/**
 * Search over the records of a run. A pattern is words, and `node:`, `kind:`, `word:` for exact fields; two patterns with
 * `not followed by` find what did not happen:
 *
 *   vote node:redis-sentinel-2
 *   kind:complete failed
 *   word:sentinel +sdown not followed by +odown within 5000 ms on the same node
 *
 * Always holds: matches are rows in their order; a search looks at each row once.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import { SENTENCES, type Sentences } from '../texts/sentences.ts';
import type { Recording } from './recording.ts';
import { describe } from './why.ts';

/** More matches than that are not listed. */
export const MATCHES_MAX = 10_000;
/** Patterns come from links too. */
export const QUERY_LENGTH_MAX = 300;

/** Every field that is not empty must fit; every one of `words` must stand somewhere in the record's text. All in lower case. */
export interface Pattern {
  readonly node: string;
  readonly kind: string;
  readonly word: string;
  readonly words: readonly string[];
}

export interface Query {
  readonly find: Pattern;
  /** What must not have come within `withinMs` after it. */
  readonly absent: { readonly pattern: Pattern; readonly withinMs: number; readonly isSameNode: boolean } | null;
}

export interface Matches {
  readonly rows: Int32Array;
  /** There were more than `MATCHES_MAX`. */
  readonly isCut: boolean;
  /** Not followed by anything, but the run ended too soon to tell: they are not among `rows`. */
  readonly undecided: number;
}

const ABSENT = /^(.*?)\s+not followed by\s+(.*?)\s+within\s+(\d+(?:\.\d+)?)\s*(ms|s)(?:\s+on\s+(the same|any) node)?$/i;
const MICROS_PER_MS = 1000;

/** Throws `ScenarioError`, one line, for what is no pattern. */
export const parseQuery = (text: string): Query => {
  if (text.length > QUERY_LENGTH_MAX) throw new ScenarioError(`a search has at most ${QUERY_LENGTH_MAX} characters`);
  const found = ABSENT.exec(text.trim());
  if (found === null) {
    if (/not followed by/i.test(text)) throw new ScenarioError("say for how long: X not followed by Y within 5000 ms");
    return { find: parsePattern(text), absent: null };
  }
  const [, first = '', then = '', number = '', unit = '', where = 'any'] = found;
  const withinMs = Number(number) * (unit.toLowerCase() === 's' ? 1000 : 1);
  return { find: parsePattern(first), absent: { pattern: parsePattern(then), withinMs, isSameNode: where.toLowerCase() === 'the same' } };
};

export const parsePattern = (text: string): Pattern => {
  const fields = { node: '', kind: '', word: '' };
  const words: string[] = [];
  for (const word of text.trim().toLowerCase().split(/\s+/)) {
    const [name = '', ...rest] = word.split(':');
    if ((name === 'node' || name === 'kind' || name === 'word') && rest.length > 0) fields[name] = rest.join(':');
    else if (word !== '') words.push(word);
  }
  if (words.length === 0 && Object.values(fields).every((value) => value === '')) throw new ScenarioError('say what to look for');
  return { ...fields, words };
};

/** True for the rows that a pattern means, whose texts are those of `sentences`. Names are looked up once. */
export const matcherOf = (
  recording: Recording, { node, kind, word, words }: Pattern, sentences: Sentences = SENTENCES.en,
): ((row: number) => boolean) => {
  const { rows } = recording;
  const nodes = recording.nodes.map((name) => node === '' || name.toLowerCase() === node);
  const wordsFit = recording.words.map((name) => word === '' || name.toLowerCase() === word);
  return (row) => nodes[rows.node[row] as number] === true && wordsFit[rows.word[row] as number] === true
    && (kind === '' || recording.kindName(row).toLowerCase() === kind)
    && (words.length === 0 || includesAll(textOf(recording, row, sentences), words));
};

/** What a person may look for in a record, in lower case. */
const textOf = (recording: Recording, row: number, sentences: Sentences): string => {
  const detail = recording.detail(row);
  const said = `${recording.kindName(row)} ${recording.word(row)} ${describe(recording, row, sentences)}`;
  return (detail === null ? said : `${said} ${JSON.stringify(detail)}`).toLowerCase();
};

const includesAll = (text: string, words: readonly string[]): boolean => words.every((word) => text.includes(word));

export const search = (recording: Recording, { find, absent }: Query, sentences: Sentences = SENTENCES.en): Matches => {
  const isMatch = matcherOf(recording, find, sentences);
  const found: number[] = [];
  if (absent === null) {
    for (let row = 0; row < recording.count && found.length <= MATCHES_MAX; row++) if (isMatch(row)) found.push(row);
    return { rows: Int32Array.from(found.slice(0, MATCHES_MAX)), isCut: found.length > MATCHES_MAX, undecided: 0 };
  }
  const { rows } = recording;
  const follows = matcherOf(recording, absent.pattern, sentences);
  const within = absent.withinMs * MICROS_PER_MS;
  /** When the next follower came, by node; -1 for any of them. From the end, so that it is known at each match. */
  const nextAt = new Map<number, number>();
  let undecided = 0;
  for (let row = recording.count - 1; row >= 0; row--) {
    const at = rows.at[row] as number;
    const place = absent.isSameNode ? rows.node[row] as number : -1;
    if (isMatch(row) && (nextAt.get(place) ?? Infinity) > at + within) {
      if (at + within > recording.endAt) undecided++;
      else found.push(row);
    }
    if (follows(row)) nextAt.set(place, at);
  }
  found.reverse();
  return { rows: Int32Array.from(found.slice(0, MATCHES_MAX)), isCut: found.length > MATCHES_MAX, undecided };
};
