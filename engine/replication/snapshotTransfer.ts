/**
 * The snapshot on its way in: newlines that keep the link alive, then `$<length>` or `$EOF:<mark>`, then the file. What
 * arrives is appended to a temporary file at once. Source: replication.c of Redis 7.0 (readSyncBulkPayload).
 */
import { type File, type Host, HostFileError } from '../host.ts';
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';

const MARK_LENGTH = 40;
const HEADER_BYTES_MAX = 64;

export class SnapshotTransfer {
  readonly temporaryPath: Bytes;
  private readonly host: Host;
  private readonly file: File;
  private header: Bytes | null = EMPTY;
  private mark: Bytes | null = null;
  private remaining = -1;
  /** The last bytes that came, as many as a mark has: it may be split between chunks. */
  private tail: Bytes = EMPTY;
  private written = 0;
  private isInPlace = false;

  constructor(host: Host) {
    this.host = host;
    this.temporaryPath = bytes(`temp-${Math.floor(host.wallMs() / 1000)}.${host.pid}.rdb`);
    this.file = host.files.open(this.temporaryPath, 'create');
  }

  /**
   * Takes a chunk. `more`: the file goes on. `done`: it is complete, `rest` is what follows it. `broken`: the primary
   * said something else.
   */
  receive(chunk: Bytes): { state: 'more' } | { state: 'done'; rest: Bytes } | { state: 'broken'; reason: string } {
    let input = chunk;
    if (this.header !== null) {
      const text: Bytes = (this.header + input).replace(/^\n+/, '') as Bytes;
      const end = text.indexOf('\r\n');
      if (end < 0) {
        this.header = text;
        return text.length > HEADER_BYTES_MAX ? this.broken('no end of the snapshot header') : { state: 'more' };
      }
      const reason = this.readHeader(text.slice(0, end));
      if (reason !== null) return this.broken(reason);
      this.header = null;
      input = text.slice(end + 2) as Bytes;
    }
    return this.mark === null ? this.receiveSized(input) : this.receiveMarked(input, this.mark);
  }

  /** The file is complete: it becomes durable and takes the place of `path`. Throws `HostFileError`. */
  finish(path: Bytes): void {
    this.file.syncNow();
    this.file.close();
    this.host.files.rename(this.temporaryPath, path);
    this.host.files.syncDirectory(bytes('.'));
    this.isInPlace = true;
  }

  /** What has come so far is of no use. A file that is in its place stays there. */
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

  private readHeader(line: string): string | null {
    const marked = /^\$EOF:(.{40})$/s.exec(line);
    if (marked !== null) {
      this.mark = marked[1] as Bytes;
      return null;
    }
    if (/^\$[0-9]{1,15}$/.test(line)) {
      this.remaining = Number(line.slice(1));
      return null;
    }
    return line.startsWith('-') ? `MASTER aborted replication with an error: ${line.slice(1)}`
      : 'Bad protocol from MASTER, the first byte is not \'$\'';
  }

  private receiveSized(input: Bytes): { state: 'more' } | { state: 'done'; rest: Bytes } {
    const part = input.slice(0, this.remaining) as Bytes;
    this.file.append(part);
    this.remaining -= part.length;
    return this.remaining > 0 ? { state: 'more' } : { state: 'done', rest: input.slice(part.length) as Bytes };
  }

  private receiveMarked(input: Bytes, mark: Bytes): { state: 'more' } | { state: 'done'; rest: Bytes } {
    const window = this.tail + input;
    // The primary sends nothing behind the mark before our first ACK, so the mark ends the input.
    if (window.length >= MARK_LENGTH && window.endsWith(mark)) {
      this.file.append(input);
      this.written += input.length;
      this.file.truncate(this.written - MARK_LENGTH);
      return { state: 'done', rest: EMPTY };
    }
    this.file.append(input);
    this.written += input.length;
    this.tail = window.slice(-MARK_LENGTH) as Bytes;
    return { state: 'more' };
  }

  private broken(reason: string): { state: 'broken'; reason: string } {
    return { state: 'broken', reason };
  }
}
