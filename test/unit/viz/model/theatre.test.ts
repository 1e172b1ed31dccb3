import { describe, expect, test } from 'vitest';
import { type ForkChange, RUNS_MAX, Theatre } from '../../../../viz/model/theatre.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

const short = { ...resolvedScenario('sentinel/primary-killed'), durationMs: 30_000, settlingMs: 5000, expects: { verdicts: {} } };
const cut = { ...short, plan: [{ when: { atMs: 20_000 }, do: 'kill', target: 'the primary' }] };

describe('Theatre', () => {
  const theatre = new Theatre();
  const run = finished(theatre.open(cut, 3));

  test('opens a run with everything that the page draws at once', () => {
    expect(run.fork).toBeNull();
    expect(run.records).toBeGreaterThan(10_000);
    expect(run.lanes.map(({ name }) => name)).toContain('redis-sentinel-2');
    expect(run.faults.map(({ kind }) => kind)).toEqual(['kill']);
    expect(run.beliefs.length).toBeGreaterThan(3);
  });

  test('a record says why it happened, and shows what is not kept by running again', () => {
    const leader = run.moments.find(({ kind }) => kind === 'leader');
    const view = theatre.record(run.id, leader?.row as number);
    expect(view.why[0]).toContain('was elected in epoch');
    expect(view.why.join('\n')).toContain('kill: redis-main');
    const stream = run.words.indexOf('stream');
    const recording = theatre.recording(run.id);
    const row = recording.rows.word.findIndex((word) => word === stream);
    expect(recording.detail(row)).toBeNull();
    expect(JSON.parse(theatre.record(run.id, row).detail)).toMatchObject({ note: { kind: 'stream' } });
    expect(() => theatre.record(run.id, run.records)).toThrow('no record');
  });

  test('a node answers its own commands as of that time', () => {
    expect(theatre.ask(run.id, 10_000_000, 'redis-main', [['ROLE'], ['INFO', 'replication']])).toEqual([
      expect.stringContaining('1) "master"'), expect.stringContaining('connected_slaves:2')]);
    expect(theatre.ask(run.id, 21_000_000, 'redis-main', [['ROLE']])[0]).toContain('no answer');
  });

  test('after a look it gets ready for the next one, of the run that was looked into last', () => {
    const other = new Theatre();
    const tiny = { ...cut, plan: [], durationMs: 1500, settlingMs: 0 };
    const [one, two] = [finished(other.open(tiny, 1)), finished(other.open(tiny, 2))];
    const steps = (): number => {
      let count = 0;
      while (other.tend()) count++;
      return count;
    };
    expect(steps()).toBe(0);
    const answer = other.ask(one.id, 1_000_000, 'redis-main', [['INFO', 'replication']]);
    expect(steps()).toBeGreaterThan(0);
    expect(other.ask(one.id, 1_000_000, 'redis-main', [['INFO', 'replication']])).toEqual(answer);
    steps();
    other.ask(two.id, 1_000_000, 'redis-main', [['PING']]);
    expect(steps()).toBeGreaterThan(3);
  });

  test('a fork begins to differ where it was made', () => {
    const atMicros = 10_000_001;
    const fork = finished(theatre.fork(run.id, { kind: 'plan', entries: [{ when: { atMicros }, do: 'kill', target: 'redis-replica-1' }] }));
    expect(fork.fork?.parent).toBe(run.id);
    expect(theatre.difference(run.id, fork.id)?.at).toBe(atMicros);
    expect(theatre.difference(run.id, run.id)).toBeNull();
  });

  test('one setting changed is a fork as well', () => {
    const change = { kind: 'setting', process: 'sentinels', directive: 'sentinel down-after-milliseconds mymain', value: '6000' } as const;
    const slower = finished(theatre.fork(run.id, change));
    const switchedAt = (moments: typeof run.moments): number => moments.find(({ kind }) => kind === 'promotion')?.at ?? Infinity;
    expect(switchedAt(slower.moments)).toBeGreaterThan(switchedAt(run.moments) + 2_000_000);
    expect(() => finished(theatre.fork(run.id, { ...change, process: 'nobody' }))).toThrow("no process is called 'nobody'");
  });

  test.each([
    [{ kind: 'plan', entries: [{ when: { atMicros: -1 }, do: 'kill' }] }, 'fork: plan[1].when.atMicros: must be a whole number'],
    [{ kind: 'plan', entries: [null] }, 'fork: plan[1]'],
    [{ kind: 'plan', entries: Array.from({ length: 1000 }, () => cut.plan[0]) }, 'fork: plan'],
    [{ kind: 'plan', entries: [{ when: { atMicros: 1 }, do: 'nonsense' }] }, "no fault or action is called 'nonsense'"],
    [{ kind: 'setting', process: 'data', directive: 'maxmemory', value: 'x'.repeat(500) }, 'fork: topology'],
  ] as const)('a change that a link brings is as bounded as any scenario: %#', (change, message) => {
    expect(() => finished(theatre.fork(run.id, change as unknown as ForkChange))).toThrow(message);
  });

  test('forgets the leaf that was not asked for the longest, and says so', () => {
    const tiny = { ...cut, plan: [], durationMs: 100, settlingMs: 0 };
    const first = new Theatre();
    const ids = Array.from({ length: RUNS_MAX + 1 }, (_, seed) => finished(first.open(tiny, seed)).id);
    expect(() => first.recording(ids[0] as number)).toThrow('not open any more');
    expect(first.recording(ids[1] as number).count).toBeGreaterThan(0);
    const next = finished(first.open(tiny, RUNS_MAX + 1)).id;
    expect(first.openRuns()).toEqual([...ids.slice(3), ids[1], next]);
  });
});
