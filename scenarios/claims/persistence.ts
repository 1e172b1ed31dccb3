/** The claims about persistence. */
import { persistedRestart } from '../persistence/primaryRestart.ts';
import { powerLossSnapshots } from '../persistence/powerLoss.ts';
import { unpersistedPrimaryReborn } from '../sentinel/unseen.ts';
import type { Claim } from './claim.ts';
import { loadsLog, loadsSnapshot, logAndSnapshot } from './persistenceRuns.ts';
import { type SeenRun, answer, field, seconds, switches } from './seen.ts';

const BYTES_PER_KB = 1000;
const LOADED = /^DB loaded from (?:disk|append only file): ([0-9.]+) seconds$/;

/** What the node's log says of its last load, in ms of virtual time; null: it loaded nothing. */
const loadedMs = ({ log }: SeenRun): number | null => {
  const last = log.map(({ message }) => LOADED.exec(message)?.[1]).findLast((found) => found !== undefined);
  return last === undefined ? null : Number(last) * 1000;
};

const sizes = (run: SeenRun, nth: number): { readonly base: number; readonly whole: number } => {
  const info = answer(run, 'redis-main', 'INFO persistence', nth);
  return { base: Number(field(info, 'aof_base_size')), whole: Number(field(info, 'aof_current_size')) };
};

const outage = ({ report: { unavailableMs } }: SeenRun): string =>
  (unavailableMs === 0 ? 'no outage' : `${seconds(unavailableMs)} without writes`);

const kilobytes = (count: number): string => `${Math.floor(count / BYTES_PER_KB)} kB`;

export const persistenceClaims: readonly Claim[] = [
  {
    n: 32, group: 'persistence', expected: 'holds',
    statement: 'RDB: a snapshot; what was written after it is lost at a crash; loads faster than AOF.',
    cases: [
      {
        scenario: powerLossSnapshots,
        observe: ({ report: { ledger } }) => ({
          holds: ledger.lost > 0,
          evidence: `power loss some seconds after a snapshot: ${ledger.lost} of ${ledger.acknowledged} lost`,
        }),
      },
      {
        scenario: loadsSnapshot, against: loadsLog,
        // Both times are virtual: what commands and keys cost stands in one table.
        observe: (snapshot, _runs, log) => {
          const [fast, slow] = [loadedMs(snapshot), loadedMs(log)];
          return {
            holds: fast !== null && slow !== null && fast < slow,
            evidence: `what ${snapshot.operations.length} writes left of 900 keys was loaded in ${fast} ms from a snapshot, in`
              + ` ${slow} ms from the append-only file (virtual time)`,
          };
        },
      },
    ],
  },
  {
    n: 33, group: 'persistence', expected: 'holds if',
    statement: 'AOF: every write is logged and replayed at start; larger on disk than RDB.',
    condition: 'it has grown since it was last rewritten: by default a rewritten file begins with a snapshot',
    cases: [
      {
        condition: 'met', scenario: persistedRestart,
        observe: ({ report: { ledger } }) => ({
          holds: ledger.lost === 0, evidence: `killed and started again: ${ledger.lost} of ${ledger.acknowledged} lost`,
        }),
      },
      {
        condition: 'met', scenario: logAndSnapshot,
        observe: (run) => ({
          holds: sizes(run, 0).whole > sizes(run, 1).base * 2,
          evidence: `after 30 s of writing ${kilobytes(sizes(run, 0).whole)}, a snapshot of that ${kilobytes(sizes(run, 1).base)}`,
        }),
      },
      {
        condition: 'not met', scenario: logAndSnapshot,
        observe: (run) => {
          const { base, whole } = sizes(run, 1);
          return {
            holds: base > 0 && whole > base * 2,
            evidence: `a tenth of a second after BGREWRITEAOF ${kilobytes(whole)}, of which ${kilobytes(base)} are a snapshot`,
          };
        },
      },
    ],
  },
  {
    n: 34, group: 'persistence', expected: 'refuted',
    statement: 'With replication or Sentinel, no persistence is needed since a restarted node is filled again by replication.',
    cases: [{
      scenario: unpersistedPrimaryReborn,
      observe: (run) => ({
        holds: run.report.ledger.lost === 0,
        evidence: `the primary was back, empty, before it was found down: ${switches(run)} failovers, ${outage(run)},`
          + ` and ${run.report.ledger.lost} of ${run.report.ledger.acknowledged} acknowledged writes lost on all copies`,
      }),
    }],
  },
];
