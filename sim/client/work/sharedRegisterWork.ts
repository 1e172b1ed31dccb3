/** `sharedRegister`: two reads, a write and a compare-and-set in four, drawn; values are unique. */
import { type Bytes, bytes } from '../../../engine/index.ts';
import type { ServerClient } from '../serverClient.ts';
import { exchange } from './exchange.ts';
import { CallErrand, type Errand, type ErrandEnd, SimpleErrand, type Work, type Worker, bulkOf, choose } from './work.ts';

const CHOICES = 4;

export class SharedRegisterWork implements Work {
  private readonly worker: Worker;
  private sent = 0;
  /** EXEC ends what any WATCH of its connection began: one exchange at a time. */
  private isExchanging = false;

  constructor(worker: Worker) {
    this.worker = worker;
  }

  next(process: number): Errand {
    const { worker } = this;
    const ordinal = this.sent++;
    const key = worker.keys[ordinal % worker.keys.length] as Bytes;
    const value = bytes(`${worker.name}:${ordinal}`);
    const choice = choose(worker, ordinal, CHOICES);
    if (choice === 0 && !this.isExchanging) {
      this.isExchanging = true;
      return new CompareAndSet(worker, process, key, value, () => {
        this.isExchanging = false;
      });
    }
    return choice <= 1
      ? new SimpleErrand(worker, process, { key, model: 'register', what: 'write', argument: value }, [bytes('SET'), key, value])
      : new SimpleErrand(worker, process, { key, model: 'register', what: 'read', argument: null }, [bytes('GET'), key], bulkOf);
  }
}

/** Replaces whatever it finds, unless somebody else does first. */
class CompareAndSet extends CallErrand {
  private readonly value: Bytes;
  private readonly ended: () => void;

  constructor(worker: Worker, process: number, key: Bytes, value: Bytes, ended: () => void) {
    super(worker, process, { key, model: 'register', what: 'cas', argument: value });
    this.value = value;
    this.ended = ended;
  }

  override complete(end: ErrandEnd): void {
    super.complete(end);
    this.ended();
  }

  send(client: ServerClient, over: (end: ErrandEnd) => void): void {
    exchange(client, this.key, (found) => {
      this.result = found;
      return [bytes('SET'), this.key, this.value];
    }, over);
  }
}
