/**
 * The command line's hold on the disk: where the package lies, reading what the user names, and writing files so that
 * nobody ever sees half of one (a temporary name in the same directory, then a rename).
 */
import {
  closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScenarioError } from '../../engine/core/errors.ts';
import type { ReadText } from '../../sim/topology/topology.ts';

/** Largest file that is read, where nobody says otherwise. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const WRITE_CHUNK = 256 * 1024;

/** The directory of package.json: the same from the sources and from `dist/`. */
export const packageRoot = (): string => {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new ScenarioError('package.json: not found above the program');
    directory = parent;
  }
  return directory;
};

/** A file's text. Throws `ScenarioError` with one line. */
export const readTextFile = (path: string, bytesMax: number = FILE_BYTES_MAX): string => {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new ScenarioError(`${path}: not a file`);
    if (stats.size > bytesMax) throw new ScenarioError(`${path}: larger than ${bytesMax} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw error instanceof ScenarioError ? error : new ScenarioError(`${path}: ${reason(error)}`);
  }
};

/** Reads deployment files by their bare names: from `directory` if it holds one, else from those that come with us. */
export const readerIn = (directory: string | null): ReadText => (file) => {
  if (basename(file) !== file) throw new ScenarioError(`${file}: must be a file name without a directory`);
  const own = directory === null ? null : join(directory, file);
  return readTextFile(own !== null && existsSync(own) ? own : join(packageRoot(), 'scenarios', 'seeds', file));
};

/** Largest file that a deployment file refers to (a mounted configuration, say). */
const REFERRED_BYTES_MAX = 1024 * 1024;

/** Reads what a user's deployment files refer to, by paths that begin in `directory`. */
export const readerBeside = (directory: string): ReadText => (file) => readTextFile(resolve(directory, file), REFERRED_BYTES_MAX);

/** Why a file operation failed, in words. */
const reason = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOSPC') return 'no space left on the device';
  return code === '' ? 'cannot be used' : `cannot be used (${code})`;
};

/** A file being written under a temporary name. Exactly one of `commit` and `abandon` ends it. */
export class FileWriter {
  private readonly path: string;
  private readonly temporary: string;
  private readonly descriptor: number;
  private pending: string[] = [];
  private pendingLength = 0;

  constructor(path: string) {
    this.path = resolve(path);
    this.temporary = join(dirname(this.path), `.${basename(this.path)}.${process.pid}.tmp`);
    try {
      this.descriptor = openSync(this.temporary, 'wx');
    } catch (error) {
      throw new ScenarioError(`${path}: ${reason(error)}`);
    }
  }

  line(text: string): void {
    this.pending.push(text, '\n');
    this.pendingLength += text.length + 1;
    if (this.pendingLength >= WRITE_CHUNK) this.flush();
  }

  commit(): void {
    try {
      this.flush();
      closeSync(this.descriptor);
      renameSync(this.temporary, this.path);
    } catch (error) {
      rmSync(this.temporary, { force: true });
      throw new ScenarioError(`${this.path}: ${reason(error)}`);
    }
  }

  abandon(): void {
    closeSync(this.descriptor);
    rmSync(this.temporary, { force: true });
  }

  private flush(): void {
    const bytes = Buffer.from(this.pending.join(''), 'utf8');
    let written = 0;
    while (written < bytes.length) written += writeSync(this.descriptor, bytes, written);
    this.pending = [];
    this.pendingLength = 0;
  }
}

/** Writes a whole file at once. */
export const writeTextFile = (path: string, text: string): void => {
  const writer = new FileWriter(path);
  writer.line(text);
  writer.commit();
};
