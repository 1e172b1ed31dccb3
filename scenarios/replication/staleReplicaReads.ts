/**
 * A replica answers reads however far it is behind. The link to one of two replicas gets two seconds of delay for ten seconds:
 * nothing fails, nothing is reported, and every read there is out of date, by up to those two seconds. Reads of the other
 * replica stay fresh: on a good link the stream is hardly slower than the acknowledgement.
 *
 * The first snapshots are sent without delay here: until it has one, a replica answers that there is nothing, which is stale too.
 */
import type { Scenario } from '../../sim/scenario.ts';
import { everythingHolds } from '../expectations.ts';
import { at, client, clog } from '../plan.ts';
import { topologyOf } from '../topologies.ts';

const server = 'redis-main:6379';
const DELAY_MS = 2000;

export const staleReplicaReads: Scenario = {
  name: 'replication/stale-replica-reads',
  teaches: 'A replica behind a slow link serves old data without a word: reads are as stale as the link is slow.',
  topology: topologyOf('a primary and two replicas', [
    { name: 'redis-main', directives: [['repl-diskless-sync-delay', '0']] },
    { name: 'redis-replica-1', follows: 'redis-main' },
    { name: 'redis-replica-2', follows: 'redis-main' },
  ]),
  workload: {
    clients: [
      client('C1', 'register', { server }),
      client('R1', 'reader', { server: 'redis-replica-1:6379', operationsPerSecond: 20 }),
      client('R2', 'reader', { server: 'redis-replica-2:6379', operationsPerSecond: 20 }),
    ],
    probes: [{ name: 'P1', zone: 'zone-a', server }],
  },
  plan: [clog(at(15_000), 'redis-main', 'redis-replica-1', DELAY_MS, 10_000)],
  durationMs: 40_000,
  settlingMs: 15_000,
  expects: {
    verdicts: { ...everythingHolds, 'fresh-reads': 'violated' },
    lost: { max: 0 },
    unavailableMs: { max: 0 },
    staleMs: { min: 1800, max: 2200 },
  },
};
