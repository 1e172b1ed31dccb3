/** What lies under the pointer: a mark, a message, an operation, or a lane at a time. */
import { text } from '../texts/text.ts';
import { type Scene, timeAt, xOf } from './scene.ts';

export interface Hit {
  /** Row of the record; null: only a lane and a time. */
  readonly row: number | null;
  readonly lane: string | null;
  /** Virtual microseconds. */
  readonly at: number;
  /** What a hint says. */
  readonly text: string;
}

const MARK_REACH = 9;
const ARROW_REACH = 5;

export const hitAt = (scene: Scene, x: number, y: number): Hit => {
  const at = timeAt(scene, x);
  const row = scene.layout.rows.find(({ top, height }) => y >= top && y < top + height) ?? null;
  const lane = row !== null && row.kind === 'lane' ? row.name : null;
  const bare: Hit = { row: null, lane, at, text: '' };
  if (row?.kind === 'belief') return { ...bare, row: beliefAt(scene, row.name, at), text: '' };
  const mark = lane === null ? null : nearest(scene.run.moments.filter(({ node }) => node === lane),
    (moment) => Math.abs(xOf(scene, moment.at) - x), MARK_REACH);
  if (mark !== null) return { row: mark.row, lane, at: mark.at, text: mark.label };
  const operation = lane === null ? null : nearest(scene.run.operations.marks.filter(({ client }) => client === lane),
    ({ completedAt }) => Math.abs(xOf(scene, completedAt) - x), ARROW_REACH);
  if (operation !== null) return { row: operation.row, lane, at: operation.completedAt, text: `${operation.operation}: ${text(`fate.${scene.coveredFrom !== null && operation.fate === 'lost' ? 'acknowledged' : operation.fate}`)}` };
  const message = arrowAt(scene, x, y);
  if (message !== null) return { ...message, lane };
  return bare;
};

const beliefAt = ({ layout }: Scene, name: string, at: number): number | null => {
  const row = layout.rows.find((one) => one.kind === 'belief' && one.name === name);
  if (row?.kind !== 'belief') return null;
  return row.belief.spans.find(({ from, to }) => from <= at && at < to)?.row ?? null;
};

const nearest = <Item>(items: readonly Item[], distance: (item: Item) => number, reach: number): Item | null => {
  let best: Item | null = null;
  let bestDistance = reach;
  for (const item of items) {
    const away = distance(item);
    if (away <= bestDistance) [best, bestDistance] = [item, away];
  }
  return best;
};

const arrowAt = (scene: Scene, x: number, y: number): Omit<Hit, 'lane'> | null => {
  const { slice } = scene;
  if (slice === null || slice.kind !== 'arrows') return null;
  let best = -1;
  let bestDistance = ARROW_REACH;
  for (let index = 0; index < slice.row.length; index++) {
    const away = distanceToLine(x, y, xOf(scene, slice.sentAt[index] as number), scene.laneTops[slice.fromLane[index] as number] as number,
      xOf(scene, slice.at[index] as number), scene.laneTops[slice.toLane[index] as number] as number);
    if (away < bestDistance) [best, bestDistance] = [index, away];
  }
  if (best < 0) return null;
  return { row: slice.row[best] as number, at: slice.at[best] as number, text: scene.run.words[slice.word[best] as number] ?? '' };
};

const distanceToLine = (x: number, y: number, x0: number, y0: number, x1: number, y1: number): number => {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
};
