/**
 * `queue`: a producer pushes unique elements; a consumer takes them by LPOP or BLPOP, which lose an element whose answer is lost, or
 * by LMOVE to a list of its own. What it finds there, and never heard of, it delivers again: at least once, not exactly once.
 */
import { type Bytes, type Reply, bytes } from '../../../engine/index.ts';
import type { ClientSpec, QueueSpec } from '../../scenario.ts';
import type { Asked, CallResult } from '../call.ts';
import type { ServerClient } from '../serverClient.ts';
import { takenKey } from './keys.ts';
import { type Errand, type ErrandEnd, SimpleErrand, type Work, type Worker, bulkOf, endOfReply } from './work.ts';

const MS_PER_SECOND = 1000;

export class QueueWork implements Work {
  private readonly worker: Worker;
  private readonly takesBy: QueueSpec['takesBy'] | null;
  private readonly blockSeconds: Bytes;
  private sent = 0;
  /** A consumer that blocks, or that must finish what it took, has one errand at a time. */
  private isBusy = false;
  /** Queues of which an element may lie in its own list that it never heard of. */
  private readonly inDoubt: Set<Bytes> = new Set();
  /** What it delivered and has not removed from its own list yet. */
  private delivered: { readonly queue: Bytes; readonly element: Bytes } | null = null;

  constructor(worker: Worker, { queue, timeoutMs }: Pick<ClientSpec, 'queue' | 'timeoutMs'>) {
    this.worker = worker;
    this.takesBy = queue?.side === 'consumer' ? queue.takesBy ?? 'LPOP' : null;
    // Half of what the client waits at most: an empty queue is no lost connection.
    this.blockSeconds = bytes(String(timeoutMs / 2 / MS_PER_SECOND));
  }

  next(process: number): Errand | null {
    const { worker, takesBy } = this;
    if (this.isBusy) return null;
    const key = worker.keys[this.sent % worker.keys.length] as Bytes;
    const ordinal = this.sent++;
    if (takesBy === null) {
      const element = bytes(`${worker.name}:${ordinal}`);
      return new SimpleErrand(worker, process, { key, model: 'queue', what: 'push', argument: element }, [bytes('RPUSH'), key, element]);
    }
    const pop: Asked = { key, model: 'queue', what: 'pop', argument: null };
    if (takesBy === 'LPOP') return new SimpleErrand(worker, process, pop, [bytes('LPOP'), key], bulkOf);
    this.isBusy = true;
    if (takesBy === 'BLPOP') return new Taking(worker, process, pop, [bytes('BLPOP'), key, this.blockSeconds], secondOf, () => this.free());
    return this.reliable(process, key, pop);
  }

  private free(): void {
    this.isBusy = false;
  }

  private reliable(process: number, key: Bytes, pop: Asked): Errand {
    const { worker, inDoubt, delivered } = this;
    if (delivered !== null) {
      const own = takenKey(delivered.queue, worker.name);
      return new Removal(delivered.queue, [bytes('LREM'), own, bytes('1'), delivered.element], (end) => {
        this.free();
        if (end === 'unknown') inDoubt.add(delivered.queue);
        if (end === 'ok' || end === 'unknown') this.delivered = null;
      });
    }
    const ended = (end: ErrandEnd, element: CallResult): void => {
      this.free();
      if (end === 'unknown') inDoubt.add(key);
      else if (end === 'ok' && isRedelivery) inDoubt.delete(key);
      if (end === 'ok' && typeof element === 'string') this.delivered = { queue: key, element };
    };
    const isRedelivery = inDoubt.has(key);
    const own = takenKey(key, worker.name);
    return isRedelivery ? new Taking(worker, process, { ...pop, what: 'redeliver' }, [bytes('LINDEX'), own, bytes('0')], bulkOf, ended)
      : new Taking(worker, process, pop, [bytes('LMOVE'), key, own, bytes('LEFT'), bytes('RIGHT')], bulkOf, ended);
  }
}

/** Takes an element; `ended` hears how that ended, and which it was. */
class Taking extends SimpleErrand {
  private readonly ended: (end: ErrandEnd, element: CallResult) => void;

  constructor(
    worker: Worker, process: number, asked: Asked, argv: readonly Bytes[], read: (reply: Reply) => CallResult,
    ended: (end: ErrandEnd, element: CallResult) => void,
  ) {
    super(worker, process, asked, argv, read);
    this.ended = ended;
  }

  override complete(end: ErrandEnd): void {
    super.complete(end);
    this.ended(end, this.result);
  }
}

/** What was delivered goes from the consumer's own list: no call of the history. */
class Removal implements Errand {
  readonly key: Bytes;
  private readonly argv: readonly Bytes[];
  private readonly ended: (end: ErrandEnd) => void;

  constructor(key: Bytes, argv: readonly Bytes[], ended: (end: ErrandEnd) => void) {
    this.key = key;
    this.argv = argv;
    this.ended = ended;
  }

  send(client: ServerClient, over: (end: ErrandEnd) => void): void {
    client.send(this.argv, (reply) => over(endOfReply(reply)));
  }

  complete(end: ErrandEnd): void {
    this.ended(end);
  }
}

/** The element out of BLPOP's answer: the key stands before it. */
const secondOf = (reply: Reply): Bytes | null => (Array.isArray(reply) ? bulkOf((reply as readonly Reply[])[1]) : null);
