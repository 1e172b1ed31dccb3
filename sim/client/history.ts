/**
 * What the clients asked and heard: the record that ledger and checkers judge by.
 *
 * An operation is `ok` when its answer said so, `failed` when the answer was an error or it was never sent, and `unknown` for
 * ever when the connection went before the answer. Every token is unique, so an operation is found again in a stream. Reads stand
 * apart: they change nothing, so the ledger does not know them. So do the calls of workloads that the ledger does not follow:
 * checkers of their own judge those.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { assert } from '../../engine/core/errors.ts';
import type { CauseId, Micros } from '../../engine/core/units.ts';
import type { WriteKind } from '../scenario.ts';
import type { Asked, Call, CallResult } from './call.ts';

export type Outcome = 'pending' | 'ok' | 'failed' | 'unknown';

export interface Operation {
  /** Place in the history, from 0. */
  readonly index: number;
  readonly client: string;
  readonly kind: WriteKind;
  readonly key: Bytes;
  /** The unique value that it writes, padded where the client is told to. */
  readonly token: Bytes;
  /** Replicas that its WAIT asks for; 0: none is sent. */
  readonly waitReplicas: number;
  readonly invokedAt: Micros;
  completedAt: Micros | null;
  outcome: Outcome;
  /** The event that brought the answer. */
  completedBy: CauseId;
  /** Replicas that WAIT reported to have it; null while, or where, there is no such answer. */
  acknowledgedBy: number | null;
}

/** One GET of a register. */
export interface Read {
  /** Place among the reads, from 0. */
  readonly index: number;
  readonly client: string;
  readonly key: Bytes;
  readonly invokedAt: Micros;
  completedAt: Micros | null;
  outcome: Outcome;
  /** What it found, once `ok`; null: no such key. */
  value: Bytes | null;
  completedBy: CauseId;
}

export type OperationListener = (operation: Operation) => void;
export type ReadListener = (read: Read) => void;
export type CallListener = (call: Call) => void;

/** WAIT reported as many replicas as it was asked for. */
export const isWaited = ({ waitReplicas, acknowledgedBy }: Operation): boolean =>
  waitReplicas > 0 && acknowledgedBy !== null && acknowledgedBy >= waitReplicas;

/** Longer than any token without its padding. */
const TOKEN_SHOWN_MAX = 80;

/** A token as people read it: without its padding. */
export const shownToken = (token: Bytes): string => token.slice(0, TOKEN_SHOWN_MAX).replace(/\.+$/, '');

export const describeOperation = ({ kind, key, token }: Operation): string => `${kind} ${key} ${shownToken(token)}`;

export class History {
  readonly operations: Operation[] = [];
  readonly reads: Read[] = [];
  readonly calls: Call[] = [];
  private readonly byToken: Map<Bytes, Operation> = new Map();
  private readonly completed: OperationListener[] = [];
  private readonly waitedFor: OperationListener[] = [];
  private readonly readCompleted: ReadListener[] = [];
  private readonly callCompleted: CallListener[] = [];

  /** Calls `listener` at every completion, after the operation was updated. */
  onCompleted(listener: OperationListener): void {
    this.completed.push(listener);
  }

  /** Calls `listener` at every answer to a WAIT, after the operation was updated. */
  onWaited(listener: OperationListener): void {
    this.waitedFor.push(listener);
  }

  onReadCompleted(listener: ReadListener): void {
    this.readCompleted.push(listener);
  }

  onCallCompleted(listener: CallListener): void {
    this.callCompleted.push(listener);
  }

  find(token: Bytes): Operation | undefined {
    return this.byToken.get(token);
  }

  invoke(
    client: string, kind: WriteKind, key: Bytes, token: Bytes, at: Micros, cause: CauseId, waitReplicas: number = 0,
  ): Operation {
    const operation: Operation = {
      index: this.operations.length, client, kind, key, token, waitReplicas, invokedAt: at, completedAt: null,
      outcome: 'pending', completedBy: cause, acknowledgedBy: null,
    };
    this.operations.push(operation);
    this.byToken.set(token, operation);
    assert(this.byToken.size === this.operations.length, 'two operations write the same token');
    return operation;
  }

  complete(operation: Operation, outcome: Exclude<Outcome, 'pending'>, at: Micros, cause: CauseId): void {
    assert(operation.outcome === 'pending', 'an operation completes once');
    operation.outcome = outcome;
    operation.completedAt = at;
    operation.completedBy = cause;
    for (const listener of this.completed) listener(operation);
  }

  /** The WAIT behind an operation was answered. */
  waited(operation: Operation, replicas: number): void {
    assert(operation.acknowledgedBy === null && operation.waitReplicas > 0, 'one answer to a WAIT that was sent');
    operation.acknowledgedBy = replicas;
    for (const listener of this.waitedFor) listener(operation);
  }

  invokeRead(client: string, key: Bytes, at: Micros, cause: CauseId): Read {
    const read: Read = {
      index: this.reads.length, client, key, invokedAt: at, completedAt: null, outcome: 'pending', value: null,
      completedBy: cause,
    };
    this.reads.push(read);
    return read;
  }

  completeRead(
    read: Read, outcome: Exclude<Outcome, 'pending'>, value: Bytes | null, at: Micros, cause: CauseId,
  ): void {
    assert(read.outcome === 'pending', 'a read completes once');
    read.outcome = outcome;
    read.value = value;
    read.completedAt = at;
    read.completedBy = cause;
    for (const listener of this.readCompleted) listener(read);
  }

  /** `process`: which of the client's connections it goes over. */
  invokeCall(client: string, process: number, asked: Asked, at: Micros, cause: CauseId): Call {
    const { key, model, what, argument, leaseMs = 0 } = asked;
    const call: Call = {
      index: this.calls.length, client, process, key, model, what, argument, leaseMs, invokedAt: at, completedAt: null,
      outcome: 'pending', result: null, completedBy: cause,
    };
    this.calls.push(call);
    return call;
  }

  /** A read that no client asked for: what was found when all was over. Nobody is told. */
  found(client: string, asked: Asked, result: CallResult, askedAt: Micros, at: Micros, cause: CauseId): void {
    const call = this.invokeCall(client, 0, asked, askedAt, cause);
    call.outcome = 'ok';
    call.result = result;
    call.completedAt = at;
  }

  completeCall(call: Call, outcome: Exclude<Outcome, 'pending'>, result: CallResult, at: Micros, cause: CauseId): void {
    assert(call.outcome === 'pending', 'a call completes once');
    call.outcome = outcome;
    call.result = result;
    call.completedAt = at;
    call.completedBy = cause;
    for (const listener of this.callCompleted) listener(call);
  }
}
