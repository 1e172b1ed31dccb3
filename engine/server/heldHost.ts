/**
 * A Host whose program can be held: until it is released, nothing reaches the program, as when a process waits inside one
 * call. MIGRATE uses it, which in Redis blocks the whole process while it talks to the other node: no client, no
 * replication, no bus and no timer goes on, and so nobody sees keys that are half moved.
 *
 * Always holds: what happens while the program is held reaches it at the release, in the order in which it happened, unless
 * it was called off before; whoever holds talks through `inner`, and is not held himself. Snapshot children and file
 * syncs, which in Redis run beside the process, go on.
 * Source: migrateCommand in cluster.c and syncio.c of Redis 7.0, for behaviour.
 */
import type {
  Child, ChildResult, ChildTarget, ConnectOptions, Connection, ConnectionHandlers, CostKind, Files, Host, HostTls, Listener, LogLevel,
  NetError, Scripts, Timer,
} from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import type { Note } from '../core/notes.ts';
import type { CauseId, Micros, Ms, UnixMs } from '../core/units.ts';

interface Deferred {
  /** Null: no timer. */
  readonly timer: Timer | null;
  run(): void;
}

export class HeldHost implements Host {
  readonly inner: Host;
  readonly pid: number;
  readonly tls: HostTls | null;
  private held = false;
  private deferred: Deferred[] = [];
  /** Connections that are not read because the program is held. */
  private readonly unread: Set<Connection> = new Set();

  constructor(inner: Host) {
    this.inner = inner;
    this.pid = inner.pid;
    const { tls } = inner;
    this.tls = tls === null ? null : {
      configure: (settings) => tls.configure(settings),
      listen: (address, port, accept, listening) =>
        tls.listen(address, port, this.heldAccept(accept), (result) => this.later(() => listening(result))),
    };
  }

  get files(): Files {
    return this.inner.files;
  }

  get scripts(): Scripts {
    return this.inner.scripts;
  }

  get isHeld(): boolean {
    return this.held;
  }

  hold(): void {
    assert(!this.held, 'a program is held once at a time');
    this.held = true;
  }

  /** What happened meanwhile happens now; it may hold the program again. */
  release(): void {
    assert(this.held, 'only a held program is released');
    this.held = false;
    for (const connection of this.unread) connection.resume();
    this.unread.clear();
    while (!this.held) {
      const next = this.deferred.shift();
      if (next === undefined) return;
      next.run();
    }
  }

  /** Runs it now, or at the release. */
  later(run: () => void, timer: Timer | null = null): void {
    if (this.held) this.deferred.push({ timer, run });
    else run();
  }

  /** Not read until the release: what comes waits in the kernel, within its bounds. */
  leaveUnread(connection: Connection): void {
    if (this.unread.has(connection)) return;
    this.unread.add(connection);
    connection.pause();
  }

  wallMs(): UnixMs {
    return this.inner.wallMs();
  }

  wallMicros(): number {
    return this.inner.wallMicros();
  }

  monotonicMicros(): Micros {
    return this.inner.monotonicMicros();
  }

  setTimer(delayMs: Ms, callback: () => void): Timer {
    const timer: Timer = this.inner.setTimer(delayMs, () => this.later(callback, timer));
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.inner.clearTimer(timer);
    if (this.deferred.length > 0) this.deferred = this.deferred.filter((deferred) => deferred.timer !== timer);
  }

  entropy(count: number): Bytes {
    return this.inner.entropy(count);
  }

  resolve(name: Bytes, done: (addresses: readonly Bytes[]) => void): void {
    this.inner.resolve(name, (addresses) => this.later(() => done(addresses)));
  }

