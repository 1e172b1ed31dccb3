/**
 * The host's files over synchronous node:fs. Paths are byte strings below the data directory; an absolute path stays
 * as it is. Latin-1 at this edge, so every name and every content survives unchanged.
 *
 * Always holds: a file is written at its end only; a descriptor stays open until the syncs that use it have ended, so a
 * number is never reused under them; what fails throws `HostFileError`.
 */
import {
  closeSync, constants, existsSync, fstatSync, fsync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync,
  readdirSync, renameSync, rmdirSync, unlinkSync, writeSync,
} from 'node:fs';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { type File, type FileError, type Files, HostFileError } from '../host.ts';
import { asFileOperation, fileErrorOf, systemCode, systemReason } from './nodeErrors.ts';
import type { Turn } from './turn.ts';

const OPEN_FLAGS: Readonly<Record<'read' | 'append' | 'create', number>> = {
  read: constants.O_RDONLY,
  append: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_TRUNC,
};

const NEW_FILE_MODE = 0o644;
const SLASH = 0x2f;

export class NodeFiles implements Files {
  /** Absolute, or relative to the working directory. */
  directory: string;
  private prefix: Buffer;
  private readonly turn: Turn;

  constructor(directory: string, turn: Turn) {
    this.directory = directory;
    this.prefix = prefixOf(directory);
    this.turn = turn;
  }

  /** The working directory of the process goes along, as that of redis-server does. */
  changeDirectory(path: Bytes): Bytes {
    try {
      process.chdir(this.placeText(path));
    } catch (error) {
      throw new HostFileError(fileErrorOf(error), systemReason(error));
    }
    this.directory = process.cwd();
    this.prefix = prefixOf(this.directory);
    return bytes(Buffer.from(this.directory).toString('latin1'));
  }

  open(path: Bytes, mode: 'read' | 'append' | 'create'): File {
    const descriptor = asFileOperation(() => openSync(this.place(path), OPEN_FLAGS[mode], NEW_FILE_MODE));
    return new NodeFile(descriptor, this.turn);
  }

  exists(path: Bytes): boolean {
    return existsSync(this.place(path));
  }

  list(directory: Bytes): readonly Bytes[] {
    const names = asFileOperation(() => readdirSync(this.place(directory), { encoding: 'buffer' }));
    return names.map((name) => bytes(name.toString('latin1'))).sort();
  }

  makeDirectory(path: Bytes): void {
    asFileOperation(() => mkdirSync(this.place(path), { mode: 0o755 }));
  }

  rename(from: Bytes, to: Bytes): void {
    asFileOperation(() => renameSync(this.place(from), this.place(to)));
  }

  remove(path: Bytes): void {
    const place = this.place(path);
    asFileOperation(() => {
      try {
        unlinkSync(place);
      } catch (error) {
        if (systemCode(error) !== 'EISDIR') throw error;
        rmdirSync(place);
      }
    });
  }

  syncDirectory(path: Bytes): void {
    asFileOperation(() => {
      const descriptor = openSync(this.place(path), constants.O_RDONLY);
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  /** Names of files are bytes, those of processes and sockets text. */
  placeText(path: Bytes): string {
    return this.place(path).toString();
  }

  private place(path: Bytes): Buffer {
    const name = Buffer.from(path, 'latin1');
    return name[0] === SLASH ? name : Buffer.concat([this.prefix, name]);
  }
}

const prefixOf = (directory: string): Buffer => Buffer.from(directory.endsWith('/') ? directory : `${directory}/`);

class NodeFile implements File {
  private readonly descriptor: number;
  private readonly turn: Turn;
  private syncsRunning = 0;
  private closed = false;

  constructor(descriptor: number, turn: Turn) {
    this.descriptor = descriptor;
    this.turn = turn;
  }

  append(chunk: Bytes): void {
    asFileOperation(() => {
      const content = Buffer.from(chunk, 'latin1');
      for (let written = 0; written < content.length;) {
        written += writeSync(this.descriptor, content, written, content.length - written);
      }
    });
  }

  syncNow(): void {
    asFileOperation(() => fsyncSync(this.descriptor));
  }

  sync(done: (error: FileError | null) => void): void {
    this.syncsRunning++;
    fsync(this.descriptor, (error) => {
      this.syncsRunning--;
      this.closeWhenIdle();
      this.turn.arm();
      done(error === null ? null : fileErrorOf(error));
    });
  }

  truncate(size: number): void {
    asFileOperation(() => ftruncateSync(this.descriptor, size));
  }

  size(): number {
    return asFileOperation(() => fstatSync(this.descriptor).size);
  }

  read(from: number, length: number): Bytes {
    if (length === 0) return EMPTY;
    return asFileOperation(() => {
      const content = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const count = readSync(this.descriptor, content, filled, length - filled, from + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes(content.toString('latin1', 0, filled));
    });
  }

  close(): void {
    this.closed = true;
    this.closeWhenIdle();
  }

  private closeWhenIdle(): void {
    if (this.closed && this.syncsRunning === 0) asFileOperation(() => closeSync(this.descriptor));
  }
}
