/**
 * What a campaign tries: a seed as it is, or a seed with a plan of the search's own making.
 *
 * What counts as a failure differs: a scenario's expectations belong to its own plan. Where that is a list and the search wrote
 * another one, only safety is judged; a generator's expectations hold for any plan.
 */
import { expandScenario, isExpanded } from '../fault/expandPlan.ts';
import type { RunReport } from '../report.ts';
import type { ExpandedScenario, PlanEntry, ResolvedScenario } from '../scenario.ts';
import { type FailureClass, PLAN_CHECK, failureClasses } from './failureClass.ts';

export interface Candidate {
  readonly seed: number;
  /** Without it the scenario's own. */
  readonly plan?: readonly PlanEntry[];
}

/** The scenario that the candidate runs. */
export const scenarioOf = (scenario: ResolvedScenario, { plan }: Candidate): ResolvedScenario => {
  if (plan === undefined) return scenario;
  return isExpanded(scenario) ? { ...scenario, plan, expects: { verdicts: {} } } : { ...scenario, plan };
};

/** The same with its plan as a list: what is saved and shrunk. */
export const expandedOf = (scenario: ResolvedScenario, candidate: Candidate): ExpandedScenario =>
  expandScenario(scenarioOf(scenario, candidate), candidate.seed);

/**
 * The ways in which the candidate failed. Of a plan that nobody wrote by hand, an entry that strikes nobody is no failure, and
 * neither is a check that had nothing to check.
 */
export const candidateFailures = (scenario: ResolvedScenario, candidate: Candidate, report: RunReport): readonly FailureClass[] => {
  const failures = failureClasses(report);
  if (candidate.plan === undefined && isExpanded(scenario)) return failures;
  const unjudged = report.verdicts.filter(({ verdict }) => verdict !== 'violated').map(({ name }) => name);
  return failures.filter(({ check }) => check !== PLAN_CHECK && (candidate.plan === undefined || !unjudged.includes(check)));
};
