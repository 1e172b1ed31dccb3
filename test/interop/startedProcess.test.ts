/**
 * The launchers as programs, beside redis-server 7.0: log lines, signals, exit statuses, pidfile, daemonize, unix sockets, and how soon
 * they are ready. Both kinds go through the same steps; what they say must be the same.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/cli/files.ts';
import { type ServerKind, eventually, freePort, requireDist } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const PROGRAMS: Readonly<Record<ServerKind, string>> = { redis: 'redis-server', faultline: join(packageRoot(), 'bin/redis-server') };

interface Started {
  readonly child: ChildProcess;
  readonly directory: string;
  /** Standard output and standard error. */
  said(): string;
  /** Once it says so. */
  says(words: string): Promise<void>;
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

const directories: string[] = [];
const pids: number[] = [];

const start = (program: string, words: readonly string[], input = '', dump: string | null = null): Started => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-started-'));
  directories.push(directory);
  if (dump !== null) writeFileSync(join(directory, 'dump.rdb'), dump, 'latin1');
  const child = spawn(program, words.map((word) => word.replace('DIR', directory)), { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid !== undefined) pids.push(child.pid);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { text += chunk.toString('latin1'); });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | string>((resolve) => child.on('close', (status, signal) => resolve(status ?? signal ?? '')));
  return {
    child, directory, ended, said: () => text,
    says: async (words) => void await eventually(() => text, (said) => said.includes(words)),
  };
};

