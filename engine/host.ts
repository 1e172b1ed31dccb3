/**
 * The only door to the outside world. Two implementations: `engine/node` (real sockets, files, clocks) and `sim/node`
 * (the virtual world). Callbacks, no Promise: what happens in which order is the host's decision alone.
 *
 * A **turn** is what a program does for one batch of input: the host calls any of the callbacks below, then the
 * `onTurnEnd` handler once. What was written during the turn leaves at its end. Clock reads advance with the costs
 * that the turn has run up.
 */
import type { Bytes } from './core/bytes.ts';
import type { Note } from './core/notes.ts';
import type { CauseId, Micros, Ms, UnixMs } from './core/units.ts';

/** `refused`: a live machine without a listener. `timeout`: silence. `reset`: the peer dropped the connection. */
export type NetError = 'refused' | 'timeout' | 'reset' | 'unreachable' | 'inUse' | 'badAddress';

/** One end of a TCP connection. Byte-string chunks in and out, in order. */
export interface Connection {
  readonly localAddress: Bytes;
  readonly localPort: number;
  readonly remoteAddress: Bytes;
  readonly remotePort: number;
  /** Queues a chunk. False: the send buffer is full, write no more until `onWritable`. Ignored once closed. */
  write(chunk: Bytes): boolean;
  /** Sends what is queued, then FIN. No callback follows. */
  close(): void;
  /** Drops the connection (RST). No callback follows. */
  reset(): void;
  /** Stops and resumes reading; what arrives meanwhile waits in the kernel's buffer until that is full. */
  pause(): void;
  resume(): void;
}

export interface ConnectionHandlers {
  onData(chunk: Bytes): void;
  onWritable(): void;
  /** The connection is gone: null after the peer's FIN (what it sent has been delivered), else why. Called once. */
  onClose(error: NetError | null): void;
}

export interface ConnectOptions {
  /** TCP keepalive: idle time before probing; 0 for none. */
  readonly keepAliveMs: Ms;
  /** Local address to bind to, or null. */
  readonly bind: Bytes | null;
  /** Over TLS, as `HostTls.configure` has been told. */
  readonly isTls?: boolean;
}

/** What the directives `tls-*` say. Texts are empty where nothing is said; paths are as those of other files. */
export interface TlsSettings {
  readonly certFile: Bytes;
  readonly keyFile: Bytes;
  readonly keyFilePass: Bytes;
  /** For connections that the program makes; empty: those of the server. */
  readonly clientCertFile: Bytes;
  readonly clientKeyFile: Bytes;
  readonly clientKeyFilePass: Bytes;
  readonly caCertFile: Bytes;
  readonly caCertDir: Bytes;
  readonly dhParamsFile: Bytes;
  /** As `TLSv1.2 TLSv1.3`; empty: these two. */
  readonly protocols: Bytes;
  readonly ciphers: Bytes;
  readonly ciphersuites: Bytes;
  readonly prefersServerCiphers: boolean;
  /** Whether clients must show a certificate that the authorities have signed, or may. */
  readonly authClients: 'yes' | 'no' | 'optional';
  readonly keepsSessions: boolean;
  readonly sessionSeconds: number;
}

/** Connections over TLS. To the program they are like others. */
export interface HostTls {
  /** To be called first, and again when settings change: those are for new connections. Why they cannot be, or null. */
  configure(settings: TlsSettings): string | null;
  /** As `Host.listen`. */
  listen(
    address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | NetError) => void,
  ): void;
}

export interface Listener {
  readonly port: number;
  close(): void;
}

/** Handle of a timer. `null` is never a timer, so it can stand for "none". */
export interface Timer {
  readonly timer: true;
}

export type FileError = 'notFound' | 'exists' | 'full' | 'io' | 'denied' | 'isDirectory';

export class HostFileError extends Error {
  override readonly name = 'HostFileError';
  readonly code: FileError;
  constructor(code: FileError, message: string) {
    super(message);
    this.code = code;
  }
}

/** An open file. Written, synced and named are three different things. Sizes and positions in bytes. */
export interface File {
  append(chunk: Bytes): void;
  /** Holds the process until the disk has it (`appendfsync always`). Throws `HostFileError` when the disk fails. */
  syncNow(): void;
  /** Runs beside the process and covers what was written before the call; at a crash `done` never comes. */
  sync(done: (error: FileError | null) => void): void;
  truncate(size: number): void;
  size(): number;
  read(from: number, length: number): Bytes;
  close(): void;
}

