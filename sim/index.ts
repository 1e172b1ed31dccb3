/**
 * The virtual world's public face: a scenario and a seed in, a report out.
 *
 *     const report = runScenario(resolved, 7);
 *     report.ledger.lost;              // acknowledged writes that did not survive, each explained
 *     report.traceHash;                // the same for the same scenario and seed, everywhere
 */
export * from './own.ts';
export * from './report.ts';
export * from './scenario.ts';
export * from './topology/topology.ts';
export { type DeploymentFile, importDeployment, noOtherFiles } from './topology/importDeployment.ts';
export { sentinelServices } from './topology/sentinelService.ts';
export { type RunOptions, type Verification, runScenario, verifyScenario } from './run.ts';
export { type ClusterOutcome, type ClusterQuestion, type ServedSlots, observeCluster } from './explore/clusterOutcome.ts';
export { type FailoverOutcome, type FailoverQuestion, observeFailover } from './explore/failoverOutcome.ts';
export { validateScenario } from './validateScenario.ts';
export type { Check, CheckResult, FinalState } from './check/check.ts';
export { Violations } from './check/check.ts';
export type { History, Operation } from './client/history.ts';
export { RedisClient } from './client/redisClient.ts';
export { type Coverage, type NeverExercised, NO_COVERAGE, addCoverage, mergeCoverage, neverExercised } from './explore/coverage.ts';
export { TRACE_VERSION, type TraceHeader, type TraceRecord, type TraceSink } from './trace/traceEvent.ts';
export { type CauseRecord, type CauseRecords, recordsOfTrace } from './check/causeRecord.ts';
export { explain } from './check/explain.ts';
export { expandScenario } from './fault/expandPlan.ts';
export { CHAOS_BOUNDS } from './fault/generate/bounds.ts';
export { CHAOS_KINDS, chaosKinds } from './fault/generate/chaosKinds.ts';
export { KINDS as PLAN_KINDS } from './fault/kinds.ts';
export { type FailureClass, failureClasses, sameFailure } from './explore/failureClass.ts';
export { type ShrinkOptions, type ShrinkStep, type Shrunk, shrink } from './explore/shrink.ts';
