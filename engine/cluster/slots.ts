/**
 * Hash slots: which slot a key belongs to, and sets of slots as the bus writes them.
 * Source: the Redis Cluster specification (CRC16 of the XMODEM kind, hash tags); cluster.c of Redis 7.0 (bitmaps).
 */
import { type Bytes, bytes } from '../core/bytes.ts';

export const SLOTS = 16_384;
export const BITMAP_BYTES: number = SLOTS / 8;

const POLYNOMIAL = 0x1021;

const crcTable = (): Uint16Array => {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
    table[byte] = crc;
  }
  return table;
};

const CRC_TABLE: Readonly<Uint16Array> = crcTable();

/** CRC16 of bytes `from` to before `to`. */
export const crc16 = (text: Bytes, from = 0, to: number = text.length): number => {
  let crc = 0;
  for (let at = from; at < to; at++) {
    crc = ((crc << 8) ^ (CRC_TABLE[((crc >>> 8) ^ text.charCodeAt(at)) & 0xff] as number)) & 0xffff;
  }
  return crc;
};

/** The slot of a key: of what stands between its first `{` and the next `}`, if anything does, else of the whole. */
export const keySlot = (key: Bytes): number => {
  const open = key.indexOf('{');
  if (open >= 0) {
    const close = key.indexOf('}', open + 1);
    if (close > open + 1) return crc16(key, open + 1, close) % SLOTS;
  }
  return crc16(key) % SLOTS;
};

/** So many characters are made in one call. */
const WIRE_PART_BYTES = 512;

/** Spreading them into arguments would go through an iterator, number by number. */
const codesToText = (codes: ArrayLike<number>): string => String.fromCharCode.apply(null, codes as number[]);

export type SlotRange = readonly [first: number, last: number];

/** A set of slots. Its bitmap in wire form and its ranges are made once for each change. */
export class SlotSet {
  private readonly bits: Uint8Array = new Uint8Array(BITMAP_BYTES);
  private wire: Bytes | null = null;
  private known: readonly SlotRange[] | null = null;
  private size = 0;

  get count(): number {
    return this.size;
  }

  has(slot: number): boolean {
    return ((this.bits[slot >> 3] as number) & (1 << (slot & 7))) !== 0;
  }

  add(slot: number): void {
    if (this.has(slot)) return;
    this.bits[slot >> 3] = (this.bits[slot >> 3] as number) | (1 << (slot & 7));
    this.size++;
    this.wire = null;
    this.known = null;
  }

  delete(slot: number): void {
    if (!this.has(slot)) return;
    this.bits[slot >> 3] = (this.bits[slot >> 3] as number) & ~(1 << (slot & 7));
    this.size--;
    this.wire = null;
    this.known = null;
  }

  /** The bitmap as 2048 bytes: slot 0 is the lowest bit of the first. */
  get bitmap(): Bytes {
    if (this.wire === null) {
      const parts: string[] = [];
      for (let at = 0; at < BITMAP_BYTES; at += WIRE_PART_BYTES) {
        parts.push(codesToText(this.bits.subarray(at, at + WIRE_PART_BYTES)));
      }
      this.wire = bytes(parts.join(''));
    }
    return this.wire;
  }

  /** Ranges of neighbours, ends included: nodes.conf asks for those of all nodes at each change of one. */
  ranges(): readonly SlotRange[] {
    this.known ??= this.findRanges();
    return this.known;
  }

  private findRanges(): readonly SlotRange[] {
    const found: SlotRange[] = [];
    if (this.size === 0) return found;
    let first = -1;
    for (let slot = 0; slot <= SLOTS; slot++) {
      const isIn = slot < SLOTS && this.has(slot);
      if (isIn && first < 0) first = slot;
      if (!isIn && first >= 0) {
        found.push([first, slot - 1]);
        first = -1;
      }
    }
    return found;
  }
}

/** The slots of a bitmap in wire form, in order. */
export const slotsOf = (bitmap: Bytes): readonly number[] => {
  const slots: number[] = [];
  for (let slot = nextSlot(bitmap, 0); slot >= 0; slot = nextSlot(bitmap, slot + 1)) slots.push(slot);
  return slots;
};

/** The first slot from `from` on that a bitmap in wire form has; -1: none. For loops over thousands of slots that keep none. */
export const nextSlot = (bitmap: Bytes, from: number): number => {
  for (let index = from >> 3, start = from & 7; index < BITMAP_BYTES; index++, start = 0) {
    const byte = bitmap.charCodeAt(index);
    if (byte >>> start === 0) continue;
    for (let bit = start; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) return index * 8 + bit;
  }
  return -1;
};
