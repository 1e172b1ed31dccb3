/**
 * The one child of the server: it turns a snapshot into a file, into a stream for replicas, or into the base of an
 * append-only file. One at a time, as Redis has it.
 * Source: rdb.c of Redis 7.0 (rdbSaveBackground, rdbSaveToSlavesSockets, backgroundSaveDoneHandler), for behaviour.
 */
import { type Child, type ChildTarget, type Host, HostFileError } from '../host.ts';
import { type Bytes, EMPTY, bytes, concat } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import { replOffset } from '../core/units.ts';
import type { Settings } from '../commands/settings.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { Snapshot } from '../keyspace/snapshot.ts';
import { positionAnnotation, timestampAnnotation } from './aofAnnotations.ts';
import { writeAofBase } from './aofRewrite.ts';
import { type ReplicationInfo, type SnapshotParts, WHOLE } from './rdbFormat.ts';
import { type RdbWriteOptions, writeRdb } from './rdbWriter.ts';

export const REDIS_VERSION = '7.0.15';

/** `rewrite`: the base of the append-only file. */
export type SaveKind = 'disk' | 'socket' | 'rewrite';

export interface SaveStats {
  /** Changes since the last save that succeeded. */
  dirty: number;
  lastSaveUnixSeconds: number;
  lastAttemptUnixSeconds: number;
  lastOk: boolean;
  lastDurationSeconds: number;
  saves: number;
  forks: number;
}

/** A place in the tree of histories, as notes name it. */
export interface NotePosition {
  readonly id: Bytes;
  readonly position: number;
}

/** What a snapshot records of this node's history, asked at the instant it opens. */
export interface SnapshotPosition extends NotePosition {
  /** Null while nobody replicates: the file then names no history. */
  readonly replication: ReplicationInfo | null;
}

/** Where the child writes, and the name that it gives the whole file. */
export interface FileTarget {
  readonly temporaryPath: Bytes;
  readonly path: Bytes;
}

interface Running {
  readonly child: Child;
  readonly kind: SaveKind;
  readonly snapshot: Snapshot;
  readonly startedUnixSeconds: number;
  /** Nobody wants to hear of its end. */
  isAbandoned: boolean;
}

const USED_MEMORY_BYTES = 1048576;

export class SnapshotSaver {
  readonly stats: SaveStats;
  private readonly host: Host;
  private readonly keyspace: Keyspace;
  private readonly settings: Settings;
  private readonly position: () => SnapshotPosition;
  private running: Running | null = null;

  constructor(host: Host, keyspace: Keyspace, settings: Settings, position: () => SnapshotPosition) {
    this.host = host;
    this.keyspace = keyspace;
    this.settings = settings;
    this.position = position;
    this.stats = {
      dirty: 0, lastSaveUnixSeconds: this.unixSeconds(), lastAttemptUnixSeconds: 0, lastOk: true,
      lastDurationSeconds: -1, saves: 0, forks: 0,
    };
  }

  get activeKind(): SaveKind | null {
    return this.running === null ? null : this.running.kind;
  }

  get startedUnixSeconds(): number {
    return this.running === null ? -1 : this.running.startedUnixSeconds;
  }

  /** Keys that the child has had, and all that it will have; nothing while there is none. */
  get progress(): { readonly processed: number; readonly total: number } {
    if (this.running === null) return { processed: 0, total: 0 };
    const { snapshot } = this.running;
    return { processed: snapshot.taken, total: snapshot.sizes.reduce((sum, { keys }) => sum + keys, 0) };
  }

  get child(): Child | null {
    return this.running === null ? null : this.running.child;
  }

