/**
 * What Sentinel cannot see: a primary that is away for less than `down-after-milliseconds`. Without persistence it comes back
 * empty and empties its replicas before anybody holds it to be down; and one that stands still again and again, never
 * for long enough, is an outage that nobody reacts to.
 */
import type { PlanEntry, Scenario } from '../../sim/scenario.ts';
import { nothingNoticed } from '../expectations.ts';
import { at, kill, pause } from '../plan.ts';
import { COMPOSE, clientsOf, composeClients, watched } from './deployment.ts';

const reborn = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', restart: 'always' });

export const unpersistedPrimaryReborn: Scenario = {
  name: 'sentinel/unpersisted-primary-reborn',
  teaches: 'A primary without persistence that restarts within down-after empties its replicas; no sentinel sees a failure.',
  topology: reborn,
  workload: clientsOf(reborn),
  plan: [kill(at(20_000), 'n1')],
  durationMs: 35_000,
  settlingMs: 45_000,
  expects: {
    verdicts: nothingNoticed, failovers: { max: 0 },
    // Everything of 20 s, three clients, ten a second each: 599 or 600.
    lost: { min: 590, max: 610 },
    // Too short for a probe to fail.
    unavailableMs: { max: 1000 },
  },
};

const STANDS_STILL_MS = 2500;
const EVERY_MS = 4000;
const TIMES = 8;

const flaps: readonly PlanEntry[] = Array.from({ length: TIMES }, (_, index) =>
  pause(at(20_000 + index * EVERY_MS), 'redis-main', STANDS_STILL_MS));

export const flappingPrimary: Scenario = {
  name: 'sentinel/flapping-primary',
  teaches: 'A primary that is away for 2.5 s of every 4 s is never down for 3 s: an outage without any failover.',
  topology: COMPOSE,
  workload: composeClients(),
  plan: flaps,
  durationMs: 60_000,
  settlingMs: 40_000,
  expects: {
    verdicts: nothingNoticed, failovers: { max: 0 },
    lost: { max: 0 },
    // Eight times 2.5 s, and at each end the time to a new attempt.
    unavailableMs: { min: 19_500, max: 24_000 },
  },
};
