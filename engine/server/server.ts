/**
 * One server process: configuration, clients, turns, cron. Everything it does starts in a callback of the Host.
 *
 * A turn ends in the order of Redis's beforeSleep: expiry, then what clients are owed, then closing.
 * Source: server.c of Redis 7.0 (initServer, serverCron, beforeSleep), networking.c (acceptCommonHandler).
 */
import type { Connection, ConnectionHandlers, Host } from '../host.ts';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { ProtocolError, assert } from '../core/errors.ts';
import { Random } from '../core/random.ts';
import { ms } from '../core/units.ts';
import { ActiveExpiry } from '../commands/activeExpiry.ts';
import { Client } from '../commands/client.ts';
import type { CommandRow } from '../commands/command.ts';
import type { Database } from '../keyspace/database.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { type SnapshotPosition, SnapshotSaver } from '../persistence/snapshotSaver.ts';
import { ErrorReply, error } from '../protocol/reply.ts';
import { ReplicationHistory } from '../replication/history.ts';
import { Failover } from '../replication/failover.ts';
import { PrimarySide } from '../replication/primarySide.ts';
import { ReplicaSide } from '../replication/replicaSide.ts';
import { replicationCommands } from '../replication/replicationCommands.ts';
import { NO_BUGS, type PlantedBugs, type ReplicationServices } from '../replication/services.ts';
import { adminCommands } from './adminCommands.ts';
import { clientCommands } from './clientCommands.ts';
import { CommandTable } from './commandTable.ts';
import { dataCommands } from './dataCommands.ts';
import { Config, parseMemory } from './config.ts';
import type { Directive } from './configFile.ts';
import { Dispatch, type DispatchParts } from './dispatch.ts';
import { FileReplay } from './fileReplay.ts';
import { Persistence } from './persistence.ts';
import { persistenceCommands } from './persistenceCommands.ts';
import { ServerState } from './serverState.ts';
import { Shutdown } from './shutdown.ts';
import { sessionCommands } from './sessionCommands.ts';
import { BlockedClients } from './blockedClients.ts';
import { Listening } from './listening.ts';
import { Pause } from './pause.ts';
import { type OutputLimits, overOutputLimit, parseOutputLimits } from './outputLimits.ts';
import { waitCommands } from './waitCommands.ts';
import { Watches, transactionCommands } from './transactions.ts';

export interface ServerOptions {
  /** Keeps a digest of the data set for notes: the virtual world asks for it. */
  readonly keepsDigest?: boolean;
  /** Absolute path of the configuration file, for INFO; empty when there is none. */
  readonly configFile?: Bytes;
  /** Bugs planted for tests. */
  readonly bugs?: PlantedBugs;
}

/** What the process around a server may ask of it. */
export interface ServerHandle {
  /** SIGTERM: saves where the configuration says so, then leaves with status 0. */
  shutdown(): void;
  /** `M` or `S`, for the log. */
  roleLetter(): string;
}

/** The directives that `applyLimits` copies. */
const LIMITS = [
  'set-max-intset-entries', 'hash-max-listpack-entries', 'hash-max-listpack-value', 'zset-max-listpack-entries',
  'zset-max-listpack-value', 'list-max-listpack-size',
] as const;

const RUN_ID_LENGTH = 40;
const ENTROPY_BYTES = 12;
const MS_PER_SECOND = 1000;

/** Starts a server on a host. Throws `ConfigError` for a directive that cannot be used. */
export const startServer = (
  host: Host, directives: readonly Directive[], options: ServerOptions = {},
): ServerHandle => {
  const config = new Config();
  config.load(directives);
  const server = new Server(host, config, options);
  server.start();
  return server;
};

type ServerParts = DispatchParts & { readonly drop: (client: Client, reason: string) => void };

