/**
 * One server process: configuration, clients, turns, cron. Everything it does starts in a callback of the Host.
 *
 * A turn ends in the order of Redis's beforeSleep: expiry, then what clients are owed, then closing.
 * Source: server.c of Redis 7.0 (initServer, serverCron, beforeSleep), networking.c (acceptCommonHandler).
 */
import type { Host, LogLevel } from '../host.ts';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import { Random } from '../core/random.ts';
import { ms } from '../core/units.ts';
import { ActiveExpiry } from '../commands/activeExpiry.ts';
import type { Client } from '../commands/client.ts';
import type { CommandRow } from '../commands/command.ts';
import { PubSub } from '../commands/pubsub.ts';
import { pubsubCommands } from '../commands/pubsubCommands.ts';
import type { Database } from '../keyspace/database.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { type SnapshotPosition, SnapshotSaver } from '../persistence/snapshotSaver.ts';
import { error } from '../protocol/reply.ts';
import { ReplicationHistory } from '../replication/history.ts';
import { Failover } from '../replication/failover.ts';
import { PrimarySide } from '../replication/primarySide.ts';
import { ReplicaSide } from '../replication/replicaSide.ts';
import { replicationCommands } from '../replication/replicationCommands.ts';
import { NO_BUGS, type PlantedBugs, type ReplicationServices } from '../replication/services.ts';
import { aclCommands } from './aclCommands.ts';
import { adminCommands } from './adminCommands.ts';
import { clientCommands } from './clientCommands.ts';
import { commandCommands } from './commandCommands.ts';
import { CommandTable } from './commandTable.ts';
import { dataCommands } from './dataCommands.ts';
import { Config } from './config.ts';
import { configCommands, rewriteConfigFile } from './configCommands.ts';
import { debugCommands } from './debugCommands.ts';
import { type Directive, directiveError } from './configFile.ts';
import { Eviction } from './eviction.ts';
import { Dispatch, type DispatchParts } from './dispatch.ts';
import { FileReplay } from './fileReplay.ts';
import { Persistence } from './persistence.ts';
import { persistenceCommands } from './persistenceCommands.ts';
import { Scripting } from './scripting.ts';
import type { ServerHandle } from './serverHandle.ts';
import { ServerState } from './serverState.ts';
import { Shutdown } from './shutdown.ts';
import { sessionCommands } from './sessionCommands.ts';
import { BlockedClients } from './blockedClients.ts';
import { HeldHost } from './heldHost.ts';
import { followKeyEvents, followKeyspaceSettings } from './keyspaceSettings.ts';
import { Listening } from './listening.ts';
import { followDirectory, logStart, startAccess } from './startup.ts';
import { Migrations } from './migrate.ts';
import { withinCluster } from './clusterLimits.ts';
import { clusterCommands } from '../cluster/clusterCommands.ts';
import type { ClusterBugs } from '../cluster/clusterState.ts';
import { keySlot } from '../cluster/slots.ts';
import type { CreateScriptEngine } from '../scripting/scriptEngine.ts';
import { ClusterMode } from './clusterMode.ts';
import { type MachineFigures, Pace } from './machineInfo.ts';
import { MemoryUse } from './memoryUse.ts';
import { Networking } from './networking.ts';
import { Observation } from './observation.ts';
import { observingCommands } from './observingCommands.ts';
import { Pause } from './pause.ts';
import { waitCommands } from './waitCommands.ts';
import { Tracking } from './tracking.ts';
import { Watches, transactionCommands } from './transactions.ts';

export interface ServerOptions {
  /** Keeps a digest of the data set for notes: the virtual world asks for it. */
  readonly keepsDigest?: boolean;
  /** Path of the configuration file as the host's files know it, for INFO and CONFIG REWRITE; empty when there is none. */
  readonly configFile?: Bytes;
  /** Absolute path of the data directory, for CONFIG; as configured when absent. */
  readonly dataDirectory?: Bytes;
  /** Runs Lua; without it there are no scripts. */
  readonly scripting?: CreateScriptEngine;
  /** What COMMAND DOCS answers from, a line of JSON for each command; nothing when absent. */
  readonly commandDocs?: readonly string[];
  /** Figures of the process for INFO; without it there is no real machine. */
  readonly machine?: () => MachineFigures;
  /** Called once the sockets are open. */
  readonly listens?: () => void;
  /** Called when an orderly end has saved what it had to. */
  readonly leaves?: () => void;
  /** Bugs planted for tests. */
  readonly bugs?: PlantedBugs;
  readonly clusterBugs?: ClusterBugs;
}