  /** BGSAVE. `done` hears whether the file is in place. */
  saveToFile(done: (ok: boolean) => void): void {
    const target = this.rdbTarget();
    const dirtyBefore = this.stats.dirty;
    const at = this.position();
    this.stats.lastAttemptUnixSeconds = this.unixSeconds();
    const startedUnixSeconds = this.unixSeconds();
    this.start('disk', { kind: 'file', ...target }, (snapshot) => writeRdb(snapshot, this.rdbOptions(at, false)), (ok) => {
      this.stats.lastOk = ok;
      this.stats.lastDurationSeconds = this.unixSeconds() - startedUnixSeconds;
      if (ok) {
        this.stats.dirty -= dirtyBefore;
        this.stats.lastSaveUnixSeconds = this.unixSeconds();
        this.stats.saves++;
        this.host.note({ kind: 'saved', id: at.id, offset: replOffset(at.position) });
      } else {
        mark(this.host, 'snapshotFailed');
        this.removeQuietly(target.temporaryPath);
      }
      done(ok);
    });
    this.host.log('notice', `Background saving started by pid ${this.child?.pid ?? 0}`);
  }

  /** Diskless synchronisation: the file's bytes come back through `onChunk`, in the order they are to be sent. */
  saveToSockets(parts: SnapshotParts, onChunk: (chunk: Bytes) => void, done: (ok: boolean) => void): void {
    const at = this.position();
    const options = { ...this.rdbOptions(at, false), parts };
    this.start('socket', { kind: 'pipe', onChunk }, (snapshot) => writeRdb(snapshot, options), done);
    this.host.log('notice', `Background RDB transfer started by pid ${this.child?.pid ?? 0}`);
  }

  /**
   * The base of an append-only file as of now. `done` hears whether it is complete under `target.path`, and what it holds.
   */
  writeBase(target: FileTarget, done: (ok: boolean, at: NotePosition) => void): void {
    const at = this.position();
    const write = this.baseWriter(at);
    this.start('rewrite', { kind: 'file', ...target }, write, (ok) => {
      if (!ok) this.removeQuietly(target.temporaryPath);
      done(ok, at);
    });
    this.host.log('notice', `Background append only file rewriting started by pid ${this.child?.pid ?? 0}`);
  }

  /** The same before the call returns. Throws `HostFileError`. */
  writeBaseNow(target: FileTarget): void {
    this.writeNow(target, this.baseWriter(this.position()));
  }

  /** SAVE: the file is written before the call returns. Throws `HostFileError`. */
  saveNow(): void {
    const at = this.position();
    this.writeNow(this.rdbTarget(), (snapshot) => writeRdb(snapshot, this.rdbOptions(at, false)));
    this.stats.dirty = 0;
    this.stats.lastSaveUnixSeconds = this.unixSeconds();
    this.stats.lastOk = true;
    this.stats.saves++;
    this.host.note({ kind: 'saved', id: at.id, offset: replOffset(at.position) });
    this.host.log('notice', 'DB saved on disk');
  }

  /** Ends the child; its `done` is told of the failure. */
  kill(): void {
    this.running?.child.kill();
  }

  /** Ends the child, if it is of this kind, and makes room for another one at once. Nobody is told. */
  abandon(kind: SaveKind): void {
    const { running } = this;
    if (running === null || running.kind !== kind) return;
    running.isAbandoned = true;
    running.snapshot.close();
    this.running = null;
    running.child.kill();
  }

  private start(
    kind: SaveKind, target: ChildTarget, write: (snapshot: Snapshot) => Iterator<Bytes, void>, done: (ok: boolean) => void,
  ): void {
    assert(this.running === null, 'two children at once');
    const snapshot = this.keyspace.openSnapshot();
    const gapMicros = this.keyDelayMicros();
    const child = this.host.startChild(write(snapshot), gapMicros > 0 ? { ...target, gapMicros } : target, (result) => {
      if (running.isAbandoned) {
        if (target.kind === 'file') this.removeQuietly(target.temporaryPath);
        return;
      }
      snapshot.close();
      this.running = null;
      const { title, error } = WORDS[kind];
      if (result.ok) this.host.log('notice', `${title} terminated with success`);
      else if (result.reason.startsWith('terminated by signal')) this.host.log('warning', `${title} ${result.reason}`);
      else this.host.log('warning', `${error}: ${result.reason}`);
      done(result.ok);
    });
    this.stats.forks++;
    const running: Running = { child, kind, snapshot, startedUnixSeconds: this.unixSeconds(), isAbandoned: false };
    this.running = running;
  }

