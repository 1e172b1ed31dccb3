/**
 * The configuration that a server starts with: the file, then standard input, then the command line, in the order in which
 * Redis lets the later one win. `include` is replaced by what it names, where it stands.
 *
 * Always holds: no `include` is left in the result; a file that cannot be read is a `ConfigError` that names it.
 * Source: config.c loadServerConfig of Redis 7.0, read for its behaviour.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Bytes, bytes } from '../core/bytes.ts';
import { ConfigError } from '../core/errors.ts';
import { type Directive, directiveError, parseConfigText } from '../server/configFile.ts';
import type { StartCommand } from './commandLine.ts';

/** A file that includes itself would go on forever. */
const INCLUDE_DEPTH_MAX = 16;

const STDIN = 0;

export const readConfiguration = (command: StartCommand): Directive[] => {
  const directives: Directive[] = [];
  if (command.configFile !== null) {
    const file = resolve(command.configFile);
    const text = readText(file);
    if (text === null) throw new ConfigError(`Fatal error, can't open config file '${file}'`);
    directives.push(...expand(parseConfigText(text, file), 0));
  }
  if (command.fromStandardInput) {
    directives.push(...expand(parseConfigText(bytes(readFileSync(STDIN, 'latin1')), 'standard input'), 0));
  }
  directives.push(...expand(parseConfigText(command.options, 'the command line'), 0));
  return directives;
};

const expand = (directives: readonly Directive[], depth: number): Directive[] =>
  directives.flatMap((directive) => directive.name === 'include' ? included(directive, depth) : [directive]);

const included = (directive: Directive, depth: number): Directive[] => {
  const [pattern, ...others] = directive.values;
  if (pattern === undefined || others.length > 0) throw directiveError(directive, 'wrong number of arguments');
  if (depth === INCLUDE_DEPTH_MAX) throw directiveError(directive, 'files include each other too deeply');
  return matchingFiles(resolve(asText(pattern))).flatMap((file) => {
    const text = readText(file);
    if (text === null) throw directiveError(directive, `Fatal error, can't open config file '${file}'`);
    return expand(parseConfigText(text, file), depth + 1);
  });
};

/** Wildcards are taken in the last part of a path. A pattern that matches nothing includes nothing; a plain path must exist. */
const matchingFiles = (path: string): readonly string[] => {
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

const readText = (file: string): Bytes | null => {
  try {
    return bytes(readFileSync(file, 'latin1'));
  } catch {
    return null;
  }
};

/** Names of files are UTF-8 in Node; the configuration holds their bytes. */
const asText = (path: Bytes): string => Buffer.from(path, 'latin1').toString();
