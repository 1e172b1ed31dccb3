/**
 * https://github.com/redis/redis/issues/4561: a primary is restarted and loads its data for minutes. It answers PING with LOADING, which
 * counts as alive; so it is not replaced, and nobody is served. Redis 7.0 has `master-reboot-down-after-period` for that
 * (https://github.com/redis/redis/pull/9438), 0 by default: as before.
 *
 * Data that take long to load are stood for by a primary that is slow in everything for so long.
 */
import { SENTINEL_DIRECTIVE } from '../../sim/wireWords.ts';
import type { Scenario } from '../../sim/scenario.ts';
import { nothingNoticed, sentinelsHold } from '../expectations.ts';
import { at, client, kill, slow, start } from '../plan.ts';
import { PERSISTED, clientsOf, sentinelsOf, watched } from '../sentinel/deployment.ts';
import { PRIMARY_NAME, type SentinelPlan } from '../topologies.ts';
import type { Incident } from './incident.ts';

const PERIOD_MS = 200;

const loading = (name: string, teaches: string, sentinelLines: readonly (readonly string[])[], expects: Scenario['expects']): Scenario => {
  const directivesOf: NonNullable<SentinelPlan['directivesOf']> = Object.fromEntries(
    ['s1', 's2', 's3'].map((sentinel) => [sentinel, sentinelLines]));
  const topology = watched({
    replicas: 1, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED, directivesOf, downAfterMs: 8000,
  });
  const locator = { sentinel: { name: PRIMARY_NAME, sentinels: sentinelsOf(topology), listens: true } };
  return {
    name, teaches, topology,
    workload: {
      clients: ['C1', 'C2'].map((one) => client(one, 'setAdd', { ...locator, operationsPerSecond: 1000 })),
      probes: clientsOf(topology).probes,
    },
    plan: [kill(at(14_000), 'n1'), start(at(14_050), 'n1'), slow(at(14_050), 'n1', 230, 14_000)],
    durationMs: 30_000,
    settlingMs: 30_000,
    expects,
  };
};

export const rebootWhileLoading: Incident = {
  reports: ['https://github.com/redis/redis/issues/4561'],
  says: 'A restarted primary loads its data for minutes and answers LOADING, which counts as a valid answer: no failover, and no service.',
  today: 'shown',
  scenario: loading(
    'incidents/redis-4561',
    'A primary that answers LOADING is alive to its sentinels: as long as it loads, nobody is served and nobody replaces it.', [],
    {
      verdicts: { ...nothingNoticed, 'loads-own-prefix': 'holds' }, failovers: { max: 0 }, lost: { max: 0 },
      unavailableMs: { min: 11_000 },
    }),
};

export const rebootIsDown: Incident = {
  reports: ['https://github.com/redis/redis/pull/9438'],
  says: 'Sentinel gets a period after which a primary that was restarted, and answers LOADING still, counts as down.',
  today: 'mended',
  scenario: loading(
    'incidents/redis-9438', 'With master-reboot-down-after-period a restarted primary that goes on loading is replaced like a dead one.',
    [['sentinel', SENTINEL_DIRECTIVE.rebootPeriod, PRIMARY_NAME, String(PERIOD_MS)]],
    { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, unavailableMs: { min: 2000, max: 14_000 } }),
};
