/**
 * Servers as processes, for tests: a real redis-server, and ours from dist. Each gets a free port of 127.0.0.1 and a
 * directory of its own, is awaited until it answers PING, and is ended by its pid.
 */
import { packageRoot } from '../../scenarios/cli/files.ts';
import { type ChildProcess, type SpawnSyncReturns, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = packageRoot();
const OUR_SERVER = join(ROOT, 'dist/engine/node/serverMain.js');
const START_MS_MAX = 15_000;
const STOP_MS_MAX = 10_000;

export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  /** What redis-cli prints for a command, without the last line feed. */
  cli(...words: readonly string[]): string;
  log(): string;
  /** The exit status, or the signal that ended it; null while it runs. */
  how(): number | string | null;
  /** Resolves with the status when the process is gone, null after a signal. SIGKILL unless another one is named. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export type ServerKind = 'redis' | 'faultline';

/** True when the program can be run. */
export const isInstalled = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

export const hasRedis: boolean = isInstalled('redis-server') && isInstalled('redis-cli');

/** Our servers and their children run from dist. Throws when that has not been built. */
export const requireDist = (): void => {
  if (!existsSync(join(ROOT, 'dist/engine/node/snapshotChild.js'))) {
    throw new Error('dist/ is missing; build it with: npm run build');
  }
};

/**
 * Starts a server with these directives (`--name value …`) and waits until it answers. `nodeOptions` go to the process of
 * ours (a profiler, say); `files` is a configuration file or none; `fixedPort` and `ownDirectory` are for one that takes
 * another's place: that directory stays when the process is gone.
 */
export const startServerProcess = async (
  kind: ServerKind, directives: readonly string[] = [], nodeOptions: readonly string[] = [],
  files: readonly string[] = [], fixedPort: number | null = null, ownDirectory: string | null = null,
): Promise<ServerProcess> => {
  const port = fixedPort ?? await freePort();
  const directory = ownDirectory ?? mkdtempSync(join(tmpdir(), `faultline-${kind}-`));
  const logFile = join(directory, 'server.log');
  const options = [
    ...files, '--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--logfile', logFile, '--save', '',
    ...directives,
  ];
  const child = kind === 'redis'
    ? spawn('redis-server', options, { stdio: 'ignore' })
    : spawn(process.execPath, [...nodeOptions, '-e', RUN_OURS, '--', OUR_SERVER, ...options],
      { stdio: ['ignore', 'ignore', 'inherit'], cwd: directory });
  const log = (): string => existsSync(logFile) ? readFileSync(logFile, 'latin1') : '';
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> => {
    const status = await stopProcess(child, signal);
    if (ownDirectory === null) rmSync(directory, { recursive: true, force: true });
    return status;
  };
  try {
    await waitUntilReady(child, port);
  } catch (error) {
    const said = log();
    await stop();
    throw new Error(`${kind} did not start: ${String(error)}\n${said}`);
  }
  const cli = (...words: readonly string[]): string =>
    execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'latin1', stdio: 'pipe' }).replace(/\n$/, '');
  return { port, pid: child.pid ?? 0, directory, cli, log, how: () => child.exitCode ?? child.signalCode, stop };
};

/** `faultline server` without the rest of the command line: the same function, from the same build. */
const RUN_OURS = 'import(process.argv[1]).then(({ runServer }) => runServer(process.argv.slice(2)))';

/** Runs ours to its end, for command lines that do not serve. */
export const runOurServer = (words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, ['-e', RUN_OURS, '--', OUR_SERVER, ...words], { encoding: 'utf8', timeout: START_MS_MAX });

/** Runs `servers` and stops every one of them, however `use` ends. */
export const withServers = async (
  servers: readonly Promise<ServerProcess>[], use: (...started: readonly ServerProcess[]) => Promise<void>,
): Promise<void> => {
  const results = await Promise.allSettled(servers);
  const started = results.flatMap((result) => result.status === 'fulfilled' ? [result.value] : []);
  try {
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await use(...started);
  } finally {
    await Promise.all(started.map((server) => server.stop()));
  }
};

const attempt = <Value>(ask: () => Value): { readonly value: Value } | { readonly failure: unknown } => {
  try {
    return { value: ask() };
  } catch (failure) {
    return { failure };
  }
};

/** Asks again until the answer is right; the last answer is in the error when it never is. */
export const eventually = async <Value>(
  ask: () => Value, isRight: (value: Value) => boolean, withinMs = 20_000,
): Promise<Value> => {
  const until = Date.now() + withinMs;
  for (;;) {
    // Who is asked may be cutting off its clients just now, or not be there yet.
    const answer = attempt(ask);
    if ('value' in answer && isRight(answer.value)) return answer.value;
    if (Date.now() > until) {
      if ('failure' in answer) throw answer.failure;
      throw new Error(`still not so after ${withinMs} ms: ${JSON.stringify(answer.value)}`);
    }
    await pause(50);
  }
};

const pause = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

/**
 * Each worker has a range of ports of its own: below those that systems give to outgoing connections, as are the bus ports, and above
 * the numbers of slots, so that a test can tell them apart.
 */
const PORT_FIRST = 17_000;
const PORTS_EACH = 500;
const WORKERS_MAX = 10;
const POOL = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS_MAX;
/** The next file of this worker, another process, begins elsewhere: what the one before left may still be closing. */
const PORT_STEP = 61;
const given = { count: (process.pid * PORT_STEP) % PORTS_EACH };

/** A port that nobody listens on now, a new one each time. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < PORTS_EACH; tries++) {
    const port = PORT_FIRST + POOL * PORTS_EACH + (given.count++ % PORTS_EACH);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${PORTS_EACH} ports is free`);
};

/** Nobody listens on it. */
export const isFree = (port: number): Promise<boolean> => new Promise((resolve) => {
  const probe = createServer();
  probe.on('error', () => resolve(false));
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
});

const waitUntilReady = async (child: ChildProcess, port: number): Promise<void> => {
  const until = Date.now() + START_MS_MAX;
  while (!(await answersPing(port))) {
    if (child.exitCode !== null) throw new Error(`exited with status ${child.exitCode}`);
    if (Date.now() > until) throw new Error(`no answer within ${START_MS_MAX} ms`);
    await pause(20);
  }
};

const answersPing = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = createConnection(port, '127.0.0.1', () => socket.write('PING\r\n'));
  const answer = (good: boolean): void => {
    socket.destroy();
    resolve(good);
  };
  socket.on('data', (chunk) => answer(chunk.toString('latin1').startsWith('+PONG')));
  socket.on('error', () => answer(false));
  socket.on('close', () => answer(false));
});

const stopProcess = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      child.once('exit', () => {
        clearTimeout(force);
        resolve();
      });
      child.kill(signal);
    });
  }
  return child.exitCode;
};
