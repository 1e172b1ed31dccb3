/**
 * One process of the topology as a real one: its entrypoint, its configuration, its starts and ends, its restart policy.
 *
 *     dead --start--> starting (the entrypoint asks and waits) --> running --pause--> paused --resume--> running
 *     starting, running, paused --kill, power, exit--> dead
 *
 * Always holds: a start that was overtaken (by a kill, by the machine's power) never brings a process about.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { bytes } from '../../../engine/core/bytes.ts';
import { preparedText } from '../../../sim/node/configFile.ts';
import { runEntrypoint } from '../../../sim/topology/entrypoint.ts';
import { type ProcessSpec, configFileOf } from '../../../sim/topology/topology.ts';
import { RealHost } from './realHost.ts';
import type { LookedUp } from './nameBook.ts';
import { RestartDelay } from './restartDelay.ts';
import type { Programs } from './programs.ts';
import type { RealMachine, WorldNetwork } from './worldNetwork.ts';

export type ProcessState = 'running' | 'paused' | 'dead';

export interface RealProcessParts {
  readonly machine: RealMachine;
  readonly network: WorldNetwork;
  /** Where the machine's disk is. */
  readonly directory: string;
  readonly programs: Programs;
  /** Address for the questions of its entrypoint. */
  readonly entrypointAddress: string;
  lookUp(name: string): LookedUp;
  isUp(): boolean;
  logged(line: string): void;
  /** It ended, and nobody had asked for it. */
  endedByItself(status: number | null, signal: string | null): void;
}

/** A server that ends within so long of its first start was given what it cannot use. */
const FIRST_BREATH_MS = 1500;

export class RealProcess {
  readonly spec: ProcessSpec;
  readonly machine: RealMachine;
  private readonly parts: RealProcessParts;
  private readonly restarts: RestartDelay;
  private child: ChildProcess | null = null;
  private isPaused = false;
  /** Only a hand starts it again. */
  private isStoppedByHand = false;
  /** Counts starts and ends: what was begun before is out of date. */
  private generation = 0;
  private isStarting = false;
  private startedAt = 0;
  private timer: NodeJS.Timeout | null = null;
  starts = 0;
  /** The last lines that it logged, for those who ask why it ended. */
  readonly lastLines: string[] = [];

  constructor(spec: ProcessSpec, parts: RealProcessParts) {
    this.spec = spec;
    this.machine = parts.machine;
    this.parts = parts;
    this.restarts = new RestartDelay(spec.restart);
  }

  get name(): string {
    return this.spec.name;
  }

  get state(): ProcessState {
    if (this.child === null) return 'dead';
    return this.isPaused ? 'paused' : 'running';
  }

  get isIdle(): boolean {
    return this.child === null && !this.isStarting;
  }

  start(): void {
    if (!this.isIdle || !this.parts.isUp()) return;
    this.isStarting = true;
    this.isStoppedByHand = false;
    const generation = ++this.generation;
    const isCurrent = (): boolean => generation === this.generation;
    const host = new RealHost({
      address: this.parts.entrypointAddress, lookUp: this.parts.lookUp,
      exited: () => {
        if (!isCurrent()) return;
        this.isStarting = false;
        this.restartLater(true);
      },
    });
    this.starts++;
    runEntrypoint(host, this.spec, bytes(this.machine.address), this.starts - 1, (directives) => {
      if (isCurrent()) this.spawn(this.parts.network.directivesOn(this.machine, this.spec, this.withOwn(directives)));
    });
  }

  kill(): void {
    this.end();
    this.restartLater(true);
  }

  /** As `docker kill` does: it stays dead until somebody starts it. */
  stop(): void {
    this.isStoppedByHand = true;
    this.end();
  }

  /** Ends its container; the next one has the data only where these are on a volume. The answer starts it. */
  recreate(): () => void {
    this.stop();
    if (!this.spec.persistentData) rmSync(join(this.parts.directory, this.name), { recursive: true, force: true });
    return () => this.start();
  }

