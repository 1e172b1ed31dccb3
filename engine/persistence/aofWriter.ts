/**
 * The increment that is being written: what waits in the buffer, what the kernel has, what the disk has.
 *
 *     buffer --write (end of a turn)--> written --sync--> synced
 *     always:   each write is synced before the replies go out; an error ends the process
 *     everysec: a sync beside the process once a second; while one runs, the write itself waits for up to two seconds
 *     no:       the kernel writes back in its own time
 *
 * What always holds: after an error the file ends where the last whole write ended, or the buffer begins where the file ends.
 * Source: aof.c of Redis 7.0 (flushAppendOnlyFile), bio.c for errors of background syncs.
 */
import { type File, type Host, HostFileError } from '../host.ts';
import { type Bytes, EMPTY, join } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import type { LoggedNote } from '../core/notes.ts';
import { replOffset } from '../core/units.ts';
import type { Settings } from '../commands/settings.ts';
import { positionAnnotation } from './aofAnnotations.ts';
import type { AofBugs } from './aof.ts';
import { fileProblem } from './aofLoader.ts';
import type { NotePosition } from './snapshotSaver.ts';

/** How long a write waits for a running sync, in whole seconds. */
const POSTPONED_SECONDS_MAX = 2;
/** An error that stays is logged again after so long. */
const ERROR_LOG_SECONDS = 30;

export interface AofWriterOptions {
  /** Positions go into the file and into notes: somebody reads them. */
  readonly annotates: boolean;
  readonly bugs: AofBugs;
  /** A child writes to the disk. */
  hasChild(): boolean;
}

export class AofWriter {
  /** Bytes of the open increment that are whole. */
  incrementBytes = 0;
  /** Bytes written since the process began, base and earlier increments of its start included. */
  totalBytes = 0;
  delayedSyncs = 0;
  pendingSyncs = 0;
  /** The disk could not be kept in step with an acknowledged write: the process ends, and no reply goes out. */
  hasFailed = false;
  /** Writes count only once a base stands before them. */
  private isNoted = false;
  private file: File | null = null;
  private buffer: Bytes[] = [];
  private bufferBytes = 0;
  /** Where in `buffer` the units begin whose position is not known yet; -1: none. */
  private unsealedAt = -1;
  private bufferedPosition: NotePosition | null = null;
  private writtenPosition: NotePosition | null = null;
  /** Writes are numbered: a sync that ends late must not take back what a later one has said. */
  private writes = 0;
  private syncedWrites = 0;
  private syncedBytes = 0;
  private lastSyncSeconds = 0;
  private postponedSince = 0;
  private lastErrorLogSeconds = 0;
  private writeError: HostFileError | null = null;
  private syncError: string | null = null;
  private readonly host: Host;
  private readonly settings: Settings;
  private readonly options: AofWriterOptions;

  constructor(host: Host, settings: Settings, options: AofWriterOptions) {
    this.host = host;
    this.settings = settings;
    this.options = options;
  }

  get isOpen(): boolean {
    return this.file !== null;
  }

  get bufferLength(): number {
    return this.bufferBytes;
  }

  get isPostponed(): boolean {
    return this.postponedSince !== 0;
  }

  get lastWriteOk(): boolean {
    return this.writeError === null && this.syncError === null;
  }

  get hasWriteError(): boolean {
    return this.writeError !== null;
  }

  /** Why writes are refused; null when they are not. */
  get problem(): string | null {
    return this.writeError !== null ? fileProblem(this.writeError) : this.syncError;
  }

  /** From now on writes go to `file`. The one before it is synced and closed beside the process. */
  open(file: File): void {
    const old = this.file;
    if (old !== null) {
      this.syncBeside(old, () => old.close(), false);
      this.lastSyncSeconds = this.unixSeconds();
    }
    this.file = file;
    this.incrementBytes = file.size();
    this.syncedBytes = this.incrementBytes;
  }

  append(text: Bytes): void {
    if (this.unsealedAt < 0) this.unsealedAt = this.buffer.length;
    // Mostly a turn has one: a list of one is smaller than one that grows.
    if (this.buffer.length === 0) this.buffer = [text];
    else this.buffer.push(text);
    this.bufferBytes += text.length;
  }

  /** The units that were appended since the last call end here. */
  seal(at: NotePosition): void {
    if (this.unsealedAt < 0) return;
    if (this.options.annotates) {
      const annotation = positionAnnotation(at);
      this.buffer[this.unsealedAt] = (annotation + (this.buffer[this.unsealedAt] as Bytes)) as Bytes;
      this.bufferBytes += annotation.length;
    }
    this.bufferedPosition = at;
    this.unsealedAt = -1;
  }

