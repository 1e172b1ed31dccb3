/** The claims about Cluster. */
import { addingANode, removingANode } from '../cluster/members.ts';
import { minorityPartition } from '../cluster/minorityPartition.ts';
import { resharding } from '../cluster/resharding.ts';
import type { ClusterCell } from '../quorum/clusterCells.ts';
import type { ClusterRow } from '../quorum/clusterTable.ts';
import type { Claim } from './claim.ts';
import { clusterInfo, dyingFullCoverage, dyingPartialCoverage, primaryComesBackLate, primaryComesBackSoon } from './clusterRuns.ts';
import { type SeenRun, answer, counted, field, inTurn, nodeOf, notesOf, outageOf, seconds } from './seen.ts';

const FIRST = 'n1';
/** The replica of n1. */
const SECOND = 'n5';
const SLOTS = 16_384;

const cell = (primaries: number, failed: number, order: ClusterCell['order']): ClusterCell => ({
  primaries, replicas: 1, failed, order, fullCoverage: true,
});

const HOW_MUCH: Readonly<Record<ClusterRow['state'], string>> = { all: 'all', part: 'a part', nothing: 'none', mixed: 'now all, now none' };

const served = (row: ClusterRow): string => `${row.failed} of ${row.primaries} ${row.order}: ${HOW_MUCH[row.state]} of the slots served`;

/** How the other ranges and the one of the dead primary fared. */
const outages = (run: SeenRun): { readonly own: number; readonly others: number } =>
  ({ own: outageOf(run, 'range-1'), others: Math.max(outageOf(run, 'range-2'), outageOf(run, 'range-3')) });

const whileDying = (run: SeenRun): string => {
  const { own, others } = outages(run);
  return `${SECOND} took over after ${seconds(own)} without writes to its slots, the others stopped for ${seconds(others)}`;
};

/** Lines of CLUSTER INFO as 7.0 has them, beside those that count messages by their kinds. */
const INFO_LINES = [
  'cluster_state', 'cluster_slots_assigned', 'cluster_slots_ok', 'cluster_slots_pfail', 'cluster_slots_fail', 'cluster_known_nodes',
  'cluster_size', 'cluster_current_epoch', 'cluster_my_epoch', 'cluster_stats_messages_sent', 'cluster_stats_messages_received',
  'total_cluster_links_buffer_limit_exceeded',
] as const;

const KIND_LINE = /^cluster_stats_messages_([a-z-]+)_(?:sent|received)$/;

const linesOf = (info: string): readonly string[] => info.split(/\r?\n/)
  .filter((line) => line !== '').map((line) => line.split(':')[0] ?? '');

const asksInfo = (run: SeenRun, nth: number): string => answer(run, 'n2', 'CLUSTER INFO', nth);

