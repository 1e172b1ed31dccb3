/**
 * A workload client: unique writes at a steady rate, open-loop, over one connection. An operation that gets no answer in time
 * takes its connection with it; while there is none, operations fail unsent and a new attempt is made at each of them.
 */
import {
  type Bytes, ErrorReply, type Host, type Timer, bytes, micros, ms,
} from '../../engine/index.ts';
import type { ClientSpec, WriteKind } from '../scenario.ts';
import type { History, Operation } from './history.ts';
import { locatedClient } from './locate.ts';
import type { ServerClient } from './serverClient.ts';

/** Registers that one client writes in turn. */
const REGISTERS = 4;
const MS_PER_SECOND = 1000;

/** Where clients tell what they asked and heard. `now` is the time that all clients share. */
export interface Recorder {
  readonly history: History;
  now(): number;
  /** Stops sending from this time on. */
  readonly stopAtMicros: number;
}

/** Keys that a client writes: what the final read and readers ask for. */
export const workloadKeys = (spec: ClientSpec): readonly Bytes[] => {
  switch (spec.kind) {
    case 'setAdd': return spec.keys === undefined ? [bytes(`set:${spec.name}`)] : numbered(`set:${spec.name}`, spec.keys);
    case 'register': return numbered(`register:${spec.name}`, spec.keys ?? REGISTERS);
    case 'reader': return [];
  }
};

const numbered = (name: string, count: number): readonly Bytes[] =>
  Array.from({ length: count }, (_, index) => bytes(`${name}:${index}`));

/** A client that writes. */
export type WriterSpec = ClientSpec & { readonly kind: WriteKind };

export const isWriter = (spec: ClientSpec): spec is WriterSpec => spec.kind !== 'reader';

/** Time between two operations of a client. */
export const periodMs = (spec: ClientSpec): number => Math.max(1, Math.floor(MS_PER_SECOND / spec.operationsPerSecond));

/** A program for the Host. `phaseMs` shifts its ticks, so that clients do not send in step. */
export const workloadClient = (spec: WriterSpec, recorder: Recorder, phaseMs: number) => (host: Host): void => {
  new WorkloadClient(spec, recorder, host).start(phaseMs);
};

/** The padding ends no token as another one does: a token's last character is a digit. */
const PADDING = '.';

class WorkloadClient {
  private readonly spec: WriterSpec;
  private readonly recorder: Recorder;
  private readonly host: Host;
  private readonly client: ServerClient;
  private readonly keys: readonly Bytes[];
  private readonly periodMs: number;
  private sent = 0;
  private readonly tickLater = (): void => this.tick();

  constructor(spec: WriterSpec, recorder: Recorder, host: Host) {
    this.spec = spec;
    this.recorder = recorder;
    this.host = host;
    this.keys = workloadKeys(spec);
    this.periodMs = periodMs(spec);
    this.client = locatedClient(host, spec, spec.timeoutMs, { opened: () => this.believe() });
  }

  start(phaseMs: number): void {
    this.client.open();
    this.host.setTimer(ms(phaseMs), this.tickLater);
  }

  private tick(): void {
    if (this.recorder.now() >= this.recorder.stopAtMicros) {
      this.client.end('workload over');
      return;
    }
    this.host.setTimer(ms(this.periodMs), this.tickLater);
    const { history } = this.recorder;
    const key = this.keys[this.sent % this.keys.length] as Bytes;
    const { name, kind, wait, valueBytes } = this.spec;
    const token = bytes(`${name}:${this.sent++}`.padEnd(valueBytes ?? 0, PADDING));
    const operation = history.invoke(
      name, kind, key, token, micros(this.recorder.now()), this.host.cause(), wait?.replicas ?? 0);
    if (!this.client.isOpen) {
      this.end(operation, 'failed');
      this.client.open();
      return;
    }
    const timer = this.host.setTimer(ms(this.spec.timeoutMs), () => this.client.close('no answer in time', key));
    this.client.send([bytes(kind === 'setAdd' ? 'SADD' : 'SET'), key, token],
      (reply) => this.answered(operation, timer, reply));
    // The server reads on only when WAIT is over: writes behind it may run into their time limit.
    if (wait !== undefined) {
      this.client.send([bytes('WAIT'), bytes(String(wait.replicas)), bytes(String(wait.timeoutMs))], (reply) => {
        if (typeof reply === 'number') history.waited(operation, reply);
      });
    }
  }

  private answered(operation: Operation, timer: Timer, reply: unknown): void {
    this.host.clearTimer(timer);
    if (reply === undefined) {
      this.end(operation, 'unknown');
      return;
    }
    const refused = reply instanceof ErrorReply;
    this.end(operation, refused ? 'failed' : 'ok');
    // A server that does not take writes is not the one we want: look for it again.
    if (refused) this.client.close('writes refused', operation.key);
  }

  private end(operation: Operation, outcome: 'ok' | 'failed' | 'unknown'): void {
    this.recorder.history.complete(operation, outcome, micros(this.recorder.now()), this.host.cause());
  }

  private believe(): void {
    const { remote } = this.client;
    if (remote !== null) this.host.note({ kind: 'belief', primary: remote });
  }
}
