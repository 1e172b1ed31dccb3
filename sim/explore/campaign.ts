/**
 * A search over seeds and plans, in rounds of a fixed size. A round is chosen from what earlier rounds came to: half of it are fresh
 * seeds, half are new plans made from those of interesting runs.
 *
 * What always holds: the course is a function of the setup and of the results, which are taken in the order of the candidates. So
 * it does not depend on how many workers there are, nor on whether it was interrupted between two rounds and went on from its state.
 */
import { assert } from '../../engine/core/errors.ts';
import { RandomStream } from '../random/streams.ts';
import type { ResolvedScenario } from '../scenario.ts';
import { type CampaignState, type FailureGroup, NEW_CAMPAIGN, type Tallies, tallyFrom } from './campaignState.ts';
import { type Candidate, expandedOf } from './candidate.ts';
import { mergeCoverage } from './coverage.ts';
import { type FailureClass, sameFailure } from './failureClass.ts';
import { mutatePlan } from './mutatePlan.ts';
import { type Best, type Interesting, OBJECTIVES, type Objective, remember } from './objectives.ts';
import type { RunSummary } from './runSummary.ts';

/** Large enough that no worker waits long for the last one of a round, small enough that a search learns. */
export const ROUND_RUNS = 64;
/** So many failed runs of one group are remembered; the others are counted. */
export const GROUP_RUNS_MAX = 20;
/** Groups beyond are counted as failed runs, and not told apart any more. */
export const GROUPS_MAX = 200;

export interface CampaignSetup {
  readonly scenario: ResolvedScenario;
  readonly firstSeed: number;
  /** This search takes each `shards`-th seed, beginning with the `shard`-th (from 0). */
  readonly shard: number;
  readonly shards: number;
  /** Which interesting runs to go on from; null: each objective in turn. */
  readonly objective: Objective | null;
  /** Whether plans are changed at all; otherwise every run is a fresh seed. */
  readonly mutates: boolean;
}

export class Campaign {
  private readonly setup: CampaignSetup;
  private known: CampaignState;
  private readonly features: Map<string, number>;
  private readonly signatures: Map<string, number>;
  private readonly tallies: Readonly<Record<keyof Tallies, Map<number, number>>>;

  /** Begins anew, or goes on from a state that `state` gave. */
  constructor(setup: CampaignSetup, state: CampaignState = NEW_CAMPAIGN) {
    this.setup = setup;
    this.known = state;
    this.features = new Map(Object.entries(state.features));
    this.signatures = new Map(Object.entries(state.signatures));
    const { lost, unavailableMs, failoverMs } = state.tallies;
    this.tallies = { lost: tallyFrom(lost), unavailableMs: tallyFrom(unavailableMs), failoverMs: tallyFrom(failoverMs) };
  }

  /** All that a later process needs to go on. */
  get state(): CampaignState {
    const { lost, unavailableMs, failoverMs } = this.tallies;
    return {
      ...this.known, features: sortedRecord(this.features), signatures: sortedRecord(this.signatures),
      tallies: { lost: Object.fromEntries(lost), unavailableMs: Object.fromEntries(unavailableMs), failoverMs: Object.fromEntries(failoverMs) },
    };
  }

  /** What to run next: `ROUND_RUNS` candidates, fewer where `runsMax` of the whole campaign leaves no room; none: it is over. */
  nextRound(runsMax: number): readonly Candidate[] {
    const { rounds, runs } = this.known;
    const size = Math.min(ROUND_RUNS, runsMax - runs);
    const round: Candidate[] = [];
    for (let index = 0; index < size; index++) {
      const mutant = this.setup.mutates && rounds > 0 && index % 2 === 1 ? this.mutant(index) : null;
      round.push(mutant ?? this.fresh());
    }
    return round;
  }

