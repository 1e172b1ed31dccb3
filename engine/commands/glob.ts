/**
 * Glob patterns as Redis matches them: `*`, `?`, `[a-z]`, `[^…]`, `\x`. For KEYS, SCAN, PSUBSCRIBE, CONFIG GET and ACL.
 *
 * A mismatch behind a star cannot be mended by an earlier star, so only the last one is ever retried: the work is bounded
 * by pattern length times text length, and no pattern is exponential.
 * Source: stringmatchlen in util.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { lower } from '../core/bytes.ts';

const STAR = 42;
const QUESTION = 63;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const BACKSLASH = 92;
const CARET = 94;
const DASH = 45;

/**
 * True when `pattern` matches the whole of `text`. `ignoreCase` folds ASCII letters. An empty text matches an empty
 * pattern only, not even `*`: callers for whom `*` means everything ask for it first, as Redis's do.
 */
export const globMatch = (pattern: Bytes, text: Bytes, ignoreCase = false): boolean =>
  (ignoreCase ? match(lower(pattern), lower(text)) : match(pattern, text));

const match = (pattern: Bytes, text: Bytes): boolean => {
  if (text.length === 0) return pattern.length === 0;
  let at = 0;
  let place = 0;
  /** Where to go on after the last star, and how much text it has swallowed. */
  let starNext = -1;
  let starPlace = 0;
  for (;;) {
    if (at < pattern.length && pattern.charCodeAt(at) === STAR) {
      starNext = ++at;
      starPlace = place;
      if (at === pattern.length) return true;
      continue;
    }
    if (place === text.length) return at === pattern.length;
    const next = at < pattern.length ? step(pattern, at, text.charCodeAt(place)) : -1;
    if (next >= 0) {
      at = next;
      place++;
    } else if (starNext >= 0) {
      at = starNext;
      place = ++starPlace;
    } else {
      return false;
    }
  }
};

/** The place behind the pattern element at `at` if it matches `code`, else -1. */
const step = (pattern: Bytes, at: number, code: number): number => {
  const element = pattern.charCodeAt(at);
  if (element === QUESTION) return at + 1;
  if (element === BRACKET_OPEN) return stepClass(pattern, at + 1, code);
  // A backslash at the very end stands for itself.
  if (element === BACKSLASH && at + 1 < pattern.length) return pattern.charCodeAt(at + 1) === code ? at + 2 : -1;
  return element === code ? at + 1 : -1;
};

/** A class runs to its bracket, or to the end of the pattern when that is missing. */
const stepClass = (pattern: Bytes, from: number, code: number): number => {
  const inverted = pattern.charCodeAt(from) === CARET;
  let at = inverted ? from + 1 : from;
  let found = false;
  for (; at < pattern.length && pattern.charCodeAt(at) !== BRACKET_CLOSE; at++) {
    let low = pattern.charCodeAt(at);
    if (low === BACKSLASH && at + 1 < pattern.length) {
      if (pattern.charCodeAt(++at) === code) found = true;
      continue;
    }
    let high = low;
    if (at + 2 < pattern.length && pattern.charCodeAt(at + 1) === DASH) {
      high = pattern.charCodeAt(at + 2);
      at += 2;
      if (low > high) [low, high] = [high, low];
    }
    if (code >= low && code <= high) found = true;
  }
  return found === inverted ? -1 : Math.min(at + 1, pattern.length);
};
