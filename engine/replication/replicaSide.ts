/**
 * The replica's half of replication: the way from `REPLICAOF host port` to an applied stream. What is said in the handshake
 * is in `handshakeTalk.ts`, what becomes of a snapshot in `fileIntake.ts` and `socketIntake.ts`.
 *
 *   none --REPLICAOF--> connect --attempt--> connecting --open--> handshake --FULLRESYNC--> transfer --loaded--> connected
 *     ^                    ^                      |                   |    '----CONTINUE------------------------^   |
 *     '--REPLICAOF NO ONE--+----------------------+-------------------+--------------------- link lost -----------'
 *
 * What always holds: the offset counts applied bytes only, verbatim, and stands still inside an open MULTI. Our past may be
 * continued until the moment our data go, so that an attempt that fails before costs nothing.
 * Source: replication.c of Redis 7.0 (replicationCron, connectWithMaster, syncWithMaster, replicationHandleMasterDisconnection).
 */
import { type Connection, type ConnectionHandlers, HostFileError, type NetError } from '../host.ts';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import type { SyncState } from '../core/notes.ts';
import { type CauseId, NO_CAUSE, replOffset } from '../core/units.ts';
import { encodeCommand } from '../protocol/encode.ts';
import type { Client } from '../commands/client.ts';
import { FileIntake } from './fileIntake.ts';
import type { PsyncAnswer } from './handshake.ts';
import { HandshakeTalk } from './handshakeTalk.ts';
import { netErrorText } from './netErrorText.ts';
import { type PrimaryAddress, connectToPrimary } from './primaryConnection.ts';
import type { PrimarySide } from './primarySide.ts';
import type { ReplicationServices } from './services.ts';
import type { SnapshotIntake } from './snapshotIntake.ts';
import { SocketIntake, loadsFromSocket } from './socketIntake.ts';

/** One command in this many goes uncounted by the planted bug. */
const UNCOUNTED_PERIOD = 50;

type LinkState =
  | { readonly state: 'none' | 'connect' }
  | { readonly state: 'connecting'; readonly cancel: () => void }
  | { readonly state: 'handshake'; readonly connection: Connection; readonly talk: HandshakeTalk }
  | {
    readonly state: 'transfer'; readonly connection: Connection; readonly intake: SnapshotIntake;
    /** The connection went once all of the snapshot was here: that is dealt with when it is loaded. */
    isClosed: boolean;
  }
  | { readonly state: 'connected'; readonly client: Client };

export class ReplicaSide {
  /** Whom we follow; null for a primary. */
  primary: PrimaryAddress | null = null;
  /** Wall-clock second at which the link went down; -1: it was never up. */
  downSinceUnixSeconds = -1;
  private link: LinkState = { state: 'none' };
  /** Our history may be continued: PSYNC asks for it. */
  private canContinue = false;
  /** Database that the stream had selected where we stopped applying it. */
  private stoppedInDatabase = 0;
  private lastInputUnixSeconds = 0;
  private lastInputCause: CauseId = NO_CAUSE;
  /** Bytes applied inside an open MULTI, not counted yet. */
  private uncounted: Bytes[] = [];
  private appliedCount = 0;
  private readonly services: ReplicationServices;
  private readonly primarySide: PrimarySide;
  /** A connection that was closed by us calls no more, so one set serves all attempts. */
  private readonly handlers: ConnectionHandlers = {
    onData: (chunk) => this.received(chunk), onWritable: () => this.writable(), onClose: (error) => this.closed(error),
  };

  constructor(services: ReplicationServices, primarySide: PrimarySide) {
    this.services = services;
    this.primarySide = primarySide;
  }

  get state(): SyncState {
    return this.link.state;
  }

  /** Wall-clock second of the last byte from the primary. */
  get lastInputSeconds(): number {
    return this.lastInputUnixSeconds;
  }

  /** The client that stands for our primary; null while there is no stream. */
  get client(): Client | null {
    return this.link.state === 'connected' ? this.link.client : null;
  }

  /** Our data are a place in the history of whom we follow: a snapshot of them may say so. */
  get hasHistory(): boolean {
    return this.canContinue;
  }

  /** Database that the stream has selected at our offset. */
  get streamDatabase(): number {
    return this.link.state === 'connected' ? this.link.client.databaseId : this.stoppedInDatabase;
  }

