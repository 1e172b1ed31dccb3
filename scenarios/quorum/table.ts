/** The table made of the runs of its cells: what happened, what counting says, what the source document says. */
import {
  DOCUMENT_ROWS, type DocumentRow, MISREADINGS, type QuorumCell, canDetect, canFailOver, survivableFailures,
} from './cells.ts';
import type { CellRun } from './cellRun.ts';

/** One cell of the JSON document. `odown`, `authorised` and `failover` say that it was so in every run. */
export interface QuorumRow extends QuorumCell {
  readonly odown: boolean;
  readonly authorised: boolean;
  readonly failover: boolean;
  /** What counting says of `failover`. */
  readonly expected: boolean;
  /** Null where no run came to a switch. */
  readonly failoverMs: { readonly median: number; readonly max: number } | null;
  /** The most that any run needed. */
  readonly tries: number;
  readonly runs: { readonly seeds: number; readonly odown: number; readonly authorised: number; readonly failover: number };
  /** Runs that differ from counting, or violated a safety check: seed and what. */
  readonly differs: readonly { readonly seed: number; readonly what: string }[];
}

export interface DocumentVerdict extends DocumentRow {
  readonly verdict: 'right' | 'wrong' | 'not run';
  /** How many failures the runs survived; null where the cells were not run. */
  readonly measured: number | null;
}

export interface MisreadingVerdict {
  readonly text: string;
  readonly verdict: 'shown' | 'not shown' | 'not run';
}

export interface QuorumReport {
  readonly sentinel: readonly QuorumRow[];
  readonly document: readonly DocumentVerdict[];
  readonly misreadings: readonly MisreadingVerdict[];
  readonly ok: boolean;
}

export const quorumRow = (cell: QuorumCell, runs: readonly CellRun[]): QuorumRow => {
  const count = (holds: (run: CellRun) => boolean): number => runs.filter(holds).length;
  const expected = canFailOver(cell);
  const times = runs.map((run) => run.failoverMs).filter((time) => time !== null).sort((left, right) => left - right);
  const odown = count((run) => run.odown);
  const authorised = count((run) => run.authorised);
  const failover = times.length;
  return {
    ...cell, odown: odown === runs.length, authorised: authorised === runs.length, failover: failover === runs.length, expected,
    failoverMs: times.length === 0 ? null : { median: times[(times.length - 1) >> 1] as number, max: times.at(-1) as number },
    tries: Math.max(0, ...runs.map((run) => run.tries)),
    runs: { seeds: runs.length, odown, authorised, failover },
    differs: runs.flatMap((run) => differences(cell, run)),
  };
};

const differences = (cell: QuorumCell, run: CellRun): { readonly seed: number; readonly what: string }[] => {
  const { seed } = run;
  const found = run.violated.map((name) => ({ seed, what: `${name} violated` }));
  if (run.odown !== canDetect(cell)) found.push({ seed, what: run.odown ? 'ODOWN was reached' : 'ODOWN was not reached' });
  if ((run.failoverMs !== null) !== canFailOver(cell)) {
    found.push({ seed, what: run.failoverMs === null ? 'no failover in three tries' : 'a failover happened' });
  }
  return found;
};

export const quorumReport = (rows: readonly QuorumRow[]): QuorumReport => ({
  sentinel: rows,
  document: DOCUMENT_ROWS.map((row) => documentVerdict(row, rows)),
  misreadings: MISREADINGS.map(({ text, shows }) => {
    const shown = shows.map((cell) => rows.find((row) => isSame(row, cell)));
    const verdict = shown.some((row) => row === undefined) ? 'not run'
      : shown.every((row) => row !== undefined && row.differs.length === 0) ? 'shown' : 'not shown';
    return { text, verdict };
  }),
  ok: rows.every((row) => row.differs.length === 0),
});

const isSame = (left: QuorumCell, right: QuorumCell): boolean =>
  left.sentinels === right.sentinels && left.quorum === right.quorum && left.failed === right.failed;

/** Survives as many failures as there are cells in a row, from none on, in which every run failed over. */
const documentVerdict = (row: DocumentRow, rows: readonly QuorumRow[]): DocumentVerdict => {
  const cells = rows.filter(({ sentinels, quorum }) => sentinels === row.servers && quorum === row.quorum)
    .sort((left, right) => left.failed - right.failed);
  if (cells.length === 0) return { ...row, verdict: 'not run', measured: null };
  const firstLost = cells.findIndex(({ failover }) => !failover);
  const measured = Math.max(0, (firstLost < 0 ? cells.length : firstLost) - 1);
  const isRight = measured === row.survives && survivableFailures(row.servers, row.quorum) === row.survives;
  return { ...row, verdict: isRight ? 'right' : 'wrong', measured };
};
