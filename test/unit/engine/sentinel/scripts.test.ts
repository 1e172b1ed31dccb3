/** The queue of scripts: a few at a time, retried while they ask for it, killed when they take too long. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { newPeriods } from '../../../../engine/sentinel/periods.ts';
import { ScriptQueue } from '../../../../engine/sentinel/scripts.ts';
import { FakeHost } from '../../../support/fakeHost.ts';

const PATH = bytes('/script');

const newQueue = (): { host: FakeHost; queue: ScriptQueue; events: string[]; tick: () => void } => {
  const host = new FakeHost();
  const events: string[] = [];
  const queue = new ScriptQueue(host, newPeriods(), (_level, event, text) => events.push(`${event} ${text}`));
  return { host, queue, events, tick: () => queue.tick(host.nowMs) };
};

describe('scripts', () => {
  test('sixteen at a time', () => {
    const { host, queue, tick } = newQueue();
    for (let index = 0; index < 20; index++) queue.add(PATH, [bytes(String(index))]);
    tick();
    expect(host.scriptsStarted).toHaveLength(16);
    expect(queue.runningCount).toBe(16);
    host.scriptsStarted[0]?.end({ exitStatus: 0, signal: 0 });
    tick();
    expect(host.scriptsStarted).toHaveLength(17);
    expect(queue.length).toBe(19);
  });

  test('256 wait; the oldest that does not run goes first', () => {
    const { host, queue, tick } = newQueue();
    for (let index = 0; index < 256; index++) queue.add(PATH, [bytes(String(index))]);
    tick();
    queue.add(PATH, [bytes('last')]);
    expect(queue.length).toBe(256);
    const waiting = queue.pending(host.nowMs).map(({ argv }) => argv[1]);
    expect(waiting).not.toContain('16');
    expect(waiting).toContain('15');
    expect(waiting.at(-1)).toBe('last');
  });

  test('status 1, or a signal, asks for a retry: after 30 s, doubling, ten times in all', () => {
    const { host, queue, events, tick } = newQueue();
    queue.add(PATH, []);
    const startsMs: number[] = [];
    for (let seconds = 0; queue.length > 0; seconds += 10) {
      expect(seconds).toBeLessThan(20_000);
      const before = host.scriptsStarted.length;
      tick();
      if (host.scriptsStarted.length > before) {
        startsMs.push(host.nowMs);
        host.scriptsStarted.at(-1)?.end(startsMs.length % 2 === 0 ? { exitStatus: 0, signal: 9 } : { exitStatus: 1, signal: 0 });
      }
      host.nowMs += 10_000;
    }
    const waits = startsMs.slice(1).map((ms, index) => (ms - (startsMs[index] as number)) / 1000);
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3840, 7680]);
    expect(events.at(-1)).toBe('-script-error /script 9 0');
  });

  test('any other status is an error, and no retry', () => {
    const { host, queue, events, tick } = newQueue();
    queue.add(PATH, []);
    tick();
    host.scriptsStarted[0]?.end({ exitStatus: 2, signal: 0 });
    expect(queue.length).toBe(0);
    expect(events).toEqual(['+script-child 100', '-script-child 100 2 0', '-script-error /script 0 2']);
  });

  test('after a minute it is killed', () => {
    const { host, queue, events, tick } = newQueue();
    queue.add(PATH, []);
    tick();
    host.nowMs += 60_000;
    tick();
    expect(host.scriptsStarted[0]?.isKilled).toBe(false);
    host.nowMs += 1;
    tick();
    expect(host.scriptsStarted[0]?.isKilled).toBe(true);
    expect(events.at(-1)).toBe('-script-timeout /script 100');
  });

  test('one that cannot be started is tried again at the next tick', () => {
    const { host, queue, events, tick } = newQueue();
    host.scriptPid = null;
    queue.add(PATH, []);
    tick();
    expect(events).toEqual(['-script-error /script 99 0']);
    host.scriptPid = 5;
    host.nowMs += 100;
    tick();
    expect(queue.runningCount).toBe(1);
  });
});