const RUN_ID_LENGTH = 40;
const ENTROPY_BYTES = 12;
const MS_PER_SECOND = 1000;

/** Starts a server on a host. Throws `ConfigError` for a directive that cannot be used. */
export const startServer = (
  host: Host, directives: readonly Directive[], options: ServerOptions = {},
): ServerHandle => {
  const config = new Config();
  config.load(directives);
  const server = new Server(new HeldHost(host), config, options);
  server.start();
  return server;
};

type ServerParts = DispatchParts & { readonly drop: (client: Client, reason: string) => void };

class Server implements ServerHandle {
  private readonly host: HeldHost;
  private readonly config: Config;
  private readonly keyspace: Keyspace;
  private readonly state: ServerState;
  private readonly watches: Watches = new Watches();
  private readonly pubsub: PubSub = new PubSub();
  private readonly dispatch: Dispatch;
  private readonly primarySide: PrimarySide;
  private readonly replicaSide: ReplicaSide;
  private readonly activeExpiry: ActiveExpiry = new ActiveExpiry();
  private readonly persistence: Persistence;
  private readonly ending: Shutdown;
  private readonly pause: Pause = new Pause();
  private readonly blocked: BlockedClients;
  private readonly failover: Failover;
  private readonly networking: Networking;
  /** Clients that waited and go on: what they sent meanwhile is taken up at the end of the turn. */
  private released: Client[] = [];
  private readonly listening: Listening;
  /** Null: this server is no node of a cluster. */
  private readonly clusterMode: ClusterMode | null;
  private readonly migrations: Migrations;
  private readonly scripting: Scripting;
  private readonly observation: Observation;
  private readonly tracking: Tracking;
  private readonly eviction: Eviction;
  private readonly memory: MemoryUse;
  private readonly options: ServerOptions;
  private cronLoops = 0;
  private readonly pace: Pace = new Pace();

