/** What lies under the pointer: a mark, a message, an operation, or a lane at a time. */
import { FATES } from '../model/operations.ts';
import type { Moment } from '../model/moments.ts';
import { firstAtLeast, firstNot } from '../model/sorted.ts';
import { reported, text } from '../texts/text.ts';
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
  const mark = lane === null ? null : markAt(scene, lane, x);
  if (mark !== null) return { row: mark.row, lane, at: mark.at, text: reported(mark.label) };
  const operation = lane === null ? null : operationAt(scene, lane, x);
  if (operation !== null) return { ...operation, lane };
  const message = arrowAt(scene, x, y);
  if (message !== null) return { ...message, lane };
  return bare;
};

const beliefAt = ({ layout }: Scene, name: string, at: number): number | null => {
  const row = layout.rows.find((one) => one.kind === 'belief' && one.name === name);
  if (row?.kind !== 'belief') return null;
  const { spans } = row.belief;
  const span = spans[firstNot(spans, ({ to }) => to <= at)];
  return span !== undefined && span.from <= at ? span.row : null;
};

/** The nearest mark of a lane; the last of equals, which stands above the others. */
const markAt = (scene: Scene, lane: string, x: number): Moment | null => {
  const { moments } = scene.run;
  const [from, to] = [timeAt(scene, x - MARK_REACH), timeAt(scene, x + MARK_REACH)];
  let best: Moment | null = null;
  let bestDistance = MARK_REACH;
  for (let place = firstNot(moments, ({ at }) => at < from); place < moments.length; place++) {
    const moment = moments[place] as Moment;
    if (moment.at > to) break;
    if (moment.node !== lane) continue;
    const away = Math.abs(xOf(scene, moment.at) - x);
    if (away <= bestDistance) [best, bestDistance] = [moment, away];
  }
  return best;
};

const operationAt = (scene: Scene, lane: string, x: number): Omit<Hit, 'lane'> | null => {
  if (scene.slice === null) return null;
  const { starts, at, fate, row, texts } = scene.slice.operations;
  const number = [...scene.layout.laneRows.keys()].indexOf(lane);
  const end = starts[number + 1] as number;
  let best = -1;
  let bestDistance = ARROW_REACH;
  for (let place = firstAtLeast(at, timeAt(scene, x - ARROW_REACH), starts[number] as number, end); place < end; place++) {
    const away = xOf(scene, at[place] as number) - x;
    if (away > ARROW_REACH) break;
    if (Math.abs(away) <= bestDistance) [best, bestDistance] = [place, Math.abs(away)];
  }
  if (best < 0) return null;
  const known = FATES[fate[best] as number] ?? 'unknown';
  const said = text(`fate.${scene.coveredFrom !== null && known === 'lost' ? 'acknowledged' : known}`);
  const what = texts[best];
  return { row: row[best] as number, at: at[best] as number, text: what === undefined ? said : `${what}: ${said}` };
};

const arrowAt = (scene: Scene, x: number, y: number): Omit<Hit, 'lane'> | null => {
  const slice = scene.slice?.messages;
  if (slice?.kind !== 'arrows') return null;
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
