/**
 * The configuration that a server starts with: the file, then standard input, then the command line, in the order in which
 * Redis lets the later one win. `include` is replaced by what it names, where it stands; at `dir` the process goes there.
 *
 * Always holds: no `include` is left in the result; a file that cannot be read is an `UnreadableFile` that names it.
 * Source: config.c loadServerConfig of Redis 7.0, read for its behaviour.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { type Directive, directiveError, parseConfigText } from '../server/configFile.ts';
import type { StartCommand } from './commandLine.ts';
import { systemReason } from './nodeErrors.ts';

/** A file that includes itself would go on forever. */
const INCLUDE_DEPTH_MAX = 16;

const STDIN = 0;

/** Redis says this in its log, and everything else that is wrong with a configuration on standard error. */
export class UnreadableFile extends ConfigError {}

export interface Configuration {
  readonly directives: readonly Directive[];
  /** What came on standard input, which can be read only once. */
  readonly standardInput: Bytes;
}

export const readConfiguration = (command: StartCommand): Configuration => {
  const directives: Directive[] = [];
  let linesBefore = 0;
  const take = (text: Bytes, origin: string): void => {
    directives.push(...expand(parseConfigText(text, origin, linesBefore), 0));
    linesBefore += text.split('\n').length - 1;
  };
  if (command.configFile !== null) {
    const file = resolve(command.configFile);
    take(readText(file, file), file);
  }
  const standardInput = command.fromStandardInput ? bytes(readFileSync(STDIN, 'latin1')) : EMPTY;
  take(standardInput, 'standard input');
  // The options begin on a line of their own.
  linesBefore++;
  take(command.options, 'the command line');
  return { directives, standardInput };
};

const expand = (directives: readonly Directive[], depth: number): Directive[] =>
  directives.flatMap((directive) => {
    if (directive.name === 'dir') enter(directive);
    return directive.name === 'include' ? included(directive, depth) : [directive];
  });

/** Relative paths behind this line start from there. A wrong number of values is left to the engine. */
const enter = (directive: Directive): void => {
  const [path, ...others] = directive.values;
  if (path === undefined || others.length > 0) return;
  try {
    process.chdir(asText(path));
  } catch (error) {
    throw directiveError(directive, systemReason(error));
  }
};

const included = (directive: Directive, depth: number): Directive[] => {
  const [pattern, ...others] = directive.values;
  if (pattern === undefined || others.length > 0) throw directiveError(directive, 'Bad directive or wrong number of arguments');
  if (depth === INCLUDE_DEPTH_MAX) throw directiveError(directive, 'files include each other too deeply');
  const name = asText(pattern);
  return matchingFiles(name).flatMap((file) => expand(parseConfigText(readText(file, file === resolve(name) ? name : file), file), depth + 1));
};

/** Wildcards are taken in the last part of a path. A pattern that matches nothing includes nothing; a plain path must exist. */
const matchingFiles = (spelled: string): readonly string[] => {
  const path = resolve(spelled);
  const name = basename(path);
  if (!/[*?[]/.test(name)) return [path];
  const pattern = wildcard(name);
  let names: string[];
  try {
    names = readdirSync(dirname(path));
  } catch {
    return [];
  }
  return names.filter((candidate) => pattern.test(candidate)).sort().map((match) => join(dirname(path), match));
};

/** As glob(7): `*`, `?` and `[…]`; a leading dot must be named. */
const wildcard = (name: string): RegExp => {
  const source = name.replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replace(/\\/g, '\\\\');
    return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${/^[*?[]/.test(name) ? '(?!\\.)' : ''}${source}$`);
};

/** `spelled` is what the complaint calls it. */
const readText = (file: string, spelled: string): Bytes => {
  try {
    return bytes(readFileSync(file, 'latin1'));
  } catch (error) {
    throw new UnreadableFile(`Fatal error, can't open config file '${spelled}': ${systemReason(error)}`);
  }
};

/** Names of files are UTF-8 in Node; the configuration holds their bytes. */
const asText = (path: Bytes): string => Buffer.from(path, 'latin1').toString();
