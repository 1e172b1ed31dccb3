/**
 * https://github.com/bitnami/charts/issues/8224: sentinels never forget a replica. Its pod comes back with another address; later a pod
 * of quite another deployment gets the old one. To the sentinels that is their replica, and it calls itself a primary: they make it
 * a replica of theirs, and its own data are gone. Also https://github.com/redis/redis/issues/14313 and
 * https://github.com/spotahome/redis-operator/issues/550.
 */
import type { Topology } from '../../sim/topology/topology.ts';
import { at, client, newAddress } from '../plan.ts';
import { PERSISTED, watched } from '../sentinel/deployment.ts';
import { topologyOf } from '../topologies.ts';
import type { Incident } from './incident.ts';

const ours = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED });
const STRANGER = 'stranger';
const other = topologyOf('another deployment', [{ name: STRANGER, directives: PERSISTED }]);

/** Both in one network of pods. */
const both: Topology = {
  ...ours, name: 'two deployments in one network',
  machines: [...ours.machines, ...other.machines.map((machine) => ({ ...machine, address: '10.0.0.50' }))],
  processes: [...ours.processes, ...other.processes.map((process) => ({ ...process, restart: 'always' as const }))],
};

export const reusedAddress: Incident = {
  reports: [
    'https://github.com/bitnami/charts/issues/8224', 'https://github.com/redis/redis/issues/14313',
    'https://github.com/spotahome/redis-operator/issues/550',
  ],
  says: 'Sentinels keep replicas that are gone; when a pod of another deployment gets such an address it is made a replica, and loses'
    + ' its data.',
  today: 'shown',
  scenario: {
    name: 'incidents/charts-8224',
    teaches: 'Sentinels keep the address of a replica for ever: whoever gets it next is made a replica, and loses all data of its own.',
    topology: both,
    workload: {
      clients: [client('C1', 'setAdd', { server: `${STRANGER}:6379` })], probes: [{
        name: 'P1', zone: 'zone-a', server: `${STRANGER}:6379`,
      }],
    },
    plan: [newAddress(at(15_000), 'n3', '10.0.0.60', 5000), newAddress(at(30_000), STRANGER, '10.0.0.3', 5000)],
    durationMs: 70_000,
    settlingMs: 20_000,
    // Nobody takes the stranger's writes any more. Everything of 70 s but its own restart.
    expects: { verdicts: { 'service-restored': 'violated', 'one-writable-primary': 'holds' }, failovers: { max: 0 } },
  },
};
