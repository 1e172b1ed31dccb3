/**
 * How old what readers saw was, from the clients' history alone. A read is stale when a newer write of its register had been
 * acknowledged before the read was asked; its staleness is the time since the first such acknowledgement. Of a register with one
 * writer the order of writes is that of their invocation; of a shared one a write is newer that began when the other was over.
 *
 * A write that was acknowledged and lost counts like any other: its reader was shown less than had been promised.
 */
import type { Bytes } from '../../engine/index.ts';
import { type History, type Operation, type Read, shownToken } from '../client/history.ts';
import type { Call } from '../client/call.ts';
import type { StalenessReport } from '../report.ts';
import type { Check, CheckResult } from './check.ts';
import { FINAL_READER } from './consistency/keyHistories.ts';
import { byInvocation, endOf, grouped } from './consistency/model.ts';

const MICROS_PER_MS = 1000;

/** A reader's GET, or a read of a workload that shares registers. */
type JudgeableRead = Pick<Read, 'client' | 'key' | 'invokedAt' | 'value' | 'completedBy'>;

/** A read, and how long it had been out of date when it was asked; 0: it was fresh. */
export interface JudgedRead {
  readonly read: JudgeableRead;
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

const firstAcknowledgedFrom = (writes: readonly Pick<Operation, 'outcome' | 'completedAt'>[]): readonly number[] => {
  const firstFrom: number[] = [];
  let first = Infinity;
  for (const write of writes.toReversed()) {
    if (write.outcome === 'ok') first = Math.min(first, write.completedAt ?? Infinity);
    firstFrom.push(first);
  }
  return firstFrom.reverse();
};

/** The writes of a register that several clients write, by their invocation. */
class SharedRegister {
  private readonly makers: ReadonlyMap<Bytes, Call>;
  private readonly writes: readonly Call[];
  private readonly firstFrom: readonly number[];

  constructor(calls: readonly Call[]) {
    this.writes = calls.filter(({ what, outcome }) => (what === 'write' || what === 'cas') && outcome !== 'failed').sort(byInvocation);
    this.makers = new Map(this.writes.flatMap((write) => (write.argument === null ? [] : [[write.argument, write] as const])));
    this.firstFrom = firstAcknowledgedFrom(this.writes);
  }

  /** As that of a register with one writer. */
  replacedAt(value: Bytes | null): number | null {
    const maker = value === null ? null : this.makers.get(value);
    if (maker === undefined) return null;
    const over = maker === null ? -Infinity : endOf(maker);
    let low = 0;
    let high = this.writes.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.writes[middle] as Call).invokedAt > over) high = middle;
      else low = middle + 1;
    }
    return this.firstFrom[low] ?? Infinity;
  }
}

/** Every read that was answered with a value of the workload, or with none. Call at the end of the run. */
export const judgeReads = (history: History): readonly JudgedRead[] => {
  const registers = new Map<Bytes, Register | SharedRegister>();
  const shared = history.calls.filter(({ model, client }) => model === 'register' && client !== FINAL_READER);
  if (history.reads.length === 0 && shared.length === 0) return [];
  for (const operation of history.operations) {
    if (operation.kind !== 'register') continue;
    const known = registers.get(operation.key);
    const register = known instanceof Register ? known : new Register();
    registers.set(operation.key, register);
    register.add(operation);
  }
  for (const [key, calls] of grouped(shared, (call) => call.key)) registers.set(key, new SharedRegister(calls));
  const judged: JudgedRead[] = [];
  const theirs = shared.filter(({ what }) => what === 'read').map((call) => ({ ...call, value: typeof call.result === 'string' ? call.result : null }));
  for (const read of [...history.reads, ...theirs]) {
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
    if (worst === undefined) return { verdict: 'not exercised', detail: 'no reads', comparisons: 0 };
    if (worst.staleMicros === 0) return { verdict: 'holds', detail: `${judged.length} reads, each of the newest acknowledged value`, comparisons: judged.length };
    const { read } = worst;
    const found = read.value === null ? 'nothing' : shownToken(read.value);
    return {
      verdict: 'violated', event: read.completedBy,
      detail: `${read.client} read ${read.key} at ${read.invokedAt / MICROS_PER_MS} ms and found ${found}, `
        + `out of date for ${worst.staleMicros / MICROS_PER_MS} ms`,
    };
  }
}
