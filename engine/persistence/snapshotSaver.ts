/**
 * The one child of the server: it turns a snapshot into a file, or into a stream for replicas. One at a time, as Redis has it.
 * Source: rdb.c of Redis 7.0 (rdbSaveBackground, rdbSaveToSlavesSockets, backgroundSaveDoneHandler), for behaviour.
 */
import type { Child, ChildTarget, Host } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { replOffset } from '../core/units.ts';
import type { Settings } from '../commands/settings.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { ReplicationInfo } from './rdbFormat.ts';
import { type RdbWriteOptions, writeRdb } from './rdbWriter.ts';

export const REDIS_VERSION = '7.0.15';

export type SaveKind = 'disk' | 'socket';

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

/** What a snapshot records of this node's history, asked at the instant it opens. */
export interface SnapshotPosition {
  /** Null while nobody replicates: the file then names no history. */
  readonly replication: ReplicationInfo | null;
  /** The history and position that notes use. */
  readonly id: Bytes;
  readonly position: number;
}

export class SnapshotSaver {
  readonly stats: SaveStats;
  private readonly host: Host;
  private readonly keyspace: Keyspace;
  private readonly settings: Settings;
  private readonly position: () => SnapshotPosition;
  private running: { readonly child: Child; readonly kind: SaveKind; readonly startedUnixSeconds: number } | null = null;

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

  get child(): Child | null {
    return this.running === null ? null : this.running.child;
  }

  /** BGSAVE. `done` hears whether the file is in place. */
  saveToFile(done: (ok: boolean) => void): void {
    const path = this.settings.text('dbfilename');
    const target: ChildTarget = { kind: 'file', temporaryPath: bytes(`temp-${this.host.pid}.rdb`), path };
    const dirtyBefore = this.stats.dirty;
    const at = this.position();
    this.stats.lastAttemptUnixSeconds = this.unixSeconds();
    this.start('disk', target, at, (ok) => {
      this.stats.lastOk = ok;
      if (ok) {
        this.stats.dirty -= dirtyBefore;
        this.stats.lastSaveUnixSeconds = this.unixSeconds();
        this.stats.saves++;
        this.host.note({ kind: 'saved', id: at.id, offset: replOffset(at.position) });
      }
      done(ok);
    });
    this.host.log('notice', `Background saving started by pid ${this.child?.pid ?? 0}`);
  }

  /** Diskless synchronisation: the file's bytes come back through `onChunk`, in the order they are to be sent. */
  saveToSockets(onChunk: (chunk: Bytes) => void, done: (ok: boolean) => void): void {
    this.start('socket', { kind: 'pipe', onChunk }, this.position(), done);
    this.host.log('notice', `Background RDB transfer started by pid ${this.child?.pid ?? 0}`);
  }

  /** SAVE: the file is written before the call returns. Throws `HostFileError`. */
  saveNow(): void {
    assert(this.running === null, 'SAVE beside a child');
    const at = this.position();
    const temporary = bytes(`temp-${this.host.pid}.rdb`);
    const file = this.host.files.open(temporary, 'create');
    try {
      for (const chunk of writeRdb(this.keyspace.openSnapshot(), this.writeOptions(at))) {
        this.host.cost('byte', chunk.length);
        file.append(chunk);
      }
      file.syncNow();
    } finally {
      file.close();
    }
    this.host.files.rename(temporary, this.settings.text('dbfilename'));
    this.host.files.syncDirectory(bytes('.'));
    this.stats.dirty = 0;
    this.stats.lastSaveUnixSeconds = this.unixSeconds();
    this.stats.lastOk = true;
    this.stats.saves++;
    this.host.note({ kind: 'saved', id: at.id, offset: replOffset(at.position) });
    this.host.log('notice', 'DB saved on disk');
  }

  kill(): void {
    this.running?.child.kill();
  }

  private start(
    kind: SaveKind, target: ChildTarget, at: SnapshotPosition, done: (ok: boolean) => void,
  ): void {
    assert(this.running === null, 'two children at once');
    const startedUnixSeconds = this.unixSeconds();
    const snapshot = this.keyspace.openSnapshot();
    const child = this.host.startChild(writeRdb(snapshot, this.writeOptions(at)), target, (result) => {
      snapshot.close();
      this.running = null;
      this.stats.lastDurationSeconds = this.unixSeconds() - startedUnixSeconds;
      const what = kind === 'disk' ? 'Background saving' : 'Background transfer';
      if (result.ok) this.host.log('notice', `${what} terminated with success`);
      else this.host.log('warning', `${what} ${result.reason}`);
      done(result.ok);
    });
    this.stats.forks++;
    this.running = { child, kind, startedUnixSeconds };
  }

  private writeOptions(at: SnapshotPosition): RdbWriteOptions {
    return {
      redisVersion: REDIS_VERSION, createdUnixSeconds: this.unixSeconds(), usedMemory: 1048576,
      replication: at.replication, checksum: this.settings.flag('rdbchecksum'),
      notePosition: this.keyspace.keepsDigest ? { id: at.id, position: at.position } : null,
    };
  }

  private unixSeconds(): number {
    return Math.floor(this.host.wallMs() / 1000);
  }
}
