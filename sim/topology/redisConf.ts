/**
 * redis.conf and sentinel.conf as lists of lines that know their place: read with what they include, and held against the
 * directives that the engine knows, so that a message says what redis-server would, with file and line.
 *
 * Always holds of what `checkLines` gives: the engine takes every line; names are those of today (`replicaof`). What Redis
 * knows and this engine does not model is left out with a warning where it changes nothing that a run shows, and is an
 * error where it does.
 * Source: redis.conf and sentinel.conf of Redis 7.0; config.c, loadServerConfigFromString.
 */
import {
  type Directive, Config, ConfigError, ScenarioError, bytes, configName, parseConfigText, utf8,
} from '../../engine/index.ts';
import { type Placed, placeOf, placedError } from './placed.ts';
import { trySentinel } from './trialSentinel.ts';

/** One directive. `at.key` is its name, or where the command that says it stands; `at.text` what it says. */
export interface ConfLine {
  readonly words: readonly string[];
  readonly at: Placed;
}

/** A file that an `include` names, or null: there is none. May throw `ScenarioError`. */
export type FindIncluded = (path: string, from: string) => { readonly file: string; readonly text: string } | null;

/** Largest configuration file, in characters, most lines of all together, and how deeply they may include each other. */
export const CONF_SIZE_MAX = 1_048_576;
const LINES_MAX = 500;
/** Longest word, and most words of a line: as much as a saved run can hold. */
const WORD_MAX = 400;
const WORDS_MAX = 64;
const INCLUDE_DEPTH_MAX = 8;

/** Of a server with TLS or modules, which this engine is not. Alone they change nothing. */
const NOT_MODELLED: readonly { readonly name: RegExp; readonly isHarmless: (value: string) => boolean; readonly what: string }[] = [
  { name: /^tls-port$/, isHarmless: (value) => value === '0', what: 'TLS is not modelled' },
  { name: /^tls-(?:replication|cluster)$/, isHarmless: (value) => value === 'no', what: 'TLS is not modelled' },
  { name: /^tls-/, isHarmless: () => true, what: 'TLS is not modelled' },
  { name: /^loadmodule$/, isHarmless: () => false, what: 'modules are not modelled' },
];
/** Sentinel's own: programs of the user's, which are not there. */
const SCRIPTS: readonly string[] = ['notification-script', 'client-reconfig-script'];

/**
 * The lines of a file, and of those that it includes in their places. `key`: the text stands under that key of another file, by
 * which messages call it. Throws `ScenarioError`.
 */
export const readConf = (text: string, file: string, find: FindIncluded, key: string | null = null): readonly ConfLine[] => {
  const lines = expand(text, file, find, [file], key);
  if (lines.length > LINES_MAX) throw placedError({ line: 1, key: 'file' }, file, `more than ${LINES_MAX} directives`);
  return lines;
};