class Server implements ServerHandle {
  private readonly host: Host;
  private readonly config: Config;
  private readonly keyspace: Keyspace;
  private readonly state: ServerState;
  private readonly watches: Watches = new Watches();
  private readonly dispatch: Dispatch;
  private readonly primarySide: PrimarySide;
  private readonly replicaSide: ReplicaSide;
  private readonly activeExpiry: ActiveExpiry = new ActiveExpiry();
  private readonly persistence: Persistence;
  private readonly ending: Shutdown;
  private readonly pause: Pause = new Pause();
  private readonly blocked: BlockedClients;
  private readonly failover: Failover;
  private outputLimits: OutputLimits;
  /** Clients that waited and go on: what they sent meanwhile is taken up at the end of the turn. */
  private released: Client[] = [];
  private readonly listening: Listening;
  private pendingOutput: Client[] = [];
  private nextClientId = 1;
  private cronLoops = 0;
  private readonly addPending = (client: Client): void => {
    this.pendingOutput.push(client);
  };

  constructor(host: Host, config: Config, options: ServerOptions) {
    this.host = host;
    this.config = config;
    this.listening = new Listening(host, config);
    const random = new Random(host.entropy(ENTROPY_BYTES));
    this.keyspace = new Keyspace(config.number('databases'), {
      touched: (database, key, isNew) => {
        this.watches.touched(database, key);
        if (isNew) this.blocked.added(database, key);
      },
      expired: (database, key) => this.expired(database, key),
    }, options.keepsDigest ?? false);
    const runId = random.hex(RUN_ID_LENGTH);
    const history = new ReplicationHistory(random);
    const saver = new SnapshotSaver(host, this.keyspace, config, () => this.snapshotPosition());
    this.state = new ServerState(runId, history, saver, host.wallMs(), options.configFile ?? EMPTY);
    const bugs = options.bugs ?? NO_BUGS;
    const services: ReplicationServices = {
      host, settings: config, keyspace: this.keyspace, history, saver, bugs,
      adoptConnection: (connection) => this.adopt(connection),
      receive: (client, chunk) => this.receive(client, chunk),
      drop: (client, reason) => this.drop(client, reason),
      load: (path, done) => this.persistence.loadFromPrimary(path, done),
      becameReplica: () => this.endWaits(),
      handsOver: () => this.failover.state === 'failover-in-progress',
      psyncAnswered: (accepted) => this.failover.answered(accepted),
    };
    this.primarySide = new PrimarySide(services);
    this.replicaSide = new ReplicaSide(services, this.primarySide);
    this.failover = new Failover(host, this.primarySide, this.replicaSide, () => history.offset, (on) => {
      if (on) this.pause.start('failover', 'write', Infinity);
      else this.pause.end('failover');
    });
    this.blocked = new BlockedClients({
      retry: (client, blocking, argv, key) => this.dispatch.retry(client, blocking, argv, key),
      released: (client) => this.released.push(client),
      replicasAt: (offset) => this.primarySide.replicasAt(offset),
    });
    this.persistence = new Persistence({
      host, config, keyspace: this.keyspace, state: this.state, primarySide: this.primarySide,
      replay: new FileReplay((client, argv) => this.dispatch.replay(client, argv)),
      expired: (database, key) => this.dispatch.expired(database, key),
      isReplica: () => this.replicaSide.primary !== null,
      isInTransaction: () => this.dispatch.isInTransaction,
    });
    this.ending = new Shutdown({
      host, config, state: this.state, pause: this.pause, primarySide: this.primarySide, persistence: this.persistence,
      closeListeners: () => this.listening.close(),
    });
    const parts = {
      host, config, keyspace: this.keyspace, random, state: this.state, primarySide: this.primarySide,
      replicaSide: this.replicaSide, persistence: this.persistence, failover: this.failover, blocked: this.blocked,
      pause: this.pause, watches: this.watches, bugs,
      drop: (client: Client, reason: string): void => this.drop(client, reason),
    };
    this.dispatch = new Dispatch(parts);
    this.dispatch.install(new CommandTable([
      ...dataCommands, ...this.serverCommands(parts, services),
    ]));
    this.outputLimits = this.readOutputLimits();
    this.followConfig();
    this.applyLimits();
  }

