/** Two small programs against Host, and a world to run them in: what the tests of the simulator share. */
import { type Bytes, bytes } from '../../../engine/core/bytes.ts';
import { micros, ms } from '../../../engine/core/units.ts';
import type { Connection, Host, NetError } from '../../../engine/host.ts';
import { Network } from '../../../sim/net/network.ts';
import { Machine } from '../../../sim/node/machine.ts';
import { SimProcess, type Program } from '../../../sim/node/simProcess.ts';
import { Kernel } from '../../../sim/time/kernel.ts';

export const PORT = 7000;
export const SECOND = 1_000_000;

/** Echoes what it gets. */
export const echoServer: Program = (host) => {
  host.listen(bytes(''), PORT, (connection) => ({
    onData: (chunk) => { host.cost('command', 1); connection.write(chunk); },
    onWritable: () => undefined,
    onClose: () => undefined,
  }), () => undefined);
};

export interface EchoLog {
  readonly sent: string[];
  readonly received: string[];
  readonly errors: (NetError | null)[];
}

export const echoLog = (): EchoLog => ({ sent: [], received: [], errors: [] });

/** Sends one line every `everyMs` to each address, counts what comes back, and connects again after a loss. */
export const echoClient = (addresses: readonly Bytes[], everyMs: number, log: EchoLog): Program => (host) => {
  for (const address of addresses) callServer(host, address, everyMs, log);
};

const callServer = (host: Host, address: Bytes, everyMs: number, log: EchoLog): void => {
  let count = 0;
  let connection: Connection | null = null;
  const tick = (): void => {
    host.setTimer(ms(everyMs), tick);
    if (connection === null) return;
    const line = bytes(`${host.pid}-${count++};`);
    log.sent.push(line);
    connection.write(line);
  };
  const open = (): void => {
    host.connect(address, PORT, { keepAliveMs: ms(0), bind: null }, {
      onData: (chunk) => { log.received.push(chunk); },
      onWritable: () => undefined,
      onClose: (error) => {
        log.errors.push(error);
        connection = null;
        host.setTimer(ms(100), open);
      },
    }, (result) => {
      if (typeof result === 'string') {
        log.errors.push(result);
        host.setTimer(ms(100), open);
      } else {
        connection = result;
      }
    });
  };
  open();
  host.setTimer(ms(everyMs), tick);
};

export interface World {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly machines: Machine[];
  machine(name: string, zone?: string): Machine;
  /** A process on a machine of its own. */
  process(name: string, program: Program): SimProcess;
  run(seconds: number): void;
}

export const makeWorld = (seed: number): World => {
  const kernel = new Kernel(seed);
  const network = new Network(kernel);
  const machines: Machine[] = [];
  const machine = (name: string, zone = 'a'): Machine => {
    const made = new Machine(kernel, network, { name, zone, address: bytes(`10.0.0.${machines.length + 1}`) });
    machines.push(made);
    return made;
  };
  return {
    kernel, network, machines, machine,
    process: (name, program) => new SimProcess(machine(`machine-${name}`), { name, program }),
    run: (seconds) => kernel.runUntil(micros(kernel.now + Math.floor(seconds * SECOND))),
  };
};

/** What a test knows to be there. */
export const must = <Value>(value: Value | null | undefined): Value => {
  if (value === null || value === undefined) throw new Error('a test expected something that is not there');
  return value;
};
