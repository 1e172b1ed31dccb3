/** `counter`: two increments by 1 to 3 for each read, drawn. */
import { type Bytes, type Reply, bytes } from '../../../engine/index.ts';
import { type Errand, SimpleErrand, type Work, type Worker, bulkOf, choose } from './work.ts';

const CHOICES = 3;

export class CounterWork implements Work {
  private readonly worker: Worker;
  private sent = 0;

  constructor(worker: Worker) {
    this.worker = worker;
  }

  next(process: number): Errand {
    const { worker } = this;
    const ordinal = this.sent++;
    const key = worker.keys[ordinal % worker.keys.length] as Bytes;
    if (choose(worker, ordinal, CHOICES) === 0) {
      return new SimpleErrand(worker, process, { key, model: 'counter', what: 'read', argument: null }, [bytes('GET'), key], bulkOf);
    }
    const by = bytes(String(1 + (ordinal % CHOICES)));
    return new SimpleErrand(worker, process, { key, model: 'counter', what: 'increment', argument: by }, [bytes('INCRBY'), key, by], numberText);
  }
}

const numberText = (reply: Reply): Bytes | null => (typeof reply === 'number' ? bytes(String(reply)) : null);
