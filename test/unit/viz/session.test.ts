import { describe, expect, test } from 'vitest';
import replicationCompose from '../../../scenarios/seeds/replication.compose.yaml?raw';
import type { ForkChange } from '../../../viz/model/theatre.ts';
import { RUNS_MAX, Theatre } from '../../../viz/model/theatre.ts';
import { namedScenario, readSource } from '../../../viz/model/source.ts';
import { type Branch, Session } from '../../../viz/session.ts';
import type { TheatreClient } from '../../../viz/theatreClient.ts';
import { finished } from '../../support/finished.ts';

const read = (): string => replicationCompose;
const tiny = JSON.stringify({ ...namedScenario('replication/primary-killed', read), durationMs: 60, settlingMs: 0, plan: [], expects: { verdicts: {} } });

/** The worker's side, in the same heap. */
const clientOf = (theatre: Theatre): TheatreClient => {
  const answers: Readonly<Record<string, (ask: never) => unknown>> = {
    openText: ({ text, name, seed }: { text: string; name: string; seed: number }) => finished(theatre.openSource(readSource(text, name, seed, read))),
    fork: ({ parent, change }: { parent: number; change: ForkChange }) => finished(theatre.fork(parent, change)),
    openRuns: () => theatre.openRuns(),
    difference: ({ left, right }: { left: number; right: number }) => theatre.difference(left, right),
  };
  const ask = (name: string, asked: never): Promise<unknown> => Promise.resolve().then(() => answers[name]?.(asked));
  return { ask } as unknown as TheatreClient;
};

const killAt = (atMicros: number): ForkChange => ({ kind: 'plan', entries: [{ when: { atMicros }, do: 'kill', target: 'redis-main' }] });

const opened = async (): Promise<Session> => {
  const session = new Session(clientOf(new Theatre()));
  session.note(await session.open({ kind: 'text', name: 'tiny.json', text: tiny, seed: 3 }));
  return session;
};

describe('Session', () => {
  test('keeps a tree of forks, and shows what it is told', async () => {
    const session = await opened();
    const [root] = session.branches;
    const first = await session.fork(killAt(10_001));
    expect(session.current).toBe(root);
    session.note(first.view);
    const second = await session.fork(killAt(20_001));
    expect([first.parent, second.parent]).toEqual([root, first]);
    expect(session.note(first.view)).toBe(first);
    expect(session.source).toMatchObject({ kind: 'text', seed: 3 });
  });

  test('what the worker has forgotten is made again, the same bytes, and so are its parents', async () => {
    const session = await opened();
    const root = session.branches[0] as Branch;
    const first = await session.fork(killAt(10_001));
    const second = await session.fork(killAt(20_001), first);
    const hashes = [first, second].map(({ view }) => view.report.traceHash);
    const old = second.view.id;
    for (let count = 0; count < RUNS_MAX; count++) await session.fork(killAt(30_000 + count), root);
    const [one, other] = [await session.idOf(second), await session.idOf(first)];
    expect(one).not.toBe(old);
    expect([first, second].map(({ view }) => view.report.traceHash)).toEqual(hashes);
    expect([second.view.id, first.view.id]).toEqual([one, other]);
    expect(session.note(second.view)).toBe(second);
    expect((await session.difference(first, second))?.at).toBe(20_001);
    expect(await session.difference(first, first)).toBeNull();
  });

  test('another root begins another tree', async () => {
    const session = await opened();
    await session.fork(killAt(10_001));
    const other = finished(new Theatre().open(readSource(tiny, 'tiny.json', 8, read).scenario as never, 8));
    session.note({ ...other, id: 1000 });
    expect(session.branches).toHaveLength(1);
    expect(session.source).toEqual({ kind: 'named', scenario: 'replication/primary-killed', seed: 8 });
  });

  test('without a run there is nothing to fork or to ask', async () => {
    const session = new Session(clientOf(new Theatre()));
    await expect(session.fork(killAt(1))).rejects.toThrow('no run to fork from');
    await expect(session.ask(() => Promise.resolve(1))).rejects.toThrow('no run is shown');
  });
});
