/**
 * All primaries stand in one zone and all replicas in another. When the first zone loses its power, every write is on a replica that
 * lives, and none of them can be elected: only primaries vote. It stays so until the power is back, and then the primaries
 * come back as such, with what their disks had: the last second before the loss was on the replicas alone, and is thrown away.
 *
 * The operator's way out is CLUSTER FAILOVER TAKEOVER: a replica takes its primary's slots without any vote. Two of these make a
 * majority of three again, which finds the third primary to have failed and elects its replica as usual. Nothing is lost, and the
 * old primaries follow when they are back.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterHolds, clusterUnelected } from '../expectations.ts';
import { at, boot, command, power } from '../plan.ts';
import { clusterClients, threeAndThree } from './deployment.ts';

const STRIKE_MS = 20_000;
const TAKEOVER_MS = 40_000;
const BACK_MS = 55_000;
/** Each takes the next epoch when it has heard of the one before. */
const BETWEEN_MS = 1000;

const PRIMARIES = ['n1', 'n2', 'n3'] as const;
/** Two of the three replicas: those of `n1` and `n2`. */
const TAKERS = ['n5', 'n6'] as const;

const topology = threeAndThree({
  zones: ['first', 'first', 'first', 'second', 'second', 'second'], directives: [['appendonly', 'yes']],
});

const zoneLost = PRIMARIES.map((name) => power(at(STRIKE_MS), name));
const zoneBack = PRIMARIES.map((name) => boot(at(BACK_MS), name));

const common = { topology, workload: clusterClients(topology, ['second']), durationMs: 75_000, settlingMs: 20_000 } as const;

export const primariesInOneZone: Scenario = {
  ...common,
  name: 'cluster/all-primaries-in-one-zone',
  teaches: 'Replicas cannot elect each other: with all primaries in one zone its power takes the cluster down, and a second of writes.',
  plan: [...zoneLost, ...zoneBack],
  // Measured over 20 seeds: 11 to 39 lost, forty are written in a second; 37.1 s: the 35 s until the power is back, and 2 s in
  // which a started primary waits for news of having been replaced.
  expects: { verdicts: clusterUnelected, lost: { min: 1, max: 60 }, unavailableMs: { min: 36_000, max: 42_000 } },
};

export const takeoverByHand: Scenario = {
  ...common,
  name: 'cluster/takeover-by-hand',
  teaches: 'CLUSTER FAILOVER TAKEOVER needs no votes: the way out when the majority of the primaries is gone, and nothing is lost.',
  plan: [
    ...zoneLost,
    ...TAKERS.map((name, index) => command(at(TAKEOVER_MS + index * BETWEEN_MS), name, 'CLUSTER', 'FAILOVER', 'TAKEOVER')),
    ...zoneBack,
  ],
  // Measured over 20 seeds: nothing lost, 25.9 to 26.0 s: 21 s until the second takeover, and 5 s that a primary waits after it
  // was in a minority.
  expects: { verdicts: clusterHolds, lost: { max: 0 }, unavailableMs: { min: 20_000, max: 30_000 } },
};
