/**
 * The snapshot child on a real host: one real process, fed from the engine's iterator through a pipe.
 *
 * Always holds: at most one slice of the snapshot is walked per pass of the event loop, so clients are served meanwhile; the
 * iterator is not asked for more while the pipe is full; `done` is called once, and nothing after it; however the process
 * ends (a signal from outside included), anything but a complete snapshot is a failure.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Bytes, bytes } from '../core/bytes.ts';
import type { Child, ChildResult, ChildTarget } from '../host.ts';
import { LAST_FRAME, encodeFrame } from './snapshotFrames.ts';
import type { Turn } from './turn.ts';

/** One slice ends at so many bytes or so many chunks, whichever comes first. */
const SLICE_BYTES = 64 * 1024;
const SLICE_CHUNKS = 512;
/** How much of what the child says on standard error is kept. */
const COMPLAINT_CHARACTERS_MAX = 512;

/** The compiled program: beside this file in dist, or in dist while this file runs as TypeScript. */
const PROGRAM: string = fileURLToPath(new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/engine/node/snapshotChild.js' : './snapshotChild.js',
  import.meta.url));

export class NodeChild implements Child {
  readonly pid: number;
  private readonly process: ChildProcessByStdio<Writable, Readable | null, Readable>;
  private readonly turn: Turn;
  private readonly chunks: Iterator<Bytes, void>;
  private readonly done: (result: ChildResult) => void;
  private readonly gapMicros: number;
  /** Timers count in milliseconds, so short gaps are taken together. */
  private readonly chunksAtOnce: number;
  private finished = false;
  private fedAll = false;
  private complaint = '';

  /** `directory` is what relative paths of the target start from. */
  constructor(
    turn: Turn, directory: string, chunks: Iterator<Bytes, void>, target: ChildTarget,
    done: (result: ChildResult) => void,
  ) {
    this.turn = turn;
    this.chunks = chunks;
    this.done = done;
    this.gapMicros = target.gapMicros ?? 0;
    this.chunksAtOnce = this.gapMicros === 0 ? SLICE_CHUNKS : Math.min(SLICE_CHUNKS, Math.ceil(1000 / this.gapMicros));
    const child = spawn(process.execPath, [PROGRAM, target.kind], {
      cwd: directory,
      // What instruments the parent (a profiler, a debugger) must not start again in the child.
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['pipe', target.kind === 'pipe' ? 'pipe' : 'ignore', 'pipe'],
    }) as ChildProcessByStdio<Writable, Readable | null, Readable>;
    this.process = child;
    this.pid = child.pid ?? 0;
    child.on('error', (error) => this.finish({ ok: false, reason: error.message }));
    child.on('exit', (status, signal) => this.ended(status, signal));
    // Writing to a child that is gone fails; how it went is told by its exit.
    child.stdin.on('error', () => {});
    child.stdin.on('drain', () => this.feedLater());
    child.stderr.setEncoding('latin1');
    child.stderr.on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(0, COMPLAINT_CHARACTERS_MAX);
    });
    child.on('close', (status) => this.closed(status));
    if (target.kind === 'pipe') child.stdout?.on('data', (chunk: Buffer) => {
      if (this.finished) return;
      this.turn.arm();
      target.onChunk(bytes(chunk.toString('latin1')));
    });
    else child.stdin.write(encodeFrame(target.temporaryPath) + encodeFrame(target.path), 'latin1');
    this.feedLater();
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Its output waits in the pipe; once that is full the child waits, then its input pipe fills, then the walk waits. */
  pause(): void {
    this.process.stdout?.pause();
  }

  resume(): void {
    if (!this.finished) this.process.stdout?.resume();
  }

  private feedLater(): void {
    if (this.fedAll) return;
    if (this.gapMicros === 0) setImmediate(() => this.feed());
    else setTimeout(() => this.feed(), (this.gapMicros * this.chunksAtOnce) / 1000);
  }

  private feed(): void {
    if (this.finished || this.fedAll) return;
    const slice = this.nextSlice();
    let frame = slice === '' ? '' : encodeFrame(slice);
    if (this.fedAll) frame += LAST_FRAME;
    const room = this.process.stdin.write(frame, 'latin1');
    if (this.fedAll) this.process.stdin.end();
    else if (room) this.feedLater();
  }

  /** The next part of the snapshot. Walking it is the program's own work, so it belongs to a turn. */
  private nextSlice(): string {
    const parts: Bytes[] = [];
    let length = 0;
    this.turn.arm();
    while (length < SLICE_BYTES && parts.length < this.chunksAtOnce) {
      const step = this.chunks.next();
      if (step.done === true) {
        this.fedAll = true;
        break;
      }
      parts.push(step.value);
      length += step.value.length;
    }
    return parts.join('');
  }

  /** A signal is reported at once, a status when what the child said about it has been read as well. */
  private ended(status: number | null, signal: NodeJS.Signals | null): void {
    if (signal !== null) this.finish({ ok: false, reason: `terminated by signal ${constants.signals[signal]}` });
    // A paused output would keep `close` from coming.
    else if (status !== 0) this.process.stdout?.destroy();
  }

  private closed(status: number | null): void {
    if (status === 0 && this.fedAll) this.finish({ ok: true });
    else this.failed(status);
  }

  private failed(status: number | null): void {
    const said = this.complaint === '' ? '' : `: ${this.complaint}`;
    this.finish({ ok: false, reason: `exited with status ${status}${said}` });
  }

  private finish(result: ChildResult): void {
    if (this.finished) return;
    this.finished = true;
    this.process.stdout?.destroy();
    this.turn.arm();
    this.done(result);
  }
}
