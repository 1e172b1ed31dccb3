/**
 * Notification and reconfiguration scripts: a queue of programs to run, a few at a time, retried while they ask for it.
 * Source: sentinelScheduleScriptExecution and what follows it in sentinel.c of Redis 7.0.
 */
import type { Host, RunningScript, ScriptResult } from '../host.ts';
import { type Bytes, bytes } from '../core/bytes.ts';
import { SENTINEL_EVENT, type SentinelEventName } from '../protocol/sentinelNames.ts';
import type { Periods } from './periods.ts';

const QUEUE_MAX = 256;
const RUNNING_MAX = 16;
const RETRIES_MAX = 10;
/** A script that ends with this status asks to be run again. */
const RETRY_STATUS = 1;
/** Stands in `-script-error` for a script that could not be started. */
const START_FAILED = 99;

interface Job {
  readonly path: Bytes;
  readonly args: readonly Bytes[];
  running: RunningScript | null;
  isRunning: boolean;
  /** When it was started; while it waits for a retry, when that is due; 0: not started yet. */
  startMs: number;
  retries: number;
}

/** A job as SENTINEL PENDING-SCRIPTS shows it. */
export interface PendingScript {
  readonly argv: readonly Bytes[];
  readonly isRunning: boolean;
  readonly pid: number;
  /** Of a running one: for how long; of another: how long until its retry. */
  readonly timeMs: number;
  readonly retries: number;
}

type Emit = (level: 'debug' | 'warning', event: SentinelEventName, text: string) => void;

export class ScriptQueue {
  private readonly host: Host;
  private readonly periods: Periods;
  private readonly emit: Emit;
  private jobs: Job[] = [];

  constructor(host: Host, periods: Periods, emit: Emit) {
    this.host = host;
    this.periods = periods;
    this.emit = emit;
  }

  get length(): number {
    return this.jobs.length;
  }

  get runningCount(): number {
    return this.jobs.filter((job) => job.isRunning).length;
  }

  add(path: Bytes, args: readonly Bytes[]): void {
    this.jobs.push({ path, args, running: null, isRunning: false, startMs: 0, retries: 0 });
    if (this.jobs.length <= QUEUE_MAX) return;
    const oldest = this.jobs.findIndex((job) => !job.isRunning);
    if (oldest >= 0) this.jobs.splice(oldest, 1);
  }

  /** At every tick: starts what is due, kills what runs for too long. */
  tick(nowMs: number): void {
    for (const job of [...this.jobs]) {
      if (this.runningCount >= RUNNING_MAX) break;
      if (!job.isRunning && job.startMs <= nowMs) this.start(job, nowMs);
    }
    for (const job of this.jobs) {
      if (job.running === null || nowMs - job.startMs <= this.periods.scriptMaxRuntime) continue;
      this.emit('warning', SENTINEL_EVENT.scriptTimeout, `${job.path} ${job.running.pid}`);
      job.running.kill();
    }
  }

  pending(nowMs: number): readonly PendingScript[] {
    return this.jobs.map((job) => ({
      argv: [job.path, ...job.args], isRunning: job.isRunning, pid: job.running?.pid ?? 0,
      timeMs: job.startMs === 0 ? 0 : job.isRunning ? nowMs - job.startMs : Math.max(0, job.startMs - nowMs),
      retries: job.retries,
    }));
  }

  private start(job: Job, nowMs: number): void {
    job.isRunning = true;
    job.startMs = nowMs;
    job.retries++;
    const running = this.host.scripts.run(job.path, job.args, (result) => this.ended(job, result));
    if (running === null) {
      this.emit('warning', SENTINEL_EVENT.scriptError, `${job.path} ${START_FAILED} 0`);
      job.isRunning = false;
      return;
    }
    // A host may end it before `run` returns.
    if (!job.isRunning) return;
    job.running = running;
    this.emit('debug', SENTINEL_EVENT.scriptChild, bytes(String(running.pid)));
  }

  private ended(job: Job, { exitStatus, signal }: ScriptResult): void {
    this.emit('debug', SENTINEL_EVENT.scriptChildEnded, `${job.running?.pid ?? 0} ${exitStatus} ${signal}`);
    job.running = null;
    job.isRunning = false;
    if ((signal !== 0 || exitStatus === RETRY_STATUS) && job.retries < RETRIES_MAX) {
      job.startMs = this.host.wallMs() + this.retryDelayMs(job.retries);
      return;
    }
    if (signal !== 0 || exitStatus !== 0) {
      this.emit('warning', SENTINEL_EVENT.scriptError, `${job.path} ${signal} ${exitStatus}`);
    }
    this.jobs = this.jobs.filter((one) => one !== job);
  }

  /** Doubles with each retry. */
  private retryDelayMs(retries: number): number {
    let delay = this.periods.scriptRetryDelay;
    for (let done = 1; done < retries; done++) delay *= 2;
    return delay;
  }
}
