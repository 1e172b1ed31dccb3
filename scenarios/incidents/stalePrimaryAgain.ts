/**
 * https://github.com/redis/redis/issues/12570: the primary A stops, B is promoted and written to; minutes later B stops, and A is
 * started. A calls itself a primary, so no broken link speaks against it: the sentinels choose it, and all that B was told is lost.
 */
import { sentinelsHold } from '../expectations.ts';
import { at, kill, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import type { Incident } from './incident.ts';

const pair = watched({
  replicas: 1, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED, failoverTimeoutMs: 5000,
});

export const stalePrimaryAgain: Incident = {
  reports: ['https://github.com/redis/redis/issues/12570'],
  says: 'The old primary is started after the new one went down: it becomes the primary again, without what was written in between.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-12570',
    teaches: 'An old primary that is started while the new one is down is promoted with its old data: a replica of that age would be'
      + ' refused.',
    topology: pair,
    workload: clientsOf(pair),
    // The first attempt finds nobody; the second comes after twice failover-timeout.
    plan: [kill(at(15_000), 'n1'), kill(at(60_000), 'n2'), start(at(65_000), 'n1'), start(at(85_000), 'n2')],
    durationMs: 105_000,
    settlingMs: 40_000,
    expects: { verdicts: sentinelsHold, failovers: { min: 2, max: 2 }, lost: { min: 700 } },
  },
};
