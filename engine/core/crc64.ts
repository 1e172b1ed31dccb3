/**
 * CRC-64/Jones as Redis checks RDB files with it: reflected polynomial 0xad93d23594c935a9, no initial value, no final xor.
 * Two 32-bit lanes, one table of 256 entries for each.
 */
import type { Bytes } from './bytes.ts';

const POLYNOMIAL_LO = 0x94c935a9 | 0;
const POLYNOMIAL_HI = 0xad93d235 | 0;

interface Tables {
  readonly lo: Readonly<Int32Array>;
  readonly hi: Readonly<Int32Array>;
}

const reverse32 = (value: number): number => {
  let out = 0;
  for (let bit = 0; bit < 32; bit++) if ((value & (1 << bit)) !== 0) out |= 1 << (31 - bit);
  return out;
};

const makeTables = (): Tables => {
  // Reflecting 64 bits swaps the lanes as well.
  const polynomialLo = reverse32(POLYNOMIAL_HI);
  const polynomialHi = reverse32(POLYNOMIAL_LO);
  const lanesLo = new Int32Array(256);
  const lanesHi = new Int32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let lo = byte;
    let hi = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = lo & 1;
      lo = (lo >>> 1) | (hi << 31);
      hi >>>= 1;
      if (carry === 1) {
        lo ^= polynomialLo;
        hi ^= polynomialHi;
      }
    }
    lanesLo[byte] = lo;
    lanesHi[byte] = hi;
  }
  return { lo: lanesLo, hi: lanesHi };
};

const TABLES: Tables = makeTables();

export class Crc64 {
  private lo = 0;
  private hi = 0;

  update(text: Bytes): void {
    const tableLo = TABLES.lo;
    const tableHi = TABLES.hi;
    let lo = this.lo;
    let hi = this.hi;
    for (let index = 0; index < text.length; index++) {
      const entry = (lo ^ text.charCodeAt(index)) & 0xff;
      lo = ((lo >>> 8) | (hi << 24)) ^ (tableLo[entry] as number);
      hi = (hi >>> 8) ^ (tableHi[entry] as number);
    }
    this.lo = lo;
    this.hi = hi;
  }

  /** Another one that goes on from here. */
  copy(): Crc64 {
    const copy = new Crc64();
    copy.lo = this.lo;
    copy.hi = this.hi;
    return copy;
  }

  /** Eight bytes, little endian, as they stand at the end of an RDB file. */
  digest(): Bytes {
    return (lane(this.lo) + lane(this.hi)) as Bytes;
  }
}

const lane = (value: number): string =>
  String.fromCharCode(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