  /** There is something that the file does not have yet. */
  get isWaiting(): boolean {
    return this.bufferBytes > 0;
  }

  /** Writes the buffer and syncs by policy. `force`: even while a sync runs. */
  flush(force: boolean): void {
    const { file, settings } = this;
    if (file === null || this.hasFailed) return;
    const policy = settings.text('appendfsync') as string as LoggedNote['policy'];
    if (this.bufferBytes === 0) {
      // What was written last may still wait for its sync, if nothing was written since.
      if (policy === 'everysec' && this.syncedBytes !== this.incrementBytes && this.pendingSyncs === 0
        && this.unixSeconds() > this.lastSyncSeconds) this.syncByPolicy(file, policy);
      return;
    }
    if (policy === 'everysec' && !force && this.pendingSyncs > 0 && this.postpone()) return;
    this.postponedSince = 0;
    if (!this.write(file, policy)) {
      if (policy === 'always') {
        this.fail("Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...");
      }
      return;
    }
    this.syncByPolicy(file, policy);
  }

  /** Everything goes to the disk before this returns, whatever the policy; an error is only logged. */
  finish(): void {
    this.flush(true);
    if (this.file === null || this.hasFailed) return;
    try {
      this.syncWritten(this.file);
    } catch (failure) {
      this.host.log('warning', `Fail to fsync the AOF file: ${fileProblem(failure)}.`);
    }
  }

  /** Forgets the file and what waits for it. */
  close(): void {
    this.file?.close();
    this.file = null;
    this.incrementBytes = 0;
    this.writtenPosition = null;
    this.discard();
  }

  /** Forgets what waits to be written. */
  discard(): void {
    this.buffer = [];
    this.bufferBytes = 0;
    this.unsealedAt = -1;
    this.bufferedPosition = null;
    this.postponedSince = 0;
  }

  /** An error of before is of no interest: the log begins anew. */
  forgetErrors(): void {
    this.lastSyncSeconds = this.unixSeconds();
    if (this.syncError !== null) this.host.log('warning', 'AOF reopen, just ignore the AOF fsync error in bio job');
    if (this.writeError !== null) this.host.log('warning', 'AOF reopen, just ignore the last error.');
    this.syncsAgain();
    this.writeError = null;
  }

  /**
   * The log is valid from here on: it holds everything up to `at`, and the increment what came since. `isSynced`: all of it
   * is known to be on the disk. (After a start it is not: what a killed process wrote may still be in the kernel's hands.)
   */
  becomesValid(at: NotePosition, isSynced: boolean): void {
    this.isNoted = true;
    this.writtenPosition ??= at;
    this.note('written', this.writtenPosition);
    if (isSynced) this.note('synced', at);
  }

  /** The log is no longer continued: what comes now is nowhere on the disk. */
  becomesStale(at: NotePosition): void {
    if (this.isNoted) this.note('stopped', at);
    this.isNoted = false;
  }

  /** True while the write is to wait for the running sync. */
  private postpone(): boolean {
    const now = this.unixSeconds();
    if (this.postponedSince === 0) {
      this.postponedSince = now;
      mark(this.host, 'aofWritePostponed');
      return true;
    }
    if (now - this.postponedSince < POSTPONED_SECONDS_MAX) return true;
    this.delayedSyncs++;
    mark(this.host, 'aofWriteBlocked');
    this.host.log('notice', 'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting '
      + 'for fsync to complete, this may slow down Redis.');
    return false;
  }

  /** False when the disk refused it; the buffer then holds what the file lacks. */
  private write(file: File, policy: LoggedNote['policy']): boolean {
    const chunk = this.buffer.length === 1 ? this.buffer[0] as Bytes : join(this.buffer);
    try {
      file.append(chunk);
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      this.writeFailed(file, chunk, failure);
      return false;
    }
    if (this.writeError !== null) {
      this.host.log('warning', 'AOF write error looks solved, Redis can write again.');
      this.writeError = null;
    }
    this.writes++;
    this.incrementBytes += chunk.length;
    this.totalBytes += chunk.length;
    this.buffer = [];
    this.bufferBytes = 0;
    if (this.bufferedPosition !== null) {
      this.writtenPosition = this.bufferedPosition;
      this.note('written', this.bufferedPosition, policy);
    }
    return true;
  }

