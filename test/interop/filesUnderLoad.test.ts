/**
 * Snapshots and append-only files made in the middle of random writes: redis-check-rdb and redis-check-aof accept what ours
 * writes, and each kind of server loads what the other one left, to an equal digest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Load } from './load.ts';
import { interopSeed, runsOf } from './randomCommands.ts';
import { count, digest, fields, until, untilNothingRunsOut } from './serverState.ts';

/** Snapshots and rewrites in the course of one load. */
const ROUNDS = runsOf(4);
const TEST_MS = 60_000 + ROUNDS * 10_000;
const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const FORMS: readonly (readonly string[])[] = [
  ['--aof-use-rdb-preamble', 'yes', '--aof-timestamp-enabled', 'no'],
  ['--aof-use-rdb-preamble', 'no', '--aof-timestamp-enabled', 'yes'],
];

const withDirectory = async (use: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-files-'));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const start = (kind: ServerKind, directory: string, ...directives: readonly string[]): Promise<ServerProcess> =>
  startServerProcess(kind, ['--dir', directory, '--enable-debug-command', 'local', ...directives]);

/** What the program says of the file; `sound` when it accepts it. */
const verdict = (program: string, file: string): string => {
  const { status, stdout, stderr } = spawnSync(program, [file], { encoding: 'latin1' });
  return status === 0 ? 'sound' : `${stdout}${stderr}`;
};

const checkRdb = (directory: string): string => verdict('redis-check-rdb', join(directory, 'dump.rdb'));
const checkAof = (directory: string): string =>
  verdict('redis-check-aof', join(directory, 'appendonlydir/appendonly.aof.manifest'));

const ask = async (server: ServerProcess, name: 'BGSAVE' | 'BGREWRITEAOF'): Promise<void> => {
  const [running, status, done] = name === 'BGSAVE'
    ? ['rdb_bgsave_in_progress', 'rdb_last_bgsave_status', 'rdb_saves']
    : ['aof_rewrite_in_progress', 'aof_last_bgrewrite_status', 'aof_rewrites'];
  const before = await count(server, done as string);
  server.cli(name);
  const answer = await until(() => fields(server, running as string, status as string, done as string),
    ([isRunning, , saves]) => isRunning === '0' && Number(saves) > before);
  expect(answer[1], name).toBe('ok');
};

/** Loads the directory with a server of that kind; the digest of what it has. */
const loadedBy = async (kind: ServerKind, directory: string, appends: 'yes' | 'no'): Promise<string> => {
  let found = '';
  await withServers([start(kind, directory, '--appendonly', appends)], async (server) => {
    if (server !== undefined) found = await digest(server);
  });
  return found;
};

describe('files written under load', () => requireRedis(() => {
  for (const kind of KINDS) {
    const other: ServerKind = kind === 'redis' ? 'faultline' : 'redis';
    it.each(FORMS)(`by ${kind} are sound, and ${other} loads them: %s %s %s %s`, (...form) => withDirectory(async (directory) => {
      const seed = interopSeed();
      const because = `FAULTLINE_INTEROP_SEED=${seed}`;
      let expected = '';
      await withServers([start(kind, directory, '--appendonly', 'yes', ...form)], async (server) => {
        if (server === undefined) return;
        const load = new Load(server.port, seed);
        try {
          for (let round = 0; round < ROUNDS; round++) {
            await ask(server, 'BGSAVE');
            expect(checkRdb(directory), because).toBe('sound');
            await ask(server, 'BGREWRITEAOF');
          }
        } finally {
          await load.stop();
        }
        expect(load.answered, because).toBeGreaterThan(500);
        await untilNothingRunsOut(server);
        expected = await digest(server);
        expect(server.cli('SAVE')).toBe('OK');
        await server.stop('SIGTERM');
      });
      expect(checkRdb(directory), because).toBe('sound');
      expect(checkAof(directory), because).toBe('sound');
      expect(await loadedBy(other, directory, 'no'), `${because}: the snapshot`).toBe(expected);
      expect(await loadedBy(other, directory, 'yes'), `${because}: the append-only file`).toBe(expected);
      expect(checkAof(directory), `${because}: after ${other} had it`).toBe('sound');
      expect(await loadedBy(kind, directory, 'yes'), `${because}: back again`).toBe(expected);
    }), TEST_MS);
  }
}));
