/**
 * How old what readers saw was, from the clients' history alone. A read is stale when a newer write of its register had been
 * acknowledged before the read was asked; its staleness is the time since the first such acknowledgement. A register has one
 * writer, so the order of its writes is that of their invocation.
 *
 * A write that was acknowledged and lost counts like any other: its reader was shown less than had been promised.
 */
import type { Bytes } from '../../engine/index.ts';
import { type History, type Operation, type Read, shownToken } from '../client/history.ts';
import type { StalenessReport } from '../report.ts';
import type { Check, CheckResult } from './check.ts';

const MICROS_PER_MS = 1000;

/** A read, and how long it had been out of date when it was asked; 0: it was fresh. */
export interface JudgedRead {
  readonly read: Read;
  readonly staleMicros: number;
}

/** The writes of one register, oldest first. */
class Register {
  readonly writes: Operation[] = [];
  private readonly places: Map<Bytes, number> = new Map();
  /** When the first write from that place on was acknowledged. */
  private firstFrom: readonly number[] | null = null;

  add(write: Operation): void {
    this.places.set(write.token, this.writes.length);
    this.writes.push(write);
  }

  /** When the value was first known to be replaced; Infinity: never. Null: no write of the workload made it. */
  replacedAt(value: Bytes | null): number | null {
    const place = value === null ? -1 : this.places.get(value);
    if (place === undefined) return null;
    this.firstFrom ??= firstAcknowledgedFrom(this.writes);
    return this.firstFrom[place + 1] ?? Infinity;
  }
}

const firstAcknowledgedFrom = (writes: readonly Operation[]): readonly number[] => {
  const firstFrom: number[] = [];
  let first = Infinity;
  for (const write of writes.toReversed()) {
    if (write.outcome === 'ok') first = Math.min(first, write.completedAt ?? Infinity);
    firstFrom.push(first);
  }
  return firstFrom.reverse();
};

/** Every read that was answered with a value of the workload, or with none. Call at the end of the run. */
export const judgeReads = (history: History): readonly JudgedRead[] => {
  const registers = new Map<Bytes, Register>();
  if (history.reads.length === 0) return [];
  for (const operation of history.operations) {
    if (operation.kind !== 'register') continue;
    const register = registers.get(operation.key) ?? new Register();
    registers.set(operation.key, register);
    register.add(operation);
  }
  const judged: JudgedRead[] = [];
  for (const read of history.reads) {
    if (read.outcome !== 'ok') continue;
    const replacedAt = (registers.get(read.key) ?? new Register()).replacedAt(read.value);
    if (replacedAt !== null) judged.push({ read, staleMicros: Math.max(0, read.invokedAt - replacedAt) });
  }
  return judged;
};

export const staleness = (judged: readonly JudgedRead[]): StalenessReport => {
  const stale = judged.filter((one) => one.staleMicros > 0).map((one) => one.staleMicros).sort((left, right) => left - right);
  const middle = stale[Math.floor((stale.length - 1) / 2)] ?? 0;
  return {
    reads: judged.length, stale: stale.length, maxMs: (stale.at(-1) ?? 0) / MICROS_PER_MS, medianMs: middle / MICROS_PER_MS,
  };
};

/** Holds when no read was stale. Judged only where a scenario names it: replication alone promises no such thing. */
export class FreshReads implements Check {
  readonly name = 'fresh-reads';
  readonly isSafety = false;
  private readonly history: History;

  constructor(history: History) {
    this.history = history;
  }

  finish(): CheckResult {
    const judged = judgeReads(this.history);
    let worst: JudgedRead | undefined;
    for (const one of judged) if (worst === undefined || one.staleMicros > worst.staleMicros) worst = one;
    if (worst === undefined) return { verdict: 'not exercised', detail: 'no reads' };
    if (worst.staleMicros === 0) return { verdict: 'holds', detail: `${judged.length} reads, each of the newest acknowledged value` };
    const { read } = worst;
    const found = read.value === null ? 'nothing' : shownToken(read.value);
    return {
      verdict: 'violated', event: read.completedBy,
      detail: `${read.client} read ${read.key} at ${read.invokedAt / MICROS_PER_MS} ms and found ${found}, `
        + `out of date for ${worst.staleMicros / MICROS_PER_MS} ms`,
    };
  }
}
