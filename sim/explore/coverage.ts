/**
 * What a campaign has exercised, and what it has not: marks that were never reached, kinds of faults that never struck, checks
 * that never had anything to compare. A campaign that tested nothing must not look green.
 *
 *     let coverage = NO_COVERAGE;
 *     for (const report of reports) coverage = addCoverage(coverage, report);
 *     const { marks, kinds, checks } = neverExercised(coverage, scenario);
 *
 * What always holds: adding is associative and does not mind the order, so shards and workers may be added up as they come.
 */
import { MARKS, type MarkName, type MarkNeed } from '../../engine/index.ts';
import { chaosKinds } from '../fault/generate/chaosKinds.ts';
import type { RunReport } from '../report.ts';
import type { PlanEntry, ResolvedScenario } from '../scenario.ts';
import { type ProcessSpec, directiveOf, isClusterNode } from '../topology/topology.ts';

type Counts = Readonly<Record<string, number>>;

/** Sums over the runs of a campaign; plain data, for JSON and for messages between workers. */
export interface Coverage {
  readonly runs: number;
  /** By name in `MARKS`. */
  readonly marks: Counts;
  /** By kind of plan entry: how often one was planned, and how often it struck somebody. */
  readonly planned: Counts;
  readonly fired: Counts;
  /** By name of the check: comparisons where it counts them, else 1 for each run in which it came to a verdict. */
  readonly checks: Counts;
}

/** What a campaign did not reach, each list in the order of its names. */
export interface NeverExercised {
  /** Only those that this deployment, workload and plan can reach. */
  readonly marks: readonly { readonly name: MarkName; readonly means: string }[];
  /** Kinds that were planned and never struck anybody, and of a generator's own list those never planned. */
  readonly kinds: readonly string[];
  readonly checks: readonly string[];
}

export const NO_COVERAGE: Coverage = { runs: 0, marks: {}, planned: {}, fired: {}, checks: {} };

export const addCoverage = (coverage: Coverage, { marks, plan, fired, verdicts }: RunReport): Coverage => mergeCoverage(coverage, {
  runs: 1, marks, fired, planned: countEach(plan.map((entry) => entry.do)),
  checks: Object.fromEntries(verdicts.map(({ name, verdict, comparisons }) => [
    name, comparisons ?? (verdict === 'not exercised' || verdict === 'not observable' ? 0 : 1),
  ])),
});

export const mergeCoverage = (left: Coverage, right: Coverage): Coverage => ({
  runs: left.runs + right.runs, marks: addCounts(left.marks, right.marks), planned: addCounts(left.planned, right.planned),
  fired: addCounts(left.fired, right.fired), checks: addCounts(left.checks, right.checks),
});

export const neverExercised = (coverage: Coverage, scenario: ResolvedScenario): NeverExercised => {
  const wanted = new Set([...Object.keys(coverage.planned), ...('generate' in scenario.plan ? scenario.plan.kinds ?? [] : [])]);
  return {
    marks: reachableMarks(scenario).filter((name) => (coverage.marks[name] ?? 0) === 0)
      .map((name) => ({ name, means: MARKS[name].means })),
    kinds: [...wanted].filter((kind) => (coverage.fired[kind] ?? 0) === 0).sort(),
    checks: Object.keys(coverage.checks).filter((name) => coverage.checks[name] === 0).sort(),
  };
};

/** The marks that a run of this scenario could reach, in the catalogue's order. */
export const reachableMarks = (scenario: ResolvedScenario): readonly MarkName[] => {
  const offered = offers(scenario);
  return (Object.keys(MARKS) as MarkName[]).filter((name) => MARKS[name].needs.every((need) => offered.has(need)));
};

const RESHARDING: readonly string[] = ['moveSlots', 'removeNode', 'fixSlots'];
/** A limit of replica output below this can be reached by an ordinary workload. */
const SMALL_OUTPUT_BYTES = 64 * 1024 * 1024;
const OUTPUT_LIMIT_HARD_BYTES_DEFAULT = 256 * 1024 * 1024;
const BACKLOG_TTL_SECONDS_DEFAULT = 3600;
const MS_PER_SECOND = 1000;