  /**
   * Starts to follow `address`. `keepHistory`: what we have may be continued from there, in `database`. (A new primary's
   * stream begins with a SELECT, so for a former primary it does not matter which.)
   */
  follow(address: PrimaryAddress, keepHistory: boolean, database = 0): void {
    const wasReplica = this.primary !== null;
    this.cutLink('REPLICAOF');
    this.primary = address;
    if (!wasReplica) {
      this.canContinue = keepHistory;
      this.stoppedInDatabase = database;
    }
    // Our own replicas stay until we know whether our history goes on.
    if (!wasReplica) this.services.becameReplica();
    this.noteRole();
    this.services.host.log('notice', `Connecting to MASTER ${address.host}:${address.port}`);
    this.to({ state: 'connect' }, 'REPLICAOF');
    this.connect();
  }

  /** REPLICAOF NO ONE: the data stay, the history gets a new name. */
  promote(): void {
    if (this.primary === null) return;
    const { history, host } = this.services;
    if (this.link.state !== 'connected') mark(host, 'promotedWithoutLink');
    this.cutLink('promotion');
    this.primary = null;
    this.to({ state: 'none' }, 'promotion');
    const parent = history.id;
    const parentOffset = history.position;
    history.shiftId();
    this.primarySide.disconnectAll('promotion');
    this.primarySide.becamePrimary();
    this.downSinceUnixSeconds = -1;
    host.log('notice', `Setting secondary replication ID to ${history.secondId}, valid up to offset: `
      + `${history.secondOffset}. New replication ID is ${history.id}`);
    this.primarySide.noteHistory('promotion', parent, parentOffset, this.because());
    this.noteRole();
  }

  /** Milliseconds, in whole seconds, since the primary was last heard, or since the link to it went down. */
  get dataAgeMs(): number {
    const sinceUnixSeconds = this.link.state === 'connected' ? this.lastInputUnixSeconds : Math.max(0, this.downSinceUnixSeconds);
    return (this.unixSeconds() - sinceUnixSeconds) * 1000;
  }

  /** Once a second: timeouts, the next attempt, our acknowledgement. */
  cron(): void {
    const { settings, host } = this.services;
    if (this.primary === null) return;
    const silent = this.unixSeconds() - this.lastInputUnixSeconds > settings.number('repl-timeout');
    const link = this.link;
    if (link.state === 'connect') {
      host.log('notice', `Connecting to MASTER ${this.primary.host}:${this.primary.port}`);
      this.connect();
    } else if (link.state === 'connected') {
      if (silent) {
        host.log('warning', 'MASTER timeout: no data nor PING received...');
        mark(host, 'primaryTimedOut');
        this.lost('primary timed out');
      } else this.acknowledge();
    } else if (silent && !(link.state === 'transfer' && link.intake.hasAll)) {
      host.log('warning', link.state === 'transfer'
        ? "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter "
          + 'in redis.conf to a larger value.'
        : 'Timeout connecting to the MASTER...');
      this.lost(`timeout in ${link.state}`, true);
    }
  }

  /** REPLCONF ACK with what we have applied. */
  acknowledge(): void {
    if (this.link.state !== 'connected') return;
    this.link.client.push(encodeCommand(
      [bytes('REPLCONF'), bytes('ACK'), bytes(String(this.services.history.offset))]));
  }

  /** A command of the stream was applied; `frame` is its bytes. Inside MULTI they wait for EXEC. */
  applied(client: Client, frame: Bytes): void {
    if (this.link.state !== 'connected' || this.link.client !== client) return;
    if (this.services.bugs.offsetNotAdvanced && ++this.appliedCount % UNCOUNTED_PERIOD === 0) return;
    if (client.transaction === null && this.uncounted.length === 0) {
      this.primarySide.feedBytes(frame, 'replica');
      return;
    }
    this.uncounted.push(frame);
    if (client.transaction !== null) return;
    const chunk = this.uncounted.join('') as Bytes;
    this.uncounted = [];
    this.primarySide.feedBytes(chunk, 'replica');
  }

  /** Input came from the primary. */
  heard(): void {
    this.lastInputUnixSeconds = this.unixSeconds();
    this.lastInputCause = this.services.host.cause();
  }

  /** The client that stood for our primary is gone. */
  removed(client: Client): void {
    if (this.link.state === 'connected' && this.link.client === client) this.lost('connection lost');
  }

  private connect(): void {
    const { host, settings } = this.services;
    const primary = this.primary;
    if (primary === null) return;
    const bind = settings.text('bind-source-addr');
    this.lastInputUnixSeconds = this.unixSeconds();
    host.log('notice', 'MASTER <-> REPLICA sync started');
    const address = { ...primary, bind: bind === EMPTY ? null : bind, isTls: settings.flag('tls-replication') };
    const attempt = connectToPrimary(host, address, this.handlers, (result) => this.opened(primary, result));
    this.to({ state: 'connecting', cancel: attempt.cancel }, `${primary.host}:${primary.port}`);
    attempt.begin();
  }

