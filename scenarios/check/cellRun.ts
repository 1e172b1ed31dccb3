/** One run of a cell, and what of it the table needs. */
import { type RunReport, runScenario } from '../../sim/index.ts';
import type { ProbeRecord } from '../../sim/client/probe.ts';
import type { ResolvedScenario } from '../../sim/scenario.ts';
import { STRIKE_MS } from './cellScenario.ts';

/**
 * How writes fared in the best-placed zone: not a probe failed; back while the failure still stood; back when it was over; or not even
 * then.
 */
export type Availability = 'serves on' | 'recovers' | 'when repaired' | 'not even repaired';

export interface CellOutcome {
  readonly seed: number;
  readonly availability: Availability;
  readonly acknowledged: number;
  readonly lost: number;
  /** Of those acknowledged before the failure, and how many of them were lost: all, or nearly, where somebody came back empty. */
  readonly before: { readonly acknowledged: number; readonly lost: number };
  /** Acknowledged writes whose fate nobody knows, since nobody serves. */
  readonly unknown: number;
  /** In the best-placed zone, from the strike to the end of the failure. Virtual ms. */
  readonly writeOutageMs: number;
  readonly readOutageMs: number;
  /** Failovers that came so far as to tell clients of another primary. */
  readonly switches: number;
  /** What each entry of the plan came to, in its order. */
  readonly strikes: readonly string[];
  /** Safety that was violated, and entries that struck nobody: errors of ours, or of the engine. */
  readonly problems: readonly string[];
}

const MICROS_PER_MS = 1000;

export const runCheckCell = (scenario: ResolvedScenario, seed: number): CellOutcome => {
  let probes: readonly ProbeRecord[] = [];
  let acknowledgedBefore = 0;
  const report = runScenario(scenario, seed, { onEnd: (end) => {
    probes = end.probes;
    acknowledgedBefore = end.history.operations.filter(({ outcome, completedAt }) => (
      outcome === 'ok' && completedAt !== null && completedAt < STRIKE_MS * MICROS_PER_MS)).length;
  } });
  const lostBefore = report.ledger.lostWrites.filter(({ acknowledgedMs }) => acknowledgedMs < STRIKE_MS).length;
  return outcomeOf(scenario, report, probes, { acknowledged: acknowledgedBefore, lost: lostBefore });
};

const outcomeOf = ({ durationMs }: ResolvedScenario, report: RunReport, probes: readonly ProbeRecord[], before: CellOutcome['before']): CellOutcome => {
  const from = STRIKE_MS * MICROS_PER_MS;
  const over = durationMs * MICROS_PER_MS;
  // A zone is as well off as the worst of its ranges of slots.
  const zones = [...new Set(probes.map(({ spec: { zone } }) => zone))].map((zone) => {
    const here = probes.filter((probe) => probe.spec.zone === zone);
    return {
      writeOutageMs: Math.ceil(Math.max(...here.map(({ write }) => write.within(from, over))) / MICROS_PER_MS),
      readOutageMs: Math.ceil(Math.max(...here.map(({ read }) => read.within(from, over))) / MICROS_PER_MS),
      isBack: here.every(({ write }) => !write.covers(over)),
      isOpen: here.some(({ write }) => write.isOpen),
    };
  });
  const best = (ms: (zone: (typeof zones)[number]) => number): number => Math.min(...zones.map(ms));
  const writeOutageMs = best((zone) => zone.writeOutageMs);
  const availability = writeOutageMs === 0 ? 'serves on' : zones.some(({ isBack }) => isBack) ? 'recovers'
    : zones.some(({ isOpen }) => !isOpen) ? 'when repaired' : 'not even repaired';
  const { ledger, seed, failures, failovers = [] } = report;
  return {
    seed, availability, acknowledged: ledger.acknowledged, lost: ledger.lost, before, unknown: ledger.unknown, writeOutageMs,
    readOutageMs: best((zone) => zone.readOutageMs), problems: failures,
    switches: failovers.filter(({ switchedMs }) => switchedMs !== null).length, strikes: report.strikes.map(({ outcome }) => outcome),
  };
};