/** Paths are relative to the process's data directory. Every method throws `HostFileError`. */
export interface Files {
  /** Makes `path` the data directory. Returns its absolute path; a failure's message is the system's words. */
  changeDirectory(path: Bytes): Bytes;
  open(path: Bytes, mode: 'read' | 'append' | 'create'): File;
  exists(path: Bytes): boolean;
  list(directory: Bytes): readonly Bytes[];
  makeDirectory(path: Bytes): void;
  /** Atomic for other processes; durable only once `syncDirectory` has returned. */
  rename(from: Bytes, to: Bytes): void;
  remove(path: Bytes): void;
  syncDirectory(path: Bytes): void;
}

/**
 * Where a child puts what it is fed. `onChunk` gets it back in the parent, as the child passes it on. `gapMicros`: how long it waits
 * for each chunk.
 */
export type ChildTarget =
  | { readonly kind: 'file'; readonly temporaryPath: Bytes; readonly path: Bytes; readonly gapMicros?: number }
  | { readonly kind: 'pipe'; onChunk(chunk: Bytes): void; readonly gapMicros?: number };

export type ChildResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A snapshot child: drains `chunks` in slices. On a real host one real process, named by `pid`. */
export interface Child {
  readonly pid: number;
  /** The save fails; `done` is called with the reason. */
  kill(): void;
  /** For a pipe whose reader is behind: the child stops being drained, and goes on. */
  pause(): void;
  resume(): void;
}

/** How a script ended: its exit status, or the signal that killed it (else 0). */
export interface ScriptResult {
  readonly exitStatus: number;
  readonly signal: number;
}

export interface RunningScript {
  readonly pid: number;
  kill(): void;
}

/** Programs of the operator's that the engine runs (Sentinel's notifications). */
export interface Scripts {
  /** Whether `path` names a file that may be executed. */
  isExecutable(path: Bytes): boolean;
  /** Starts it beside the process; `done` is called once, after its end. Null: it could not be started. */
  run(path: Bytes, args: readonly Bytes[], done: (result: ScriptResult) => void): RunningScript | null;
}

/** What one turn did, for the virtual microseconds it costs. Ignored by real hosts. */
export type CostKind = 'command' | 'byte' | 'keyLoaded' | 'keySaved' | 'element' | 'instruction';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export interface Host {
  readonly pid: number;
  /** Wall clock: milliseconds, and the same clock in microseconds. It may jump. */
  wallMs(): UnixMs;
  wallMicros(): number;
  /** Never goes back; its zero means nothing. */
  monotonicMicros(): Micros;
  /** Calls back once, at least `delayMs` later by the machine's timers. */
  setTimer(delayMs: Ms, callback: () => void): Timer;
  clearTimer(timer: Timer): void;
  /** `count` random bytes. */
  entropy(count: number): Bytes;
  /** Looks a name up; an address resolves to itself. Empty when there is none. */
  resolve(name: Bytes, done: (addresses: readonly Bytes[]) => void): void;
  /** `listening` is called once, with the listener or why there is none. An accepted connection is readable at once. */
  listen(
    address: Bytes, port: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | NetError) => void,
  ): void;
  /**
   * As `listen`, on a unix socket: its file is made anew, with `mode` unless that is 0. What went wrong comes in the system's
   * words. A connection that is accepted there has the path for both addresses, and port 0.
   */
  listenUnix(
    path: Bytes, mode: number, accept: (connection: Connection) => ConnectionHandlers,
    listening: (result: Listener | { readonly problem: string }) => void,
  ): void;
  /** `opened` is called once with the connection or why there is none; handlers are used from then on. */
  connect(
    address: Bytes, port: number, options: ConnectOptions, handlers: ConnectionHandlers,
    opened: (result: Connection | NetError) => void,
  ): { cancel(): void };
  /** Null: a world without TLS. */
  readonly tls: HostTls | null;
  readonly files: Files;
  readonly scripts: Scripts;
  startChild(chunks: Iterator<Bytes, void>, target: ChildTarget, done: (result: ChildResult) => void): Child;
  /** The program's handler for the end of every turn. */
  onTurnEnd(handler: () => void): void;
  /** Runs up virtual time. */
  cost(kind: CostKind, amount: number): void;
  /** Holds the whole process (DEBUG SLEEP). */
  block(durationMs: Ms): void;
  /** Ends the process once the turn is over. */
  exit(status: number): void;
  log(level: LogLevel, message: string): void;
  note(note: Note): void;
  /** The event of the world that is being handled, for `because`; `NO_CAUSE` on real hosts. */
  cause(): CauseId;
}