export const clusterClaims: readonly Claim[] = [
  {
    n: 24, group: 'cluster', expected: 'holds if',
    statement: 'Automatic failover and sharding; a dead primary\'s replica takes over without stopping the service.',
    condition: 'cluster-require-full-coverage is no, and the service is that of the other slots: the dead primary\'s own wait for the'
      + ' failover',
    cases: [
      {
        condition: 'met', scenario: dyingPartialCoverage,
        observe: (run) => ({
          holds: outages(run).others === 0 && nodeOf(run, SECOND)?.role === 'primary', evidence: `without full coverage ${whileDying(run)}`,
        }),
      },
      {
        condition: 'not met', scenario: dyingFullCoverage,
        observe: (run) => ({ holds: outages(run).others === 0, evidence: `by default ${whileDying(run)}` }),
      },
    ],
  },
  {
    n: 25, group: 'cluster', statement: 'Nodes gossip over direct connections on a second port (bus port).', expected: 'holds',
    cases: [{
      scenario: clusterInfo,
      observe: (run) => {
        const places = answer(run, 'n2', 'CLUSTER NODES').split('\n').map((line) => line.split(' ')[1] ?? '')
          .filter((place) => place !== '');
        const second = places.filter((place) => place.endsWith(':6379@16379')).length;
        const pings = Number(field(asksInfo(run, 0), 'cluster_stats_messages_ping_sent'));
        return {
          holds: second === places.length && second === run.topology.processes.length && pings > 0,
          evidence: `${second} of ${places.length} nodes have 6379@16379; in 25 s one of them sent ${pings} PINGs over it`,
        };
      },
    }],
  },
  {
    n: 26, group: 'cluster', statement: 'A primary that comes back becomes a replica.', expected: 'holds if',
    condition: 'another was elected for its slots meanwhile',
    cases: [
      {
        condition: 'met', scenario: primaryComesBackLate,
        observe: (run) => ({
          holds: nodeOf(run, FIRST)?.role === 'replica',
          evidence: `back after 20 s, when ${SECOND} had its slots: ${FIRST} ended as a ${nodeOf(run, FIRST)?.role}`,
        }),
      },
      {
        condition: 'not met', scenario: primaryComesBackSoon,
        observe: (run) => ({
          holds: nodeOf(run, FIRST)?.role === 'replica',
          evidence: `back after 1.5 s, before anybody was elected: as a ${nodeOf(run, FIRST)?.role}`,
        }),
      },
    ],
  },
  {
    n: 27, group: 'cluster', expected: 'holds',
    statement: 'Slots can be moved while serving: nodes are added and removed without downtime.',
    cases: [['slots moved', resharding], ['a node added', addingANode], ['a node removed', removingANode]].map(([what, scenario]) => ({
      scenario: scenario as typeof resharding,
      observe: ({ report: { unavailableMs, ledger } }: SeenRun) => ({
        holds: unavailableMs === 0 && ledger.lost === 0,
        evidence: `${String(what)}: ${seconds(unavailableMs)} without writes, ${ledger.lost} of ${ledger.acknowledged} lost`,
      }),
    })),
  },
  {
    n: 28, group: 'cluster', statement: 'When half or more of the primaries fail, the cluster stops.', expected: 'holds if',
    condition: 'they fail before the first is replaced: one after the other, each has a majority to replace it',
    cases: [
      {
        condition: 'met', clusterCells: [cell(3, 2, 'at once'), cell(4, 2, 'at once')],
        observe: (rows) => ({ holds: rows.every(({ state }) => state === 'nothing'), evidence: rows.map(served).join('; ') }),
      },
      {
        condition: 'not met', clusterCells: [cell(3, 2, 'one by one')],
        observe: (rows) => ({ holds: rows.every(({ state }) => state === 'nothing'), evidence: rows.map(served).join('; ') }),
      },
    ],
  },
  {
    n: 29, group: 'cluster', statement: 'Where data disagree, the primary\'s data win.', expected: 'holds',
    cases: [{
      scenario: minorityPartition,
      observe: (run) => {
        const [old, now] = [nodeOf(run, FIRST), nodeOf(run, SECOND)];
        const isSame = old?.digest !== null && old?.digest === now?.digest;
        return {
          holds: isSame && now?.role === 'primary' && old?.role === 'replica' && run.report.ledger.lost > 0,
          evidence: `${FIRST} and, elected on the other side, ${SECOND} had both accepted writes: ${FIRST} became a replica, its`
            + ` ${run.report.ledger.lost} were discarded, and both ended with ${SECOND}'s data`,
        };
      },
    }],
  },
  {
    n: 30, group: 'cluster', expected: 'holds',
    statement: 'A node asked for a key it does not serve answers with the right node, and the client asks again there.',
    cases: [
      {
        scenario: clusterInfo,
        observe: (run) => {
          const [moved, there] = [answer(run, FIRST, 'GET foo'), answer(run, 'n3', 'GET foo')];
          return {
            holds: moved === 'MOVED 12182 10.0.0.3:6379' && there === 'bar',
            evidence: `GET foo at ${FIRST}: ${moved}; at 10.0.0.3: ${there}`,
          };
        },
      },
      {
        scenario: resharding,
        observe: (run) => {
          const redirects = notesOf(run, 'redirect');
          const hops = redirects.reduce((most, { note }) => Math.max(most, note.hops), 0);
          return {
            holds: redirects.length > 0 && run.report.ledger.lost === 0,
            evidence: `while slots moved ${counted(redirects.length, 'request')} of clients went on to another node, after at most`
              + ` ${counted(hops, 'redirection')}`,
          };
        },
      },
    ],
  },
  {
    n: 31, group: 'cluster', expected: 'holds',
    statement: '16384 hash slots spread the keys; the exact state lines of `CLUSTER INFO` (state, slots assigned / ok / pfail / fail,'
      + ' known nodes, size, current epoch, my epoch, messages sent and received by kind).',
    cases: [{
      scenario: clusterInfo,
      observe: (run) => {
        const [well, ill] = [asksInfo(run, 0), asksInfo(run, 1)];
        const others = [...linesOf(well), ...linesOf(ill)].filter((line) => !INFO_LINES.some((known) => known === line));
        const kinds = [...new Set(others.map((line) => KIND_LINE.exec(line)?.[1] ?? line))].sort();
        const missing = INFO_LINES.filter((line) => !linesOf(well).includes(line));
        const counts = (info: string): readonly number[] => ['ok', 'pfail', 'fail']
          .map((name) => Number(field(info, `cluster_slots_${name}`)));
        const whole = [well, ill].every((info) => counts(info).reduce((sum, count) => sum + count, 0) === SLOTS
          && field(info, 'cluster_slots_assigned') === String(SLOTS));
        return {
          holds: missing.length === 0 && whole && others.every((line) => KIND_LINE.test(line)) && field(well, 'cluster_state') === 'ok'
            && field(ill, 'cluster_state') === 'fail' && answer(run, 'n2', 'CLUSTER KEYSLOT foo') === '12182',
          evidence: `all ${INFO_LINES.length} lines, and messages of kinds ${kinds.join(', ')}; foo in slot`
            + ` ${answer(run, 'n2', 'CLUSTER KEYSLOT foo')};`
            + ` slots ok, pfail, fail ${inTurn(counts(well))}, state ${field(well, 'cluster_state')}; with a primary and its replica dead`
            + ` ${inTurn(counts(ill))}, state ${field(ill, 'cluster_state')}`,
        };
      },
    }],
  },
];