  /** Takes what the candidates of a round came to, in their order. */
  absorb(round: readonly Candidate[], results: readonly RunSummary[]): void {
    assert(round.length === results.length, 'a round has as many results as candidates');
    for (const [index, candidate] of round.entries()) this.add(candidate, results[index] as RunSummary);
    this.known = { ...this.known, rounds: this.known.rounds + 1 };
  }

  private fresh(): Candidate {
    const { firstSeed, shard, shards } = this.setup;
    const seed = firstSeed + shard + this.known.fresh * shards;
    this.known = { ...this.known, fresh: this.known.fresh + 1 };
    return { seed };
  }

  /** A new plan for the seed of an interesting run; null while there is none with a plan. */
  private mutant(index: number): Candidate | null {
    const { scenario, firstSeed, shard, shards } = this.setup;
    const stream = new RandomStream(`${firstSeed}/explore/${shard}/${shards}/${this.known.rounds}/${index}`);
    const objective = this.setup.objective !== null && stream.below(2) === 0 ? this.setup.objective : stream.pick(OBJECTIVES);
    const parent = this.parent(objective, stream);
    if (parent === null) return null;
    const plan = expandedOf(scenario, parent).plan;
    const other = this.parent(stream.pick(OBJECTIVES), stream);
    const mutated = mutatePlan(scenario, plan, other === null ? [] : expandedOf(scenario, other).plan, stream);
    return { seed: parent.seed, plan: mutated };
  }

  /** Of two that are drawn the one that the search went on from less often. */
  private parent(objective: Objective, stream: RandomStream): Candidate | null {
    const list = this.known.best[objective];
    if (list.length === 0) return null;
    const [first, second] = [stream.pick(list), stream.pick(list)];
    const chosen = second.tried < first.tried ? second : first;
    const best: Best = {
      ...this.known.best, [objective]: list.map((one) => (one === chosen ? { ...one, tried: one.tried + 1 } : one)),
    };
    this.known = { ...this.known, best };
    return candidateOf(chosen);
  }

  private add(candidate: Candidate, run: RunSummary): void {
    const { known } = this;
    for (const feature of run.features) count(this.features, feature);
    count(this.signatures, run.signature);
    count(this.tallies.lost, run.lost);
    count(this.tallies.unavailableMs, run.unavailableMs);
    for (const ms of run.failoverMs) count(this.tallies.failoverMs, ms);
    const [failure] = run.failures;
    this.known = {
      ...known,
      runs: known.runs + 1,
      failedRuns: known.failedRuns + (failure === undefined ? 0 : 1),
      virtualMs: known.virtualMs + run.virtualMs,
      events: known.events + run.events,
      bugs: known.bugs + run.bugs,
      coverage: mergeCoverage(known.coverage, run.coverage),
      best: remember(known.best, candidate, run, this.features),
      groups: failure === undefined ? known.groups : addToGroups(known.groups, candidate, run, failure),
    };
  }
}

/** Without what only the search wants to know. */
export const candidateOf = ({ seed, plan }: Candidate | Interesting): Candidate => (plan === undefined ? { seed } : { seed, plan });

const count = <Key>(counts: Map<Key, number>, key: Key): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** A run belongs to one group: that of the failure nearest to the root. */
const addToGroups = (
  groups: readonly FailureGroup[], candidate: Candidate, run: RunSummary, failure: FailureClass,
): readonly FailureGroup[] => {
  const failed = { ...candidateOf(candidate), traceHash: run.traceHash, entries: run.entries };
  const place = groups.findIndex((group) => sameFailure(group, failure));
  if (place < 0) {
    return groups.length >= GROUPS_MAX ? groups
      : [...groups, { check: failure.check, cause: failure.cause, detail: run.detail, count: 1, runs: [failed] }];
  }
  return groups.map((group, index) => (index !== place ? group
    : { ...group, count: group.count + 1, runs: group.runs.length >= GROUP_RUNS_MAX ? group.runs : [...group.runs, failed] }));
};

const sortedRecord = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
