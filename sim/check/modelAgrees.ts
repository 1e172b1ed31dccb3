/**
 * The ledger's account against the final client read: every set holds exactly the surviving writes, every register the last
 * of them. A difference means that the model of histories is wrong, or that the engine lost data without a trace.
 */
import type { Bytes } from '../../engine/index.ts';
import type { History } from '../client/history.ts';
import type { CheckResult } from './check.ts';
import type { FinalReadResult } from './finalRead.ts';
import type { WriteRecord } from './ledger.ts';

export const modelAgrees = (
  surviving: readonly WriteRecord[], history: History, read: FinalReadResult,
): CheckResult => {
  if (!read.done || !read.isPrimary) return { verdict: 'unknown', detail: 'no primary answered the final read' };
  const sets = new Map<Bytes, Set<Bytes>>();
  const registers = new Map<Bytes, Bytes>();
  for (const { kind, key } of history.operations) if (kind === 'setAdd' && !sets.has(key)) sets.set(key, new Set());
  for (const { operation } of surviving) {
    if (operation.kind === 'setAdd') sets.get(operation.key)?.add(operation.token);
    else registers.set(operation.key, operation.token);
  }
  let compared = 0;
  for (const [key, value] of read.values) {
    const problem = value instanceof Set ? setDifference(key, value, sets.get(key))
      : registerDifference(key, value as Bytes | null, registers.get(key));
    if (problem !== null) return { verdict: 'violated', detail: problem };
    compared++;
  }
  return compared === 0 ? { verdict: 'not exercised', detail: 'nothing to read' }
    : { verdict: 'holds', detail: `${compared} keys read back, as the ledger says` };
};

const setDifference = (key: Bytes, found: ReadonlySet<Bytes>, expected: ReadonlySet<Bytes> = new Set()): string | null => {
  for (const token of expected) if (!found.has(token)) return `${key} lacks ${token}, which the ledger says survived`;
  for (const token of found) if (!expected.has(token)) return `${key} holds ${token}, which the ledger says did not survive`;
  return null;
};

const registerDifference = (key: Bytes, found: Bytes | null, expected: Bytes | undefined): string | null =>
  (found === (expected ?? null) ? null : `${key} is ${found ?? 'gone'}, the ledger says ${expected ?? 'gone'}`);
