/**
 * What each scenario of Sentinel teaches, seen in its reports: the figures that its line is about, and a plan or a deployment
 * apart in one thing alone, where the opposite comes out. That every scenario meets its own expectations is tested for all
 * of them together, in `plantedBugs.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import { clientsOf, watched } from '../../scenarios/sentinel/deployment.ts';
import type { ExpandedScenario, FailoverReport, PlanEntry, ResolvedScenario, RunReport, Topology } from '../../sim/index.ts';
import { runScenario } from '../../sim/index.ts';
import { sentinelFailovers } from '../../sim/report.ts';
import { listedScenario, resolvedScenario, safetyProblems } from './resolved.ts';

const SEEDS = [1, 2];

type Change = (scenario: ExpandedScenario) => ResolvedScenario;

/** The scenario itself: its expectations must be met. */
const reports = (name: string): readonly RunReport[] => SEEDS.map((seed) => {
  const report = runScenario(resolvedScenario(name), seed);
  expect({ replay: report.replay, failures: report.failures }).toEqual({ replay: report.replay, failures: [] });
  return report;
});

/** Another scenario that comes of it: nothing is expected but safety. */
const changed = (name: string, change: Change): readonly RunReport[] => SEEDS.map((seed) => {
  const report = runScenario({ ...change(listedScenario(name)), expects: { verdicts: {} } }, seed);
  expect({ seed, problems: safetyProblems(report) }).toEqual({ seed, problems: [] });
  return report;
});

const withPlan = (change: (plan: readonly PlanEntry[]) => readonly PlanEntry[]): Change =>
  (scenario) => ({ ...scenario, plan: change(scenario.plan) });

const onTopology = (topology: Topology): Change => (scenario) => ({ ...scenario, topology, workload: clientsOf(topology) });

type Directives = ResolvedScenario['topology']['processes'][number]['directives'];

/** Those processes get `directives` in place of their own of the same names. */
const withDirectivesOf = (isMeant: (name: string) => boolean, directives: Directives): Change => (scenario) => ({
  ...scenario,
  topology: {
    ...scenario.topology,
    processes: scenario.topology.processes.map((process) => (isMeant(process.name)
      ? { ...process, directives: [...process.directives, ...directives] } : process)),
  },
});

/** The data nodes are `n1`, `n2`, … */
const withDirectives = (...directives: Directives): Change => withDirectivesOf((name) => /^n\d+$/.test(name), directives);

const failovers = (report: RunReport): readonly FailoverReport[] => sentinelFailovers(report);
const switched = (report: RunReport): readonly FailoverReport[] =>
  failovers(report).filter(({ switchedMs }) => switchedMs !== null);
const roleOf = (report: RunReport, node: string): string | null | undefined =>
  report.nodes.find(({ name }) => name === node)?.role;
const writeMs = (report: RunReport, zone: string): number => report.zones.find((one) => one.zone === zone)?.writeMs ?? -1;
const losers = (report: RunReport): readonly string[] => [...new Set(report.ledger.lostWrites.map(({ client }) => client))].sort();

describe('the primary dies', () => {
  test.each([
    ['sentinel/primary-killed', 'redis-main'], ['sentinel/primary-power-loss', 'redis-main'], ['sentinel/primary-paused', 'n1'],
    ['sentinel/primary-isolated', 'redis-main'], ['sentinel/primary-disk-full', 'n1'],
  ])('%s: %s comes back and is made a replica of one that was not it', (name, primary) => {
    for (const report of reports(name)) {
      expect(roleOf(report, primary)).toBe('replica');
      expect(report.nodes.filter(({ role }) => role === 'primary').length).toBe(1);
      expect(switched(report).length).toBe(1);
      // Why it began is known from the strike on.
      expect(failovers(report)[0]?.because.length).toBeGreaterThan(1);
    }
  });

  test('a command shorter than down-after costs nobody the role', () => {
    const short = withPlan((plan) => plan.map((entry) => ({ ...entry, with: { argv: ['DEBUG', 'SLEEP', '2'] } })));
    for (const report of changed('sentinel/primary-paused', short)) {
      expect(failovers(report)).toEqual([]);
      expect(roleOf(report, 'n1')).toBe('primary');
    }
  });

  test('isolated: what is lost are writes of the client that went along, accepted beside the new primary', () => {
    for (const report of reports('sentinel/primary-isolated')) {
      expect(losers(report)).toEqual(['C1']);
      const beside = report.ledger.lostWrites.filter(({ cause }) => cause.startsWith('accepted by a primary that had been replaced'));
      expect(beside.length * 2).toBeGreaterThan(report.ledger.lost);
    }
  });

  test('full disk: where nothing is written to it, PING is answered and nobody is replaced', () => {
    for (const report of changed('sentinel/primary-disk-full', withDirectives(['appendonly', 'no']))) {
      expect(failovers(report)).toEqual([]);
      expect(report.unavailableMs).toBe(0);
    }
  });
});

