/**
 * From an argument list to a reply: which command, may it run now, run it, and what it leaves in the stream.
 * The checks stand in Redis's order, because the first that fails gives the answer.
 * Source: server.c of Redis 7.0 (processCommand, call, afterCommand).
 */
import type { Host } from '../host.ts';
import { type Bytes, EMPTY, lower } from '../core/bytes.ts';
import { InvariantError } from '../core/errors.ts';
import { type MarkName, mark } from '../core/marks.ts';
import type { Random } from '../core/random.ts';
import type { Client, TrackingState } from '../commands/client.ts';
import type { Blocking, Call } from '../commands/command.ts';
import type { ClusterState } from '../cluster/clusterState.ts';
import { type PubSub, refusalWhileSubscribed } from '../commands/pubsub.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { ErrorReply, NO_REPLY, OK, QUEUED, type Reply, error } from '../protocol/reply.ts';
import { PRIMARY_DOWN_ERROR } from '../protocol/wireNames.ts';
import type { Failover } from '../replication/failover.ts';
import type { PrimarySide } from '../replication/primarySide.ts';
import type { ReplicaSide } from '../replication/replicaSide.ts';
import type { PlantedBugs } from '../replication/services.ts';
import { CountedError, REPLICATE_TO_ALL, REPLICATE_TO_FILE } from '../scripting/scriptEngine.ts';
import { refusalByAcl, refusalInExec } from './aclGate.ts';
import type { BlockedClients } from './blockedClients.ts';
import { CallContext } from './callContext.ts';
import { ClusterGate } from './clusterGate.ts';
import { keysOf } from './commandKeys.ts';
import { arityError, hasArity, isAllowed, lookUp } from './commandLookup.ts';
import { type Command, CommandTable } from './commandTable.ts';
import type { Config } from './config.ts';
import { type Eviction, OUT_OF_MEMORY } from './eviction.ts';
import { ExecutionUnit } from './executionUnit.ts';
import type { Observation } from './observation.ts';
import type { Pause } from './pause.ts';
import type { Persistence } from './persistence.ts';
import { type BegunCommand, Suspension } from './suspension.ts';
import type { ServerState } from './serverState.ts';
import type { Tracking } from './tracking.ts';
import type { Watches } from './transactions.ts';

/** One write in this many is dropped by the planted bug. */
const DROPPED_WRITE_PERIOD = 50;

export interface DispatchParts {
  readonly host: Host;
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly random: Random;
  readonly state: ServerState;
  readonly primarySide: PrimarySide;
  readonly replicaSide: ReplicaSide;
  readonly persistence: Persistence;
  readonly failover: Failover;
  readonly blocked: BlockedClients;
  readonly pause: Pause;
  readonly watches: Watches;
  readonly pubsub: PubSub;
  readonly observation: Observation;
  readonly tracking: Tracking;
  readonly eviction: Eviction;
  readonly bugs: PlantedBugs;
  /** Drops a client; its connection closes at the end of the turn. */
  drop(client: Client, reason: string): void;
}

/** Another try of a command that waits for keys; or what is left of one that waited for the host. */
interface Retry {
  readonly blocking: Pick<Blocking, 'retry'>;
  readonly key: Bytes;
}

export class Dispatch {
  readonly unit: ExecutionUnit = new ExecutionUnit();
  readonly suspension: Suspension = new Suspension();
  private readonly parts: DispatchParts;
  private table: CommandTable = new CommandTable([]);
  /** One view for each depth of calls within calls: EXEC runs others while it runs itself. */
  private readonly contexts: CallContext[] = [];
  private writes = 0;
  private isReplaying = false;
  /** Null: this server is no node of a cluster. */
  private readonly gate: ClusterGate | null;
  /** Made once: it is handed on with every request. */
  private readonly wallMs = (): number => this.parts.host.wallMs();

  constructor(parts: DispatchParts, cluster: ClusterState | null) {
    this.parts = parts;
    this.gate = cluster === null ? null : new ClusterGate(cluster, parts.host, parts.keyspace, (argv) => this.find(argv));
  }