  /** A part may have been written: it is taken back, or else it is the buffer that loses it. */
  private writeFailed(file: File, chunk: Bytes, failure: HostFileError): void {
    const now = this.unixSeconds();
    const logs = now - this.lastErrorLogSeconds > ERROR_LOG_SECONDS;
    if (logs) this.lastErrorLogSeconds = now;
    const written = file.size() - this.incrementBytes;
    let kept = written;
    if (written === 0) {
      if (logs) this.host.log('warning', `Error writing to the AOF file: ${fileProblem(failure)}`);
    } else {
      if (logs) {
        this.host.log('warning',
          `Short write while writing to the AOF file: (nwritten=${written}, expected=${chunk.length})`);
      }
      try {
        file.truncate(this.incrementBytes);
        kept = 0;
      } catch (error) {
        this.host.log('warning', 'Could not remove short write from the append-only file.  Redis may refuse to load the '
          + `AOF the next time it starts.  ftruncate: ${fileProblem(error)}`);
      }
    }
    if (this.writeError === null) {
      mark(this.host, 'aofWriteFailed');
      if (this.writtenPosition !== null) this.note('failed', this.writtenPosition);
    }
    this.writeError = failure;
    const rest = kept === 0 ? chunk : (chunk.slice(kept) as Bytes);
    this.buffer = rest === EMPTY ? [] : [rest];
    this.bufferBytes = rest.length;
    this.unsealedAt = -1;
    this.incrementBytes += kept;
    this.totalBytes += kept;
  }

  private syncByPolicy(file: File, policy: LoggedNote['policy']): void {
    if (this.isSuspended) return;
    if (policy === 'always') {
      try {
        this.syncWritten(file);
      } catch (failure) {
        this.fail(`Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${fileProblem(failure)}. `
          + 'Exiting...');
      }
    } else if (policy === 'everysec' && this.unixSeconds() > this.lastSyncSeconds) {
      if (this.pendingSyncs === 0) {
        this.syncedBytes = this.incrementBytes;
        this.pendingSyncs++;
        this.syncBeside(file, () => {
          this.pendingSyncs--;
        });
      }
      this.lastSyncSeconds = this.unixSeconds();
    }
  }

  private syncWritten(file: File): void {
    if (!this.options.bugs.syncLost) file.syncNow();
    this.syncedBytes = this.incrementBytes;
    this.lastSyncSeconds = this.unixSeconds();
    this.covered(this.writes, this.writtenPosition);
  }

  /** `counts`: its outcome says whether writes are refused. That of a file that is closed does not, as in Redis (BIO_CLOSE_FILE). */
  private syncBeside(file: File, done: () => void, counts: boolean = true): void {
    const { writes, writtenPosition } = this;
    if (this.options.bugs.syncLost) {
      done();
      this.covered(writes, writtenPosition);
      return;
    }
    file.sync((error) => {
      done();
      if (error === null) {
        if (counts) this.syncsAgain();
        this.covered(writes, writtenPosition);
      } else if (counts) {
        const text = fileProblem(new HostFileError(error, error));
        if (this.syncError === null) this.host.log('warning', `Fail to fsync the AOF file: ${text}`);
        mark(this.host, 'aofSyncFailed');
        this.syncError = text;
      }
    });
  }

  /** Nothing is refused any more for the sake of a sync. */
  private syncsAgain(): void {
    if (this.syncError === null) return;
    this.syncError = null;
    mark(this.host, 'aofSyncMended');
  }

  /** A sync has ended that began behind the write of that number. */
  private covered(writes: number, at: NotePosition | null): void {
    if (writes <= this.syncedWrites || at === null) return;
    this.syncedWrites = writes;
    this.note('synced', at);
  }

  private fail(message: string): void {
    this.host.log('warning', message);
    mark(this.host, 'aofSyncFatal');
    this.hasFailed = true;
    this.host.exit(1);
  }

  private note(state: LoggedNote['state'], at: NotePosition, known: LoggedNote['policy'] | null = null): void {
    if (!this.isNoted) return;
    const policy = known ?? this.settings.text('appendfsync') as string as LoggedNote['policy'];
    this.host.note({ kind: 'logged', state, id: at.id, offset: replOffset(at.position), policy, isSuspended: this.isSuspended });
  }

  /** Nothing is synced while a child writes, where the configuration says so. */
  private get isSuspended(): boolean {
    return this.options.hasChild() && this.settings.flag('no-appendfsync-on-rewrite');
  }

  private unixSeconds(): number {
    return Math.floor(this.host.wallMs() / 1000);
  }
}
