/**
 * From a seed to a plan: what a generator stands for in this run, in the swarm way. Each run has only some of the kinds at all, each
 * of these a few times; so that now and then one kind comes alone, and often such as seldom meet.
 *
 * Always holds: the result is a function of (scenario, seed) and within `CHAOS_BOUNDS`; a plan that is a list already comes back as
 * it is. Each kind draws from a stream of its own, so that leaving one out leaves what the others drew as it was, as long as
 * `entriesMax` is not reached.
 */
import { ScenarioError } from '../../engine/index.ts';
import { type RandomStream, Streams } from '../random/streams.ts';
import type { ExpandedScenario, PlanEntry, PlanGenerator, ResolvedScenario } from '../scenario.ts';
import { CHAOS_BOUNDS } from './generate/bounds.ts';
import { CHAOS_ROWS } from './generate/chaosKinds.ts';
import { type ChaosRow, type Ground, groundOf } from './generate/ground.ts';

export const isExpanded = (scenario: ResolvedScenario): scenario is ExpandedScenario => Array.isArray(scenario.plan);

/** The scenario with its plan as a list. Throws `ScenarioError` for a kind that its topology cannot show. */
export const expandScenario = (scenario: ResolvedScenario, seed: number): ExpandedScenario => {
  if (isExpanded(scenario)) return scenario;
  return { ...scenario, plan: chaos(scenario, scenario.plan as PlanGenerator, new Streams(seed)) };
};

/** One strike of one kind, and its place among those that are dropped first when there are too many. */
interface Incident {
  readonly entries: readonly PlanEntry[];
  readonly rank: number;
}

/** How likely each kind is to be there at all; a run draws one of these. */
const DENSITIES_PER_MILLION: readonly number[] = [60_000, 120_000, 250_000, 400_000];

const chaos = (scenario: ResolvedScenario, generator: PlanGenerator, streams: Streams): readonly PlanEntry[] => {
  const ground = groundOf(scenario, streams.named('plan/damage'));
  const rows = rowsFor(generator, ground, scenario);
  const swarm = streams.named('plan/swarm');
  const density = swarm.pick(DENSITIES_PER_MILLION);
  const fallback = rows[swarm.below(Math.max(1, rows.length))];
  const drawn = rows.flatMap((row) => {
    const draws = streams.named(`plan/${row.name}`);
    return draws.chance(density) ? incidents(row, draws, ground) : [];
  });
  const kept = drawn.length > 0 || fallback === undefined ? drawn
    : incidents(fallback, streams.named(`plan/${fallback.name}/alone`), ground);
  return inOrder(within(kept, generator.entriesMax ?? CHAOS_BOUNDS.entriesMaxDefault));
};

const rowsFor = ({ kinds }: PlanGenerator, ground: Ground, { topology }: ResolvedScenario): readonly ChaosRow[] => {
  const fitting = CHAOS_ROWS.filter((row) => row.fits(ground));
  const strange = kinds?.find((kind) => !fitting.some(({ name }) => name === kind));
  if (strange !== undefined) throw new ScenarioError(`plan.kinds: '${strange}' is nothing that ${topology.name} can show`);
  return kinds === undefined ? fitting : fitting.filter(({ name }) => kinds.includes(name));
};

const incidents = (row: ChaosRow, draws: RandomStream, ground: Ground): readonly Incident[] => {
  const count = 1 + draws.below(CHAOS_BOUNDS.perKindMax);
  return Array.from({ length: count }, () => ({ rank: draws.integer(), entries: row.draw(draws, ground) }));
};

/** Incidents stay whole. */
const within = (drawn: readonly Incident[], entriesMax: number): readonly Incident[] => {
  const byRank = [...drawn].sort((left, right) => left.rank - right.rank || drawn.indexOf(left) - drawn.indexOf(right));
  const kept = new Set<Incident>();
  let count = 0;
  for (const incident of byRank) {
    if (count + incident.entries.length > entriesMax) continue;
    count += incident.entries.length;
    kept.add(incident);
  }
  return drawn.filter((incident) => kept.has(incident));
};

/** By time, those that wait for something at the end; of equals in the order in which they were drawn. */
const inOrder = (kept: readonly Incident[]): readonly PlanEntry[] => {
  const timeOf = ({ when }: PlanEntry): number => ('atMs' in when ? when.atMs : Number.MAX_SAFE_INTEGER);
  return kept.flatMap(({ entries }) => entries).map((one, place) => ({ one, place }))
    .sort((left, right) => timeOf(left.one) - timeOf(right.one) || left.place - right.place).map(({ one }) => one);
};
