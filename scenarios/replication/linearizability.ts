/**
 * What "consistent" means, and where it ends. One node executes one command after the other, so every key is linearizable, even
 * when it stands still and its clients give up: a write without an answer may take effect later, or never, and nobody may be surprised.
 * Reads of a replica are none of that: not fresh, and not even monotonic for a client that asks the primary and the replica in turn.
 */
import type { ProbeSpec, Scenario } from '../../sim/scenario.ts';
import { everythingHolds, noLedger } from '../expectations.ts';
import { at, client, clog, pause } from '../plan.ts';
import { topologyOf } from '../topologies.ts';

const server = 'redis-main:6379';
const probes: readonly ProbeSpec[] = [{ name: 'P1', zone: 'zone-a', server }];
const oneNode = topologyOf('one server', [{ name: 'redis-main' }]);

export const oneNodeIsLinearizable: Scenario = {
  name: 'replication/one-node-is-linearizable',
  teaches: 'One node alone is linearizable, whatever clients ask of it: timeouts make outcomes unknown, not wrong.',
  topology: oneNode,
  workload: {
    clients: [
      client('C1', 'sharedRegister', { server, keys: 2, operationsPerSecond: 20 }),
      client('C2', 'sharedRegister', { server, keys: 2, operationsPerSecond: 20 }),
      client('C3', 'sharedRegister', { server, keys: 2, loop: 'closed', thinkMs: 40 }),
      client('C4', 'counter', { server }),
      client('C5', 'counter', { server, loop: 'closed', thinkMs: 50 }),
      client('C6', 'queue', { server, queue: { side: 'producer' } }),
      client('C7', 'queue', { server, queue: { side: 'consumer', takesBy: 'BLPOP' } }),
      client('C8', 'queue', { server, queue: { side: 'consumer' } }),
      client('C9', 'lock', { server, lock: { leaseMs: 8000, holdMs: 1000 } }),
      client('C10', 'lock', { server, lock: { leaseMs: 8000, holdMs: 1000 } }),
      client('C11', 'multiKey', { server }),
      client('C12', 'multiKey', { server }),
      client('C13', 'register', { server }),
      client('C14', 'setAdd', { server }),
    ],
    probes,
  },
  plan: [pause(at(10_000), 'redis-main', 3000)],
  durationMs: 25_000,
  settlingMs: 5000,
  expects: {
    verdicts: {
      ...everythingHolds,
      // Nobody follows it.
      'history-prefix': 'not exercised', 'equal-offset-equal-data': 'not exercised', convergence: 'not exercised',
      linearizable: 'holds', 'read-your-writes': 'holds', 'monotonic-reads': 'holds', 'monotonic-writes': 'holds',
      'writes-follow-reads': 'holds', 'lock-mutual-exclusion': 'holds', 'queue-no-loss': 'holds', 'queue-no-duplicates': 'holds',
      'counter-exact': 'holds',
    },
    lost: { max: 0 },
  },
};

const DELAY_MS = 1500;

export const replicaReadsNotLinearizable: Scenario = {
  name: 'replication/not-linearizable-reads',
  teaches: 'With reads from a replica nothing is lost, and yet no order explains what clients saw; two servers, and time runs backwards.',
  topology: topologyOf('a primary and a replica', [
    { name: 'redis-main', directives: [['repl-diskless-sync-delay', '0']] },
    { name: 'redis-replica-1', follows: 'redis-main' },
  ]),
  workload: {
    clients: [
      client('C1', 'sharedRegister', { server }),
      client('C2', 'sharedRegister', { server }),
      client('R1', 'reader', { server: 'redis-replica-1:6379' }),
      client('R2', 'reader', { server, servers: [server, 'redis-replica-1:6379'] }),
    ],
    probes,
  },
  plan: [clog(at(10_000), 'redis-main', 'redis-replica-1', DELAY_MS, 8000)],
  durationMs: 25_000,
  settlingMs: 10_000,
  expects: {
    verdicts: {
      ...everythingHolds, ...noLedger,
      linearizable: 'violated', 'monotonic-reads': 'violated', 'fresh-reads': 'violated',
      // Whoever writes reads from the primary here.
      'read-your-writes': 'holds',
    },
    unavailableMs: { max: 0 },
    staleMs: { min: 1000, max: 2500 },
  },
};
