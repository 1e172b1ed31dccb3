/** When entries strike, what ends them, and what is said of those that never struck. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/index.ts';
import {
  type PlanEntry, type RunReport, type StrikeReport, type TraceRecord, runScenario,
} from '../../../../sim/index.ts';
import { withPlan } from '../../../simulation/resolved.ts';

const SCENARIO = 'replication/link-cut';
const DURATION_MS = 12_000;
const SETTLING_MS = 4000;
const SIDES = [['redis-replica-1'], ['redis-main', 'redis-replica-2', 'C1', 'C2', 'C3', 'P1']];

interface Outcome {
  readonly report: RunReport;
  readonly strikes: readonly StrikeReport[];
  /** Records of these kinds as `<ms> <kind> <node>`. */
  seen(...kinds: readonly string[]): string[];
}

const run = (...plan: readonly PlanEntry[]): Outcome => {
  const records: TraceRecord[] = [];
  const report = runScenario(withPlan(SCENARIO, plan, DURATION_MS, SETTLING_MS), 5, { sink: { record: (record) => void records.push(record) } });
  return {
    report, strikes: report.strikes,
    seen: (...kinds) => records.filter(({ kind }) => kinds.includes(kind)).map(({ at, kind, node }) => `${at / 1000} ${kind} ${node}`),
  };
};

const strikeOf = ({ strikes }: Outcome, index = 0): StrikeReport => strikes[index] as StrikeReport;

describe('times', () => {
  test('milliseconds and microseconds, and the order of the plan within one microsecond', () => {
    const outcome = run(
      { when: { atMs: 3000 }, do: 'pause', target: 'redis-replica-2' },
      { when: { atMicros: 2_000_001 }, do: 'kill', target: 'a replica' },
      { when: { atMs: 3000 }, do: 'kill', target: 'redis-replica-2' },
    );
    expect(outcome.strikes.map(({ atMs, resolved, outcome: what }) => [atMs, resolved, what])).toEqual([
      [3000, 'redis-replica-2', 'stopped'], [2000.001, 'redis-replica-1', 'killed'], [3000, 'redis-replica-2', 'killed'],
    ]);
    expect(outcome.seen('pause', 'kill')).toEqual([
      '2000.001 kill redis-replica-1', '3000 pause redis-replica-2', '3000 kill redis-replica-2']);
  });

  test('behind the n-th note that matches, after a delay', () => {
    const linked: PlanEntry = { when: { after: { kind: 'note.sync', fields: { state: 'connected' } }, nth: 2, delayMs: 250 }, do: 'kill', target: 'redis-replica-1' };
    const outcome = run(linked);
    const notes: number[] = [];
    runScenario(withPlan(SCENARIO, [linked], DURATION_MS, SETTLING_MS), 5, { sink: { record: ({ kind, at, detail }) => {
      const note = detail?.['note'] as { kind?: string; state?: string } | undefined;
      if (kind === 'note' && note?.kind === 'sync' && note.state === 'connected') notes.push(at);
    } } });
    expect(strikeOf(outcome).atMs).toBe((notes[1] as number) / 1000 + 250);
  });

  test('a pattern may name the node', () => {
    const outcome = run({
      when: { after: { kind: 'note.history', node: 'redis-replica-2', fields: { reason: 'full-sync' } } }, do: 'pause', target: 'redis-replica-2', forMs: 10,
    });
    expect(strikeOf(outcome)).toMatchObject({ resolved: 'redis-replica-2' });
    expect(strikeOf(outcome).atMs).toBeGreaterThan(0);
  });
});

