/** A link between two servers that a test can cut: bytes pass as they are, and on demand both ends are reset. */
import { type Server, type Socket, connect, createServer } from 'node:net';
import { freePort } from '../support/redisServer.ts';

export class TcpProxy {
  readonly port: number;
  private readonly listener: Server;
  private readonly sockets: Set<Socket> = new Set();

  private constructor(port: number, targetPort: number) {
    this.port = port;
    this.listener = createServer((near) => {
      const far = connect(targetPort, '127.0.0.1');
      for (const [from, to] of [[near, far], [far, near]] as const) {
        this.sockets.add(from);
        from.setNoDelay(true);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async open(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(await freePort(), targetPort);
    await new Promise<void>((resolve, reject) => {
      proxy.listener.once('error', reject);
      proxy.listener.listen(proxy.port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** Cuts every connection that passes here, in the middle of whatever they carry; new ones may come. */
  cut(): number {
    const cut = this.sockets.size / 2;
    for (const socket of this.sockets) socket.resetAndDestroy();
    return cut;
  }

  close(): void {
    this.cut();
    this.listener.close();
  }
}
