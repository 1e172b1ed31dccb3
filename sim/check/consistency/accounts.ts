/**
 * The checks that add up: a lock's holds, a queue's elements, a counter's increments.
 *
 * - `lock-mutual-exclusion`: no two clients hold one lock at the same instant, each by its own belief: from the answer until it asks for
 *   the release, or until the lease is over that it counts from its request. No fencing is assumed.
 * - `queue-no-loss`: an acknowledged element was delivered, lies in the queue or in a consumer's own list in the end, or may have
 *   been taken by a pop whose answer was lost.
 * - `queue-no-duplicates`: no element is delivered twice, or lies in the queue again when it was delivered.
 * - `counter-exact`: in the end a counter holds all acknowledged increments, and at most those besides whose answers were lost.
 */
import type { Bytes } from '../../../engine/index.ts';
import { type Call, type DataModel, describeResult } from '../../client/call.ts';
import type { History } from '../../client/history.ts';
import type { CheckResult, HistoryCheck } from '../check.ts';
import { Findings } from './findings.ts';
import { FINAL_READER, type KeyHistory, keyHistories } from './keyHistories.ts';
import { grouped, isOk, isOpen } from './model.ts';
import { itemsOf } from './models.ts';

const MICROS_PER_MS = 1000;
/** Of elements that are gone: a few speak for all. */
const SHOWN_MAX = 4;

/** Looks at one key: how much there was to compare; null where the end of it is not known. */
type Account = (history: KeyHistory, findings: Findings) => number | null;

class AccountCheck implements HistoryCheck {
  readonly name: string;
  readonly isSafety = false;
  private readonly history: History;
  private readonly model: DataModel;
  private readonly account: Account;
  private readonly compared: string;

  constructor(name: string, history: History, model: DataModel, account: Account, compared: string) {
    this.name = name;
    this.history = history;
    this.model = model;
    this.account = account;
    this.compared = compared;
  }

  finish(): CheckResult {
    const findings = new Findings();
    const unread: string[] = [];
    let compared = 0;
    for (const history of keyHistories(this.history).filter(({ model }) => model === this.model)) {
      const found = this.account(history, findings);
      if (found === null) unread.push(history.key);
      else compared += found;
    }
    const result = findings.result(compared, this.compared);
    if (result.verdict === 'violated' || unread.length === 0) return result;
    return { verdict: 'unknown', detail: `nobody could read ${unread.join(', ')} in the end`, comparisons: compared };
  }
}

/** One client's hold of a lock, in its own belief. */
interface Hold {
  readonly from: number;
  readonly to: number;
  readonly calls: readonly Call[];
}

const holdsOf = (calls: readonly Call[]): readonly Hold[] => {
  const releases = new Map(calls.filter(({ what }) => what === 'release').map((call) => [call.argument, call]));
  return calls.filter((call) => call.what === 'acquire' && isOk(call) && call.result !== null).map((call): Hold => {
    const release = releases.get(call.argument);
    const leaseOver = call.invokedAt + call.leaseMs * MICROS_PER_MS;
    return {
      from: call.completedAt ?? 0, to: Math.min(release?.invokedAt ?? Infinity, leaseOver), calls: release === undefined ? [call] : [call, release],
    };
  }).sort((left, right) => left.from - right.from);
};

const exclusion: Account = ({ key, calls }, findings) => {
  const holds = holdsOf(calls);
  let longest: Hold | null = null;
  for (const hold of holds) {
    if (longest !== null && hold.from < longest.to) {
      const [first, second] = [longest.calls[0], hold.calls[0]];
      const togetherMs = (Math.min(hold.to, longest.to) - hold.from) / MICROS_PER_MS;
      findings.add(`${key} was held by ${first?.client ?? '?'} and by ${second?.client ?? '?'} at ${hold.from / MICROS_PER_MS} ms, `
        + `together for ${togetherMs} ms`, [...longest.calls, ...hold.calls]);
    }
    if (longest === null || hold.to > longest.to) longest = hold;
  }
  return holds.length;
};

/** What was found in the end; undefined: nobody could read it. */
const finalRead = (calls: readonly Call[]): Call | undefined =>
  calls.find(({ client, what }) => client === FINAL_READER && what === 'read');

/** Every delivery of every element. */
const deliveries = (calls: readonly Call[]): ReadonlyMap<Bytes, readonly Call[]> => grouped(calls, (call) =>
  ((call.what === 'pop' || call.what === 'redeliver') && isOk(call) && typeof call.result === 'string' ? call.result : undefined));

const noLoss: Account = ({ key, calls }, findings) => {
  const end = finalRead(calls);
  if (end === undefined) return null;
  const known = new Set<Bytes>([
    ...deliveries(calls).keys(), ...itemsOf(end.result),
    ...calls.flatMap((call) => (call.what === 'redeliver' ? itemsOf(call.result) : [])),
  ]);
  const pushed = calls.filter((call) => call.what === 'push' && isOk(call));
  const missing = pushed.filter(({ argument }) => argument !== null && !known.has(argument));
  const open = calls.filter((call) => call.what === 'pop' && isOpen(call));
  if (missing.length > open.length) {
    findings.add(`${missing.length} of ${pushed.length} acknowledged elements of ${key} are gone, `
      + `${open.length} of them perhaps by pops without an answer; the first: ${describeResult(missing[0]?.argument ?? null)}`,
    [...missing.slice(0, SHOWN_MAX), { ...end, result: itemsOf(end.result).slice(0, 1) }]);
  }
  return pushed.length;
};

const noDuplicates: Account = ({ key, calls }, findings) => {
  const delivered = deliveries(calls);
  const end = finalRead(calls);
  const left = new Set(itemsOf(end?.result ?? null));
  for (const [element, takers] of delivered) {
    if (takers.length > 1) findings.add(`${describeResult(element)} of ${key} was delivered ${takers.length} times`, takers);
    else if (left.has(element)) {
      findings.add(`${describeResult(element)} of ${key} was delivered, and lies there again`,
        [...takers, end === undefined ? end : { ...end, result: [element] }]);
    }
  }
  return delivered.size;
};

const exactCount: Account = ({ key, calls }, findings) => {
  const end = finalRead(calls);
  if (end === undefined) return null;
  const increments = calls.filter(({ what }) => what === 'increment');
  const sum = (some: readonly Call[]): number => some.reduce((total, { argument }) => total + Number(argument), 0);
  const sure = sum(increments.filter(isOk));
  const perhaps = sum(increments.filter(isOpen));
  const found = Number(typeof end.result === 'string' ? end.result : '0');
  if (found < sure || found > sure + perhaps) {
    findings.add(`${key} is ${found} in the end; ${sure} were acknowledged, ${perhaps} more are unknown`, [end]);
  }
  return increments.length;
};

export const lockExclusion = (history: History): HistoryCheck =>
  new AccountCheck('lock-mutual-exclusion', history, 'lock', exclusion, 'holds, one at a time');
export const queueNoLoss = (history: History): HistoryCheck =>
  new AccountCheck('queue-no-loss', history, 'queue', noLoss, 'acknowledged elements accounted for');
export const queueNoDuplicates = (history: History): HistoryCheck =>
  new AccountCheck('queue-no-duplicates', history, 'queue', noDuplicates, 'elements delivered once');
export const counterExact = (history: History): HistoryCheck =>
  new AccountCheck('counter-exact', history, 'counter', exactCount, 'increments accounted for');
