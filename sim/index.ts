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
export { importCompose } from './topology/compose.ts';
export { type RunOptions, type Verification, runScenario, verifyScenario } from './run.ts';
export { validateScenario } from './validateScenario.ts';
export { TRACE_VERSION, type TraceHeader, type TraceRecord, type TraceSink } from './trace/traceEvent.ts';
export { KINDS as PLAN_KINDS } from './fault/kinds.ts';
