/**
 * How long one command took, call by call: counted in classes of two significant digits, so that a percentile is known to within
 * one part in 128.
 *
 * Always holds: a class is named by the least duration in it, and only classes that were met are kept, since a command's
 * durations are mostly much alike. Source: HdrHistogram as latency.c of Redis 7.0 uses it, for behaviour.
 */

const NANOS_PER_MICRO = 1000;
/** What lasted longer counts as this long. */
const NANOS_MAX = 1_000_000_000;
/** Below it every nanosecond is a class of its own; above, each power of two has half as many classes. */
const CLASSES = 256;
/** The first step of what LATENCY HISTOGRAM shows; each further one is twice as long. */
const FIRST_STEP_NANOS = 1024;

/** Width of the class of durations that `nanos` lies in. */
const widthOf = (nanos: number): number => {
  let width = 1;
  while (nanos >= CLASSES * width) width *= 2;
  return width;
};

const lastOf = (first: number): number => first + widthOf(first) - 1;

export class LatencyHistogram {
  calls = 0;
  /** How often each class was met, by its least duration. */
  private readonly counts: Map<number, number> = new Map();

  record(micros: number): void {
    const nanos = Math.max(1, Math.min(micros * NANOS_PER_MICRO, NANOS_MAX));
    const width = widthOf(nanos);
    const first = Math.floor(nanos / width) * width;
    this.counts.set(first, (this.counts.get(first) ?? 0) + 1);
    this.calls++;
  }

  /** Pairs of a duration in microseconds and how many calls were no longer; only where that number grows. */
  steps(): (readonly [micros: number, calls: number])[] {
    const steps: (readonly [number, number])[] = [];
    const sorted = this.sorted();
    let counted = 0;
    let index = 0;
    for (let step = FIRST_STEP_NANOS; counted < this.calls; step *= 2) {
      const last = lastOf(step);
      const before = counted;
      for (; index < sorted.length && (sorted[index] as readonly [number, number])[0] <= last; index++) {
        counted += (sorted[index] as readonly [number, number])[1];
      }
      if (counted > before) steps.push([Math.floor(last / NANOS_PER_MICRO), counted]);
    }
    return steps;
  }

  /** The duration in nanoseconds that so many percent of the calls did not exceed. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((percent / 100) * this.calls + 0.5));
    let counted = 0;
    for (const [first, count] of this.sorted()) {
      counted += count;
      if (counted >= wanted) return lastOf(first);
    }
    return 0;
  }

  private sorted(): (readonly [number, number])[] {
    return [...this.counts].sort(([left], [right]) => left - right);
  }
}
