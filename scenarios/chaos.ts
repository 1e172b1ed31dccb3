/**
 * What the scenarios of chaos have in common: each seed draws another plan of faults and actions (`sim/fault/expandPlan.ts`). What
 * must come out whatever is drawn: no promise is broken, every loss is explained, and where there is no service in the end, or no
 * agreement, there is a proof that there could be none.
 */
import type { Scenario, Verdict } from '../sim/scenario.ts';

const VERDICTS: Readonly<Record<string, Verdict>> = { 'stall-is-excusable': 'holds' };

/** A minute of faults, and time for what comes after them: a TILT of 30 s, a failover that is tried again. */
export const CHAOS: Pick<Scenario, 'plan' | 'durationMs' | 'settlingMs' | 'expects'> = {
  plan: { generate: 'chaos' }, durationMs: 60_000, settlingMs: 90_000, expects: { verdicts: VERDICTS },
};
