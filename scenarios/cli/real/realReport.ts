/** What a run on real processes says at its end: the document of `faultline run`, with what this world cannot know left empty. */
import type { FinalReadResult } from '../../../sim/check/finalRead.ts';
import { judgeReads, staleness } from '../../../sim/check/staleReads.ts';
import type { History } from '../../../sim/client/history.ts';
import type { LedgerReport, NodeReport, RunReport, StrikeReport, SyncsReport, VerdictReport, ZoneOutage } from '../../../sim/report.ts';
import { firedKinds, judge, outOfBounds } from '../../../sim/run.ts';
import type { Bounds, ExpandedScenario } from '../../../sim/scenario.ts';
import { type LoggedLine, eventOf } from './eventLog.ts';
import { type Figures, figuresOf } from './figures.ts';
import type { Programs } from './programs.ts';
import { type EndNode, type EndOfRun, judgeReal, needsOf } from './realChecks.ts';
import type { UndoneEntry } from './realPlan.ts';
import type { RealPlan } from './realPlan.ts';
import type { NetworkKind, WorldNetwork } from './worldNetwork.ts';

export interface RealReport extends RunReport {
  readonly world: 'real';
  readonly versions: Programs['versions'];
  /** What joined the machines. */
  readonly network: NetworkKind;
  /** In what that is no network of machines. */
  readonly limits: readonly string[];
  /** Entries of the plan that this world could not do, and why. */
  readonly notDone: readonly UndoneEntry[];
  /** What is known of disks after a power loss. */
  readonly disks: string;
  readonly figures: Figures;
  /** Longest time for which a busy machine kept the run's switch and clients from working. */
  readonly stallMs: number;
  /** What each check had to see, by its name. */
  readonly needs: ReturnType<typeof needsOf>;
}

export interface RealEnd extends EndOfRun {
  readonly ledger: LedgerReport;
  readonly history: History;
  readonly read: FinalReadResult;
  readonly zones: readonly ZoneOutage[];
  readonly states: ReadonlyMap<string, NodeReport['state']>;
  readonly ranMs: number;
  readonly stallMs: number;
  readonly wallMs: number;
}

const NO_HASH = 'none: real time';
const NO_POWER = 'no power was lost';
const POWER_WITHOUT_DISKS = 'without root a power loss is a kill on a machine that falls silent: the kernel keeps all that was written, synced or '
  + 'not, so what only a sync would have saved is not lost here';
const POWER = 'after a power loss a machine finds what its file system had put on the disk by then: what was synced, and what the '
  + 'kernel had written back; its journal is replayed at boot';

/** What a run knows besides what happened in it. */
export interface RealRunFacts {
  readonly versions: Programs['versions'];
  readonly seed: number;
  readonly replay: string;
  readonly network: Pick<WorldNetwork, 'kind' | 'limits' | 'hasOwnDisks'>;
}

const disksText = (strikes: readonly StrikeReport[], { hasOwnDisks }: RealRunFacts['network']): string => {
  if (!strikes.some(({ entry, resolved }) => ['power', 'newAddress'].includes(entry.do) && resolved !== null)) return NO_POWER;
  return hasOwnDisks ? POWER : POWER_WITHOUT_DISKS;
};

export const realReport = (
  scenario: ExpandedScenario, end: RealEnd, plan: RealPlan, { versions, seed, replay, network }: RealRunFacts,
): RealReport => {
  const { ledger, history, zones, lines } = end;
  const { expects } = scenario;
  const judged = judgeReal(end, expects.verdicts);
  const strikes = plan.reports();
  const notDone = plan.undone();
  const stale = staleness(judgeReads(history));
  const syncs = syncsOf(lines);
  const unavailableMs = zones.length === 0 ? 0 : Math.min(...zones.map(({ writeMs }) => writeMs));
  const figures = figuresOf({ ledger, unavailableMs, strikes, lines });
  const observed = judged.filter(({ verdict }) => verdict !== 'not observable');
  const seen = new Set(observed.map(({ name }) => name));
  const failures = [
    ...judge(observed, Object.fromEntries(Object.entries(expects.verdicts).filter(([name]) => seen.has(name)))),
    ...lostOutOfBounds('lost writes', ledger.lost, ledger.superseded, expects.lost),
    ...outOfBounds('unavailable ms', unavailableMs, expects.unavailableMs),
    ...lostOutOfBounds('lost writes that WAIT had acknowledged', ledger.waited.lost, ledger.superseded, expects.waitedLost),
    ...outOfBounds('full synchronisations', syncs.full, expects.fullSyncs),
    ...outOfBounds('stale ms', stale.maxMs, expects.staleMs),
    ...notDone.map(({ entry, reason }) => `plan entry '${entry.do}' was not done: ${reason}`),
    ...strikes.filter((strike) => strike.resolved === null && strike.entry.mayMiss !== true
      && notDone.every(({ entry }) => entry !== strike.entry))
      .map((strike) => `plan entry '${strike.entry.do}' was not exercised: ${strike.outcome}`),
  ];
  return {
    world: 'real', versions, network: network.kind, limits: network.limits, notDone, disks: disksText(strikes, network),
    figures, stallMs: end.stallMs, needs: needsOf(judged), scenario: scenario.name, seed, ok: failures.length === 0, traceHash: NO_HASH, virtualMs: end.ranMs, wallMs: end.wallMs,
    events: 0, eventsByKind: {}, plan: scenario.plan, strikes, fired: firedKinds(strikes), marks: {}, replay, ledger, staleness: stale,
    syncs, unavailableMs, zones, nodes: end.nodes.map((node) => nodeReport(node, end.states)),
    verdicts: judged.map(({ name, verdict, detail, comparisons }): VerdictReport => ({
      name, verdict, expected: expects.verdicts[name] ?? null, detail, ...(comparisons === undefined ? {} : { comparisons }),
    })),
    failures, warnings: scenario.topology.warnings,
  };
};

/** A register shows its last value only: what is superseded may have been lost first, so the true count lies between two. */
const lostOutOfBounds = (what: string, lost: number, superseded: number, bounds: Bounds | undefined): readonly string[] =>
  [...outOfBounds(what, lost + superseded, { ...bounds, max: Infinity }), ...outOfBounds(what, lost, { ...bounds, min: 0 })];

/** Nobody hears a PSYNC's answer from outside; replicas log what they were granted, primaries what they refused. */
const syncsOf = (lines: readonly LoggedLine[]): SyncsReport => {
  const count = (event: string): number => lines.filter(({ message }) => eventOf(message) === event).length;
  return { full: count('full-sync'), partialOk: count('partial-sync'), partialRefused: count('partial-refused') };
};

const nodeReport = ({ name, answer }: EndNode, states: RealEnd['states']): NodeReport => ({
  name, state: states.get(name) ?? 'dead', role: answer?.role ?? null, primary: answer?.primary ?? null,
  replicationId: answer?.replicationId ?? null, offset: answer?.offset ?? null, digest: null,
});
