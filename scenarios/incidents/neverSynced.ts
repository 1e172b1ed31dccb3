/**
 * https://github.com/redis/redis/issues/13533: Sentinel chooses replicas that are connected, not such as have the data. The worst of it
 * came with https://github.com/redis/redis/pull/8785: a replica that never had its primary's data says so by -1 seconds without a link,
 * which is less than any limit. If it is all there is, it is promoted, empty; and the old primary copies that when it returns.
 */
import type { ProcessSpec, Topology } from '../../sim/topology/topology.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, kill, recreate, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import type { Incident } from './incident.ts';

/** Redis's own: a first snapshot waits so long for further replicas. */
const DELAY = ['repl-diskless-sync-delay', '5'] as const;
const pair = watched({ replicas: 1, sentinels: 3, quorum: 2, placement: 'apart', directives: [...PERSISTED, DELAY] });
const withoutVolume: Topology = {
  ...pair,
  processes: pair.processes.map((process): ProcessSpec =>
    (process.name === 'n2' ? { ...process, persistentData: false } : process)),
};

export const neverSynced: Incident = {
  reports: ['https://github.com/redis/redis/issues/13533', 'https://github.com/redis/redis/pull/8785'],
  says: 'Sentinel promotes replicas that are not in sync with their primary, since it looks at the link and not at the data.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-13533',
    teaches: 'A replica that waits for its first snapshot counts as a fresh one: it is promoted empty, and everything is lost.',
    topology: withoutVolume,
    workload: clientsOf(withoutVolume),
    plan: [recreate(at(20_000), 'n2', 1000), kill(at(23_000), 'n1'), start(at(40_000), 'n1')],
    durationMs: 60_000,
    settlingMs: 40_000,
    // All that three clients wrote in 23 s.
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { min: 600 }, unavailableMs: { min: 3000, max: 9000 } },
  },
};