  get commands(): ReadonlyMap<string, Command> {
    return this.table.commands;
  }

  /** The command that an argument list names, with the checks of one that comes from a client. */
  lookUp(argv: readonly Bytes[]): Command | ErrorReply {
    return lookUp(this.table, argv);
  }

  /** The table comes later than the dispatch, since some commands need it. */
  install(table: CommandTable): void {
    this.table = table;
  }

  /** One request of a client, from checks to reply; then those are served who waited for what it changed. */
  handle(client: Client, argv: readonly Bytes[]): void {
    this.parts.tracking.begin(client);
    const reply = this.process(client, argv);
    if (reply instanceof ErrorReply) this.countError(reply);
    if (client.kind === 'replica' && reply !== NO_REPLY) {
      // What is sent to a replica is its stream: an answer in it would do harm.
      this.parts.host.log('warning', `Replica generated a reply to command '${client.lastCommand}', disconnecting it`);
      this.parts.drop(client, 'replica asked for a reply');
    } else client.reply(reply);
    this.parts.observation.monitors.flush();
    this.parts.tracking.end(client);
    if (client.tracking?.caching === true) this.endCaching(client, client.tracking);
    if (client.isAsking) this.endAsking(client);
    // What a script has written so far is nobody's yet.
    if (!this.suspension.isActive) this.parts.blocked.serveReadyKeys();
  }

  /** CLIENT CACHING is for one request: or for a transaction. */
  private endCaching(client: Client, tracking: TrackingState): void {
    if (client.transaction === null && !client.lastCommand.startsWith('client|')) tracking.caching = false;
  }

  /** ASKING is for one request: or for a transaction, or for one that waits until a pause is over. */
  private endAsking(client: Client): void {
    if (client.lastCommand !== 'asking' && client.transaction === null && client.blocked?.kind !== 'pause') client.isAsking = false;
  }

  /** The answer to a client that waits for the host; nothing when it is gone meanwhile. */
  answer(client: Client, reply: Reply): void {
    if (client.blocked?.kind !== 'host') return;
    if (reply instanceof ErrorReply) this.countError(reply);
    client.reply(reply);
    this.parts.blocked.release(client);
  }

  /** What is left of a command that waited for the host, in an execution unit of its own; then its client is answered. */
  complete(client: Client, argv: readonly Bytes[], rest: (call: Call) => Reply): void {
    const command = this.find(argv);
    if (command === undefined) throw new InvariantError('a client waits for the host in an unknown command');
    this.answer(client, this.run(client, command, argv, { blocking: { retry: rest }, key: EMPTY }));
    this.parts.blocked.serveReadyKeys();
  }

  /** Clients that wait for keys which are served elsewhere now, or nowhere, are told. */
  redirectWaiting(): void {
    if (this.gate === null || this.parts.blocked.size === 0) return;
    for (const client of this.parts.blocked.waiting()) {
      const elsewhere = this.gate.redirectionOfWaiting(client);
      if (elsewhere === null) continue;
      mark(this.parts.host, 'clusterBlockedClientRedirected');
      this.countError(elsewhere);
      client.reply(elsewhere);
      this.parts.blocked.release(client);
    }
  }

  /** A client that waits for keys tries again, in an execution unit of its own. True when it got its answer. */
  retry(client: Client, blocking: Blocking, argv: readonly Bytes[], key: Bytes): boolean {
    const command = this.find(argv);
    if (command === undefined) throw new InvariantError('a blocked client waits in an unknown command');
    const reply = this.run(client, command, argv, { blocking, key });
    if (reply === NO_REPLY) return false;
    if (reply instanceof ErrorReply) this.countError(reply);
    client.reply(reply);
    this.parts.observation.monitors.flush();
    return true;
  }

  /** Runs one command that passed its checks (directly, or from EXEC) and gathers what it leaves in the stream. */
  call(client: Client, command: Command, argv: readonly Bytes[]): Reply {
    const { bugs } = this.parts;
    command.calls++;
    if (bugs.acknowledgedWriteDropped && command.isWrite && client.kind === 'normal'
      && ++this.writes % DROPPED_WRITE_PERIOD === 0) return pretend(argv);
    return this.run(client, command, argv, null);
  }