  /** Ends it with its machine: nothing follows before the machine's boot. */
  losePower(): void {
    this.end();
  }

  /** The machine came up by itself: what its policy starts, starts. */
  booted(): void {
    const delayMs = this.isStoppedByHand ? null : this.restarts.atBoot();
    if (delayMs !== null) this.startAfter(delayMs);
  }

  pause(): void {
    if (this.state !== 'running') return;
    this.child?.kill('SIGSTOP');
    this.isPaused = true;
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.child?.kill('SIGCONT');
    this.isPaused = false;
  }

  private end(): void {
    this.generation++;
    this.isStarting = false;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.child === null) return;
    this.child.kill('SIGKILL');
    this.gone();
  }

  /** Nobody listens any more. */
  private gone(): void {
    this.child = null;
    this.isPaused = false;
    this.parts.network.serverIs(this.machine, this.spec, null);
  }

  private restartLater(failed: boolean): void {
    const delayMs = this.isStoppedByHand ? null : this.restarts.ended(failed, performance.now());
    if (delayMs !== null) this.startAfter(delayMs);
  }

  private startAfter(delayMs: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.start();
    }, delayMs);
  }

  /** The topology's port, where the directives say none; and what clients of another machine need of a Redis without a password. */
  private withOwn(given: ProcessSpec['directives']): ProcessSpec['directives'] {
    const has = (name: string): boolean => given.some(([first]) => first === name);
    return [
      ...(has('port') ? [] : [['port', String(this.spec.port)]]),
      ...(this.spec.kind === 'sentinel' || has('protected-mode') ? [] : [['protected-mode', 'no']]), ...given,
    ];
  }

  private spawn(directives: ProcessSpec['directives']): void {
    this.isStarting = false;
    const { programs, directory, machine, network } = this.parts;
    const data = join(directory, this.name);
    mkdirSync(data, { recursive: true });
    const keeping = configFileOf(this.spec);
    const args = [...this.spec.kind === 'sentinel' ? programs.sentinel : programs.server];
    if (keeping === 'none') args.push(...directives.flatMap(([name, ...values]) => [`--${name ?? ''}`, ...values]));
    else {
      const file = join(data, this.spec.kind === 'sentinel' ? 'sentinel.conf' : 'redis.conf');
      const present = existsSync(file) ? bytes(readFileSync(file, 'latin1')) : null;
      const text = preparedText(present, keeping, directives);
      if (text !== present) writeDurably(file, text);
      args.push(file);
      if (this.spec.kind === 'sentinel' && programs.sentinelFlag) args.push('--sentinel');
    }
    const [program = '', ...words] = network.commandOn(machine, args);
    const child = spawn(program, words, { cwd: data, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    if (child.pid !== undefined) network.serverIs(machine, this.spec, child.pid);
    this.startedAt = performance.now();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lastLines.push(line);
        if (this.lastLines.length > LINES_KEPT) this.lastLines.shift();
        this.parts.logged(line);
      });
    }
    child.on('error', () => undefined);
    child.on('exit', (status, signal) => this.exited(child, status, signal));
  }

  private exited(child: ChildProcess, status: number | null, signal: string | null): void {
    if (this.child !== child) return;
    this.gone();
    this.generation++;
    this.parts.endedByItself(status, signal);
    this.restartLater(status !== 0);
  }

  /** It ended as soon as it was first started: a mistake of the set-up, and not what the scenario is about. */
  get diedAtBirth(): boolean {
    return this.starts === 1 && performance.now() - this.startedAt < FIRST_BREATH_MS;
  }
}

const LINES_KEPT = 20;

/** As an image's file is on the disk before anything runs: the file, its name and that of its directory outlive a power loss. */
const writeDurably = (file: string, text: string): void => {
  writeFileSync(file, text, { encoding: 'latin1', flush: true });
  for (const directory of [dirname(file), dirname(dirname(file))]) {
    const descriptor = openSync(directory, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
};
