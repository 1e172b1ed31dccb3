/** A virtual run, measured as real runs are: by what clients saw and servers logged, and by nothing else. */
import { InvariantError } from '../../../engine/core/errors.ts';
import type { FinalReadResult } from '../../../sim/check/finalRead.ts';
import { observedLedger } from '../../../sim/check/observedLedger.ts';
import type { History } from '../../../sim/client/history.ts';
import { runScenario } from '../../../sim/index.ts';
import type { ResolvedScenario } from '../../../sim/scenario.ts';
import type { MeasuredRun } from './comparison.ts';
import type { LoggedLine } from './eventLog.ts';
import { figuresOf } from './figures.ts';

const MICROS_PER_MS = 1000;
/** What a server logs by default. */
const LEVELS: readonly unknown[] = ['notice', 'warning'];

export const measureVirtual = (scenario: ResolvedScenario, seed: number): MeasuredRun => {
  const lines: LoggedLine[] = [];
  const seen: { readonly history: History; readonly read: FinalReadResult }[] = [];
  const report = runScenario(scenario, seed, {
    sink: { record: ({ at, kind, node, detail }) => {
      if (kind === 'log' && LEVELS.includes(detail?.['level'])) lines.push({ node, atMs: at / MICROS_PER_MS, message: String(detail?.['message']) });
    } },
    onEnd: (end) => seen.push(end),
  });
  const [end] = seen;
  if (end === undefined) throw new InvariantError('a run ends once');
  const ledger = observedLedger(end.history, end.read);
  return {
    verdicts: Object.fromEntries(report.verdicts.map(({ name, verdict }) => [name, verdict])),
    figures: figuresOf({ ledger, unavailableMs: report.unavailableMs, strikes: report.strikes, lines }), notDone: [],
  };
};
