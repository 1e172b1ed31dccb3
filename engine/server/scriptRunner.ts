/**
 * Runs scripts and functions, one at a time. One that takes longer than `busy-reply-threshold` goes on in slices, and the server answers
 * others BUSY in between; it can be killed as long as it has not written.
 *
 *     none --begin--> running --(over within the threshold)--> none
 *                        '--(threshold)--> slow --(over, or killed)--> none
 *
 * Source: script.c of Redis 7.0 (scriptPrepareForRun, scriptInterrupt, scriptKill), for behaviour and messages.
 */
import type { Host } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { assert } from '../core/errors.ts';
import { type Micros, ms } from '../core/units.ts';
import type { Client } from '../commands/client.ts';
import { type ErrorReply, NO_REPLY, OK, type Reply, error } from '../protocol/reply.ts';
import { PRIMARY_DOWN_ERROR } from '../protocol/wireNames.ts';
import type { ScriptRun } from '../scripting/scriptEngine.ts';
import type { BlockedClients } from './blockedClients.ts';
import type { Config } from './config.ts';
import type { ScriptCalls } from './scriptCalls.ts';
import { COMPATIBLE, type ScriptFlags } from './scriptFlags.ts';
import type { DispatchParts } from './dispatch.ts';
import { OUT_OF_MEMORY } from './eviction.ts';
import type { Suspension } from './suspension.ts';

/** Between two looks at the clock. */
const SLICE_INSTRUCTIONS = 100_000;
const MICROS_PER_MS = 1000;

export type ScriptKind = 'script' | 'function';

export interface ScriptRunnerParts extends Pick<DispatchParts, 'eviction' | 'persistence' | 'primarySide' | 'replicaSide' | 'state'> {
  readonly host: Host;
  readonly config: Config;
  readonly blocked: BlockedClients;
  readonly suspension: Suspension;
  readonly isClustered: boolean;
  readonly calls: ScriptCalls;
  /** The script that took long is over. */
  wake(reply: Reply): void;
}

/** What is to run, and for whom. */
export interface ScriptOrder {
  readonly client: Client;
  readonly kind: ScriptKind;
  /** SHA-1, or the function's name. */
  readonly name: Bytes;
  readonly argv: readonly Bytes[];
  readonly keys: readonly Bytes[];
  readonly flags: ScriptFlags;
  /** EVAL_RO and its like. */
  readonly isReadOnlyCommand: boolean;
  start(): ScriptRun;
}

interface Running extends ScriptOrder {
  readonly run: ScriptRun;
  readonly startedMicros: Micros;
  isKilled: boolean;
}

const BUSY: Readonly<Record<ScriptKind, ErrorReply>> = {
  script: error('BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'),
  function: error('BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.'),
};
const NOT_BUSY = error('NOTBUSY No scripts in execution right now.');
const OF_PRIMARY = error('UNKILLABLE The busy script was sent by a master instance in the context of replication and cannot be killed.');
const HAS_WRITTEN = error('UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the '
  + 'script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.');
const KILL_COMMAND: Readonly<Record<ScriptKind, string>> = { script: 'SCRIPT KILL', function: 'FUNCTION KILL' };

const NO_CLUSTER = error("ERR Can not run script on cluster, 'no-cluster' flag is set.");
const STALE = error('MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to \'no\' and \'allow-stale\' flag is not set '
  + 'on the script.');
const STALE_COMPATIBLE = error(PRIMARY_DOWN_ERROR);
const READ_ONLY_REPLICA = error('READONLY You can not run script with write flag on readonly replica.');
const DISK_TROUBLE = error("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Writable "
  + "scripts are blocked. Use 'no-writes' flag for read only scripts.");
const WRITES_BY_READ_ONLY = error('ERR Can not execute a script with write flag using *_ro command.');
const NO_REPLICAS = error('NOREPLICAS Not enough good replicas to write.');

export class ScriptRunner {
  private readonly parts: ScriptRunnerParts;
  private running: Running | null = null;

  constructor(parts: ScriptRunnerParts) {
    this.parts = parts;
  }

