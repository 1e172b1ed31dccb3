/**
 * The append-only directory of one server: manifest, the increment that is written, rewrites by the one child.
 *
 *     off --start--> waitRewrite --(first base complete)--> on --stop--> off
 *                        |  ^
 *                        '--'  the rewrite failed: another one is scheduled
 *
 * What always holds: the manifest on the disk names only files that are there; a new increment is opened at the very
 * instant of the snapshot that its base is made of. Source: aof.c of Redis 7.0 (startAppendOnly, stopAppendOnly,
 * rewriteAppendOnlyFileBackground, backgroundRewriteDoneHandler, aofOpenIfNeededOnServerStart), for behaviour and messages.
 */
import { type File, type Host, HostFileError } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import type { Settings } from '../commands/settings.ts';
import type { StreamUnit } from '../protocol/streamUnit.ts';
import { timestampAnnotation } from './aofAnnotations.ts';
import { fileProblem } from './aofLoader.ts';
import {
  type AofFile, type AofManifest, AofManifestError, EMPTY_MANIFEST, formatManifest, isEmptyManifest, manifestName,
  parseManifest, temporaryIncrementName, withNewBase, withNewIncrement, withOldFileAsBase, withRewrittenIncrements,
  withoutHistory,
} from './aofManifest.ts';
import { RewriteLimit } from './aofRewriteLimit.ts';
import { AofWriter } from './aofWriter.ts';
import type { NotePosition, SnapshotSaver } from './snapshotSaver.ts';

export type AofState = 'off' | 'waitRewrite' | 'on';

export interface AofParts {
  readonly host: Host;
  readonly settings: Settings;
  readonly saver: SnapshotSaver;
  /** Positions are written for somebody who reads notes. */
  readonly annotates: boolean;
  readonly bugs: AofBugs;
  /** Where this node stands now. */
  position(): NotePosition;
}

/** Named faults of the append-only file, for proving that the checkers see them. */
export interface AofBugs {
  /** Says that the file is on the disk without having synced it. */
  readonly syncLost: boolean;
  /** Does not load the last increment. */
  readonly incrementNotLoaded: boolean;
}

export const NO_AOF_BUGS: AofBugs = { syncLost: false, incrementNotLoaded: false };

/** What INFO shows of rewrites. */
export interface RewriteStats {
  rewrites: number;
  lastOk: boolean;
  lastSeconds: number;
  startedUnixSeconds: number;
}

/** A manifest is no longer. */
const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;

export class Aof {
  state: AofState = 'off';
  readonly writer: AofWriter;
  readonly limit: RewriteLimit;
  readonly rewriteStats: RewriteStats = { rewrites: 0, lastOk: true, lastSeconds: -1, startedUnixSeconds: -1 };
  isRewriteScheduled = false;
  /** Size of the log, and its size after the last rewrite (or at the start). */
  currentBytesBefore = 0;
  baseBytes = 0;
  private manifest: AofManifest = EMPTY_MANIFEST;
  private selectedDatabase = -1;
  private lastTimestamp = 0;
  private readonly parts: AofParts;

  constructor(parts: AofParts) {
    this.parts = parts;
    this.limit = new RewriteLimit(parts.host);
    this.writer = new AofWriter(parts.host, parts.settings, {
      annotates: parts.annotates, bugs: parts.bugs, hasChild: () => parts.saver.activeKind !== null,
    });
  }

  get files(): AofManifest {
    return this.manifest;
  }

  get directory(): Bytes {
    return this.parts.settings.text('appenddirname');
  }

  /** Size of all files that would be loaded. */
  get currentBytes(): number {
    return this.currentBytesBefore + this.writer.totalBytes;
  }

