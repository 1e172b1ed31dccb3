/**
 * The write ledger of those who see nothing but clients: fates from the final read alone. Real processes are judged by it, and the
 * virtual world too where the two are compared, so that both are measured alike.
 *
 * A member of a set survived if the set has it. Of a register only the last value is to be seen: what was asked for after the surviving
 * write had been acknowledged is lost, all else is superseded (or was lost and then overwritten: nobody can tell). A surviving write
 * that nobody acknowledged may have been executed at any time: a kernel goes on sending it long after its client gave it up. Why
 * is not to be seen: no loss is explained here, and none is called a bug.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { type History, type Operation, describeOperation, isWaited } from '../client/history.ts';
import type { LedgerReport, LostWrite } from '../report.ts';
import type { FinalReadResult } from './finalRead.ts';

type Fate = 'survived' | 'superseded' | 'lost' | 'unknown';

const MICROS_PER_MS = 1000;
const UNSEEN_CAUSE = 'not in the final read; why is not to be seen from outside';

export const observedLedger = (history: History, read: Pick<FinalReadResult, 'values' | 'isPrimary'>): LedgerReport => {
  const counts = { acknowledged: 0, survived: 0, superseded: 0, lost: 0, unknown: 0, unacknowledged: 0, unacknowledgedEffective: 0 };
  const waited = { acknowledged: 0, lost: 0 };
  const lostWrites: LostWrite[] = [];
  for (const operation of history.operations) {
    const fate = fateOf(history, read, operation);
    if (operation.outcome !== 'ok') {
      counts.unacknowledged++;
      if (fate === 'survived') counts.unacknowledgedEffective++;
      continue;
    }
    counts.acknowledged++;
    counts[fate]++;
    if (isWaited(operation)) waited.acknowledged++;
    if (fate !== 'lost') continue;
    if (isWaited(operation)) waited.lost++;
    lostWrites.push(lostWrite(operation));
  }
  return { ...counts, permitted: counts.lost, bugs: 0, waited, lostWrites };
};

const fateOf = (history: History, { values, isPrimary }: Pick<FinalReadResult, 'values' | 'isPrimary'>, operation: Operation): Fate => {
  const value = values.get(operation.key);
  if (!isPrimary || value === undefined) return 'unknown';
  if (value instanceof Set) return value.has(operation.token) ? 'survived' : 'lost';
  if (value === operation.token) return 'survived';
  const last = value === null ? undefined : history.find(value as Bytes);
  if (last === undefined) return 'lost';
  const executedBy = last.outcome === 'ok' ? last.completedAt ?? Infinity : Infinity;
  return operation.invokedAt <= executedBy ? 'superseded' : 'lost';
};

const lostWrite = (operation: Operation): LostWrite => ({
  client: operation.client, operation: describeOperation(operation), acknowledgedBy: operation.acknowledgedBy,
  invokedMs: operation.invokedAt / MICROS_PER_MS, acknowledgedMs: (operation.completedAt ?? 0) / MICROS_PER_MS,
  position: null, permitted: true, cause: UNSEEN_CAUSE, chain: [],
});
