/**
 * A full synchronisation by way of the disk: the snapshot becomes our dump file, and is loaded from there while requests are
 * refused. The connection waits meanwhile. A disk that fails ends the attempt, and the next one begins anew; a file that
 * cannot be understood ends the process. Source: replication.c of Redis 7.0 (readSyncBulkPayload).
 */
import { HostFileError } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { replOffset } from '../core/units.ts';
import { type IntakeParts, type SnapshotIntake, endForDamage } from './snapshotIntake.ts';
import { SnapshotTransfer } from './snapshotTransfer.ts';

export class FileIntake implements SnapshotIntake {
  hasAll = false;
  private readonly parts: IntakeParts;
  private readonly transfer: SnapshotTransfer;
  private isAnnounced = false;

  /** Throws `HostFileError`. */
  constructor(parts: IntakeParts) {
    this.parts = parts;
    this.transfer = new SnapshotTransfer(parts.services.host);
  }

  receive(chunk: Bytes): void {
    assert(!this.hasAll, 'the connection is paused while the snapshot is loaded');
    const { owner, services: { host } } = this.parts;
    const { framing } = this.transfer;
    try {
      const result = this.transfer.receive(chunk);
      if (!this.isAnnounced && framing.announced !== null) {
        this.isAnnounced = true;
        host.log('notice', `MASTER <-> REPLICA sync: ${framing.announced} to disk`);
      }
      if (result.state === 'broken') {
        host.log('warning', result.reason);
        owner.failed(result.reason);
      } else if (result.state === 'done') this.load(result.rest);
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      host.log('warning', 'Write error or short write writing to the DB dump file needed for MASTER <-> '
        + `REPLICA synchronization: ${failure.message}`);
      owner.failed('the snapshot cannot be written');
    }
  }

  abandon(): void {
    assert(!this.hasAll, 'nothing cuts the link while a snapshot is loaded');
    this.transfer.abandon();
  }

  private load(rest: Bytes): void {
    const { services, owner, connection, id, offset } = this.parts;
    const { host, settings } = services;
    const path = settings.text('dbfilename');
    services.stopSaving('a file');
    this.transfer.finish(path);
    host.note({ kind: 'saved', id, offset: replOffset(offset) });
    this.hasAll = true;
    connection.pause();
    owner.attach();
    host.log('notice', 'MASTER <-> REPLICA sync: Flushing old data');
    host.log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    services.load(path, (result) => {
      if (!result.ok && result.isDamaged) {
        endForDamage(services, result.reason);
        return;
      }
      this.hasAll = false;
      if (result.ok) {
        connection.resume();
        owner.loaded(result.auxiliary, rest);
        return;
      }
      host.log('warning', `Failed trying to load the MASTER synchronization DB from disk: ${result.reason}`);
      owner.failed('snapshot cannot be loaded');
    });
  }
}
