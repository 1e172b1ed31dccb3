/** The claims about a primary and its replicas. */
import { INFO_REPLICATION } from '../../sim/wireWords.ts';
import { chainedSubtree } from '../replication/chainedSubtree.ts';
import { linkCut } from '../replication/linkCut.ts';
import { primaryIsolated } from '../replication/primaryIsolated.ts';
import { primaryKilled } from '../replication/primaryKilled.ts';
import { primaryPowerLoss } from '../replication/primaryPowerLoss.ts';
import { promotionKeepsPartialSync } from '../replication/promotionKeepsPartialSync.ts';
import { replicaPowerLoss } from '../replication/replicaPowerLoss.ts';
import { slowReplicaDropped } from '../replication/slowReplica.ts';
import type { Claim } from './claim.ts';
import { nobodyPromotes, offsetMoves, readFromReplicas } from './replicationRuns.ts';
import { type SeenRun, answer, counted, field, inTurn, notesOf, promotions, seconds, struckMs } from './seen.ts';

const MAIN = 'redis-main';
const REPLICAS = ['redis-replica-1', 'redis-replica-2'] as const;

/** The IDs that the node's stream had, in turn, each once. */
const idsOf = (run: SeenRun, node: string): readonly string[] =>
  [...new Set<string>(notesOf(run, 'history').filter((seen) => seen.node === node).map(({ note }) => note.id))];

const shortId = (id: string | undefined): string => `${(id ?? 'none').slice(0, 8)}…`;

const resumed = (run: SeenRun): number => notesOf(run, 'replica', ({ event }) => event === 'partial-sync').length;

