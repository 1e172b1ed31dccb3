/**
 * Full synchronisation, the primary's side: who waits for a snapshot, when the child starts, how its bytes get out.
 * Diskless where the replica understands `$EOF:` and the configuration says so, by a file otherwise; parts of the data always without one.
 * Who wanted the snapshot alone, as redis-cli does, is dismissed behind it.
 * Source: replication.c of Redis 7.0 (syncCommand, startBgsaveForReplication, updateSlavesWaitingBgsave, rdbPipeReadHandler).
 */
import { type Bytes, bytes, toHex } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import { replOffset } from '../core/units.ts';
import type { Client } from '../commands/client.ts';
import { type SnapshotParts, areSameParts } from '../persistence/rdbFormat.ts';
import { type ReplicaLink, linkAddress } from './replicaLink.ts';
import type { ReplicationServices } from './services.ts';

const EOF_MARK_LENGTH = 40;
/** Piece of a snapshot file that is handed to a connection at once. */
const FILE_CHUNK_BYTES = 65536;

export class FullSync {
  private readonly services: ReplicationServices;
  private readonly links: ReadonlyMap<Client, ReplicaLink>;
  private readonly started: () => void;
  /** Replicas that the running child serves. */
  private readonly full: Set<Client> = new Set();

  constructor(services: ReplicationServices, links: ReadonlyMap<Client, ReplicaLink>, started: () => void) {
    this.services = services;
    this.links = links;
    this.started = started;
  }

  /** A replica has come to wait: join a running save for disk, start one, or leave it to the cron. */
  consider(link: ReplicaLink): void {
    const { saver, settings, history } = this.services;
    if (saver.activeKind === 'disk') {
      const peer = this.inState('waitEnd').find((other) => other.client !== link.client && areSameParts(other.parts, link.parts));
      if (peer !== undefined) {
        if (!link.isRdbOnly) {
          link.client.output = [...peer.client.output];
          link.client.outputBytes = peer.client.outputBytes;
        }
        this.announce(link, peer.snapshotOffset);
        mark(this.services.host, 'snapshotShared');
      }
      return;
    }
    if (saver.activeKind !== null) return;
    if (settings.flag('repl-diskless-sync') && link.capaEof && settings.number('repl-diskless-sync-delay') > 0) return;
    this.start(history.offset, link.parts);
  }

  /** Once a second: starts the child when the longest-waiting replica has waited for the delay. */
  cron(): void {
    const { saver, settings, host } = this.services;
    if (saver.activeKind !== null) return;
    const [first] = this.inState('waitStart');
    if (first === undefined) return;
    const waiting = this.waitingFor(first.parts);
    let idleSeconds = 0;
    for (const link of waiting) {
      const idle = Math.floor(host.wallMs() / 1000) - Math.floor(link.client.lastInteractionMs / 1000);
      idleSeconds = Math.max(idleSeconds, idle);
    }
    const enough = settings.number('repl-diskless-sync-max-replicas');
    if (!settings.flag('repl-diskless-sync') || idleSeconds >= settings.number('repl-diskless-sync-delay')
      || (enough > 0 && waiting.length >= enough)) {
      this.start(this.services.history.offset, first.parts);
    }
  }

  /** A replica went: a diskless child without readers is of no use. */
  removed(): void {
    const { saver, host } = this.services;
    for (const client of [...this.full]) if (!this.links.has(client)) this.full.delete(client);
    if (saver.activeKind === 'socket' && this.inState('waitEnd').length === 0) {
      host.log('notice', 'Diskless rdb transfer, last replica dropped, killing fork child.');
      saver.kill();
    }
  }

  /** The first ACK after a diskless snapshot: the stream may go out. */
  startStream(link: ReplicaLink): void {
    link.startStreamOnAck = false;
    link.client.held = false;
    link.client.flush();
    this.online(link);
  }

  /** For those who wait for the same parts; the others' turn comes when this child is done. */
  private start(offset: number, parts: SnapshotParts): void {
    const { saver, settings } = this.services;
    const waiting = this.waitingFor(parts);
    // A file holds everything.
    const mayUseFile = parts.hasKeys && parts.hasFunctions;
    const diskless = (settings.flag('repl-diskless-sync') || !mayUseFile) && waiting.every((link) => link.capaEof);
    for (const link of waiting) this.announce(link, offset);
    this.started();
    if (diskless) this.startDiskless(parts);
    else saver.saveToFile((ok) => this.fileDone(ok));
  }

  private waitingFor(parts: SnapshotParts): ReplicaLink[] {
    return this.inState('waitStart').filter((link) => areSameParts(link.parts, parts));
  }

