/**
 * A machine: what its processes share, and what goes when its power does. Its disk and name outlive a reboot; its
 * address may change with one. Booting starts no process: that is for the topology's restart policy.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { hashText } from '../../engine/core/hash.ts';
import { Disk } from '../disk/disk.ts';
import { Resolver } from '../net/names.ts';
import type { NetStack } from '../net/netStack.ts';
import type { Network } from '../net/network.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { MachineClock } from './clock.ts';
import type { SimProcess } from './simProcess.ts';

export interface MachineOptions {
  readonly name: string;
  readonly zone: string;
  readonly address: Bytes;
  /** How far its wall clock is ahead. */
  readonly clockOffsetMicros?: number;
  readonly clockDriftPpm?: number;
}

/** Process IDs begin here, and differ from machine to machine. */
const PID_FIRST = 1000;
const PID_SPREAD = 20_000;

export class Machine {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly name: string;
  readonly zone: string;
  /** Index among the kernel's nodes. */
  readonly node: number;
  readonly stack: NetStack;
  readonly clock: MachineClock;
  readonly disk: Disk;
  readonly resolver: Resolver;
  readonly processes: SimProcess[] = [];
  /** When it lost its power, in virtual microseconds. */
  readonly powerLosses: number[] = [];
  /** Its clock jumped, drifted or was off at some time: nothing that it does by its seconds can be asked of it. */
  clockWasWrong: boolean;
  private nextPid: number;

  constructor(kernel: Kernel, network: Network, options: MachineOptions) {
    this.kernel = kernel;
    this.network = network;
    this.name = options.name;
    this.zone = options.zone;
    this.node = kernel.addNode(`machine/${options.name}`);
    this.stack = network.addStack(this.node, options.name, options.zone, options.address);
    const offsetMicros = options.clockOffsetMicros ?? 0;
    this.clock = new MachineClock(kernel.startMicros + offsetMicros, options.clockDriftPpm);
    this.clockWasWrong = offsetMicros !== 0 || (options.clockDriftPpm ?? 0) !== 0;
    this.disk = new Disk(kernel, this.node, options.name);
    this.resolver = new Resolver(kernel, network.names);
    this.nextPid = PID_FIRST + ((hashText(options.name) >>> 0) % PID_SPREAD);
  }

  get isUp(): boolean {
    return this.stack.isUp;
  }

  get address(): Bytes {
    return this.stack.address;
  }

  newPid(): number {
    return this.nextPid++;
  }

  /** Ends the machine in silence: no FIN leaves it, and what was not synced is at risk. */
  power(): void {
    if (!this.isUp) return;
    const { kernel } = this;
    kernel.observe(KIND.power, this.node, 0, 0, null);
    this.powerLosses.push(kernel.now);
    this.stack.powerOff(kernel.now);
    for (const process of this.processes) process.losePower();
    this.disk.losePower();
  }

  /** Brings the machine up again, perhaps at another address. A peer's next segment is reset. */
  boot(address: Bytes = this.address): void {
    if (this.isUp) return;
    this.network.move(this.stack, address);
    this.resolver.forget();
    this.stack.powerOn();
    this.kernel.observe(KIND.up, this.node, 0, 0, this.kernel.tracing ? { address } : null);
  }

  /** The wall clock jumps. */
  jumpClock(byMicros: number): void {
    this.clock.jump(byMicros);
    this.clockWasWrong = true;
    this.kernel.observe(KIND.clock, this.node, byMicros, 0, this.kernel.tracing ? { jumpMicros: byMicros } : null);
  }

  /** From now on time runs so many parts per million fast on this machine. */
  driftClock(ppm: number): void {
    this.clock.setDrift(this.kernel.now, ppm);
    this.clockWasWrong = true;
    this.kernel.observe(KIND.clock, this.node, ppm, 1, this.kernel.tracing ? { driftPpm: ppm } : null);
  }
}
