/**
 * A replica that applies nothing: it introduces itself, skips the snapshot, acknowledges, and keeps the stream as it came,
 * byte for byte. The server is to have `repl-diskless-sync no`, since a snapshot of unknown length is not asked for.
 */
import { type Socket, connect } from 'node:net';

const HANDSHAKE: readonly string[] = ['PING', 'REPLCONF listening-port 1', 'REPLCONF capa psync2', 'PSYNC ? -1'];
const HEAD = /^\+FULLRESYNC [0-9a-f]{40} ([0-9]+)\r\n\n*\$([0-9]+)\r\n/;

export class StreamTap {
  private readonly socket: Socket;
  private isOnline = false;
  /** Lines of the handshake that were answered. */
  private answered = 0;
  /** What came and was not taken: the handshake and the snapshot at first, then the stream. */
  private text = '';
  private offset = 0;
  private ended: Error | null = null;
  private arrived: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the server closed the stream')));
    socket.write(`${HANDSHAKE[0]}\r\n`);
  }

  /** Resolves once the snapshot is through. */
  static async open(port: number): Promise<StreamTap> {
    const tap = new StreamTap(connect(port, '127.0.0.1'));
    while (!tap.isOnline) await tap.more();
    return tap;
  }

  /** The stream up to and without `end`, which is taken too, and acknowledged. Throws when the stream breaks off. */
  async takeUntil(end: string): Promise<string> {
    for (let from = 0; ;) {
      const at = this.text.indexOf(end, from);
      if (at >= 0) {
        const taken = this.text.slice(0, at);
        this.text = this.text.slice(at + end.length);
        this.offset += at + end.length;
        this.socket.write(`REPLCONF ACK ${this.offset}\r\n`);
        return taken;
      }
      from = Math.max(0, this.text.length - end.length);
      await this.more();
    }
  }

  /** Says to have applied so much, true or not. */
  acknowledge(offset: number): void {
    this.socket.write(`REPLCONF ACK ${offset}\r\n`);
  }

  close(): void {
    this.socket.destroy();
  }

  private more(): Promise<void> {
    if (this.ended !== null) throw this.ended;
    return new Promise((resolve, reject) => {
      this.arrived = () => (this.ended === null ? resolve() : reject(this.ended));
    });
  }

  private take(chunk: string): void {
    this.text += chunk;
    if (this.answered < HANDSHAKE.length - 1) this.introduce();
    else if (!this.isOnline) this.skipSnapshot();
    if (this.isOnline) this.arrived();
  }

  /** One line after the other: PSYNC is refused while an answer is on its way. */
  private introduce(): void {
    if (!this.text.endsWith('\r\n')) return;
    if (!this.text.startsWith('+')) return this.end(new Error(`${HANDSHAKE[this.answered]}: ${this.text}`));
    this.text = '';
    this.answered++;
    this.socket.write(`${HANDSHAKE[this.answered]}\r\n`);
  }

  private skipSnapshot(): void {
    if (this.text.startsWith('-')) return this.end(new Error(`PSYNC: ${this.text}`));
    const head = HEAD.exec(this.text);
    if (head === null) return;
    const end = head[0].length + Number(head[2]);
    if (this.text.length < end) return;
    this.isOnline = true;
    this.offset = Number(head[1]);
    this.text = this.text.slice(end);
  }

  private end(error: Error): void {
    this.ended ??= error;
    this.arrived();
  }
}
