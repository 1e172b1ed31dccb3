/**
 * What one server keeps on disk, and when: loading at the start, save points, the append-only file, what a full
 * synchronisation does to it, and the last save before the end.
 * Source: server.c of Redis 7.0 (loadDataFromDisk, serverCron, finishShutdown), replication.c (restartAOFAfterSYNC).
 */
import type { Host } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import { ms, replOffset } from '../core/units.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { Aof, type AofBugs } from '../persistence/aof.ts';
import { type AofReplay, fileProblem } from '../persistence/aofLoader.ts';
import { AUX_NOTE_ID, AUX_NOTE_POSITION } from '../persistence/rdbFormat.ts';
import type { NotePosition } from '../persistence/snapshotSaver.ts';
import type { StreamUnit } from '../protocol/streamUnit.ts';
import { type ErrorReply, error } from '../protocol/reply.ts';
import { REPLICATION_ID_LENGTH } from '../replication/history.ts';
import type { PrimarySide } from '../replication/primarySide.ts';
import type { LoadResult } from '../replication/services.ts';
import type { Config } from './config.ts';
import { type BeforeLoading, Loader } from './loader.ts';
import { type SavePoint, mayRetry, parseSavePoints, savePointReached } from './savePoints.ts';
import type { ServerState } from './serverState.ts';

export interface PersistenceParts {
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly state: ServerState;
  readonly primarySide: PrimarySide;
  readonly replay: AofReplay;
  readonly bugs: AofBugs;
  /** A key of the snapshot was left out because its time had come. */
  expired(database: number, key: Bytes): void;
  isReplica(): boolean;
  /** MULTI's commands are being run. */
  isInTransaction(): boolean;
}

/** Turning the append-only file on again after a synchronisation is tried so often, a second apart. */
const RESTART_TRIES_MAX = 10;
const MS_PER_SECOND = 1000;
/** Redis aborts: SIGABRT, as a shell reports it. */
const ABORTED = 134;
const LOG_INTERVAL_MS = 10_000;

const MISCONF_RDB = error('MISCONF Redis is configured to save RDB snapshots, but it\'s currently unable to persist to disk. '
  + 'Commands that may modify the data set are disabled, because this instance is configured to report errors during '
  + 'writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details '
  + 'about the RDB error.');

export class Persistence {
  readonly aof: Aof;
  /** BGSAVE SCHEDULE came while another child ran. */
  isSaveScheduled = false;
  private readonly parts: PersistenceParts;
  private readonly loader: Loader;
  private savePoints: readonly SavePoint[];
  private lastIgnoredErrorMs = 0;
  private restartTries = 0;

  constructor(parts: PersistenceParts) {
    const { host, config, keyspace, state } = parts;
    this.parts = parts;
    this.loader = new Loader(host, keyspace, config, state, parts.bugs);
    this.aof = new Aof({
      host, settings: config, saver: state.saver, annotates: keyspace.keepsDigest, bugs: parts.bugs, position: () => this.position(),
    });
    this.savePoints = parseSavePoints(config.text('save'));
    config.onChange('save', () => {
      this.savePoints = parseSavePoints(config.text('save'));
      return null;
    });
    config.onChange('appendonly', () => this.switchAof());
  }

  /** Loads what there is; `ready` hears whether the data continue a history, and which database its stream had selected. */
  start(ready: (continues: boolean, database: number) => void): void {
    const { host, config } = this.parts;
    const problems = this.aof.readManifest();
    if (problems !== null) {
      for (const line of problems) host.log('warning', line);
      host.exit(1);
      return;
    }
    if (config.flag('appendonly')) this.startFromAof(() => ready(false, 0));
    else {
      this.startFromSnapshot((continues, database) => {
        this.aof.removeHistory();
        ready(continues, database);
      });
    }
  }

  /** An execution unit that changed the data goes into the append-only file. */
  propagate(unit: StreamUnit): void {
    const kept = unit.forFile();
    if (kept !== null) this.aof.feed(kept);
  }

  /** What was propagated last ends where this node stands now. */
  seal(): void {
    if (this.aof.state !== 'off') this.aof.writer.seal(this.position());
  }

  /** The disk failed in a way that ends the process: nothing more is done, and no reply goes out. */
  get hasFailed(): boolean {
    return this.aof.writer.hasFailed;
  }

