/**
 * The Host of one of the simulator's own programs (client, probe, entrypoint) in the real world: `NodeHost`, at an address of its
 * own, and with the run's names in the place of the system's.
 */
import type { Bytes, ConnectOptions, Connection, ConnectionHandlers, Host, NetError, Note } from '../../../engine/index.ts';
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
    return super.connect(address, port, { ...options, bind: bytes(this.own.address) }, handlers, opened);
  }

  override note(note: Note): void {
    this.own.noted?.(note);
  }
}
