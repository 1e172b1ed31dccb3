/**
 * A full synchronisation without the disk: the snapshot is read as it comes (`repl-diskless-load`).
 *
 *     on-empty-db  into our own data set, which is empty, and is emptied again should the connection fail
 *     swapdb       into a second one, which takes the place of the old at the end; until then, and after a failure, the old
 *                  one is ours. It is served meanwhile where the primary's replication ID is ours: then the two are the same
 *                  data at two times (`async_loading`). Where it is not, requests are refused like at any loading
 *
 * What always holds: our history and who follows us change only with our data. Redis reads the socket without looking at its
 * clients and lets them wait while nothing comes; here they are answered in between.
 * Source: replication.c of Redis 7.0 (useDisklessLoad, readSyncBulkPayload), rdb.c (rdbReportError), and a redis-server.
 */
import type { Timer } from '../host.ts';
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import { ms } from '../core/units.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { RdbEndError, RdbError } from '../persistence/rdbInput.ts';
import { type RdbContents, logLoaded } from '../persistence/rdbReader.ts';
import { RdbStreamReader, type StreamSlice } from '../persistence/rdbStreamReader.ts';
import type { ReplicationServices } from './services.ts';
import { MARK_LENGTH, SnapshotFraming } from './snapshotFraming.ts';
import { type IntakeParts, type SnapshotIntake, endForDamage } from './snapshotIntake.ts';

/** Whether the next snapshot is to be read from the socket. */
export const loadsFromSocket = ({ settings, keyspace }: ReplicationServices): boolean => {
  const mode = settings.text('repl-diskless-load');
  return mode === 'swapdb' || (mode === 'on-empty-db' && keyspace.size === 0);
};

export class SocketIntake implements SnapshotIntake {
  hasAll = false;
  private readonly parts: IntakeParts;
  private readonly framing: SnapshotFraming;
  private readonly swaps: boolean;
  private readonly target: Keyspace;
  private readonly reader: RdbStreamReader;
  private isLoading = false;
  private contents: RdbContents | null = null;
  /** What follows the snapshot, and where that ends. */
  private rest: Bytes = EMPTY;
  private end = -1;
  /** The next slice. */
  private timer: Timer | null = null;

  constructor(parts: IntakeParts) {
    const { keyspace, settings } = parts.services;
    this.parts = parts;
    this.swaps = settings.text('repl-diskless-load') === 'swapdb';
    this.target = this.swaps ? keyspace.emptyTwin() : keyspace;
    this.reader = new RdbStreamReader(this.target, { skipExpiredBeforeMs: null, checksum: settings.flag('rdbchecksum') });
    this.framing = new SnapshotFraming((part) => this.reader.append(part));
  }

  receive(chunk: Bytes): void {
    assert(!this.hasAll, 'the connection is paused once the snapshot is here');
    const result = this.framing.receive(chunk);
    if (result.state === 'broken') {
      this.fails(result.reason);
      return;
    }
    if (!this.isLoading && this.framing.announced !== null) this.begin(this.framing.announced);
    if (result.state === 'done') {
      this.hasAll = true;
      this.rest = result.rest;
      this.end = this.reader.size - result.excess;
      this.parts.connection.pause();
    }
    if (this.timer === null) this.slice();
  }

  abandon(): void {
    const { services } = this.parts;
    if (this.timer !== null) services.host.clearTimer(this.timer);
    this.timer = null;
    if (!this.isLoading) return;
    this.isLoading = false;
    services.abortLoading();
    if (this.swaps) services.host.log('notice', 'MASTER <-> REPLICA sync: Discarding temporary DB in background');
    else services.keyspace.flush(-1);
  }

  private begin(announced: string): void {
    const { services, owner, id } = this.parts;
    const { host, history, keyspace } = services;
    this.isLoading = true;
    host.log('notice', `MASTER <-> REPLICA sync: ${announced} to parser`);
    services.stopSaving('the socket');
    if (!this.swaps) {
      owner.attach();
      host.log('notice', 'MASTER <-> REPLICA sync: Flushing old data');
      keyspace.flush(-1);
    }
    host.log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    const isAsync = this.swaps && history.id === id;
    if (isAsync) mark(host, 'servedWhileSwapping');
    services.startLoading(isAsync);
  }

  /** Reads what has come, so much at a time that others get their turn. */
  private slice(): void {
    const { services, connection } = this.parts;
    let slice: StreamSlice;
    try {
      slice = this.contents === null ? this.reader.slice(this.hasAll) : { state: 'done', keys: 0, contents: this.contents };
    } catch (failure) {
      if (!(failure instanceof RdbError)) throw failure;
      // A snapshot that ends early is a connection that failed.
      if (failure instanceof RdbEndError) this.fails(failure.message);
      else this.endsForDamage(failure.message);
      return;
    }
    services.host.cost('keyLoaded', slice.keys);
    if (slice.state === 'more') {
      connection.pause();
      this.timer = services.host.setTimer(ms(0), () => {
        this.timer = null;
        this.slice();
      });
      return;
    }
    if (slice.state === 'done') this.contents = slice.contents;
    if (this.hasAll) this.finish();
    else if (this.contents !== null && this.reader.size - this.contents.end >= MARK_LENGTH && this.framing.isMarked) {
      this.fails('Replication stream EOF marker is broken');
    } else connection.resume();
  }

  private finish(): void {
    const { services, owner, connection } = this.parts;
    const { host, keyspace } = services;
    const { contents } = this;
    assert(contents !== null, 'a whole snapshot was read, or found wanting');
    if (contents.end !== this.end) {
      this.fails('Replication stream EOF marker is broken');
      return;
    }
    logLoaded(host, contents);
    if (this.swaps) {
      owner.attach();
      host.log('notice', 'MASTER <-> REPLICA sync: Swapping active DB with loaded DB');
      keyspace.takeOver(this.target);
      host.log('notice', 'MASTER <-> REPLICA sync: Discarding old DB in background');
    }
    const problem = keyspace.libraries.replaceAll(contents.libraries);
    if (problem !== null) host.log('warning', `Failed loading functions: ${problem}`);
    this.isLoading = false;
    this.hasAll = false;
    services.finishLoading(contents, () => {
      connection.resume();
      owner.loaded(contents.auxiliary, this.rest);
    });
  }

  private fails(reason: string): void {
    const { host } = this.parts.services;
    if (this.isLoading) mark(host, 'disklessLoadFailed');
    host.log('warning', this.isLoading ? `Failed trying to load the MASTER synchronization DB from socket: ${reason}` : reason);
    this.hasAll = false;
    this.parts.owner.failed(reason);
  }

  /** The process ends: until it does, nothing more happens here. */
  private endsForDamage(reason: string): void {
    this.hasAll = true;
    this.parts.connection.pause();
    endForDamage(this.parts.services, reason);
  }
}
