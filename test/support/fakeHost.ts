/**
 * A Host for one program under test: a clock that the test moves, a network of scripted answerers, scripts that end when the
 * test says so; what was logged and noted is kept. Files and children are not there: who asks for them fails.
 */
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import type { Note } from '../../engine/core/notes.ts';
import { type CauseId, NO_CAUSE, type Ms, micros, unixMs } from '../../engine/core/units.ts';
import type {
  Connection, ConnectionHandlers, Host, LogLevel, NetError, RunningScript, ScriptResult, Timer,
} from '../../engine/host.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import type { Reply } from '../../engine/protocol/reply.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';

/** Who answers at an address. Null: it is silent about this command. */
export type Answer = (argv: readonly Bytes[], connection: FakeConnection) => Reply | null;

interface Waiting {
  readonly dueMs: number;
  readonly ordinal: number;
  readonly callback: () => void;
}

export interface StartedScript {
  readonly path: Bytes;
  readonly args: readonly Bytes[];
  readonly end: (result: ScriptResult) => void;
  isKilled: boolean;
}

export class FakeConnection implements Connection {
  readonly localAddress: Bytes = bytes('10.0.0.1');
  readonly localPort = 40000;
  readonly remoteAddress: Bytes;
  readonly remotePort: number;
  isOpen = true;
  private readonly host: FakeHost;
  private readonly handlers: ConnectionHandlers;
  private readonly answer: Answer;
  private readonly decoder: RequestDecoder = new RequestDecoder();

  constructor(host: FakeHost, address: Bytes, port: number, answer: Answer, handlers: ConnectionHandlers) {
    this.host = host;
    this.remoteAddress = address;
    this.remotePort = port;
    this.answer = answer;
    this.handlers = handlers;
  }

  write(chunk: Bytes): boolean {
    this.decoder.push(chunk);
    for (let argv = this.decoder.next(); argv !== null; argv = this.decoder.next()) {
      const reply = this.answer(argv, this);
      if (reply !== null) this.deliver(reply);
    }
    return true;
  }

  /** Sends something without being asked. */
  deliver(reply: Reply): void {
    const wire = encodeReply(reply, 2);
    this.host.later(0, () => {
      if (this.isOpen) this.handlers.onData(wire);
    });
  }

  /** The other end goes away. */
  drop(error: NetError | null): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.handlers.onClose(error);
  }

  close(): void {
    this.isOpen = false;
  }

  reset(): void {
    this.isOpen = false;
  }

  pause(): void {}

  resume(): void {}
}

const STEP_MS = 1;

export class FakeHost implements Host {
  readonly pid = 7;
  readonly tls = null;
  nowMs = 1_700_000_000_000;
  readonly logged: string[] = [];
  readonly notes: Note[] = [];
  readonly scriptsStarted: StartedScript[] = [];
  /** Null: scripts cannot be started. */
  scriptPid: number | null = 100;
  exitStatus: number | null = null;
  readonly connections: FakeConnection[] = [];
  /** By `address:port`; where nobody is, a connection is refused. */
  readonly answerers: Map<string, Answer> = new Map();
  readonly names: Map<string, string> = new Map();
  private waiting: Waiting[] = [];
  private ordinal = 0;

  wallMs = (): ReturnType<Host['wallMs']> => unixMs(this.nowMs);
  wallMicros = (): number => this.nowMs * 1000;
  monotonicMicros = (): ReturnType<Host['monotonicMicros']> => micros(this.nowMs * 1000);

  later(delayMs: number, callback: () => void): Waiting {
    const waiting = { dueMs: this.nowMs + delayMs, ordinal: this.ordinal++, callback };
    this.waiting.push(waiting);
    return waiting;
  }

  setTimer(delayMs: Ms, callback: () => void): Timer {
    return this.later(delayMs, callback) as unknown as Timer;
  }

  clearTimer(timer: Timer): void {
    this.waiting = this.waiting.filter((one) => one !== (timer as unknown as Waiting));
  }

  /** Lets time pass, and what falls due happen. */
  advance(durationMs: number): void {
    const endMs = this.nowMs + durationMs;
    this.settle();
    while (this.nowMs < endMs) {
      this.nowMs += STEP_MS;
      this.settle();
    }
  }

  /** The wall clock jumps; timers that fell due meanwhile come at once. */
  jump(deltaMs: number): void {
    this.nowMs += deltaMs;
    this.waiting = this.waiting.map((one) => ({ ...one, dueMs: one.dueMs + Math.min(deltaMs, 0) }));
  }

  /** All that is due now. */
  settle(): void {
    for (;;) {
      const due = this.waiting.filter((one) => one.dueMs <= this.nowMs)
        .sort((left, right) => left.dueMs - right.dueMs || left.ordinal - right.ordinal)[0];
      if (due === undefined) return;
      this.waiting = this.waiting.filter((one) => one !== due);
      due.callback();
    }
  }

  entropy(count: number): Bytes {
    return bytes('\x5a'.repeat(count));
  }

  resolve(name: Bytes, done: (addresses: readonly Bytes[]) => void): void {
    const address = this.names.get(name);
    this.later(0, () => done(address === undefined ? [] : [bytes(address)]));
  }

  listen(): void {
    throw new Error('nobody listens here');
  }

  listenUnix(): void {
    throw new Error('nobody listens here');
  }

  connect(
    address: Bytes, port: number, _options: unknown, handlers: ConnectionHandlers, opened: (result: Connection | NetError) => void,
  ): { cancel(): void } {
    const attempt = this.later(0, () => {
      const answer = this.answerers.get(`${address}:${port}`);
      if (answer === undefined) {
        opened('refused');
        return;
      }
      const connection = new FakeConnection(this, address, port, answer, handlers);
      this.connections.push(connection);
      opened(connection);
    });
    return { cancel: () => this.clearTimer(attempt as unknown as Timer) };
  }

  get files(): never {
    throw new Error('there are no files here');
  }

  readonly scripts: Host['scripts'] = {
    isExecutable: (path) => !path.startsWith('/nope'),
    run: (path, args, done): RunningScript | null => {
      if (this.scriptPid === null) return null;
      const started: StartedScript = { path, args, end: done, isKilled: false };
      this.scriptsStarted.push(started);
      return { pid: this.scriptPid++, kill: () => { started.isKilled = true; } };
    },
  };

  startChild(): never {
    throw new Error('there are no children here');
  }

  onTurnEnd(): void {}

  cost(): void {}

  block(): void {}

  exit(status: number): void {
    this.exitStatus = status;
  }

  log(level: LogLevel, message: string): void {
    this.logged.push(`${level} ${message}`);
  }

  note(note: Note): void {
    this.notes.push(note);
  }

  cause(): CauseId {
    return NO_CAUSE;
  }
}
