/**
 * The server's log, line by line as Redis writes it: `pid:R dd Mon yyyy hh:mm:ss.mmm L message`. R is the role (M, S,
 * X for a sentinel, C for a child), L the level. A file is opened for each line, so that it may be rotated under us.
 * Source: server.c serverLogRaw.
 */
import { appendFileSync } from 'node:fs';
import type { LogLevel } from '../host.ts';

const MONTHS: readonly string[] =
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const LEVEL_SIGNS: Readonly<Record<LogLevel, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' };

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];

/** Whether a message of `level` is wanted where `least` is the lowest level to be seen. */
export const isAtLeast = (level: LogLevel, least: LogLevel): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(least);

/** One line, with its line feed. The time is the machine's local time. */
export const formatLogLine = (
  pid: number, roleLetter: string, at: Date, level: LogLevel, message: string,
): string => {
  const date = `${pad(at.getDate(), 2)} ${MONTHS[at.getMonth()] as string} ${at.getFullYear()}`;
  const time = `${pad(at.getHours(), 2)}:${pad(at.getMinutes(), 2)}:${pad(at.getSeconds(), 2)}`;
  const millis = pad(at.getMilliseconds(), 3);
  return `${pid}:${roleLetter} ${date} ${time}.${millis} ${LEVEL_SIGNS[level]} ${message}\n`;
};

/** Writes to `file`, or to standard output without one. A log that cannot be written stops nothing, as in Redis. */
export const writeLogLine = (file: string | null, line: string): void => {
  if (file === null) {
    process.stdout.write(line, 'latin1');
    return;
  }
  try {
    appendFileSync(file, line, 'latin1');
  } catch {
    // A full or missing log directory must not take the data down with it.
  }
};

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
