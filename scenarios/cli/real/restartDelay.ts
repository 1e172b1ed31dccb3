/**
 * When a restart policy starts a process again: the rule of `sim/node/restartPolicy.ts`, by the wall clock.
 * Source: Docker's documentation of restart policies.
 */
import type { RestartPolicy } from '../../../sim/topology/topology.ts';

const DELAY_FIRST_MS = 100;
const DELAY_MAX_MS = 60_000;
const HEALTHY_MS = 10_000;

export class RestartDelay {
  private readonly policy: RestartPolicy;
  private delayMs: number = DELAY_FIRST_MS;
  private startedAt = 0;

  constructor(policy: RestartPolicy) {
    this.policy = policy;
  }

  /** How long after this end it starts again; null: it does not. */
  ended(failed: boolean, nowMs: number): number | null {
    if (this.policy === 'no' || (this.policy === 'on-failure' && !failed)) return null;
    if (nowMs - this.startedAt > HEALTHY_MS) this.delayMs = DELAY_FIRST_MS;
    const delayMs = this.delayMs;
    this.delayMs = Math.min(delayMs * 2, DELAY_MAX_MS);
    this.startedAt = nowMs + delayMs;
    return delayMs;
  }

  /** The same after the machine came up without anybody's hand. */
  atBoot(): number | null {
    return this.policy === 'always' || this.policy === 'unless-stopped' ? DELAY_FIRST_MS : null;
  }
}
