/**
 * https://github.com/redis/redis/issues/5677: the sentinels are down, the primary goes down, the sentinels come back: and answer
 * "-failover-abort-no-good-slave" for ever. A replica may have been without its primary for ten times down-after-milliseconds beyond
 * the time that the sentinel holds the primary to be down; both grow together, so what was too long once stays too long.
 */
import { nobodyElected, sentinelsHold } from '../expectations.ts';
import type { PlanEntry } from '../../sim/scenario.ts';
import { at, kill, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import type { Incident } from './incident.ts';

const topology = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED, downAfterMs: 2000, failoverTimeoutMs: 4000,
});

const SENTINELS = ['s1', 's2', 's3'] as const;
const all = (strike: (name: string) => PlanEntry): readonly PlanEntry[] => SENTINELS.map(strike);

const plan = (sentinelsBackMs: number): readonly PlanEntry[] => [
  ...all((name) => kill(at(20_000), name)), kill(at(22_000), 'n1'), ...all((name) => start(at(sentinelsBackMs), name)), start(
    at(75_000), 'n1'
  ),
];

const common = { topology, workload: clientsOf(topology), durationMs: 85_000, settlingMs: 20_000 } as const;

export const noGoodReplica: Incident = {
  reports: ['https://github.com/redis/redis/issues/5677'],
  says: 'After an outage of the sentinels in which the primary died, no failover ever finds a replica good enough.',
  today: 'shown',
  scenario: {
    ...common,
    name: 'incidents/redis-5677',
    teaches: 'Sentinels that were away for longer than ten times down-after find no replica good enough, however long they go on trying.',
    plan: plan(50_000),
    // Only the primary's own return ends it.
    expects: {
      verdicts: {
        'service-restored': 'holds',
        'priority-zero-never-promoted': nobodyElected['priority-zero-never-promoted'] ?? 'not exercised',
      },
      failovers: { max: 0 }, lost: { max: 0 }, unavailableMs: { min: 53_000, max: 60_000 },
    },
  },
};

export const goodReplicaInTime: Incident = {
  reports: ['https://github.com/redis/redis/issues/5677'],
  says: 'The same with sentinels that come back sooner: the limit is ten times down-after-milliseconds.',
  today: 'shown',
  scenario: {
    ...common,
    name: 'incidents/redis-5677-in-time',
    teaches: 'Sentinels that are back within ten times down-after of the primary\'s death promote a replica as usual.',
    plan: plan(32_000),
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, unavailableMs: { min: 10_000, max: 20_000 } },
  },
};
