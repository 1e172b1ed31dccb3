/**
 * `repl-diskless-load` beside a real redis-server: both ways under each mode, the link cut in the middle of the snapshot, and
 * attempts that fail in each way, where what is left, and what is asked for next, must be the same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, eventually, freePort, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { type ScriptedStep, startScriptedPrimary } from '../support/scriptedPrimary.ts';

const TEST_MS = 60_000;
const KEYS = 20_000;
const MODES = ['on-empty-db', 'swapdb'] as const;
const PAIRS: readonly (readonly [ServerKind, ServerKind])[] =
  [['redis', 'faultline'], ['faultline', 'redis'], ['faultline', 'faultline']];

const field = (server: ServerProcess, section: string, name: string): string =>
  new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(server.cli('INFO', section))?.[1] ?? '';

const isUp = (replica: ServerProcess): Promise<string> =>
  eventually(() => field(replica, 'replication', 'master_link_status'), (status) => status === 'up');

const replica = (kind: ServerKind, mode: string, ...directives: readonly string[]): Promise<ServerProcess> =>
  startServerProcess(kind, ['--repl-diskless-load', mode, ...directives]);

const primary = (kind: ServerKind, ...directives: readonly string[]): Promise<ServerProcess> =>
  startServerProcess(kind, ['--repl-diskless-sync-delay', '0', '--rdbcompression', 'no', ...directives]);

const follow = (server: ServerProcess, port: number): string => server.cli('REPLICAOF', '127.0.0.1', String(port));
const fill = (server: ServerProcess): void => {
  const value = 'v'.repeat(200);
  for (let from = 0; from < KEYS; from += 1000) {
    server.cli('MSET', ...Array.from({ length: 1000 }, (_, index) => [`k${from + index}`, value]).flat());
  }
};
const hasFile = (server: ServerProcess): boolean => existsSync(join(server.directory, 'dump.rdb'));

describe('repl-diskless-load', () => requireRedis(() => {
  for (const mode of MODES) {
    for (const [primaryKind, replicaKind] of PAIRS) {
      it(`${mode}: ${replicaKind} loads from ${primaryKind} without a file, and follows`, () => withServers(
        [primary(primaryKind), replica(replicaKind, mode)], async (one, two) => {
          if (one === undefined || two === undefined) return;
          fill(one);
          expect(follow(two, one.port)).toBe('OK');
          await isUp(two);
          expect(two.cli('DBSIZE')).toBe(String(KEYS));
          expect(hasFile(two)).toBe(false);
          one.cli('SET', 'after', '1');
          await eventually(() => two.cli('GET', 'after'), (value) => value === '1');
          expect(field(one, 'stats', 'sync_full')).toBe('1');
          expect(two.log()).toContain('receiving streamed RDB from master with EOF to parser');
        }), TEST_MS);
    }
  }

  for (const isSame of [false, true]) {
    it(`swapdb: ours keeps its data when the link to a real primary goes, ${isSame ? 'same' : 'another'} history`, () => withServers(
      [primary('redis', '--repl-backlog-size', '16384'), replica('faultline', 'swapdb')], async (one, two) => {
        if (one === undefined || two === undefined) return;
        if (isSame) {
          one.cli('SET', 'own', '1');
          follow(two, one.port);
          await isUp(two);
          follow(two, await freePort());
        } else two.cli('SET', 'own', '1');
        fill(one);
        one.cli('CONFIG', 'SET', 'rdb-key-save-delay', '200');
        follow(two, one.port);
        await eventually(() => field(two, 'persistence', isSame ? 'async_loading' : 'loading'), (value) => value === '1');
        expect(two.cli('GET', 'own')).toMatch(isSame ? /^1$/ : /^LOADING /);
        expect(two.cli('REPLICAOF', 'NO', 'ONE')).toMatch(/^LOADING /);
        one.cli('CONFIG', 'SET', 'repl-diskless-sync-delay', '3');
        one.cli('CLIENT', 'KILL', 'TYPE', 'replica');
        await eventually(() => two.log(), (log) => log.includes('Discarding temporary DB in background'));
        expect(two.cli('GET', 'own')).toBe('1');
        one.cli('CONFIG', 'SET', 'rdb-key-save-delay', '0');
        await isUp(two);
        expect(two.cli('DBSIZE')).toBe(String(KEYS + (isSame ? 1 : 0)));
        expect(hasFile(two)).toBe(false);
      }), TEST_MS);
  }

  it('on-empty-db: ours is empty when the link to a real primary goes, and is filled by the next attempt', () => withServers(
    [primary('redis', '--rdb-key-save-delay', '200'), replica('faultline', 'on-empty-db')], async (one, two) => {
      if (one === undefined || two === undefined) return;
      fill(one);
      follow(two, one.port);
      await eventually(() => field(two, 'persistence', 'loading'), (value) => value === '1');
      one.cli('CONFIG', 'SET', 'repl-diskless-sync-delay', '3');
      one.cli('CLIENT', 'KILL', 'TYPE', 'replica');
      await eventually(() => field(two, 'persistence', 'loading'), (value) => value === '0');
      expect(two.cli('DBSIZE')).toBe('0');
      one.cli('CONFIG', 'SET', 'rdb-key-save-delay', '0');
      await isUp(two);
      expect(two.cli('DBSIZE')).toBe(String(KEYS));
    }), TEST_MS);

  const scripts: readonly (readonly [name: string, script: readonly ScriptedStep[]])[] = [
    ['goes in the middle', ['half']], ['has another mark', ['wrongMark']], ['is damaged', ['damaged']],
    ['goes in the middle, twice, then comes', ['half', 'half', 'whole']],
  ];
  for (const mode of ['disabled', ...MODES]) {
    for (const [name, script] of scripts) {
      // Without the socket the mark is what ends the file, so another one is waited for for ever.
      if (mode === 'disabled' && script[0] === 'wrongMark') continue;
      it(`${mode}: a snapshot that ${name} leaves the same`, async () => {
        const snapshot = await snapshotOf();
        const outcomes: string[] = [];
        for (const kind of ['redis', 'faultline'] as const) {
          for (const isOurs of [false, true]) outcomes.push(await outcome(kind, mode, isOurs, snapshot, script));
        }
        expect(outcomes.slice(2)).toEqual(outcomes.slice(0, 2));
      }, TEST_MS);
    }
  }
}));

/** A snapshot of a real server. */
const snapshotOf = async (): Promise<Buffer> => {
  let snapshot: Buffer = Buffer.alloc(0);
  await withServers([startServerProcess('redis', ['--rdbcompression', 'no'])], async (server) => {
    if (server === undefined) return;
    fill(server);
    server.cli('SAVE');
    snapshot = readFileSync(join(server.directory, 'dump.rdb'));
  });
  return snapshot;
};

