/**
 * All that clients asked of each key, in one form: the calls of workloads that have checkers of their own, the ledger's operations, the
 * reads of readers, and what was found in the end. What the consistency checks judge by.
 */
import { type Bytes, type Micros, NO_CAUSE, micros } from '../../../engine/index.ts';
import type { Call, CallResult, DataModel } from '../../client/call.ts';
import type { History, Operation, Read } from '../../client/history.ts';
import { remainsOf } from '../../client/work/keys.ts';
import { oneValue } from '../../client/work/multiKeyWork.ts';
import type { ClientSpec } from '../../scenario.ts';
import type { FinalReadResult } from '../finalRead.ts';
import { itemsOf } from './models.ts';

/** Who reads everything back in the end. */
export const FINAL_READER = 'reader';

export interface KeyHistory {
  readonly key: Bytes;
  readonly model: DataModel;
  readonly calls: readonly Call[];
}

/** In the order in which keys were first asked for. Indexes are those of the list, so they differ from those of the history. */
export const keyHistories = (history: History): readonly KeyHistory[] => {
  const keys = new Map<Bytes, Call[]>();
  const add = (call: Call): void => {
    const known = keys.get(call.key);
    if (known === undefined) keys.set(call.key, [call]);
    else known.push(call);
  };
  for (const operation of history.operations) add(callOfOperation(operation));
  for (const read of history.reads) add(callOfRead(read, history.operations.length));
  const from = history.operations.length + history.reads.length;
  for (const call of history.calls) add({ ...call, index: from + call.index });
  return [...keys].map(([key, calls]) => ({ key, model: (calls[0] as Call).model, calls }));
};

const callOfOperation = ({ index, client, kind, key, token, invokedAt, completedAt, outcome, completedBy }: Operation): Call => ({
  index, client, process: 0, key, model: kind === 'setAdd' ? 'set' : 'register', what: kind === 'setAdd' ? 'add' : 'write',
  argument: token, leaseMs: 0, invokedAt, completedAt, outcome, result: null, completedBy,
});

const callOfRead = ({ index, client, key, invokedAt, completedAt, outcome, value, completedBy }: Read, from: number): Call => ({
  index: from + index, client, process: 0, key, model: 'register', what: 'read', argument: null, leaseMs: 0, invokedAt, completedAt,
  outcome, result: value, completedBy,
});

/** Puts what was found in the end on record, as reads of one more client. Keys that nobody answered for are left out. */
export const recordFinalReads = (
  history: History, clients: readonly ClientSpec[], { values, askedAt }: FinalReadResult, now: Micros,
): void => {
  const done = new Set<Bytes>();
  for (const { key, model, parts, isTaken } of clients.flatMap(remainsOf)) {
    const [first] = parts;
    if (first === undefined || done.has(first.key) || !parts.every((part) => values.has(part.key))) continue;
    done.add(first.key);
    const found = values.get(first.key) ?? null;
    const result = parts.length > 1 ? oneValue(parts.map((part) => textOf(values.get(part.key)))) : resultOf(found);
    // What a consumer never finished lies in its own list: it is not lost, and perhaps not delivered.
    const what = isTaken ? 'redeliver' : 'read';
    history.found(FINAL_READER, { key, model, what, argument: null }, isTaken ? itemsOf(result) : result, micros(askedAt), now, NO_CAUSE);
  }
};

type Found = ReadonlySet<Bytes> | readonly Bytes[] | Bytes | null;

const textOf = (found: Found | undefined): Bytes | null => (typeof found === 'string' ? found : null);

const resultOf = (found: Found): CallResult => (found === null || typeof found === 'string' ? found : [...found]);
