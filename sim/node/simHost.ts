/**
 * The Host that a program of the virtual world gets: a thin layer over its `Running`, machine and disk. Each start has
 * its own; once the process is dead, its host does nothing.
 */
import { type Bytes } from '../../engine/core/bytes.ts';
import type { Note } from '../../engine/core/notes.ts';
import { type CauseId, type Micros, type Ms, type UnixMs, micros, unixMs } from '../../engine/core/units.ts';
import type {
  Child, ChildResult, ChildTarget, ConnectOptions, Connection, ConnectionHandlers, CostKind, Files, Host, Listener,
  LogLevel, NetError, Scripts, Timer,
} from '../../engine/host.ts';
import { SimSocket } from '../net/simSocket.ts';
import { SimListener } from '../net/simListener.ts';
import { KIND } from '../time/kinds.ts';
import { COST_NANOS } from './costs.ts';
import { observeNote } from './observeNote.ts';
import { Callback, type Running } from './running.ts';
import { SimChild } from './simChild.ts';
import { SimFiles } from './simFiles.ts';
import { SimScripts } from './simScripts.ts';
import { SimTimer } from './simTimer.ts';

const NO_IDS: readonly CauseId[] = [];
const LOG_LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];

export class SimHost implements Host {
  readonly pid: number;
  /** Bytes are not secret in the virtual world. */
  readonly tls = null;
  readonly files: Files;
  readonly scripts: Scripts;
  private readonly running: Running;

  constructor(running: Running) {
    this.running = running;
    this.pid = running.pid;
    this.files = new SimFiles(running);
    this.scripts = new SimScripts(running);
  }

  wallMs(): UnixMs {
    return unixMs(Math.floor(this.wallMicros() / 1000));
  }

  wallMicros(): number {
    return this.running.machine.clock.wallMicros(this.running.currentMicros());
  }

  monotonicMicros(): Micros {
    return this.running.machine.clock.monotonicMicros(this.running.currentMicros());
  }

  setTimer(delayMs: Ms, callback: () => void): Timer {
    const { running } = this;
    const timer = new SimTimer(running, delayMs, callback);
    const delay = running.machine.clock.virtualDelay(Math.max(0, Math.ceil(delayMs * 1000)));
    if (running.isAlive) running.kernel.schedule(timer, micros(running.currentMicros() + delay));
    return timer;
  }

  clearTimer(timer: Timer): void {
    if (timer instanceof SimTimer) timer.clear();
  }

  entropy(count: number): Bytes {
    return this.running.kernel.streams.named(`entropy/${this.running.process.name}`).bytes(count);
  }

  resolve(name: Bytes, done: (addresses: readonly Bytes[]) => void): void {
    const { addresses, delayMicros } = this.running.machine.resolver.lookup(name);
    this.callBack(KIND.resolved, addresses.length, delayMicros, () => done(addresses));
  }

  listen(
    address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | NetError) => void,
  ): void {
    if (!this.running.isAlive) return;
    const result = this.running.machine.stack.listen(this.running, address, port, accept);
    this.callBack(KIND.listening, result instanceof SimListener ? result.port : 0, 0, () => listening(result));
  }

  /** Nobody in the virtual world connects from its own machine: the socket is there, and that is all. */
  listenUnix(
    _path: Bytes, _mode: number, _accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | { readonly problem: string }) => void,
  ): void {
    this.callBack(KIND.listening, 0, 0, () => listening({ port: 0, close: (): void => undefined }));
  }

  connect(
    address: Bytes, port: number, options: ConnectOptions, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ): { cancel(): void } {
    const { running } = this;
    if (!running.isAlive) return { cancel: (): void => undefined };
    const socket = running.machine.stack.connect(running, address, port, options, handlers, opened);
    if (socket instanceof SimSocket) return { cancel: (): void => socket.cancel() };
    const failure = this.callBack(KIND.connectFailed, port, 0, () => opened(socket));
    return { cancel: (): void => failure.cancel() };
  }

  startChild(chunks: Iterator<Bytes, void>, target: ChildTarget, done: (result: ChildResult) => void): Child {
    return new SimChild(this.running, chunks, target, done);
  }

  onTurnEnd(handler: () => void): void {
    this.running.onTurnEnd = handler;
  }

  cost(kind: CostKind, amount: number): void {
    // The two that come with every request are told apart here: reading a table by many different names is slow in V8.
    const nanos = kind === 'byte' ? COST_NANOS.byte : kind === 'command' ? COST_NANOS.command : COST_NANOS[kind];
    this.running.cost(nanos * amount);
  }

  block(durationMs: Ms): void {
    this.running.costExact(durationMs * 1_000_000);
  }

  exit(status: number): void {
    if (this.running.exitStatus === null) this.running.exitStatus = status;
  }

  log(level: LogLevel, message: string): void {
    const { kernel, node } = this.running;
    kernel.observe(KIND.log, node, LOG_LEVELS.indexOf(level), message.length, kernel.tracing
      ? { level, message } : null);
  }

  note(note: Note): void {
    const { process, kernel, node } = this.running;
    const { notes } = process;
    const because = notes?.because === undefined ? NO_IDS : notes.because(process, note);
    const event = observeNote(kernel, node, note, because);
    if (notes !== null) notes.note(process, note, event);
  }

  cause(): CauseId {
    return this.running.kernel.cause();
  }

  private callBack(kind: number, a: number, delayMicros: number, call: () => void): Callback {
    const { running } = this;
    const callback = new Callback(kind, running, a, call);
    if (running.isAlive) running.kernel.schedule(callback, micros(running.currentMicros() + delayMicros));
    return callback;
  }
}
