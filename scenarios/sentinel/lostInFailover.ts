/**
 * What an asynchronous failover costs those who build on Redis: a lock is held twice, jobs are lost and others run twice, a counter
 * goes back, a register forgets. For a while the replicas fall behind, as they do on a bad day; then the primary loses power, and the
 * sentinels promote what they have. All of it is as Redis promises: nothing here is a bug, and no check of the engine complains.
 *
 * Source for the lock: "Distributed Locks with Redis", "Why Failover-based Implementations Are Not Enough"; Martin Kleppmann, "How to do
 * distributed locking" (2016).
 */
import type { ClientSpec, Locator, Scenario, Verdict, WorkloadKind } from '../../sim/scenario.ts';
import { noLedger, sentinelsHold } from '../expectations.ts';
import { type ClientOptions, at, boot, client, clog, partition, power } from '../plan.ts';
import { COMPOSE, composeClients } from './deployment.ts';

const { probes } = composeClients();
const [{ sentinel } = { sentinel: undefined }] = probes;
const locator: Locator = sentinel === undefined ? { server: 'redis-main:6379' } : { sentinel };

const asking = (name: string, kind: WorkloadKind, options: Omit<ClientOptions, keyof Locator> = {}): ClientSpec =>
  client(name, kind, { ...locator, ...options });

const POWER_AT_MS = 20_000;
/** Longer than a failover takes: what is on its way then comes too late. */
const BEHIND_MS = 15_000;

/** The replicas hear nothing new from `fromMs` on, and the primary goes at 20 s. */
const behindAndGone = (fromMs: number): Scenario['plan'] => [
  clog(at(fromMs), 'redis-main', 'redis-replica-1', BEHIND_MS, POWER_AT_MS),
  clog(at(fromMs), 'redis-main', 'redis-replica-2', BEHIND_MS, POWER_AT_MS),
  power(at(POWER_AT_MS), 'redis-main'),
  boot(at(45_000), 'redis-main'),
];

const common = { topology: COMPOSE, durationMs: 60_000, settlingMs: 45_000 } as const;

const judged = (verdicts: Readonly<Record<string, Verdict>>): Scenario['expects'] =>
  ({ verdicts: { ...sentinelsHold, ...noLedger, ...verdicts }, failovers: { min: 1, max: 1 } });

/** The first hold lasts until about 15 s, the second one would until 30 s; the third begins at the new primary before 27 s. */
const lock = { leaseMs: 20_000, holdMs: 15_000 } as const;

export const lockHeldTwice: Scenario = {
  ...common,
  name: 'sentinel/lock-held-twice',
  teaches: 'A lock by SET NX PX is gone with a primary that had not yet replicated it: two clients hold it at once.',
  workload: { clients: ['C1', 'C2', 'C3'].map((name) => asking(name, 'lock', { lock })), probes },
  plan: behindAndGone(14_500),
  // A lock leaves nothing behind that could be read back.
  expects: judged({ 'lock-mutual-exclusion': 'violated', linearizable: 'violated', 'model-agrees': 'not exercised' }),
};

export const queueLosesJobs: Scenario = {
  ...common,
  name: 'sentinel/queue-loses-jobs',
  teaches: 'Failover loses the jobs that were just queued, and brings back those that were just taken: lost, and run twice.',
  workload: {
    clients: [
      asking('C1', 'queue', { queue: { side: 'producer' } }),
      asking('C2', 'queue', { queue: { side: 'producer' } }),
      asking('C3', 'queue', { queue: { side: 'consumer' }, operationsPerSecond: 8 }),
      asking('C4', 'queue', { queue: { side: 'consumer' }, operationsPerSecond: 8 }),
    ],
    probes,
  },
  plan: behindAndGone(15_000),
  expects: judged({ 'queue-no-loss': 'violated', 'queue-no-duplicates': 'violated', linearizable: 'violated' }),
};

export const counterGoesBack: Scenario = {
  ...common,
  name: 'sentinel/counter-goes-back',
  teaches: 'A counter goes back in a failover, in the eyes of the very clients that had been told the higher number.',
  workload: { clients: ['C1', 'C2', 'C3'].map((name) => asking(name, 'counter')), probes },
  plan: behindAndGone(15_000),
  expects: judged({
    'counter-exact': 'violated', 'read-your-writes': 'violated', 'monotonic-reads': 'violated', linearizable: 'violated',
  }),
};

/** One of two clients stays with the primary that is cut off: for both the world is in order. */
export const registerNotLinearizable: Scenario = {
  ...common,
  name: 'sentinel/register-not-linearizable',
  teaches: 'Behind a partition two primaries serve one register: each client sees its own writes, and no order explains both.',
  workload: { clients: ['C1', 'C2'].map((name) => asking(name, 'sharedRegister', { loop: 'closed', thinkMs: 50 })), probes },
  plan: [
    partition(at(POWER_AT_MS), [
      ['redis-main', 'C1'],
      ['redis-replica-1', 'redis-replica-2', 'the sentinels', 'C2', 'P1'],
    ], 20_000),
  ],
  expects: judged({ linearizable: 'violated' }),
};
