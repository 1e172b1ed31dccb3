/**
 * A primary that does as it is told: it answers the handshake of a replica, then treats the snapshot as the script says, one
 * step for each PSYNC. Behind the last step PSYNC is not answered any more, so that what an attempt has left can be looked at.
 */
import { type Server, type Socket, createServer } from 'node:net';
import type { Bytes } from '../../engine/core/bytes.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';

/**
 * `whole`: the snapshot, as it should be. `half`: half of it, then the connection goes. `damaged`: a byte in its middle is
 * another one. `wrongMark`: other bytes than the mark stand behind it.
 */
export type ScriptedStep = 'whole' | 'half' | 'damaged' | 'wrongMark';

export interface ScriptedPrimary {
  readonly port: number;
  /** What was asked by PSYNC, in order. */
  readonly requests: readonly string[];
  /** Steps whose bytes are out. Before that nobody may hold this process up: it is what sends them. */
  readonly stepsDone: number;
  close(): void;
}

const MARK = 'f0e1'.repeat(10);

/** `id`: its replication ID, asked for at each PSYNC; its stream stands at 1000. */
export const startScriptedPrimary = async (
  snapshot: Buffer, id: () => string, script: readonly ScriptedStep[],
): Promise<ScriptedPrimary> => {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let stepsDone = 0;
  const done = (): void => {
    stepsDone++;
  };
  const synchronise = (socket: Socket, request: string): void => {
    const step = script[requests.length];
    requests.push(request);
    if (step === undefined) return;
    socket.write(`+FULLRESYNC ${id()} 1000\r\n$EOF:${MARK}\r\n`);
    if (step === 'half') {
      socket.write(snapshot.subarray(0, snapshot.length >> 1), () => setTimeout(() => {
        socket.destroy();
        done();
      }, 100));
      return;
    }
    const bytes = Buffer.from(snapshot);
    const middle = bytes.length >> 1;
    if (step === 'damaged') bytes[middle] = (bytes[middle] as number) ^ 0xff;
    socket.write(bytes);
    socket.write(step === 'wrongMark' ? 'x'.repeat(MARK.length) : MARK, done);
  };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const decoder = new RequestDecoder();
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk: string) => {
      decoder.push(chunk as Bytes);
      for (let argv = decoder.next(); argv !== null; argv = decoder.next()) {
        const name = (argv[0] as string).toUpperCase();
        if (name === 'PSYNC') synchronise(socket, argv.slice(1).join(' '));
        else if (name === 'PING') socket.write('+PONG\r\n');
        else if ((argv[1] as string).toUpperCase() !== 'ACK') socket.write('+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port, requests,
    get stepsDone() {
      return stepsDone;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
