/** The course of a search follows from the results in the order of the candidates: not from workers, not from interruptions. */
import { describe, expect, test } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';
import { Campaign, type CampaignSetup, GROUP_RUNS_MAX, ROUND_RUNS } from '../../../../sim/explore/campaign.ts';
import {
  CAMPAIGN_VERSION, type CampaignState, NEW_CAMPAIGN, readCampaignFile, setupDigest,
} from '../../../../sim/explore/campaignState.ts';
import type { Candidate } from '../../../../sim/explore/candidate.ts';
import type { RunSummary } from '../../../../sim/explore/runSummary.ts';
import { entry, scenarioWith, summaryWith } from './reports.ts';

const PLAN = [entry('pause', 5000, { target: 'n1', forMs: 4000 }), entry('kill', 20_000, { target: 'a replica' }), entry('power', 30_000, { target: 'n2' })];

const setupOf = (more: Partial<CampaignSetup> = {}): CampaignSetup =>
  ({ scenario: scenarioWith(PLAN), firstSeed: 100, shard: 0, shards: 1, objective: null, mutates: true, ...more });

/** A result that follows from the candidate alone, as a run's does. */
const outcomeOf = ({ seed, plan }: Candidate): RunSummary => {
  const size = plan?.length ?? PLAN.length;
  const lost = (seed * 7 + size * 3) % 11;
  return summaryWith(seed % 10 === 3 ? [{ check: 'c', cause: `k${seed % 20}` }] : [], {
    lost, unavailableMs: (seed % 5) * 100, features: [`lost~${lost}`, `size~${size}`], signature: `${lost}/${size}`, entries: size,
    traceHash: `${seed}`,
  });
};

const play = (campaign: Campaign, runsMax: number, rounds = Number.POSITIVE_INFINITY): Candidate[] => {
  const all: Candidate[] = [];
  for (let round = 0; round < rounds; round++) {
    const candidates = campaign.nextRound(runsMax);
    if (candidates.length === 0) break;
    campaign.absorb(candidates, candidates.map(outcomeOf));
    all.push(...candidates);
  }
  return all;
};

