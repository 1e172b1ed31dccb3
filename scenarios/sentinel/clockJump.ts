/**
 * A sentinel that finds its clock to have jumped trusts nothing that it measured: for 30 seconds (TILT) it starts no
 * failover and tells others that the primary is fine. If a majority of the sentinels is in TILT when the primary dies, the
 * failover waits for the end of that time.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, clockJump, kill, start } from '../plan.ts';
import { COMPOSE, composeClients } from './deployment.ts';

/** Far more than the two seconds that a sentinel takes for a pause of its own. */
const JUMP_MS = 60_000;

export const clockJumpTilt: Scenario = {
  name: 'sentinel/clock-jump',
  teaches: 'A clock that jumps puts a sentinel into TILT for 30 s: a primary that dies meanwhile waits that long for a failover.',
  topology: COMPOSE,
  workload: composeClients(),
  plan: [
    clockJump(at(20_000), 'a majority of the sentinels', JUMP_MS),
    kill(at(22_000), 'redis-main'),
    start(at(65_000), 'redis-main'),
  ],
  durationMs: 80_000,
  settlingMs: 45_000,
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    lost: { max: 0 },
    // Measured: 28.7 to 30.5 s: what is left of the 30 s at the kill is 28. The margin is for two more attempts of a client.
    unavailableMs: { min: 28_000, max: 34_000 },
  },
};
