/**
 * The digest of one collection, in two lanes. It costs nothing until somebody asks for it; from then on each change adds
 * its own part, so that the digest of a data set costs O(changes).
 */
import type { Bytes } from '../core/bytes.ts';
import { hashText } from '../core/hash.ts';

/** Seeds of the two lanes, so that they are independent. */
const LANE_LO = 0x51ed270b;
const LANE_HI = 0x2c1b3c6d;

export const laneLo = (text: Bytes): number => hashText(text, LANE_LO);
export const laneHi = (text: Bytes): number => hashText(text, LANE_HI);

export abstract class RunningDigest {
  /** Valid only while `isKept`. */
  protected lo = 0;
  protected hi = 0;
  /** False until the digest was first asked for, and again after a change that is dearer to follow than to compute. */
  protected isKept = false;

  get digestLo(): number {
    if (!this.isKept) this.begin();
    return this.lo;
  }

  get digestHi(): number {
    if (!this.isKept) this.begin();
    return this.hi;
  }

  /** Adds every part to `lo` and `hi`, which are 0. */
  protected abstract compute(): void;

  private begin(): void {
    this.lo = 0;
    this.hi = 0;
    this.compute();
    this.isKept = true;
  }
}