  /** Reads the manifest, if there is one. Null when that is done; else the lines that say why the server cannot start. */
  readManifest(): readonly string[] | null {
    const { host } = this.parts;
    const path = this.path(manifestName(this.fileName));
    if (!host.files.exists(path)) return null;
    try {
      const file = host.files.open(path, 'read');
      const text = file.read(0, Math.min(file.size(), MANIFEST_BYTES_MAX));
      file.close();
      this.manifest = parseManifest(text);
      return null;
    } catch (failure) {
      if (!(failure instanceof AofManifestError)) {
        return [`Fatal error: can't open the AOF manifest file ${path} for reading: ${fileProblem(failure)}`];
      }
      const place = failure.line === 0 ? []
        : [`Reading the manifest file, at line ${failure.line}\n`, `>>> '${failure.text}'\n`];
      return ['\n*** FATAL AOF MANIFEST FILE ERROR ***\n', ...place, `${failure.message}\n`];
    }
  }

  /** A single file of an older Redis moves into the directory as the base. Throws `HostFileError`. */
  upgradeOldFile(): void {
    const { host } = this.parts;
    const name = this.fileName;
    if (!host.files.exists(name)) return;
    const { base, increments } = this.manifest;
    const isHalfDone = base !== null && increments.length === 0 && base.name === name && !host.files.exists(this.path(name));
    if (!isEmptyManifest(this.manifest) && !isHalfDone) return;
    this.makeDirectory();
    if (!isHalfDone) {
      this.persist(withOldFileAsBase(this.manifest, name));
    }
    host.files.rename(name, this.path(name));
    host.log('notice', `Successfully migrated an old-style AOF file (${name}) into the AOF directory (${this.directory}).`);
  }

  /** After loading: opens the last increment, and makes a base where there is none. Throws `HostFileError`. */
  openAtStart(totalBytes: number, baseBytes: number): void {
    const { host, saver } = this.parts;
    this.state = 'on';
    this.makeDirectory();
    let next = this.manifest;
    if (isEmptyManifest(next)) {
      next = withNewBase(next, this.fileName, this.usesRdb);
      const name = (next.base as AofFile).name;
      saver.writeBaseNow({ temporaryPath: bytes(`temp-rewriteaof-${host.pid}.aof`), path: this.path(name) });
      host.log('notice', `Creating AOF base file ${name} on server start`);
    }
    const isNew = next.increments.length === 0;
    if (isNew) next = withNewIncrement(next, this.fileName);
    const name = (next.increments.at(-1) as AofFile).name;
    const file = host.files.open(this.path(name), 'append');
    if (next !== this.manifest) this.persist(next);
    this.writer.open(file);
    host.log('notice', `${isNew ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`);
    this.currentBytesBefore = totalBytes;
    this.baseBytes = baseBytes;
    this.writer.becomesValid(this.parts.position(), false);
    this.removeHistory();
  }

  /** One execution unit, as it goes into the replication stream; `seal` says later where it ends. */
  feed(unit: StreamUnit): void {
    const { settings, host, saver } = this.parts;
    const gathers = this.state === 'on' || (this.state === 'waitRewrite' && saver.activeKind === 'rewrite');
    if (!gathers) return;
    const { text, database } = unit.encode(this.selectedDatabase);
    this.selectedDatabase = database;
    const now = Math.floor(host.wallMs() / 1000);
    if (settings.flag('aof-timestamp-enabled') && this.lastTimestamp < now) {
      this.lastTimestamp = now;
      this.writer.append(bytes(timestampAnnotation(now) + text));
    } else this.writer.append(text);
  }

  /** CONFIG SET appendonly yes, and after a full synchronisation. False: it cannot be turned on; why was logged. */
  start(isInTransaction: boolean): boolean {
    const { host, saver } = this.parts;
    this.state = 'waitRewrite';
    if (saver.activeKind !== null && saver.activeKind !== 'rewrite') {
      this.isRewriteScheduled = true;
      host.log('notice', 'AOF was enabled but there is already another background operation. An AOF background was '
        + 'scheduled to start when possible.');
    } else if (isInTransaction) {
      this.isRewriteScheduled = true;
      host.log('notice', 'AOF was enabled during a transaction. An AOF background was scheduled to start when possible.');
    } else {
      if (saver.activeKind === 'rewrite') {
        host.log('notice', 'AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF '
          + 'and starting a rewrite now.');
        this.abandonRewrite();
      }
      if (!this.rewrite()) {
        this.state = 'off';
        host.log('warning', "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the "
          + 'above logs for more info about the error.');
        return false;
      }
    }
    this.writer.forgetErrors();
    return true;
  }

