/**
 * Operations of the clients with their fates: what was acknowledged, what failed, what nobody knows, and what was
 * acknowledged and lost all the same. Each lost write points to the record that doomed it and the one that took it.
 *
 * Always holds: a client's operations stand together, in the order of their completion. A run has a hundred thousand of them, so they
 * are columns, and what is gravest in a stretch is found by blocks: see `gravest`.
 */
import type { LostWrite, RunReport } from '../../sim/report.ts';
import { KIND } from '../../sim/time/kinds.ts';
import { NONE, type Recording } from './recording.ts';
import { nextAtLeast } from './sorted.ts';

export type Fate = 'acknowledged' | 'failed' | 'unknown' | 'lost';

/** From the least grave on: columns of fates hold places in this list. */
export const FATES: readonly Fate[] = ['acknowledged', 'failed', 'unknown', 'lost'];
const LOST = 3;

export interface Loss {
  readonly write: LostWrite;
  /** Row of its acknowledgement; `NONE` when it is not in the recording. */
  readonly row: number;
  /** Row of the first and the last event of its chain; `NONE` when the end of the run is all there is. */
  readonly doomedRow: number;
  readonly lostRow: number;
}

export interface OperationColumns {
  /** Where the operations of a client begin, by index of `Recording.nodes`; one more than there are nodes. */
  readonly starts: Int32Array;
  /** When it was completed, virtual microseconds. */
  readonly at: Float64Array;
  /** Place in `FATES`. */
  readonly fate: Uint8Array;
  /** Row of the completion. */
  readonly row: Int32Array;
  /** The gravest of each block of `BLOCK` operations, and of each block of as many blocks. */
  readonly blocks: Int32Array;
  readonly largeBlocks: Int32Array;
}

const BLOCK = 32;
const LARGE_BLOCK = BLOCK * BLOCK;

/** What the page is told of all of them at once; the others come by windows of time. */
export interface OperationsView {
  readonly losses: readonly Loss[];
  /** The gravest of all clients in each of `STRIP_COLUMNS` equal parts of the run: its place in `FATES` and one more, 0 for none. */
  readonly strip: Uint8Array;
}

export const STRIP_COLUMNS = 2048;

export interface Operations extends OperationsView {
  readonly columns: OperationColumns;
}

export const buildOperations = (recording: Recording, report: RunReport): Operations => {
  const { lostWrites } = report.ledger;
  const lost = new Map(lostWrites.map((write, index) => [keyOf(write.client, write.operation), index]));
  const ackRows: number[] = lostWrites.map(() => NONE);
  const { rows, nodes, count } = recording;
  const starts = new Int32Array(nodes.length + 1);
  const completions: number[] = [];
  for (let row = 0; row < count; row++) {
    if (rows.kind[row] !== KIND.complete) continue;
    completions.push(row);
    const place = (rows.node[row] as number) + 1;
    starts[place] = (starts[place] as number) + 1;
  }
  for (let node = 0; node < nodes.length; node++) starts[node + 1] = (starts[node + 1] as number) + (starts[node] as number);
  const next = starts.slice();
  const at = new Float64Array(completions.length);
  const fate = new Uint8Array(completions.length);
  const row = new Int32Array(completions.length);
  for (const completion of completions) {
    const node = rows.node[completion] as number;
    const place = next[node] as number;
    next[node] = place + 1;
    at[place] = rows.at[completion] as number;
    row[place] = completion;
    const detail = recording.detail(completion);
    const outcome = detail?.['outcome'];
    const loss = outcome === 'ok' && lost.size > 0 ? lost.get(keyOf(nodes[node] as string, String(detail?.['operation']))) : undefined;
    if (loss !== undefined) ackRows[loss] = completion;
    fate[place] = loss !== undefined ? LOST : outcome === 'ok' ? 0 : outcome === 'failed' ? 1 : 2;
  }
  const losses = lostWrites.map((write, index): Loss => {
    const chain = write.chain.map(({ event }) => event - 1).filter((event) => event >= 0).sort((left, right) => left - right);
    return { write, row: ackRows[index] ?? NONE, doomedRow: chain[0] ?? NONE, lostRow: chain.at(-1) ?? NONE };
  });
  const blocks = gravestOf(fate, Int32Array.from(fate, (_, index) => index));
  const columns = { starts, at, fate, row, blocks, largeBlocks: gravestOf(fate, blocks) };
  return { columns, losses, strip: stripOf(columns, recording) };
};

const stripOf = (columns: OperationColumns, { endAt, nodes }: Recording): Uint8Array => {
  const strip = new Uint8Array(STRIP_COLUMNS);
  const edges = Float64Array.from({ length: STRIP_COLUMNS + 1 }, (_, edge) => edge * (endAt + 1) / STRIP_COLUMNS);
  nodes.forEach((_, node) => gravestByColumn(columns, node, edges, (operation, column) => {
    strip[column] = Math.max(strip[column] as number, (columns.fate[operation] as number) + 1);
  }));
  return strip;
};

/** The gravest of each `BLOCK` candidates, the first of equals. */
const gravestOf = (fate: Uint8Array, candidates: Int32Array): Int32Array => {
  const made = new Int32Array(Math.ceil(candidates.length / BLOCK));
  for (let block = 0; block < made.length; block++) {
    let best = candidates[block * BLOCK] as number;
    for (let place = block * BLOCK + 1; place < Math.min(candidates.length, (block + 1) * BLOCK); place++) {
      const candidate = candidates[place] as number;
      if ((fate[candidate] as number) > (fate[best] as number)) best = candidate;
    }
    made[block] = best;
  }
  return made;
};

/** The gravest operation of `[from, to)`, the first of equals; `to` must lie behind `from`. */
export const gravest = ({ fate, blocks, largeBlocks }: OperationColumns, from: number, to: number): number => {
  let best = from;
  for (let place = from; place < to;) {
    let candidate = place;
    if (place % LARGE_BLOCK === 0 && place + LARGE_BLOCK <= to) {
      candidate = largeBlocks[place / LARGE_BLOCK] as number;
      place += LARGE_BLOCK;
    } else if (place % BLOCK === 0 && place + BLOCK <= to) {
      candidate = blocks[place / BLOCK] as number;
      place += BLOCK;
    } else place++;
    if ((fate[candidate] as number) > (fate[best] as number)) best = candidate;
  }
  return best;
};

/** Calls `found` with the gravest operation of a client in each column that has one; `edges`: times that bound the columns. */
export const gravestByColumn = (
  columns: OperationColumns, node: number, edges: Float64Array, found: (operation: number, column: number) => void,
): void => {
  const { starts, at } = columns;
  const end = starts[node + 1] as number;
  let from = nextAtLeast(at, edges[0] as number, starts[node] as number, end);
  for (let column = 0; column + 1 < edges.length && from < end; column++) {
    // Where nothing lies before the next edge the search ends at once.
    const to = nextAtLeast(at, edges[column + 1] as number, from, end);
    if (to > from) found(gravest(columns, from, to), column);
    from = to;
  }
};

const keyOf = (client: string, operation: string): string => `${client} ${operation}`;
