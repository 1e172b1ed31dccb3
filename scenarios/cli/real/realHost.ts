/**
 * The Host of one of the simulator's own programs (client, probe, entrypoint) in the real world: `NodeHost`, at an address of its
 * own, and with the run's names in the place of the system's.
 */
import type { Bytes, ConnectOptions, Connection, ConnectionHandlers, Host, Ms, NetError, Note, Timer } from '../../../engine/index.ts';
import { bytes } from '../../../engine/core/bytes.ts';
import { NodeHost } from '../../../engine/node/nodeHost.ts';

export interface RealHostOptions {
  /** Connections come from here, so that the switch knows whose they are. */
  readonly address: string;
  /** What a name means now; none: it is unknown. */
  addressesOf(name: string): readonly string[];
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
    const found = IPV4.test(name) ? [name] : this.own.addressesOf(name).map(bytes);
    setImmediate(() => this.inTurn(() => done(found)));
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
