/** Raw sockets to a server, for tests that compare with it: a client, and a replica that only listens to the stream. */
import { type Socket, connect } from 'node:net';
import type { Bytes } from '../../engine/core/bytes.ts';
import { encodeCommand } from '../../engine/protocol/encode.ts';
import type { Reply } from '../../engine/protocol/reply.ts';
import { ReplyDecoder } from '../../engine/protocol/replyDecoder.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';

const open = (port: number): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = connect(port, '127.0.0.1', () => resolve(socket));
  socket.once('error', reject);
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
});

/** A client connection: commands go out at once, replies come back in order. */
export class RawClient {
  private readonly socket: Socket;
  private readonly decoder = new ReplyDecoder();
  private readonly waiting: ((reply: Reply) => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: string) => {
      this.decoder.push(chunk as Bytes);
      for (let reply = this.decoder.next(); reply !== undefined; reply = this.decoder.next()) {
        this.waiting.shift()?.(reply);
      }
    });
  }

  static async open(port: number): Promise<RawClient> {
    return new RawClient(await open(port));
  }

  run(...words: readonly string[]): Promise<Reply> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.socket.write(encodeCommand(words as readonly Bytes[]), 'latin1');
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** What subscribers hear of keys: the server is to have `notify-keyspace-events` with E and the classes that are asked about. */
export class RawEvents {
  private readonly socket: Socket;
  private readonly decoder = new ReplyDecoder();
  private events: string[] = [];
  private arrived: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: string) => {
      this.decoder.push(chunk as Bytes);
      for (let reply = this.decoder.next(); reply !== undefined; reply = this.decoder.next()) {
        const [, , channel, key] = reply as readonly Bytes[];
        const event = /^__keyevent@(\d+)__:(.*)$/.exec(String(channel));
        this.events.push(event === null ? SUBSCRIBED : `${event[1]} ${event[2]} ${String(key)}`);
      }
      this.arrived();
    });
    socket.write('PSUBSCRIBE __keyevent@*\r\n');
  }

  static async open(port: number): Promise<RawEvents> {
    const events = new RawEvents(await open(port));
    await events.takeUntil(SUBSCRIBED);
    return events;
  }

  /** What has happened up to before `last`, which is dropped: database, event and key each. */
  async takeUntil(last: string): Promise<string[]> {
    for (;;) {
      const end = this.events.indexOf(last);
      if (end >= 0) return this.events.splice(0, end + 1).slice(0, -1);
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

const SUBSCRIBED = 'subscribed';

/** What a replica is sent after its snapshot, command by command. */
export class RawStream {
  private readonly socket: Socket;
  private readonly decoder = new RequestDecoder();
  private text = '';
  private online = false;
  private commands: (readonly Bytes[])[] = [];
  private arrived: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.write('PSYNC ? -1\r\n');
  }

  /** Resolves once the snapshot is through. The server is to have `repl-diskless-sync no`. */
  static async open(port: number): Promise<RawStream> {
    const stream = new RawStream(await open(port));
    while (!stream.online) await stream.nextArrival();
    return stream;
  }

  /** The stream up to before the command whose words are `last`, which is dropped. */
  async takeUntil(...last: readonly string[]): Promise<(readonly Bytes[])[]> {
    for (;;) {
      const end = this.commands.findIndex((argv) => argv.join(' ') === last.join(' '));
      if (end >= 0) {
        const taken = this.commands.splice(0, end + 1);
        taken.pop();
        return taken;
      }
      await this.nextArrival();
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private nextArrival(): Promise<void> {
    return new Promise((resolve) => {
      this.arrived = resolve;
    });
  }

  private take(chunk: string): void {
    if (!this.online) {
      this.text += chunk;
      const head = /^\+FULLRESYNC [^\r]*\r\n\n*\$([0-9]+)\r\n/.exec(this.text);
      if (head === null) return;
      const end = head[0].length + Number(head[1]);
      if (this.text.length < end) return;
      this.online = true;
      this.decoder.push(this.text.slice(end) as Bytes);
    } else {
      this.decoder.push(chunk as Bytes);
    }
    for (let argv = this.decoder.next(); argv !== null; argv = this.decoder.next()) this.commands.push(argv);
    this.arrived();
  }
}