  /** CONFIG SET appendonly no, and before a full synchronisation. */
  stop(): void {
    this.writer.finish();
    this.writer.becomesStale(this.parts.position());
    this.writer.close();
    this.selectedDatabase = -1;
    this.state = 'off';
    this.isRewriteScheduled = false;
    this.abandonRewrite();
  }

  /** BGREWRITEAOF. False: it could not be started; why was logged. */
  rewrite(): boolean {
    const { host, saver } = this.parts;
    if (saver.activeKind !== null) return false;
    // The next unit selects its database anew: it may be the first of an increment.
    this.selectedDatabase = -1;
    this.writer.flush(true);
    try {
      this.makeDirectory();
      this.openIncrementForRewrite();
    } catch (failure) {
      host.log('warning', `Can't open the append-only file: ${fileProblem(failure)}`);
      this.rewriteStats.lastOk = false;
      return false;
    }
    this.rewriteStats.rewrites++;
    this.isRewriteScheduled = false;
    this.rewriteStats.startedUnixSeconds = Math.floor(host.wallMs() / 1000);
    const path = bytes(`temp-rewriteaof-bg-${host.pid}.aof`);
    saver.writeBase({ temporaryPath: bytes(`temp-rewriteaof-${host.pid}.aof`), path }, (ok, at) => this.rewritten(ok, path, at));
    return true;
  }

  /** A rewrite that runs is of no use any more. */
  abandonRewrite(): void {
    if (this.parts.saver.activeKind !== 'rewrite') return;
    this.parts.saver.abandon('rewrite');
    this.rewriteStats.startedUnixSeconds = -1;
  }

  /** A rewrite is due because of the log's growth: by how much percent it grew; null when it is not due. */
  dueGrowth(): number | null {
    const { settings, saver } = this.parts;
    const percentage = settings.number('auto-aof-rewrite-percentage');
    if (this.state !== 'on' || saver.activeKind !== null || percentage === 0
      || this.currentBytes <= settings.number('auto-aof-rewrite-min-size')) return null;
    const growth = Math.floor(this.currentBytes * 100 / Math.max(1, this.baseBytes)) - 100;
    return growth >= percentage ? growth : null;
  }

  private openIncrementForRewrite(): void {
    const { host } = this.parts;
    if (this.state === 'off') return;
    let name = temporaryIncrementName(this.fileName);
    let next: AofManifest | null = null;
    if (this.state === 'on') {
      next = withNewIncrement(this.manifest, this.fileName);
      name = (next.increments.at(-1) as AofFile).name;
    }
    const file = host.files.open(this.path(name), 'create');
    if (next !== null) this.persist(next);
    host.log('notice', `Creating AOF incr file ${name} on background rewrite`);
    this.writer.open(file);
  }

  private rewritten(ok: boolean, path: Bytes, at: NotePosition): void {
    const { host } = this.parts;
    if (ok) this.takeBase(path, at);
    else {
      mark(host, 'aofRewriteFailed');
      this.rewriteStats.lastOk = false;
      this.limit.failures++;
    }
    if (host.files.exists(path)) this.removeLogged(path);
    if (this.state === 'waitRewrite') {
      // Still waiting: what was gathered for this rewrite is of no use to the next.
      this.writer.close();
      this.removeTemporaryIncrement();
      this.isRewriteScheduled = true;
    }
    const now = Math.floor(host.wallMs() / 1000);
    this.rewriteStats.lastSeconds = now - this.rewriteStats.startedUnixSeconds;
    this.rewriteStats.startedUnixSeconds = -1;
  }