  private opened(primary: PrimaryAddress, result: Connection | NetError | 'unknownName'): void {
    const { host } = this.services;
    if (result === 'unknownName') {
      host.log('warning', `Unable to connect to MASTER: cannot resolve ${primary.host}`);
      this.to({ state: 'connect' }, 'name not found');
      return;
    }
    if (typeof result === 'string') {
      host.log('warning', `Error condition on socket for SYNC: ${netErrorText(result)}`);
      this.to({ state: 'connect' }, result);
      return;
    }
    host.log('notice', 'Non blocking connect for SYNC fired the event.');
    this.heard();
    const talk = new HandshakeTalk({
      host, settings: this.services.settings, connection: result,
      psync: () => this.psyncRequest(),
      entered: (step) => this.to({ state: 'handshake', connection: result, talk }, step),
    });
    talk.begin();
  }

  /** PSYNC with the place in the history that we could go on from, if there is one. */
  private psyncRequest(): readonly Bytes[] {
    const { history, host } = this.services;
    const wanted = history.offset + 1;
    host.log('notice', this.canContinue ? `Trying a partial resynchronization (request ${history.id}:${wanted}).`
      : 'Partial resynchronization not possible (no cached master)');
    const argv = this.canContinue ? [bytes('PSYNC'), history.id, bytes(String(wanted))]
      : [bytes('PSYNC'), bytes('?'), bytes('-1')];
    if (this.services.handsOver()) argv.push(bytes('FAILOVER'));
    return argv;
  }

  /** Bytes from the connection, in whatever state the link is. */
  private received(chunk: Bytes): void {
    this.heard();
    const link = this.link;
    if (link.state === 'handshake') this.receivedAnswer(link, chunk);
    else if (link.state === 'transfer') link.intake.receive(chunk);
    else if (link.state === 'connected') this.services.receive(link.client, chunk);
  }

  /** The connection has room again. */
  private writable(): void {
    if (this.link.state === 'connected') this.link.client.onWritable();
  }

  /** The connection is gone. */
  private closed(error: NetError | null): void {
    if (this.link.state === 'connected') this.services.drop(this.link.client, 'connection with primary lost');
    else if (this.link.state !== 'transfer') this.lost(error === null ? 'closed by primary' : error);
    else if (this.link.intake.hasAll) this.link.isClosed = true;
    else {
      const reason = error === null ? 'connection lost' : netErrorText(error);
      this.services.host.log('warning', `I/O error trying to sync with MASTER: ${reason}`);
      mark(this.services.host, 'snapshotCutInTransfer');
      this.lost(reason, true);
    }
  }

  private receivedAnswer(link: LinkState & { state: 'handshake' }, chunk: Bytes): void {
    const result = link.talk.receive(chunk);
    if (result.kind === 'problem') this.lost(result.reason);
    else if (result.kind === 'psync') this.receivedPsync(link.connection, result.answer, result.rest);
  }

  private receivedPsync(connection: Connection, answer: PsyncAnswer, rest: Bytes): void {
    const { host } = this.services;
    if (this.services.handsOver()) {
      const { link } = this;
      this.services.psyncAnswered(answer.kind === 'continue' || answer.kind === 'full');
      if (this.link !== link) return;
    }
    if (answer.kind === 'continue') this.continued(connection, answer.id, rest);
    else if (answer.kind === 'full') this.startTransfer(connection, answer.id, answer.offset, rest);
    else {
      host.log('warning', answer.kind === 'later'
        ? `MASTER is currently unable to PSYNC but should be in the future: ${answer.reason}`
        : `Unexpected reply to PSYNC from master: ${answer.reason}`);
      this.lost(answer.reason);
    }
  }

  private startTransfer(connection: Connection, id: Bytes, offset: number, rest: Bytes): void {
    const { services } = this;
    const { host } = services;
    host.log('notice', `Full resync from master: ${id}:${offset}`);
    const owner = {
      attach: (): void => this.attach(),
      loaded: (auxiliary: ReadonlyMap<Bytes, Bytes>, behind: Bytes): void =>
        this.loaded(connection, id, offset, auxiliary, behind),
      failed: (reason: string): void => this.lost(reason, true),
    };
    const parts = { services, owner, connection, id, offset };
    let intake: SnapshotIntake;
    try {
      intake = loadsFromSocket(services) ? new SocketIntake(parts) : new FileIntake(parts);
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      host.log('warning', `Opening the temp file needed for MASTER <-> REPLICA synchronization: ${failure.message}`);
      this.lost('the snapshot cannot be written');
      return;
    }
    this.to({ state: 'transfer', connection, intake, isClosed: false }, `${id}:${offset}`);
    if (rest.length > 0) this.received(rest);
  }