  /** Within a command's handler: its reply, or `NO_REPLY` where the script goes on without it. */
  run(order: ScriptOrder): Reply {
    assert(this.running === null, 'one script at a time');
    const refusal = this.refusal(order);
    if (refusal !== null) return refusal;
    const { calls, host } = this.parts;
    calls.begin(order.client, {
      isReadOnly: order.isReadOnlyCommand || (order.flags !== COMPATIBLE && order.flags.includes('no-writes')),
      mayCrossSlots: order.flags === COMPATIBLE || order.flags.includes('allow-cross-slot-keys'),
      mayExceedMemory: order.flags !== COMPATIBLE && order.flags.includes('allow-oom'),
    }, order.keys);
    const running = { ...order, run: order.start(), startedMicros: host.monotonicMicros(), isKilled: false };
    this.running = running;
    return this.firstSteps(running);
  }

  /** SCRIPT KILL, FUNCTION KILL. */
  kill(kind: ScriptKind): Reply {
    const { running } = this;
    if (running === null) return NOT_BUSY;
    if (running.client.kind === 'primary') return OF_PRIMARY;
    if (this.parts.calls.hasWritten) return HAS_WRITTEN;
    if (running.kind !== kind) return BUSY[running.kind];
    running.isKilled = true;
    running.run.kill('Script killed by user with SCRIPT KILL...');
    return OK;
  }

  /** What runs, for FUNCTION STATS. */
  get current(): { readonly name: Bytes; readonly argv: readonly Bytes[]; readonly elapsedMs: number; readonly kind: ScriptKind } | null {
    const { running } = this;
    return running === null ? null
      : { name: running.name, argv: running.argv, elapsedMs: this.elapsedMs(running), kind: running.kind };
  }

  /** Up to the threshold nobody else is served. */
  private firstSteps(running: Running): Reply {
    const { blocked, config, host, suspension } = this.parts;
    const maySuspend = running.client.kind === 'normal' && !running.client.closed;
    for (;;) {
      const step = running.run.step(SLICE_INSTRUCTIONS);
      if (step.done) {
        this.running = null;
        return step.reply;
      }
      if (!maySuspend || this.elapsedMs(running) < config.number('busy-reply-threshold')) continue;
      host.log('warning', `Slow script detected: still in execution after ${this.elapsedMs(running)} milliseconds. You can try killing `
        + `the script using the ${KILL_COMMAND[running.kind]} command. Script name is: ${running.name}.`);
      suspension.busyReply = BUSY[running.kind];
      suspension.ask(null);
      blocked.blockOnHost(running.client);
      // What our primary sends waits too.
      for (const link of this.primaries()) blocked.blockOnHost(link);
      host.setTimer(ms(0), () => this.slice(running));
      return NO_REPLY;
    }
  }

  private slice(running: Running): void {
    const { host } = this.parts;
    const step = running.run.step(SLICE_INSTRUCTIONS);
    if (!step.done) {
      host.setTimer(ms(0), () => this.slice(running));
      return;
    }
    this.running = null;
    if (running.isKilled) host.log('notice', 'Lua script killed by user with SCRIPT KILL.');
    for (const link of this.primaries()) this.parts.blocked.release(link);
    this.parts.wake(step.reply);
  }

  private primaries(): readonly Client[] {
    return [...this.parts.state.clients.values()].filter(({ kind }) => kind === 'primary');
  }

  private elapsedMs({ startedMicros }: Running): number {
    return Math.floor((this.parts.host.monotonicMicros() - startedMicros) / MICROS_PER_MS);
  }

  /** What the script's own flags forbid here and now. */
  private refusal({ client, flags, isReadOnlyCommand }: ScriptOrder): ErrorReply | null {
    const { config, eviction, isClustered, persistence, primarySide, replicaSide } = this.parts;
    const follows = replicaSide.primary !== null;
    const isStale = follows && replicaSide.state !== 'connected' && !config.flag('replica-serve-stale-data');
    if (flags === COMPATIBLE) return isStale ? STALE_COMPATIBLE : null;
    if (flags.includes('no-cluster') && isClustered) return NO_CLUSTER;
    if (isStale && !flags.includes('allow-stale')) return STALE;
    if (flags.includes('no-writes') || client.kind === 'primary') return null;
    if (follows && config.flag('replica-read-only')) return READ_ONLY_REPLICA;
    if (persistence.denial() !== null) return DISK_TROUBLE;
    if (isReadOnlyCommand) return WRITES_BY_READ_ONLY;
    if (!follows && !primarySide.hasEnoughReplicas()) return NO_REPLICAS;
    return eviction.hasRoom || flags.includes('allow-oom') ? null : OUT_OF_MEMORY;
  }
}
