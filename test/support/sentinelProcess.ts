/**
 * Sentinels as processes, for tests: a real redis-sentinel, or ours from dist, each with a configuration file of its own that
 * it rewrites, and everything that it publishes recorded with the time of its arrival.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Socket, createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from '../../engine/core/bytes.ts';
import { ReplyDecoder } from '../../engine/protocol/replyDecoder.ts';
import { packageRoot } from '../../scenarios/cli/files.ts';
import { type ServerKind, eventually, freePort } from './redisServer.ts';

const OUR_SERVER = join(packageRoot(), 'dist/engine/node/serverMain.js');
const RUN_OURS = 'import(process.argv[1]).then(({ runServer }) => runServer(process.argv.slice(2)))';

/** One message on the channel of an event. */
export interface RecordedEvent {
  readonly atMs: number;
  readonly event: string;
  readonly text: string;
}

export interface SentinelProcess {
  readonly kind: ServerKind;
  readonly port: number;
  readonly pid: number;
  readonly file: string;
  readonly events: readonly RecordedEvent[];
  cli(...words: readonly string[]): string;
  configuration(): string;
  log(): string;
  /** Whether the process is still there. */
  isRunning(): boolean;
  /** Ends it, by SIGKILL unless told otherwise; its files stay until `remove`. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts a program of either kind on the same file, port and log. */
  restart(kind: ServerKind): Promise<SentinelProcess>;
  remove(): void;
}

/**
 * Starts one on a free port. `lines` follow the port in its configuration file. `password`: what its clients must say; redis-cli
 * takes it from REDISCLI_AUTH.
 */
export const startSentinelProcess = async (
  kind: ServerKind, lines: readonly string[], password: string | null = null,
): Promise<SentinelProcess> => {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), `faultline-sentinel-${kind}-`));
  const file = join(directory, 'sentinel.conf');
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, `logfile ${join(directory, 'sentinel.log')}`, ...lines, ''].join('\n'));
  return run(kind, port, directory, file, password);
};

const run = async (
  kind: ServerKind, port: number, directory: string, file: string, password: string | null,
): Promise<SentinelProcess> => {
  const child = kind === 'redis'
    ? spawn('redis-sentinel', [file], { stdio: 'ignore' })
    : spawn(process.execPath, ['-e', RUN_OURS, '--', OUR_SERVER, file, '--sentinel'],
      { stdio: ['ignore', 'ignore', 'inherit'], cwd: directory });
  const log = (): string => (existsSync(join(directory, 'sentinel.log')) ? readFileSync(join(directory, 'sentinel.log'), 'latin1') : '');
  const recorder = new Recorder();
  try {
    await eventually(() => child.exitCode ?? 'running', () => {
      if (child.exitCode !== null) throw new Error(`exited with status ${child.exitCode}\n${log()}`);
      return canConnect(port);
    });
    await recorder.open(port, password);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    kind, port, file, events: recorder.events, log, pid: child.pid ?? 0,
    cli: (...words) => execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'latin1', stdio: 'pipe' }).replace(/\n$/, ''),
    configuration: () => readFileSync(file, 'latin1'),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    stop: (signal = 'SIGKILL') => {
      recorder.close();
      return ended(child, signal);
    },
    restart: (other) => run(other, port, directory, file, password),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
};

const canConnect = (port: number): boolean => {
  try {
    return execFileSync('redis-cli', ['-p', String(port), 'PING'], { encoding: 'latin1', stdio: 'pipe' }).startsWith('PONG');
  } catch {
    return false;
  }
};

const ended = (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => new Promise((resolve) => {
  if (child.exitCode !== null || child.signalCode !== null) resolve();
  else {
    child.once('exit', () => resolve());
    child.kill(signal);
  }
});

/** Listens to every channel of a sentinel. */
class Recorder {
  readonly events: RecordedEvent[] = [];
  private socket: Socket | null = null;

  open(port: number, password: string | null): Promise<void> {
    const decoder = new ReplyDecoder();
    return new Promise((resolve, reject) => {
      const socket = createConnection(port, '127.0.0.1', () => {
        socket.write(`${password === null ? '' : `AUTH ${password}\r\n`}PSUBSCRIBE *\r\n`);
      });
      this.socket = socket;
      socket.setEncoding('latin1');
      socket.once('error', reject);
      socket.on('data', (chunk: string) => {
        decoder.push(chunk as Bytes);
        for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
          if (!Array.isArray(reply)) continue;
          if (reply[0] === 'psubscribe') resolve();
          if (reply[0] === 'pmessage') {
            this.events.push({ atMs: Date.now(), event: String(reply[2]), text: String(reply[3]) });
          }
        }
      });
    });
  }

  close(): void {
    this.socket?.destroy();
  }
}
