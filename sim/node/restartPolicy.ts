/**
 * What happens after a process ended by itself, was killed, or its machine came back: the container runtime's restart policy.
 * Source: Docker's documentation of restart policies: a delay of 100 ms that doubles up to a minute, reset after ten
 * seconds of life.
 */
import { micros } from '../../engine/index.ts';
import type { RestartPolicy } from '../topology/topology.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { Later } from '../time/simEvent.ts';
import type { Machine } from './machine.ts';
import type { ProcessEnd, SimProcess } from './simProcess.ts';

const DELAY_FIRST_MICROS = 100_000;
const DELAY_MAX_MICROS = 60_000_000;
const HEALTHY_MICROS = 10_000_000;

interface Watched {
  readonly policy: RestartPolicy;
  delayMicros: number;
  startedAt: number;
}

export class RestartPolicies {
  private readonly kernel: Kernel;
  private readonly watched: Map<SimProcess, Watched> = new Map();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  set(process: SimProcess, policy: RestartPolicy): void {
    this.watched.set(process, { policy, delayMicros: DELAY_FIRST_MICROS, startedAt: 0 });
  }

  /** A process ended. Without power nothing can follow before the machine boots. */
  ended(process: SimProcess, end: ProcessEnd): void {
    const watched = this.watched.get(process);
    if (watched === undefined || end.kind === 'power' || process.isStoppedByHand) return;
    const failed = end.kind === 'kill' || (end.kind === 'exit' && end.status !== 0);
    if (watched.policy === 'no' || (watched.policy === 'on-failure' && !failed)) return;
    if (this.kernel.now - watched.startedAt > HEALTHY_MICROS) watched.delayMicros = DELAY_FIRST_MICROS;
    this.kernel.schedule(restart(process), micros(this.kernel.now + watched.delayMicros));
    watched.delayMicros = Math.min(watched.delayMicros * 2, DELAY_MAX_MICROS);
    watched.startedAt = this.kernel.now + watched.delayMicros;
  }

  /** A machine came up without anybody's hand: what its policies start, starts. */
  booted(machine: Machine): void {
    for (const process of machine.processes) {
      if (this.startsAtBoot(process)) {
        this.kernel.schedule(restart(process), micros(this.kernel.now + DELAY_FIRST_MICROS));
      }
    }
  }

  /** What it is started with after an end of that kind; null: by nobody. */
  policyOf(process: SimProcess): RestartPolicy {
    return this.watched.get(process)?.policy ?? 'no';
  }

  private startsAtBoot(process: SimProcess): boolean {
    const policy = this.policyOf(process);
    return (policy === 'always' || policy === 'unless-stopped') && !process.isStoppedByHand;
  }
}

const restart = (process: SimProcess): Later => new Later(KIND.boot, process.node, 0, 0, () => {
  if (process.state === 'dead' && process.machine.isUp && !process.isStoppedByHand) process.start();
});
