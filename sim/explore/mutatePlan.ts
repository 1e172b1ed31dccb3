/**
 * A new plan from one that was interesting: entries dropped, repeated, moved, lengthened, aimed elsewhere, or taken over from
 * another plan of the same scenario.
 *
 * Always holds: the same plans and the same stream give the same result; it has at most `MUTATED_ENTRIES_MAX` entries, all within
 * the run's duration; targets are ones that this scenario knows.
 */
import type { RandomStream } from '../random/streams.ts';
import type { PlanEntry, PlanTime, ResolvedScenario } from '../scenario.ts';

export const MUTATED_ENTRIES_MAX = 64;
/** Small changes one upon the other: most find the neighbourhood, some leave it. */
const CHANGES_MAX = 4;
const STEP_MS = 100;
const SHIFT_MS_MAX = 10_000;
const FOR_MS_MIN = 100;

interface Surroundings {
  readonly stream: RandomStream;
  readonly durationMs: number;
  readonly targets: readonly string[];
  /** Entries of another interesting plan. */
  readonly other: readonly PlanEntry[];
}

/** `other` lends entries; it may be empty. */
export const mutatePlan = (
  scenario: ResolvedScenario, plan: readonly PlanEntry[], other: readonly PlanEntry[], stream: RandomStream,
): readonly PlanEntry[] => {
  const surroundings = { stream, durationMs: scenario.durationMs, targets: targetsOf(scenario, [...plan, ...other]), other };
  let mutated = plan;
  const changes = stream.between(1, CHANGES_MAX);
  for (let change = 0; change < changes; change++) mutated = stream.pick(CHANGES)(mutated, surroundings);
  return mutated.slice(0, MUTATED_ENTRIES_MAX);
};

type Change = (plan: readonly PlanEntry[], surroundings: Surroundings) => readonly PlanEntry[];

/** Changes one entry; a plan without any stays empty. */
const onOne = (change: (entry: PlanEntry, surroundings: Surroundings) => readonly PlanEntry[]): Change => (plan, surroundings) => {
  if (plan.length === 0) return plan;
  const place = surroundings.stream.below(plan.length);
  return [...plan.slice(0, place), ...change(plan[place] as PlanEntry, surroundings), ...plan.slice(place + 1)];
};

const CHANGES: readonly Change[] = [
  onOne(() => []),
  onOne((entry, surroundings) => [entry, { ...entry, when: shifted(entry.when, surroundings) }]),
  onOne((entry, surroundings) => [{ ...entry, when: shifted(entry.when, surroundings) }]),
  onOne((entry, { stream }) => (entry.forMs === undefined ? [entry]
    : [{ ...entry, forMs: Math.max(FOR_MS_MIN, Math.floor(entry.forMs * stream.pick([0.25, 0.5, 2, 4]))) }])),
  onOne((entry, { stream, targets }) => (entry.target === undefined ? [entry] : [{ ...entry, target: stream.pick(targets) }])),
  (plan, { stream, other }) => (other.length === 0 ? plan : [...plan, stream.pick(other)]),
];

const shifted = (when: PlanTime, { stream, durationMs }: Surroundings): PlanTime => {
  const byMs = stream.between(-SHIFT_MS_MAX / STEP_MS, SHIFT_MS_MAX / STEP_MS) * STEP_MS;
  const within = (ms: number): number => Math.max(0, Math.min(durationMs - 1, ms));
  if ('atMs' in when) return { atMs: within(when.atMs + byMs) };
  if ('atMicros' in when) return { atMs: within(Math.floor(when.atMicros / 1000) + byMs) };
  return { ...when, delayMs: within((when.delayMs ?? 0) + Math.abs(byMs)) };
};

const DATA_ROLES: readonly string[] = ['the primary', 'a replica', 'the most advanced replica', 'the least advanced replica'];
const SENTINEL_ROLES: readonly string[] = ['a sentinel', 'sentinel 2', 'the sentinel leader', 'a minority of the sentinels'];

/** Targets of the plans, every process by its name, and the roles that this topology has. */
const targetsOf = ({ topology }: ResolvedScenario, plan: readonly PlanEntry[]): readonly string[] => {
  const { processes } = topology;
  const roles = [
    ...(processes.some(({ kind }) => kind === 'redis') ? DATA_ROLES : []),
    ...(processes.some(({ kind }) => kind === 'sentinel') ? SENTINEL_ROLES : []),
  ];
  return [...new Set([...plan.flatMap(({ target }) => target ?? []), ...roles, ...processes.map(({ name }) => name)])];
};
