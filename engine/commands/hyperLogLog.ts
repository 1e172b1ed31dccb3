/**
 * A HyperLogLog as Redis keeps it: a string with a header of 16 bytes (HYLL, encoding, the cached count) and 16384 registers, either
 * packed in 6 bits each (dense) or as runs (sparse). The bytes are Redis's own, since GET, DUMP and replication show them.
 *
 * Always holds: `content` is well formed as far as it was read; a malformed one is answered with null or -1, never with a throw.
 * Source: hyperloglog.c of Redis 7.0, for the format and for when runs are split and joined; Otmar Ertl's estimator (arXiv 1702.01284).
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { murmur64 } from '../core/murmur.ts';
import { packed, unpacked } from './bitArguments.ts';

export const REGISTERS = 16384;
const INDEX_BITS = 14n;
const RANK_BITS = 50;
const HEADER = 16;
const REGISTER_BITS = 6;
const DENSE_BYTES = HEADER + (REGISTERS * REGISTER_BITS) / 8;
const SEED = 0xadc83b19n;
const ALPHA = 0.7213475204444817;

const ENCODING_AT = 4;
const COUNT_AT = 8;
/** The highest bit of the cached count: it is out of date. */
const STALE_AT = 15;
const STALE = 0x80;

const ZERO_RUN_MAX = 64;
const VALUE_RUN_MAX = 4;
const SPARSE_VALUE_MAX = 32;
/** How many runs are looked at for joining, from the one before the change on. */
const JOIN_RUNS_MAX = 5;

/** The register of an element, and its rank: one more than the zeros at the end of the rest of its hash. */
const placeOf = (element: Bytes): { readonly index: number; readonly rank: number } => {
  const hash = murmur64(element, SEED);
  const index = Number(hash & (BigInt(REGISTERS) - 1n));
  let rest = (hash >> INDEX_BITS) | (1n << BigInt(RANK_BITS));
  let rank = 1;
  for (; (rest & 1n) === 0n; rest >>= 1n) rank++;
  return { index, rank };
};

/** A run of equal registers in the sparse form. */
interface Run {
  readonly value: number;
  readonly length: number;
  /** How many bytes stand for it. */
  readonly size: 1 | 2;
}

const runAt = (content: readonly number[], at: number): Run => {
  const byte = content[at] as number;
  if (byte >= 0x80) return { value: ((byte >> 2) & 31) + 1, length: (byte & 3) + 1, size: 1 };
  if (byte < 0x40) return { value: 0, length: byte + 1, size: 1 };
  return { value: 0, length: (((byte & 63) << 8) | (content[at + 1] ?? 0)) + 1, size: 2 };
};

const encodeRun = (value: number, length: number): readonly number[] => {
  if (value > 0) return [0x80 | ((value - 1) << 2) | (length - 1)];
  return length <= ZERO_RUN_MAX ? [length - 1] : [0x40 | ((length - 1) >> 8), (length - 1) & 0xff];
};

export class HyperLogLog {
  /** Header and registers, byte by byte. Dense ones are typed, for they are long. */
  private content: number[] | Uint8Array;

  private constructor(content: number[] | Uint8Array) {
    this.content = content;
  }

  static empty(): HyperLogLog {
    return new HyperLogLog([72, 89, 76, 76, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...encodeRun(0, REGISTERS)]);
  }

  /** Null: the string is none. Whether the runs of a sparse one make sense shows only when they are read. */
  static of(text: Bytes): HyperLogLog | null {
    if (text.length < HEADER || !text.startsWith('HYLL')) return null;
    const encoding = text.charCodeAt(ENCODING_AT);
    if (encoding > 1 || (encoding === 0 && text.length !== DENSE_BYTES)) return null;
    const content = unpacked(text, 0);
    return new HyperLogLog(encoding === 0 ? content : [...content]);
  }

  toBytes(): Bytes {
    return Array.isArray(this.content) ? bytes(String.fromCharCode(...this.content)) : packed(this.content);
  }

  get encoding(): 'dense' | 'sparse' {
    return this.content[ENCODING_AT] === 0 ? 'dense' : 'sparse';
  }

  /** Adds an element. 1: a register grew, 0: none did, -1: the runs make no sense. */
  add(element: Bytes, sparseBytesMax: number): 1 | 0 | -1 {
    const { index, rank } = placeOf(element);
    return this.raise(index, rank, sparseBytesMax);
  }

  /** Makes a register at least `rank`. */
  raise(index: number, rank: number, sparseBytesMax: number): 1 | 0 | -1 {
    if (Array.isArray(this.content)) return this.raiseSparse(this.content, index, rank, sparseBytesMax);
    if (denseRegister(this.content, index) >= rank) return 0;
    setDenseRegister(this.content, index, rank);
    return 1;
  }

  /** All registers; null when the runs do not add up to them. */
  registers(): Uint8Array | null {
    const out = new Uint8Array(REGISTERS);
    if (!Array.isArray(this.content)) {
      for (let index = 0; index < REGISTERS; index++) out[index] = denseRegister(this.content, index);
      return out;
    }
    let index = 0;
    for (const { value, length } of this.runs()) {
      if (index + length > REGISTERS) return null;
      if (value > 0) out.fill(value, index, index + length);
      index += length;
    }
    return index === REGISTERS ? out : null;
  }

