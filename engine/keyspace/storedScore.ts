/** A score as a listpack stores it: an integer where it is one, which shows in ZSCAN. Source: zzlInsertAt of Redis 7.0. */
import { doubleText } from '../protocol/decimalText.ts';

/** Half of the largest 64-bit integer: beyond it a score is not tried as an integer. */
const INTEGER_SCORE_MAX = 4611686018427387904;

export const storedScoreText = (score: number): string =>
  (Number.isInteger(score) && Math.abs(score) <= INTEGER_SCORE_MAX ? BigInt(score).toString() : doubleText(score));
