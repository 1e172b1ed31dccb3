/**
 * What the clients asked and heard: the record that ledger and checkers judge by.
 *
 * An operation is `ok` when its answer said so, `failed` when the answer was an error or it was never sent, and `unknown` for
 * ever when the connection went before the answer. Every token is unique, so an operation is found again in a stream.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { assert } from '../../engine/core/errors.ts';
import type { CauseId, Micros } from '../../engine/core/units.ts';
import type { WorkloadKind } from '../scenario.ts';

export type Outcome = 'pending' | 'ok' | 'failed' | 'unknown';

export interface Operation {
  /** Place in the history, from 0. */
  readonly index: number;
  readonly client: string;
  readonly kind: WorkloadKind;
  readonly key: Bytes;
  /** The unique value that it writes. */
  readonly token: Bytes;
  readonly invokedAt: Micros;
  completedAt: Micros | null;
  outcome: Outcome;
  /** The event that brought the answer. */
  completedBy: CauseId;
}

export type OperationListener = (operation: Operation) => void;

export class History {
  readonly operations: Operation[] = [];
  private readonly byToken: Map<Bytes, Operation> = new Map();
  private readonly completed: OperationListener[] = [];

  /** Calls `listener` at every completion, after the operation was updated. */
  onCompleted(listener: OperationListener): void {
    this.completed.push(listener);
  }

  find(token: Bytes): Operation | undefined {
    return this.byToken.get(token);
  }

  invoke(client: string, kind: WorkloadKind, key: Bytes, token: Bytes, at: Micros, cause: CauseId): Operation {
    assert(!this.byToken.has(token), 'two operations write the same token');
    const operation: Operation = {
      index: this.operations.length, client, kind, key, token, invokedAt: at, completedAt: null, outcome: 'pending',
      completedBy: cause,
    };
    this.operations.push(operation);
    this.byToken.set(token, operation);
    return operation;
  }

  complete(operation: Operation, outcome: Exclude<Outcome, 'pending'>, at: Micros, cause: CauseId): void {
    assert(operation.outcome === 'pending', 'an operation completes once');
    operation.outcome = outcome;
    operation.completedAt = at;
    operation.completedBy = cause;
    for (const listener of this.completed) listener(operation);
  }
}
