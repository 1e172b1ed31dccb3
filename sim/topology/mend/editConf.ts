/** Mends in redis.conf and sentinel.conf: lines that are changed where they stand, or added at the end. */
import type { Mend } from './mend.ts';

/** The text with the mend in it; null where this kind of file cannot say it. */
export const editRedisConf = (text: string, mend: Mend): string | null => {
  if (mend.kind === 'directive') return withDirective(text, mend.words);
  if (mend.kind === 'appendOnly') return withDirective(text, ['appendonly', 'yes']);
  if (mend.kind === 'password') return withDirective(withDirective(text, ['requirepass', mend.password]), ['masterauth', mend.password]);
  return null;
};

export const editSentinelConf = (text: string, mend: Mend): string | null => {
  if (mend.kind === 'quorum') return mapMonitors(text, (words) => [...words.slice(0, -1), String(mend.quorum)]);
  if (mend.kind !== 'downAfter' && mend.kind !== 'password') return null;
  return namesOf(text).reduce((edited, name) => (mend.kind === 'downAfter'
    ? withSentinel(edited, ['down-after-milliseconds', name], String(mend.ms)) : withSentinel(edited, ['auth-pass', name], mend.password)), text);
};

const wordsOf = (line: string): readonly string[] => line.trim().split(/\s+/);
const isMonitor = (words: readonly string[]): boolean => words[0]?.toLowerCase() === 'sentinel' && words[1]?.toLowerCase() === 'monitor';

const namesOf = (text: string): readonly string[] => text.split('\n').map(wordsOf).filter(isMonitor).flatMap((words) => words.slice(2, 3));

const mapMonitors = (text: string, change: (words: readonly string[]) => readonly string[]): string =>
  text.split('\n').map((line) => (isMonitor(wordsOf(line)) ? change(wordsOf(line)).join(' ') : line)).join('\n');

/** The last of these lines counts, so it is the one that is changed. */
const withDirective = (text: string, words: readonly string[]): string =>
  withLine(text, (line) => line[0]?.toLowerCase() === words[0], words.join(' '));

const withSentinel = (text: string, what: readonly [string, string], value: string): string =>
  withLine(text, (line) => line[0]?.toLowerCase() === 'sentinel' && line[1]?.toLowerCase() === what[0] && line[2] === what[1],
    ['sentinel', ...what, value].join(' '));

const withLine = (text: string, isIt: (words: readonly string[]) => boolean, line: string): string => {
  const lines = text.split('\n');
  const index = lines.findLastIndex((one) => isIt(wordsOf(one)));
  if (index >= 0) return lines.with(index, line).join('\n');
  return `${text.endsWith('\n') || text === '' ? text : `${text}\n`}${line}\n`;
};
