/**
 * The two clocks of a real machine. The wall clock in microseconds is the millisecond clock refined by the monotonic one.
 *
 * Always holds: `wallMicros` names the same millisecond as `Date.now()` at the same instant, so it follows every jump.
 */
import { performance } from 'node:perf_hooks';
import { type Micros, type UnixMs, micros, unixMs } from '../core/units.ts';

/** How far the refined clock may stray (drift, a jump) before it is set anew. */
const STRAY_MICROS_MAX = 5000;

export class NodeClock {
  private offsetMicros = 0;

  wallMs(): UnixMs {
    return unixMs(Date.now());
  }

  wallMicros(): number {
    const floorMicros = Date.now() * 1000;
    const elapsedMicros = this.monotonicMicros();
    const estimate = elapsedMicros + this.offsetMicros;
    const stray = estimate - floorMicros;
    if (stray < -STRAY_MICROS_MAX || stray > STRAY_MICROS_MAX) {
      this.offsetMicros = floorMicros - elapsedMicros;
      return floorMicros;
    }
    return Math.min(Math.max(estimate, floorMicros), floorMicros + 999);
  }

  monotonicMicros(): Micros {
    return micros(Math.floor(performance.now() * 1000));
  }
}
