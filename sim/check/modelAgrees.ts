/**
 * The ledger's account against the final client read: every set holds exactly the surviving writes, every register the last
 * of them. A difference means that the model of histories is wrong, or that the engine lost data without a trace.
 *
 * What a client had given up on may still lie in the network, and be executed after the read was asked for: such a write
 * may be seen or not. Of keys that the ledger does not follow (`others`) only this is asked: that nobody invented what they hold.
 */
import type { Bytes } from '../../engine/index.ts';
import { type History, shownToken } from '../client/history.ts';
import type { CheckResult } from './check.ts';
import { inventedValues } from './consistency/inventedValues.ts';
import type { FinalReadResult } from './finalRead.ts';
import type { WriteRecord } from './ledger.ts';

export const modelAgrees = (
  surviving: readonly WriteRecord[], history: History, read: FinalReadResult, others: ReadonlySet<Bytes> = new Set(),
): CheckResult => {
  if (!read.done || !read.isPrimary) return { verdict: 'unknown', detail: 'no primary answered the final read' };
  const keys = new Map<Bytes, Expected>();
  for (const { key } of history.operations) keys.set(key, { sure: [], late: [] });
  for (const { operation, executedAt } of surviving) {
    const expected = keys.get(operation.key);
    if (executedAt < read.askedAt) expected?.sure.push(operation.token);
    else expected?.late.push(operation.token);
  }
  const invented = inventedValues(history);
  if (invented.problem !== null) return { verdict: 'violated', detail: invented.problem };
  let compared = invented.compared;
  for (const [key, value] of read.values) {
    if (others.has(key)) continue;
    const expected = keys.get(key) ?? NOTHING;
    const problem = value instanceof Set ? setDifference(key, value, expected)
      : registerDifference(key, value as Bytes | null, expected);
    if (problem !== null) return { verdict: 'violated', detail: problem };
    compared++;
  }
  return compared === 0 ? { verdict: 'not exercised', detail: 'nothing to read', comparisons: 0 }
    : { verdict: 'holds', detail: `${compared} keys read back, as ${compared > invented.compared ? 'the ledger says' : 'clients wrote them'}`, comparisons: compared };
};

/** Tokens of the surviving writes to one key, in their order. */
interface Expected {
  readonly sure: Bytes[];
  /** Executed after the read was asked for. */
  readonly late: Bytes[];
}

const NOTHING: Readonly<Expected> = { sure: [], late: [] };

const setDifference = (key: Bytes, found: ReadonlySet<Bytes>, { sure, late }: Expected): string | null => {
  for (const token of sure) if (!found.has(token)) return `${key} lacks ${shownToken(token)}, which the ledger says survived`;
  const known = new Set([...sure, ...late]);
  for (const token of found) {
    if (!known.has(token)) return `${key} holds ${shownToken(token)}, which the ledger says did not survive`;
  }
  return null;
};

const registerDifference = (key: Bytes, found: Bytes | null, { sure, late }: Expected): string | null => {
  const last = sure.at(-1) ?? null;
  return found === last || (found !== null && late.includes(found)) ? null
    : `${key} is ${shownValue(found)}, the ledger says ${shownValue(last)}`;
};

const shownValue = (value: Bytes | null): string => (value === null ? 'gone' : shownToken(value));