  /** `retry`: the command was blocked, and a key that it waits for has changed. */
  private run(client: Client, command: Command, argv: readonly Bytes[], retry: Retry | null): Reply {
    const { host, keyspace, state, pause } = this.parts;
    const context = this.contexts[this.unit.depth] ??= new CallContext(host, keyspace, this.parts.random, client);
    const startedMicros = host.monotonicMicros();
    host.cost('command', 1);
    const nowMs = this.unit.depth === 0 ? host.wallMs() : keyspace.nowMs;
    keyspace.nowMs = nowMs;
    keyspace.expiryMode = client.kind === 'primary' ? 'ignore'
      : this.parts.replicaSide.primary !== null || pause.scope(nowMs) !== null ? 'hide' : 'delete';
    context.begin(client, nowMs);
    if (!this.isReplaying) state.stats.commands++;
    this.unit.depth++;
    const reply = retry === null ? command.handler(context, argv) : retry.blocking.retry(context, retry.key) ?? NO_REPLY;
    const begun = { client, command, argv, context, startedMicros };
    if (this.suspension.takes(begun)) return NO_REPLY;
    if (context.blocking !== null) this.parts.blocked.blockOnKeys(client, context.blocking, argv, nowMs);
    return this.end(begun, reply, retry !== null ? 'resumed' : client.blocked === null ? 'whole' : 'begun');
  }

  /** What follows a handler that has returned. */
  private end({ client, command, argv, context, startedMicros }: BegunCommand, reply: Reply, step: 'whole' | 'begun' | 'resumed'): Reply {
    const { host, state, observation } = this.parts;
    this.unit.depth--;
    if (reply instanceof ErrorReply) command.failed++;
    if (client.tracking !== null && command.isTracked) this.parts.tracking.remember(client, keysOf(command, argv));
    state.dirty(context.changes);
    if (!this.isReplaying) {
      observation.ran(client, command, argv, host.monotonicMicros() - startedMicros, step, client.scriptTargets !== null);
    }
    this.gather(context, command, argv, client);
    if (this.unit.depth === 0) this.endUnit(client, command);
    return reply;
  }

  /** A script that took long is over: so are the commands around it, and their client is answered. */
  wake(reply: Reply): void {
    const woken = this.suspension.wake(reply, (begun, answer) => this.end(begun, answer, 'whole'));
    if (woken === null) return;
    this.answer(woken.client, woken.reply);
    this.parts.observation.monitors.flush();
    this.parts.blocked.serveReadyKeys();
  }

  /**
   * A command of an append-only file that is being loaded: no checks of the node's state, nothing is passed on. Null when
   * it ran, or was queued behind MULTI.
   */
  replay(client: Client, argv: readonly Bytes[]): 'unknown' | 'arity' | null {
    const command = this.find(argv);
    if (command === undefined || command.subcommands !== null) return 'unknown';
    if (!hasArity(command, argv.length)) return 'arity';
    if (client.transaction !== null && !RUNS_IN_MULTI.includes(command.name)) client.transaction.queue.push(argv);
    else {
      this.isReplaying = true;
      this.call(client, command, argv);
      this.isReplaying = false;
    }
    return null;
  }

  /** Why a script's command does not belong on this node of a cluster; null: it does. */
  redirection(client: Client, command: Command, argv: readonly Bytes[]): ErrorReply | null {
    return this.gate?.redirection(client, command, argv) ?? null;
  }

  /** Commands between MULTI and EXEC are being run. */
  get isInTransaction(): boolean {
    return this.unit.depth > 1;
  }

  /** A key was deleted because its time had come: readers of the stream are told. */
  expired(database: number, key: Bytes): void {
    if (!this.parts.bugs.expiryNotPropagated) this.deleted(database, key, this.parts.keyspace.deletionNames.expire);
  }

  /** A key is gone by no command: readers of the stream are told, by this name. */
  deleted(database: number, key: Bytes, name: Bytes): void {
    this.unit.add(database, [name, key]);
    if (this.unit.depth === 0) this.flushUnit(false);
  }

