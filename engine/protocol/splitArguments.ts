/**
 * Splitting a line into arguments with quotes, as inline requests, configuration files and redis-cli do.
 * Source: sdssplitargs of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';

const BACKSLASH = 92;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

const hexDigit = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};

/** What `\n`, `\r`, `\t`, `\b` and `\a` stand for; any other character stands for itself. */
const ESCAPES: ReadonlyMap<number, string> = new Map(
  [[110, '\n'], [114, '\r'], [116, '\t'], [98, '\b'], [97, '\x07']]);

/** One argument while it is read: its text so far, and where reading stands. */
interface Reading {
  text: string;
  at: number;
}

/** The arguments of `line`; null when a quote is not closed, or is closed in the middle of a word. */
export const splitArguments = (line: Bytes): Bytes[] | null => {
  const out: Bytes[] = [];
  const reading: Reading = { text: '', at: 0 };
  for (;;) {
    while (reading.at < line.length && isSpace(line.charCodeAt(reading.at))) reading.at++;
    if (reading.at >= line.length) return out;
    reading.text = '';
    if (!readArgument(line, reading)) return null;
    out.push(bytes(reading.text));
  }
};

const readArgument = (line: Bytes, reading: Reading): boolean => {
  while (reading.at < line.length) {
    const code = line.charCodeAt(reading.at);
    if (isSpace(code)) return true;
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      reading.at++;
      const closed = code === DOUBLE_QUOTE ? readDoubleQuoted(line, reading) : readSingleQuoted(line, reading);
      return closed && (reading.at >= line.length || isSpace(line.charCodeAt(reading.at)));
    }
    const start = reading.at;
    reading.at = endOfPlain(line, start);
    reading.text += line.slice(start, reading.at);
  }
  return true;
};

/** Where a run of characters that mean nothing but themselves ends. */
const endOfPlain = (line: Bytes, start: number): number => {
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE || isSpace(code)) return at;
  }
  return line.length;
};

const readDoubleQuoted = (line: Bytes, reading: Reading): boolean => {
  while (reading.at < line.length) {
    const code = line.charCodeAt(reading.at++);
    if (code === DOUBLE_QUOTE) return true;
    if (code !== BACKSLASH || reading.at >= line.length) {
      reading.text += String.fromCharCode(code);
      continue;
    }
    const escaped = line.charCodeAt(reading.at++);
    const high = hexDigit(line.charCodeAt(reading.at));
    const low = hexDigit(line.charCodeAt(reading.at + 1));
    if (escaped === 120 && high >= 0 && low >= 0) {
      reading.text += String.fromCharCode(high * 16 + low);
      reading.at += 2;
    } else {
      reading.text += ESCAPES.get(escaped) ?? String.fromCharCode(escaped);
    }
  }
  return false;
};

const readSingleQuoted = (line: Bytes, reading: Reading): boolean => {
  while (reading.at < line.length) {
    const code = line.charCodeAt(reading.at++);
    if (code === SINGLE_QUOTE) return true;
    if (code === BACKSLASH && line.charCodeAt(reading.at) === SINGLE_QUOTE) {
      reading.text += "'";
      reading.at++;
    } else {
      reading.text += String.fromCharCode(code);
    }
  }
  return false;
};