describe('minority-primary', () => {
  test('only clients beside it lose writes: a third of everything, while the others wait a few seconds', () => {
    for (const report of reports('sentinel/minority-primary')) {
      expect(losers(report)).toEqual(['C1', 'C2']);
      expect(report.ledger.lost / report.ledger.acknowledged).toBeGreaterThan(0.3);
      expect(report.ledger.lost / report.ledger.acknowledged).toBeLessThan(0.36);
      expect(writeMs(report, 'minority')).toBe(0);
      expect(writeMs(report, 'majority')).toBeGreaterThan(3000);
      expect(writeMs(report, 'majority')).toBeLessThan(9000);
    }
  });

  test('min-replicas-to-write 2 bounds that to a seventh, 1 bounds nothing, 3 keeps the majority from writing too', () => {
    const unbounded = reports('sentinel/minority-primary').map(({ ledger }) => ledger.lost);
    for (const [index, report] of reports('sentinel/minority-primary-min-replicas').entries()) {
      expect(report.ledger.lost * 6).toBeLessThan(unbounded[index] ?? 0);
      expect(writeMs(report, 'minority')).toBeGreaterThan(45_000);
    }
    const one = changed('sentinel/minority-primary-min-replicas', withDirectives(['min-replicas-to-write', '1']));
    for (const [index, { ledger }] of one.entries()) expect(ledger.lost * 10).toBeGreaterThan((unbounded[index] ?? 0) * 9);
    for (const report of changed('sentinel/minority-primary-min-replicas', withDirectives(['min-replicas-to-write', '3']))) {
      expect(writeMs(report, 'majority')).toBeGreaterThan(45_000);
    }
  });
});

describe('who must live', () => {
  test('two sentinels: the one left finds the primary down, tries, and is not elected; a third one makes it work', () => {
    for (const report of reports('sentinel/two-sentinels')) {
      expect(failovers(report).map(({ outcome }) => outcome)).toContain('-failover-abort-not-elected');
      expect(roleOf(report, 'n1')).toBe('primary');
    }
    const three = watched({ replicas: 2, sentinels: 3, quorum: 1, placement: 'beside' });
    for (const report of changed('sentinel/two-sentinels', onTopology(three))) expect(switched(report).length).toBe(1);
  });

  test('quorum 2 of 5: with three dead nobody is elected, with two dead somebody is', () => {
    for (const report of reports('sentinel/quorum-against-majority')) {
      expect(failovers(report).length).toBeGreaterThan(0);
      expect(switched(report)).toEqual([]);
    }
    const twoDead = withPlan((plan) => plan.map((entry) => (entry.target === 'a majority of the sentinels'
      ? { ...entry, target: 'a minority of the sentinels' } : entry)));
    for (const report of changed('sentinel/quorum-against-majority', twoDead)) expect(switched(report).length).toBe(1);
  });

  test('the leader that dies: another sentinel finishes', () => {
    for (const report of reports('sentinel/crash-of-the-leader')) {
      const ended = failovers(report).find(({ outcome }) => outcome === 'its sentinel ended');
      const [finished] = switched(report);
      expect(report.sentinels?.find(({ name }) => name === ended?.sentinel)?.state).toBe('dead');
      expect(finished?.sentinel).not.toBe(ended?.sentinel);
      expect(finished?.atMs).toBeGreaterThan((ended?.atMs ?? 0) + 36_000 - 1000);
    }
  });

  test.each([['sentinel/helm-three-pods', 1], ['sentinel/helm-five-pods', 2]])('%s survives %i pods, and not one more', (name, pods) => {
    for (const report of reports(name)) expect(switched(report).length).toBe(1);
    const another = withPlan((plan) => plan.flatMap((entry) => (entry.do === 'power' && entry.target === 'redis-node-0'
      ? [entry, { ...entry, target: `redis-node-${pods}` }] : [entry])));
    for (const report of changed(name, another)) expect(switched(report)).toEqual([]);
  });
});

