/**
 * What a script says of itself in its first line, and what follows for where it may run.
 * Source: evalExtractShebangFlags in eval.c, functionExtractLibMetaData in functions.c and scriptPrepareForRun in script.c of Redis 7.0.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { splitArguments } from '../protocol/splitArguments.ts';

export type ScriptFlag = 'no-writes' | 'allow-oom' | 'allow-stale' | 'no-cluster' | 'allow-cross-slot-keys';

const FLAGS: readonly string[] = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'];

/** A script without a first line of that kind may do what it could always do. */
export const COMPATIBLE = 'compatible';
export type ScriptFlags = readonly ScriptFlag[] | typeof COMPATIBLE;

export interface ScriptHead {
  readonly flags: ScriptFlags;
  /** The code behind the first line, whose end stays so that lines keep their numbers. */
  readonly code: Bytes;
}

/** A text: what is wrong with the first line. */
export const readScriptHead = (body: Bytes): ScriptHead | string => {
  if (!body.startsWith('#!')) return { flags: COMPATIBLE, code: body };
  const end = body.indexOf('\n');
  if (end < 0) return 'ERR Invalid script shebang';
  const words = splitArguments(bytes(body.slice(0, end)));
  const [engine] = words ?? [];
  if (engine === undefined) return 'ERR Invalid engine in script shebang';
  if (engine !== '#!lua') return `ERR Unexpected engine in script shebang: ${engine}`;
  let flags: readonly ScriptFlag[] = [];
  for (const word of (words ?? []).slice(1)) {
    if (!word.startsWith('flags=')) return `ERR Unknown lua shebang option: ${word}`;
    const named = word.slice('flags='.length).split(',').filter((flag, index, all) => flag !== '' || all.length > 1 || index > 0);
    const unknown = named.find((flag) => !FLAGS.includes(flag));
    if (unknown !== undefined) return `ERR Unexpected flag in script shebang: ${unknown}`;
    flags = [...flags, ...named as ScriptFlag[]];
  }
  return { flags, code: bytes(body.slice(end)) };
};

export interface LibraryHead {
  readonly name: Bytes;
  readonly code: Bytes;
}

const LIBRARY_NAME = /^[A-Za-z0-9_]+$/;

/** The first line of a library: `#!lua name=…`. A text: what is wrong with it. */
export const readLibraryHead = (body: Bytes): LibraryHead | string => {
  if (!body.startsWith('#!')) return 'ERR Missing library metadata';
  const end = body.indexOf('\n');
  if (end < 0) return 'ERR Invalid library metadata';
  const words = splitArguments(bytes(body.slice(0, end)));
  if (words === null || words.length === 0) return 'ERR Invalid library metadata';
  const [engine, ...options] = words;
  let name: string | null = null;
  for (const option of options) {
    if (!option.startsWith('name=')) return `ERR Invalid metadata value given: ${option}`;
    if (name !== null) return 'ERR Invalid metadata value, name argument was given multiple times';
    name = option.slice('name='.length);
  }
  if (name === null) return 'ERR Library name was not given';
  if (!LIBRARY_NAME.test(name)) {
    return 'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long';
  }
  if (engine?.slice(2).toLowerCase() !== 'lua') return `ERR Engine '${engine?.slice(2) ?? ''}' not found`;
  return { name: bytes(name), code: bytes(body.slice(end)) };
};
