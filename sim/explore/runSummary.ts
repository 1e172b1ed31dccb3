/**
 * What a campaign keeps of a run: a few figures, the ways in which it failed, and what it exercised. Workers send this instead of
 * the report, which may be a thousand times as long.
 */
import type { RunReport } from '../report.ts';
import type { ResolvedScenario } from '../scenario.ts';
import { type Candidate, candidateFailures } from './candidate.ts';
import { type Coverage, NO_COVERAGE, addCoverage } from './coverage.ts';
import { type FailureClass, errorClass, messageOf } from './failureClass.ts';
import { type Feature, featuresOf, signatureOf } from './signature.ts';

export interface RunSummary {
  readonly traceHash: string;
  /** Empty: as expected. The first is nearest to the root. */
  readonly failures: readonly FailureClass[];
  /** The report's first line about the first of them; empty where there is none. */
  readonly detail: string;
  /** Entries of the expanded plan. */
  readonly entries: number;
  readonly lost: number;
  readonly bugs: number;
  readonly unavailableMs: number;
  /** Of each failover of sentinels that came to an end: from its begin to the switch. */
  readonly failoverMs: readonly number[];
  readonly virtualMs: number;
  readonly events: number;
  /** What this run exercised. */
  readonly coverage: Coverage;
  readonly features: readonly Feature[];
  readonly signature: string;
}

export const summaryOf = (scenario: ResolvedScenario, candidate: Candidate, report: RunReport): RunSummary => {
  const failures = candidateFailures(scenario, candidate, report);
  const features = featuresOf(report);
  const [first] = failures;
  return {
    traceHash: report.traceHash, failures,
    detail: first === undefined ? '' : report.failures.find((line) => line.startsWith(first.check)) ?? report.failures[0] ?? '',
    entries: report.plan.length, lost: report.ledger.lost, bugs: report.ledger.bugs, unavailableMs: report.unavailableMs,
    failoverMs: (report.failovers ?? []).flatMap(({ switchedMs, atMs }) => (switchedMs === null ? [] : [Math.ceil(switchedMs - atMs)])),
    virtualMs: report.virtualMs, events: report.events, coverage: addCoverage(NO_COVERAGE, report), features, signature: signatureOf(features),
  };
};

/** A run that ended in an error of our own: a failure like any other, that nothing else is known of. */
export const summaryOfError = (error: unknown): RunSummary => {
  const failure = errorClass(error);
  const features = [`error:${failure.cause}`];
  return {
    traceHash: '', failures: [failure], detail: messageOf(error), entries: 0, lost: 0,
    bugs: 0, unavailableMs: 0, failoverMs: [], virtualMs: 0, events: 0,
    coverage: { ...NO_COVERAGE, runs: 1 }, features, signature: signatureOf(features),
  };
};
