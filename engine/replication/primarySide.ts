/**
 * The primary's half of replication: feeding the stream, PSYNC, full synchronisation, acknowledgements, timeouts.
 *
 * What always holds: every byte that enters the history goes, in the same order, to the backlog and to every replica from
 * `waitEnd` on. Source: replication.c of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes, concat } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { mark } from '../core/marks.ts';
import { type CauseId, replOffset } from '../core/units.ts';
import { encodeCommand } from '../protocol/encode.ts';
import type { StreamUnit } from '../protocol/streamUnit.ts';
import { NO_REPLY, OK, type Reply, error } from '../protocol/reply.ts';
import type { Client } from '../commands/client.ts';
import { WHOLE, areSameParts } from '../persistence/rdbFormat.ts';
import { FullSync } from './fullSync.ts';
import { type ReplicaLink, linkAddress, newReplicaLink } from './replicaLink.ts';
import { filteredParts, refusedSwitch } from './rdbFilter.ts';
import type { ReplicationServices } from './services.ts';

interface Refusal {
  readonly reason: string;
  /** What Redis logs of it. */
  readonly sentence: string;
}

const GETACK: Bytes = encodeCommand([bytes('REPLCONF'), bytes('GETACK'), bytes('*')]);
const PING: Bytes = encodeCommand([bytes('PING')]);
const NEWLINE: Bytes = bytes('\n');

export interface SyncCounters {
  full: number;
  partialOk: number;
  partialRefused: number;
}

export class PrimarySide {
  readonly links: Map<Client, ReplicaLink> = new Map();
  readonly counters: SyncCounters = { full: 0, partialOk: 0, partialRefused: 0 };
  /** Database that the stream has selected; -1: the next command needs a SELECT. */
  streamDatabase = -1;
  private readonly services: ReplicationServices;
  private readonly fullSync: FullSync;
  /** Replicas that count for `min-replicas-to-write`. */
  goodReplicas = 0;
  private acknowledged = false;
  private seconds = 0;
  /** Wall-clock second since which there has been no replica. */
  private withoutReplicasSince: number;

  constructor(services: ReplicationServices) {
    this.services = services;
    this.fullSync = new FullSync(services, this.links, () => {
      this.streamDatabase = -1;
    });
    this.withoutReplicasSince = this.unixSeconds();
  }

  /** Replicas in any state but the handshake, in the order they came. */
  replicas(): ReplicaLink[] {
    return [...this.links.values()].filter((link) => link.state !== 'handshake');
  }

  /** One execution unit goes into the stream. */
  feed(unit: StreamUnit): void {
    const { text, database } = unit.encode(this.streamDatabase);
    this.streamDatabase = database;
    this.feedBytes(text, 'primary');
  }

  /** Bytes of the stream, our own or our primary's verbatim, go to backlog and replicas. */
  feedBytes(chunk: Bytes, role: 'primary' | 'replica'): void {
    const { history, keyspace, host, settings } = this.services;
    history.append(chunk, settings.number('repl-backlog-size'));
    if (this.links.size > 0) {
      for (const link of this.links.values()) {
        if (link.isRdbOnly) continue;
        if (link.state === 'waitEnd' || link.state === 'sendFile' || link.state === 'online') link.client.push(chunk);
      }
    }
    host.note({
      kind: 'stream', id: history.id, offset: history.position, chunk, role,
      digestLo: keyspace.digestLo, digestHi: keyspace.digestHi,
    });
  }

