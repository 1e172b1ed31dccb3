/** Scenarios with their topologies, and what a report must not hold: shared by the tests that run whole worlds. */
import { readFileSync } from 'node:fs';
import { findScenario, resolve } from '../../scenarios/index.ts';
import type { ExpandedScenario, PlanEntry, ResolvedScenario, RunReport } from '../../sim/index.ts';
import { isExpanded } from '../../sim/fault/expandPlan.ts';
import type { ReadText } from '../../sim/topology/topology.ts';

/** Liveness and freshness, which a plan may well spoil; every other check is safety. */
const LIVENESS: readonly string[] = ['convergence', 'service-restored', 'fresh-reads', 'sentinels-agree', 'one-writable-primary',
  'slot-maps-agree', 'config-epochs-unique', 'redirects-bounded', 'stall-is-excusable'];

const readSeed: ReadText = (file) => readFileSync(new URL(`../../scenarios/seeds/${file}`, import.meta.url), 'utf8');

export const resolvedScenario = (name: string): ResolvedScenario => {
  const scenario = findScenario(name);
  if (scenario === null) throw new Error(`no scenario is called ${name}`);
  return resolve(scenario, readSeed);
};

/** One whose plan is written out, for those who change its entries. */
export const listedScenario = (name: string): ExpandedScenario => {
  const scenario = resolvedScenario(name);
  if (!isExpanded(scenario)) throw new Error(`the plan of ${name} is a generator`);
  return scenario;
};

/** A scenario of ours with another plan. */
export const withPlan = (name: string, plan: readonly PlanEntry[], durationMs: number, settlingMs: number): ResolvedScenario =>
  ({ ...resolvedScenario(name), plan, durationMs, settlingMs, expects: { verdicts: {} } });

/** What is wrong with the report whatever the plan did: bugs, violated safety, accounts that do not add up. */
export const safetyProblems = (report: RunReport): string[] => {
  const { ledger } = report;
  const problems = report.verdicts
    .filter(({ name, verdict, expected }) => verdict === 'violated' && expected !== 'violated' && !LIVENESS.includes(name))
    .map(({ name, detail, event }) => `${name}: ${detail}${event === undefined ? '' : ` (event ${event})`}`);
  if (ledger.acknowledged !== ledger.survived + ledger.superseded + ledger.lost + ledger.unknown) {
    problems.push(`acknowledged ${ledger.acknowledged} is not survived ${ledger.survived} + superseded ${ledger.superseded}`
      + ` + lost ${ledger.lost} + unknown ${ledger.unknown}`);
  }
  if (ledger.lost !== ledger.permitted + ledger.bugs) {
    problems.push(`lost ${ledger.lost} is not permitted ${ledger.permitted} + bugs ${ledger.bugs}`);
  }
  for (const write of ledger.lostWrites.filter((one) => !one.permitted).slice(0, 3)) {
    problems.push(`${write.operation} at ${write.position}: ${write.cause}: ${write.chain
      .map((step) => `${step.node} ${step.atMs} ms ${step.what} [${step.rule}]`).join('; ')}`);
  }
  return problems;
};
