/**
 * The virtual world's public face: a scenario and a seed in, a report out.
 *
 *     const report = runScenario(resolved, 7);
 *     report.ledger.lost;              // acknowledged writes that did not survive, each explained
 *     report.traceHash;                // the same for the same scenario and seed, everywhere
 */
export * from './report.ts';
export * from './scenario.ts';
export * from './topology/topology.ts';
export { importDeployment } from './topology/importDeployment.ts';
export { sentinelServices } from './topology/sentinelService.ts';
export { type RunOptions, type Verification, runScenario, verifyScenario } from './run.ts';
export { type ClusterOutcome, type ClusterQuestion, type ServedSlots, observeCluster } from './explore/clusterOutcome.ts';
export { type FailoverOutcome, type FailoverQuestion, observeFailover } from './explore/failoverOutcome.ts';
export { validateScenario } from './validateScenario.ts';
export { TRACE_VERSION, type TraceHeader, type TraceRecord, type TraceSink } from './trace/traceEvent.ts';
export { type CauseRecord, type CauseRecords, recordsOfTrace } from './check/causeRecord.ts';
export { explain } from './check/explain.ts';
export { KINDS as PLAN_KINDS } from './fault/kinds.ts';
