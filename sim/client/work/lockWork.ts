/**
 * `lock`: SET NX PX with a token, work for a while, release by WATCH, GET, MULTI, DEL, EXEC. What a client believes is what its own
 * clock and the answers tell: it holds the lock from the answer until it asks for the release, or the lease that it counts from its
 * request is over.
 */
import { type Bytes, type Reply, bytes } from '../../../engine/index.ts';
import type { LockSpec } from '../../scenario.ts';
import type { ServerClient } from '../serverClient.ts';
import { exchange } from './exchange.ts';
import { CallErrand, type Errand, type ErrandEnd, SimpleErrand, type Work, type Worker } from './work.ts';

export const LOCK_DEFAULT: LockSpec = { leaseMs: 5000, holdMs: 2000 };

const MICROS_PER_MS = 1000;

interface Hold {
  readonly key: Bytes;
  readonly token: Bytes;
  /** When its work is done, and when the lease is over. */
  readonly doneAt: number;
  readonly overAt: number;
}

export class LockWork implements Work {
  private readonly worker: Worker;
  private readonly spec: LockSpec;
  private hold: Hold | null = null;
  private isAsking = false;
  private sent = 0;

  constructor(worker: Worker, spec: LockSpec) {
    this.worker = worker;
    this.spec = spec;
  }

  next(process: number): Errand | null {
    const { worker, hold } = this;
    const now = worker.recorder.now();
    if (this.isAsking || (hold !== null && now < Math.min(hold.doneAt, hold.overAt))) return null;
    this.isAsking = true;
    this.hold = null;
    if (hold !== null && now < hold.overAt) return new Release(worker, process, hold, () => this.ended());
    const ordinal = this.sent++;
    const key = worker.keys[ordinal % worker.keys.length] as Bytes;
    const token = bytes(`${worker.name}:${ordinal}`);
    const { leaseMs } = this.spec;
    return new Acquire(worker, process, key, token, leaseMs, (isHeld) => {
      this.ended();
      if (isHeld) this.held(key, token, now);
    });
  }

  private held(key: Bytes, token: Bytes, askedAt: number): void {
    const { leaseMs, holdMs } = this.spec;
    const now = this.worker.recorder.now();
    this.hold = { key, token, doneAt: now + holdMs * MICROS_PER_MS, overAt: askedAt + leaseMs * MICROS_PER_MS };
  }

  private ended(): void {
    this.isAsking = false;
  }
}

class Acquire extends SimpleErrand {
  private readonly ended: (isHeld: boolean) => void;

  constructor(worker: Worker, process: number, key: Bytes, token: Bytes, leaseMs: number, ended: (isHeld: boolean) => void) {
    const read = (reply: Reply): Bytes | null => (reply === null ? null : token);
    super(worker, process, { key, model: 'lock', what: 'acquire', argument: token, leaseMs },
      [bytes('SET'), key, token, bytes('NX'), bytes('PX'), bytes(String(leaseMs))], read);
    this.ended = ended;
  }

  override complete(end: ErrandEnd): void {
    super.complete(end);
    this.ended(end === 'ok' && this.result !== null);
  }
}

class Release extends CallErrand {
  private readonly token: Bytes;
  private readonly ended: () => void;

  constructor(worker: Worker, process: number, { key, token }: Hold, ended: () => void) {
    super(worker, process, { key, model: 'lock', what: 'release', argument: token });
    this.token = token;
    this.ended = ended;
  }

  send(client: ServerClient, over: (end: ErrandEnd) => void): void {
    // What somebody else holds by now is not ours to release.
    exchange(client, this.key, (found) => (found === this.token ? [bytes('DEL'), this.key] : null), over);
  }

  override complete(end: ErrandEnd): void {
    super.complete(end);
    this.ended();
  }
}
