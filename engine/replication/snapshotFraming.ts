/**
 * How a snapshot is packed on its way in: newlines that keep the link alive, then `$<length>` or `$EOF:<mark>`, then the
 * snapshot, then the mark. Source: replication.c of Redis 7.0 (readSyncBulkPayload).
 */
import { type Bytes, EMPTY } from '../core/bytes.ts';

export const MARK_LENGTH = 40;
const HEADER_BYTES_MAX = 64;

/**
 * `more`: it goes on. `done`: it is complete; `rest` is what follows it, `excess` how many of the last bytes that were handed
 * on are the mark. `broken`: the primary said something else.
 */
export type FramingResult =
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly rest: Bytes; readonly excess: number }
  | { readonly state: 'broken'; readonly reason: string };

export class SnapshotFraming {
  /** Gets what comes behind the header; of the mark too, since it is known only at its end. */
  private readonly append: (part: Bytes) => void;
  private header: Bytes | null = EMPTY;
  private mark: Bytes | null = null;
  private remaining = -1;
  /** The last bytes that came, as many as a mark has: it may be split between chunks. */
  private tail: Bytes = EMPTY;

  constructor(append: (part: Bytes) => void) {
    this.append = append;
  }

  /** What the header said, for the log; null while it has not come. */
  get announced(): string | null {
    if (this.header !== null) return null;
    return this.mark === null ? `receiving ${this.remaining} bytes from master` : 'receiving streamed RDB from master with EOF';
  }

  /** The end is known by a mark, not by a length. */
  get isMarked(): boolean {
    return this.mark !== null;
  }

  receive(chunk: Bytes): FramingResult {
    let input = chunk;
    if (this.header !== null) {
      const text: Bytes = (this.header + input).replace(/^\n+/, '') as Bytes;
      const end = text.indexOf('\r\n');
      if (end < 0) {
        this.header = text;
        return text.length > HEADER_BYTES_MAX ? broken('no end of the snapshot header') : { state: 'more' };
      }
      const reason = this.readHeader(text.slice(0, end));
      if (reason !== null) return broken(reason);
      this.header = null;
      input = text.slice(end + 2) as Bytes;
    }
    return this.mark === null ? this.receiveSized(input) : this.receiveMarked(input, this.mark);
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

  private receiveSized(input: Bytes): FramingResult {
    const part = input.slice(0, this.remaining) as Bytes;
    this.append(part);
    this.remaining -= part.length;
    return this.remaining > 0 ? { state: 'more' } : { state: 'done', rest: input.slice(part.length) as Bytes, excess: 0 };
  }

  private receiveMarked(input: Bytes, mark: Bytes): FramingResult {
    this.append(input);
    const window = this.tail + input;
    this.tail = window.slice(-MARK_LENGTH) as Bytes;
    // The primary sends nothing behind the mark before our first ACK, so the mark ends the input.
    return this.tail === mark ? { state: 'done', rest: EMPTY, excess: MARK_LENGTH } : { state: 'more' };
  }
}

const broken = (reason: string): FramingResult => ({ state: 'broken', reason });
