/**
 * Primaries that come back with less than their replicas have, before anybody replaced them.
 *
 * https://github.com/redis/redis/issues/2087: memory-only primaries are restarted at once, empty, and empty their replicas.
 * https://github.com/redis/redis/issues/6434: nothing is persisted, but the snapshot that a disk-based synchronisation made is on the
 * disk, and is loaded: the data of that moment come back instead of none.
 * https://github.com/spotahome/redis-operator/issues/97: a pod restarts before the sentinels notice.
 * https://github.com/apecloud/kubeblocks/issues/10753: the same with an append-only file, whose volume was lost with the pod.
 */
import type { PlanEntry, Scenario } from '../../sim/scenario.ts';
import type { ProcessSpec, Topology } from '../../sim/topology/topology.ts';
import { everythingHolds, nothingNoticed } from '../expectations.ts';
import { UNPERSISTED, primaryWithReplicas } from '../persistence/deployment.ts';
import { at, kill, recreate, start, threeClients } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import type { Incident } from './incident.ts';

const MEMORY_ONLY = primaryWithReplicas(UNPERSISTED);

export const emptyAfterRestart: Incident = {
  reports: ['https://github.com/redis/redis/issues/2087'],
  says: 'Primaries without persistence, restarted at once by their supervisor, come back empty; their replicas copy that.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-2087',
    teaches: 'A memory-only primary that is restarted at once is an empty primary: two replicas that had everything copy nothing.',
    topology: MEMORY_ONLY,
    workload: threeClients('redis-main:6379'),
    plan: [kill(at(25_000), 'redis-main')],
    durationMs: 40_000,
    settlingMs: 20_000,
    // Two clients that add to sets, and the last values of a third.
    expects: { verdicts: everythingHolds, lost: { min: 450 }, unavailableMs: { max: 3000 } },
  },
};

const LATE = 'redis-replica-1';
const twoReplicas = primaryWithReplicas([...UNPERSISTED, ['repl-diskless-sync', 'no']], 'no');
/** A replica without a volume asks for a snapshot whenever it is made anew. */
const diskBased: Topology = {
  ...twoReplicas,
  processes: twoReplicas.processes.map((process): ProcessSpec =>
    (process.name === LATE ? { ...process, persistentData: false } : process)),
};

export const snapshotOfSynchronisation: Incident = {
  reports: ['https://github.com/redis/redis/issues/6434'],
  says: 'A primary that persists nothing is expected to come back empty; it loads the snapshot that it once made for a replica.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-6434',
    teaches: 'A disk-based synchronisation leaves a snapshot behind: the unpersisted primary comes back with the data of that moment.',
    topology: diskBased,
    workload: threeClients('redis-main:6379'),
    plan: [
      recreate(at(10_000), LATE, 2000), kill(at(25_000), 'redis-main'), start(at(26_000), 'redis-main'),
    ],
    durationMs: 45_000,
    settlingMs: 20_000,
    // What three clients wrote in the 13 s since then: 390.
    expects: { verdicts: { ...everythingHolds, 'loads-own-prefix': 'holds' }, lost: { min: 350, max: 430 } },
  },
};

const watchedInMemory = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart' });

/** Containers whose volumes do not outlive them. */
const withoutVolumes = (topology: Topology): Topology => ({
  ...topology,
  processes: topology.processes.map((process): ProcessSpec =>
    (process.kind === 'redis' ? { ...process, persistentData: false } : process)),
});

const volumeLost = withoutVolumes(watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED }));

const podReplaced: Pick<Scenario, 'plan' | 'durationMs' | 'settlingMs' | 'expects'> = {
  // Down for two seconds, of three that the sentinels wait.
  plan: [recreate(at(25_000), 'n1', 2000)] satisfies readonly PlanEntry[],
  durationMs: 45_000,
  settlingMs: 30_000,
  expects: { verdicts: nothingNoticed, failovers: { max: 0 }, lost: { min: 450 } },
};

export const fasterThanDetection: Incident = {
  reports: ['https://github.com/spotahome/redis-operator/issues/97'],
  says: 'Kubernetes restarts the primary\'s pod before the sentinels elect another: without persistence it is empty, and so are its'
    + ' replicas soon.',
  today: 'shown',
  scenario: {
    ...podReplaced,
    name: 'incidents/redis-operator-97',
    teaches: 'A pod that is back before down-after is over is no failure to any sentinel: an empty primary, and nothing in the log but'
      + ' a reboot.',
    topology: watchedInMemory,
    workload: clientsOf(watchedInMemory),
  },
};

export const volumeLostWithPod: Incident = {
  reports: ['https://github.com/apecloud/kubeblocks/issues/10753'],
  says: 'The primary\'s pod and its volume are lost and made anew within down-after: the empty primary is resumed, and the replicas\''
    + ' files are overwritten too.',
  today: 'shown',
  scenario: {
    ...podReplaced,
    name: 'incidents/kubeblocks-10753',
    teaches: 'appendonly on every node does not help where the primary returns without its volume: replicas replace their own files by'
      + ' nothing.',
    topology: volumeLost,
    workload: clientsOf(volumeLost),
  },
};
