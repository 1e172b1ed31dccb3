/**
 * https://github.com/bitnami/charts/issues/5418: the primary's pod is deleted. The sentinels promote a replica; the pod that comes in
 * its place has a new address and the old configuration, which says that it is the primary. Nobody knows it: two primaries.
 *
 * Mended in the chart, not in Redis: its start script asks the sentinels first whom to follow.
 */
import type { ProcessSpec, Topology } from '../../sim/topology/topology.ts';
import { sentinelsHold } from '../expectations.ts';
import { at, client, newAddress } from '../plan.ts';
import { PERSISTED, clientsOf, watched } from '../sentinel/deployment.ts';
import { helmFivePods } from '../sentinel/helmPods.ts';
import type { Incident } from './incident.ts';

const NEW_ADDRESS = '10.0.0.101';

const static3 = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED });

/** Its start script writes the same configuration again at every start, and a volume it has not. */
const writtenAnew: Topology = {
  ...static3,
  processes: static3.processes.map((process): ProcessSpec =>
    (process.name === 'n1' ? { ...process, configFile: 'rewritten', restart: 'always' } : process)),
};

const { clients, probes } = clientsOf(writtenAnew);

export const twoPrimariesAfterNewAddress: Incident = {
  reports: ['https://github.com/bitnami/charts/issues/5418'],
  says: 'The primary\'s pod is replaced by one with another address, which starts as a primary again: two of them, and no sentinel'
    + ' knows the new one.',
  today: 'shown',
  scenario: {
    name: 'incidents/charts-5418',
    teaches: 'A pod that comes back with a new address and a primary\'s configuration is a second primary, and no sentinel will ever'
      + ' demote it.',
    topology: writtenAnew,
    // C4 goes by the name of the pod, and nobody tells it that this is not the primary any more.
    workload: { clients: [...clients, client('C4', 'setAdd', { server: 'n1:6379', zone: 'zone-a' })], probes },
    plan: [newAddress(at(20_000), 'n1', NEW_ADDRESS, 15_000)],
    durationMs: 70_000,
    settlingMs: 40_000,
    expects: {
      verdicts: { 'one-writable-primary': 'violated', convergence: 'violated', 'service-restored': 'holds', 'sentinels-agree': 'holds' },
      failovers: { min: 1, max: 1 },
      // What C4 went on to write to the second primary: ten a second for half a minute.
      lost: { min: 300 },
    },
  },
};

export const chartAsksFirst: Incident = {
  reports: ['https://github.com/bitnami/charts/issues/5418'],
  says: 'The chart was changed: a pod asks the sentinels for the primary before it starts, and names stand in place of addresses.',
  today: 'mended',
  scenario: {
    name: 'incidents/charts-5418-mended',
    teaches: 'A pod that asks the sentinels before it starts comes back as a replica, whatever its address.',
    topology: helmFivePods.topology,
    workload: helmFivePods.workload,
    plan: [newAddress(at(20_000), 'redis-node-0', NEW_ADDRESS, 15_000)],
    durationMs: 70_000,
    settlingMs: 40_000,
    expects: { verdicts: sentinelsHold, failovers: { min: 1, max: 1 }, lost: { max: 3 } },
  },
};
