/** The snapshot child is a real process, run from dist (npm run build). */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import type { Child, ChildResult, ChildTarget } from '../../../../engine/host.ts';
import { NodeHost } from '../../../../engine/node/nodeHost.ts';
import { requireDist } from '../../../support/redisServer.ts';

const DIST = fileURLToPath(new URL('../../../../dist/engine/node/', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'faultline-child-'));
afterAll(() => rmSync(directory, { recursive: true }));

const TO_FILE: ChildTarget = { kind: 'file', temporaryPath: bytes('temp-1.rdb'), path: bytes('dump.rdb') };
const CHUNK = bytes(Array.from({ length: 4096 }, (_, index) => String.fromCharCode(index & 255)).join(''));

function* snapshot(count: number, onChunk: (index: number) => void = () => {}): Generator<Bytes, void> {
  for (let index = 0; index < count; index++) {
    onChunk(index);
    yield CHUNK;
  }
}

const run = (
  chunks: Iterator<Bytes, void>, target: ChildTarget, started: (child: Child) => void = () => {},
): Promise<ChildResult> => new Promise((resolve) => {
  started(new NodeHost({ dataDirectory: directory }).startChild(chunks, target, resolve));
});

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('the snapshot child', () => {
  requireDist();

  it('writes, syncs and renames a file', async () => {
    let pid = 0;
    expect(await run(snapshot(1000), TO_FILE, (child) => { pid = child.pid; })).toEqual({ ok: true });
    expect(readFileSync(join(directory, 'dump.rdb'), 'latin1')).toBe(CHUNK.repeat(1000));
    expect(existsSync(join(directory, 'temp-1.rdb'))).toBe(false);
    expect(pid).toBeGreaterThan(1);
    expect(alive(pid)).toBe(false);
  });

  it('writes an empty file', async () => {
    const target = { ...TO_FILE, path: bytes('empty.rdb') };
    expect(await run(snapshot(0), target)).toEqual({ ok: true });
    expect(readFileSync(join(directory, 'empty.rdb'))).toHaveLength(0);
  });

  it('fails when it is killed from outside, and leaves the good file alone', async () => {
    const target = { ...TO_FILE, path: bytes('kept.rdb') };
    await run(snapshot(1), target);
    let pid = 0;
    const result = await run(
      snapshot(1e9, (index) => { if (index === 600) process.kill(pid, 'SIGKILL'); }), target,
      (child) => { pid = child.pid; });
    expect(result).toEqual({ ok: false, reason: 'terminated by signal 9' });
    expect(readFileSync(join(directory, 'kept.rdb'), 'latin1')).toBe(CHUNK);
  });

  it('fails when the engine kills it, and says why when the disk refuses', async () => {
    expect(await run(snapshot(1e9), TO_FILE, (child) => child.kill())).toMatchObject({ ok: false });
    const refused = await run(snapshot(1e9), { ...TO_FILE, temporaryPath: bytes('no/such/directory') });
    expect(refused.ok ? '' : refused.reason).toMatch(/^exited with status 1: ENOENT/);
  });

  it('streams through a pipe; while paused the snapshot is not walked on', async () => {
    const total = 4000;
    let walked = 0;
    let received = 0;
    let walkedWhilePaused = -1;
    let child: Child | null = null;
    const host = new NodeHost({ dataDirectory: directory });
    const result = await new Promise<ChildResult>((resolve) => {
      const onChunk = (chunk: Bytes): void => {
        received += chunk.length;
        if (walkedWhilePaused >= 0 || child === null) return;
        walkedWhilePaused = 0;
        child.pause();
        settle(() => walked, (settled) => {
          walkedWhilePaused = settled;
          child?.resume();
        });
      };
      child = host.startChild(snapshot(total, () => { walked++; }), { kind: 'pipe', onChunk }, resolve);
    });
    expect(result).toEqual({ ok: true });
    expect(received).toBe(total * CHUNK.length);
    expect(walkedWhilePaused).toBeLessThan(total / 2);
  });

  it('dies with its parent, and names nothing', async () => {
    const program = `
      const { NodeHost } = await import(${JSON.stringify(join(DIST, 'nodeHost.js'))});
      const host = new NodeHost({ dataDirectory: ${JSON.stringify(directory)} });
      const target = { kind: 'file', temporaryPath: 'temp-2.rdb', path: 'orphan.rdb' };
      const chunks = { next: () => ({ done: false, value: 'x' }) };
      process.stdout.write(String(host.startChild(chunks, target, () => {}).pid));
      host.setTimer(100, () => process.kill(process.pid, 'SIGKILL'));`;
    const parent = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(parent.signal).toBe('SIGKILL');
    const pid = Number(parent.stdout);
    expect(pid).toBeGreaterThan(1);
    await vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 10_000 });
    expect([existsSync(join(directory, 'temp-2.rdb')), existsSync(join(directory, 'orphan.rdb'))])
      .toEqual([false, false]);
  });

  it('fails at once when it is killed while paused', async () => {
    const target: ChildTarget = { kind: 'pipe', onChunk: () => {} };
    const result = await run(snapshot(1e9), target, (child) => {
      child.pause();
      child.kill();
    });
    expect(result).toEqual({ ok: false, reason: 'terminated by signal 9' });
  });
});

/** Waits until `read` has given the same number for many passes of the event loop. */
const settle = (read: () => number, done: (value: number) => void, same = 0, last = -1): void => {
  const value = read();
  if (same === 20) done(value);
  else setTimeout(() => settle(read, done, value === last ? same + 1 : 0, value), 2);
};