const expand = (
  text: string, file: string, find: FindIncluded, open: readonly string[], key: string | null,
): readonly ConfLine[] => {
  if (text.length > CONF_SIZE_MAX) throw placedError({ line: 1, key: 'file' }, file, `larger than ${CONF_SIZE_MAX} characters`);
  const lines: ConfLine[] = [];
  for (const directive of parse(text, file, key)) {
    const line = lineOf(directive);
    // A file of users is lines that might as well stand here.
    const isUsers = directive.name === 'aclfile' && (directive.values[0] ?? '') !== '';
    if (directive.name !== 'include' && !isUsers) {
      lines.push(lineAt(directive, { file, line, key: key ?? directive.name, text: directive.values.join(' ') }));
      continue;
    }
    const at = { file, line, key: key ?? directive.name, text: directive.values.join(' ') };
    const [path, ...others] = directive.values;
    if (path === undefined || others.length > 0) throw placedError(at, file, 'wrong number of arguments');
    if (/[*?[]/.test(path)) throw placedError(at, file, `'${path}': patterns are not followed here; name the files`);
    const found = find(path, file);
    if (found === null) throw placedError(at, file, `'${path}' cannot be found`);
    if (open.includes(found.file)) throw placedError(at, file, `'${path}' includes itself`);
    if (open.length > INCLUDE_DEPTH_MAX) throw placedError(at, file, 'files include each other too deeply');
    lines.push(...expand(found.text, found.file, find, [...open, found.file], null));
    if (lines.length > LINES_MAX) throw placedError(at, file, `more than ${LINES_MAX} directives`);
  }
  return lines;
};

const parse = (text: string, file: string, key: string | null): readonly Directive[] => {
  try {
    return parseConfigText(utf8(text), file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [place = '', shown = '', reason = ''] = error.message.split('\n');
    const line = Number(/ at line (\d+) of /.exec(place)?.[1] ?? 1);
    const directive = shown.replace(/^>>> /, '');
    throw placedError({ line, key: key ?? directive }, file, key === null ? reason : `${directive}: ${reason}`);
  }
};

const lineOf = ({ place }: Directive): number => Number(/^line (\d+) of /.exec(place)?.[1] ?? 1);

const lineAt = ({ name, values }: Directive, at: Placed): ConfLine => ({ words: canonical(name, values), at });

/** Host and port of `replicaof` may stand in one word. */
const canonical = (name: string, values: readonly string[]): readonly string[] => {
  const word = configName(name.toLowerCase());
  const isJoined = word === 'replicaof' && values.length === 1;
  return [word, ...(isJoined ? values.flatMap((value) => value.split(' ').filter((part) => part !== '')) : values)];
};

/** A line that a command or an image says, rather than a file. */
export const lineOfWords = (words: readonly string[], at: Placed): ConfLine => {
  const [name = '', ...values] = words.map(utf8);
  return { words: canonical(name, values), at };
};

/**
 * The lines that the engine takes; the others are told to `warn`, or are an error. `mainFile` is the file that places
 * without one are in.
 */
export const checkLines = (
  lines: readonly ConfLine[], kind: 'redis' | 'sentinel', mainFile: string, warn: (message: string) => void,
): readonly ConfLine[] => {
  for (const { words, at } of lines) checkWords(words, at, mainFile);
  const config = new Config();
  const kept = lines.filter((line) => isKept(line, config, kind, mainFile, warn));
  if (kind === 'sentinel') checkSentinel(kept, mainFile);
  return kept;
};

const checkWords = (words: readonly string[], at: Placed, mainFile: string): void => {
  if (words.length > WORDS_MAX) throw placedError(at, mainFile, `has more than ${WORDS_MAX} words`);
  const wrong = words.find((word) => word.length > WORD_MAX || /[\u0000-\u001f\u007f]/.test(word));
  if (wrong !== undefined) throw placedError(at, mainFile, `'${wrong}' is longer than ${WORD_MAX} characters, or holds control characters`);
};

const isKept = (
  { words: [name = '', ...values], at }: ConfLine, config: Config, kind: 'redis' | 'sentinel', mainFile: string,
  warn: (message: string) => void,
): boolean => {
  if (name === 'sentinel') {
    if (kind === 'redis') throw placedError(at, mainFile, "'sentinel' in the configuration of a server that is not started as a sentinel");
    const script = SCRIPTS.find((word) => word === values[0]?.toLowerCase());
    if (script !== undefined) warn(`${placeOf(at, mainFile)}: ${script} is left out: no scripts are run here`);
    return script === undefined;
  }
  const row = NOT_MODELLED.find((one) => one.name.test(name));
  if (row !== undefined) {
    if (!row.isHarmless(values[0] ?? '')) throw placedError(at, mainFile, `${row.what}: '${[name, ...values].join(' ')}'`);
    warn(`${placeOf(at, mainFile)}: ${name} is left out: ${row.what}`);
    return false;
  }
  try {
    config.load([{ name: bytes(name), values: values.map((value) => bytes(value)), place: '' }]);
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const reason = error.message.split('\n').at(-1) ?? '';
    const notBuilt = /^(.*): not built yet$/.exec(reason)?.[1];
    if (notBuilt === undefined) throw placedError(at, mainFile, `'${[name, ...values].join(' ')}': ${reason}`);
    warn(`${placeOf(at, mainFile)}: ${name} is left out: ${notBuilt} is not modelled`);
    return false;
  }
};

/** The `sentinel` lines depend on each other, so they are tried together. */
const checkSentinel = (lines: readonly ConfLine[], mainFile: string): void => {
  try {
    trySentinel(lines.map(({ words: [name = '', ...values] }, index): Directive => (
      { name: bytes(name), values: values.map((value) => bytes(value)), place: `line ${index} of them` })));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [place = ''] = error.message.split('\n');
    const line = lines[Number(/ at line (\d+) of them$/.exec(place)?.[1] ?? -1)];
    const reason = error.message.split('\n').at(-1) ?? '';
    if (line === undefined) throw new ScenarioError(`${mainFile}: ${reason}`);
    throw placedError(line.at, mainFile, `'${line.words.join(' ')}': ${reason}`);
  }
};

/** The last line of that name, which is the one that counts; null when there is none. */
export const lastLine = (lines: readonly ConfLine[], name: string): ConfLine | null =>
  lines.findLast(({ words }) => words[0] === name) ?? null;

/** What the last line of that name says, where it says something. */
export const lastValue = (lines: readonly ConfLine[], name: string): Placed | null => {
  const line = lastLine(lines, name);
  const text = line?.words.slice(1).join(' ') ?? '';
  return line === null || text === '' || text === '""' ? null : { ...line.at, text };
};