  /** Before the replies of a turn go out. False: they must not, the process ends. */
  endOfTurn(): boolean {
    const { aof, parts: { host, state } } = this;
    if (aof.state !== 'off' && state.aofFlushSleepMicros > 0 && aof.writer.isWaiting) host.block(ms(state.aofFlushSleepMicros / 1000));
    if (aof.state !== 'off') aof.writer.flush(false);
    return !this.hasFailed;
  }

  /** So often a second as `hz` says; `isSecond` once a second. */
  cron(isSecond: boolean): void {
    const { state, host } = this.parts;
    const { saver } = state;
    const { aof } = this;
    if (state.loading) return;
    if (saver.activeKind === null && aof.isRewriteScheduled && !aof.limit.isReached()) aof.rewrite();
    if (saver.activeKind === null) this.saveWhenDue();
    const growth = aof.dueGrowth();
    if (growth !== null && !aof.limit.isReached()) {
      host.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`);
      aof.rewrite();
    }
    if (aof.state !== 'off' && (aof.writer.isPostponed || (isSecond && aof.writer.hasWriteError))) aof.writer.flush(false);
    if (saver.activeKind === null && this.isSaveScheduled && mayRetry(saver.stats, this.unixSeconds())) {
      this.isSaveScheduled = false;
      saver.saveToFile(() => {});
    }
    // A synchronisation that failed leaves it off; a replica that was promoted since turns it on again.
    if (isSecond && aof.state === 'off' && this.parts.config.flag('appendonly') && !this.parts.isReplica()) {
      this.restartAof();
    }
  }

  /** Why commands that write are refused, and PING with them; null when they are not. */
  denial(): ErrorReply | null {
    const { state, config } = this.parts;
    if (config.flag('stop-writes-on-bgsave-error') && this.savePoints.length > 0 && !state.saver.stats.lastOk) {
      return MISCONF_RDB;
    }
    const problem = this.aof.state === 'off' ? null : this.aof.writer.problem;
    return problem === null ? null : error(`MISCONF Errors writing to the AOF file: ${problem}`);
  }

  /** A command of the primary's stream comes while the disk is in trouble. False: the process ends for it. */
  toleratesStream(isPing: boolean): boolean {
    const { host, config } = this.parts;
    if (!config.flag('replica-ignore-disk-write-errors') && !isPing) {
      host.log('warning', 'Replica was unable to write command to disk.');
      mark(host, 'replicaEndedByDisk');
      this.aof.writer.hasFailed = true;
      host.exit(ABORTED);
      return false;
    }
    if (host.wallMs() > this.lastIgnoredErrorMs + LOG_INTERVAL_MS) {
      this.lastIgnoredErrorMs = host.wallMs();
      host.log('warning', 'Replica is applying a command even though it is unable to write to disk.');
    }
    return true;
  }

  /** The primary's snapshot will replace the data: the append-only file stops before, and starts anew behind it. */
  stopSaving(from: 'a file' | 'the socket'): void {
    const { host, state: { saver } } = this.parts;
    if (this.aof.state !== 'off') this.aof.stop();
    else this.aof.abandonRewrite();
    if (saver.activeKind === 'socket') saver.kill();
    if (saver.activeKind !== 'disk') return;
    if (from === 'a file') {
      host.log('notice', 'Replica is about to load the RDB file received from the master, but there is a pending RDB child '
        + `running. Killing process ${saver.child?.pid ?? 0} and removing its temp file to avoid any race`);
    }
    saver.abandon('disk');
  }

  loadFromPrimary(path: Bytes, done: (result: LoadResult) => void): void {
    this.loader.load(path, null, (result) => {
      done(result);
      if (result.ok) this.synchronised();
    });
  }

  /** The primary's snapshot is read from the socket. */
  startLoading(isAsync: boolean): void {
    this.loader.begin(isAsync);
  }

  abortLoading(): void {
    this.loader.end();
  }

  /** It is the data set now, and no file holds it; `adopt` says where in the history it stands. */
  finishLoading(loaded: { readonly keys: number; readonly expired: number }, adopt: () => void): void {
    this.loader.end();
    this.loader.countKeys(loaded.keys, loaded.expired);
    this.parts.state.dirty(1);
    adopt();
    this.synchronised();
  }

  /** DEBUG RELOAD: the data set out of the snapshot that it was saved to. Null when done; else why not. Keys may go by time. */
  reload(saves: boolean, before: BeforeLoading): string | null {
    const { host, config, state: { saver } } = this.parts;
    if (saves && saver.activeKind !== null) return 'ERR Background save already in progress';
    try {
      if (saves) saver.saveNow();
    } catch (failure) {
      host.log('warning', `Error saving DB on disk: ${fileProblem(failure)}`);
      return 'ERR';
    }
    let problem: string | null = null;
    this.loader.load(config.text('dbfilename'), this.parts.isReplica() ? null : host.wallMs(), (result) => {
      problem = result.ok ? null : 'ERR Error trying to load the RDB dump, check server logs';
      host.log('warning', result.ok ? 'DB reloaded by DEBUG RELOAD' : result.reason);
      // Half of the file is in, and a key was there before: Redis panics.
      if (!result.ok && before === 'keep') host.exit(1);
    }, 'at once', before);
    return problem;
  }

  /** DEBUG LOADAOF: the data set out of the append-only files, which get what waits for them first. */
  reloadAof(): void {
    const { host, replay, state } = this.parts;
    const { aof } = this;
    aof.writer.flush(true);
    this.loader.loadAof(aof.directory, aof.files, replay, (result) => {
      if (!result.ok) {
        host.log('warning', 'Error trying to load the AOF files, check server logs.');
        host.exit(1);
        return;
      }
      state.saver.stats.dirty = 0;
      host.log('warning', 'Append Only File loaded by DEBUG LOADAOF');
    }, 'at once');
  }

  private synchronised(): void {
    if (this.parts.config.flag('appendonly')) this.restartAof();
  }

  /** The last save: whether the process may end. `save`: as the command says, null: by the save points. */
  saveBeforeExit(save: boolean | null, isForced: boolean): boolean {
    const { host, state } = this.parts;
    const { saver } = state;
    const { aof } = this;
    const saves = !state.loading && (save ?? this.savePoints.length > 0);
    if (saver.activeKind === 'disk') {
      host.log('warning', 'There is a child saving an .rdb. Killing it!');
      saver.abandon('disk');
    }
    if (aof.state !== 'off') {
      if (saver.activeKind === 'rewrite') {
        if (aof.state === 'waitRewrite') {
          host.log('warning', `Writing initial AOF${isForced ? '. Exit anyway.' : ", can't exit."}`);
          if (!isForced) return false;
        }
        host.log('warning', 'There is a child rewriting the AOF. Killing it!');
        aof.abandonRewrite();
      }
      host.log('notice', 'Calling fsync() on the AOF file.');
      aof.writer.finish();
    }
    if (!saves) return true;
    host.log('notice', 'Saving the final RDB snapshot before exiting.');
    try {
      saver.abandon('rewrite');
      saver.abandon('socket');
      saver.saveNow();
    } catch (failure) {
      host.log('warning', `Error saving DB on disk: ${fileProblem(failure)}`);
      host.log('warning', `Error trying to save the DB${isForced ? '. Exit anyway.' : ", can't exit."}`);
      if (!isForced) return false;
    }
    return true;
  }

  private startFromAof(ready: () => void): void {
    const { host, primarySide, replay, state } = this.parts;
    const { aof } = this;
    const startedMicros = host.monotonicMicros();
    const fails = (failure: unknown): void => {
      host.log('warning', `Can't open or create append-only dir ${aof.directory}: ${fileProblem(failure)}`);
      host.exit(1);
    };
    try {
      aof.upgradeOldFile();
    } catch (failure) {
      fails(failure);
      return;
    }
    this.loader.loadAof(aof.directory, aof.files, replay, (result) => {
      if (!result.ok) {
        host.exit(1);
        return;
      }
      if (result.exists) {
        const seconds = (host.monotonicMicros() - startedMicros) / 1_000_000;
        host.log('notice', `DB loaded from append only file: ${seconds.toFixed(3)} seconds`);
      }
      const { position } = result;
      if (result.exists) primarySide.noteHistory('load', position?.id ?? null, position?.position ?? 0);
      else primarySide.noteHistory('start', null, 0);
      try {
        aof.openAtStart(result.totalBytes, result.baseBytes);
      } catch (failure) {
        fails(failure);
        return;
      }
      state.loading = false;
      ready();
    });
  }

