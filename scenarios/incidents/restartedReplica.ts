/**
 * https://github.com/redis/redis/issues/13234, https://github.com/redis/redis/issues/3914: a primary of a cluster and its replica stop
 * together; only the replica is started again, with all data, and is never promoted. A replica that has not heard of its primary since
 * its own start has data of unknown age: older than any limit. With `cluster-replica-validity-factor 0` no age is too old.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { clusterClients, threeAndThree } from '../cluster/deployment.ts';
import { clusterHolds } from '../expectations.ts';
import { at, kill, start } from '../plan.ts';
import type { Incident } from './incident.ts';

const REPORTS = ['https://github.com/redis/redis/issues/13234', 'https://github.com/redis/redis/issues/3914'] as const;

const onlyReplicaReturns = (name: string, teaches: string, factor: string, expects: Scenario['expects']): Scenario => {
  const topology = threeAndThree({ directives: [['appendonly', 'yes'], ['cluster-replica-validity-factor', factor]] });
  return {
    name, teaches, topology, workload: clusterClients(topology),
    plan: [kill(at(20_000), 'n1'), kill(at(20_000), 'n5'), start(at(30_000), 'n5'), start(at(70_000), 'n1')],
    durationMs: 85_000, settlingMs: 20_000, expects,
  };
};

export const restartedReplica: Incident = {
  reports: REPORTS,
  says: 'A primary and its replica stop, the replica alone is started: for twenty minutes it is not promoted.',
  today: 'shown',
  scenario: onlyReplicaReturns(
    'incidents/redis-13234',
    'A replica that was started after its primary had died does not know how old its data are: it is never elected.', '10',
    {
      verdicts: { 'service-restored': 'holds', 'one-elected-per-epoch': 'not exercised', 'ledger-no-bugs': 'holds' }, lost: { max: 80 },
      unavailableMs: { min: 49_000, max: 60_000 },
    }),
};

export const restartedReplicaAnyAge: Incident = {
  reports: REPORTS,
  says: 'The configuration file names the way out: a validity factor of 0, for availability at any price.',
  today: 'shown',
  scenario: onlyReplicaReturns(
    'incidents/redis-13234-any-age',
    'With cluster-replica-validity-factor 0 the restarted replica is elected, with what its own file had.', '0',
    { verdicts: { ...clusterHolds, 'loads-own-prefix': 'holds' }, lost: { max: 80 }, unavailableMs: { min: 10_000, max: 30_000 } }),
};
