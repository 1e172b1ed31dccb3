/**
 * Operations of the clients with their fates: what was acknowledged, what failed, what nobody knows, and what was
 * acknowledged and lost all the same. Each lost write points to the record that doomed it and the one that took it.
 */
import type { LostWrite, RunReport } from '../../sim/report.ts';
import { KIND } from '../../sim/time/kinds.ts';
import { NONE, type Recording } from './recording.ts';

export type Fate = 'acknowledged' | 'failed' | 'unknown' | 'lost';

export interface OperationMark {
  readonly client: string;
  /** Row of the completion. */
  readonly row: number;
  /** Virtual microseconds. */
  readonly invokedAt: number;
  readonly completedAt: number;
  readonly operation: string;
  readonly fate: Fate;
  /** Place in `losses` of a lost one, else `NONE`. */
  readonly loss: number;
}

export interface Loss {
  readonly write: LostWrite;
  /** Row of its acknowledgement; `NONE` when it is not in the recording. */
  readonly row: number;
  /** Row of the first and the last event of its chain; `NONE` when the end of the run is all there is. */
  readonly doomedRow: number;
  readonly lostRow: number;
}

export interface Operations {
  /** In the order of completion. */
  readonly marks: readonly OperationMark[];
  readonly losses: readonly Loss[];
}

export const buildOperations = (recording: Recording, report: RunReport): Operations => {
  const lost = new Map(report.ledger.lostWrites.map((write, index) => [keyOf(write.client, write.operation), index]));
  const ackRows: number[] = report.ledger.lostWrites.map(() => NONE);
  const marks: OperationMark[] = [];
  for (const [row, detail] of recording.detailed()) {
    if (recording.rows.kind[row] !== KIND.complete) continue;
    const client = recording.nodeName(row);
    const operation = String(detail['operation']);
    const outcome = String(detail['outcome']);
    const loss = outcome === 'ok' ? lost.get(keyOf(client, operation)) : undefined;
    if (loss !== undefined) ackRows[loss] = row;
    marks.push({
      client, row, invokedAt: Number(detail['invokedAt']), completedAt: recording.rows.at[row] as number, operation,
      fate: loss !== undefined ? 'lost' : outcome === 'ok' ? 'acknowledged' : outcome === 'failed' ? 'failed' : 'unknown',
      loss: loss ?? NONE,
    });
  }
  const losses = report.ledger.lostWrites.map((write, index): Loss => {
    const rows = write.chain.map(({ event }) => event - 1).filter((row) => row >= 0).sort((left, right) => left - right);
    return { write, row: ackRows[index] ?? NONE, doomedRow: rows[0] ?? NONE, lostRow: rows.at(-1) ?? NONE };
  });
  return { marks, losses };
};

const keyOf = (client: string, operation: string): string => `${client} ${operation}`;
