/**
 * Looks for a planted bug as a campaign would: seed after seed, until a check that holds at the same seed without the bug is
 * violated with it.
 */
import { type OwnParts, type ResolvedScenario, type RunReport, runScenario } from '../../sim/index.ts';

/** What ends well or not for reasons of the plan: a bug is caught by what must always hold. */
const LIVENESS: readonly string[] = ['convergence', 'service-restored', 'fresh-reads', 'sentinels-agree', 'one-writable-primary',
  'slot-maps-agree', 'config-epochs-unique', 'model-agrees'];

export interface Catch {
  readonly seed: number;
  /** Names of the checks that saw it; an error of the engine's own stands as `crash: …`. */
  readonly checks: readonly string[];
}

const violated = (report: RunReport): readonly string[] => report.verdicts
  .filter(({ name, verdict }) => verdict === 'violated' && !LIVENESS.includes(name)).map(({ name }) => name);

/** What is looked at, and with which workloads and checks beside those that are always there. */
export interface Hunted {
  readonly bug: string;
  readonly scenario: ResolvedScenario;
  readonly own?: OwnParts;
}

/** Which checks complain at this seed with the bug. */
export const checksWith = ({ scenario, bug, own = {} }: Hunted, seed: number): readonly string[] => {
  try {
    return violated(runScenario(scenario, seed, { ...own, bugs: [bug] }));
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    return [`crash: ${failure.message}`];
  }
};

/** Which checks see the bug at this seed: they do not complain without it. */
const checksAgainst = (hunted: Hunted, seed: number): readonly string[] => {
  const seen = checksWith(hunted, seed);
  if (seen.length === 0) return [];
  const without = violated(runScenario(hunted.scenario, seed, hunted.own));
  return seen.filter((name) => !without.includes(name));
};

/** The first seed that shows it; null: none of so many did. */
export const hunt = (hunted: Hunted, seedsMax: number): Catch | null => {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const checks = checksAgainst(hunted, seed);
    if (checks.length > 0) return { seed, checks };
  }
  return null;
};
