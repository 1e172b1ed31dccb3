/**
 * https://github.com/redis/redis/issues/6062: a script reads a key, adds one, and writes it back, once a second. SENTINEL FAILOVER, and
 * the key is ten seconds back, without an error at any client: the old primary accepted writes until the sentinels demoted it.
 */
import { failoverForced, noLedger } from '../expectations.ts';
import { at, client, command } from '../plan.ts';
import { clientsOf, sentinelsOf, watched } from '../sentinel/deployment.ts';
import { PRIMARY_NAME } from '../topologies.ts';
import type { Incident } from './incident.ts';

const topology = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart' });
const locator = { sentinel: { name: PRIMARY_NAME, sentinels: sentinelsOf(topology), listens: false } };

export const manualFailoverRollback: Incident = {
  reports: ['https://github.com/redis/redis/issues/6062'],
  says: 'SENTINEL FAILOVER takes a key ten seconds back while no client sees an error.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-6062',
    teaches: 'SENTINEL FAILOVER stops no writer: a counter goes on at the old primary for ten seconds, and then goes back.',
    topology,
    workload: {
      clients: [client('C1', 'counter', { ...locator, loop: 'closed', thinkMs: 1000 })], probes: clientsOf(topology).probes,
    },
    plan: [command(at(20_000), 's1', 'SENTINEL', 'FAILOVER', PRIMARY_NAME)],
    durationMs: 45_000,
    settlingMs: 20_000,
    expects: {
      verdicts: { ...failoverForced, ...noLedger, 'counter-exact': 'violated', 'read-your-writes': 'violated' },
      failovers: { min: 1, max: 1 }, unavailableMs: { max: 1000 },
    },
  },
};
