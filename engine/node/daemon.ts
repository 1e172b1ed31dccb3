/**
 * `daemonize`: the server goes on in a process of its own, in a session of its own, without a terminal. A process of ours
 * cannot fork, so the program is started once more with the same arguments; what the configuration on standard input was is
 * handed to it the same way. Unlike redis-server's, its ID is that of a new program.
 * Source: daemonize in server.c of Redis 7.0, for behaviour.
 */
import { spawn } from 'node:child_process';
import type { Bytes } from '../core/bytes.ts';

/** Set for the process that goes on. */
const DAEMON = 'FAULTLINE_DAEMON';

export const isDaemon = (): boolean => process.env[DAEMON] === '1';

/** Starts it; this process ends by itself, with status 0, once the other has its standard input. */
export const becomeDaemon = (workingDirectory: string, standardInput: Bytes): void => {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: workingDirectory, detached: true, env: { ...process.env, [DAEMON]: '1' }, stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(standardInput, 'latin1');
  child.unref();
};

/** What it starts in its turn is no daemon. */
export const forgetDaemon = (): void => {
  delete process.env[DAEMON];
};
