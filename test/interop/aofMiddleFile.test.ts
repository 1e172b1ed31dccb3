/**
 * An append-only file that ends early with others behind it: redis-server cuts it back, refuses to start, and takes it at the
 * next start, with a hole in the history. Ours does the same, start by start: status, lengths, log, data.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ServerKind, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const TEST_MS = 60_000;
const STARTS = 3;

const command = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const BASE = command('SELECT', '0') + command('SET', 'base', 'value');
const MIDDLE = command('SELECT', '0') + command('SET', 'first', '1') + command('MULTI') + command('SET', 'second', '2')
  + command('INCR', 'third') + command('EXEC') + command('SET', 'fourth', '4');
const LAST = command('SELECT', '0') + command('SET', 'last', '5');
const MANIFEST = 'file a.base seq 1 type b\nfile b.incr seq 1 type i\nfile c.incr seq 2 type i\n';

/** What each of several starts on the same files says and leaves. */
const starts = async (kind: ServerKind, files: Readonly<Record<string, string>>, truncates: string): Promise<string[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-aof-middle-'));
  const inside = join(directory, 'appendonlydir');
  mkdirSync(inside);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(inside, name), text, 'latin1');
  const found: string[] = [];
  try {
    for (let start = 1; start <= STARTS; start++) {
      found.push(await startOnce(kind, directory, truncates));
      found.push(readdirSync(inside).sort().map((name) => `${name} ${statSync(join(inside, name)).size}`).join(', '));
    }
    return found;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const startOnce = async (kind: ServerKind, directory: string, truncates: string): Promise<string> => {
  const directives = ['--dir', directory, '--appendonly', 'yes', '--aof-load-truncated', truncates];
  try {
    const server = await startServerProcess(kind, directives);
    const data = server.cli('KEYS', '*').split('\n').sort().join(' ');
    await server.stop();
    return data;
  } catch (failure) {
    const text = String(failure);
    const status = /exited with status [0-9]+/.exec(text)?.[0];
    if (status === undefined) throw failure;
    const lines = text.split('\n').filter((line) => / # /.test(line) && /AOF|append only|Fatal|MULTI/.test(line));
    return [status, ...lines.map((line) => line.replace(/^.* # /, ''))].join('\n');
  }
};

describe('an append-only file that ends early with others behind it', () => requireRedis(() => {
  const queued = MIDDLE.indexOf(command('INCR', 'third'));
  const cuts = [1, 30, MIDDLE.indexOf(command('MULTI')), queued, queued + 5, MIDDLE.length - 1];
  it.each(cuts)('cut at %i, three starts are alike', async (cut) => {
    const files = { 'a.base': BASE, 'appendonly.aof.manifest': MANIFEST, 'b.incr': MIDDLE.slice(0, cut), 'c.incr': LAST };
    const [real, ours] = [await starts('redis', files, 'yes'), await starts('faultline', files, 'yes')];
    expect(ours).toEqual(real);
    expect(real.join('\n').includes('the truncated file is not the last file')).toBe(cut !== MIDDLE.indexOf(command('MULTI')));
  }, TEST_MS);

  it('a base that ends early, and one that may not be cut', async () => {
    const files = { 'a.base': BASE.slice(0, -3), 'appendonly.aof.manifest': MANIFEST, 'b.incr': MIDDLE, 'c.incr': LAST };
    for (const truncates of ['yes', 'no']) expect(await starts('faultline', files, truncates)).toEqual(await starts('redis', files, truncates));
  }, TEST_MS);
}));