const offers = (scenario: ResolvedScenario): ReadonlySet<MarkNeed> => {
  const { topology: { processes }, workload: { clients }, durationMs } = scenario;
  const nodes = processes.filter(({ kind }) => kind === 'redis');
  const some = (test: (node: ProcessSpec) => boolean): boolean => nodes.some(test);
  const has = (node: ProcessSpec, directive: string, value: string): boolean => directiveOf(node, directive)?.[0] === value;
  const isClustered = some(isClusterNode);
  const perPrimary = scenario.topology.cluster?.replicas ?? 0;
  const kinds = plannedKinds(scenario);
  const offered: Readonly<Record<MarkNeed, boolean>> = {
    replicas: some((node) => directiveOf(node, 'replicaof') !== null) || perPrimary > 0,
    sentinels: processes.some(({ kind }) => kind === 'sentinel'),
    cluster: isClustered,
    clusterReplicas: isClustered && perPrimary > 0,
    clusterSiblings: isClustered && perPrimary > 1,
    aof: some((node) => has(node, 'appendonly', 'yes')),
    aofAlways: some((node) => has(node, 'appendonly', 'yes') && has(node, 'appendfsync', 'always')),
    snapshots: some((node) => !has(node, 'save', '')),
    disk: some((node) => has(node, 'appendonly', 'yes') || !has(node, 'save', '')),
    disklessOff: some((node) => has(node, 'repl-diskless-sync', 'no')),
    disklessLoad: some((node) => directiveOf(node, 'repl-diskless-load') !== null && !has(node, 'repl-diskless-load', 'disabled')),
    smallOutput: some((node) => outputLimitBytes(node) < SMALL_OUTPUT_BYTES),
    shortBacklogTtl: some((node) => ttlSeconds(node) > 0 && ttlSeconds(node) * MS_PER_SECOND < durationMs),
    minReplicas: some((node) => Number(directiveOf(node, 'min-replicas-to-write')?.[0] ?? 0) > 0),
    waits: clients.some(({ wait }) => wait !== undefined),
    transactions: clients.some(({ kind }) => TRANSACTIONAL.includes(kind)),
    blocking: clients.some(({ kind }) => BLOCKING.includes(kind)),
    multiKey: clients.some(({ kind }) => MULTI_KEY.includes(kind)),
    pauses: ['failover', 'clusterFailover', 'client pause'].some((kind) => kinds.includes(kind)),
    handover: kinds.includes('failover'),
    clusterHandover: kinds.includes('clusterFailover'),
    resharding: RESHARDING.some((kind) => kinds.includes(kind)),
  };
  return new Set((Object.keys(offered) as MarkNeed[]).filter((need) => offered[need]));
};

/** Kinds of workloads that use MULTI, wait for keys, and ask for several keys at once. */
const TRANSACTIONAL: readonly string[] = ['sharedRegister', 'lock', 'multiKey'];
const BLOCKING: readonly string[] = ['queue'];
const MULTI_KEY: readonly string[] = ['multiKey'];

/** What the plan names, commands by the names that chaos has for them; a generator without a list may draw all that fits. */
const plannedKinds = ({ plan, topology }: ResolvedScenario): readonly string[] =>
  ('generate' in plan ? plan.kinds ?? chaosKinds(topology) : (plan as readonly PlanEntry[]).map(kindOf));

const kindOf = (entry: PlanEntry): string => {
  const argv = entry.with?.['argv'];
  const words = entry.do === 'command' && Array.isArray(argv) ? argv.slice(0, 2).join(' ').toLowerCase() : entry.do;
  if (words === 'cluster failover') return 'clusterFailover';
  return words.startsWith('failover') ? 'failover' : words;
};

/** Of replicas, hard: the third word behind the kind's name. */
const outputLimitBytes = (node: ProcessSpec): number => {
  const words = node.directives.findLast(([name, kind]) => name === 'client-output-buffer-limit' && kind === 'replica');
  const [, amount, unit] = /^(\d+)([kmg]?)b?$/i.exec(words?.[2] ?? '') ?? [];
  return amount === undefined ? OUTPUT_LIMIT_HARD_BYTES_DEFAULT : Number(amount) * (UNITS[(unit ?? '').toLowerCase()] ?? 1);
};

const UNITS: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024, g: 1024 * 1024 * 1024 };

const ttlSeconds = (node: ProcessSpec): number =>
  Number(directiveOf(node, 'repl-backlog-ttl')?.[0] ?? BACKLOG_TTL_SECONDS_DEFAULT);

const countEach = (names: readonly string[]): Counts => {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const addCounts = (left: Counts, right: Counts): Counts => {
  const sum: Record<string, number> = { ...left };
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(sum).sort(([one], [other]) => (one < other ? -1 : 1)));
};
