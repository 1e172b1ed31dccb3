/**
 * Starts real runs and takes them away again: whatever happens (the end, an error, Ctrl-C, a crash), no process, namespace, mount or
 * file of theirs is left.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, ScenarioError } from '../../../engine/core/errors.ts';
import { expandScenario } from '../../../sim/index.ts';
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import { clearAway, clearLeftovers } from './clearAway.ts';
import { runNames } from './names.ts';
import type { Programs } from './programs.ts';
import type { RealMessage, RealTask } from './realMain.ts';
import type { RealReport } from './realReport.ts';
import { whyNotReal } from './realRun.ts';
import { makeGround } from './realNetwork.ts';
import type { NetworkKind } from './worldNetwork.ts';

/** The user asked for an end: everything is cleared away, and nothing is reported. */
export class Interrupted extends ConfigError {}

export interface RealJob {
  readonly scenario: ResolvedScenario;
  readonly seed: number;
  readonly programs: Programs;
  readonly replay: string;
  readonly network: NetworkKind;
  /** Milliseconds of the run so far. */
  onProgress(ms: number): void;
}

/** What a process has said is read within so long of its end. */
const LAST_WORDS_MS = 2000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Throws `ConfigError` where there can be no real run; clears away what earlier ones left. */
export const checkGround = async (network: NetworkKind): Promise<void> => {
  if (process.platform !== 'linux') throw new ConfigError('--world real: needs Linux, for its namespaces, or its loopback of many addresses');
  if (network === 'namespaces' && process.getuid?.() !== 0) {
    throw new ConfigError('--network namespaces: needs root, for network namespaces and disks; try sudo, or --network proxies');
  }
  if (!existsSync(fileURLToPath(PROGRAM))) throw new ConfigError("--world real: runs from dist; 'npm run build' makes it");
  await clearLeftovers();
};

const PROGRAM: URL = new URL('./realMain.js', import.meta.url);

export class RealRunner {
  private readonly open: Set<string> = new Set();
  private ordinal = 0;
  private interrupt: (error: Interrupted) => void = () => undefined;
  private readonly interrupted: Promise<never>;
  private readonly onSignal = (signal: string): void => this.interrupt(new Interrupted(`interrupted by ${signal}; everything is cleared away`));

  constructor() {
    this.interrupted = new Promise<never>((_, reject) => {
      this.interrupt = reject;
    });
    this.interrupted.catch(() => undefined);
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  /** Rejects with `ConfigError` or `ScenarioError` when there was no run, or with `Interrupted`. */
  async run(job: RealJob): Promise<RealReport> {
    const why = job.network === 'proxies' ? null : whyNotReal(expandScenario(job.scenario, job.seed));
    if (why !== null) throw new ScenarioError(why);
    const names = runNames(process.pid, ++this.ordinal);
    this.open.add(names.id);
    try {
      mkdirSync(names.directory, { mode: 0o700 });
      if (job.network === 'namespaces') await Promise.race([this.interrupted, makeGround(names)]);
      return await Promise.race([this.interrupted, drive({ ...job, names }, job.onProgress)]);
    } finally {
      this.open.delete(names.id);
      for (const left of await clearAway(names.id)) process.stderr.write(`faultline: not cleared away: ${left}\n`);
    }
  }

  /** Ends every run that is under way: each rejects, and clears itself away. */
  stop(): void {
    this.interrupt(new Interrupted('another run failed'));
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }
}

/** Lets a process in the run's namespace, or in its directory, do it. That process is killed with the namespace, or the directory. */
const drive = (
  { scenario, seed, programs, names, replay, network }: RealTask, onProgress: (ms: number) => void,
): Promise<RealReport> => new Promise((resolve, reject) => {
  const entering = network === 'namespaces' ? ['nsenter', `--net=/run/netns/${names.world}`] : [];
  const [program = '', ...words] = [...entering, process.execPath, fileURLToPath(PROGRAM)];
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true, cwd: names.directory });
  child.on('error', (error) => reject(new ConfigError(`${program}: ${error.message}`)));
  child.on('message', (message: RealMessage) => {
    if (message.kind === 'progress') onProgress(message.ms);
    else if (message.kind === 'report') resolve(message.report);
    else reject(message.isOurs ? new Error(message.message) : new ConfigError(message.message));
  });
  child.on('exit', (status, signal) => {
    // On a busy machine its end is known before its last words are read.
    setTimeout(() => reject(new ConfigError(`the run's process ended (${signal ?? `status ${status ?? 'none'}`})`)), LAST_WORDS_MS);
  });
  child.send({ scenario, seed, programs, names, replay, network } satisfies RealTask);
});