describe('ends', () => {
  test('forMs', () => {
    const outcome = run({ when: { atMs: 2000 }, do: 'pause', target: 'redis-replica-1', forMs: 1500 });
    expect(outcome.seen('pause', 'unpause')).toEqual(['2000 pause redis-replica-1', '3500 unpause redis-replica-1']);
  });

  test('settling ends what is still open of the environment, and nothing else', () => {
    const outcome = run(
      { when: { atMs: 2000 }, do: 'pause', target: 'redis-replica-1' },
      { when: { atMs: 2000 }, do: 'partition', with: { groups: SIDES } },
      { when: { atMs: 3000 }, do: 'kill', target: 'redis-replica-2' },
    );
    expect(outcome.seen('unpause')).toEqual([`${DURATION_MS} unpause redis-replica-1`]);
    expect(outcome.seen('heal').map((line) => line.split(' ')[0])).toEqual([String(DURATION_MS)]);
    expect(outcome.report.nodes.find(({ name }) => name === 'redis-replica-2')?.state).toBe('dead');
  });

  test('a machine without power is on again, but starts only what its policy starts', () => {
    const outcome = run({ when: { atMs: 2000 }, do: 'power', target: 'redis-replica-1' });
    expect(outcome.seen('power', 'up').map((line) => line.replace(/ machine\//, ' '))).toEqual([
      '2000 power redis-replica-1', `${DURATION_MS} up redis-replica-1`]);
    expect(outcome.report.nodes.find(({ name }) => name === 'redis-replica-1')?.state).toBe('dead');
  });

  test('heal ends partitions and link faults before their time, and leaves a pause', () => {
    const outcome = run(
      { when: { atMs: 2000 }, do: 'partition', with: { groups: SIDES }, forMs: 8000 },
      { when: { atMs: 2000 }, do: 'clog', target: 'redis-main', with: { delayMs: 50 } },
      { when: { atMs: 2000 }, do: 'pause', target: 'redis-replica-2', forMs: 3000 },
      { when: { atMs: 4000 }, do: 'heal' },
    );
    expect(outcome.seen('heal').map((line) => line.split(' ')[0])).toEqual(['4000']);
    expect(outcome.seen('unpause')).toEqual(['5000 unpause redis-replica-2']);
    expect(strikeOf(outcome, 3)).toMatchObject({ atMs: 4000, resolved: 'world' });
  });
});

describe('not exercised', () => {
  test.each<[string, PlanEntry]>([
    ['a role without anybody', { when: { atMs: 2000 }, do: 'kill', target: 'replica 3' }],
    ['a pattern that never came', { when: { after: { kind: 'note.mark', fields: { name: 'never' } } }, do: 'kill', target: 'redis-main' }],
    ['a time behind the end of settling', { when: { atMs: 100_000 }, do: 'kill', target: 'redis-main' }],
    ['a partition with an empty side', { when: { atMs: 2000 }, do: 'partition', with: { groups: [['replica 3'], ['redis-main']] } }],
  ])('%s makes the run fail', (_name, entry) => {
    const { report, strikes } = run(entry);
    expect(strikes[0]).toMatchObject({ resolved: null });
    expect(report.ok).toBe(false);
    expect(report.failures.join('\n')).toContain(`plan entry '${entry.do}' was not exercised`);
  });

  test('a pattern that comes only during settling strikes no more', () => {
    const outcome = run(
      { when: { atMs: 11_900 }, do: 'pause', target: 'redis-main' },
      { when: { after: { kind: 'note.replica', fields: { event: 'online' } }, nth: 99 }, do: 'kill', target: 'redis-main' },
    );
    expect(strikeOf(outcome, 1).atMs).toBeNull();
  });
});

describe('actions', () => {
  test('what a server answered is kept', () => {
    const outcome = run(
      { when: { atMs: 2000 }, do: 'command', target: 'redis-main', with: { argv: ['GET', 'nothing'] } },
      { when: { atMs: 2000 }, do: 'command', target: 'redis-replica-1', with: { argv: ['SET', 'a', 'b'] } },
      { when: { atMs: 2000 }, do: 'promote', target: 'redis-replica-1' },
      { when: { atMs: 3000 }, do: 'kill', target: 'redis-main' },
      { when: { atMs: 3100 }, do: 'promote', target: 'redis-main' },
      { when: { atMs: 3200 }, do: 'start', target: 'redis-replica-2' },
      { when: { atMs: 3300 }, do: 'start', target: 'redis-main' },
    );
    expect(outcome.strikes.map((strike) => strike.outcome)).toEqual([
      'nil', "READONLY You can't write against a read only replica.", 'OK', 'killed', 'refused', 'runs already', 'started',
    ]);
  });
});

describe('plans that cannot be', () => {
  test.each<[PlanEntry, string]>([
    [{ when: { atMs: 1 }, do: 'explode', target: 'redis-main' }, "plan[0].do: no fault or action is called 'explode'"],
    [{ when: { atMs: 1 }, do: 'kill' }, "plan[0].target: 'kill' needs a target"],
    [{ when: { atMs: 1 }, do: 'follow', target: 'redis-main' }, 'plan[0].with.primary: missing'],
    [{ when: { atMs: 1 }, do: 'kill', target: 'nobody' }, "plan: no process, machine or role is called 'nobody'"],
  ])('%j', (entry, message) => {
    expect(() => run(entry)).toThrow(ScenarioError);
    expect(() => run(entry)).toThrow(message);
  });
});
