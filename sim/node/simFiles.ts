/**
 * Files of one running process, over its data directory on the machine's disk. The kernel takes writes at once; only
 * syncs take the disk's time.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import type { File, FileError, Files } from '../../engine/host.ts';
import { type DataDirectory, fileError } from '../disk/dataDirectory.ts';
import type { Disk } from '../disk/disk.ts';
import type { Inode } from '../disk/inode.ts';
import { KIND } from '../time/kinds.ts';
import { FILE_BYTE_NANOS } from './costs.ts';
import { Callback, type Running } from './running.ts';

export class SimFiles implements Files {
  readonly running: Running;
  readonly disk: Disk;
  readonly directory: DataDirectory;

  constructor(running: Running) {
    this.running = running;
    this.disk = running.machine.disk;
    this.directory = running.process.directory;
  }

  /** A process has one data directory here. */
  changeDirectory(path: Bytes): Bytes {
    throw fileError('notFound', path);
  }

  open(path: Bytes, mode: 'read' | 'append' | 'create'): File {
    if (mode === 'read') this.disk.checkRead(path);
    const isNew = this.directory.find(path) === null;
    if (isNew && mode !== 'read') this.disk.checkWrite(path, 0);
    const inode = this.directory.open(path, mode !== 'read');
    if (mode === 'create') inode.truncate(0);
    if (mode !== 'read') this.disk.touch(inode);
    return new SimFile(this, path, inode, mode !== 'read');
  }

  exists(path: Bytes): boolean {
    return this.directory.exists(path);
  }

  list(directory: Bytes): readonly Bytes[] {
    return this.directory.list(directory);
  }

  makeDirectory(path: Bytes): void {
    this.disk.checkWrite(path, 0);
    this.directory.makeDirectory(path);
  }

  rename(from: Bytes, to: Bytes): void {
    this.directory.rename(from, to);
    this.disk.touch(null);
  }

  remove(path: Bytes): void {
    this.directory.remove(path);
    this.disk.touch(null);
  }

  syncDirectory(path: Bytes): void {
    if (!this.directory.exists(path)) throw fileError('notFound', path);
    this.holdForSync(path, null);
  }

  /** A write waits for the syncs of its file that are running. */
  holdForWrite(inode: Inode): void {
    if (inode.syncsRunning === 0) return;
    const { running } = this;
    const from = running.currentMicros();
    const until = this.disk.writableFrom(inode, from, () => running.release());
    if (until === 'stuck') running.hold();
    else if (until > from) running.costExact((until - from) * 1000);
  }

  /** A sync that the process waits for. Throws when the disk fails it. */
  holdForSync(path: Bytes, inode: Inode | null): void {
    const { running } = this;
    const from = running.currentMicros();
    const outcome = this.disk.syncNow(this.directory, inode, from, () => running.release());
    if (outcome.kind === 'stuck') {
      running.hold();
      return;
    }
    running.costExact((outcome.endsAt - from) * 1000);
    if (outcome.error !== null) throw fileError(outcome.error, path);
  }
}

class SimFile implements File {
  private readonly files: SimFiles;
  private readonly path: Bytes;
  private readonly inode: Inode;
  private readonly isWritable: boolean;

  constructor(files: SimFiles, path: Bytes, inode: Inode, isWritable: boolean) {
    this.files = files;
    this.path = path;
    this.inode = inode;
    this.isWritable = isWritable;
  }

  append(chunk: Bytes): void {
    const { files, inode } = this;
    if (!this.isWritable) throw fileError('denied', this.path);
    files.holdForWrite(inode);
    // What there is room for is written; then the error comes.
    const room = files.disk.room(chunk.length);
    const part = room >= chunk.length ? chunk : chunk.slice(0, room) as Bytes;
    files.running.cost(part.length * FILE_BYTE_NANOS);
    if (part.length > 0) {
      inode.append(part);
      files.disk.touch(inode);
    }
    if (part.length === 0 || part.length < chunk.length) files.disk.checkWrite(this.path, chunk.length - part.length);
  }

  syncNow(): void {
    this.files.holdForSync(this.path, this.inode);
  }

  sync(done: (error: FileError | null) => void): void {
    const { running, disk, directory } = this.files;
    disk.sync(directory, this.inode, running.currentMicros(), (error) => {
      if (running.isAlive) running.submit(new Callback(KIND.fileSync, running, 0, () => done(error)));
    });
  }

  truncate(size: number): void {
    if (!this.isWritable) throw fileError('denied', this.path);
    this.inode.truncate(size);
    this.files.disk.touch(this.inode);
  }

  size(): number {
    return this.inode.size;
  }

  read(from: number, length: number): Bytes {
    this.files.disk.checkRead(this.path);
    const chunk = this.inode.read(from, length);
    this.files.running.cost(chunk.length * FILE_BYTE_NANOS);
    return chunk;
  }

  close(): void {
    // Nothing is lost with a handle: the kernel holds what was written, and a running sync goes on.
  }
}
