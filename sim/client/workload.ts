/**
 * A workload client over one connection: the loop that all kinds have in common. An open loop asks at a steady rate; a closed one asks
 * when the last answer has come. An operation that gets no answer in time takes its connection with it; while there is none,
 * operations fail unsent and a new attempt is made at each of them. What is asked, and what answers mean, the kinds say in `work/`.
 */
import { type Bytes, type Host, type Timer, ms } from '../../engine/index.ts';
import type { ClientSpec } from '../scenario.ts';
import { locatedClient } from './locate.ts';
import type { ServerClient } from './serverClient.ts';
import { CounterWork } from './work/counterWork.ts';
import { type WriterSpec, workloadKeys } from './work/keys.ts';
import { LedgerWork } from './work/ledgerWork.ts';
import { LOCK_DEFAULT, LockWork } from './work/lockWork.ts';
import { MultiKeyWork } from './work/multiKeyWork.ts';
import { QueueWork } from './work/queueWork.ts';
import { SharedRegisterWork } from './work/sharedRegisterWork.ts';
import type { Errand, ErrandEnd, Recorder, Work, Worker } from './work/work.ts';

export { type WriterSpec, isWriter, workloadKeys } from './work/keys.ts';
export type { Recorder } from './work/work.ts';

const MS_PER_SECOND = 1000;

/** Time between two operations of a client. */
export const periodMs = (spec: ClientSpec): number => Math.max(1, Math.floor(MS_PER_SECOND / spec.operationsPerSecond));

/** A program for the Host. `phaseMs` shifts its ticks, so that clients do not send in step. */
export const workloadClient = (spec: WriterSpec, recorder: Recorder, phaseMs: number) => (host: Host): void => {
  new WorkloadClient(spec, recorder, host).start(phaseMs);
};

const workOf = (spec: WriterSpec, worker: Worker): Work => {
  switch (spec.kind) {
    case 'setAdd':
    case 'register': return new LedgerWork(worker, { ...spec, kind: spec.kind });
    case 'sharedRegister': return new SharedRegisterWork(worker);
    case 'queue': return new QueueWork(worker, spec);
    case 'counter': return new CounterWork(worker);
    case 'lock': return new LockWork(worker, spec.lock ?? LOCK_DEFAULT);
    case 'multiKey': return new MultiKeyWork(worker);
  }
};

class WorkloadClient {
  private readonly spec: WriterSpec;
  private readonly recorder: Recorder;
  private readonly host: Host;
  private readonly client: ServerClient;
  private readonly work: Work;
  private readonly periodMs: number;
  /** Which connection it has, or had last; in a cluster there is one for all of it. */
  private connections = 0;
  private readonly tickLater = (): void => this.tick();

  constructor(spec: WriterSpec, recorder: Recorder, host: Host) {
    this.spec = spec;
    this.recorder = recorder;
    this.host = host;
    this.work = workOf(spec, { name: spec.name, host, recorder, keys: workloadKeys(spec) });
    this.periodMs = periodMs(spec);
    this.client = locatedClient(host, spec, spec.timeoutMs, { opened: () => this.opened() });
  }

  start(phaseMs: number): void {
    this.client.open();
    this.host.setTimer(ms(phaseMs), this.tickLater);
  }

  private get isClosedLoop(): boolean {
    return this.spec.loop === 'closed';
  }

  private tick(): void {
    if (this.recorder.now() >= this.recorder.stopAtMicros) {
      this.client.end('workload over');
      return;
    }
    if (!this.isClosedLoop) this.host.setTimer(ms(this.periodMs), this.tickLater);
    const errand = this.work.next(this.connections);
    if (errand === null) {
      this.next();
      return;
    }
    if (!this.client.isOpen) {
      errand.complete('failed');
      this.client.open();
      this.next();
      return;
    }
    this.send(errand);
  }

  /** In a closed loop the end of each operation brings the next. */
  private next(): void {
    if (this.isClosedLoop) this.host.setTimer(ms(this.spec.thinkMs ?? this.periodMs), this.tickLater);
  }

  private send(errand: Errand): void {
    const { key } = errand;
    const timer = this.host.setTimer(ms(this.spec.timeoutMs), () => this.client.close('no answer in time', key));
    errand.send(this.client, (end) => this.answered(errand, timer, end));
  }

  private answered(errand: Errand, timer: Timer, end: ErrandEnd): void {
    this.host.clearTimer(timer);
    errand.complete(end);
    this.next();
    // A server that does not take writes is not the one we want: look for it again.
    if (end === 'refused') this.client.close('writes refused', errand.key);
  }

  private opened(): void {
    this.connections++;
    const remote: Bytes | null = this.client.remote;
    if (remote !== null) this.host.note({ kind: 'belief', primary: remote });
  }
}