describe('a campaign', () => {
  test('is the same each time, and goes on from its state as if it had not stopped', () => {
    const whole = new Campaign(setupOf());
    const candidates = play(whole, 300);
    expect(candidates).toHaveLength(300);
    const begun = new Campaign(setupOf());
    const first = play(begun, 300, 2);
    // An interrupted round leaves nothing behind.
    const saved = JSON.stringify(begun.state);
    begun.nextRound(300);
    const continued = new Campaign(setupOf(), JSON.parse(saved) as CampaignState);
    expect([...first, ...play(continued, 300)]).toEqual(candidates);
    expect(JSON.stringify(continued.state)).toBe(JSON.stringify(whole.state));
  });

  test('begins with fresh seeds, then gives half of each round to new plans for seeds that it has seen', () => {
    const candidates = play(new Campaign(setupOf()), ROUND_RUNS * 3);
    expect(candidates.slice(0, ROUND_RUNS)).toEqual(Array.from({ length: ROUND_RUNS }, (_, index) => ({ seed: 100 + index })));
    const later = candidates.slice(ROUND_RUNS);
    const fresh = later.filter(({ plan }) => plan === undefined).map(({ seed }) => seed);
    expect(fresh).toEqual(Array.from({ length: ROUND_RUNS }, (_, index) => 100 + ROUND_RUNS + index));
    const mutants = later.filter(({ plan }) => plan !== undefined);
    expect(mutants).toHaveLength(ROUND_RUNS);
    for (const { seed } of mutants) expect(seed).toBeLessThan(100 + 2 * ROUND_RUNS);
    expect(new Set(mutants.map(({ plan }) => JSON.stringify(plan))).size).toBeGreaterThan(ROUND_RUNS / 2);
  });

  test('another seed takes another course, and without mutation all seeds are fresh', () => {
    const plans = (firstSeed: number): string => JSON.stringify(play(new Campaign(setupOf({ firstSeed })), 200).map(({ plan }) => plan));
    expect(plans(100)).not.toBe(plans(101));
    expect(play(new Campaign(setupOf({ mutates: false })), 200)).toEqual(Array.from({ length: 200 }, (_, index) => ({ seed: 100 + index })));
  });

  test('shards share out the fresh seeds', () => {
    const seeds = [0, 1, 2].flatMap((shard) => play(new Campaign(setupOf({ shard, shards: 3, mutates: false })), 40).map(({ seed }) => seed));
    expect(seeds.sort((left, right) => left - right)).toEqual(Array.from({ length: 120 }, (_, index) => 100 + index));
  });

  test('groups failures, counts all of them and keeps the first ones', () => {
    const campaign = new Campaign(setupOf({ mutates: false }));
    play(campaign, 1000);
    const { groups, failedRuns, tallies, runs } = campaign.state;
    expect(groups.map(({ check, cause, count }) => [check, cause, count])).toEqual([['c', 'k3', 50], ['c', 'k13', 50]]);
    expect(groups[0]?.runs.map(({ seed }) => seed)).toEqual(Array.from({ length: GROUP_RUNS_MAX }, (_, index) => 103 + index * 20));
    expect(failedRuns).toBe(100);
    expect(Object.values(tallies.lost).reduce((sum, count) => sum + count, 0)).toBe(runs);
  });

  test('remembers the worst, the earliest of equal ones', () => {
    const campaign = new Campaign(setupOf({ mutates: false }));
    const candidates = play(campaign, 100);
    const worst = Math.max(...candidates.map((candidate) => outcomeOf(candidate).lost));
    const { best } = campaign.state;
    expect(best.loss[0]).toMatchObject({ lost: worst, seed: candidates.find((candidate) => outcomeOf(candidate).lost === worst)?.seed });
    expect(best.outage[0]?.unavailableMs).toBe(400);
    expect(best.outage[0]?.seed).toBe(104);
    expect(new Set(best.rare.map(({ signature }) => signature)).size).toBe(best.rare.length);
  });
});

describe('a state file', () => {
  const played = new Campaign(setupOf());
  play(played, 130);
  const file = { explore: CAMPAIGN_VERSION, campaigns: [{ scenario: 's', digest: 'd', state: played.state }] };

  test('comes back as it was', () => {
    expect(readCampaignFile(JSON.parse(JSON.stringify(file)), 'f')).toEqual(JSON.parse(JSON.stringify(file)));
  });

  test.each<[string, unknown]>([
    ['no object', 7], ['another version', { ...file, explore: 99 }], ['no list', { ...file, campaigns: {} }],
    ['a state without rounds', { ...file, campaigns: [{ scenario: 's', digest: 'd', state: { ...NEW_CAMPAIGN, rounds: 'x' } }] }],
    ['a group without runs', { ...file, campaigns: [{ scenario: 's', digest: 'd', state: { ...NEW_CAMPAIGN, groups: [{}] } }] }],
    ['a seed below 0', { ...file, campaigns: [{ scenario: 's', digest: 'd', state: {
      ...NEW_CAMPAIGN, groups: [{ check: 'c', cause: 'k', detail: '', count: 1, runs: [{ seed: -1, traceHash: '', entries: 0 }] }] } }] }],
  ])('%s is refused by name', (_, value) => {
    expect(() => readCampaignFile(value, 'state.json')).toThrow(ScenarioError);
    expect(() => readCampaignFile(value, 'state.json')).toThrow(/^state\.json: /);
  });

  test('belongs to one search', () => {
    const digest = setupDigest(setupOf(), []);
    expect(setupDigest(setupOf(), [])).toBe(digest);
    for (const other of [setupOf({ firstSeed: 1 }), setupOf({ shard: 1 }), setupOf({ objective: 'loss' }), setupOf({ scenario: scenarioWith([]) })]) {
      expect(setupDigest(other, [])).not.toBe(digest);
    }
    expect(setupDigest(setupOf(), ['bug'])).not.toBe(digest);
  });
});
