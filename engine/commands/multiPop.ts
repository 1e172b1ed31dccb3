/**
 * What LMPOP, ZMPOP and the commands that wait share: `numkeys key … WHERE [COUNT n]`, and the time to wait.
 * Source: mpopGenericCommand in t_list.c, zmpopGenericCommand in t_zset.c and getTimeoutFromObjectOrReply in timeout.c of
 * Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { INT64_MAX } from '../core/integers.ts';
import { ErrorReply, SYNTAX_ERROR, error } from '../protocol/reply.ts';
import { isWord, readAtLeastOne } from './arguments.ts';
import type { Call } from './command.ts';
import { parseLongDouble } from './longDouble.ts';

const NOT_A_TIMEOUT = error('ERR timeout is not a float or out of range');
const TIMEOUT_OUT_OF_RANGE = error('ERR timeout is out of range');
const NEGATIVE_TIMEOUT = error('ERR timeout is negative');

/** Seconds, perhaps with a fraction, as whole milliseconds; 0 waits for ever. */
export const readTimeout = (call: Call, argument: Bytes): number | ErrorReply => {
  const seconds = parseLongDouble(argument);
  if (seconds === null) return NOT_A_TIMEOUT;
  // What 64 bits do not hold becomes the most negative of them.
  if (seconds === 'infinite') return NEGATIVE_TIMEOUT;
  const thousand = seconds.mantissa * 1000n;
  const { exponent } = seconds;
  let whole: bigint;
  if (exponent >= 0) {
    whole = thousand << BigInt(exponent);
  } else {
    // Rounded up, so that a wait is never shorter than asked for.
    const unit = 1n << BigInt(-exponent);
    whole = thousand / unit;
    if (thousand > 0n && thousand % unit !== 0n) whole++;
  }
  if (whole < 0n || whole > INT64_MAX) return NEGATIVE_TIMEOUT;
  return whole > INT64_MAX - BigInt(call.nowMs) ? TIMEOUT_OUT_OF_RANGE : Number(whole);
};

export interface MultiPop<End> {
  readonly keys: readonly Bytes[];
  readonly end: End;
  readonly count: number;
}

/** Reads from the place of `numkeys` on; `readEnd` reads the word behind the keys. */
export const readMultiPop = <End extends string>(
  argv: readonly Bytes[], at: number, readEnd: (argument: Bytes | undefined) => End | ErrorReply,
): MultiPop<End> | ErrorReply => {
  const size = readAtLeastOne(argv[at] as Bytes, 'ERR numkeys should be greater than 0');
  if (size instanceof ErrorReply) return size;
  const endAt = at + size + 1;
  if (endAt >= argv.length) return SYNTAX_ERROR;
  const end = readEnd(argv[endAt]);
  if (end instanceof ErrorReply) return end;
  let count = -1;
  for (let index = endAt + 1; index < argv.length; index += 2) {
    const value = argv[index + 1];
    if (count !== -1 || value === undefined || !isWord(argv[index], 'count')) return SYNTAX_ERROR;
    const given = readAtLeastOne(value, 'ERR count should be greater than 0');
    if (given instanceof ErrorReply) return given;
    count = given;
  }
  return { keys: argv.slice(at + 1, endAt), end, count: count === -1 ? 1 : count };
};

/** The keys behind a `numkeys` at a fixed place; none when it is not valid. */
export const countedKeysAt = (at: number) => (argv: readonly Bytes[]): readonly Bytes[] => {
  const count = Number(argv[at]);
  return Number.isSafeInteger(count) && count > 0 && count < argv.length - at ? argv.slice(at + 1, at + 1 + count) : [];
};
