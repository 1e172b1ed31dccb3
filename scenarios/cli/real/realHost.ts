/**
 * The Host of one of the simulator's own programs (client, probe, entrypoint) in the real world: `NodeHost`, at an address of its
 * own, and with the run's names in the place of the system's.
 */
import type { Bytes, ConnectOptions, Connection, ConnectionHandlers, Host, Ms, NetError, Note, Timer } from '../../../engine/index.ts';
import { bytes } from '../../../engine/core/bytes.ts';
import { NodeHost } from '../../../engine/node/nodeHost.ts';
import type { LookedUp } from './nameBook.ts';

export interface RealHostOptions {
  /** Connections come from here, so that the switch knows whose they are. */
  readonly address: string;
  /** What a name means now, and when that is known; no addresses: it is unknown. */
  lookUp(name: string): LookedUp;
  noted?(note: Note): void;
  /** The program ends itself. */
  exited?(status: number): void;
}

const IPV4 = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;

export class RealHost extends NodeHost implements Host {
  private readonly own: RealHostOptions;
  private readonly connections: Set<Connection> = new Set();
  private isDead = false;

  constructor(own: RealHostOptions) {
    super({ logFile: '/dev/null', endProcess: (status) => own.exited?.(status) });
    this.own = own;
  }

  override resolve(name: Bytes, done: (addresses: readonly Bytes[]) => void): void {
    const { addresses, delayMs } = IPV4.test(name) ? { addresses: [name], delayMs: 0 } : this.own.lookUp(name);
    const answer = (): void => this.inTurn(() => done(addresses.map((address) => bytes(address))));
    if (delayMs === 0) setImmediate(answer);
    else setTimeout(answer, delayMs);
  }

  override connect(
    address: Bytes, port: number, options: ConnectOptions, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ): { cancel(): void } {
    return super.connect(address, port, { ...options, bind: bytes(this.own.address) }, handlers, (result) => {
      if (typeof result === 'string') opened(result);
      else if (this.isDead) result.close();
      else {
        this.connections.add(result);
        opened(result);
      }
    });
  }

  override setTimer(delay: Ms, callback: () => void): Timer {
    return super.setTimer(delay, () => {
      if (!this.isDead) callback();
    });
  }

  /** Ends the program as a kill does: its kernel closes the connections, and nothing of it runs any more. */
  kill(): void {
    this.isDead = true;
    for (const connection of this.connections) connection.close();
    this.connections.clear();
  }

  override note(note: Note): void {
    this.own.noted?.(note);
  }
}
