/**
 * A workload client: unique writes at a steady rate, open-loop, over one connection. An operation that gets no answer in time
 * takes its connection with it; while there is none, operations fail unsent and a new attempt is made at each of them.
 */
import {
  type Bytes, ErrorReply, type Host, type Timer, bytes, micros, ms,
} from '../../engine/index.ts';
import type { ClientSpec } from '../scenario.ts';
import type { History, Operation } from './history.ts';
import { RedisClient, parseServerName } from './redisClient.ts';

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

/** Keys that a client writes: what the final read asks for. */
export const workloadKeys = (spec: ClientSpec): readonly Bytes[] => (spec.kind === 'setAdd'
  ? [bytes(`set:${spec.name}`)]
  : Array.from({ length: REGISTERS }, (_, index) => bytes(`register:${spec.name}:${index}`)));

/** A program for the Host. `phaseMs` shifts its ticks, so that clients do not send in step. */
export const workloadClient = (spec: ClientSpec, recorder: Recorder, phaseMs: number) => (host: Host): void => {
  new WorkloadClient(spec, recorder, host).start(phaseMs);
};

class WorkloadClient {
  private readonly spec: ClientSpec;
  private readonly recorder: Recorder;
  private readonly host: Host;
  private readonly client: RedisClient;
  private readonly keys: readonly Bytes[];
  private readonly server: ReturnType<typeof parseServerName>;
  private readonly periodMs: number;
  private sent = 0;

  constructor(spec: ClientSpec, recorder: Recorder, host: Host) {
    this.spec = spec;
    this.recorder = recorder;
    this.host = host;
    this.keys = workloadKeys(spec);
    this.server = parseServerName(spec.server);
    this.periodMs = Math.max(1, Math.floor(MS_PER_SECOND / spec.operationsPerSecond));
    this.client = new RedisClient(host, spec.timeoutMs, { opened: () => this.believe() });
  }

  start(phaseMs: number): void {
    this.client.open(this.server);
    this.host.setTimer(ms(phaseMs), () => this.tick());
  }

  private tick(): void {
    if (this.recorder.now() >= this.recorder.stopAtMicros) {
      this.client.close('workload over');
      return;
    }
    this.host.setTimer(ms(this.periodMs), () => this.tick());
    const { history } = this.recorder;
    const key = this.keys[this.sent % this.keys.length] as Bytes;
    const token = bytes(`${this.spec.name}:${this.sent++}`);
    const operation = history.invoke(
      this.spec.name, this.spec.kind, key, token, micros(this.recorder.now()), this.host.cause());
    if (!this.client.isOpen) {
      this.end(operation, 'failed');
      this.client.open(this.server);
      return;
    }
    const timer = this.host.setTimer(ms(this.spec.timeoutMs), () => this.client.close('no answer in time'));
    const word = this.spec.kind === 'setAdd' ? 'SADD' : 'SET';
    this.client.send([bytes(word), key, token], (reply) => this.answered(operation, timer, reply));
  }

  private answered(operation: Operation, timer: Timer, reply: unknown): void {
    this.host.clearTimer(timer);
    if (reply === null) {
      this.end(operation, 'unknown');
      return;
    }
    const refused = reply instanceof ErrorReply;
    this.end(operation, refused ? 'failed' : 'ok');
    // A server that does not take writes is not the one we want: look the name up again.
    if (refused) this.client.close('writes refused');
  }

  private end(operation: Operation, outcome: 'ok' | 'failed' | 'unknown'): void {
    this.recorder.history.complete(operation, outcome, micros(this.recorder.now()), this.host.cause());
  }

  private believe(): void {
    const address = this.client.remoteAddress;
    if (address !== null) this.host.note({ kind: 'belief', primary: bytes(`${address}:${this.server.port}`) });
  }
}