  /** The families that act on the server itself. */
  private serverCommands(parts: ServerParts, services: ReplicationServices): (readonly CommandRow[])[] {
    return [
      sessionCommands(this.config, this.replicaSide, this.watches), waitCommands(parts),
      transactionCommands(this.dispatch, this.watches), clientCommands(this.state, parts.drop),
      replicationCommands(services, this.primarySide, this.replicaSide, this.failover),
      adminCommands({ ...parts, dispatch: this.dispatch }),
      persistenceCommands({
        host: this.host, saver: services.saver, persistence: this.persistence, shutdown: this.ending,
        isInTransaction: () => this.dispatch.isInTransaction,
      }),
    ];
  }

  /** What CONFIG SET changes at once, and what CONFIG GET asks for. */
  private followConfig(): void {
    const { config } = this;
    config.compute('replicaof', () => {
      const { primary } = this.replicaSide;
      return primary === null ? EMPTY : bytes(`${primary.host} ${primary.port}`);
    });
    config.onChange('client-output-buffer-limit', () => {
      this.outputLimits = this.readOutputLimits();
    });
    for (const name of LIMITS) config.onChange(name, () => this.applyLimits());
  }

  start(): void {
    this.host.onTurnEnd(() => this.turnEnd());
    this.host.log('notice', `Running mode=standalone, port=${this.config.number('port')}.`);
    this.host.log('warning', 'Server initialized');
    this.listening.open(
      (connection) => this.accept(connection),
      () => this.persistence.start((continues, database) => this.ready(continues, database)));
  }

  shutdown(): void {
    this.ending.request({ save: null, isNow: false, isForced: false }, null);
  }

  roleLetter(): string {
    return this.replicaSide.primary === null ? 'M' : 'S';
  }

  private applyLimits(): void {
    const { limits } = this.keyspace;
    limits.setMaxIntsetEntries = this.config.number('set-max-intset-entries');
    limits.hashMaxListpackEntries = this.config.number('hash-max-listpack-entries');
    limits.hashMaxListpackValue = this.config.number('hash-max-listpack-value');
    limits.zsetMaxListpackEntries = this.config.number('zset-max-listpack-entries');
    limits.zsetMaxListpackValue = this.config.number('zset-max-listpack-value');
    limits.listMaxListpackSize = this.config.number('list-max-listpack-size');
  }

  private readOutputLimits(): OutputLimits {
    const limits = parseOutputLimits(this.config.text('client-output-buffer-limit'), parseMemory);
    assert(limits !== null, 'the configuration checks output limits');
    return limits;
  }

  /** `continues`: the loaded data are a place in a history whose stream had selected `database` there. */
  private ready(continues: boolean, database: number): void {
    const replicaof = this.config.text('replicaof');
    if (replicaof !== '' && replicaof.toLowerCase() !== 'no one') {
      const [name, port] = replicaof.split(' ');
      this.replicaSide.follow({ host: bytes(name as string), port: Number(port) }, continues, Math.max(0, database));
    } else {
      this.host.note({ kind: 'role', role: 'primary', primary: null, because: [] });
    }
    this.host.log('notice', 'Ready to accept connections');
    this.scheduleCron();
  }

  private snapshotPosition(): SnapshotPosition {
    const { history } = this.state;
    const { primarySide, replicaSide } = this;
    const following = replicaSide.primary !== null;
    const isKnown = following ? replicaSide.hasHistory : history.backlog !== null;
    const streamDatabase = following ? replicaSide.streamDatabase : Math.max(0, primarySide.streamDatabase);
    return {
      replication: isKnown ? { id: history.id, offset: history.offset, streamDatabase } : null,
      id: history.id, position: history.position,
    };
  }