  private startFromSnapshot(ready: (continues: boolean, database: number) => void): void {
    const { host, config, primarySide, state } = this.parts;
    const path = config.text('dbfilename');
    const following = this.parts.isReplica() || config.text('replicaof') !== '';
    if (!host.files.exists(path)) {
      primarySide.noteHistory('start', null, 0);
      ready(false, 0);
      return;
    }
    const startedMicros = host.monotonicMicros();
    this.loader.load(path, following ? null : host.wallMs(), (result) => {
      if (!result.ok) {
        host.log('warning', `Fatal error loading the DB: ${result.reason}. Exiting.`);
        host.exit(1);
        return;
      }
      const seconds = (host.monotonicMicros() - startedMicros) / 1_000_000;
      host.log('notice', `DB loaded from disk: ${seconds.toFixed(3)} seconds`);
      const { auxiliary } = result;
      const continues = this.adoptLoadedHistory(auxiliary, following);
      const noteId = auxiliary.get(bytes(AUX_NOTE_ID)) ?? null;
      primarySide.noteHistory('load', noteId ?? (continues ? state.history.secondId : null),
        Number(auxiliary.get(bytes(AUX_NOTE_POSITION)) ?? state.history.offset));
      // Replicas that go on from this snapshot still hold what time has taken from it.
      if (continues && !following) for (const { database, key } of result.expired) this.parts.expired(database, key);
      ready(continues, Number(auxiliary.get(bytes('repl-stream-db')) ?? 0));
    });
  }

