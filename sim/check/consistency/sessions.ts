/**
 * What each client may expect of its own session, whatever the others do. On registers with unique values, and on counters that only
 * grow. One value is certainly older than another where its write was over before the other's began, or where it was there from the
 * beginning; nothing is held against a pair that may stand in either order.
 *
 * - `read-your-writes`: after its own acknowledged write a client finds nothing older.
 * - `monotonic-reads`: after one read a client finds nothing older.
 * - `monotonic-writes`: who saw the later of one writer's two writes does not find the earlier one afterwards.
 * - `writes-follow-reads`: who saw a write does not afterwards find what its writer had read before, or something older.
 *
 * Source: Terry et al., "Session Guarantees for Weakly Consistent Replicated Data" (1994); the last two as far as a client sees them.
 */
import { type Call, describeResult } from '../../client/call.ts';
import type { History } from '../../client/history.ts';
import type { Check, CheckResult } from '../check.ts';
import { Findings } from './findings.ts';
import { type KeyHistory, keyHistories } from './keyHistories.ts';
import { endOf, grouped, isOk } from './model.ts';
import { madeValue, sawValue } from './models.ts';

export const GUARANTEES = ['read-your-writes', 'monotonic-reads', 'monotonic-writes', 'writes-follow-reads'] as const;

export type Guarantee = (typeof GUARANTEES)[number];

export class SessionGuarantee implements Check {
  readonly name: Guarantee;
  readonly isSafety = false;
  private readonly history: History;

  constructor(name: Guarantee, history: History) {
    this.name = name;
    this.history = history;
  }

  finish(): CheckResult {
    const findings = new Findings();
    let compared = 0;
    for (const history of keyHistories(this.history)) {
      const key = history.model === 'register' ? new RegisterKey(history) : history.model === 'counter' ? new CounterKey(history) : null;
      if (key !== null) compared += key.judge(this.name, findings);
    }
    return findings.result(compared, COMPARED[this.name]);
  }
}

const COMPARED: Readonly<Record<Guarantee, string>> = {
  'read-your-writes': 'reads after writes of the same client',
  'monotonic-reads': 'reads after other reads of the same client',
  'monotonic-writes': 'reads after reads of one writer’s work',
  'writes-follow-reads': 'reads after reads of what rests on others',
};

/** What a client knows to have been there, and by which of its calls. */
interface Known {
  readonly write: Call;
  readonly by: Call;
}

/** Calls of one client, and what came before each, in time. */
const sweep = (calls: readonly Call[], known: (call: Call) => void, reads: (call: Call) => void): void => {
  const over = calls.filter(isOk).sort((left, right) => endOf(left) - endOf(right));
  const begun = calls.filter((call) => isOk(call) && sawSomething(call)).sort((left, right) => left.invokedAt - right.invokedAt);
  let next = 0;
  for (const call of begun) {
    while (next < over.length && endOf(over[next] as Call) < call.invokedAt) known(over[next++] as Call);
    reads(call);
  }
};

const sawSomething = ({ what }: Call): boolean => what === 'read' || what === 'cas' || what === 'increment';

class RegisterKey {
  private readonly calls: readonly Call[];
  private readonly makers: Map<string, Call> = new Map();
  /** The newest that a writer had certainly read before a write of its own, by that write. */
  private readonly floors: Map<Call, Known> = new Map();

  constructor({ calls }: KeyHistory) {
    this.calls = calls;
    for (const call of calls) {
      const made = madeValue(call);
      if (made !== undefined && call.outcome !== 'failed') this.makers.set(made, call);
    }
  }

  judge(guarantee: Guarantee, findings: Findings): number {
    let compared = 0;
    if (guarantee === 'writes-follow-reads') this.findFloors();
    for (const own of grouped(this.calls, ({ client }) => client).values()) compared += this.session(guarantee, own, findings);
    return compared;
  }

  private session(guarantee: Guarantee, own: readonly Call[], findings: Findings): number {
    /** By what it is compared within: a writer, or nothing in particular. */
    const newest = new Map<string, Known>();
    let compared = 0;
    const learn = (call: Call): void => {
      const write = guarantee === 'read-your-writes' ? (madeValue(call) === undefined ? null : call) : this.sawWrite(call);
      if (write === null) return;
      const known = guarantee === 'writes-follow-reads' ? this.floors.get(write) : { write, by: call };
      if (known === undefined) return;
      const name = guarantee === 'monotonic-writes' ? write.client : '';
      const before = newest.get(name);
      if (before === undefined || known.write.invokedAt > before.write.invokedAt) newest.set(name, { write: known.write, by: call });
    };
    sweep(own, learn, (read) => {
      const saw = this.sawWrite(read);
      const known = newest.get(guarantee === 'monotonic-writes' ? saw?.client ?? '' : '');
      if (known === undefined || (guarantee === 'monotonic-writes' && saw === null)) return;
      compared++;
      const isSame = guarantee === 'writes-follow-reads' && saw === known.write;
      if (isSame || this.isOlder(read, saw, known.write)) {
        findings.add(`${read.client} found ${describeResult(read.result)} in ${read.key}, older than ${describeResult(known.write.argument)}`,
          [saw, known.write, known.by, read]);
      }
    });
    return compared;
  }

  /** The write whose value a call found; null: it found the initial one, a stranger's, or nothing was asked. */
  private sawWrite(call: Call): Call | null {
    const value = sawValue(call);
    return value === undefined ? null : this.makers.get(value) ?? null;
  }

  private isOlder(read: Call, saw: Call | null, than: Call): boolean {
    if (saw === null) return sawValue(read) === '';
    return endOf(saw) < than.invokedAt;
  }

  private findFloors(): void {
    for (const own of grouped(this.calls, ({ client }) => client).values()) {
      const writes = own.filter((call) => madeValue(call) !== undefined && call.outcome !== 'failed')
        .sort((left, right) => left.invokedAt - right.invokedAt);
      const reads = own.filter((call) => isOk(call) && this.sawWrite(call) !== null).sort((left, right) => endOf(left) - endOf(right));
      let newest: Known | null = null;
      let next = 0;
      for (const write of writes) {
        for (; next < reads.length && endOf(reads[next] as Call) < write.invokedAt; next++) {
          const by = reads[next] as Call;
          const saw = this.sawWrite(by) as Call;
          if (newest === null || saw.invokedAt > newest.write.invokedAt) newest = { write: saw, by };
        }
        if (newest !== null) this.floors.set(write, newest);
      }
    }
  }
}

/** A counter's number tells by itself what is older, as long as it only grows. */
class CounterKey {
  private readonly calls: readonly Call[];

  constructor({ calls }: KeyHistory) {
    this.calls = calls;
  }

  judge(guarantee: Guarantee, findings: Findings): number {
    const isGrowing = this.calls.every(({ what, argument }) => what !== 'increment' || Number(argument) >= 0);
    if (!isGrowing || guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads') return 0;
    const teaches = guarantee === 'read-your-writes' ? 'increment' : 'read';
    let compared = 0;
    for (const own of grouped(this.calls, ({ client }) => client).values()) {
      let most: Call | null = null;
      sweep(own, (call) => {
        if (call.what === teaches && (most === null || numberOf(call) > numberOf(most))) most = call;
      }, (read) => {
        if (most === null) return;
        compared++;
        if (numberOf(read) < numberOf(most)) {
          findings.add(`${read.client} found ${numberOf(read)} in ${read.key}, after ${numberOf(most)}`, [most, read]);
        }
      });
    }
    return compared;
  }
}

const numberOf = ({ result }: Call): number => Number(typeof result === 'string' ? result : '0');