  private writeNow(target: FileTarget, write: (snapshot: Snapshot) => Iterator<Bytes, void>): void {
    assert(this.running === null, 'a snapshot beside a child');
    const file = this.host.files.open(target.temporaryPath, 'create');
    const snapshot = this.keyspace.openSnapshot();
    try {
      const chunks = write(snapshot);
      for (let next = chunks.next(); next.done !== true; next = chunks.next()) {
        this.host.cost('byte', next.value.length);
        file.append(next.value);
      }
      file.syncNow();
      this.host.files.rename(target.temporaryPath, target.path);
      this.host.files.syncDirectory(directoryOf(target.path));
    } catch (failure) {
      this.removeQuietly(target.temporaryPath);
      throw failure;
    } finally {
      snapshot.close();
      file.close();
    }
  }

  private removeQuietly(path: Bytes): void {
    try {
      if (this.host.files.exists(path)) this.host.files.remove(path);
    } catch (failure) {
      // Left behind, it does no harm: the next save writes it anew.
      if (!(failure instanceof HostFileError)) throw failure;
    }
  }

  private rdbTarget(): FileTarget {
    return { temporaryPath: bytes(`temp-${this.host.pid}.rdb`), path: this.settings.text('dbfilename') };
  }

  private baseWriter(at: SnapshotPosition): (snapshot: Snapshot) => Iterator<Bytes, void> {
    if (this.settings.flag('aof-use-rdb-preamble')) {
      return (snapshot) => writeRdb(snapshot, { ...this.rdbOptions(at, true), replication: null });
    }
    const stamp = this.settings.flag('aof-timestamp-enabled') ? timestampAnnotation(this.unixSeconds()) : EMPTY;
    const head = this.keyspace.keepsDigest ? concat(stamp, positionAnnotation(at)) : stamp;
    return (snapshot) => writeAofBase(snapshot, head);
  }

  private rdbOptions(at: SnapshotPosition, isAofBase: boolean): RdbWriteOptions {
    return {
      redisVersion: REDIS_VERSION, createdUnixSeconds: this.unixSeconds(), usedMemory: USED_MEMORY_BYTES,
      replication: at.replication, checksum: this.settings.flag('rdbchecksum'), isAofBase, parts: WHOLE,
      compression: this.settings.flag('rdbcompression'),
      listMaxListpackSize: this.keyspace.limits.listMaxListpackSize, chunkForEachKey: this.keyDelayMicros() > 0,
      notePosition: this.keyspace.keepsDigest ? { id: at.id, position: at.position } : null,
    };
  }

  /** For tests that want to look at a server that saves. Less than a microsecond, as a negative number has it, is nothing. */
  private keyDelayMicros(): number {
    return Math.max(0, this.settings.number('rdb-key-save-delay'));
  }

  private unixSeconds(): number {
    return Math.floor(this.host.wallMs() / 1000);
  }
}

/** What is said of a child's end. */
const WORDS: Readonly<Record<SaveKind, { readonly title: string; readonly error: string }>> = {
  disk: { title: 'Background saving', error: 'Background saving error' },
  socket: { title: 'Background transfer', error: 'Background transfer error' },
  rewrite: { title: 'Background AOF rewrite', error: 'Background AOF rewrite terminated with error' },
};

const directoryOf = (path: Bytes): Bytes => {
  const slash = path.lastIndexOf('/');
  return bytes(slash < 0 ? '.' : path.slice(0, slash));
};