  /** REPLCONF. `ACK` gets no answer. */
  replconf(client: Client, argv: readonly Bytes[]): Reply {
    if (argv.length % 2 === 0) return error('ERR syntax error');
    const link = this.linkOf(client);
    for (let index = 1; index < argv.length; index += 2) {
      const option = (argv[index] as Bytes).toLowerCase();
      const value = argv[index + 1] as Bytes;
      if (option === 'listening-port') {
        if (!/^[0-9]{1,5}$/.test(value)) return error('ERR value is not an integer or out of range');
        link.listeningPort = Number(value);
      } else if (option === 'ip-address') {
        if (value.length > 255) return error("ERR REPLCONF ip-address provided by replica instance is too long: "
          + `${value.length} bytes`);
        link.announcedAddress = value;
      } else if (option === 'capa') {
        if (value === 'eof') link.capaEof = true;
        else if (value === 'psync2') link.capaPsync2 = true;
      } else if (option === 'rdb-only') {
        if (value !== '0' && value !== '1') return refusedSwitch(value);
        link.isRdbOnly = value === '1';
      } else if (option === 'rdb-filter-only') {
        const parts = filteredParts(value);
        if ('problem' in parts) return error(parts.problem);
        link.parts = parts;
      } else if (option === 'ack') return this.acknowledge(link, value);
      else if (option === 'getack') return NO_REPLY;
      else return error(`ERR Unrecognized REPLCONF option: ${argv[index] as Bytes}`);
    }
    return OK;
  }

  /** PSYNC. */
  psync(client: Client, id: Bytes, wanted: number): Reply {
    const { host } = this.services;
    const refusal = this.refusedSync(client);
    if (refusal !== null) return refusal;
    const link = this.asking(client);
    const name = this.replicaName(link);
    if (id !== '?') {
      if (this.tryPartial(link, id, wanted)) return NO_REPLY;
      this.counters.partialRefused++;
      mark(host, 'partialResyncRefused');
      const { reason, sentence } = this.refusal(id, wanted, name);
      host.note({
        kind: 'replica', event: 'partial-refused', replica: name, offset: replOffset(wanted - 1), detail: reason, because: [],
      });
      host.log('notice', sentence);
    }
    return this.synchroniseFully(link);
  }

  /** SYNC, as replicas asked before Redis 2.8 and redis-cli still does: the snapshot comes without a first line. */
  sync(client: Client): Reply {
    const refusal = this.refusedSync(client);
    if (refusal !== null) return refusal;
    const link = this.asking(client);
    link.isOldSync = true;
    return this.synchroniseFully(link);
  }

  private refusedSync(client: Client): Reply | null {
    if (client.kind === 'replica') return NO_REPLY;
    if (client.outputBytes > 0) return error('ERR SYNC and PSYNC are invalid with pending output');
    const { parts, capaEof } = this.linkOf(client);
    if (!areSameParts(parts, WHOLE) && !capaEof) return error('ERR Filtered replica requires EOF capability');
    return null;
  }

  private asking(client: Client): ReplicaLink {
    const link = this.linkOf(client);
    client.kind = 'replica';
    this.services.host.log('notice', `Replica ${this.replicaName(link)} asks for synchronization`);
    return link;
  }

  private synchroniseFully(link: ReplicaLink): Reply {
    const { history } = this.services;
    this.counters.full++;
    link.state = 'waitStart';
    if (history.backlog === null && this.replicas().length === 1) this.startHistory();
    this.fullSync.consider(link);
    return NO_REPLY;
  }

  /** A client is gone. */
  removed(client: Client): void {
    const link = this.links.get(client);
    if (link === undefined) return;
    this.links.delete(client);
    link.file?.close();
    if (client.kind !== 'replica') return;
    this.services.host.note({
      kind: 'replica', event: 'dropped', replica: this.replicaName(link),
      offset: replOffset(link.ackOffset), detail: link.state, because: [link.ackCause],
    });
    this.fullSync.removed();
    this.countGoodReplicas();
    if (this.replicas().length === 0) this.withoutReplicasSince = this.unixSeconds();
  }

  /** Online replicas that have acknowledged `offset`. */
  replicasAt(offset: number): number {
    let count = 0;
    const countsAll = this.services.bugs.waitCountsEveryReplica;
    for (const link of this.links.values()) if (link.state === 'online' && (link.ackOffset >= offset || countsAll)) count++;
    return count;
  }

  /** Asks every replica for its offset, through the stream. */
  requestAcks(): void {
    if (this.links.size > 0) this.feedBytes(GETACK, 'primary');
  }

  /** An acknowledgement came since this was last asked. */
  takeAcknowledged(): boolean {
    const { acknowledged } = this;
    this.acknowledged = false;
    return acknowledged;
  }

