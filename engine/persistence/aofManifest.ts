/**
 * The manifest of an append-only directory: which files make up the log, and in which order they are read.
 *
 *     base (at most one), then increments in the order of their numbers; history: rewritten files that wait for removal
 *
 * What always holds: a manifest is never changed, each step gives a new one; sequence numbers only grow. The text lists the
 * base first, then history, then increments, a line each: `file NAME seq N type b|h|i`.
 * Source: aof.c of Redis 7.0 (aofLoadManifestFromFile, getAofManifestAsString), for format, checks and messages.
 */
import { type Bytes, bytes, lower, quote } from '../core/bytes.ts';
import { splitArguments } from '../protocol/splitArguments.ts';

export interface AofFile {
  readonly name: Bytes;
  readonly sequence: number;
}

export interface AofManifest {
  readonly base: AofFile | null;
  readonly history: readonly AofFile[];
  readonly increments: readonly AofFile[];
  /** The last numbers that were given out. */
  readonly baseSequence: number;
  readonly incrementSequence: number;
}

export const EMPTY_MANIFEST: AofManifest = { base: null, history: [], increments: [], baseSequence: 0, incrementSequence: 0 };

/** A manifest that cannot be used. `line` counts from 1; 0: the file as a whole. */
export class AofManifestError extends Error {
  override readonly name = 'AofManifestError';
  readonly line: number;
  readonly text: string;
  constructor(message: string, line: number, text: string) {
    super(message);
    this.line = line;
    this.text = text;
  }
}

/** Longest line, with its line feed. */
const LINE_LENGTH_MAX = 1024;
const WORDS_MIN = 6;

export const manifestName = (fileName: Bytes): Bytes => bytes(`${fileName}.manifest`);
/** Where a server that waits for its first rewrite gathers what comes meanwhile. */
export const temporaryIncrementName = (fileName: Bytes): Bytes => bytes(`temp-${fileName}.incr`);

/** Whether there is nothing to load. */
export const isEmptyManifest = (manifest: AofManifest): boolean =>
  manifest.base === null && manifest.increments.length === 0;

/** The files in the order in which they are loaded. */
export const filesToLoad = (manifest: AofManifest): readonly AofFile[] =>
  (manifest.base === null ? manifest.increments : [manifest.base, ...manifest.increments]);

/** A new base takes the old one's place, which becomes history. */
export const withNewBase = (manifest: AofManifest, fileName: Bytes, isRdb: boolean): AofManifest => {
  const sequence = manifest.baseSequence + 1;
  const name = bytes(`${fileName}.${sequence}.base.${isRdb ? 'rdb' : 'aof'}`);
  const history = manifest.base === null ? manifest.history : [manifest.base, ...manifest.history];
  return { ...manifest, base: { name, sequence }, baseSequence: sequence, history };
};

/** An old single file becomes the base under its own name. */
export const withOldFileAsBase = (manifest: AofManifest, fileName: Bytes): AofManifest =>
  ({ ...manifest, base: { name: fileName, sequence: 1 }, baseSequence: 1 });

export const withNewIncrement = (manifest: AofManifest, fileName: Bytes): AofManifest => {
  const sequence = manifest.incrementSequence + 1;
  const name = bytes(`${fileName}.${sequence}.incr.aof`);
  return { ...manifest, increments: [...manifest.increments, { name, sequence }], incrementSequence: sequence };
};

/** A new base holds what the increments held; the last `kept` of them came after it. */
export const withRewrittenIncrements = (manifest: AofManifest, kept: number): AofManifest => {
  const count = Math.max(0, manifest.increments.length - kept);
  const rewritten = manifest.increments.slice(0, count);
  return { ...manifest, increments: manifest.increments.slice(count), history: [...rewritten, ...manifest.history] };
};

export const withoutHistory = (manifest: AofManifest): AofManifest => ({ ...manifest, history: [] });

export const formatManifest = (manifest: AofManifest): Bytes => {
  const line = (file: AofFile, type: string): string => `file ${quoteName(file.name)} seq ${file.sequence} type ${type}\n`;
  return bytes((manifest.base === null ? '' : line(manifest.base, 'b'))
    + manifest.history.map((file) => line(file, 'h')).join('')
    + manifest.increments.map((file) => line(file, 'i')).join(''));
};

const quoteName = (name: Bytes): string => (/^[!#-[\]-~]+$/.test(name) ? name : quote(name));

/** Reads the text of a manifest. Throws `AofManifestError` with Redis's message. */
export const parseManifest = (text: Bytes): AofManifest => {
  let manifest = EMPTY_MANIFEST;
  let number = 0;
  for (let at = 0; at < text.length;) {
    const piece = nextPiece(text, at);
    at += piece.length;
    number++;
    if (piece.startsWith('#')) continue;
    if (!piece.endsWith('\n') || piece.includes('\0')) {
      throw new AofManifestError('The AOF manifest file contains too long line', 0, '');
    }
    const line = piece.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
    manifest = withLine(manifest, bytes(line), number);
  }
  if (number === 0) throw new AofManifestError('Found an empty AOF manifest', 0, '');
  return manifest;
};

/** A line with its end, or as much of it as the longest line may have. */
const nextPiece = (text: Bytes, at: number): string => {
  const end = text.indexOf('\n', at);
  return text.slice(at, Math.min(end < 0 ? text.length : end + 1, at + LINE_LENGTH_MAX));
};

const withLine = (manifest: AofManifest, line: Bytes, number: number): AofManifest => {
  const fail = (message: string): AofManifestError => new AofManifestError(message, number, line);
  const words = splitArguments(line);
  // An even number of words, at least three pairs: later versions may add pairs of their own.
  if (words === null || words.length < WORDS_MIN || words.length % 2 !== 0) {
    throw fail('Invalid AOF manifest file format');
  }
  let name: Bytes | null = null;
  let sequence = 0;
  let type = '';
  for (let index = 0; index < words.length; index += 2) {
    const key = lower(words[index] as Bytes) as string;
    const value = words[index + 1] as Bytes;
    if (key === 'file') {
      if (/[/\\]/.test(value)) throw fail("File can't be a path, just a filename");
      name = value;
    } else if (key === 'seq') sequence = Number(/^\s*([+-]?[0-9]{1,15})/.exec(value)?.[1] ?? 0);
    else if (key === 'type') type = value.charAt(0);
  }
  if (name === null || sequence === 0 || type === '') throw fail('Invalid AOF manifest file format');
  const file: AofFile = { name, sequence };
  if (type === 'b') {
    if (manifest.base !== null) throw fail('Found duplicate base file information');
    return { ...manifest, base: file, baseSequence: sequence };
  }
  if (type === 'h') return { ...manifest, history: [...manifest.history, file] };
  if (type !== 'i') throw fail('Unknown AOF file type');
  if (sequence <= manifest.incrementSequence) throw fail('Found a non-monotonic sequence number');
  return { ...manifest, increments: [...manifest.increments, file], incrementSequence: sequence };
};
