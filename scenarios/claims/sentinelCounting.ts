/** The claims about how many sentinels it takes: quorum, majority, and how many may fail. */
import { DOCUMENT_ROWS, type QuorumCell } from '../quorum/cells.ts';
import { type QuorumRow, quorumReport } from '../quorum/table.ts';
import { primaryKilled } from '../sentinel/primaryDies.ts';
import { helmFivePods } from '../sentinel/helmPods.ts';
import type { Claim } from './claim.ts';
import { counted, nodeOf, promotions, seconds, struckMs, switches } from './seen.ts';

const cell = (sentinels: number, quorum: number, failed: number): QuorumCell => ({ sentinels, quorum, failed });

/** `quorum 2 of 5, 3 dead: held down, nobody promoted`. */
const told = (row: QuorumRow): string =>
  `quorum ${row.quorum} of ${row.sentinels}, ${row.failed} dead: ${row.odown ? 'ODOWN' : 'no ODOWN'},`
  + ` ${row.failover ? `a new primary after ${seconds(row.failoverMs?.median ?? 0)}` : 'no new primary'}`;

const tell = (rows: readonly QuorumRow[]): string => rows.map(told).join('; ');

/** Of five sentinels, each quorum with as many dead as a majority allows, and one more. */
const OF_FIVE: readonly QuorumCell[] = [1, 2, 3, 4, 5].flatMap((quorum) => [cell(5, quorum, 2), cell(5, quorum, 3)]);

const everyFailure = ({ servers, quorum }: { readonly servers: number; readonly quorum: number }): readonly QuorumCell[] =>
  Array.from({ length: servers + 1 }, (_, failed) => cell(servers, quorum, failed));

export const countingClaims: readonly Claim[] = [
  {
    n: 11, group: 'sentinel', expected: 'holds if',
    statement: 'When a majority of sentinels agrees that the primary failed, a replica is promoted and the old primary is demoted to a'
      + ' replica when it comes back.',
    condition: 'the quorum is not above the majority',
    cases: [
      {
        condition: 'met', scenario: primaryKilled,
        observe: (run) => {
          const [first] = promotions(run, struckMs(run, 0));
          const backMs = struckMs(run, 1);
          const demoted = run.notes.find(
            ({ node, atMs, note }) => node === 'redis-main' && atMs > backMs && note.kind === 'role' && note.role === 'replica'
          );
          return {
            holds: switches(run) === 1 && nodeOf(run, 'redis-main')?.role === 'replica',
            evidence: `${first?.node} was promoted ${seconds((first?.atMs ?? 0) - struckMs(run, 0))} after the kill; the old`
              + ` primary came back as a primary and was made a replica ${seconds((demoted?.atMs ?? 0) - backMs)} later`,
          };
        },
      },
      {
        condition: 'not met', sentinelCells: [cell(5, 4, 2)],
        observe: (rows) => ({ holds: rows.every(({ failover }) => failover), evidence: tell(rows) }),
      },
    ],
  },
  {
    n: 13, group: 'sentinel', expected: 'holds',
    statement: 'Quorum is the number of sentinels that must agree that the primary is down; set it to a majority.',
    cases: [{
      sentinelCells: OF_FIVE,
      observe: (rows) => {
        const agreed = rows.every(({ odown, sentinels, failed, quorum }) => odown === (sentinels - failed >= quorum));
        const survives = (quorum: number): boolean => rows.some((row) => row.quorum === quorum && row.failed === 2 && row.failover);
        const [held, lost] = [[1, 2, 3, 4, 5].filter(survives), [1, 2, 3, 4, 5].filter((quorum) => !survives(quorum))];
        const withMinority = rows.filter(({ failed, failover }) => failed === 3 && failover).length;
        return {
          holds: agreed && withMinority === 0 && Math.max(...held) === 3 && lost.length === 2,
          evidence: `in all ${rows.length} cells of five sentinels ODOWN came just where as many as the quorum lived; with two dead quorums`
            + ` ${held.join(', ')} failed over and ${lost.join(', ')} did not; with three dead none did: a quorum below the`
            + ' majority gains nothing, one above it costs',
        };
      },
    }],
  },
  {
    n: 21, group: 'sentinel', expected: 'holds if',
    statement: 'ODOWN: at least `quorum` sentinels hold the primary down; the failover starts.',
    condition: 'a majority of all sentinels lives to authorise it',
    cases: [
      {
        condition: 'met', sentinelCells: [cell(3, 2, 1)],
        observe: (rows) => ({ holds: rows.every(({ odown, failover }) => odown && failover), evidence: tell(rows) }),
      },
      {
        condition: 'not met', sentinelCells: [cell(5, 2, 3), cell(2, 1, 1)],
        observe: (rows) => ({ holds: !rows.every(({ odown, failover }) => odown && !failover), evidence: tell(rows) }),
      },
    ],
  },
  {
    n: 22, group: 'sentinel', expected: 'holds',
    statement: 'The table of servers, quorum and failures survived: (1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 3, 1), (5, 3, 2); hence "use'
      + ' five".',
    cases: [
      {
        sentinelCells: DOCUMENT_ROWS.flatMap(everyFailure),
        observe: (rows) => {
          const { document, ok } = quorumReport(rows);
          return {
            holds: ok && document.every(({ verdict }) => verdict === 'right'),
            evidence: `measured: ${document.map(({ servers, quorum, measured }) => `(${servers}, ${quorum}, ${measured})`).join(', ')}`,
          };
        },
      },
      {
        sentinelCells: [cell(5, 2, 3), cell(5, 4, 2)],
        observe: ([low, high]) => ({
          holds: low !== undefined && high !== undefined && low.odown && !low.failover && !high.odown && !high.failover,
          evidence: `where quorum and majority part ways: ${tell([low, high].filter((row) => row !== undefined))}`,
        }),
      },
    ],
  },
  {
    n: 23, group: 'sentinel', expected: 'holds if',
    statement: 'With sentinels as sidecars, surviving the loss of two pods takes quorum 3 and five pods.',
    condition: 'quorum 3 is read as the largest that will do: a smaller one survives two pods as well',
    cases: [
      {
        condition: 'met', scenario: helmFivePods,
        observe: (run) => ({
          holds: switches(run) === 1,
          evidence: `five pods, quorum 3, two of them lost with the primary: ${counted(switches(run), 'failover')}, writes again after`
            + ` ${seconds(run.report.unavailableMs)}`,
        }),
      },
      {
        condition: 'met', sentinelCells: [cell(3, 2, 2), cell(4, 3, 2), cell(5, 4, 2)],
        observe: (rows) => ({ holds: rows.every(({ failover }) => !failover), evidence: tell(rows) }),
      },
      {
        condition: 'not met', sentinelCells: [cell(5, 2, 2)],
        observe: (rows) => ({ holds: rows.every(({ failover }) => !failover), evidence: tell(rows) }),
      },
    ],
  },
];