  /** A snapshot that names its history lets a replica resume, and a primary be resumed from. */
  private adoptLoadedHistory(auxiliary: ReadonlyMap<Bytes, Bytes>, following: boolean): boolean {
    const id = auxiliary.get(bytes('repl-id'));
    const offsetText = auxiliary.get(bytes('repl-offset'));
    if (id === undefined || id.length !== REPLICATION_ID_LENGTH || offsetText === undefined
      || !/^[0-9]{1,15}$/.test(offsetText)) return false;
    const { history } = this.parts.state;
    const offset = replOffset(Number(offsetText));
    mark(this.parts.host, 'historyTakenFromSnapshot');
    if (following) {
      history.adopt(id, offset);
      return true;
    }
    history.offset = offset;
    history.secondId = id;
    history.secondOffset = offset + 1;
    history.createBacklog();
    return true;
  }

  /** CONFIG SET appendonly. Null when done; else why not. */
  private switchAof(): string | null {
    const { aof, parts } = this;
    const wanted = parts.config.flag('appendonly');
    if (wanted === (aof.state !== 'off')) return null;
    if (!wanted) {
      aof.stop();
      return null;
    }
    return aof.start(parts.isInTransaction()) ? null : 'Unable to turn on AOF. Check server logs.';
  }

  private restartAof(): void {
    const { host } = this.parts;
    if (this.aof.state !== 'off') return;
    if (this.aof.start(false)) {
      this.restartTries = 0;
      return;
    }
    this.restartTries++;
    if (this.restartTries === RESTART_TRIES_MAX) {
      host.log('warning', 'FATAL: this replica instance finished the synchronization with its master, but the AOF can\'t be '
        + 'turned on. Exiting now.');
      host.exit(1);
      return;
    }
    host.log('warning', 'Failed enabling the AOF after successful master synchronization! Trying it again in one second.');
    host.setTimer(ms(MS_PER_SECOND), () => this.restartAof());
  }

  private saveWhenDue(): void {
    const { host, state: { saver } } = this.parts;
    const due = this.savePoints.find((point) => savePointReached(point, saver.stats, this.unixSeconds()));
    if (due === undefined) return;
    host.log('notice', `${due.changes} changes in ${due.seconds} seconds. Saving...`);
    saver.saveToFile(() => {});
  }

  private position(): NotePosition {
    const { history } = this.parts.state;
    return { id: history.id, position: history.position };
  }

  private unixSeconds(): number {
    return Math.floor(this.parts.host.wallMs() / MS_PER_SECOND);
  }
}
