/**
 * The Host over the real world: node:net, node:fs, node:dns, timers. With it the engine is a Redis server on TCP, and the
 * simulated clients run over real sockets.
 *
 * Always holds: every callback into the program belongs to a turn (turn.ts); errors of the system arrive in the host's
 * words (nodeErrors.ts); strings of the program are bytes, converted as latin1 and nowhere but in engine/node.
 * Source: engine/host.ts, which says what each member means.
 */
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns';
import { appendFileSync, chmodSync, rmSync } from 'node:fs';
import { type Server, createConnection, createServer, isIP } from 'node:net';
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Note } from '../core/notes.ts';
import { type CauseId, type Micros, type Ms, NO_CAUSE, type UnixMs, ms } from '../core/units.ts';
import type {
  Child, ChildResult, ChildTarget, ConnectOptions, Connection, ConnectionHandlers, CostKind, Host, HostTls, Listener, Scripts,
  LogLevel, NetError, Timer,
} from '../host.ts';
import { NodeChild } from './nodeChild.ts';
import { NodeClock } from './nodeClock.ts';
import { NodeConnection } from './nodeConnection.ts';
import { netErrorOf, systemReason } from './nodeErrors.ts';
import { NodeFiles } from './nodeFiles.ts';
import { NodeScripts } from './nodeScripts.ts';
import { NodeTls } from './nodeTls.ts';
import { formatLogLine, isAtLeast, writeLogLine } from './nodeLog.ts';
import { Turn } from './turn.ts';

export interface NodeHostOptions {
  /** Where relative paths of the program start. Default: the working directory. */
  readonly dataDirectory: string;
  /** TCP keepalive of accepted connections: idle time before probing, 0 for none. Default: Redis's 300 s. */
  readonly keepAliveMs: Ms;
  /** Connections that the kernel holds until they are accepted. Default: Redis's 511. */
  readonly acceptQueueMax: number;
  /** The letter behind the pid in log lines. Default: M. */
  readonly roleLetter: () => string;
  /** The log goes there; null for standard output. */
  readonly logFile: string | null;
  /** Lines below this level are dropped. Default: notice. */
  readonly logLevel: () => LogLevel;
  /** Notes go there, one JSON document a line; null for nowhere. */
  readonly noteFile: string | null;
  /** Ends the process. Default: process.exit. */
  readonly endProcess: (status: number) => void;
}

const DEFAULTS: NodeHostOptions = {
  dataDirectory: process.cwd(),
  keepAliveMs: ms(300_000),
  acceptQueueMax: 511,
  roleLetter: () => 'M',
  logFile: null,
  logLevel: () => 'notice',
  noteFile: null,
  endProcess: (status) => endProcess(status),
};

/** A status above 128 stands for a signal, as in a shell. */
const SIGNAL_STATUS = 128;

const endProcess = (status: number): void => {
  if (status > SIGNAL_STATUS) process.kill(process.pid, status - SIGNAL_STATUS);
  process.exit(status);
};

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const TIMEOUT_MS_MAX = 0x7fffffff;

class NodeTimer implements Timer {
  readonly timer = true;
  handle: NodeJS.Timeout | null = null;
}

export class NodeHost implements Host {
  readonly pid: number = process.pid;
  readonly files: NodeFiles;
  readonly scripts: Scripts;
  readonly tls: HostTls;
  private readonly options: NodeHostOptions;
  private readonly turn: Turn;
  private readonly secure: NodeTls;
  private readonly clock = new NodeClock();

  constructor(options: Partial<NodeHostOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.turn = new Turn(this.options.endProcess);
    this.files = new NodeFiles(this.options.dataDirectory, this.turn);
    this.scripts = new NodeScripts(this.turn);
    this.secure = new NodeTls((path) => this.files.placeText(path));
    this.tls = {
      configure: (settings) => this.secure.configure(settings),
      listen: (address, port, accept, listening) => this.listenTls(address, port, accept, listening),
    };
  }

  wallMs(): UnixMs {
    return this.clock.wallMs();
  }

  wallMicros(): number {
    return this.clock.wallMicros();
  }

  monotonicMicros(): Micros {
    return this.clock.monotonicMicros();
  }

  setTimer(delayMs: Ms, callback: () => void): Timer {
    const timer = new NodeTimer();
    const wait = (restMs: number): void => {
      timer.handle = setTimeout(() => {
        if (restMs > TIMEOUT_MS_MAX) return wait(restMs - TIMEOUT_MS_MAX);
        this.turn.arm();
        callback();
      }, Math.min(restMs, TIMEOUT_MS_MAX));
    };
    wait(delayMs);
    return timer;
  }

  clearTimer(timer: Timer): void {
    if (timer instanceof NodeTimer && timer.handle !== null) clearTimeout(timer.handle);
  }

  entropy(count: number): Bytes {
    return bytes(randomBytes(count).toString('latin1'));
  }

  resolve(name: Bytes, done: (addresses: readonly Bytes[]) => void): void {
    const answer = (addresses: readonly Bytes[]): void => {
      this.turn.arm();
      done(addresses);
    };
    if (isIP(name) !== 0) {
      setImmediate(() => answer([name]));
      return;
    }
    // IPv4 first, as the server listens there by default. An unknown name and a silent server look alike: no address.
    lookup(name, { all: true, verbatim: false }, (error, found) => {
      answer(error === null ? found.map((entry) => bytes(entry.address)) : []);
    });
  }

