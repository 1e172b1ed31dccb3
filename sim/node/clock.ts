/**
 * The clocks of one machine: a wall clock that may be off, drift and jump, and a monotonic one that only drifts.
 * Drift also stretches or shrinks every timer, since both hang on the same oscillator.
 */
import { assert } from '../../engine/core/errors.ts';
import { type Micros, micros } from '../../engine/core/units.ts';

export const DRIFT_PPM_MAX = 500_000;

export class MachineClock {
  /** Parts per million by which the machine's time runs fast. */
  private driftPpm = 0;
  /** Since this virtual time the rates are what they are now. */
  private anchor = 0;
  private wallAtAnchor: number;
  private monotonicAtAnchor = 0;

  /** `startMicros`: what the wall clock shows at virtual time 0, in microseconds since 1970. */
  constructor(startMicros: number, driftPpm = 0) {
    this.wallAtAnchor = startMicros;
    this.setDrift(0, driftPpm);
  }

  /** Microseconds since 1970, at a virtual time. */
  wallMicros(now: number): number {
    return this.wallAtAnchor + this.elapsed(now);
  }

  monotonicMicros(now: number): Micros {
    return micros(this.monotonicAtAnchor + this.elapsed(now));
  }

  /** Virtual time that passes while this machine counts `delayMicros`. */
  virtualDelay(delayMicros: number): number {
    if (this.driftPpm === 0) return delayMicros;
    return Math.ceil((delayMicros * 1_000_000) / (1_000_000 + this.driftPpm));
  }

  setDrift(now: number, driftPpm: number): void {
    assert(Number.isInteger(driftPpm) && Math.abs(driftPpm) <= DRIFT_PPM_MAX, 'drift out of range');
    this.wallAtAnchor = this.wallMicros(now);
    this.monotonicAtAnchor = this.monotonicMicros(now);
    this.anchor = now;
    this.driftPpm = driftPpm;
  }

  /** The wall clock jumps, forward or (negative) back. */
  jump(byMicros: number): void {
    this.wallAtAnchor += byMicros;
  }

  private elapsed(now: number): number {
    const passed = now - this.anchor;
    return this.driftPpm === 0 ? passed : passed + Math.floor((passed * this.driftPpm) / 1_000_000);
  }
}
