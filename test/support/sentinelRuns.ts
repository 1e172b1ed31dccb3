/** Sentinels run to their end, or for a moment: what a configuration file makes of them. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../scenarios/cli/files.ts';
import type { ServerKind } from './redisServer.ts';

const OUR_SERVER = join(packageRoot(), 'dist/engine/node/serverMain.js');
const RUN_OURS = 'import(process.argv[1]).then(({ runServer }) => runServer(process.argv.slice(2)))';
/** One that has not ended by then serves. */
const RUN_MS_MAX = 10_000;

export interface SentinelRun {
  /** Null: it started, and was ended. */
  readonly status: number | null;
  /** Both outputs. */
  readonly said: string;
}

/** Runs until it ends, or says that it monitors something, or has an identity. */
export const runSentinel = (kind: ServerKind, file: string, directory: string): Promise<SentinelRun> => new Promise((resolve) => {
  const child = kind === 'redis' ? spawn('redis-sentinel', [file], { cwd: directory })
    : spawn(process.execPath, ['-e', RUN_OURS, '--', OUR_SERVER, file, '--sentinel'], { cwd: directory });
  let said = '';
  const late = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX);
  const take = (chunk: string): void => {
    said += chunk;
    if (said.includes('Sentinel ID is')) child.kill('SIGKILL');
  };
  child.stdout.setEncoding('latin1').on('data', take);
  child.stderr.setEncoding('latin1').on('data', take);
  child.on('close', (status) => {
    clearTimeout(late);
    resolve({ status, said });
  });
});
