/** Messages: arrows while they can be told apart, else how thick they come. */
import type { Arrows, Density } from '../model/slice.ts';
import { MESSAGE_FAMILIES, type MessageFamily } from './palette.ts';
import { type Scene, columnsOf, xOf } from './scene.ts';

const HEAD = 4;
/** Above so many arrows their heads only make a blot. */
const HEADS_MAX = 700;
const DENSITY_HEIGHT = 8;

export const drawMessages = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const messages = scene.slice?.messages;
  if (messages?.kind === 'arrows') drawArrows(context, scene, messages);
  else if (messages?.kind === 'density') drawDensity(context, scene, messages);
};

const drawArrows = (context: CanvasRenderingContext2D, scene: Scene, arrows: Arrows): void => {
  const count = arrows.row.length;
  const paths = new Map<MessageFamily, Path2D>(MESSAGE_FAMILIES.map((family) => [family, new Path2D()]));
  const lit: number[] = [];
  for (let index = 0; index < count; index++) {
    const row = arrows.row[index] as number;
    if (row === scene.selected || scene.causes.has(row) || scene.effects.has(row)) lit.push(index);
    const family = scene.family(arrows.word[index] as number, arrows.fromLane[index] as number, arrows.toLane[index] as number);
    if (scene.hiddenFamilies.has(family)) continue;
    trace(paths.get(family) as Path2D, scene, arrows, index, count <= HEADS_MAX);
  }
  context.lineWidth = 1;
  context.globalAlpha = count > 400 ? 0.4 : 0.75;
  for (const [family, path] of paths) {
    context.strokeStyle = scene.palette.families[family];
    context.stroke(path);
  }
  context.globalAlpha = 1;
  context.lineWidth = 2.5;
  for (const index of lit) {
    const path = new Path2D();
    trace(path, scene, arrows, index, true);
    context.strokeStyle = scene.palette.accent;
    context.stroke(path);
  }
};

const trace = (path: Path2D, scene: Scene, arrows: Arrows, index: number, hasHead: boolean): void => {
  const x0 = xOf(scene, arrows.sentAt[index] as number);
  const x1 = xOf(scene, arrows.at[index] as number);
  if (x1 < 0 || x0 > scene.width) return;
  const y0 = scene.laneTops[arrows.fromLane[index] as number] as number;
  const y1 = scene.laneTops[arrows.toLane[index] as number] as number;
  path.moveTo(x0, y0);
  path.lineTo(x1, y1);
  if (!hasHead) return;
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 2 * HEAD) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  path.moveTo(x1 - HEAD * (ux + 0.6 * uy), y1 - HEAD * (uy - 0.6 * ux));
  path.lineTo(x1, y1);
  path.lineTo(x1 - HEAD * (ux - 0.6 * uy), y1 - HEAD * (uy + 0.6 * ux));
};

/** A strip at the foot of each lane: the more arrives, the higher. Neighbours of one height are one stroke. */
const drawDensity = (context: CanvasRenderingContext2D, scene: Scene, { counts, columns, countMax }: Density): void => {
  const { left, step } = columnsOf(scene, columns);
  const first = Math.max(0, Math.floor(-left / step));
  const end = Math.min(columns, Math.ceil((scene.width - left) / step));
  context.fillStyle = scene.palette.quiet;
  context.globalAlpha = 0.5;
  let lane = 0;
  for (const { top, height } of scene.layout.laneRows.values()) {
    const row = lane++ * columns;
    const highMax = Math.min(DENSITY_HEIGHT, height / 3);
    const highOf = (column: number): number => {
      const count = counts[row + column] as number;
      return count === 0 ? 0 : Math.max(1, Math.round(Math.sqrt(count / countMax) * highMax));
    };
    for (let column = first; column < end;) {
      const high = highOf(column);
      let next = column + 1;
      while (next < end && highOf(next) === high) next++;
      // Whole pixels: what lies between them costs several times as much.
      const x = Math.round(left + column * step);
      if (high > 0) context.fillRect(x, top + height - high, Math.max(1, Math.round(left + next * step) - x), high);
      column = next;
    }
  }
  context.globalAlpha = 1;
};