  /** Keys that this node does not own any more: gone here and at its replicas. */
  deleteKeys(keys: readonly Bytes[]): void {
    const { keyspace, state } = this.parts;
    for (const key of keys) {
      if (keyspace.database(0).remove(key)) this.unit.add(0, [keyspace.deletionNames.userDel, key]);
    }
    state.dirty(keys.length);
    this.flushUnit(false);
  }

  /** Closes a unit that no command opened (the expiry cycle). */
  flushUnit(wrap: boolean): void {
    if (this.unit.isEmpty || this.unit.depth > 0) return;
    const { primarySide, replicaSide, persistence } = this.parts;
    const unit = this.unit.take(wrap);
    if (replicaSide.primary === null) primarySide.feed(unit);
    persistence.propagate(unit);
    persistence.seal();
  }

  private gather(context: CallContext, command: Command, argv: readonly Bytes[], client: Client): void {
    const database = client.databaseId;
    if (client.scriptTargets !== null && client.scriptTargets !== REPLICATE_TO_ALL) {
      this.gatherPart(context, command, argv, client);
    } else if (context.substitutes !== null) {
      for (const substitute of context.substitutes) this.unit.add(database, substitute);
    } else if (context.changes > 0 && command.isWrite) {
      if (client.request === argv) this.unit.addRequest(database, argv, client.decoder);
      else this.unit.add(database, argv);
    } else if (context.toReplicasOnly && this.hasStream) this.unit.addForReplicas(database, argv);
  }

  /** A script said by `redis.set_repl` where its writes go. */
  private gatherPart(context: CallContext, command: Command, argv: readonly Bytes[], { databaseId, scriptTargets }: Client): void {
    const isForFile = scriptTargets === REPLICATE_TO_FILE;
    if (scriptTargets === 0 || !(isForFile ? this.parts.persistence.aof.state !== 'off' : this.hasStream)) return;
    const commands = context.substitutes ?? (context.changes > 0 && command.isWrite ? [argv] : []);
    for (const words of commands) {
      if (isForFile) this.unit.addForFile(databaseId, words);
      else this.unit.addForReplicas(databaseId, words);
    }
  }

  /** What is done here goes into a stream of our own. */
  private get hasStream(): boolean {
    return this.parts.replicaSide.primary === null && this.parts.state.history.backlog !== null;
  }

  private endUnit(client: Client, command: Command): void {
    if (this.unit.isEmpty) return;
    const { host, primarySide, replicaSide, persistence, state, bugs } = this.parts;
    const unit = this.unit.take(!command.touchesArbitraryKeys && !bugs.transactionSplit);
    if (this.isReplaying) return;
    const isFed = replicaSide.primary === null && !(bugs.writeNotPropagated && ++this.writes % DROPPED_WRITE_PERIOD === 0);
    const fed = isFed ? unit.forReplicas() : null;
    if (fed !== null) primarySide.feed(fed);
    persistence.propagate(unit);
    // Where a unit of our primary's ends is known only once it counts as applied.
    if (client.kind !== 'primary') persistence.seal();
    // A writable replica's own writes reach nobody.
    if (replicaSide.primary !== null) return;
    const { history } = state;
    client.writeOffset = history.offset;
    if (client.kind !== 'normal') return;
    for (const { database, argv, target } of unit.commands) {
      if (target !== undefined) continue;
      host.note({ kind: 'write', id: history.id, offset: history.position, database, argv });
    }
  }

