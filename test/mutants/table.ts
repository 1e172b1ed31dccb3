/**
 * Every bug that can be planted, and the chaos that must find it: a scenario whose plans are drawn, so that nobody has arranged the
 * one situation in which it shows. `npm run mutants` searches; `test/simulation/mutants.test.ts` runs each at the seed found here.
 *
 * What always holds: every bug of `NO_ENGINE_BUGS` stands here once.
 */
import { scenarios } from '../../scenarios/index.ts';
import { appendOnly, loneNode, primaryWithReplicas } from '../../scenarios/persistence/deployment.ts';
import { clusterClients, threeAndThree } from '../../scenarios/cluster/deployment.ts';
import { client, threeClients } from '../../scenarios/plan.ts';
import { clientsOf, watched } from '../../scenarios/sentinel/deployment.ts';
import { clusterTopology } from '../../scenarios/topologies.ts';
import type { ResolvedScenario, WorkloadSpec } from '../../sim/index.ts';
import type { Bugs } from '../../sim/node/serverProgram.ts';
import { expiringKeys, pairWriter, wholePairs } from './ownParts.ts';
import type { Hunted } from './search.ts';

export interface Mutant extends Hunted {
  readonly bug: keyof Bugs;
  /** A seed at which it shows, and what sees it then. */
  readonly seed: number;
  readonly caughtBy: string;
}

/** Shorter than chaos commonly is: a bug that takes long to show is found by more seeds. */
const DURATION_MS = 30_000;
const SETTLING_MS = 15_000;

const byName = (name: string): ResolvedScenario => {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined || 'file' in found.topology) throw new Error(`${name}: not a scenario with a topology of its own`);
  return { ...found, topology: found.topology, durationMs: DURATION_MS, settlingMs: SETTLING_MS };
};

const sentinels = byName('sentinel/chaos');
const replication = byName('replication/chaos');
const cluster = byName('cluster/chaos');
const persistence = byName('persistence/chaos');

const SERVER = 'redis-main:6379';
const PROBE = { name: 'P1', zone: 'zone-a', server: SERVER } as const;

/** Writers that ask for two replicas, with a short patience. */
const waiting: WorkloadSpec = {
  clients: [1, 2].map((ordinal) => client(`C${ordinal}`, 'setAdd', { server: SERVER, wait: { replicas: 2, timeoutMs: 200 } })),
  probes: [PROBE],
};

const zones = ['zone-a', 'zone-b', 'zone-c'];
/** With a replica that must never be promoted. */
const priorities = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', restart: 'always', zones,
  directives: [['appendonly', 'yes']], directivesOf: { n2: [['replica-priority', '0']] },
});
/** Five of them: there is more to disagree about. */
const fiveSentinels = watched({
  replicas: 2, sentinels: 5, quorum: 2, placement: 'apart', restart: 'always', zones, directives: [['appendonly', 'yes']],
});
const guarded = primaryWithReplicas([['save', ''], ['min-replicas-to-write', '1'], ['min-replicas-max-lag', '3']]);
const always = loneNode(appendOnly('always'));
/** Data are too old after six seconds, and replicas find that out while a primary is still missed. */
const impatient = threeAndThree({
  directives: [['appendonly', 'yes'], ['cluster-replica-validity-factor', '1'], ['repl-ping-replica-period', '1']],
  restart: 'always', nodeTimeoutMs: 2000, zones,
});

/** Three replicas each, whose elections can meet in one epoch on slow links. */
const siblings = clusterTopology({
  primaries: 3, replicasEach: 3, nodeTimeoutMs: 2000, restart: 'always', zones, directives: [['repl-diskless-sync-delay', '0']],
});

const named = (scenario: ResolvedScenario, name: string, changes: Partial<ResolvedScenario>): ResolvedScenario =>
  ({ ...scenario, ...changes, name: `mutants/${name}` });

const pairs = wholePairs();

export const MUTANTS: readonly Mutant[] = [
  { bug: 'offsetNotAdvanced', scenario: replication, seed: 1, caughtBy: 'history-prefix' },
  { bug: 'acknowledgedWriteDropped', scenario: replication, seed: 1, caughtBy: 'ledger-no-bugs' },
  { bug: 'writeNotPropagated', scenario: replication, seed: 1, caughtBy: 'equal-offset-equal-data' },
  { bug: 'partialSyncBeyondFork', scenario: sentinels, seed: 8, caughtBy: 'history-prefix' },
  { bug: 'partialSyncFromAnyHistory', scenario: sentinels, seed: 4, caughtBy: 'history-prefix' },
  { bug: 'replicaTakesWrites', scenario: replication, seed: 7, caughtBy: 'equal-offset-equal-data' },
  {
    bug: 'waitCountsEveryReplica', seed: 1, caughtBy: 'wait-counts-replicas',
    scenario: named(replication, 'replication/wait', { workload: waiting }),
  },
  {
    bug: 'minReplicasIgnored', seed: 1, caughtBy: 'min-replicas-stop-writes',
    scenario: named(replication, 'replication/min-replicas', { topology: guarded, workload: threeClients(SERVER) }),
  },
  { bug: 'syncLost', scenario: named(persistence, 'persistence/always', { topology: always }), seed: 5, caughtBy: 'always-no-loss' },
  { bug: 'incrementNotLoaded', scenario: persistence, seed: 1, caughtBy: 'ledger-no-bugs' },
  {
    bug: 'votesTwice', seed: 1, caughtBy: 'one-vote-per-epoch',
    scenario: named(sentinels, 'sentinel/five', { topology: fiveSentinels, workload: clientsOf(fiveSentinels) }),
  },
  { bug: 'electsWithoutMajority', scenario: sentinels, seed: 1, caughtBy: 'failover-needs-quorum-and-majority' },
  {
    bug: 'promotesPriorityZero', seed: 1, caughtBy: 'priority-zero-never-promoted',
    scenario: named(sentinels, 'sentinel/priorities', { topology: priorities, workload: clientsOf(priorities) }),
  },
  {
    bug: 'expiryNotPropagated', seed: 1, caughtBy: 'equal-offset-equal-data',
    scenario: named(replication, 'replication/expiry', {}), own: { workloads: [expiringKeys] },
  },
  {
    bug: 'transactionSplit', seed: 25, caughtBy: 'transactions-are-whole',
    scenario: named(replication, 'replication/transactions', { plan: { generate: 'chaos', kinds: ['lossy', 'clog', 'slow', 'pause'] } }),
    own: { checks: [pairs.check], workloads: [pairWriter, pairs.workload] },
  },
  { bug: 'neverFailsOver', scenario: sentinels, seed: 1, caughtBy: 'stall-is-excusable' },
  { bug: 'forgetsEpochs', scenario: sentinels, seed: 2, caughtBy: 'epochs-never-go-back' },
  {
    bug: 'clusterVotesTwice', seed: 17, caughtBy: 'one-cluster-vote-per-epoch',
    scenario: named(cluster, 'cluster/siblings', {
      topology: siblings, workload: clusterClients(siblings), plan: { generate: 'chaos', kinds: ['kill', 'power', 'clog', 'lossy'] },
    }),
  },
  { bug: 'staleSlotMap', scenario: cluster, seed: 1, caughtBy: 'slot-epochs-never-go-back' },
  { bug: 'electsWithOneVote', scenario: cluster, seed: 1, caughtBy: 'elected-by-majority' },
  {
    bug: 'validityIgnored', seed: 1, caughtBy: 'only-fresh-replicas-elected',
    scenario: named(cluster, 'cluster/impatient', { topology: impatient, workload: clusterClients(impatient) }),
  },
];
