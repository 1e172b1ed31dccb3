/**
 * The text of a configuration file, and of the command line, as an ordered list of directives. Text in, list out: files are
 * read and `include` is followed by `engine/node`. What a directive means is decided elsewhere.
 *
 * Always holds: names are lower case, values are unquoted, the order is that of the text (the last one counts). Every
 * directive knows its place, so every complaint can name it.
 * Source: redis.conf of Redis 7.0, config.c loadServerConfigFromString, read for its behaviour.
 */
import { type Bytes, EMPTY, bytes, lower, quote } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { splitArguments } from '../protocol/splitArguments.ts';

export interface Directive {
  readonly name: Bytes;
  readonly values: readonly Bytes[];
  /** Where it was read: `line 7 of redis.conf`, or `the command line`. */
  readonly place: string;
  /** The line itself, where it was read from text. */
  readonly written?: { readonly number: number; readonly text: Bytes };
}

/**
 * The directives of `text`. `origin` names the file; every line adds its number. `linesBefore` is how many lines Redis counts
 * before this text. Throws `ConfigError`.
 */
export const parseConfigText = (text: Bytes, origin: string, linesBefore = 0): Directive[] => {
  const directives: Directive[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = trim(lines[index] as string);
    if (line === EMPTY || line.charCodeAt(0) === HASH) continue;
    const place = `line ${index + 1} of ${origin}`;
    const words = splitArguments(line);
    const written = { number: linesBefore + index + 1, text: line };
    if (words === null) {
      throw new ConfigError(complaint(line, place, UNBALANCED), { ...written, reason: UNBALANCED });
    }
    const [name, ...values] = words;
    if (name === undefined || name === EMPTY) continue;
    directives.push({ name: lower(name), values, place, written });
  }
  return directives;
};

/** An error about one directive: its place, the directive as written, the reason. */
export const directiveError = ({ name, values, place, written }: Directive, reason: string): ConfigError =>
  new ConfigError(complaint(formatDirective(name, values), place, reason), written === undefined ? null : { ...written, reason });

/** One line of a configuration file. Values that would not be read back as they are get quotes. */
export const formatDirective = (name: Bytes, values: readonly Bytes[]): Bytes => {
  let line: string = name;
  for (const value of values) line += ' ' + (/^[!$-&(-~]+$/.test(value) ? value : quote(value));
  return bytes(line);
};

const complaint = (line: Bytes, place: string, reason: string): string =>
  `Reading the configuration, at ${place}\n>>> '${line}'\n${reason}`;

const HASH = 35;
const UNBALANCED = 'Unbalanced quotes in configuration line';

const trim = (line: string): Bytes => bytes(line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