  private accept(connection: Connection): ConnectionHandlers {
    if (this.state.clients.size >= this.config.number('maxclients')) {
      this.state.stats.rejectedConnections++;
      connection.write(bytes('-ERR max number of clients reached\r\n'));
      connection.close();
      return REJECTED;
    }
    return new ClientHandlers(this, this.adopt(connection));
  }

  private adopt(connection: Connection): Client {
    const client = new Client(this.nextClientId++, connection, this.host.wallMs(), this.addPending);
    client.authenticated = this.config.text('requirepass') === EMPTY;
    client.decoder.isAuthenticated = client.authenticated;
    this.state.clients.set(client.id, client);
    this.state.stats.connections++;
    return client;
  }

  receive(client: Client, chunk: Bytes): void {
    if (client.closed || client.closing) return;
    const { stats } = this.state;
    stats.bytesIn += chunk.length;
    stats.readsProcessed++;
    this.host.cost('byte', chunk.length);
    client.lastInteractionMs = this.host.wallMs();
    client.decoder.push(chunk);
    this.processInput(client);
  }

  private processInput(client: Client): void {
    const { decoder } = client;
    try {
      while (client.blocked === null && !client.closed && !client.closing) {
        const argv = decoder.next();
        if (argv === null) return;
        this.dispatch.handle(client, argv);
        // What ended the process was not applied.
        if (this.persistence.hasFailed) return;
        if (client.kind !== 'primary') continue;
        this.replicaSide.applied(client, decoder.takeFrame());
        this.persistence.seal();
      }
    } catch (failure) {
      if (!(failure instanceof ProtocolError)) throw failure;
      if (client.kind === 'primary') this.host.log('warning', `Protocol error from master: ${failure.message}`);
      client.reply(new ErrorReply(`ERR ${failure.message}`));
      client.closing = true;
      if (client.kind === 'primary') this.drop(client, 'protocol error');
    }
  }

  writable(client: Client): void {
    client.onWritable();
    this.primarySide.onWritable(client);
    if (client.closing && client.output.length === 0) this.drop(client, 'closed after its last reply');
  }

  /** Forgets a client and closes its connection. Harmless when done twice. */
  drop(client: Client, reason: string): void {
    if (client.closed) return;
    this.host.log('verbose', `Client closed connection ${client.address}: ${reason}`);
    client.connection.close();
    this.forget(client);
  }

  /** The peer closed the connection. */
  forget(client: Client): void {
    if (client.closed) return;
    client.closed = true;
    this.state.clients.delete(client.id);
    this.watches.unwatch(client);
    this.blocked.release(client);
    this.primarySide.removed(client);
    this.replicaSide.removed(client);
  }

  private turnEnd(): void {
    if (this.blocked.size > 0) this.blocked.expire(this.host.wallMs());
    if (this.mayExpire()) this.expireKeys('fast');
    if (this.primarySide.takeAcknowledged()) this.blocked.serveReplicaWaits();
    this.resumeReleased();
    this.failover.check();
    if (this.blocked.size > 0) this.endOfTurnWaits();
    if (this.persistence.endOfTurn()) this.flushOutput();
  }

  /** Blocked clients that go on: what they sent while they waited. */
  private resumeReleased(): void {
    while (this.released.length > 0) {
      const clients = this.released;
      this.released = [];
      for (const client of clients) if (!client.closed) this.processInput(client);
    }
  }

  /** Asks replicas for their offsets while somebody waits for them; takes up what a pause held back. */
  private endOfTurnWaits(): void {
    if (this.blocked.takeAckRequest()) this.primarySide.requestAcks();
    if (this.pause.scope(this.host.wallMs()) !== null) return;
    for (const { client, argv } of this.blocked.takePaused()) if (!client.closed) this.dispatch.handle(client, argv);
    this.resumeReleased();
  }