  private continued(connection: Connection, id: Bytes | null, rest: Bytes): void {
    const { host, history, keyspace } = this.services;
    host.log('notice', 'Successful partial resynchronization with master.');
    const parent = history.id;
    if (id !== null && id !== history.id) {
      history.followNewId(id);
      host.log('notice', `Master replication ID changed to ${id}`);
      mark(host, 'replicationIdFollowed');
      this.primarySide.disconnectAll('new replication ID');
    }
    if (history.backlog === null) history.createBacklog();
    host.note({
      kind: 'history', reason: 'partial-sync', id: history.id, offset: history.position, parent,
      parentOffset: history.position, digestLo: keyspace.digestLo, digestHi: keyspace.digestHi,
      because: this.because(),
    });
    host.log('notice', 'MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.');
    this.stream(connection, rest, this.stoppedInDatabase);
  }

  /** Our data go, and with them our past and whoever follows us through it. */
  private attach(): void {
    const { history, host } = this.services;
    if (this.canContinue) host.log('notice', 'Discarding previously cached master state.');
    this.canContinue = false;
    this.primarySide.disconnectAll('full resynchronisation');
    history.backlog = null;
  }

  private loaded(
    connection: Connection, id: Bytes, offset: number, auxiliary: ReadonlyMap<Bytes, Bytes>, rest: Bytes,
  ): void {
    const { host, history, keyspace } = this.services;
    const { link } = this;
    assert(link.state === 'transfer' && link.connection === connection, 'the link changed while the snapshot was loaded');
    const parent = history.id;
    const parentOffset = history.position;
    history.adopt(id, replOffset(offset));
    history.createBacklog();
    host.note({
      kind: 'history', reason: 'full-sync', id: history.id, offset: history.position, parent, parentOffset,
      digestLo: keyspace.digestLo, digestHi: keyspace.digestHi, because: this.because(),
    });
    host.log('notice', 'MASTER <-> REPLICA sync: Finished with success');
    this.stream(connection, rest, Math.max(0, Number(auxiliary.get(bytes('repl-stream-db')) ?? 0)));
    if (link.isClosed) this.closed(null);
    else this.acknowledge();
  }

  private stream(connection: Connection, rest: Bytes, database: number): void {
    const client = this.services.adoptConnection(connection);
    client.kind = 'primary';
    client.authenticated = true;
    client.user = null;
    client.decoder.isAuthenticated = true;
    client.decoder.isPrimaryStream = true;
    client.databaseId = database;
    this.canContinue = true;
    this.downSinceUnixSeconds = -1;
    this.uncounted = [];
    this.to({ state: 'connected', client }, `${this.services.history.id}:${this.services.history.offset}`);
    if (rest.length > 0) this.services.receive(client, rest);
  }

  /**
   * The link went down by itself: try again, at once when it had been up, or where Redis gives a half-made synchronisation
   * another chance (`isHasty`), else at the next cron.
   */
  private lost(reason: string, isHasty = false): void {
    const { host } = this.services;
    const wasUp = this.link.state === 'connected';
    this.cutLink(reason);
    if (this.primary === null) return;
    if (wasUp) {
      this.downSinceUnixSeconds = this.unixSeconds();
      host.log('notice', 'Connection with master lost.');
      host.log('notice', 'Caching the disconnected master state.');
    }
    this.to({ state: 'connect' }, reason);
    if (!wasUp && !isHasty) return;
    host.log('notice', `Reconnecting to MASTER ${this.primary.host}:${this.primary.port}${wasUp ? '' : ' after failure'}`);
    this.connect();
  }

  private cutLink(reason: string): void {
    const link = this.link;
    this.link = { state: 'none' };
    if (this.uncounted.length > 0) mark(this.services.host, 'streamCutInsideTransaction');
    this.uncounted = [];
    if (link.state === 'connecting') link.cancel();
    else if (link.state === 'handshake') link.connection.close();
    else if (link.state === 'transfer') {
      link.connection.close();
      link.intake.abandon();
    } else if (link.state === 'connected') {
      this.stoppedInDatabase = link.client.databaseId;
      this.services.drop(link.client, reason);
    }
  }

  private to(link: LinkState, detail: string): void {
    this.link = link;
    this.services.host.note({ kind: 'sync', state: link.state, detail, because: this.because() });
  }

  private noteRole(): void {
    const primary = this.primary;
    this.services.host.note({
      kind: 'role', role: primary === null ? 'primary' : 'replica',
      primary: primary === null ? null : bytes(`${primary.host}:${primary.port}`), because: this.because(),
    });
  }

  private because(): readonly CauseId[] {
    return this.lastInputCause === NO_CAUSE ? [] : [this.lastInputCause];
  }

  private unixSeconds(): number {
    return Math.floor(this.services.host.wallMs() / 1000);
  }
}
