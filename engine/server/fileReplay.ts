/**
 * The client that runs what append-only files hold: it has no connection, hears no reply, and may do what our primary may.
 * Source: aof.c of Redis 7.0 (createAOFClient).
 */
import type { Connection } from '../host.ts';
import { type Bytes, EMPTY } from '../core/bytes.ts';
import { Client } from '../commands/client.ts';
import type { AofReplay } from '../persistence/aofLoader.ts';

type Run = (client: Client, argv: readonly Bytes[]) => 'unknown' | 'arity' | null;

export class FileReplay implements AofReplay {
  private client: Client = fileClient();
  private readonly runOn: Run;

  constructor(run: Run) {
    this.runOn = run;
  }

  get inTransaction(): boolean {
    return this.client.transaction !== null;
  }

  run(argv: readonly Bytes[]): 'unknown' | 'arity' | null {
    return this.runOn(this.client, argv);
  }

  begin(): void {
    this.client = fileClient();
  }
}

const fileClient = (): Client => {
  const client = new Client(0, NO_CONNECTION, 0, () => {});
  client.kind = 'primary';
  return client;
};

/** Of a client that nobody is connected to. */
export const NO_CONNECTION: Connection = {
  localAddress: EMPTY, localPort: 0, remoteAddress: EMPTY, remotePort: 0,
  write: () => true, close: () => {}, reset: () => {}, pause: () => {}, resume: () => {},
};
