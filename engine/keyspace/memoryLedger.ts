/**
 * The sum of what all keys weigh by `memoryEstimate.ts`, kept up with every change while `maxmemory` asks for it.
 *
 * Always holds: `total` is the sum over the keys of what each weighed when it last changed.
 */
import type { Entry } from './database.ts';
import { entryBytes } from './memoryEstimate.ts';

export class MemoryLedger {
  total = 0;
  private readonly weights: Map<Readonly<Entry>, number> = new Map();

  changed(entry: Readonly<Entry>): void {
    const weight = entryBytes(entry);
    this.total += weight - (this.weights.get(entry) ?? 0);
    this.weights.set(entry, weight);
  }

  removed(entry: Readonly<Entry>): void {
    this.total -= this.weights.get(entry) ?? 0;
    this.weights.delete(entry);
  }

  /** Begins anew with these. */
  recount(entries: Iterable<Readonly<Entry>>): void {
    this.weights.clear();
    this.total = 0;
    for (const entry of entries) this.changed(entry);
  }
}