  listen(
    address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | NetError) => void,
  ): void {
    const { keepAliveMs } = this.options;
    const server = createServer({
      allowHalfOpen: true, noDelay: true, keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs,
    }, (socket) => {
      this.turn.arm();
      const connection = new NodeConnection(socket, this.turn);
      connection.start(accept(connection));
    });
    this.open(server, address, port, listening);
  }

  private listenTls(
    address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | NetError) => void,
  ): void {
    const server = this.secure.createServer(this.options.keepAliveMs, (socket) => {
      this.turn.arm();
      const connection = new NodeConnection(socket, this.turn, 'tls');
      connection.start(accept(connection));
    }, (error, socket) => {
      this.log('verbose', `Error accepting a client connection: ${error.message} (addr=${socket.remoteAddress}:${socket.remotePort})`);
      socket.destroy();
    });
    this.open(server, address, port, listening);
  }

  private open(server: Server, address: Bytes, port: number, listening: (result: Listener | NetError) => void): void {
    let settled = false;
    const settle = (result: Listener | NetError): void => {
      if (settled) return;
      settled = true;
      this.turn.arm();
      listening(result);
    };
    // Behind `listening` only a failed accept (no descriptor left) comes here; the next one may succeed.
    server.on('error', (error) => settle(netErrorOf(error)));
    server.on('listening', () => settle({ port: portOf(server), close: () => server.close() }));
    const host = address === '' || address === '*' ? '0.0.0.0' : address === '::*' ? '::' : address;
    // IPv6 only, so that both wildcards can have the same port, as two sockets of a Redis server do.
    server.listen({ host, port, backlog: this.options.acceptQueueMax, ipv6Only: true });
  }

  listenUnix(
    path: Bytes, mode: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | { readonly problem: string }) => void,
  ): void {
    const file = this.files.placeText(path);
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.turn.arm();
      const connection = new NodeConnection(socket, this.turn, 'unix', path);
      connection.start(accept(connection));
    });
    let settled = false;
    const settle = (result: Listener | { readonly problem: string }): void => {
      if (settled) return;
      settled = true;
      this.turn.arm();
      listening(result);
    };
    const close = (): void => {
      server.close();
      rmSync(file, { force: true });
    };
    server.on('error', (error) => settle({ problem: `bind: ${systemReason(error)}` }));
    server.on('listening', () => {
      if (mode > 0) chmodSync(file, mode);
      settle({ port: 0, close });
    });
    // What a server before us left there.
    rmSync(file, { force: true });
    server.listen({ path: file, backlog: this.options.acceptQueueMax });
  }

  connect(
    address: Bytes, port: number, options: ConnectOptions, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ): { cancel(): void } {
    const { keepAliveMs, bind, isTls = false } = options;
    const socket = isTls ? this.secure.connect(address, port, bind, keepAliveMs) : createConnection({
      host: address, port, allowHalfOpen: true, noDelay: true,
      keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs,
      ...(bind === null ? {} : { localAddress: bind }),
    });
    let settled = false;
    const settle = (result: () => Connection | NetError): void => {
      if (settled) return;
      settled = true;
      this.turn.arm();
      opened(result());
    };
    socket.on('error', (error) => settle(() => netErrorOf(error)));
    socket.on(isTls ? 'secureConnect' : 'connect', () => settle(() => {
      const connection = new NodeConnection(socket, this.turn, isTls ? 'tls' : 'tcp');
      connection.start(handlers);
      return connection;
    }));
    const cancel = (): void => {
      if (settled) return;
      settled = true;
      socket.destroy();
    };
    return { cancel };
  }

  startChild(chunks: Iterator<Bytes, void>, target: ChildTarget, done: (result: ChildResult) => void): Child {
    return new NodeChild(this.turn, this.files.directory, chunks, target, done);
  }

  /** For what reaches the program by no other door: signals. */
  inTurn(callback: () => void): void {
    this.turn.arm();
    callback();
  }

  onTurnEnd(handler: () => void): void {
    this.turn.onEnd(handler);
  }

  /** Real work takes real time. */
  cost(_kind: CostKind, _amount: number): void {}

  block(durationMs: Ms): void {
    if (durationMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
  }

  exit(status: number): void {
    this.turn.exitAtEnd(status);
  }

  log(level: LogLevel, message: string): void {
    const { logFile, logLevel, roleLetter } = this.options;
    if (!isAtLeast(level, logLevel())) return;
    writeLogLine(logFile, formatLogLine(this.pid, roleLetter(), new Date(), level, message));
  }

  /** As Redis writes what its signal handlers say: no role, and the time in seconds. */
  logFromSignal(message: string): void {
    writeLogLine(this.options.logFile, `${this.pid}:signal-handler (${Math.floor(Date.now() / 1000)}) ${message}\n`);
  }

  note(note: Note): void {
    const { noteFile } = this.options;
    if (noteFile !== null) appendFileSync(noteFile, `${JSON.stringify(note)}\n`);
  }

  cause(): CauseId {
    return NO_CAUSE;
  }
}

const portOf = (server: Server): number => {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
};
