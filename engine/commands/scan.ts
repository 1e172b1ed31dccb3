/**
 * What SCAN and SSCAN share: the cursor and the options.
 * Source: scanGenericCommand in db.c of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { type ErrorReply, NOT_AN_INTEGER, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { parseInt64 } from '../core/integers.ts';
import { isWord } from './arguments.ts';
import { globMatch } from './glob.ts';

const INVALID_CURSOR = error('ERR invalid cursor');

const COUNT_DEFAULT = 10;
/** The largest cursor that Redis reads. */
const CURSOR_MAX = 2n ** 64n - 1n;

export interface ScanOptions {
  readonly count: number;
  readonly pattern: Bytes | null;
  readonly type: Bytes | null;
}

/**
 * The place that a cursor names, read as C's strtoul does: up to a zero byte, an empty one is 0, a negative one wraps.
 * One that no scan of ours gave out starts at the end of the list.
 */
export const readCursor = (argument: Bytes): number | ErrorReply => {
  const zero = argument.indexOf('\0');
  const text = zero < 0 ? argument : argument.slice(0, zero);
  if (text === '') return 0;
  if (!/^[-+]?[0-9]+$/.test(text)) return INVALID_CURSOR;
  const negative = text.startsWith('-');
  const size = BigInt(negative || text.startsWith('+') ? text.slice(1) : text);
  if (size > CURSOR_MAX) return INVALID_CURSOR;
  return Number(negative && size > 0n ? CURSOR_MAX + 1n - size : size);
};

/** MATCH, COUNT and, for SCAN, TYPE. */
export const readScanOptions = (
  argv: readonly Bytes[], from: number, takesType: boolean,
): ScanOptions | ErrorReply => {
  let count = COUNT_DEFAULT;
  let pattern: Bytes | null = null;
  let type: Bytes | null = null;
  for (let index = from; index < argv.length; index += 2) {
    const value = argv[index + 1];
    if (value === undefined) return SYNTAX_ERROR;
    if (isWord(argv[index], 'count')) {
      const parsed = parseInt64(value);
      if (parsed === null) return NOT_AN_INTEGER;
      if (parsed < 1n) return SYNTAX_ERROR;
      count = Number(parsed);
    } else if (isWord(argv[index], 'match')) {
      pattern = value;
    } else if (isWord(argv[index], 'type') && takesType) {
      type = value;
    } else {
      return SYNTAX_ERROR;
    }
  }
  return { count, pattern, type };
};

export const scanMatches = (options: ScanOptions, name: Bytes): boolean =>
  options.pattern === null || options.pattern === '*' || globMatch(options.pattern, name);
