/**
 * DNS: names and their addresses, as each machine's resolver sees them. A resolver keeps an answer (also an empty one)
 * for its TTL, so a changed record is believed later on some machines than on others.
 */
import { type Bytes, EMPTY } from '../../engine/core/bytes.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { isAddress, isLoopback } from './netStack.ts';

export const NAME_TTL_MICROS_DEFAULT = 30_000_000;
/** For how long a resolver believes that a name does not exist. */
export const NO_NAME_TTL_MICROS = 5_000_000;
const LOOKUP_MICROS = 500;
const CACHED_LOOKUP_MICROS = 20;
/** What a resolver waits for a silent name server. */
const SILENCE_MICROS = 5_000_000;

interface NameRecord {
  readonly addresses: readonly Bytes[];
  readonly ttlMicros: number;
}

const NO_ADDRESSES: readonly Bytes[] = [];

export class Names {
  /** Added to every lookup that is not answered from a cache. */
  extraDelayMicros = 0;
  /** While this is not 0 the name server is silent: lookups that no cache answers come back empty. */
  silences = 0;
  private readonly kernel: Kernel;
  private readonly records: Map<Bytes, NameRecord> = new Map();
  /** What is said in place of a record; of several lies about a name the last one. */
  private lies: { readonly name: Bytes; readonly addresses: readonly Bytes[] }[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** An operator's action: sets or (with no addresses) removes a record. Resolvers learn of it as their TTLs run out. */
  set(name: Bytes, addresses: readonly Bytes[], ttlMicros: number = NAME_TTL_MICROS_DEFAULT): void {
    if (addresses.length === 0) this.records.delete(name);
    else this.records.set(name, { addresses, ttlMicros });
    this.kernel.observe(KIND.name, 0, addresses.length, ttlMicros, this.kernel.tracing ? { name, addresses } : null);
  }

  /** A machine has another address: every record that named the old one names the new one. */
  move(from: Bytes, to: Bytes): void {
    for (const [name, { addresses, ttlMicros }] of [...this.records]) {
      if (addresses.includes(from)) this.set(name, addresses.map((address) => (address === from ? to : address)), ttlMicros);
    }
  }

  /** A fault: until its end resolvers are told these addresses, or that there is no such name. */
  lie(name: Bytes, addresses: readonly Bytes[]): { end(): void } {
    const lie = { name, addresses };
    this.lies.push(lie);
    this.kernel.observe(KIND.name, 0, addresses.length, 1, this.kernel.tracing ? { name, addresses, lie: true } : null);
    return { end: (): void => {
      this.lies = this.lies.filter((other) => other !== lie);
    } };
  }

  /** What a resolver is told. */
  answer(name: Bytes): NameRecord | null {
    const lie = this.lies.findLast((one) => one.name === name);
    if (lie === undefined) return this.find(name);
    return lie.addresses.length === 0 ? null : { addresses: lie.addresses, ttlMicros: this.find(name)?.ttlMicros ?? NAME_TTL_MICROS_DEFAULT };
  }

  /** What is so. */
  find(name: Bytes): NameRecord | null {
    return this.records.get(name) ?? null;
  }
}

/** What a lookup will say, and how long it takes. */
export interface Lookup {
  readonly addresses: readonly Bytes[];
  readonly delayMicros: number;
}

/** The resolver of one machine. */
export class Resolver {
  private readonly names: Names;
  private readonly kernel: Kernel;
  private readonly cache: Map<Bytes, { readonly addresses: readonly Bytes[]; readonly until: number }> = new Map();

  constructor(kernel: Kernel, names: Names) {
    this.kernel = kernel;
    this.names = names;
  }

  lookup(name: Bytes): Lookup {
    if (name === EMPTY) return { addresses: NO_ADDRESSES, delayMicros: CACHED_LOOKUP_MICROS };
    if (isAddress(name) || isLoopback(name)) return { addresses: [name], delayMicros: CACHED_LOOKUP_MICROS };
    if (name === 'localhost') return { addresses: ['127.0.0.1' as Bytes], delayMicros: CACHED_LOOKUP_MICROS };
    const cached = this.cache.get(name);
    if (cached !== undefined && this.kernel.now < cached.until) {
      return { addresses: cached.addresses, delayMicros: CACHED_LOOKUP_MICROS };
    }
    const { names } = this;
    if (names.silences > 0) return { addresses: NO_ADDRESSES, delayMicros: SILENCE_MICROS };
    const record = names.answer(name);
    const addresses = record === null ? NO_ADDRESSES : record.addresses;
    const ttlMicros = record === null ? NO_NAME_TTL_MICROS : record.ttlMicros;
    this.cache.set(name, { addresses, until: this.kernel.now + ttlMicros });
    return { addresses, delayMicros: LOOKUP_MICROS + names.extraDelayMicros };
  }

  /** A reboot empties the cache. */
  forget(): void {
    this.cache.clear();
  }
}
