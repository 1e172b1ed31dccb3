/**
 * One end of a real TCP connection. Latin-1 at this edge and nowhere else.
 *
 * Always holds: what a turn writes goes out as one write per connection at the turn's end; after `close` or `reset`, and
 * after `onClose`, the program is never called again; the peer's FIN is reported in a turn of its own, so that the
 * answers to what came just before it still leave.
 * Measured: one latin1 string joined from the turn's chunks beats corked writes by 40 % and buffers by a little.
 */
import type { Socket } from 'node:net';
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Connection, ConnectionHandlers, NetError } from '../host.ts';
import { netErrorOf } from './nodeErrors.ts';
import type { Flushable, Turn } from './turn.ts';

/** With this much unsent, `write` says that the buffer is full. About what a kernel's send buffer takes. */
const UNSENT_BYTES_MAX = 256 * 1024;
/** One write joins at most this much: V8 strings end at 512 MiB. */
const JOINED_BYTES_MAX = 16 * 1024 * 1024;

/** `open`: in use. `closing`: to be flushed and closed at the end of the turn. `closed`: the program is done with it. */
type State = 'open' | 'closing' | 'closed';

export class NodeConnection implements Connection, Flushable {
  readonly localAddress: Bytes;
  readonly localPort: number;
  readonly remoteAddress: Bytes;
  readonly remotePort: number;
  private readonly socket: Socket;
  private readonly turn: Turn;
  private readonly kind: 'tcp' | 'tls' | 'unix';
  private handlers: ConnectionHandlers | null = null;
  private state: State = 'open';
  private chunks: Bytes[] = [];
  private queuedBytes = 0;
  private flushPending = false;
  /** `write` has said no, and `onWritable` is owed. */
  private full = false;

  /**
   * `socket` is connected and was made with `allowHalfOpen`, so that Node never ends it by itself. `unixPath` is where it was
   * accepted, for a unix socket.
   */
  constructor(socket: Socket, turn: Turn, kind: 'tcp' | 'tls' | 'unix' = 'tcp', unixPath: Bytes | null = null) {
    this.socket = socket;
    this.turn = turn;
    this.localAddress = unixPath ?? bytes(socket.localAddress ?? '');
    this.localPort = socket.localPort ?? 0;
    this.remoteAddress = unixPath ?? bytes(socket.remoteAddress ?? '');
    this.kind = kind;
    this.remotePort = socket.remotePort ?? 0;
  }

  /** Starts reading. Errors are listened to in any case: an unheard one would end the process. */
  start(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
    const socket = this.socket;
    socket.on('error', (error) => this.gone(netErrorOf(error)));
    if (this.state !== 'open') return;
    socket.on('data', (chunk: Buffer) => {
      if (this.state !== 'open') return;
      this.turn.arm();
      handlers.onData(bytes(chunk.toString('latin1')));
    });
    // Behind the end of the turn that the last data belongs to.
    socket.on('end', () => setImmediate(() => this.gone(null)));
    socket.on('close', () => this.gone('reset'));
    socket.on('drain', () => this.writable());
  }

  write(chunk: Bytes): boolean {
    if (this.state !== 'open') return true;
    if (chunk.length > 0) {
      this.chunks.push(chunk);
      this.queuedBytes += chunk.length;
      this.flushLater();
    }
    if (this.queuedBytes + this.socket.writableLength < UNSENT_BYTES_MAX) return true;
    this.full = true;
    return false;
  }

  close(): void {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.flushLater();
  }

  reset(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.dropQueue();
    // Only TCP knows a reset.
    if (this.kind !== 'tcp') this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (this.state === 'open') this.socket.resume();
  }

  flush(): void {
    this.flushPending = false;
    if (this.state === 'closed') return;
    this.sendQueue();
    if (this.state === 'closing') {
      this.state = 'closed';
      this.socket.destroySoon();
    } else if (this.full && !this.socket.writableNeedDrain) {
      // The socket emptied between `write` and now, so it will not announce a drain.
      setImmediate(() => this.writable());
    }
  }

  private flushLater(): void {
    if (this.flushPending) return;
    this.flushPending = true;
    this.turn.flushAtEnd(this);
  }

  private sendQueue(): void {
    if (this.chunks.length === 0) return;
    const { chunks, queuedBytes } = this;
    this.dropQueue();
    if (queuedBytes <= JOINED_BYTES_MAX) {
      this.socket.write(chunks.length === 1 ? (chunks[0] as string) : chunks.join(''), 'latin1');
      return;
    }
    for (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += JOINED_BYTES_MAX) {
        this.socket.write(chunk.slice(from, from + JOINED_BYTES_MAX), 'latin1');
      }
    }
  }

  private dropQueue(): void {
    this.chunks = [];
    this.queuedBytes = 0;
  }

  private writable(): void {
    if (!this.full || this.state !== 'open') return;
    if (this.queuedBytes + this.socket.writableLength >= UNSENT_BYTES_MAX) return;
    this.full = false;
    this.turn.arm();
    this.handlers?.onWritable();
  }

  /** The peer or the network ended it. The descriptor is closed at once, as Redis does when a read says so. */
  private gone(error: NetError | null): void {
    if (this.state === 'closed') return;
    const told = this.state === 'open';
    this.state = 'closed';
    this.dropQueue();
    this.socket.destroy();
    if (!told) return;
    this.turn.arm();
    this.handlers?.onClose(error);
  }
}