  private process(client: Client, argv: readonly Bytes[]): Reply {
    const command = lookUp(this.table, argv);
    if (command instanceof ErrorReply) {
      client.lastCommand = NO_COMMAND;
      return this.reject(client, null, command);
    }
    client.lastCommand = command.name;
    const wrong = this.refusal(client, command, argv);
    const elsewhere = wrong === null && this.gate !== null ? this.gate.redirection(client, command, argv) : null;
    if (elsewhere !== null) return this.redirect(client, command, elsewhere);
    const refusal = wrong ?? (client.kind === 'primary' ? null : this.refusalByState(client, command));
    if (refusal !== null) {
      command.rejected++;
      return this.reject(client, command, refusal);
    }
    if (client.kind === 'primary' && !this.mayWriteStream(command)) return NO_REPLY;
    const { transaction } = client;
    if (transaction !== null && !RUNS_IN_MULTI.includes(command.name)) {
      transaction.queue.push(argv);
      transaction.writes ||= command.isWrite;
      transaction.allowedWhileLoading &&= command.allowedWhileLoading;
      transaction.allowedWhenStale &&= command.allowedWhenStale;
      transaction.refusedInAsyncLoading ||= command.refusedInAsyncLoading;
      transaction.deniesOom ||= command.deniesOom;
      return QUEUED;
    }
    if (this.mustWait(client, command)) {
      mark(this.parts.host, 'writeHeldByPause');
      this.parts.blocked.blockOnPause(client, argv);
      return NO_REPLY;
    }
    return this.call(client, command, argv);
  }

  /** The command of an argument list that was accepted before. */
  find(argv: readonly Bytes[]): Command | undefined {
    const found = this.table.find(argv[0] as Bytes);
    return found?.subcommands?.get(lower(argv[1] ?? EMPTY)) ?? found;
  }

  /** CLIENT PAUSE holds the request back. Replicas and our primary are never held. */
  private mustWait(client: Client, command: Command): boolean {
    if (client.kind !== 'normal' || !this.parts.pause.isActive) return false;
    const scope = this.parts.pause.scope(this.parts.host.wallMs());
    if (scope === null) return false;
    const writes = command.isWrite || command.mayReplicate || (command.name === 'exec' && client.transaction?.writes === true);
    return scope === 'all' ? command.name !== 'client|unpause' : writes;
  }

  /** Why the request is no good, whatever the state of the node; or null. */
  private refusal(client: Client, command: Command, argv: readonly Bytes[]): ErrorReply | null {
    const wrong = arityError(command, argv.length);
    if (wrong !== null) return wrong;
    if (command.name === 'debug' && !isAllowed(this.parts.config.text('enable-debug-command'), client)) return DEBUG_REFUSED;
    if (!command.needsNoAuth && this.parts.config.acl.mustAuthenticate(client)) return NO_AUTH;
    if (client.transaction !== null && !command.allowedInMulti) return NOT_IN_MULTI;
    return refusalByAcl(this.parts.config.acl, client, command, argv, this.wallMs);
  }

  /** EXEC asks anew: the user's rights may have changed since the command was queued. */
  callFromExec(client: Client, command: Command, argv: readonly Bytes[]): Reply {
    const { config: { acl }, host } = this.parts;
    const refusal = refusalInExec(acl, client, command, argv, host.wallMs());
    if (refusal === null) return this.call(client, command, argv);
    this.countError(refusal);
    return refusal;
  }

  /** EXEC may run when all that it would run may. */
  private refusalByState(client: Client, command: Command): ErrorReply | null {
    const { config, replicaSide, primarySide, persistence, state, bugs } = this.parts;
    const queued = command.name === 'exec' ? client.transaction : null;
    const writes = command.isWrite || queued?.writes === true;
    const following = replicaSide.primary !== null;
    // What is queued needs memory too.
    const needsMemory = command.deniesOom || queued?.deniesOom === true
      || (client.transaction !== null && !RUNS_IN_MULTI.includes(command.name));
    if (this.parts.eviction.isOn && !this.suspension.isActive && !this.parts.eviction.makeRoom() && needsMemory) return OUT_OF_MEMORY;
    const denial = writes || command.name === 'ping' ? persistence.denial() : null;
    if (denial !== null) return this.marked('misconfRefused', denial);
    if (writes && !following && !primarySide.hasEnoughReplicas()) return this.marked('minReplicasRefused', NO_REPLICAS);
    if (writes && following && config.flag('replica-read-only') && !bugs.replicaTakesWrites) return this.marked('readOnlyRefused', READONLY);
    const listening = refusalWhileSubscribed(client, command.name);
    if (listening !== null) return listening;
    if (following && replicaSide.state !== 'connected' && !config.flag('replica-serve-stale-data')
      && !(command.allowedWhenStale && queued?.allowedWhenStale !== false)) return PRIMARY_DOWN_REPLY;
    if (state.asyncLoading) {
      if (command.refusedInAsyncLoading || queued?.refusedInAsyncLoading === true) return LOADING;
    } else if (state.loading && !(command.allowedWhileLoading && queued?.allowedWhileLoading !== false)) {
      return this.marked('loadingRefused', LOADING);
    }
    if (this.suspension.isActive && !command.allowedWhenBusy) return this.suspension.busyReply;
    if (client.kind !== 'replica' && !client.isMonitor) return null;
    return command.isWrite || command.mayReplicate || command.flags.includes('readonly') ? NOT_FOR_REPLICAS : null;
  }