  /** `min-replicas-to-write` online replicas have acknowledged lately enough. */
  hasEnoughReplicas(): boolean {
    const { settings, bugs } = this.services;
    const needed = settings.number('min-replicas-to-write');
    return bugs.minReplicasIgnored || needed === 0 || settings.number('min-replicas-max-lag') === 0 || this.goodReplicas >= needed;
  }

  /** Counts the replicas that are good for `min-replicas-to-write`: once a second, and when one comes or goes. */
  private countGoodReplicas(): void {
    const { settings } = this.services;
    const oldest = this.unixSeconds() - settings.number('min-replicas-max-lag');
    let count = 0;
    for (const link of this.links.values()) if (link.state === 'online' && link.ackUnixSeconds >= oldest) count++;
    this.goodReplicas = count;
  }

  /** A replica's connection has room again. */
  onWritable(client: Client): void {
    this.fullSync.onWritable(client);
  }

  /** Drops every replica, so that it asks again: our history is another one now. */
  disconnectAll(reason: string): void {
    for (const link of this.replicas()) this.services.drop(link.client, reason);
  }

  /** Once a second. `feeds`: we are the top primary, so pings come from us. */
  cron(feeds: boolean): void {
    const { settings, history, host } = this.services;
    this.seconds++;
    const replicas = this.replicas();
    if (feeds && replicas.length > 0 && this.seconds % settings.number('repl-ping-replica-period') === 0) {
      this.feedBytes(PING, 'primary');
    }
    for (const link of replicas) {
      if (link.state === 'waitStart' || (link.state === 'waitEnd' && this.services.saver.activeKind === 'disk')) {
        link.client.connection.write(NEWLINE);
      }
    }
    this.dropSilent(replicas);
    this.fullSync.cron();
    this.countGoodReplicas();
    const ttl = settings.number('repl-backlog-ttl');
    if (feeds && replicas.length === 0 && history.backlog !== null && ttl > 0
      && this.unixSeconds() - this.withoutReplicasSince > ttl) {
      const parent = history.id;
      const parentOffset = history.position;
      history.newId();
      history.backlog = null;
      this.noteHistory('backlogExpired', parent, parentOffset);
      mark(host, 'backlogExpired');
      host.log('notice', `Replication backlog freed after ${ttl} seconds without connected replicas.`);
    }
  }

  /** We were a replica: the stream starts anew, and so does the backlog's time to live. */
  becamePrimary(): void {
    this.streamDatabase = -1;
    this.withoutReplicasSince = this.unixSeconds();
  }

  /** Tells the world that our history has another name from here on. */
  noteHistory(
    reason: 'newBacklog' | 'backlogExpired' | 'promotion' | 'start' | 'load', parent: Bytes | null, parentOffset: number,
    because: readonly CauseId[] = [],
  ): void {
    const { history, host, keyspace } = this.services;
    host.note({
      kind: 'history', reason, id: history.id, offset: history.position, parent,
      parentOffset: replOffset(parentOffset), digestLo: keyspace.digestLo, digestHi: keyspace.digestHi, because,
    });
  }

  replicaName(link: ReplicaLink): Bytes {
    const port = link.listeningPort === 0 ? link.client.connection.remotePort : link.listeningPort;
    return concat(linkAddress(link), bytes(`:${port}`));
  }

  private linkOf(client: Client): ReplicaLink {
    let link = this.links.get(client);
    if (link === undefined) {
      link = newReplicaLink(client, this.services.host.cause());
      this.links.set(client, link);
    }
    return link;
  }

