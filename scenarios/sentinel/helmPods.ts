/**
 * The pods of a Helm chart: a Redis and a sentinel in each, a headless service, names instead of addresses, passwords. A pod
 * is lost with everything in it, and comes back later: it asks the other sentinels whom to follow.
 *
 * Three pods with quorum 2 survive one. To survive two it takes five pods and quorum 3 (or less): the second scenario loses two
 * at once, the primary's among them.
 */
import type { Scenario, WorkloadSpec } from '../../sim/scenario.ts';
import { PRIMARY_NAME_DEFAULT } from '../../sim/topology/bitnamiVariables.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, boot, power, sentinelClients } from '../plan.ts';

/** That of both files of values. */
const PASSWORD = 'xxxx';

/** Both files leave the name of the primary to the chart. */
const clientsOfPods = (pods: number): WorkloadSpec => sentinelClients(
  PRIMARY_NAME_DEFAULT, Array.from({ length: pods }, (_, index) => `redis-node-${index}:26379`),
  { password: PASSWORD, sentinelPassword: PASSWORD });

export const helmThreePods: Scenario = {
  name: 'sentinel/helm-three-pods',
  teaches: 'Three pods with a sentinel each survive one; with the chart\'s 60 s of down-after that is a minute without writes.',
  topology: { file: 'kubernetes.values.yaml' },
  workload: clientsOfPods(3),
  plan: [power(at(20_000), 'redis-node-0'), boot(at(100_000), 'redis-node-0')],
  durationMs: 120_000,
  settlingMs: 50_000,
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    lost: { max: 3 },
    // Measured: 62.5 s, of which 60 s are patience.
    unavailableMs: { min: 60_000, max: 66_000 },
  },
};

export const helmFivePods: Scenario = {
  name: 'sentinel/helm-five-pods',
  teaches: 'Five pods with quorum 3 survive the loss of two at once, the primary\'s among them.',
  topology: { file: 'five-pods.values.yaml' },
  workload: clientsOfPods(5),
  plan: [
    power(at(20_000), 'redis-node-0'),
    power(at(20_000), 'redis-node-1'),
    boot(at(45_000), 'redis-node-0'),
    boot(at(47_000), 'redis-node-1'),
  ],
  durationMs: 65_000,
  settlingMs: 50_000,
  expects: {
    verdicts: sentinelsHold, failovers: { min: 1, max: 1 },
    lost: { max: 3 },
    // Measured: 5.5 s; none sooner than 3 s after the last sign of life.
    unavailableMs: { min: 3000, max: 9000 },
  },
};