export const replicationClaims: readonly Claim[] = [
  {
    n: 2, group: 'replication', statement: 'A value written to the primary can be read from the replicas.',
    condition: 'the replica\'s link to the primary is up, so that the write has arrived', expected: 'holds if',
    cases: [
      {
        condition: 'met', scenario: readFromReplicas,
        observe: (run) => {
          const read = REPLICAS.map((replica) => answer(run, replica, 'GET greeting', 0));
          return {
            holds: read.every((value) => value === 'hello'),
            evidence: `half a second after SET hello the replicas answered ${inTurn(read)}`,
          };
        },
      },
      {
        condition: 'not met', scenario: readFromReplicas,
        observe: (run) => {
          const [cut, linked] = REPLICAS.map((replica) => answer(run, replica, 'GET greeting', 1));
          return { holds: cut === 'goodbye', evidence: `after SET goodbye the one that was cut off answered ${cut}, the other ${linked}` };
        },
      },
    ],
  },
  {
    n: 3, group: 'replication', statement: 'Because the data has a copy, losing one node loses no data.', expected: 'refuted',
    cases: [
      {
        scenario: replicaPowerLoss,
        observe: ({ report }) => ({
          holds: report.ledger.lost === 0,
          evidence: `a replica lost power: ${report.ledger.lost} of ${report.ledger.acknowledged} acknowledged writes lost`,
        }),
      },
      {
        scenario: primaryPowerLoss, seeds: 3,
        observe: (_first, runs) => {
          const lost = runs.map(({ report }) => report.ledger.lost);
          return {
            holds: lost.every((count) => count === 0),
            evidence: `the primary lost power: ${inTurn(lost)} acknowledged writes lost in three seeds`,
          };
        },
      },
    ],
  },
  {
    n: 4, group: 'replication', statement: 'After the primary dies nothing is promoted until somebody does it by hand.', expected: 'holds',
    cases: [{
      scenario: nobodyPromotes,
      observe: (run) => {
        const [first] = promotions(run, struckMs(run, 0));
        const byHandMs = struckMs(run, 1);
        return {
          holds: first !== undefined && first.atMs >= byHandMs,
          evidence: `dead for ${seconds(byHandMs - struckMs(run, 0))} without a promotion; the first came with the operator's command,`
            + ` after ${seconds(run.report.unavailableMs)} without writes`,
        };
      },
    }],
  },
  {
    n: 5, group: 'replication', expected: 'holds',
    statement: 'Each primary has a replication ID and an offset; same ID and different offset means the replica must catch up.',
    cases: [{
      scenario: linkCut,
      observe: (run) => {
        const [again] = notesOf(run, 'replica', ({ event }) => event === 'partial-sync');
        const ids = [MAIN, ...REPLICAS].map((name) => run.report.nodes.find((node) => node.name === name));
        const isOne = new Set(ids.map((node) => `${node?.replicationId} ${node?.offset}`)).size === 1;
        const { full } = run.report.syncs;
        return {
          holds: again !== undefined && isOne && full === REPLICAS.length,
          evidence: `cut off for 75 s, a replica came back with the same ID at offset ${again?.note.offset}, was sent what it`
            + ` lacked, and all ended with ID ${shortId(ids[0]?.replicationId ?? undefined)} at offset ${ids[0]?.offset}; no snapshot`
            + ` beyond the ${full} of the start`,
        };
      },
    }],
  },
  {
    n: 6, group: 'replication', expected: 'holds',
    statement: 'The replication ID changes when an instance is promoted, or restarts from scratch as a primary.',
    cases: [
      {
        scenario: promotionKeepsPartialSync,
        observe: (run) => {
          const [promoted] = notesOf(run, 'history', ({ reason }) => reason === 'promotion');
          const { id, parent } = promoted?.note ?? { id: '', parent: '' };
          return { holds: id !== '' && id !== parent, evidence: `promoted: ${shortId(parent ?? '')} became ${shortId(id)}` };
        },
      },
      {
        scenario: primaryKilled,
        observe: (run) => {
          const starts = notesOf(run, 'history', ({ reason }) => reason === 'start').filter(({ node }) => node === MAIN);
          const [before, after] = [idsOf(run, MAIN)[1], starts[1]?.note.id];
          return {
            holds: after !== undefined && before !== after,
            evidence: `restarted empty: ${shortId(before)} became ${shortId(after)}`,
          };
        },
      },
      {
        scenario: linkCut,
        observe: (run) => {
          const kept = new Set(run.report.nodes.map(({ replicationId }) => replicationId)).size === 1;
          return { holds: kept && resumed(run) > 0, evidence: 'a broken link alone changed none' };
        },
      },
    ],
  },
  {
    n: 7, group: 'replication', statement: 'The offset advances with the stream of writes.', expected: 'holds',
    cases: [{
      scenario: offsetMoves,
      observe: (run) => {
        const infos = [0, 1, 2].map((nth) => answer(run, MAIN, 'INFO replication', nth));
        const [before, after, restarted] = infos.map((info) => Number(field(info, INFO_REPLICATION.replicationOffset)));
        const [id, , newId] = infos.map((info) => field(info, INFO_REPLICATION.replicationId));
        const replica = Number(field(answer(run, REPLICAS[0], 'INFO replication'), INFO_REPLICATION.replicaReplOffset));
        const advanced = before !== undefined && after !== undefined && after > before && replica === after;
        return {
          holds: advanced && id !== newId && restarted === 0,
          evidence: `one SET moved it from ${before} to ${after}, on the replica too; a restart of the primary, as a deployment`
            + ` makes one, did not move it but began a new ID at ${restarted}`,
        };
      },
    }],
  },
  {
    n: 8, group: 'replication', statement: 'Synchronisation is by a snapshot (RDB) or by sending what is missing.', expected: 'holds',
    cases: [
      {
        scenario: linkCut,
        observe: (run) => ({
          holds: run.report.syncs.full > 0 && resumed(run) > 0,
          evidence: `behind a link that was cut: ${counted(run.report.syncs.full, 'snapshot')} at the start, ${resumed(run)} resumed`,
        }),
      },
      {
        scenario: slowReplicaDropped,
        observe: ({ report: { syncs } }) => ({
          holds: syncs.full > REPLICAS.length - 1 && syncs.partialRefused > 0,
          evidence: `behind more than the backlog holds: ${counted(syncs.partialRefused, 'request')} to resume refused,`
            + ` ${syncs.full} snapshots`,
        }),
      },
      {
        scenario: chainedSubtree,
        observe: ({ report: { syncs } }) => ({
          holds: syncs.partialOk > 0, evidence: `behind a promoted replica: ${syncs.partialOk} resumed under its new ID`,
        }),
      },
    ],
  },
  {
    n: 9, group: 'replication', statement: 'Replication is asynchronous.', expected: 'holds',
    cases: [{
      scenario: primaryIsolated,
      observe: (run) => {
        const alone = run.report.ledger.lost;
        const [cutMs, healedMs] = [struckMs(run, 0), struckMs(run, 4)];
        const answered = run.operations.filter(({ client, outcome, invokedAt, completedAt }) =>
          client === 'C1' && outcome === 'ok' && invokedAt > cutMs * 1000 && (completedAt ?? 0) < healedMs * 1000);
        const slowest = answered.reduce((most, { invokedAt, completedAt }) => Math.max(most, (completedAt ?? 0) - invokedAt), 0);
        return {
          holds: alone > 0 && answered.length > 0,
          evidence: `cut off from all replicas the primary went on to acknowledge writes, ${alone} that no replica ever had; the`
            + ` slowest answer took ${(slowest / 1000).toFixed(1)} ms`,
        };
      },
    }],
  },
];
