/**
 * What a segment carries, in a word or two, for traces and the timeline: `PING`, `PUBLISH __sentinel__:hello`, `+PONG`,
 * `-MOVED`, `bulk`, `bus`. Reads the first bytes only, decodes nothing, and is asked only while somebody listens to the trace.
 */
import type { Bytes } from '../../engine/core/bytes.ts';

/** Commands that say little without the word behind them. */
const WITH_SUBCOMMAND: ReadonlySet<string> = new Set([
  'SENTINEL', 'CLUSTER', 'CONFIG', 'CLIENT', 'REPLCONF', 'PUBLISH', 'SUBSCRIBE', 'SCRIPT', 'DEBUG',
]);
/** Longer words are cut off. */
const WORD_MAX = 24;
const SIGNATURE_BUS = 'RCmb';

/** `''` for a segment without bytes. */
export const messageName = (chunk: Bytes): string => {
  if (chunk.length === 0) return '';
  if (chunk.startsWith(SIGNATURE_BUS)) return 'bus';
  switch (chunk[0]) {
    case '*': return requestName(chunk);
    case '+':
    case '-': return chunk.slice(0, WORD_MAX).split(/[ \r]/, 1)[0] as string;
    case ':': return 'integer';
    case '$': return 'bulk';
    case '%': return 'map';
    case '_': return 'null';
    default: return 'bytes';
  }
};

/** The first word of an array of bulk strings, or two; `array` where it holds something else. */
const requestName = (chunk: Bytes): string => {
  const parts = chunk.slice(0, 128).split('\r\n');
  if (parts[1]?.[0] !== '$' || parts[2] === undefined) return 'array';
  const word = parts[2].slice(0, WORD_MAX).toUpperCase();
  if (!/^[A-Z_]+$/.test(word)) return 'array';
  const second = parts[4];
  return WITH_SUBCOMMAND.has(word) && second !== undefined ? `${word} ${second.slice(0, WORD_MAX)}` : word;
};
