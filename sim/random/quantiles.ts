/**
 * Distributions as integer quantile tables: no logarithm, no exponential, so every engine draws the same.
 *
 * A table lists a quantity at the quantiles 0/n, 1/n, … n/n; a draw of 16 bits falls between two of them and is
 * interpolated in integers. The tables are made from rough measurements of what they name.
 */
import { assert } from '../../engine/core/errors.ts';

export class QuantileTable {
  private readonly points: readonly number[];
  /** The draw's bits below the index of a cell. */
  private readonly shift: number;

  /** `points`: 2^k + 1 integers (k from 1 to 8) that do not fall. */
  constructor(points: readonly number[]) {
    const cells = points.length - 1;
    const bits = 31 - Math.clz32(cells);
    assert(cells === 1 << bits && bits >= 1 && bits <= 8, 'a quantile table has 2^k + 1 points');
    for (let index = 1; index <= cells; index++) {
      assert((points[index] as number) >= (points[index - 1] as number), 'a quantile table falls');
    }
    this.points = points;
    this.shift = 16 - bits;
  }

  /** The quantity for 32 random bits (the low 16 are used). */
  at(draw: number): number {
    const low = draw & 0xffff;
    const cell = low >> this.shift;
    const from = this.points[cell] as number;
    const to = this.points[cell + 1] as number;
    return from + (((to - from) * (low & ((1 << this.shift) - 1))) >> this.shift);
  }
}

/** One way between two machines of a zone, in microseconds: half below 150, one in sixteen above 350, at most 2 ms. */
export const LAN_LATENCY_MICROS: QuantileTable = new QuantileTable([
  80, 100, 110, 118, 125, 131, 137, 143, 150, 158, 167, 178, 192, 212, 245, 350, 2000,
]);

/** One way between two zones of a region. */
export const ZONES_LATENCY_MICROS: QuantileTable = new QuantileTable([
  450, 490, 510, 525, 540, 552, 565, 580, 600, 620, 645, 675, 710, 760, 850, 1100, 4000,
]);

/** One way from a machine to itself. */
export const LOOPBACK_LATENCY_MICROS: QuantileTable = new QuantileTable([8, 12, 15, 20, 60]);

/** One sync of a file with little to write, on a data centre's SSD. */
export const SYNC_LATENCY_MICROS: QuantileTable = new QuantileTable([
  250, 400, 460, 500, 540, 580, 620, 660, 700, 760, 830, 920, 1050, 1300, 1900, 4000, 25_000,
]);