  constructor(host: HeldHost, config: Config, options: ServerOptions) {
    this.host = host;
    this.config = config;
    this.options = options;
    this.listening = new Listening(host, config, (connection) => this.networking.accept(connection));
    const random = new Random(host.entropy(ENTROPY_BYTES));
    this.keyspace = new Keyspace(config.number('databases'), {
      touched: (database, key, isNew) => this.touched(database, key, isNew),
      expired: (database, key) => this.expired(database, key),
      flushed: () => this.tracking.flushed(),
    }, options.keepsDigest ?? false, config.flag('cluster-enabled') ? keySlot : null);
    const runId = random.hex(RUN_ID_LENGTH);
    const history = new ReplicationHistory(random);
    const saver = new SnapshotSaver(host, this.keyspace, config, () => this.snapshotPosition());
    this.state = new ServerState(runId, history, saver, host.wallMs(), options.configFile ?? EMPTY);
    this.networking = new Networking(host, config, this.state, {
      handle: (client, argv) => this.dispatch.handle(client, argv),
      handled: (client) => this.handled(client),
      writable: (client) => this.primarySide.onWritable(client),
      removed: (client) => this.removed(client),
    });
    const bugs = options.bugs ?? NO_BUGS;
    const services = this.replicationServices(bugs);
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
      waitTimedOut: () => mark(host, 'waitTimedOut'),
    });
    this.persistence = new Persistence({
      host, config, keyspace: this.keyspace, state: this.state, primarySide: this.primarySide, bugs,
      replay: new FileReplay((client, argv) => this.dispatch.replay(client, argv)),
      expired: (database, key) => this.dispatch.expired(database, key),
      isReplica: () => this.replicaSide.primary !== null,
      isInTransaction: () => this.dispatch.isInTransaction,
    });
    this.observation = new Observation(host, config);
    this.tracking = new Tracking(this.state.clients, this.keyspace);
    this.memory = new MemoryUse({ keyspace: this.keyspace, state: this.state, persistence: this.persistence });
    this.eviction = this.makeEviction(random);
    this.ending = new Shutdown({
      host, config, state: this.state, pause: this.pause, primarySide: this.primarySide, persistence: this.persistence,
      closeListeners: () => this.closeListeners(),
    });
    const parts = {
      host, config, keyspace: this.keyspace, random, state: this.state, primarySide: this.primarySide,
      replicaSide: this.replicaSide, persistence: this.persistence, failover: this.failover, blocked: this.blocked,
      pause: this.pause, watches: this.watches, pubsub: this.pubsub, observation: this.observation, tracking: this.tracking,
      eviction: this.eviction, bugs,
      drop: (client: Client, reason: string): void => this.networking.drop(client, reason),
    };
    this.clusterMode = !config.flag('cluster-enabled') ? null : new ClusterMode({
      ...parts, bugs: options.clusterBugs ?? null,
      deleteKeys: (keys) => this.dispatch.deleteKeys(keys),
      slotLost: (slot) => this.pubsub.endShards((channel) => keySlot(channel) === slot),
    });
    this.dispatch = new Dispatch(parts, this.clusterMode?.cluster.state ?? null);
    this.scripting = new Scripting(parts, this.dispatch, this.clusterMode !== null, options.scripting ?? null);
    this.migrations = new Migrations({ ...parts, host, dispatch: this.dispatch, isClustered: this.clusterMode !== null });
    this.dispatch.install(this.commandTable(parts, services));
    this.followConfig();
  }

  /** What both sides of replication ask of the server. */
  private replicationServices(bugs: PlantedBugs): ReplicationServices {
    const { host, config, keyspace, networking, state: { history, saver } } = this;
    return {
      host, settings: config, keyspace, history, saver, bugs,
      adoptConnection: (connection) => networking.adopt(connection),
      receive: (client, chunk) => networking.receive(client, chunk),
      drop: (client, reason) => networking.drop(client, reason),
      stopSaving: (from) => this.persistence.stopSaving(from),
      load: (path, done) => this.persistence.loadFromPrimary(path, done),
      startLoading: (isAsync) => this.persistence.startLoading(isAsync),
      abortLoading: () => this.persistence.abortLoading(),
      finishLoading: (loaded, adopt) => this.persistence.finishLoading(loaded, adopt),
      becameReplica: () => this.endWaits(),
      handsOver: () => this.failover.state === 'failover-in-progress',
      psyncAnswered: (accepted) => this.failover.answered(accepted),
    };
  }

  private makeEviction(random: Random): Eviction {
    const { host, config, keyspace, state, memory } = this;
    return new Eviction({
      host, config, keyspace, random, state, memory, latency: this.observation.latency,
      isHeldBack: () => state.loading || this.pause.isActive
        || (this.replicaSide.primary !== null && config.flag('replica-ignore-maxmemory')),
      evicted: (database, key) => this.dispatch.deleted(database.id, key, keyspace.deletionNames.eviction),
      drop: (client, reason) => this.networking.drop(client, reason),
    });
  }

  private closeListeners(): void {
    this.options.leaves?.();
    this.listening.close();
    this.clusterMode?.close();
  }

  /** All commands, under the names that the configuration gives them. */
  private commandTable(parts: ServerParts, services: ReplicationServices): CommandTable {
    const families = [...dataCommands, this.migrations.commands, ...this.serverCommands(parts, services)];
    const table = new CommandTable(this.clusterMode === null ? families : families.map(withinCluster));
    for (const { directive, from, to } of this.config.renames) {
      const problem = table.rename(from, to);
      if (problem !== null) throw directiveError(directive, problem);
    }
    return table;
  }

  /** The families that act on the server itself. */
  private serverCommands(parts: ServerParts, services: ReplicationServices): (readonly CommandRow[])[] {
    return [
      sessionCommands({
        config: this.config, pubsub: this.pubsub, watches: this.watches, mode: this.clusterMode === null ? 'standalone' : 'cluster',
        role: () => (this.replicaSide.primary === null ? 'primary' : 'replica'),
        forget: (client) => this.forgetSpecial(client),
      }), waitCommands(parts), ...observingCommands({
        config: this.config, observation: this.observation, memory: this.memory, tracking: this.tracking,
        commands: () => this.dispatch.commands,
      }),
      pubsubCommands(this.pubsub, this.clusterMode?.publish ?? null), this.scripting.commands,
      transactionCommands(this.dispatch, this.watches), clientCommands(this.config.acl, this.state, parts.drop),
      replicationCommands(services, this.primarySide, this.replicaSide, this.failover),
      clusterCommands(this.clusterMode?.cluster ?? null), aclCommands({ ...parts, commands: () => this.dispatch.commands }),
      adminCommands({
        ...parts, dispatch: this.dispatch, migrations: this.migrations, memory: this.memory, scripting: this.scripting,
        machine: this.options.machine ?? null, pace: this.pace, shutdownMs: () => this.ending.leftMs(),
      }),
      debugCommands({
        ...parts, dispatch: this.dispatch, cluster: this.clusterMode?.cluster ?? null,
        rewriteConfig: (forcesAll) => rewriteConfigFile(parts, forcesAll),
      }),
      configCommands({ ...parts, dispatch: this.dispatch, listening: this.listening }), commandCommands(() => this.dispatch.commands, this.options.commandDocs ?? []),
      persistenceCommands({
        host: this.host, saver: services.saver, persistence: this.persistence, shutdown: this.ending,
        isInTransaction: () => this.dispatch.isInTransaction, busyReply: () => this.dispatch.suspension.busyNow,
      }),
    ];
  }

  /** What CONFIG SET changes at once, and what CONFIG GET asks for. */
  private followConfig(): void {
    const { config, options: { dataDirectory = null } } = this;
    followKeyspaceSettings(config, this.keyspace);
    followDirectory(this.host, config, dataDirectory);
    config.compute('replicaof', () => {
      const { primary } = this.replicaSide;
      return primary === null ? EMPTY : bytes(`${primary.host} ${primary.port}`);
    });
    followKeyEvents(config, this.keyspace, this.pubsub);
  }

  start(): void {
    if (!startAccess(this.host, this.config)) return;
    this.host.onTurnEnd(() => this.turnEnd());
    const load = (): void => this.persistence.start((continues, database) => this.ready(continues, database));
    this.listening.open(() => {
      this.options.listens?.();
      logStart(this.host, this.config, this.clusterMode === null ? 'standalone' : 'cluster');
      this.host.log('warning', 'Server initialized');
      if (this.clusterMode === null) load();
      else this.clusterMode.listen(load);
    });
  }

  shutdown(signal: 'SIGTERM' | 'SIGINT'): void {
    const words = this.config.text(signal === 'SIGINT' ? 'shutdown-on-sigint' : 'shutdown-on-sigterm').split(' ');
    const save = words.includes('save') ? true : words.includes('nosave') ? false : null;
    this.host.later(() => this.ending.request({ save, isNow: words.includes('now'), isForced: words.includes('force') }, null));
  }

  phase(): 'loading' | 'serving' | 'ending' {
    if (this.state.loading) return 'loading';
    return this.ending.isWaiting ? 'ending' : 'serving';
  }

  logLevel(): LogLevel {
    return this.config.text('loglevel') as string as LogLevel;
  }

  roleLetter(): string {
    return this.replicaSide.primary === null ? 'M' : 'S';
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
    this.clusterMode?.cluster.start();
    this.listening.logReady();
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

  /** After each request: what our primary sent counts as applied. */
  private handled(client: Client): boolean {
    // What ended the process was not applied.
    if (this.persistence.hasFailed) return false;
    if (client.kind !== 'primary') return true;
    this.replicaSide.applied(client, client.decoder.takeFrame());
    this.persistence.seal();
    return true;
  }

  /** A client is gone. */
  private removed(client: Client): void {
    this.watches.unwatch(client);
    this.pubsub.forget(client);
    this.forgetSpecial(client);
    this.blocked.release(client);
    this.primarySide.removed(client);
    this.replicaSide.removed(client);
  }

  /** Modes that RESET ends, and the end of the connection. */
  private forgetSpecial(client: Client): void {
    this.observation.monitors.forget(client);
    this.tracking.disable(client);
  }

  private turnEnd(): void {
    if (this.dispatch.suspension.isActive) {
      // In the middle of a script nothing of the data set may change, or be seen.
      if (this.persistence.endOfTurn()) this.networking.flushOutput();
      return;
    }
    if (this.blocked.size > 0) this.blocked.expire(this.host.wallMs());
    this.clusterMode?.cluster.endOfTurn();
    if (this.mayExpire()) this.expireKeys('fast');
    // A stream may have gone by its time, and somebody waits for its entries.
    this.blocked.serveReadyKeys();
    if (this.primarySide.takeAcknowledged()) this.blocked.serveReplicaWaits();
    this.resumeReleased();
    this.failover.check();
    if (this.blocked.hasWork) this.endOfTurnWaits();
    this.tracking.broadcast();
    if (this.persistence.endOfTurn()) this.networking.flushOutput();
  }

  /** Blocked clients that go on: what they sent while they waited. */
  private resumeReleased(): void {
    // One of them may hold the process.
    while (!this.host.isHeld) {
      const client = this.released.shift();
      if (client === undefined) return;
      if (!client.closed) this.networking.processInput(client);
    }
  }

  /** Asks replicas for their offsets while somebody waits for them; takes up what a pause held back. */
  private endOfTurnWaits(): void {
    // The question is part of the stream, which stands still in a pause.
    if (this.pause.scope(this.host.wallMs()) !== null) return;
    if (this.blocked.takeAckRequest()) this.primarySide.requestAcks();
    for (const { client, argv } of this.blocked.takePaused()) {
      if (this.host.isHeld) this.blocked.blockOnPause(client, argv);
      else if (!client.closed) this.dispatch.handle(client, argv);
    }
    this.resumeReleased();
  }

  /** This node follows another now: nobody here can be served by a write any more. */
  private endWaits(): void {
    for (const client of this.blocked.waiting()) {
      mark(this.host, 'blockedClientReleasedByRole');
      client.reply(FORCE_UNBLOCKED);
      client.closing = true;
      this.blocked.release(client);
    }
  }

  /** While requests are paused the data set must not change. */
  private mayExpire(): boolean {
    return this.replicaSide.primary === null && this.state.activeExpiry && !this.state.loading && !this.pause.isActive;
  }

  /** Writes are paused for a replica that takes over by hand: it waits for a stream that stands still, so no pings either. */
  private isHandingOver(): boolean {
    return (this.clusterMode?.cluster.state.manualFailover ?? null) !== null && this.pause.scope(this.host.wallMs()) !== null;
  }

  private scheduleCron(): void {
    this.host.setTimer(ms(Math.floor(MS_PER_SECOND / this.config.number('hz'))), () => this.cron());
  }

  private cron(): void {
    if (this.state.isCronPaused || this.dispatch.suspension.isActive) {
      this.scheduleCron();
      return;
    }
    const hz = this.config.number('hz');
    this.cronLoops++;
    if (this.options.machine !== undefined) this.pace.take({ atMs: this.host.wallMs(), ...this.state.stats });
    if (this.mayExpire()) this.expireKeys('slow');
    // While writes are paused for a failover the stream must stand still: no pings.
    const failingOver = this.failover.state !== 'no-failover';
    if (failingOver || this.cronLoops % hz === 0) {
      this.replicaSide.cron();
      this.primarySide.cron(this.replicaSide.primary === null && !failingOver && !this.isHandingOver());
    }
    if (this.cronLoops % hz === 0) {
      this.networking.closeIdle();
      this.migrations.closeIdle();
    }
    this.dispatch.redirectWaiting();
    this.eviction.cron();
    this.tracking.limit(this.config.number('tracking-table-max-keys'));
    this.persistence.cron(this.cronLoops % hz === 0);
    this.ending.cron();
    this.scheduleCron();
  }

  private expireKeys(kind: 'slow' | 'fast'): void {
    const { keyspace } = this;
    if (kind === 'fast' && !this.activeExpiry.hasWorkLeft) return;
    keyspace.nowMs = this.host.wallMs();
    keyspace.expiryMode = 'delete';
    const startedMicros = this.host.monotonicMicros();
    const { expired, sampled } = this.activeExpiry.cycle(keyspace, kind);
    if (sampled > 0) this.host.cost('element', sampled);
    this.observation.latency.took('expire-cycle', this.host.monotonicMicros() - startedMicros, keyspace.nowMs);
    if (expired > 0) this.dispatch.flushUnit(true);
  }

  private touched(database: Database, key: Bytes, isNew: boolean): void {
    this.watches.touched(database, key);
    this.blocked.touched(database, key, isNew);
  }

  private expired(database: Database, key: Bytes): void {
    this.state.stats.expiredKeys++;
    this.dispatch.expired(database.id, key);
  }
}

const FORCE_UNBLOCKED = error('UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)');
