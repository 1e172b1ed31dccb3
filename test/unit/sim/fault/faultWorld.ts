/** Worlds for the tests of single faults: a primary with two replicas and three clients, and what their traces show. */
import { threeClients } from '../../../../scenarios/plan.ts';
import { appendOnly, primaryWithReplicas } from '../../../../scenarios/persistence/deployment.ts';
import type { PlanEntry, ResolvedScenario, Topology, TraceRecord } from '../../../../sim/index.ts';
import type { RunReport, StrikeReport } from '../../../../sim/report.ts';
import { runScenario } from '../../../../sim/run.ts';

/** Replicas have their first snapshot by then. */
export const STRIKE_MS = 7000;
export const END_MS = 14_000;

export interface FaultRun {
  readonly report: RunReport;
  readonly records: readonly TraceRecord[];
  readonly strike: StrikeReport;
  /** Those of a kind between two times. */
  between(fromMs: number, toMs: number, kind: string): readonly TraceRecord[];
}

export const faultScenario = (plan: readonly PlanEntry[], topology: Topology = primaryWithReplicas(appendOnly('everysec'))): ResolvedScenario => ({
  name: 'a fault', teaches: 'x', topology, workload: threeClients('redis-main:6379'), plan,
  durationMs: END_MS, settlingMs: 12_000, expects: { verdicts: {} },
});

/** Strikes at `STRIKE_MS` unless the entries say when. */
export const runFault = (entry: Omit<PlanEntry, 'when'> | readonly PlanEntry[], topology?: Topology, seed: number = 1): FaultRun => {
  const plan = Array.isArray(entry) ? entry as readonly PlanEntry[] : [{ when: { atMs: STRIKE_MS }, ...(entry as Omit<PlanEntry, 'when'>) }];
  const records: TraceRecord[] = [];
  const report = runScenario(faultScenario(plan, topology), seed, { sink: { record: (record) => void records.push(record) } });
  const [strike] = report.strikes;
  if (strike === undefined) throw new Error('no entry');
  return {
    report, records, strike,
    between: (fromMs, toMs, kind) => records.filter((record) => record.kind === kind && record.at >= fromMs * 1000 && record.at < toMs * 1000),
  };
};

/** How many operations of a client were answered with `ok` between two times. */
export const completed = ({ between }: FaultRun, client: string, fromMs: number, toMs: number): number =>
  between(fromMs, toMs, 'complete').filter(({ node, detail }) => node === client && detail?.['outcome'] === 'ok').length;
