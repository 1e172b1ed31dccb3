/** What two worlds are compared by: figures of one run that both can be asked for, taken in the same way. */
import { SENTINEL_EVENT } from '../../../engine/index.ts';
import type { LedgerReport, StrikeReport } from '../../../sim/report.ts';
import { type LoggedLine, eventOf, ordersOf } from './eventLog.ts';

export interface Figures {
  readonly acknowledged: number;
  readonly lost: number;
  /** Lost of those acknowledged, in percent. */
  readonly lostPercent: number;
  readonly unavailableMs: number;
  /** From the first strike of the plan to the first word of another primary; null: nobody said one. */
  readonly failoverMs: number | null;
  /** Names of the events of each node, in the order of their first time after the first strike. */
  readonly orders: Readonly<Record<string, readonly string[]>>;
}

/** Who logs one of these serves, or speaks for one who does, in another's place. */
const CHANGEOVERS: readonly string[] = [SENTINEL_EVENT.switchPrimary, 'election-won'];
const PERCENT = 100;

export const figuresOf = (run: {
  readonly ledger: LedgerReport; readonly unavailableMs: number; readonly strikes: readonly StrikeReport[];
  readonly lines: readonly LoggedLine[];
}): Figures => {
  const { acknowledged, lost } = run.ledger;
  const struckAt = Math.min(...run.strikes.flatMap(({ atMs, resolved }) => (atMs === null || resolved === null ? [] : [atMs])));
  const after = run.lines.filter(({ atMs }) => atMs >= struckAt);
  const changeover = after.find(({ message }) => CHANGEOVERS.includes(eventOf(message) ?? ''));
  return {
    acknowledged, lost, lostPercent: acknowledged === 0 ? 0 : (lost * PERCENT) / acknowledged, unavailableMs: run.unavailableMs,
    failoverMs: changeover === undefined ? null : changeover.atMs - struckAt, orders: Object.fromEntries(ordersOf(after)),
  };
};
