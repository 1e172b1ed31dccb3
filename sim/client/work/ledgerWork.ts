/** `setAdd` and `register`: unique writes that the ledger follows, each with its WAIT behind it where one is asked for. */
import { type Bytes, ErrorReply, type Reply, bytes, micros } from '../../../engine/index.ts';
import type { ClientSpec, WriteKind } from '../../scenario.ts';
import type { Operation } from '../history.ts';
import { type ServerClient, sendBehind } from '../serverClient.ts';
import type { Errand, ErrandEnd, Work, Worker } from './work.ts';

/** The padding ends no token as another one does: a token's last character is a digit. */
const PADDING = '.';

type LedgerSpec = Pick<ClientSpec, 'name' | 'wait' | 'valueBytes'> & { readonly kind: WriteKind };

export class LedgerWork implements Work {
  private readonly worker: Worker;
  private readonly spec: LedgerSpec;
  private sent = 0;

  constructor(worker: Worker, spec: LedgerSpec) {
    this.worker = worker;
    this.spec = spec;
  }

  next(): Errand {
    const { recorder, host, keys } = this.worker;
    const { name, kind, wait, valueBytes } = this.spec;
    const key = keys[this.sent % keys.length] as Bytes;
    const token = bytes(`${name}:${this.sent++}`.padEnd(valueBytes ?? 0, PADDING));
    const operation = recorder.history.invoke(
      name, kind, key, token, micros(recorder.now()), host.cause(), wait?.replicas ?? 0);
    return new LedgerErrand(this.worker, this.spec, operation);
  }
}

class LedgerErrand implements Errand {
  readonly key: Bytes;
  private readonly worker: Worker;
  private readonly spec: LedgerSpec;
  private readonly operation: Operation;

  constructor(worker: Worker, spec: LedgerSpec, operation: Operation) {
    this.worker = worker;
    this.spec = spec;
    this.operation = operation;
    this.key = operation.key;
  }

  send(client: ServerClient, over: (end: ErrandEnd) => void): void {
    const { kind, wait } = this.spec;
    client.send([bytes(kind === 'setAdd' ? 'SADD' : 'SET'), this.key, this.operation.token], (reply) => over(endOf(reply)));
    // The server reads on only when WAIT is over: writes behind it may run into their time limit.
    if (wait !== undefined) {
      sendBehind(client, [bytes('WAIT'), bytes(String(wait.replicas)), bytes(String(wait.timeoutMs))], (reply) => {
        if (typeof reply === 'number') this.worker.recorder.history.waited(this.operation, reply);
      });
    }
  }

  complete(end: ErrandEnd): void {
    const { recorder, host } = this.worker;
    recorder.history.complete(this.operation, end === 'refused' ? 'failed' : end, micros(recorder.now()), host.cause());
  }
}

/** A server that does not take writes is not the one we want. */
const endOf = (reply: Reply | undefined): ErrandEnd => {
  if (reply === undefined) return 'unknown';
  return reply instanceof ErrorReply ? 'refused' : 'ok';
};
