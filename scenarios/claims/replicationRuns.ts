/** What the claims about one node and about replication run, beside the scenarios that are there anyhow. */
import type { Scenario } from '../../sim/scenario.ts';
import { at, client, command, kill, partition, point, promote, start, threeClients } from '../plan.ts';

const REPLICATION = { file: 'replication.compose.yaml' } as const;
/** The offset is moved by what the plan writes, and by nothing else. */
const SILENT = { clients: [], probes: [] } as const;

/** The Compose file of one node; nothing restarts it. */
export const oneNodeDies: Scenario = {
  name: 'claims/one-node-dies',
  teaches: 'One node: when it dies there is nobody to take over, and nothing brings it back.',
  topology: { file: 'standalone.compose.yaml' },
  workload: threeClients('redis:6379'),
  plan: [command(at(15_000), 'redis', 'INFO', 'replication'), kill(at(20_000), 'redis')],
  durationMs: 60_000,
  settlingMs: 10_000,
  expects: { verdicts: { 'service-restored': 'violated' }, unavailableMs: { min: 45_000 } },
};

/** A write before and one after the link to the first replica is cut, each read from both replicas. */
export const readFromReplicas: Scenario = {
  name: 'claims/read-from-replicas',
  teaches: 'A write can be read from a replica as soon as it has arrived there; one that is cut off answers with what it had.',
  topology: REPLICATION,
  workload: threeClients('redis-main:6379'),
  plan: [
    command(at(10_000), 'redis-main', 'SET', 'greeting', 'hello'),
    command(at(10_500), 'redis-replica-1', 'GET', 'greeting'),
    command(at(10_500), 'redis-replica-2', 'GET', 'greeting'),
    partition(at(15_000), [['redis-main'], ['redis-replica-1']], 15_000),
    command(at(16_000), 'redis-main', 'SET', 'greeting', 'goodbye'),
    command(at(16_500), 'redis-replica-1', 'GET', 'greeting'),
    command(at(16_500), 'redis-replica-2', 'GET', 'greeting'),
  ],
  durationMs: 35_000,
  settlingMs: 40_000,
  expects: { verdicts: { 'service-restored': 'holds' }, lost: { max: 0 } },
};

/** Two minutes without a primary, until an operator promotes a replica and changes the name's entry. */
export const nobodyPromotes: Scenario = {
  name: 'claims/nobody-promotes',
  teaches: 'Without Sentinel a dead primary stays dead: for two minutes no replica promotes itself, until an operator does it.',
  topology: REPLICATION,
  workload: {
    clients: [client('C1', 'setAdd', { server: 'redis-main:6379' })],
    probes: [{ name: 'P1', zone: 'zone-a', server: 'redis-main:6379' }],
  },
  plan: [
    kill(at(15_000), 'redis-main'), promote(at(135_000), 'redis-replica-1'), point(at(135_500), 'redis-main', 'redis-replica-1'),
  ],
  durationMs: 150_000,
  settlingMs: 20_000,
  expects: { verdicts: { 'service-restored': 'holds' }, unavailableMs: { min: 119_000, max: 125_000 } },
};

/** One write, and nothing else; then the primary is restarted, as a deployment of it does. */
export const offsetMoves: Scenario = {
  name: 'claims/offset-moves',
  teaches: 'The offset counts the bytes of the stream: a write moves it, a restart of the primary begins a new count.',
  topology: REPLICATION,
  workload: SILENT,
  plan: [
    command(at(11_000), 'redis-main', 'INFO', 'replication'),
    command(at(12_000), 'redis-main', 'SET', 'k', 'v'),
    command(at(13_000), 'redis-main', 'INFO', 'replication'),
    command(at(13_500), 'redis-replica-1', 'INFO', 'replication'),
    kill(at(21_000), 'redis-main'),
    start(at(22_000), 'redis-main'),
    command(at(22_500), 'redis-main', 'INFO', 'replication'),
  ],
  durationMs: 40_000,
  settlingMs: 20_000,
  expects: { verdicts: {} },
};
