/** A node on real TCP that answers a sentinel as the test says, and keeps what it was asked. */
import { type Server, type Socket, createServer } from 'node:net';
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { OK, PONG, type Reply } from '../../engine/protocol/reply.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';

export class SentinelFakeNode {
  /** Null: it does not answer PING at all. */
  ping: Reply | null = PONG;
  /** The lines of INFO behind the run ID. */
  info: readonly string[] = ['role:master', 'connected_slaves:0'];
  readonly asked: string[] = [];
  private readonly sockets: Set<Socket> = new Set();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((socket) => this.accept(socket));
  }

  static start(): Promise<SentinelFakeNode> {
    const node = new SentinelFakeNode();
    return new Promise((resolve, reject) => {
      node.server.once('error', reject);
      node.server.listen(0, '127.0.0.1', () => resolve(node));
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    const decoder = new RequestDecoder();
    socket.setEncoding('latin1').setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk: string) => {
      decoder.push(chunk as Bytes);
      for (let argv = decoder.next(); argv !== null; argv = decoder.next()) {
        const reply = this.answer(argv);
        if (reply !== undefined) socket.write(encodeReply(reply, 2), 'latin1');
      }
    });
  }

  /** Undefined: nothing. */
  private answer(argv: readonly Bytes[]): Reply | undefined {
    const words = argv.join(' ').toUpperCase();
    this.asked.push(words);
    if (words === 'PING') return this.ping ?? undefined;
    if (words === 'INFO') return bytes([`run_id:${'f'.repeat(40)}`, ...this.info, ''].join('\r\n'));
    if (words.startsWith('SUBSCRIBE')) return [bytes('subscribe'), argv[1] as Bytes, 1];
    return words.startsWith('PUBLISH') ? 1 : OK;
  }
}
