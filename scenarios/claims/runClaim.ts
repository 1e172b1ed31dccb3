/** Runs a claim: its cases one after the other, each scenario and seed once. */
import type { Scenario } from '../../sim/scenario.ts';
import type { ReadText } from '../../sim/topology/topology.ts';
import { resolve } from '../index.ts';
import { runClusterCell } from '../quorum/clusterCellRun.ts';
import { clusterRow } from '../quorum/clusterTable.ts';
import { runCell } from '../quorum/cellRun.ts';
import { quorumRow } from '../quorum/table.ts';
import { type CaseResult, type Claim, type ClaimCase, type ClaimResult, type Observation, judge } from './claim.ts';
import { type SeenRun, see } from './seen.ts';

/** Of each cell: the whole table is `faultline quorum`. */
const CELL_SEEDS = 3;
const CLUSTER_CELL_SEEDS = 1;
/** The usual one: claims need no special one. */
const SEED = 1;

const overSeeds = <Run>(seeds: number, run: (seed: number) => Run): readonly Run[] =>
  Array.from({ length: seeds }, (_, index) => run(index + 1));

/** Throws `ScenarioError` where a deployment file cannot be used. */
export const runClaim = (claim: Claim, readText: ReadText): ClaimResult => {
  const seen = new Map<string, SeenRun>();
  const runOf = (scenario: Scenario, seed: number): SeenRun => {
    const key = `${scenario.name} ${seed}`;
    const run = seen.get(key) ?? see(resolve(scenario, readText), seed);
    seen.set(key, run);
    return run;
  };
  const { n, group, statement, condition, expected } = claim;
  const cases = claim.cases.map((one): CaseResult => ({
    ...(one.condition === undefined ? {} : { condition: one.condition }), ...observe(one, runOf), replay: replayOf(one),
  }));
  const { verdict, decisive } = judge(cases);
  return {
    n, group, statement, verdict, ...(verdict === 'holds if' && condition !== undefined ? { condition } : {}),
    evidence: cases.map(({ evidence }) => evidence).join('; '), replay: decisive?.replay ?? '', expected, cases,
  };
};

const observe = (one: ClaimCase, runOf: (scenario: Scenario, seed: number) => SeenRun): Observation => {
  if (one.sentinelCells !== undefined) {
    return one.observe(one.sentinelCells.map((cell) => quorumRow(cell, overSeeds(CELL_SEEDS, (seed) => runCell(cell, seed)))));
  }
  if (one.clusterCells !== undefined) {
    return one.observe(
      one.clusterCells.map((cell) => clusterRow(cell, overSeeds(CLUSTER_CELL_SEEDS, (seed) => runClusterCell(cell, seed))))
    );
  }
  const first = runOf(one.scenario, SEED);
  const runs = overSeeds(one.seeds ?? 1, (seed) => runOf(one.scenario, seed));
  return one.observe(first, runs, one.against === undefined ? first : runOf(one.against, SEED));
};

const replayOf = (one: ClaimCase): string => {
  if (one.sentinelCells !== undefined) {
    const sentinels = Math.max(...one.sentinelCells.map((cell) => cell.sentinels));
    return `npx faultline quorum --only sentinel --sentinels ${sentinels} --seeds ${CELL_SEEDS}`;
  }
  if (one.clusterCells !== undefined) {
    const primaries = Math.max(...one.clusterCells.map((cell) => cell.primaries));
    return `npx faultline quorum --only cluster --primaries ${primaries} --seeds ${CLUSTER_CELL_SEEDS}`;
  }
  return `npx faultline run ${one.scenario.name} --seed ${SEED}${one.seeds === undefined ? '' : ` --seeds ${one.seeds}`}`;
};