  /** FULLRESYNC goes out at once; from here on the stream is gathered. */
  private announce(link: ReplicaLink, offset: number): void {
    const { history, host } = this.services;
    link.state = 'waitEnd';
    link.snapshotOffset = offset;
    link.ackUnixSeconds = Math.floor(host.wallMs() / 1000);
    link.client.held = true;
    if (!link.isOldSync) link.client.connection.write(bytes(`+FULLRESYNC ${history.id} ${offset}\r\n`));
    host.note({
      kind: 'replica', event: 'full-sync', replica: linkAddress(link), offset: replOffset(offset), detail: '',
      because: [],
    });
  }

  private startDiskless(parts: SnapshotParts): void {
    const { saver, host } = this.services;
    const endMark = toHex(host.entropy(EOF_MARK_LENGTH / 2));
    mark(host, 'disklessSyncSent');
    for (const link of this.inState('waitEnd')) link.client.connection.write(bytes(`$EOF:${endMark}\r\n`));
    saver.saveToSockets(
      parts,
      (chunk) => {
        for (const link of this.inState('waitEnd')) {
          if (link.client.connection.write(chunk)) continue;
          this.full.add(link.client);
          link.fullSinceUnixSeconds = Math.floor(host.wallMs() / 1000);
        }
        if (this.full.size > 0) saver.child?.pause();
      },
      (ok) => this.disklessDone(ok, endMark),
    );
  }

  /** A connection took what it had: the child may go on once all readers can. */
  onWritable(client: Client): void {
    if (this.full.delete(client) && this.full.size === 0) this.services.saver.child?.resume();
    const link = this.links.get(client);
    if (link === undefined) return;
    link.fullSinceUnixSeconds = 0;
    if (link.state === 'sendFile') this.sendFile(link);
  }

  private disklessDone(ok: boolean, endMark: Bytes): void {
    this.full.clear();
    const { host } = this.services;
    const readers = this.inState('waitEnd');
    if (ok) {
      host.log('notice', `Diskless rdb transfer, done reading from pipe, ${readers.length} replicas still up.`);
    }
    for (const link of readers) {
      if (!ok) {
        this.services.drop(link.client, 'snapshot failed');
        continue;
      }
      link.client.connection.write(endMark);
      if (this.isServed(link)) continue;
      link.state = 'online';
      link.startStreamOnAck = true;
      link.ackUnixSeconds = Math.floor(host.wallMs() / 1000);
    }
  }

  private fileDone(ok: boolean): void {
    const { host, settings } = this.services;
    for (const link of this.inState('waitEnd')) {
      if (!ok) {
        this.services.drop(link.client, 'snapshot failed');
        continue;
      }
      link.file = host.files.open(settings.text('dbfilename'), 'read');
      link.fileSent = 0;
      link.state = 'sendFile';
      link.client.connection.write(bytes(`$${link.file.size()}\r\n`));
      this.sendFile(link);
    }
  }

  private sendFile(link: ReplicaLink): void {
    const file = link.file;
    if (file === null) return;
    const size = file.size();
    while (link.fileSent < size) {
      const chunk = file.read(link.fileSent, FILE_CHUNK_BYTES);
      link.fileSent += chunk.length;
      if (!link.client.connection.write(chunk) && link.fileSent < size) return;
    }
    file.close();
    link.file = null;
    if (this.isServed(link)) return;
    link.state = 'online';
    link.client.held = false;
    link.ackUnixSeconds = Math.floor(this.services.host.wallMs() / 1000);
    link.client.flush();
    this.online(link);
  }

  /** The snapshot was all that it wanted: it is dismissed. */
  private isServed(link: ReplicaLink): boolean {
    if (!link.isRdbOnly) return false;
    this.services.host.log('notice',
      `RDB transfer completed, rdb only replica (${linkAddress(link)}:${link.listeningPort}) should be disconnected asap`);
    this.services.drop(link.client, 'it has the snapshot that it wanted');
    return true;
  }

  private online(link: ReplicaLink): void {
    const { host } = this.services;
    host.log('notice', `Synchronization with replica ${linkAddress(link)}:${link.listeningPort} succeeded`);
    host.note({
      kind: 'replica', event: 'online', replica: linkAddress(link), offset: replOffset(link.snapshotOffset), detail: '',
      because: [link.ackCause],
    });
  }

  private inState(state: ReplicaLink['state']): ReplicaLink[] {
    return [...this.links.values()].filter((link) => link.state === state);
  }
}