  private marked(name: MarkName, refusal: ErrorReply): ErrorReply {
    mark(this.parts.host, name);
    return refusal;
  }

  /** What our primary sends is never refused: with a disk in trouble it is applied all the same, or ends the process. */
  private mayWriteStream(command: Command): boolean {
    const { persistence } = this.parts;
    const isPing = command.name === 'ping';
    return (!command.isWrite && !isPing) || persistence.denial() === null || persistence.toleratesStream(isPing);
  }

  /** A refused command spoils the transaction it was meant for; a refused EXEC ends it. */
  private reject(client: Client, command: Command | null, reply: ErrorReply): ErrorReply {
    if (client.transaction !== null) client.transaction.aborted = true;
    if (command?.name !== 'exec') return reply;
    this.discard(client);
    return error(`EXECABORT Transaction discarded because of: ${reply.text.replace(/^ERR /, '')}`);
  }

  /** A redirected command spoils its transaction; a redirected EXEC ends it, and says where to go. */
  private redirect(client: Client, command: Command, elsewhere: ErrorReply): ErrorReply {
    command.rejected++;
    const reached = REDIRECTION_MARKS[elsewhere.code];
    if (reached !== undefined) mark(this.parts.host, reached);
    if (command.name === 'exec') this.discard(client);
    else if (client.transaction !== null) client.transaction.aborted = true;
    return elsewhere;
  }

  private discard(client: Client): void {
    client.transaction = null;
    this.parts.watches.unwatch(client);
  }

  countError(reply: ErrorReply): void {
    if (reply instanceof CountedError) return;
    const { errors } = this.parts.state;
    const code = reply.code;
    errors.set(code, (errors.get(code) ?? 0) + 1);
    this.parts.state.stats.errorReplies++;
  }
}

/** By the error's first word. */
const REDIRECTION_MARKS: Readonly<Partial<Record<string, MarkName>>> = {
  MOVED: 'clusterMovedAnswered', ASK: 'clusterAskAnswered', TRYAGAIN: 'clusterTryAgainAnswered', CLUSTERDOWN: 'clusterDownAnswered',
};

/** As CLIENT LIST shows it. */
const NO_COMMAND = 'NULL';

const RUNS_IN_MULTI: readonly string[] = ['exec', 'discard', 'multi', 'watch', 'quit', 'reset'];

export const NO_AUTH: ErrorReply = error('NOAUTH Authentication required.');
const DEBUG_REFUSED = error('ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run '
  + 'it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.');
const NOT_IN_MULTI = error('ERR Command not allowed inside a transaction');
const NOT_FOR_REPLICAS = error("ERR Replica can't interact with the keyspace");
const NO_REPLICAS = error('NOREPLICAS Not enough good replicas to write.');
const READONLY = error("READONLY You can't write against a read only replica.");
const LOADING = error('LOADING Redis is loading the dataset in memory');
const PRIMARY_DOWN_REPLY = error(PRIMARY_DOWN_ERROR);

/** What a client would have heard: the planted bug's lie. */
const pretend = (argv: readonly Bytes[]): Reply =>
  (lower(argv[0] as Bytes) === 'set' ? OK : argv.length - 2);


