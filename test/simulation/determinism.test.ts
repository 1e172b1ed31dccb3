/** The same scenario and seed give the same run, whoever watches; and taking one client away leaves the others' luck alone. */
import { describe, expect, test } from 'vitest';
import { type RunReport, type TraceRecord, runScenario, verifyScenario } from '../../sim/index.ts';
import { runInSteps } from '../../sim/run.ts';
import { listedScenario, resolvedScenario } from './resolved.ts';

const SEED = 7;
/** Differs from the first only beyond 32 bits. */
const OTHER_SEED = 4_294_967_296 + SEED;
/** One of each room is repeated in every way; the others once, with a trace: what is asked beyond that does not depend on the scenario. */
const IN_EVERY_WAY: readonly string[] = [
  'replication/primary-power-loss', 'persistence/power-loss-everysec', 'sentinel/primary-killed', 'cluster/primary-killed', 'sentinel/chaos',
];

/** Every kind of deployment and of client; `.ci/run` verifies these and all others by `run --verify`. */
const REPEATED: readonly string[] = [
  ...IN_EVERY_WAY, 'replication/chaos', 'replication/chained-subtree', 'replication/not-linearizable-reads', 'persistence/chaos',
  'persistence/full-disk-primary', 'sentinel/helm-three-pods', 'sentinel/clock-jump', 'sentinel/lock-held-twice', 'cluster/chaos',
  'cluster/resharding', 'cluster/epoch-collision', 'cluster/replica-migration',
];

describe.each(REPEATED)('%s', (name) => {
  const scenario = resolvedScenario(name);

  test('same seed, same report; with a sink or a trace, the same too', () => {
    const report = runScenario(scenario, SEED);
    expect(report.failures, report.replay).toEqual([]);
    const records: TraceRecord[] = [];
    const lines: string[] = [];
    const progress: number[] = [];
    expect(runScenario(scenario, SEED, { writeTrace: (line) => void lines.push(line) })).toEqual(report);
    expect(lines.length).toBeGreaterThan(report.events + 1);
    if (!IN_EVERY_WAY.includes(name)) return;
    expect(runScenario(scenario, SEED, { sink: { record: (record) => void records.push(record) } })).toEqual(report);
    const steps = runInSteps(scenario, SEED);
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) progress.push(step.value);
    expect(step.value).toEqual(report);
    expect(records.length).toBeGreaterThan(report.events);
    expect(lines.length).toBe(records.length + 1);
    expect(progress.length).toBeGreaterThan(10);
    expect(runScenario(scenario, OTHER_SEED).traceHash).not.toBe(report.traceHash);
  });
});

describe('the trace', () => {
  const scenario = resolvedScenario('replication/primary-power-loss');

  test('two runs write the same bytes; ids count up and parents come first', () => {
    const traces = [0, 1].map(() => {
      const lines: string[] = [];
      runScenario(scenario, 7, { writeTrace: (line) => void lines.push(line) });
      return lines;
    });
    expect(traces[0]).toEqual(traces[1]);
    const records = (traces[0] as string[]).slice(1).map((line) => JSON.parse(line) as { id: number; at: number; parent: number });
    let before = 0;
    records.forEach((record, index) => {
      expect(record.id).toBe(index + 1);
      expect(record.parent).toBeLessThan(record.id);
      expect(record.at).toBeGreaterThanOrEqual(before);
      before = record.at;
    });
  });

  test('--verify agrees', () => {
    expect(verifyScenario(scenario, 7)).toEqual({ equal: true, traceHash: runScenario(scenario, 7).traceHash });
  });
});

describe('a client more or less', () => {
  const name = 'replication/link-cut';

  /** When each segment from and to a client left and how long it took, by the client's name. */
  const delays = (without: string | null): ReadonlyMap<string, readonly string[]> => {
    const scenario = listedScenario(name);
    const clients = scenario.workload.clients.filter((client) => client.name !== without);
    const kept = ['redis-main', 'redis-replica-1', 'redis-replica-2', ...clients.map((client) => client.name), 'P1'];
    const plan = scenario.plan.map((entry) => ({
      ...entry, with: { groups: [['redis-replica-1'], kept.filter((one) => one !== 'redis-replica-1')] } }));
    const found = new Map<string, string[]>(kept.map((one) => [one, []]));
    const sink = { record: ({ kind, node, at, a, b }: TraceRecord): void => {
      if (kind === 'syn' || kind === 'synAnswer' || (kind === 'segment' && node.startsWith('C'))) found.get(node)?.push(`${at} ${a} ${b}`);
    } };
    const report: RunReport = runScenario({ ...scenario, plan, workload: { ...scenario.workload, clients } }, 11, { sink });
    expect(report.failures).toEqual([]);
    return found;
  };

  test('the latencies of the others stay as they were', () => {
    const all = delays(null);
    const fewer = delays('C2');
    for (const client of ['C1', 'C3']) {
      const before = all.get(client) as readonly string[];
      const after = fewer.get(client) as readonly string[];
      expect(before.length).toBeGreaterThan(500);
      expect(before.length).toBe(after.length);
      // The primary may have been busy with C2 for some microseconds; the draws of the network are the same.
      const moved = before.filter((line, index) => Math.abs(Number(line.split(' ')[0]) - Number(after[index]?.split(' ')[0])) > 200);
      expect(moved).toEqual([]);
    }
  });
});
