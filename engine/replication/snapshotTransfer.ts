/**
 * The snapshot on its way to the disk: what arrives is appended to a temporary file at once, and that takes the place of the
 * old snapshot when it is whole. Source: replication.c of Redis 7.0 (readSyncBulkPayload).
 */
import { type File, type Host, HostFileError } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { type FramingResult, SnapshotFraming } from './snapshotFraming.ts';

export class SnapshotTransfer {
  readonly temporaryPath: Bytes;
  readonly framing: SnapshotFraming;
  private readonly host: Host;
  private readonly file: File;
  private written = 0;
  private isInPlace = false;

  /** Throws `HostFileError`, like all that follows. */
  constructor(host: Host) {
    this.host = host;
    this.temporaryPath = bytes(`temp-${Math.floor(host.wallMs() / 1000)}.${host.pid}.rdb`);
    this.file = host.files.open(this.temporaryPath, 'create');
    this.framing = new SnapshotFraming((part) => {
      this.file.append(part);
      this.written += part.length;
    });
  }

  /** Takes a chunk; once it is `done`, the file holds the snapshot and nothing else. */
  receive(chunk: Bytes): FramingResult {
    const result = this.framing.receive(chunk);
    if (result.state === 'done' && result.excess > 0) this.file.truncate(this.written - result.excess);
    return result;
  }

  /** The file is complete: it becomes durable and takes the place of `path`. */
  finish(path: Bytes): void {
    this.file.syncNow();
    this.file.close();
    this.host.files.rename(this.temporaryPath, path);
    this.host.files.syncDirectory(bytes('.'));
    this.isInPlace = true;
  }

  /** What has come so far is of no use. A file that is in its place stays there. Throws nothing. */
  abandon(): void {
    if (this.isInPlace) return;
    this.file.close();
    try {
      this.host.files.remove(this.temporaryPath);
    } catch (failure) {
      if (!(failure instanceof HostFileError)) throw failure;
      this.host.log('warning', `Cannot remove ${this.temporaryPath}: ${failure.message}`);
    }
  }
}
