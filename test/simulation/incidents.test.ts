/**
 * Every incident shows what its report says, or that it is mended: each runs as expected. `.ci/run` does it over more seeds.
 * And where a report speaks of a share or of an order, that is looked for too.
 */
import { describe, expect, test } from 'vitest';
import { SENTINEL_EVENT } from '../../engine/protocol/sentinelNames.ts';
import { incidents } from '../../scenarios/index.ts';
import { runReportText } from '../../scenarios/cli/runReport.ts';
import { styleFor } from '../../scenarios/cli/tables.ts';
import { type RunReport, runScenario } from '../../sim/index.ts';
import { sentinelFailovers } from '../../sim/report.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';

const SEED = 1;
/** The longest, and those that are near to a scenario of `cluster/`: `.ci/run` runs them. */
const LONG = /^incidents\/redis-(?:4561|9438|13234-any-age|2989|6339)$/;

/** What an incident is about may be violated, where its expectations say so; nothing else may. */
const problems = (report: RunReport): readonly string[] => [...report.failures, ...safetyProblems(report)];

const reports = new Map<string, RunReport>();
const run = (name: string): RunReport => {
  const report = reports.get(name) ?? runScenario(resolvedScenario(`incidents/${name}`), SEED);
  reports.set(name, report);
  return report;
};

const outcomes = (report: RunReport): readonly string[] => sentinelFailovers(report).map(({ outcome }) => outcome);

test.each(incidents.map(({ scenario }) => scenario.name).filter((name) => !LONG.test(name)))('%s is as its report says', (name) => {
  const report = run(name.slice('incidents/'.length));
  expect({ replay: report.replay, problems: problems(report) }).toEqual({ replay: report.replay, problems: [] });
  expect(report.ledger.bugs).toBe(0);
});

test('the report of a run says where it was reported', () => {
  const text = runReportText(styleFor({}), resolvedScenario('incidents/redis-2087'), run('redis-2087'));
  expect(text).toContain('\nReported: https://github.com/redis/redis/issues/2087\n');
});

describe('what the reports say beside that', () => {
  test('2013: more than half of all acknowledged writes', () => {
    const { lost, acknowledged } = run('jepsen-2013').ledger;
    expect(lost * 2).toBeGreaterThan(acknowledged);
  });

  test('5677: elected or not, no attempt finds a replica; in time the first does', () => {
    const attempts = outcomes(run('redis-5677'));
    expect(attempts.filter((outcome) => outcome === SENTINEL_EVENT.abortNoGoodReplica).length).toBeGreaterThan(1);
    expect(attempts).not.toContain('switched');
    expect(outcomes(run('redis-5677-in-time'))[0]).toBe('switched');
  });

  test('7753: the leader is not elected, and is after a reset', () => {
    expect(new Set(outcomes(run('redis-7753')))).toEqual(new Set([SENTINEL_EVENT.abortNotElected]));
    expect(outcomes(run('redis-7753-reset'))).toEqual(['switched']);
  });

  test('12570: the second failover takes the one that had been dead', () => {
    const chosen = sentinelFailovers(run('redis-12570')).filter(({ outcome }) => outcome === 'switched').map((failover) => failover.chosen);
    expect(chosen).toEqual(['10.0.0.2:6379', '10.0.0.1:6379']);
  });

  test('8224: the stranger ends as a replica, with the data of others', () => {
    const nodes = run('charts-8224').nodes.filter(({ name }) => name === 'stranger' || name === 'n1');
    expect(nodes.map(({ role }) => role).sort()).toEqual(['primary', 'replica']);
    expect(new Set(nodes.map(({ digest }) => digest)).size).toBe(1);
  });

  test('6771: two primaries are on the machine that is lost', () => {
    const failedOver = run('redis-6771').failovers?.[0];
    expect(failedOver).toMatchObject({ name: 'n1', replica: 'n5', outcome: 'serves' });
    const { processes } = resolvedScenario('incidents/redis-6771').topology;
    expect(processes.filter(({ machine }) => machine === 'n3').map(({ name }) => name)).toEqual(['n3', 'n5']);
  });
});
