/**
 * What a run says of a cluster's failovers: who took whose slots, with which votes, and the chain of causes back to what struck; that
 * WAIT works there; and that a node which takes old claims for new is caught while it happens.
 */
import { describe, expect, test } from 'vitest';
import { type PlanEntry, type ResolvedScenario, type RunReport, runScenario } from '../../sim/index.ts';
import { clusterFailovers } from '../../sim/report.ts';
import { listedScenario, resolvedScenario, safetyProblems, withPlan } from './resolved.ts';

const at = (atMs: number): PlanEntry['when'] => ({ atMs });
const verdictOf = (report: RunReport, name: string): string | undefined => report.verdicts.find((one) => one.name === name)?.verdict;

/** Each client asks WAIT 1 after each write. */
const waiting = (scenario: ResolvedScenario): ResolvedScenario => ({
  ...scenario,
  workload: { ...scenario.workload, clients: scenario.workload.clients.map((client) => ({ ...client, wait: { replicas: 1, timeoutMs: 500 } })) },
});

describe('a primary is killed, and another replaced by hand', () => {
  const plan: readonly PlanEntry[] = [
    { when: at(12_000), do: 'kill', target: 'the primary of slot 0' },
    { when: at(24_000), do: 'command', target: 'a replica of slot 16383', with: { argv: ['CLUSTER', 'FAILOVER'] } },
  ];
  const scenario = waiting(withPlan('cluster/primary-killed', plan, 27_000, 15_000));
  const report = runScenario({ ...scenario, expects: { verdicts: {}, failovers: { min: 3 } } }, 1);
  const [first, second, ...more] = clusterFailovers(report);

  test('both are reported: slots, epoch, votes, times', () => {
    expect(safetyProblems(report)).toEqual([]);
    expect(more).toEqual([]);
    expect(report.strikes.map(({ resolved }) => resolved)).toEqual(['n1', 'n4']);
    expect(first).toMatchObject({
      name: 'n1', replica: 'n5', isByHand: false, votes: { given: 2, needed: 2, primaries: 3 }, slots: [[0, 5460]], outcome: 'serves', epoch: 7,
    });
    expect(second).toMatchObject({ name: 'n3', replica: 'n4', isByHand: true, slots: [[10923, 16383]], silentMs: null, gapMs: null, epoch: 8 });
    const { silentMs, failedMs, atMs, switchedMs, gapMs } = first ?? {};
    const times = [12_000, silentMs, failedMs, atMs, switchedMs, 24_000].map(Number);
    expect(times).toEqual([...times].sort((left, right) => left - right));
    expect(gapMs).toBeCloseTo(Number(switchedMs) - Number(silentMs));
  });

  test('why: from the request for votes to the kill, and to the command', () => {
    const chain = first?.because ?? [];
    expect(chain[0]).toMatch(/^at \S+ s n5 asked for votes in epoch 7 to replace n1, rank 0 /);
    expect(chain.join('\n')).toMatch(/n[2-6] found n1 to have failed: 2 of 3 primaries say so/);
    expect(chain.filter((line) => line.includes('had heard nothing of n1 for the node timeout')).length).toBeGreaterThan(1);
    expect(chain.join('\n')).toContain('at 12.000 s kill: n1');
    expect(second?.because[1]).toMatch(/^because at 24\.000 s command: n4/);
  });

  test('expected bounds count them', () => {
    expect(report.failures).toEqual(['failovers: 2, expected 3 to any']);
  });

  test('WAIT is answered by the node that took the write', () => {
    const { waited, acknowledged, bugs } = report.ledger;
    expect(bugs).toBe(0);
    expect(waited.lost).toBe(0);
    expect(waited.acknowledged).toBeGreaterThan(acknowledged / 2);
  });
});

describe('a node that takes slots over without a greater epoch', () => {
  const { plan } = listedScenario('cluster/minority-partition');
  const shorter = plan.map((entry): PlanEntry => ({ ...entry, when: at(10_000), forMs: 12_000 }));
  const scenario = withPlan('cluster/minority-partition', shorter, 24_000, 6000);

  test.each([1, 2])('is caught by safety, seed %i', (seed) => {
    const report = runScenario(scenario, seed, { bugs: ['staleSlotMap'] });
    expect(verdictOf(report, 'slot-epochs-never-go-back')).toBe('violated');
    expect(report.failures.join('\n')).toMatch(/slot-epochs-never-go-back: violated \(n[0-9] holds [0-9a-f]{8} to own slot [0-9]+ with epoch/);
    expect(verdictOf(runScenario(scenario, seed), 'slot-epochs-never-go-back')).toBe('holds');
  });
});

test('a role that no slot can have is refused before anything runs', () => {
  const run = (name: string, target: string): unknown => runScenario(
    { ...resolvedScenario(name), plan: [{ when: at(1000), do: 'kill', target }] }, 1);
  expect(() => run('cluster/primary-killed', 'the primary of slot 16384')).toThrow("plan: 'the primary of slot 16384': there is no slot 16384");
  expect(() => run('replication/link-cut', 'a minority of the primaries')).toThrow('needs a cluster, and there is none');
});

/** Once in thirty seeds of cluster/manual-failover the period of ten seconds ended in the instant of the pause, and the handover timed out. */
test('the stream of a primary that hands over stands still: it sends no pings to its replicas', () => {
  const base = listedScenario('cluster/manual-failover');
  const processes = base.topology.processes.map((process) => (
    { ...process, directives: [...process.directives, ['repl-ping-replica-period', '1']] }));
  const plan: readonly PlanEntry[] = [
    { when: at(9000), do: 'clog', target: 'n5', with: { to: 'n1', delayMs: 1500 }, forMs: 8000 },
    { when: at(10_000), do: 'command', target: 'n5', with: { argv: ['CLUSTER', 'FAILOVER'] } },
  ];
  let pausedAt = Infinity;
  let handedOverAt = Infinity;
  const pings: number[] = [];
  const report = runScenario({ ...base, topology: { ...base.topology, processes }, plan, durationMs: 18_000, expects: { verdicts: {} } }, 1, {
    sink: { record: ({ node, at: time, detail }) => {
      if (node !== 'n1') return;
      const note = detail?.['note'] as Readonly<Record<string, unknown>> | undefined;
      if (String(detail?.['message'] ?? '').startsWith('Manual failover requested by replica')) pausedAt = time;
      if (note?.['kind'] === 'role' && note['role'] === 'replica') handedOverAt = Math.min(handedOverAt, time);
      if (note?.['kind'] === 'stream' && String(note['chunk']).includes('PING')) pings.push(time);
    } },
  });
  expect(report.strikes.map(({ outcome }) => outcome), report.replay).toEqual(['links changed', 'OK']);
  // Longer than a period, or this would show nothing.
  expect(handedOverAt - pausedAt).toBeGreaterThan(1_200_000);
  expect(handedOverAt).toBeLessThan(20_000_000);
  expect(pings.filter((time) => time < pausedAt).length).toBeGreaterThan(3);
  expect(pings.filter((time) => time > pausedAt && time < handedOverAt)).toEqual([]);
});