  /** Goes over to the dense form; false when the runs make no sense. */
  makeDense(): boolean {
    if (!Array.isArray(this.content)) return true;
    const registers = this.registers();
    if (registers === null) return false;
    const dense = new Uint8Array(DENSE_BYTES);
    dense.set(this.content.slice(0, HEADER));
    dense[ENCODING_AT] = 0;
    for (let index = 0; index < REGISTERS; index++) {
      const value = registers[index] as number;
      if (value > 0) setDenseRegister(dense, index, value);
    }
    this.content = dense;
    return true;
  }

  /** The runs of the sparse form as PFDEBUG DECODE writes them. */
  decode(): string {
    return [...this.runs()].map(({ value, length, size }) =>
      (value > 0 ? `v:${value},${length}` : `${size === 1 ? 'z' : 'Z'}:${length}`)).join(' ');
  }

  invalidate(): void {
    this.content[STALE_AT] = (this.content[STALE_AT] as number) | STALE;
  }

  /** The count that was worked out last; null when registers have changed since. */
  cachedCount(): number | bigint | null {
    if (((this.content[STALE_AT] as number) & STALE) !== 0) return null;
    let count = 0n;
    for (let at = STALE_AT; at >= COUNT_AT; at--) count = (count << 8n) | BigInt(this.content[at] as number);
    return Number.isSafeInteger(Number(count)) ? Number(count) : BigInt.asIntN(64, count);
  }

  cacheCount(count: number): void {
    for (let at = COUNT_AT, rest = count; at <= STALE_AT; at++, rest = Math.floor(rest / 256)) this.content[at] = rest % 256;
  }

  private *runs(): Generator<Run, void> {
    const content = this.content as number[];
    for (let at = HEADER; at < content.length;) {
      const run = runAt(content, at);
      yield run;
      at += run.size;
    }
  }

  private raiseSparse(content: number[], index: number, rank: number, sparseBytesMax: number): 1 | 0 | -1 {
    if (rank > SPARSE_VALUE_MAX) return this.raiseDense(index, rank);
    let at = HEADER;
    let before = HEADER;
    let first = 0;
    let run = at < content.length ? runAt(content, at) : null;
    while (run !== null && index >= first + run.length) {
      before = at;
      at += run.size;
      first += run.length;
      run = at < content.length ? runAt(content, at) : null;
    }
    if (run === null) return -1;
    if (run.value >= rank) return 0;
    const behind = first + run.length - 1 - index;
    const replacement = [
      ...(index > first ? encodeRun(run.value, index - first) : []), ...encodeRun(rank, 1),
      ...(behind > 0 ? encodeRun(run.value, behind) : []),
    ];
    const growth = replacement.length - run.size;
    if (growth > 0 && content.length + growth > sparseBytesMax) return this.raiseDense(index, rank);
    content.splice(at, run.size, ...replacement);
    joinRuns(content, before);
    this.invalidate();
    return 1;
  }

  private raiseDense(index: number, rank: number): 1 | -1 {
    if (!this.makeDense()) return -1;
    setDenseRegister(this.content as Uint8Array, index, rank);
    return 1;
  }
}

/** Neighbouring runs of one value become one where it can say their length. */
const joinRuns = (content: number[], from: number): void => {
  let at = from;
  for (let looked = 0; at < content.length && looked < JOIN_RUNS_MAX; looked++) {
    const run = runAt(content, at);
    const next = run.value > 0 && at + 1 < content.length ? runAt(content, at + 1) : null;
    const length = run.length + (next?.length ?? 0);
    // What was joined may join with its neighbour too.
    if (next?.value === run.value && length <= VALUE_RUN_MAX) content.splice(at, 2, ...encodeRun(run.value, length));
    else at += run.size;
  }
};

/** Registers lie with their low bits first, across bytes. */
const denseRegister = (content: Uint8Array, index: number): number => {
  const bit = index * REGISTER_BITS;
  const at = HEADER + (bit >> 3);
  const shift = bit & 7;
  const pair = (content[at] as number) | ((content[at + 1] ?? 0) << 8);
  return (pair >> shift) & 63;
};

const setDenseRegister = (content: Uint8Array, index: number, value: number): void => {
  const bit = index * REGISTER_BITS;
  const at = HEADER + (bit >> 3);
  const shift = bit & 7;
  content[at] = ((content[at] as number) & ~(63 << shift)) | (value << shift);
  if (shift > 2) content[at + 1] = ((content[at + 1] as number) & ~(63 >> (8 - shift))) | (value >> (8 - shift));
};

/** How many different elements raised these registers, about. */
export const estimate = (registers: Uint8Array): number => {
  const counts = Array.from({ length: 64 }, () => 0);
  for (const value of registers) counts[value] = (counts[value] as number) + 1;
  let sum = REGISTERS * tau((REGISTERS - (counts[RANK_BITS + 1] as number)) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) sum = (sum + (counts[rank] as number)) * 0.5;
  sum += REGISTERS * sigma((counts[0] as number) / REGISTERS);
  return Math.floor((ALPHA * REGISTERS * REGISTERS) / sum + 0.5);
};

const sigma = (share: number): number => {
  if (share === 1) return Infinity;
  let sum = share;
  for (let power = share * share, factor = 1, last = -1; last !== sum; power *= power, factor += factor) {
    last = sum;
    sum += power * factor;
  }
  return sum;
};

const tau = (share: number): number => {
  if (share === 0 || share === 1) return 0;
  let sum = 1 - share;
  for (let root = Math.sqrt(share), factor = 0.5, last = -1; last !== sum; root = Math.sqrt(root), factor *= 0.5) {
    last = sum;
    sum -= (1 - root) * (1 - root) * factor;
  }
  return sum / 3;
};
