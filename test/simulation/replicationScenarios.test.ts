/**
 * What each replication scenario teaches, seen in its reports: the figures that its line is about, over a few seeds. That
 * every scenario meets its own expectations is tested for all of them together, in `plantedBugs.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { type ExpandedScenario, type ResolvedScenario, type RunReport, type TraceRecord, runScenario } from '../../sim/index.ts';
import { listedScenario, resolvedScenario, safetyProblems } from './resolved.ts';

const SEEDS = [1, 2, 3];

const reports = (name: string, change: (scenario: ExpandedScenario) => ResolvedScenario = (same) => same): readonly RunReport[] =>
  SEEDS.map((seed) => runScenario(change(listedScenario(name)), seed));

/** How often a node said this of a replica. */
const replicaNotes = (name: string, event: string): number => {
  let count = 0;
  const sink = { record: ({ detail }: TraceRecord): void => {
    const note = detail?.['note'] as { kind?: string; event?: string } | undefined;
    if (note?.kind === 'replica' && note.event === event) count++;
  } };
  runScenario(resolvedScenario(name), 1, { sink });
  return count;
};

const outcomeOf = (report: RunReport, kind: string): readonly string[] =>
  report.strikes.filter((strike) => strike.entry.do === kind).map((strike) => strike.outcome);

describe('wait-and-still-lost', () => {
  test('what WAIT acknowledged is lost, permitted and explained', () => {
    for (const report of reports('replication/wait-and-still-lost')) {
      expect(report.failures).toEqual([]);
      const { ledger } = report;
      expect(ledger.waited.lost).toBeGreaterThan(100);
      expect(ledger.waited.acknowledged).toBeGreaterThan(ledger.waited.lost);
      const waited = ledger.lostWrites.filter((write) => (write.acknowledgedBy ?? 0) >= 1);
      expect(waited.length).toBe(ledger.waited.lost);
      for (const { permitted, chain } of waited) {
        expect(permitted).toBe(true);
        // Both copies have an end of their own.
        expect(new Set(chain.map((step) => step.node)).size).toBeGreaterThanOrEqual(2);
      }
    }
  });

  test('asked for two replicas, WAIT would have told', () => {
    const cautious = (scenario: ResolvedScenario): ResolvedScenario => ({
      ...scenario,
      workload: {
        ...scenario.workload,
        clients: scenario.workload.clients.map((client) => ({ ...client, wait: { replicas: 2, timeoutMs: 50 } })),
      },
    });
    for (const { ledger } of reports('replication/wait-and-still-lost', cautious)) {
      expect(ledger.lost).toBeGreaterThan(100);
      expect(ledger.waited.acknowledged).toBeGreaterThan(100);
      // One write of each client may have been on its way to the second replica when the link was cut.
      expect(ledger.waited.lost).toBeLessThanOrEqual(3);
    }
  });
});

describe('min-replicas', () => {
  test('bounds what the same plan loses without it', () => {
    const bounded = reports('replication/min-replicas');
    const unbounded = reports('replication/primary-isolated');
    bounded.forEach((report, index) => {
      expect(report.failures).toEqual([]);
      expect(outcomeOf(report, 'command')).toEqual(['OK']);
      expect(report.ledger.lost * 3).toBeLessThan(unbounded[index]?.ledger.lost ?? 0);
    });
  });

  test('a longer lag loses more', () => {
    const withLag = (lag: string) => (scenario: ExpandedScenario): ResolvedScenario => ({
      ...scenario,
      plan: scenario.plan.map((entry) => (entry.do === 'command'
        ? { ...entry, with: { argv: ['CONFIG', 'SET', 'min-replicas-to-write', '1', 'min-replicas-max-lag', lag] } } : entry)),
    });
    const [short, long] = ['1', '8'].map((lag) => reports('replication/min-replicas', withLag(lag)).map(({ ledger }) => ledger.lost));
    for (const lost of short ?? []) expect(lost).toBeLessThanOrEqual(30);
    for (const lost of long ?? []) {
      expect(lost).toBeGreaterThanOrEqual(70);
      expect(lost).toBeLessThanOrEqual(100);
    }
  });
});