  private flushOutput(): void {
    if (this.pendingOutput.length === 0) return;
    const { stats } = this.state;
    const clients = this.pendingOutput;
    this.pendingOutput = [];
    for (const client of clients) {
      stats.bytesOut += client.outputBytes;
      stats.writesProcessed++;
      const isEmpty = client.flush();
      if (client.closing && isEmpty) this.drop(client, 'closed after its last reply');
      else if (!isEmpty) this.checkOutputLimit(client);
    }
  }

  private checkOutputLimit(client: Client): void {
    const backlogBytes = this.config.number('repl-backlog-size');
    if (!overOutputLimit(client, this.outputLimits, backlogBytes, this.host.wallMs())) return;
    this.host.log('warning',
      `Client ${client.address} scheduled to be closed ASAP for overcoming of output buffer limits.`);
    client.connection.reset();
    this.forget(client);
  }

  /** This node follows another now: nobody here can be served by a write any more. */
  private endWaits(): void {
    for (const client of this.blocked.waiting()) {
      client.reply(FORCE_UNBLOCKED);
      client.closing = true;
      this.blocked.release(client);
    }
  }

  /** While requests are paused the data set must not change. */
  private mayExpire(): boolean {
    return this.replicaSide.primary === null && this.state.activeExpiry && !this.state.loading && !this.pause.isActive;
  }

  private scheduleCron(): void {
    this.host.setTimer(ms(Math.floor(MS_PER_SECOND / this.config.number('hz'))), () => this.cron());
  }

  private cron(): void {
    const hz = this.config.number('hz');
    this.cronLoops++;
    if (this.mayExpire()) this.expireKeys('slow');
    const failingOver = this.failover.state !== 'no-failover';
    if (failingOver || this.cronLoops % hz === 0) {
      this.replicaSide.cron();
      // While writes are paused for a failover the stream must stand still: no pings.
      this.primarySide.cron(this.replicaSide.primary === null && !failingOver);
    }
    if (this.cronLoops % hz === 0) {
      this.closeIdle();
    }
    this.persistence.cron(this.cronLoops % hz === 0);
    this.ending.cron();
    this.scheduleCron();
  }

  private expireKeys(kind: 'slow' | 'fast'): void {
    const { keyspace } = this;
    if (kind === 'fast' && !this.activeExpiry.hasWorkLeft) return;
    keyspace.nowMs = this.host.wallMs();
    keyspace.expiryMode = 'delete';
    const { expired, sampled } = this.activeExpiry.cycle(keyspace, kind);
    if (sampled > 0) this.host.cost('element', sampled);
    if (expired > 0) this.dispatch.flushUnit(true);
  }

  private expired(database: Database, key: Bytes): void {
    this.state.stats.expiredKeys++;
    this.dispatch.expired(database.id, key);
  }

  private closeIdle(): void {
    for (const client of [...this.state.clients.values()]) if (client.outputBytes > 0) this.checkOutputLimit(client);
    const seconds = this.config.number('timeout');
    if (seconds === 0) return;
    const oldest = this.host.wallMs() - seconds * MS_PER_SECOND;
    for (const client of [...this.state.clients.values()]) {
      if (client.kind === 'normal' && client.blocked === null && client.lastInteractionMs < oldest) this.drop(client, 'idle');
    }
  }
}

/** The callbacks of one accepted connection. */
class ClientHandlers implements ConnectionHandlers {
  private readonly server: Server;
  private readonly client: Client;

  constructor(server: Server, client: Client) {
    this.server = server;
    this.client = client;
  }

  onData(chunk: Bytes): void {
    this.server.receive(this.client, chunk);
  }

  onWritable(): void {
    this.server.writable(this.client);
  }

  onClose(): void {
    this.server.forget(this.client);
  }
}

const FORCE_UNBLOCKED = error(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)');

const REJECTED: ConnectionHandlers = { onData: () => {}, onWritable: () => {}, onClose: () => {} };
