/** Exploration for real: planted bugs are found by random plans, and shrunk to a few entries on few nodes. */
import { describe, expect, test } from 'vitest';
import { Campaign, type CampaignSetup, ROUND_RUNS, candidateOf } from '../../sim/explore/campaign.ts';
import { expandedOf, scenarioOf } from '../../sim/explore/candidate.ts';
import { failureClasses, sameFailure } from '../../sim/explore/failureClass.ts';
import { summaryOf } from '../../sim/explore/runSummary.ts';
import { shrink } from '../../sim/explore/shrink.ts';
import { type ResolvedScenario, runScenario, validateScenario } from '../../sim/index.ts';
import { resolvedScenario } from './resolved.ts';
import { sentinelScenario } from './sentinelWorld.ts';

const chaosOf = (scenario: ResolvedScenario): ResolvedScenario =>
  ({ ...scenario, plan: { generate: 'chaos' }, durationMs: 20_000, settlingMs: 10_000, expects: { verdicts: {} } });

/** The first failures of each way of failing, of the first runs. */
const search = (scenario: ResolvedScenario, bug: string, check: string, runsMax: number): { seed: number; entries: number } | null => {
  const setup: CampaignSetup = { scenario, firstSeed: 1, shard: 0, shards: 1, objective: null, mutates: true };
  const campaign = new Campaign(setup);
  const round = campaign.nextRound(runsMax);
  campaign.absorb(round, round.map((candidate) =>
    summaryOf(scenario, candidate, runScenario(scenarioOf(scenario, candidate), candidate.seed, { bugs: [bug] }))));
  const group = campaign.state.groups.find((one) => one.check === check);
  const [run] = group?.runs ?? [];
  return run === undefined ? null : { ...candidateOf(run), entries: run.entries };
};

describe.each([
  { bug: 'electsWithoutMajority', check: 'failover-needs-quorum-and-majority', scenario: chaosOf(sentinelScenario([])), runs: 10 },
  { bug: 'offsetNotAdvanced', check: 'history-prefix', scenario: chaosOf(resolvedScenario('replication/chaos')), runs: 3 },
])('$bug', ({ bug, check, scenario, runs }) => {
  test('is found by chaos, and shrunk to at most three entries that fail in the same way', () => {
    expect(runs).toBeLessThanOrEqual(ROUND_RUNS);
    const found = search(scenario, bug, check, runs);
    if (found === null) throw new Error(`${bug} was not found in ${runs} runs`);
    const failing = expandedOf(scenario, { seed: found.seed });
    const run = (smaller: ResolvedScenario, seed: number): ReturnType<typeof runScenario> => runScenario(smaller, seed, { bugs: [bug] });
    const failure = failureClasses(run(failing, found.seed)).find((one) => one.check === check);
    const shrunk = shrink(failing, found.seed, failure ?? null, run);
    expect(shrunk.scenario.plan.length).toBeLessThanOrEqual(3);
    expect(shrunk.scenario.topology.processes.length).toBeLessThan(scenario.topology.processes.length);
    // What is written comes back through the checks for strangers, and fails in the same way, with the same events.
    const written = validateScenario(JSON.parse(JSON.stringify(shrunk.scenario)), 'shrunk.json') as ResolvedScenario;
    const again = run(written, shrunk.seed);
    expect(again.traceHash).toBe(shrunk.traceHash);
    expect(failureClasses(again).some((one) => sameFailure(one, shrunk))).toBe(true);
    expect(runScenario(written, shrunk.seed).ok).toBe(true);
  });
});