/** Without process IDs, times, warnings about the machine, and what a C program loads and measures. */
const plain = (log: string, directory: string): string[] => log.replaceAll(directory, 'DIR').split('\n')
  .filter((line) => line !== '' && !/# WARNING|overcommit|Memory footprint|RDB (?:age|memory)|Loading RDB produced|transparent_hugepage/.test(line))
  .map((line) => line.replace(/^\d+:(signal-handler) \(\d+\)/, '$1').replace(/^\d+:([A-Z]) \d+ \w+ \d{4} \d\d:\d\d:\d\d\.\d{3} /, '$1 ').replace(/pid=\d+/, 'pid=N').replace(/\d\.\d{3} seconds/, 'N seconds'));

/** The key `text`, and the set `nobody` without members; no checksum. */
const DUMP = 'REDIS0010\xfe\0\0\x04text\x01x\x02\x06nobody\0\xff\0\0\0\0\0\0\0\0';

const both = async (steps: (program: string, kind: ServerKind) => Promise<unknown>): Promise<void> => {
  const said = await Promise.all(KINDS.map((kind) => steps(PROGRAMS[kind], kind)));
  expect(said[1]).toEqual(said[0]);
};

const ask = (path: string, ...words: readonly string[]): string => execFileSync('redis-cli', ['-s', path, ...words], { encoding: 'latin1' }).trim();

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the launchers beside redis-server 7.0', () => requireRedis(() => {
  requireDist();

  afterEach(() => {
    for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('from its first line to the last: %s saves and leaves; HUP is nothing', (signal) => both(async (program) => {
    const words = ['--port', '0', '--unixsocket', 'u.sock', '--unixsocketperm', '750', '--dir', 'DIR', '--pidfile', 'server.pid', '--save', '9999', '1'];
    const server = start(program, words, '', DUMP);
    await server.says('ready to accept connections at');
    const path = join(server.directory, 'u.sock');
    const answers = [ask(path, 'SET', 'a', '1'), ask(path, 'CONFIG', 'GET', 'unixsocketperm'), / flags=(\S+)/.exec(ask(path, 'CLIENT', 'LIST'))?.[1],
      / addr=(\S+) laddr=(\S+)/.exec(ask(path, 'CLIENT', 'LIST'))?.slice(1), statSync(path).mode, /tcp_port:\d+/.exec(ask(path, 'INFO', 'server'))?.[0]];
    answers.push([...ask(path, 'INFO', 'everything').matchAll(/^(?!cmdstat|errorstat|latency_p)(\w+):/gm)].map(([, name]) => name).join(' '));
    expect(readFileSync(join(server.directory, 'server.pid'), 'latin1')).toBe(`${server.child.pid}\n`);
    expect(ask(path, 'INFO', 'server')).toContain(`process_id:${server.child.pid}\r`);
    server.child.kill('SIGHUP');
    server.child.kill(signal);
    const status = await server.ended;
    return [answers, status, plain(server.said(), server.directory), ['u.sock', 'server.pid', 'dump.rdb'].map((name) => existsSync(join(server.directory, name)))];
  }));

  test('a second start loads; a busy port ends it; the banner names the process', () => both(async (program) => {
    const port = String(await freePort());
    const server = start(program, ['--port', port, '--bind', '127.0.0.1', '--dir', 'DIR', '--appendonly', 'yes', '--save', '', '--always-show-logo', 'yes']);
    await server.says('Ready to accept connections');
    expect(server.said()).toMatch(new RegExp(` PID: ${server.child.pid}\\s`));
    expect(server.said()).toMatch(new RegExp(` Port: ${port}\\s`));
    const second = start(program, ['--port', port, '--bind', '127.0.0.1']);
    const status = await second.ended;
    server.child.kill('SIGTERM');
    const ready = server.said().match(/Ready to accept/g)?.length;
    return [ready, status, await server.ended, plain(second.said(), second.directory).map((line) => line.replace(port, 'PORT')), plain(server.said(), server.directory).slice(-3)];
  }));

  test('interrupted twice it leaves at once, without a save', () => both(async (program, kind) => {
    const port = String(await freePort());
    const server = start(program, ['--port', port, '--bind', '127.0.0.1', '--dir', 'DIR', '--repl-diskless-sync-delay', '0', '--shutdown-timeout', '30']);
    await server.says('Ready to accept');
    const replica = start(PROGRAMS[kind], ['--port', String(await freePort()), '--dir', 'DIR', '--replicaof', '127.0.0.1', port, '--save', '']);
    await replica.says('Finished with success');
    await server.says('succeeded');
    replica.child.kill('SIGSTOP');
    execFileSync('redis-cli', ['-p', port, 'SET', 'a', '1']);
    server.child.kill('SIGINT');
    await server.says('Waiting for replicas before shutting down.');
    server.child.kill('SIGINT');
    const status = await server.ended;
    replica.child.kill('SIGKILL');
    return [status, plain(server.said(), server.directory).slice(-4), existsSync(join(server.directory, 'dump.rdb'))];
  }));

  test('daemonize: the starter is gone, the daemon goes on, its pidfile says who it is', () => both(async (program) => {
    const starter = start(program, ['-', '--daemonize', 'yes', '--dir', 'DIR', '--logfile', 'server.log', '--save', ''], 'port 0\nunixsocket d.sock\npidfile d.pid\n');
    const status = await starter.ended;
    const log = (): string => readFileSync(join(starter.directory, 'server.log'), 'latin1');
    await eventually(log, (text) => text.includes('ready to accept connections at d.sock'));
    const pid = Number(readFileSync(join(starter.directory, 'd.pid'), 'latin1'));
    pids.push(pid);
    expect(pid).not.toBe(starter.child.pid);
    const daemonised = ask(join(starter.directory, 'd.sock'), 'CONFIG', 'GET', 'daemonize');
    process.kill(pid, 'SIGTERM');
    await eventually(() => isAlive(pid), (alive) => !alive);
    return [status, daemonised, plain(log(), starter.directory), plain(starter.said(), starter.directory), existsSync(join(starter.directory, 'd.pid'))];
  }));

  test('a sentinel by the name of the program, and what it says without a file', () => both(async (program, kind) => {
    const refused = start(program, ['--sentinel']);
    const statuses = [await refused.ended, plain(refused.said(), refused.directory)];
    const named = join(refused.directory, 'my-redis-sentinel-7');
    symlinkSync(kind === 'redis' ? execFileSync('sh', ['-c', 'command -v redis-server'], { encoding: 'latin1' }).trim() : program, named);
    writeFileSync(join(refused.directory, 's.conf'), 'port 0\nunixsocket s.sock\nsentinel monitor m 127.0.0.1 1 1\n');
    const sentinel = start(named, [join(refused.directory, 's.conf')]);
    await sentinel.says('+monitor');
    const name = ask(join(sentinel.directory, 's.sock'), 'INFO', 'server').match(/redis_mode:\w+/)?.[0];
    sentinel.child.kill('SIGTERM');
    return [...statuses, name, await sentinel.ended, plain(sentinel.said(), sentinel.directory).map((line) => line.replace(/[0-9a-f]{40}/, 'ID'))
      .filter((line) => !line.includes('+sdown')).sort()];
  }));

  test('ready in a fraction of the time that its modules take, and not far behind Node itself', async () => {
    const port = await freePort();
    const untilReady = async (program: string, words: readonly string[]): Promise<number> => {
      const from = performance.now();
      const server = start(program, words);
      await eventually(server.said, (said) => said.includes('Ready to accept') || said.includes('node is up'));
      const took = performance.now() - from;
      server.child.kill('SIGKILL');
      await server.ended;
      return took;
    };
    const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', ''];
    const took: { ours: number; node: number }[] = [];
    for (let round = 0; round < 3; round++) {
      took.push({
        node: await untilReady(process.execPath, ['-e', "process.stdout.write('node is up');setTimeout(() => {}, 9999)"]),
        ours: await untilReady(PROGRAMS.faultline, words),
      });
    }
    const ratio = Math.min(...took.map(({ ours, node }) => ours / node));
    // From modules one by one it is about 7: that is what a bundle older than they are (npm run build) leads to.
    expect(ratio).toBeLessThan(4);
  });
}));
