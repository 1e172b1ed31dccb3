/**
 * A snapshot child: works its iterator off in slices that take time, beside its parent.
 *
 *     draining --(slice)--> draining                     file: appended to the temporary file
 *        |                                               pipe: handed to the parent as a turn; the next slice waits for it
 *        +--(iterator done)--> syncing (file) --> renamed, syncing (directory) --> done
 *        +--(kill, disk error)--> failed                 the temporary file stays, as it does when a real child is killed
 */
import { type Bytes, join } from '../../engine/core/bytes.ts';
import { micros } from '../../engine/core/units.ts';
import { type Child, type ChildResult, type ChildTarget, type FileError, HostFileError } from '../../engine/host.ts';
import type { DataDirectory } from '../disk/dataDirectory.ts';
import type { Inode } from '../disk/inode.ts';
import { KIND } from '../time/kinds.ts';
import { Later } from '../time/simEvent.ts';
import {
  CHILD_BYTE_NANOS, CHILD_SLICE_BYTES_MAX, CHILD_SLICE_CHUNKS_MAX, CHILD_SLICE_NANOS_MIN, CHILD_START_NANOS,
} from './costs.ts';
import { Callback, type Running } from './running.ts';

export class SimChild implements Child {
  readonly pid: number;
  private readonly running: Running;
  private readonly chunks: Iterator<Bytes, void>;
  private readonly target: ChildTarget;
  private readonly done: (result: ChildResult) => void;
  private readonly slice: Later;
  private readonly directory: DataDirectory;
  private file: Inode | null = null;
  private isOver = false;
  private isPaused = false;
  /** The iterator has no more. */
  private isDrained = false;
  /** A slice is scheduled, or the parent has not yet read the last one. */
  private isBusy = false;

  constructor(
    running: Running, chunks: Iterator<Bytes, void>, target: ChildTarget, done: (result: ChildResult) => void,
  ) {
    this.running = running;
    this.pid = running.machine.newPid();
    this.chunks = chunks;
    this.target = target;
    this.done = done;
    this.directory = running.process.directory;
    this.slice = new Later(KIND.childSlice, running.node, this.pid, 0, () => this.drain());
    running.children.add(this);
    this.scheduleSlice(CHILD_START_NANOS);
  }

  kill(): void {
    if (!this.isOver) this.finish({ ok: false, reason: 'killed' });
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    if (!this.isBusy && !this.isOver) this.scheduleSlice(CHILD_SLICE_NANOS_MIN);
  }

  /** Its process or machine died: nobody is told. */
  vanish(): void {
    this.isOver = true;
    this.running.kernel.cancel(this.slice);
    this.running.children.delete(this);
  }

  /** The next slice is due. */
  private drain(): void {
    this.isBusy = false;
    if (this.isOver || this.isPaused) return;
    if (this.isDrained) return this.complete();
    const parts: Bytes[] = [];
    let nanos = this.running.measure(() => this.pull(parts));
    const chunk = join(parts);
    nanos += Math.floor(chunk.length * CHILD_BYTE_NANOS * this.running.process.slowness) + parts.length * (this.target.gapMicros ?? 0) * 1000;
    if (this.target.kind === 'file') {
      if (this.append(chunk)) this.scheduleSlice(nanos);
    } else if (chunk.length > 0) {
      this.isBusy = true;
      const piece = new Callback(KIND.childSlice, this.running, this.pid, () => this.deliver(chunk), chunk.length);
      this.running.kernel.schedule(piece, micros(this.running.kernel.now + Math.ceil(nanos / 1000)));
    } else {
      this.scheduleSlice(nanos);
    }
  }

  /** The parent reads a piece of the pipe, in one turn. */
  private deliver(chunk: Bytes): void {
    if (this.isOver || this.target.kind !== 'pipe') return;
    this.isBusy = false;
    this.target.onChunk(chunk);
    if (!this.isPaused && !this.isBusy) this.scheduleSlice(CHILD_SLICE_NANOS_MIN);
  }

  private scheduleSlice(nanos: number): void {
    if (this.isOver || this.isBusy) return;
    this.isBusy = true;
    const { kernel } = this.running;
    const delay = Math.ceil(Math.max(nanos, CHILD_SLICE_NANOS_MIN) / 1000);
    kernel.schedule(this.slice, micros(this.running.currentMicros() + delay));
  }

  private pull(parts: Bytes[]): void {
    let size = 0;
    while (parts.length < CHILD_SLICE_CHUNKS_MAX && size < CHILD_SLICE_BYTES_MAX) {
      const next = this.chunks.next();
      if (next.done === true) {
        this.isDrained = true;
        return;
      }
      parts.push(next.value);
      size += next.value.length;
    }
  }

  /** False when the disk refused it: then the child is over. */
  private append(chunk: Bytes): boolean {
    if (this.target.kind !== 'file') return true;
    const { disk } = this.running.machine;
    const path = this.target.temporaryPath;
    try {
      disk.checkWrite(path, chunk.length);
      if (this.file === null) {
        this.file = this.directory.open(path, true);
        this.file.truncate(0);
      }
    } catch (error) {
      this.failWith(error);
      return false;
    }
    this.file.append(chunk);
    disk.touch(this.file);
    return true;
  }

  private complete(): void {
    if (this.target.kind === 'pipe' || this.file === null) return this.finish({ ok: true });
    this.isBusy = true;
    const { disk } = this.running.machine;
    disk.sync(this.directory, this.file, this.running.kernel.now, (error) => this.synced(error));
  }

  private synced(error: FileError | null): void {
    if (this.isOver || this.target.kind !== 'file') return;
    if (error !== null) return this.finish({ ok: false, reason: error });
    const { disk } = this.running.machine;
    try {
      this.directory.rename(this.target.temporaryPath, this.target.path);
    } catch (failure) {
      return this.failWith(failure);
    }
    disk.touch(null);
    // Until that has ended a power loss may bring the old file back; when it fails, the new one stays all the same.
    disk.sync(this.directory, null, this.running.kernel.now, (failed) => {
      if (!this.isOver) this.finish(failed === null ? { ok: true } : { ok: false, reason: failed });
    });
  }

  private failWith(error: unknown): void {
    if (!(error instanceof HostFileError)) throw error;
    this.finish({ ok: false, reason: error.code });
  }

  private finish(result: ChildResult): void {
    const { running } = this;
    this.vanish();
    const callback = new Callback(KIND.childDone, running, this.pid, () => this.done(result));
    running.kernel.schedule(callback, running.currentMicros());
  }
}
