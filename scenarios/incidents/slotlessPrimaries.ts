/**
 * https://github.com/redis/redis/issues/6424: one primary has all slots, two others have none. It stops; the two agree that it has
 * failed; its replica asks for votes, and waits: "majority still not reached". Only primaries with slots vote, and of those none lives.
 */
import { clusterClients } from '../cluster/deployment.ts';
import { addNode, at, kill, start } from '../plan.ts';
import { clusterTopology } from '../topologies.ts';
import type { Incident } from './incident.ts';

const topology = clusterTopology({
  name: 'a primary with all slots, its replica, and two nodes to come', primaries: 1, replicasEach: 1, spares: 2, nodeTimeoutMs: 5000,
  directives: [['repl-diskless-sync-delay', '0'], ['appendonly', 'yes']],
});

export const slotlessPrimaries: Incident = {
  reports: ['https://github.com/redis/redis/issues/6424'],
  says: 'Two primaries without slots find the one with all of them to have failed, and its replica never gets the votes to replace it.',
  today: 'shown',
  scenario: {
    name: 'incidents/redis-6424',
    teaches: 'Primaries without slots have no vote: they can find the one with slots dead, and its replica is never elected.',
    topology,
    workload: clusterClients(topology),
    plan: [
      addNode(at(15_000), 'n3', 'n1'), addNode(at(20_000), 'n4', 'n1'),
      kill(at(30_000), 'n1'), start(at(75_000), 'n1'),
    ],
    durationMs: 90_000,
    settlingMs: 20_000,
    // From the kill to the start of the same primary.
    expects: {
      verdicts: { 'service-restored': 'holds', 'one-elected-per-epoch': 'not exercised' }, lost: { max: 40 },
      unavailableMs: { min: 44_000, max: 56_000 },
    },
  },
};
