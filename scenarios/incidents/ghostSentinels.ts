/**
 * Sentinels that lose their file, and with it their ID: to the others each is one more.
 *
 * https://github.com/redis/redis/issues/6194, https://github.com/redis/redis/issues/8786: at the same address, and both were counted. That
 * is mended: since 7.0 the old one is forgotten. https://github.com/redis/redis/issues/7753: containers that come back elsewhere are still
 * counted again and again, until a majority of all that were ever known is more than there are. SENTINEL RESET forgets them.
 */
import type { PlanEntry } from '../../sim/scenario.ts';
import type { ProcessSpec, Topology } from '../../sim/topology/topology.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, boot, command, kill, newAddress, power, recreate, start } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import { PRIMARY_NAME } from '../topologies.ts';
import type { Incident } from './incident.ts';

/** The sentinels' containers have no volume. */
const fileless = (placement: 'apart' | 'beside'): Topology => {
  const kept = watched({ replicas: 2, sentinels: 3, quorum: 2, placement, directives: PERSISTED });
  return {
    ...kept,
    processes: kept.processes.map((process): ProcessSpec =>
      (process.kind === 'sentinel' ? { ...process, persistentData: false } : process)),
  };
};

const times = { durationMs: 100_000, settlingMs: 30_000 } as const;

const sidecars = fileless('beside');

export const sameAddressForgotten: Incident = {
  reports: ['https://github.com/redis/redis/issues/6194', 'https://github.com/redis/redis/issues/8786'],
  says: 'A sentinel that comes back at its old address under a new ID is counted twice.',
  today: 'mended',
  scenario: {
    ...times,
    name: 'incidents/redis-6194',
    teaches: 'A sentinel with a new ID at an old address takes the old one\'s place: three are known, and two of them fail over.',
    topology: sidecars,
    workload: clientsOf(sidecars),
    plan: [recreate(at(15_000), 'n1-sentinel', 2000), power(at(40_000), 'n1'), boot(at(80_000), 'n1')],
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 3 }, unavailableMs: { min: 3000, max: 12_000 } },
  },
};

const apart = fileless('apart');
/** The container is made anew while its machine, a pod, comes back at another address. */
const elsewhere: readonly PlanEntry[] = [recreate(at(14_000), 's1', 4000), newAddress(at(15_000), 's1', '10.0.0.61', 2000)];
const twoDie: readonly PlanEntry[] = [kill(at(40_000), 's1'), kill(at(40_000), 'n1'), start(at(80_000), 'n1')];

export const ghostSentinels: Incident = {
  reports: ['https://github.com/redis/redis/issues/7753'],
  says: 'Sentinels whose containers are replaced are counted again and again, until no majority of them can live.',
  today: 'shown',
  scenario: {
    ...times,
    name: 'incidents/redis-7753',
    teaches: 'A sentinel that came back once with a new ID and address counts as two: when it dies, two of three are no majority of four.',
    topology: apart,
    workload: clientsOf(apart),
    plan: [...elsewhere, ...twoDie],
    // Only the primary's own return ends it.
    expects: {
      verdicts: { 'service-restored': 'holds' }, failovers: { max: 0 }, lost: { max: 0 },
      unavailableMs: { min: 39_000, max: 48_000 },
    },
  },
};

export const ghostsForgotten: Incident = {
  reports: ['https://github.com/redis/redis/issues/7753'],
  says: 'SENTINEL RESET at each sentinel makes it forget those that are gone.',
  today: 'shown',
  scenario: {
    ...times,
    name: 'incidents/redis-7753-reset',
    teaches: 'After SENTINEL RESET only those that live are known: two of three elect a leader.',
    topology: apart,
    workload: clientsOf(apart),
    plan: [...elsewhere, ...['s2', 's3'].map((name) => command(at(25_000), name, 'SENTINEL', 'RESET', PRIMARY_NAME)), ...twoDie],
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 0 }, unavailableMs: { min: 3000, max: 12_000 } },
  },
};