  listen(
    address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | NetError) => void,
  ): void {
    this.inner.listen(address, port, this.heldAccept(accept), (result) => this.later(() => listening(result)));
  }

  private heldAccept(accept: (connection: Connection) => ConnectionHandlers): (accepted: Connection) => ConnectionHandlers {
    return (accepted) => {
      const connection = new HeldConnection(accepted);
      const handlers = new HeldHandlers(this, connection);
      this.later(() => handlers.use(accept(connection)));
      return handlers;
    };
  }

  listenUnix(
    path: Bytes, mode: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | { readonly problem: string }) => void,
  ): void {
    this.inner.listenUnix(path, mode, this.heldAccept(accept), (result) => this.later(() => listening(result)));
  }

  connect(
    address: Bytes, port: number, options: ConnectOptions, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ): { cancel(): void } {
    let isCancelled = false;
    const heldHandlers = new HeldHandlers(this, null);
    heldHandlers.use(handlers);
    const attempt = this.inner.connect(address, port, options, heldHandlers, (result) => {
      const connection = typeof result === 'string' ? result : new HeldConnection(result);
      if (typeof connection !== 'string') heldHandlers.connection = connection;
      this.later(() => {
        if (!isCancelled) opened(connection);
        else if (typeof connection !== 'string') connection.reset();
      });
    });
    return {
      cancel: () => {
        isCancelled = true;
        attempt.cancel();
      },
    };
  }

  startChild(chunks: Iterator<Bytes, void>, target: ChildTarget, done: (result: ChildResult) => void): Child {
    const heldTarget: ChildTarget = target.kind === 'file' ? target : {
      ...target, onChunk: (chunk) => this.later(() => target.onChunk(chunk)),
    };
    return this.inner.startChild(chunks, heldTarget, (result) => this.later(() => done(result)));
  }

  onTurnEnd(handler: () => void): void {
    this.inner.onTurnEnd(() => {
      if (!this.held) handler();
    });
  }

  cost(kind: CostKind, amount: number): void {
    this.inner.cost(kind, amount);
  }

  block(durationMs: Ms): void {
    this.inner.block(durationMs);
  }

  exit(status: number): void {
    this.inner.exit(status);
  }

  log(level: LogLevel, message: string): void {
    this.inner.log(level, message);
  }

  note(note: Note): void {
    this.inner.note(note);
  }

  cause(): CauseId {
    return this.inner.cause();
  }
}

/** A connection that remembers that the program is done with it: what was deferred for it is dropped. */
class HeldConnection implements Connection {
  readonly localAddress: Bytes;
  readonly localPort: number;
  readonly remoteAddress: Bytes;
  readonly remotePort: number;
  isDone = false;
  private readonly inner: Connection;

  constructor(inner: Connection) {
    this.inner = inner;
    this.localAddress = inner.localAddress;
    this.localPort = inner.localPort;
    this.remoteAddress = inner.remoteAddress;
    this.remotePort = inner.remotePort;
  }

  write(chunk: Bytes): boolean {
    return this.inner.write(chunk);
  }

  close(): void {
    this.isDone = true;
    this.inner.close();
  }

  reset(): void {
    this.isDone = true;
    this.inner.reset();
  }

  pause(): void {
    this.inner.pause();
  }

  resume(): void {
    this.inner.resume();
  }
}

class HeldHandlers implements ConnectionHandlers {
  /** Null until it is open. */
  connection: HeldConnection | null;
  private readonly host: HeldHost;
  /** Null while the program has not been told of the connection. */
  private handlers: ConnectionHandlers | null = null;

  constructor(host: HeldHost, connection: HeldConnection | null) {
    this.host = host;
    this.connection = connection;
  }

  use(handlers: ConnectionHandlers): void {
    this.handlers = handlers;
  }

  onData(chunk: Bytes): void {
    if (this.host.isHeld) {
      if (this.connection !== null) this.host.leaveUnread(this.connection);
      this.host.later(() => this.pass((handlers) => handlers.onData(chunk)));
    } else this.handlers?.onData(chunk);
  }

  onWritable(): void {
    this.host.later(() => this.pass((handlers) => handlers.onWritable()));
  }

  onClose(error: NetError | null): void {
    this.host.later(() => this.pass((handlers) => handlers.onClose(error)));
  }

  private pass(tell: (handlers: ConnectionHandlers) => void): void {
    if (this.handlers !== null && this.connection?.isDone !== true) tell(this.handlers);
  }
}