  private tryPartial(link: ReplicaLink, id: Bytes, wanted: number): boolean {
    const { history, host, bugs } = this.services;
    const isSecond = id === history.secondId;
    let missing = history.continuation(id, wanted);
    if (missing === null && history.backlog !== null && bugs.partialSyncFromAnyHistory
      && wanted > history.backlog.start && wanted - 1 <= history.backlog.end) missing = history.backlog.read(wanted - 1);
    if (missing === null && bugs.partialSyncBeyondFork && isSecond && history.backlog !== null) {
      missing = history.backlog.read(Math.max(history.backlog.start, Math.min(wanted - 1, history.backlog.end)));
    }
    if (missing === null) return false;
    link.state = 'online';
    link.ackUnixSeconds = this.unixSeconds();
    const answer = link.capaPsync2 ? `+CONTINUE ${history.id}\r\n` : '+CONTINUE\r\n';
    link.client.push(bytes(answer));
    link.client.push(missing);
    this.countGoodReplicas();
    this.counters.partialOk++;
    if (isSecond) mark(host, 'secondReplicationIdUsed');
    host.note({
      kind: 'replica', event: 'partial-sync', replica: this.replicaName(link), offset: replOffset(wanted - 1),
      detail: isSecond ? 'second ID' : 'current ID', because: [],
    });
    host.log('notice', `Partial resynchronization request from ${this.replicaName(link)} accepted. `
      + `Sending ${missing.length} bytes of backlog starting from offset ${wanted}.`);
    return true;
  }

  private refusal(id: Bytes, wanted: number, name: Bytes): Refusal {
    const { history, host } = this.services;
    const refused = (reason: string): Refusal =>
      ({ reason, sentence: `Partial resynchronization not accepted: ${reason}` });
    if (id === history.secondId && wanted > history.secondOffset) {
      mark(host, 'replicaAheadOfFork');
      return refused(`Requested offset for second ID was ${wanted}, but I can reply up to ${history.secondOffset}`);
    }
    if (id === history.id || id === history.secondId) {
      mark(host, 'backlogTooShort');
      const reason = `lack of backlog (Replica request was: ${wanted})`;
      return { reason, sentence: `Unable to partial resync with replica ${name} for ${reason}.` };
    }
    return refused(`Replication ID mismatch (Replica asked for '${id}', my replication IDs are '${history.id}' and `
      + `'${history.secondId}')`);
  }

  private startHistory(): void {
    const { history, host } = this.services;
    const parent = history.id;
    const parentOffset = history.position;
    history.newId();
    history.createBacklog();
    this.noteHistory('newBacklog', parent, parentOffset);
    host.log('notice', `Replication backlog created, my new replication IDs are '${history.id}' and `
      + `'${history.secondId}'`);
  }

  private acknowledge(link: ReplicaLink, value: Bytes): Reply {
    if (link.client.kind !== 'replica') return NO_REPLY;
    const offset = Number(value);
    if (!/^[0-9]{1,15}$/.test(value)) return NO_REPLY;
    if (offset > link.ackOffset) link.ackOffset = offset;
    link.ackUnixSeconds = this.unixSeconds();
    link.ackCause = this.services.host.cause();
    this.acknowledged = true;
    if (link.startStreamOnAck && link.state === 'online') {
      this.fullSync.startStream(link);
      this.countGoodReplicas();
    }
    return NO_REPLY;
  }

  /**
   * A replica that has not acknowledged for repl-timeout is dropped, and one that has taken nothing of its diskless snapshot for
   * so long: the child could not end for it. A slow one may take its time.
   */
  private dropSilent(replicas: readonly ReplicaLink[]): void {
    const timeout = this.services.settings.number('repl-timeout');
    const now = this.unixSeconds();
    for (const link of replicas) {
      assert(link.client.kind === 'replica', 'a link past its handshake is a replica');
      const isOnline = link.state === 'online';
      if (isOnline && link.isOldSync) continue;
      if (!isOnline && !(link.state === 'waitEnd' && this.services.saver.activeKind === 'socket')) continue;
      const since = isOnline ? link.ackUnixSeconds : link.fullSinceUnixSeconds;
      if (since === 0 || now - since <= timeout) continue;
      const kind = isOnline ? 'streaming' : 'full';
      this.services.host.log('warning',
        `Disconnecting timedout replica (${kind} sync): ${this.replicaName(link)}`);
      mark(this.services.host, 'replicaTimedOut');
      this.services.drop(link.client, 'replica timed out');
    }
  }

  private unixSeconds(): number {
    return Math.floor(this.services.host.wallMs() / 1000);
  }
}