describe('who is promoted', () => {
  test('the lowest priority; and with 0 alone left nobody', () => {
    for (const report of reports('sentinel/replica-priorities')) {
      expect(switched(report).map(({ chosen }) => chosen)).toEqual(['10.0.0.3:6379']);
      expect(failovers(report).map(({ outcome }) => outcome)).toContain('-failover-abort-no-good-slave');
      expect(roleOf(report, 'n4')).toBe('replica');
    }
    const last = withDirectivesOf((name) => name === 'n4', [['replica-priority', '200']]);
    for (const report of changed('sentinel/replica-priorities', last)) {
      expect(switched(report).map(({ chosen }) => chosen)).toEqual(['10.0.0.3:6379', '10.0.0.4:6379']);
    }
  });

  test('a stale replica is refused; one that has not noticed yet that it is cut off is promoted, and half a minute is lost', () => {
    for (const report of reports('sentinel/stale-replica-refused')) {
      expect(failovers(report).map(({ outcome }) => outcome)).toContain('-failover-abort-no-good-slave');
    }
    for (const report of changed('sentinel/stale-replica-refused', withDirectives(['repl-timeout', '60']))) {
      expect(switched(report).map(({ chosen }) => chosen)).toEqual(['10.0.0.2:6379']);
      // Thirty writes a second, from the cut at 15 s to the kill at 45 s.
      expect(report.ledger.lost).toBeGreaterThan(800);
      expect(report.unavailableMs).toBeLessThan(9000);
    }
  });
});

describe('clients', () => {
  test('SENTINEL FAILOVER: clients that listen to the news lose until its leader has finished, and not much longer', () => {
    const listening: Change = (scenario) => ({
      ...scenario, workload: { ...scenario.workload, clients: scenario.workload.clients.map((client) => (
        client.sentinel === undefined ? client : { ...client, sentinel: { ...client.sentinel, listens: true } })) },
    });
    const deaf = reports('sentinel/manual-failover-under-load');
    for (const [index, { ledger }] of changed('sentinel/manual-failover-under-load', listening).entries()) {
      expect(ledger.lost).toBeGreaterThan(0);
      expect(ledger.lost * 3).toBeLessThan((deaf[index]?.ledger.lost ?? 0) * 2);
    }
  });

  test('the stubborn one loses, and never writes again; the one that asks loses nothing', () => {
    for (const report of reports('sentinel/stubborn-client')) {
      expect(losers(report)).toEqual(['C1']);
      expect(writeMs(report, 'stubborn')).toBeGreaterThan(60_000);
      expect(writeMs(report, 'asking')).toBeLessThan(9000);
    }
  });
});

describe('what sentinels do not see, or must not trust', () => {
  test('a reborn primary: everything of its life is gone; with an append-only file nothing is', () => {
    for (const report of reports('sentinel/unpersisted-primary-reborn')) expect(roleOf(report, 'n1')).toBe('primary');
    for (const report of changed('sentinel/unpersisted-primary-reborn', withDirectives(['appendonly', 'yes']))) {
      expect(report.ledger.lost).toBe(0);
    }
  });

  test('a flapping primary is never replaced; away for a quarter of that time in one piece it is', () => {
    for (const report of reports('sentinel/flapping-primary')) expect(failovers(report)).toEqual([]);
    const onePiece = withPlan((plan) => plan.slice(0, 1).map((entry) => ({ ...entry, forMs: 5000 })));
    for (const report of changed('sentinel/flapping-primary', onePiece)) expect(switched(report).length).toBe(1);
  });

  test('clocks that jump: a majority in TILT delays the failover, a minority does not', () => {
    for (const report of reports('sentinel/clock-jump')) {
      expect(switched(report)[0]?.atMs).toBeGreaterThan(50_000);
      expect(report.sentinels?.some(({ isTilted }) => isTilted)).toBe(false);
    }
    const few = withPlan((plan) => plan.map((entry) => (entry.do === 'clockJump'
      ? { ...entry, target: 'a minority of the sentinels' } : entry)));
    for (const report of changed('sentinel/clock-jump', few)) expect(report.unavailableMs).toBeLessThan(9000);
  });
});
