/**
 * A process of the world: a name, a program and what is done to it. Each start makes a new `Running` and a new host.
 *
 *     dead --start--> running --pause--> paused --unpause--> running
 *     running, paused --kill, power, exit--> dead
 */
import type { Note } from '../../engine/core/notes.ts';
import type { CauseId } from '../../engine/core/units.ts';
import { assert } from '../../engine/core/errors.ts';
import type { Host } from '../../engine/host.ts';
import type { DataDirectory } from '../disk/dataDirectory.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import type { Machine } from './machine.ts';
import { Callback, Running } from './running.ts';
import { SimHost } from './simHost.ts';

export type Program = (host: Host) => void;

export type ProcessEnd =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'kill' }
  | { readonly kind: 'power' };

/** Gets what programs note, in the order of events. */
export interface NoteSink {
  /** What a note's record should list under `because`; nothing for most. Asked before the record is made. */
  because?(process: SimProcess, note: Note): readonly CauseId[];
  /** `event` is the id of the note's record. */
  note(process: SimProcess, note: Note, event: CauseId): void;
}

export interface SimProcessOptions {
  readonly name: string;
  readonly program: Program;
  /** Name of its data directory on the machine's disk; its own name by default. */
  readonly directory?: string;
  /** For the restart policy. Called at the instant of the end; schedule what should follow. */
  readonly onExit?: (process: SimProcess, end: ProcessEnd) => void;
  readonly notes?: NoteSink;
}

export class SimProcess {
  readonly machine: Machine;
  readonly kernel: Kernel;
  readonly name: string;
  /** Index among the kernel's nodes. */
  readonly node: number;
  /** What the next start runs. */
  program: Program;
  /** Name of the data directory that the next start finds. */
  directoryName: string;
  onExit: ((process: SimProcess, end: ProcessEnd) => void) | null;
  notes: NoteSink | null;
  /** Multiplies its costs. */
  slowness = 1;
  /** Counts starts. */
  starts = 0;
  /** Whether its data directory outlives its container. */
  keepsData = true;
  /** When its data directory went with its container, in virtual microseconds. */
  readonly erasures: number[] = [];
  /** An operator stopped it: no restart policy starts it. */
  isStoppedByHand = false;
  /** Whether each start loads an append-only file rather than a snapshot, by its directives; null: its configuration file says. */
  startsWithAof: boolean | null = null;
  /** When it was last started, in virtual microseconds. */
  startedAt = 0;
  /** How it ended last; null: it never has. */
  lastEnd: ProcessEnd | null = null;
  /** It was stopped or slowed at some time: nothing that it does in time can be asked of it. */
  wasHindered = false;
  private running: Running | null = null;
  private isStopped = false;
  private readonly connections: Map<string, number> = new Map();

  constructor(machine: Machine, options: SimProcessOptions) {
    this.machine = machine;
    this.kernel = machine.kernel;
    this.name = options.name;
    this.node = machine.kernel.addNode(options.name);
    this.program = options.program;
    this.directoryName = options.directory ?? options.name;
    this.onExit = options.onExit ?? null;
    this.notes = options.notes ?? null;
    machine.processes.push(this);
  }

  get state(): 'running' | 'paused' | 'dead' {
    if (this.running === null) return 'dead';
    return this.isStopped ? 'paused' : 'running';
  }

  /** PID of the running start; null while dead. */
  get pid(): number | null {
    return this.running === null ? null : this.running.pid;
  }

  /** Its files, as the present or next start sees them. */
  get directory(): DataDirectory {
    return this.machine.disk.directory(this.directoryName);
  }

  /** Starts the program, as an event of this instant. Its machine is up, and it is dead. */
  start(): void {
    assert(this.running === null, `${this.name} runs already`);
    assert(this.machine.isUp, `${this.name} was started on a machine without power`);
    const running = new Running(this);
    const host = new SimHost(running);
    const program = this.program;
    this.running = running;
    this.isStopped = false;
    this.starts++;
    this.startedAt = this.kernel.now;
    this.kernel.schedule(new Callback(KIND.start, running, this.starts, () => program(host)), this.kernel.now);
  }

  /** SIGKILL. Its kernel sends what it still holds, then FIN, or RST if input was unread. */
  kill(): void {
    if (this.running === null) return;
    this.kernel.observe(KIND.kill, this.node, this.starts, 0, null);
    this.end({ kind: 'kill' });
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.running === null || this.isStopped) return;
    this.isStopped = true;
    this.wasHindered = true;
    this.kernel.observe(KIND.pause, this.node, 0, 0, null);
    this.running.pause();
  }

  /** SIGCONT. */
  resume(): void {
    if (this.running === null || !this.isStopped) return;
    this.isStopped = false;
    this.kernel.observe(KIND.unpause, this.node, 0, 0, null);
    this.running.unpause();
  }

  /** Multiplies what its turns cost from now on; 1 ends that. */
  slow(multiplier: number): void {
    assert(multiplier > 0 && multiplier <= 1_000_000, 'slowness out of range');
    this.slowness = multiplier;
    this.wasHindered = true;
    this.kernel.observe(KIND.slow, this.node, Math.floor(multiplier * 1000), 0, this.kernel.tracing
      ? { multiplier } : null);
  }

  /** Runs `call` as a turn of the running program: how an action of the plan reaches the operator's client. */
  submit(call: () => void): void {
    if (this.running === null) return;
    this.kernel.schedule(new Callback(KIND.action, this.running, this.starts, call), this.kernel.now);
  }

  /** The machine lost its power: called by it. */
  losePower(): void {
    if (this.running !== null) this.end({ kind: 'power' });
  }

  /** The program's last turn is over: called by `Running`. */
  exited(status: number): void {
    this.kernel.observe(KIND.exit, this.node, status, this.starts, this.kernel.tracing ? { status } : null);
    this.end({ kind: 'exit', status });
  }

  /** Connections are numbered over all starts, by where they go. */
  nextConnection(place: string): number {
    const ordinal = this.connections.get(place) ?? 0;
    this.connections.set(place, ordinal + 1);
    return ordinal;
  }

  private end(end: ProcessEnd): void {
    const running = this.running;
    if (running === null) return;
    this.running = null;
    this.isStopped = false;
    this.lastEnd = end;
    running.die();
    if (end.kind !== 'power') this.machine.stack.abandon(running, this.kernel.now);
    if (this.onExit !== null) this.onExit(this, end);
  }
}
