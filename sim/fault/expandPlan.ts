/**
 * From a seed to a plan: what a generator stands for in this run.
 *
 * Always holds: the result is a function of (scenario, seed); a plan that is a list already comes back as it is.
 */
import { ScenarioError } from '../../engine/index.ts';
import type { ExpandedScenario, PlanEntry, ResolvedScenario } from '../scenario.ts';

export const isExpanded = (scenario: ResolvedScenario): scenario is ExpandedScenario => Array.isArray(scenario.plan);

/** The scenario with its plan as a list. */
export const expandScenario = (scenario: ResolvedScenario, seed: number): ExpandedScenario => {
  if (isExpanded(scenario)) return scenario;
  return { ...scenario, plan: chaos(scenario, seed) };
};

const chaos = (_scenario: ResolvedScenario, _seed: number): readonly PlanEntry[] => {
  throw new ScenarioError('plan: generators are being built');
};
