/** Operations of clients by their fate, and the marks of what happened on each lane. Of many in one pixel the gravest is seen. */
import type { Moment } from '../model/moments.ts';
import { FATES, type Fate } from '../model/operations.ts';
import { firstAtLeast, firstNot } from '../model/sorted.ts';
import { LOUD_MOMENTS, MOMENT_SIGN, type Palette } from './palette.ts';
import { type Scene, columnsOf, timeAt, xOf } from './scene.ts';

/** Where the operations of a lane stand, from its top, as a share of its height. */
const FATE_HEIGHT: Readonly<Record<Fate, number>> = { acknowledged: 0.45, failed: 0.7, unknown: 0.7, lost: 1 };
const SIGN_DISTANCE = 9;
/** Loud marks of one kind that stand nearer than this are one. */
const LOUD_DISTANCE = 3;
/** Room for a sign with its outline, in CSS pixels. */
const STAMP_SIDE = 24;

export const drawMarks = (context: CanvasRenderingContext2D, scene: Scene): void => {
  drawOperations(context, scene);
  drawMoments(context, scene);
};

/** Neighbours of one fate are one stroke, so that a full lane costs no more than an empty one. The gravest come last. */
const drawOperations = (context: CanvasRenderingContext2D, scene: Scene): void => {
  if (scene.slice === null) return;
  for (const { fate, lane, x, width } of operationStrokes(scene)) {
    const high = lane.height * FATE_HEIGHT[fate];
    context.fillStyle = scene.palette.fates[fate];
    context.fillRect(x, lane.top + (lane.height - high) / 2, fate === 'lost' ? width + 1 : width, high);
  }
};

export interface OperationStroke {
  readonly fate: Fate;
  readonly lane: { readonly top: number; readonly height: number };
  readonly x: number;
  readonly width: number;
}

/** What is drawn of the operations that are seen: from the least grave on. Whole pixels. */
export const operationStrokes = (scene: Scene): readonly OperationStroke[] => {
  const strokes: OperationStroke[][] = FATES.map(() => []);
  if (scene.slice === null) return [];
  const { starts, columns, column, fate } = scene.slice.operations;
  const { left, step } = columnsOf(scene, columns);
  const lastColumn = (scene.width - left) / step;
  let lane = 0;
  for (const row of scene.layout.laneRows.values()) {
    const [from, to] = [starts[lane] as number, starts[lane + 1] as number];
    lane++;
    let place = firstAtLeast(column, Math.floor(-left / step), from, to);
    while (place < to && (column[place] as number) < lastColumn) {
      const known = shownFate(fate[place] as number, scene);
      const x = Math.round(left + (column[place] as number) * step);
      let right = Math.max(x + 1, Math.round(left + ((column[place] as number) + 1) * step));
      place++;
      // One that is drawn on its own is a pixel wide, however wide its column is for the moment.
      if (step > 1.5) right = x + 1;
      while (place < to && shownFate(fate[place] as number, scene) === known && Math.round(left + (column[place] as number) * step) <= right) {
        right = Math.max(right, Math.round(left + (column[place] as number) * step) + 1);
        place++;
      }
      (strokes[known] as OperationStroke[]).push({ fate: FATES[known] as Fate, lane: row, x, width: right - x });
    }
  }
  return strokes.flat();
};

/** That a write is lost shows only later: under a lesson's cover nobody knows it yet. */
const shownFate = (fate: number, { coveredFrom }: Scene): number => (coveredFrom !== null && FATES[fate] === 'lost' ? 0 : fate);

const drawMoments = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { layout, run, palette, width } = scene;
  const from = timeAt(scene, -SIGN_DISTANCE);
  const to = timeAt(scene, width + SIGN_DISTANCE);
  const first = firstNot(run.moments, ({ at }) => at < from);
  const end = firstNot(run.moments, ({ at }) => at <= to);
  const last = new Map<string, number>();
  const lastLoud = new Map<string, number>();
  const draw = (moment: Moment, isLoud: boolean): void => {
    const row = layout.laneRows.get(moment.node);
    if (row === undefined || row.height < SIGN_DISTANCE) return;
    const x = xOf(scene, moment.at);
    const isChosen = moment.row === scene.selected;
    // Quiet marks give way where they would cover each other.
    const before = last.get(moment.node);
    if (!isLoud && !isChosen && before !== undefined && Math.abs(x - before) < SIGN_DISTANCE) return;
    const key = `${moment.kind} ${moment.node}`;
    if (isLoud && !isChosen && x - (lastLoud.get(key) ?? -Infinity) < LOUD_DISTANCE) return;
    lastLoud.set(key, x);
    last.set(moment.node, x);
    const isLit = isChosen || scene.causes.has(moment.row) || scene.effects.has(moment.row);
    const colour = isLit ? palette.accent : moment.kind === 'violation' || moment.kind === 'exit' ? palette.bad : palette.text;
    drawSign(context, palette, { sign: MOMENT_SIGN[moment.kind], isLoud, colour, x, y: row.top + row.height / 2 });
  };
  const seen = run.moments.slice(first, end);
  for (const moment of seen) if (LOUD_MOMENTS.has(moment.kind)) draw(moment, true);
  for (const moment of seen) if (!LOUD_MOMENTS.has(moment.kind) && moment.kind !== 'mark') draw(moment, false);
};

interface Sign {
  readonly sign: string;
  readonly isLoud: boolean;
  readonly colour: string;
  /** Its middle. */
  readonly x: number;
  readonly y: number;
}

/** The outline of a letter costs more than all else of a mark, so each sign is drawn once and copied from then on. */
const drawSign = (context: CanvasRenderingContext2D, palette: Palette, { sign, isLoud, colour, x, y }: Sign): void => {
  const ratio = devicePixelRatio;
  const key = `${sign} ${isLoud ? 'loud' : 'quiet'} ${colour} ${ratio}`;
  let stamp = palette.stamps.get(key);
  if (stamp === undefined) {
    stamp = new OffscreenCanvas(Math.ceil(STAMP_SIDE * ratio), Math.ceil(STAMP_SIDE * ratio));
    palette.stamps.set(key, stamp);
    const pen = stamp.getContext('2d');
    if (pen === null) return;
    pen.scale(ratio, ratio);
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.font = isLoud ? '700 15px system-ui, sans-serif' : '500 11px system-ui, sans-serif';
    pen.lineWidth = 3;
    pen.strokeStyle = palette.ground;
    pen.strokeText(sign, STAMP_SIDE / 2, STAMP_SIDE / 2);
    pen.fillStyle = colour;
    pen.fillText(sign, STAMP_SIDE / 2, STAMP_SIDE / 2);
  }
  const whole = (place: number): number => Math.round((place - STAMP_SIDE / 2) * ratio) / ratio;
  context.drawImage(stamp, whole(x), whole(y), stamp.width / ratio, stamp.height / ratio);
};
