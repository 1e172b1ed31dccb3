/**
 * The replica's half of replication: the way from `REPLICAOF host port` to an applied stream.
 *
 *   none --REPLICAOF--> connect --attempt--> connecting --open--> handshake --FULLRESYNC--> transfer --loaded--> connected
 *     ^                    ^                      |                   |    '----CONTINUE------------------------^   |
 *     '--REPLICAOF NO ONE--+----------------------+-------------------+--------------------- link lost -----------'
 *
 * What always holds: the offset counts applied bytes only, verbatim, and stands still inside an open MULTI.
 * Source: replication.c of Redis 7.0 (replicationCron, connectWithMaster, syncWithMaster, replicationHandleMasterDisconnection).
 */
import { type Connection, type ConnectionHandlers, HostFileError, type NetError } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import type { SyncState } from '../core/notes.ts';
import { type CauseId, NO_CAUSE, ms, replOffset } from '../core/units.ts';
import { encodeCommand } from '../protocol/encode.ts';
import { ReplyDecoder } from '../protocol/replyDecoder.ts';
import type { Client } from '../commands/client.ts';
import {
  type HandshakeStep, type Question, complaint, introduceQuestions, pingQuestions, readPsyncAnswer,
} from './handshake.ts';
import { netErrorText } from './netErrorText.ts';
import type { PrimarySide } from './primarySide.ts';
import type { ReplicationServices } from './services.ts';
import { SnapshotTransfer } from './snapshotTransfer.ts';

export interface PrimaryAddress {
  readonly host: Bytes;
  readonly port: number;
}

/** One command in this many goes uncounted by the planted bug. */
const UNCOUNTED_PERIOD = 50;

