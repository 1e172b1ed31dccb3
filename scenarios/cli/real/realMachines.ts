/**
 * A machine of a real run: its namespace, its disk, its processes, and whether it has power.
 *
 *     on --losePower--> off (silent at once; processes, disk and namespace follow, and those of the next boot are made ready) --powerOn--> on
 *
 * Always holds: what must come after another (a disk after the processes, a boot after the loss) does, however fast a plan is.
 */
import type { LinkRules } from './linkRules.ts';
import type { RealDisk } from './realDisk.ts';
import type { RealMachine, WorldNetwork } from './worldNetwork.ts';
import type { RealProcess } from './realProcess.ts';

export interface MachineParts {
  readonly rules: LinkRules;
  readonly network: WorldNetwork;
  readonly disk: RealDisk;
  /** No machine has it. */
  isFree(address: string): boolean;
  /** A tool of the system failed: the run cannot go on. */
  failed(error: unknown): void;
}

export class RealMachineState {
  readonly real: RealMachine;
  readonly disk: RealDisk;
  readonly processes: RealProcess[] = [];
  private readonly parts: MachineParts;
  private isOn = true;
  private work: Promise<void> = Promise.resolve();

  constructor(real: RealMachine, parts: MachineParts) {
    this.real = real;
    this.parts = parts;
    this.disk = parts.disk;
  }

  get isUp(): boolean {
    return this.isOn;
  }

  /** `address`: where it will be when it comes back, if elsewhere. */
  losePower(address: string | null = null): void {
    if (!this.isOn) return;
    const { rules, network, disk } = this.parts;
    this.isOn = false;
    rules.silence(this.real.name);
    for (const process of this.processes) process.losePower();
    this.enqueue(async () => {
      await network.removeMachine(this.real);
      await disk.losePower();
      // Until it may speak nobody sees of it; made at the boot they would take longer than a machine's kernel takes to answer.
      await disk.powerOn();
      // Somebody else may have it by now: the machine keeps its own.
      if (address !== null && this.parts.isFree(address)) {
        network.names.move(this.real.address, address);
        this.real.address = address;
      }
      await network.bootMachine(this.real);
    });
  }

  /** `by hand`: every process is started; `by itself`: those whose restart policy says so. */
  powerOn(how: 'by hand' | 'by itself'): void {
    this.enqueue(() => {
      if (!this.isOn) {
        this.isOn = true;
        this.parts.network.poweredOn(this.real);
        this.parts.rules.speak(this.real.name);
      } else if (how === 'by itself') return;
      for (const process of this.processes) {
        if (how === 'by hand') process.start();
        else process.booted();
      }
    });
  }

  fillDisk(roomBytes: number): void {
    this.enqueue(() => this.disk.fill(roomBytes));
  }

  /** Without power there is no disk to be emptied: it stays full, as what is on it stays. */
  emptyDisk(): void {
    this.enqueue(async () => {
      if (this.isOn) await this.disk.empty();
    });
  }

  private enqueue(work: () => Promise<void> | void): void {
    this.work = this.work.then(work).catch((error: unknown) => this.parts.failed(error));
  }
}
