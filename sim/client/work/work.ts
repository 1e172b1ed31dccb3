/**
 * What one kind of workload is to the common loop (`workload.ts`): which operation comes next, and what its answers mean. Each kind has
 * a class of its own beside this file.
 *
 * Always holds: an errand ends once; it ends as `failed` only where Redis guarantees that nothing was executed.
 */
import { type Bytes, ErrorReply, type Host, type Reply } from '../../../engine/index.ts';
import { mix32 } from '../../../engine/core/hash.ts';
import { micros } from '../../../engine/core/units.ts';
import type { Asked, Call, CallResult } from '../call.ts';
import type { History } from '../history.ts';
import type { ServerClient } from '../serverClient.ts';

/** Where clients tell what they asked and heard. `now` is the time that all clients share. */
export interface Recorder {
  readonly history: History;
  now(): number;
  /** Stops sending from this time on. */
  readonly stopAtMicros: number;
  /** What clients with a choice choose by, besides their names; 0 where there is none. */
  readonly seed?: number;
}

/** `refused`: not executed, and this server will not execute the next one either. */
export type ErrandEnd = 'ok' | 'failed' | 'refused' | 'unknown';

/** One operation, on record already. */
export interface Errand {
  readonly key: Bytes;
  /** Sends its requests over a connection that is open; `over` is called once. */
  send(client: ServerClient, over: (end: ErrandEnd) => void): void;
  /** Records how it ended. Also called for one that was never sent. */
  complete(end: ErrandEnd): void;
}

export interface Work {
  /** The next operation, over the client's connection of this number; null: there is nothing to do now. */
  next(process: number): Errand | null;
}

/** Beginnings of errors with which nothing was executed and the server is not the right one, or not now. */
const REFUSALS: ReadonlySet<string> = new Set([
  'READONLY', 'LOADING', 'CLUSTERDOWN', 'NOREPLICAS', 'MISCONF', 'MOVED', 'ASK', 'TRYAGAIN', 'UNBLOCKED', 'NOAUTH', 'OOM',
]);
/** Others with which nothing was executed. */
const FAILURES: ReadonlySet<string> = new Set(['ERR', 'EXECABORT', 'WRONGTYPE', 'BUSY', 'NOPERM', 'CROSSSLOT']);

/** What an answer says of a request, if it is none of a kind's own: no answer, an error, or `ok`. */
export const endOfReply = (reply: Reply | undefined): ErrandEnd => {
  if (reply === undefined) return 'unknown';
  if (!(reply instanceof ErrorReply)) return 'ok';
  if (REFUSALS.has(reply.code)) return 'refused';
  return FAILURES.has(reply.code) ? 'failed' : 'unknown';
};

/** A client's name, its host, and where it tells what it does: what every kind needs. */
export interface Worker {
  readonly name: string;
  readonly host: Host;
  readonly recorder: Recorder;
  readonly keys: readonly Bytes[];
}

/** An errand that is one call of the history. */
export abstract class CallErrand implements Errand {
  readonly key: Bytes;
  protected readonly worker: Worker;
  protected readonly call: Call;
  protected result: CallResult = null;

  constructor(worker: Worker, process: number, asked: Asked) {
    const { name, host, recorder } = worker;
    this.worker = worker;
    this.key = asked.key;
    this.call = recorder.history.invokeCall(name, process, asked, micros(recorder.now()), host.cause());
  }

  abstract send(client: ServerClient, over: (end: ErrandEnd) => void): void;

  complete(end: ErrandEnd): void {
    const { recorder, host } = this.worker;
    recorder.history.completeCall(
      this.call, end === 'refused' ? 'failed' : end, this.result, micros(recorder.now()), host.cause());
  }
}

/** A call that is one request; `read` takes the result out of an answer that is no error. */
export class SimpleErrand extends CallErrand {
  private readonly argv: readonly Bytes[];
  private readonly read: (reply: Reply) => CallResult;

  constructor(worker: Worker, process: number, asked: Asked, argv: readonly Bytes[], read: (reply: Reply) => CallResult = nothing) {
    super(worker, process, asked);
    this.argv = argv;
    this.read = read;
  }

  send(client: ServerClient, over: (end: ErrandEnd) => void): void {
    client.send(this.argv, (reply) => {
      const end = endOfReply(reply);
      if (end === 'ok') this.result = this.read(reply as Reply);
      over(end);
    });
  }
}

const nothing = (): null => null;

/** The text of a bulk reply; null: there was none. */
export const bulkOf = (reply: Reply | undefined): Bytes | null => (typeof reply === 'string' ? reply : null);

/** 0 to before `count`, by what the choice is called: other clients and operations change nothing about it. */
export const choose = ({ name, recorder }: Worker, ordinal: number, count: number): number => {
  let hash = recorder.seed ?? 0;
  for (let place = 0; place < name.length; place++) hash = mix32(hash ^ name.charCodeAt(place));
  return (mix32(hash + Math.imul(ordinal, 0x9e3779b1)) >>> 0) % count;
};