type LinkState =
  | { readonly state: 'none' | 'connect' }
  | { readonly state: 'connecting'; readonly cancel: () => void }
  | {
    readonly state: 'handshake'; readonly connection: Connection; readonly decoder: ReplyDecoder;
    step: HandshakeStep; questions: readonly Question[]; answered: number;
  }
  | {
    readonly state: 'transfer'; readonly connection: Connection; readonly id: Bytes; readonly offset: number;
    readonly transfer: SnapshotTransfer; loading: boolean;
    /** The connection went while the snapshot was loaded: that is dealt with once it is. */
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
    host.log('notice', 'MASTER MODE enabled');
  }

  /** Once a second: timeouts, the next attempt, our acknowledgement. */
  cron(): void {
    const { settings, host } = this.services;
    if (this.primary === null) return;
    const silent = this.unixSeconds() - this.lastInputUnixSeconds > settings.number('repl-timeout');
    const link = this.link;
    if (link.state === 'connect') this.connect();
    else if (link.state === 'connected') {
      if (silent) {
        host.log('warning', 'MASTER timeout: no data nor PING received...');
        this.lost('primary timed out');
      } else this.acknowledge();
    } else if (silent && !(link.state === 'transfer' && link.loading)) {
      host.log('warning', link.state === 'transfer'
        ? "Timeout receiving bulk data from MASTER... If the problem persists try to set the 'repl-timeout' parameter "
          + 'in redis.conf to a larger value.'
        : 'Timeout connecting to the MASTER...');
      this.lost(`timeout in ${link.state}`);
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
    this.uncounted.push(frame);
    if (client.transaction !== null) return;
    const chunk = this.uncounted.length === 1 ? frame : this.uncounted.join('') as Bytes;
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
    const { host } = this.services;
    const primary = this.primary;
    if (primary === null) return;
    this.lastInputUnixSeconds = this.unixSeconds();
    let attempt = { cancel: (): void => {} };
    let cancelled = false;
    this.to({ state: 'connecting', cancel: () => {
      cancelled = true;
      attempt.cancel();
    } }, `${primary.host}:${primary.port}`);
    host.resolve(primary.host, (addresses) => {
      if (cancelled) return;
      const address = addresses[0];
      if (address === undefined) {
        host.log('warning', `Unable to connect to MASTER: cannot resolve ${primary.host}`);
        this.to({ state: 'connect' }, 'name not found');
        return;
      }
      const handlers = new LinkHandlers(this);
      attempt = host.connect(address, primary.port, { keepAliveMs: ms(0), bind: null }, handlers, (result) => {
        if (!cancelled) this.opened(result);
      });
    });
  }

  private opened(result: Connection | NetError): void {
    const { host } = this.services;
    if (typeof result === 'string') {
      host.log('warning', `Error condition on socket for SYNC: ${netErrorText(result)}`);
      this.to({ state: 'connect' }, result);
      return;
    }
    host.log('notice', 'Non blocking connect for SYNC fired the event.');
    this.heard();
    this.ask({
      state: 'handshake', connection: result, decoder: new ReplyDecoder(), step: 'ping', questions: [], answered: 0,
    }, 'ping');
  }

  private ask(link: LinkState & { state: 'handshake' }, step: HandshakeStep): void {
    const { history, settings } = this.services;
    link.step = step;
    link.answered = 0;
    if (step === 'ping') link.questions = pingQuestions();
    else if (step === 'introduce') link.questions = introduceQuestions(settings);
    else {
      const argv = this.canContinue
        ? [bytes('PSYNC'), history.id, bytes(String(history.offset + 1))]
        : [bytes('PSYNC'), bytes('?'), bytes('-1')];
      if (this.services.handsOver()) argv.push(bytes('FAILOVER'));
      link.questions = [{ argv, onError: 'fatal' }];
    }
    this.to(link, step);
    link.connection.write(link.questions.map((question) => encodeCommand(question.argv)).join('') as Bytes);
  }

  /** Bytes from the connection, in whatever state the link is. */
  received(chunk: Bytes): void {
    this.heard();
    const link = this.link;
    if (link.state === 'handshake') this.receivedAnswer(link, chunk);
    else if (link.state === 'transfer') this.receivedSnapshot(link, chunk);
    else if (link.state === 'connected') this.services.receive(link.client, chunk);
  }

  /** The connection has room again. */
  writable(): void {
    if (this.link.state === 'connected') this.link.client.onWritable();
  }

  /** The connection is gone. */
  closed(error: NetError | null): void {
    if (this.link.state === 'connected') this.services.drop(this.link.client, 'connection with primary lost');
    else if (this.link.state === 'transfer' && this.link.loading) this.link.isClosed = true;
    else this.lost(error === null ? 'closed by primary' : error);
  }

  private receivedAnswer(link: LinkState & { state: 'handshake' }, chunk: Bytes): void {
    // A primary that prepares a snapshot sends newlines to keep the link alive.
    link.decoder.push(link.step === 'psync' ? chunk.replace(/^\n+/, '') as Bytes : chunk);
    while (this.link === link) {
      const answer = link.decoder.next();
      if (answer === undefined) return;
      const question = link.questions[link.answered] as Question;
      link.answered++;
      if (link.step === 'psync') {
        this.receivedPsync(link, answer);
        return;
      }
      const problem = complaint(question, answer);
      if (problem !== null) {
        this.services.host.log('warning', problem);
        this.lost(problem);
        return;
      }
      if (link.answered === link.questions.length) {
        if (link.step === 'ping') {
          this.services.host.log('notice', 'Master replied to PING, replication can continue...');
        }
        this.ask(link, link.step === 'ping' ? 'introduce' : 'psync');
      }
    }
  }

  private receivedPsync(
    link: LinkState & { state: 'handshake' }, reply: Parameters<typeof readPsyncAnswer>[0],
  ): void {
    const { host, history } = this.services;
    const answer = readPsyncAnswer(reply);
    if (this.services.handsOver()) {
      this.services.psyncAnswered(answer.kind === 'continue' || answer.kind === 'full');
      if (this.link !== link) return;
    }
    if (answer.kind === 'continue') {
      this.continued(link.connection, answer.id, link.decoder.takeRest());
      return;
    }
    if (answer.kind !== 'full') {
      host.log('warning', answer.kind === 'later'
        ? `MASTER is currently unable to PSYNC but should be in the future: ${answer.reason}`
        : `Unexpected reply to PSYNC from master: ${answer.reason}`);
      this.lost(answer.reason);
      return;
    }
    host.log('notice', `Full resync from master: ${answer.id}:${answer.offset}`);
    if (this.canContinue) {
      host.log('notice', `Discarding previously cached master state at ${history.id}:${history.offset}`);
    }
    this.canContinue = false;
    const rest = link.decoder.takeRest();
    this.withFiles(() => {
      this.to({
        state: 'transfer', connection: link.connection, id: answer.id, offset: answer.offset,
        transfer: new SnapshotTransfer(host), loading: false, isClosed: false,
      }, `${answer.id}:${answer.offset}`);
    });
    if (rest.length > 0 && this.link.state === 'transfer') this.received(rest);
  }

  private continued(connection: Connection, id: Bytes | null, rest: Bytes): void {
    const { host, history, keyspace } = this.services;
    host.log('notice', 'Successful partial resynchronization with master.');
    const parent = history.id;
    if (id !== null && id !== history.id) {
      history.followNewId(id);
      host.log('notice', `Master replication ID changed to ${id}`);
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

  private receivedSnapshot(link: LinkState & { state: 'transfer' }, chunk: Bytes): void {
    assert(!link.loading, 'the connection is paused while the snapshot is loaded');
    this.withFiles(() => {
      const result = link.transfer.receive(chunk);
      if (result.state === 'broken') {
        this.services.host.log('warning', result.reason);
        this.lost(result.reason);
      } else if (result.state === 'done') this.loadSnapshot(link, result.rest);
    });
  }

  /** A disk that fails ends the attempt; the next one starts from the beginning. */
  private withFiles(action: () => void): void {
    try {
      action();
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      this.services.host.log('warning', 'Write error or short write writing to the DB dump file needed for MASTER <-> '
        + `REPLICA synchronization: ${failure.message}`);
      this.lost('the snapshot cannot be written');
    }
  }

  private loadSnapshot(link: LinkState & { state: 'transfer' }, rest: Bytes): void {
    const { host, history, keyspace, saver, settings } = this.services;
    if (saver.activeKind !== null) {
      // It would put an older data set into the place of the one that has just come.
      host.log('notice', 'Replica is about to load the RDB file received from the master, but there is a pending RDB child '
        + 'running. Killing it to avoid any race');
      saver.kill();
    }
    const path = settings.text('dbfilename');
    link.transfer.finish(path);
    host.note({ kind: 'saved', id: link.id, offset: replOffset(link.offset) });
    link.loading = true;
    link.connection.pause();
    this.primarySide.disconnectAll('full resynchronisation');
    host.log('notice', 'MASTER <-> REPLICA sync: Flushing old data');
    const parent = history.id;
    const parentOffset = history.position;
    host.log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    this.services.load(path, (result) => {
      assert(this.link === link, 'the link changed while the snapshot was loaded');
      link.loading = false;
      if (!result.ok) {
        host.log('warning', `Failed trying to load the MASTER synchronization DB from disk: ${result.reason}`);
        this.lost('snapshot cannot be loaded');
        return;
      }
      history.adopt(link.id, replOffset(link.offset));
      history.createBacklog();
      host.note({
        kind: 'history', reason: 'full-sync', id: history.id, offset: history.position, parent, parentOffset,
        digestLo: keyspace.digestLo, digestHi: keyspace.digestHi, because: this.because(),
      });
      host.log('notice', 'MASTER <-> REPLICA sync: Finished with success');
      const database = Math.max(0, Number(result.auxiliary.get(bytes('repl-stream-db')) ?? 0));
      link.connection.resume();
      this.stream(link.connection, rest, database);
      if (link.isClosed) this.closed(null);
      else this.acknowledge();
    });
  }

  private stream(connection: Connection, rest: Bytes, database: number): void {
    const client = this.services.adoptConnection(connection);
    client.kind = 'primary';
    client.authenticated = true;
    client.decoder.isAuthenticated = true;
    client.decoder.isPrimaryStream = true;
    client.databaseId = database;
    this.canContinue = true;
    this.downSinceUnixSeconds = -1;
    this.uncounted = [];
    this.to({ state: 'connected', client }, `${this.services.history.id}:${this.services.history.offset}`);
    if (rest.length > 0) this.services.receive(client, rest);
  }

  /** The link went down by itself: try again, at once when it had been up. */
  private lost(reason: string): void {
    const wasUp = this.link.state === 'connected';
    this.cutLink(reason);
    if (this.primary === null) return;
    if (wasUp) {
      this.downSinceUnixSeconds = this.unixSeconds();
      this.services.host.log('notice', 'Connection with master lost.');
      this.services.host.log('notice', 'Caching the disconnected master state.');
    }
    this.to({ state: 'connect' }, reason);
    if (wasUp) {
      this.services.host.log('notice', `Reconnecting to MASTER ${this.primary.host}:${this.primary.port}`);
      this.connect();
    }
  }

  private cutLink(reason: string): void {
    const link = this.link;
    assert(link.state !== 'transfer' || !link.loading, 'nothing cuts the link while a snapshot is loaded');
    this.link = { state: 'none' };
    this.uncounted = [];
    if (link.state === 'connecting') link.cancel();
    else if (link.state === 'handshake') link.connection.close();
    else if (link.state === 'transfer') {
      link.connection.close();
      link.transfer.abandon();
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

/** The callbacks of one connection attempt; an old connection has no say once its link was cut. */
class LinkHandlers implements ConnectionHandlers {
  private readonly side: ReplicaSide;

  constructor(side: ReplicaSide) {
    this.side = side;
  }

  onData(chunk: Bytes): void {
    this.side.received(chunk);
  }

  onWritable(): void {
    this.side.writable();
  }

  onClose(error: NetError | null): void {
    this.side.closed(error);
  }
}