/** What a replica is like once the script is through: its data, its place, what it asked for; or that it has ended. */
const outcome = async (
  kind: ServerKind, mode: string, isOurs: boolean, snapshot: Buffer, script: readonly ScriptedStep[],
): Promise<string> => {
  let found = '';
  await withServers([replica(kind, mode)], async (server) => {
    if (server === undefined) return;
    // The empty set is what on-empty-db is about.
    if (mode !== 'on-empty-db') server.cli('SET', 'own', '1');
    const own = field(server, 'replication', 'master_replid');
    const scripted = await startScriptedPrimary(snapshot, () => (isOurs ? own : 'a'.repeat(40)), script);
    try {
      follow(server, scripted.port);
      // A real one that waits for the snapshot answers nobody, so it is asked only once all that will come is out.
      const isOver = (): boolean => scripted.stepsDone === script.length
        && (script.at(-1) === 'whole' ? linkStatus(server) === 'up' : scripted.requests.length > script.length);
      const hasEnded = await eventually(() => (!lives(server) ? 'ended' : isOver() ? 'over' : ''), (state) => state !== '');
      const asked = scripted.requests.map((request) => request.replace(own, 'own')).join(', ');
      found = hasEnded === 'ended' ? `ended, asked ${asked}` : `${server.cli('DBSIZE')} keys, own ${server.cli('GET', 'own')}, `
        + `id ${field(server, 'replication', 'master_replid').replace(own, 'own')} at ${field(server, 'replication', 'master_repl_offset')}, `
        + `loading ${field(server, 'persistence', 'loading')}${field(server, 'persistence', 'async_loading')}, asked ${asked}, `
        + `file ${String(hasFile(server))}`;
    } finally {
      scripted.close();
    }
  });
  return found;
};

const linkStatus = (server: ServerProcess): string => field(server, 'replication', 'master_link_status');

const lives = (server: ServerProcess): boolean => {
  try {
    process.kill(server.pid, 0);
    return true;
  } catch {
    return false;
  }
};