describe('slow-replica', () => {
  test.each([['dropped', 1, 0], ['resumes', 0, 1]])('%s: one more full synchronisation %i, partial %i', (name, full, partial) => {
    const scenario = `replication/slow-replica-${name}`;
    const report = runScenario(resolvedScenario(scenario), 1);
    expect(report.failures).toEqual([]);
    expect(outcomeOf(report, 'command')).toEqual(['OK', 'OK']);
    expect(report.syncs).toEqual({ full: 2 + full, partialOk: partial, partialRefused: full });
    expect(replicaNotes(scenario, 'dropped')).toBe(1);
  });

  test('with room for its output it is not dropped at all', () => {
    const { plan, ...rest } = listedScenario('replication/slow-replica-dropped');
    const { syncs } = runScenario({ ...rest, plan: plan.filter((entry) => entry.do === 'pause'), expects: { verdicts: {} } }, 1);
    expect(syncs).toEqual({ full: 2, partialOk: 0, partialRefused: 0 });
  });
});

describe('promotions', () => {
  test.each([
    ['replication/promotion-keeps-partial-sync', 1, 2], ['replication/chained-subtree', 2, 3], ['replication/manual-failover', 2, 2],
  ])('%s: %i partial synchronisations, and only the %i first full ones', (name, partialOk, full) => {
    for (const report of reports(name)) {
      expect(report.failures).toEqual([]);
      expect(report.syncs).toEqual({ full, partialOk, partialRefused: 0 });
    }
  });

  test('promoting the replica that lags costs the other one its place', () => {
    const wrong = (scenario: ExpandedScenario): ResolvedScenario => ({
      ...scenario, expects: { verdicts: {} },
      plan: scenario.plan.map((entry) => (entry.do === 'promote' ? { ...entry, target: 'the least advanced replica' } : entry)),
    });
    const runs = reports('replication/promotion-keeps-partial-sync', wrong);
    for (const report of runs) expect(safetyProblems(report)).toEqual([]);
    // Only where it did lag at the instant of the power loss.
    for (const { ledger, syncs } of runs) expect(syncs.full).toBe(ledger.lost > 0 ? 3 : 2);
  });

  test('the new primary of a manual failover is one of the replicas', () => {
    for (const report of reports('replication/manual-failover')) {
      const primary = report.nodes.filter((node) => node.role === 'primary').map((node) => node.name);
      expect(primary.length).toBe(1);
      expect(primary[0]).toMatch(/^redis-replica-/);
      expect(report.ledger.lost).toBe(0);
    }
  });
});

describe('stale-replica-reads', () => {
  test('reads of the clogged replica are old, and without the clog none of that age is', () => {
    const quiet = reports('replication/stale-replica-reads', (scenario) => ({ ...scenario, plan: [] }));
    reports('replication/stale-replica-reads').forEach((report, index) => {
      expect(report.failures).toEqual([]);
      const { staleness } = report;
      expect(staleness.reads).toBeGreaterThan(1500);
      expect(staleness.stale).toBeGreaterThan(200);
      expect(staleness.medianMs).toBeGreaterThan(1500);
      // What is left are reads of replicas that have no snapshot yet.
      expect(quiet[index]?.staleness.maxMs).toBeLessThan(1500);
      expect(report.verdicts.find(({ name }) => name === 'fresh-reads')?.detail).toMatch(/^R1 read register:C1:/);
    });
  });

  test('a reader of the primary is never behind', () => {
    const atPrimary = (scenario: ResolvedScenario): ResolvedScenario => ({
      ...scenario, expects: { verdicts: { 'fresh-reads': 'holds' } },
      workload: {
        ...scenario.workload,
        clients: scenario.workload.clients.map(({ name, zone, kind, operationsPerSecond, timeoutMs }) => (
          { name, zone, kind, operationsPerSecond, timeoutMs, server: 'redis-main:6379' })),
      },
    });
    for (const report of reports('replication/stale-replica-reads', atPrimary)) {
      expect(report.failures).toEqual([]);
      expect(report.staleness).toMatchObject({ stale: 0, maxMs: 0, medianMs: 0 });
    }
  });
});

describe('bounds', () => {
  test('each figure that is out of its bounds is named', () => {
    const scenario = resolvedScenario('replication/wait-and-still-lost');
    const report = runScenario({
      ...scenario, expects: { verdicts: { 'fresh-reads': 'holds' }, waitedLost: { max: 1 }, fullSyncs: { max: 1 }, staleMs: { min: 1 } },
    }, 1);
    expect(report.ok).toBe(false);
    expect(report.failures.map((line) => line.split(':')[0])).toEqual([
      'fresh-reads', 'lost writes that WAIT had acknowledged', 'full synchronisations', 'stale ms']);
  });
});
