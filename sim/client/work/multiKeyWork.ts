/**
 * `multiKey`: writes one value to all keys of a group, by MSET and by MULTI in turn, and reads them all by MGET. To the checkers a group
 * is one register: a read that finds different values saw half a write, which nobody ever wrote.
 */
import { type Bytes, type Reply, bytes } from '../../../engine/index.ts';
import { type ServerClient, pinnedTo } from '../serverClient.ts';
import { transact } from './exchange.ts';
import { groupKeys } from './keys.ts';
import { CallErrand, type Errand, type ErrandEnd, SimpleErrand, type Work, type Worker, choose } from './work.ts';

const CHOICES = 4;

export class MultiKeyWork implements Work {
  private readonly worker: Worker;
  private sent = 0;

  constructor(worker: Worker) {
    this.worker = worker;
  }

  next(process: number): Errand {
    const { worker } = this;
    const ordinal = this.sent++;
    const key = worker.keys[ordinal % worker.keys.length] as Bytes;
    const value = bytes(`${worker.name}:${ordinal}`);
    const keys = groupKeys(key);
    switch (choose(worker, ordinal, CHOICES)) {
      case 0:
        return new SimpleErrand(worker, process, { key, model: 'register', what: 'write', argument: value },
          [bytes('MSET'), ...keys.flatMap((each) => [each, value])]);
      case 1:
        return new Transaction(worker, process, key, value);
      default:
        return new SimpleErrand(worker, process, { key, model: 'register', what: 'read', argument: null }, [bytes('MGET'), ...keys], valuesOf);
    }
  }
}

class Transaction extends CallErrand {
  private readonly value: Bytes;

  constructor(worker: Worker, process: number, key: Bytes, value: Bytes) {
    super(worker, process, { key, model: 'register', what: 'write', argument: value });
    this.value = value;
  }

  send(client: ServerClient, over: (end: ErrandEnd) => void): void {
    const keys = groupKeys(this.key);
    const connection = pinnedTo(client, keys[0] as Bytes);
    if (connection === null) over('failed');
    else transact(connection, keys.map((key) => [bytes('SET'), key, this.value]), (end) => over(end));
  }
}

const valuesOf = (reply: Reply): Bytes | null =>
  oneValue(Array.isArray(reply) ? (reply as readonly Reply[]).map((item) => (typeof item === 'string' ? item : null)) : []);

/** The value that all of them have, or all of them one after the other: that no write made. */
export const oneValue = (values: readonly (Bytes | null)[]): Bytes | null => {
  const [first = null] = values;
  return values.every((value) => value === first) ? first : bytes(values.map((value) => value ?? 'nothing').join(' + '));
};
