/**
 * Numbers of `sentinel …` lines, read as Redis reads them there: what stands in front counts, anything else is 0.
 * Source: the atoi and strtoull of sentinelHandleConfiguration in sentinel.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';

const leading = (text: Bytes): bigint => BigInt(/^[ \t\r\n]*\+?(-?[0-9]+)/.exec(text)?.[1] ?? '0');

/** Wrapped into 32 bits, as an int is. */
export const leadingInt = (text: Bytes): number => Number(BigInt.asIntN(32, leading(text)));

/** Epochs only grow by one each: what does not fit a double exactly was never one. */
export const leadingEpoch = (text: Bytes): number => Math.max(0, Math.min(Number(leading(text)), Number.MAX_SAFE_INTEGER));