  /** The new base takes the place of what it holds. */
  private takeBase(path: Bytes, at: NotePosition): void {
    const { host } = this.parts;
    let next = withNewBase(this.manifest, this.fileName, this.usesRdb);
    const { name } = next.base as AofFile;
    try {
      host.files.rename(path, this.path(name));
      host.log('notice', `Successfully renamed the temporary AOF base file ${path} into ${name}`);
      if (this.state === 'waitRewrite') {
        const temporary = temporaryIncrementName(this.fileName);
        next = withNewIncrement(next, this.fileName);
        const increment = (next.increments.at(-1) as AofFile).name;
        host.files.rename(this.path(temporary), this.path(increment));
        host.log('notice', `Successfully renamed the temporary AOF incr file ${temporary} into ${increment}`);
      }
      this.persist(withRewrittenIncrements(next, this.state === 'off' ? 0 : 1));
      if (this.state !== 'off') this.measure(name);
    } catch (failure) {
      host.log('warning', `Error trying to rename the temporary AOF base file ${path} into ${name}: ${fileProblem(failure)}`);
      this.rewriteStats.lastOk = false;
      this.limit.failures++;
      return;
    }
    this.removeHistory();
    this.rewriteStats.lastOk = true;
    this.limit.failures = 0;
    host.log('notice', 'Background AOF rewrite finished successfully');
    if (this.writer.incrementBytes > 0) mark(host, 'aofRewrittenUnderLoad');
    if (this.state === 'waitRewrite') {
      this.state = 'on';
      this.writer.becomesValid(at, true);
    }
  }

  private measure(baseName: Bytes): void {
    const file = this.parts.host.files.open(this.path(baseName), 'read');
    this.baseBytes = file.size() + this.writer.incrementBytes;
    file.close();
    this.currentBytesBefore = this.baseBytes - this.writer.totalBytes;
  }

  /** Rewritten files go, and the manifest forgets them. */
  removeHistory(): void {
    const { host, settings } = this.parts;
    if (settings.flag('aof-disable-auto-gc') || this.manifest.history.length === 0) return;
    for (const { name } of this.manifest.history) {
      host.log('notice', `Removing the history file ${name} in the background`);
      this.removeLogged(this.path(name));
    }
    try {
      this.persist(withoutHistory(this.manifest));
    } catch (failure) {
      // The next removal says it again.
      host.log('warning', `Fail to persist the AOF manifest: ${fileProblem(failure)}`);
    }
  }

  private removeTemporaryIncrement(): void {
    const name = temporaryIncrementName(this.fileName);
    if (!this.parts.host.files.exists(this.path(name))) return;
    this.parts.host.log('notice', `Removing the temp incr aof file ${name} in the background`);
    this.removeLogged(this.path(name));
  }

  private removeLogged(path: Bytes): void {
    try {
      this.parts.host.files.remove(path);
    } catch (failure) {
      if (failure instanceof HostFileError && failure.code === 'notFound') return;
      this.parts.host.log('warning', `Error removing ${path}: ${fileProblem(failure)}`);
    }
  }

  /** The manifest is on the disk, whole, under its name. Throws `HostFileError`; the old one is then still in force. */
  private persist(next: AofManifest): void {
    const { host } = this.parts;
    const name = manifestName(this.fileName);
    const temporary = this.path(bytes(`temp-${name}`));
    let file: File | null = null;
    try {
      file = host.files.open(temporary, 'create');
      file.append(formatManifest(next));
      file.syncNow();
    } finally {
      file?.close();
    }
    host.files.rename(temporary, this.path(name));
    host.files.syncDirectory(this.directory);
    this.manifest = next;
  }

  private makeDirectory(): void {
    if (!this.parts.host.files.exists(this.directory)) this.parts.host.files.makeDirectory(this.directory);
  }

  private get usesRdb(): boolean {
    return this.parts.settings.flag('aof-use-rdb-preamble');
  }

  private get fileName(): Bytes {
    return this.parts.settings.text('appendfilename');
  }

  private path(name: Bytes): Bytes {
    return bytes(`${this.directory}/${name}`);
  }
}
