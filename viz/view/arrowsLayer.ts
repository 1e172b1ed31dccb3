/** Messages: arrows while they can be told apart, else how thick they come. */
import type { Arrows, Density } from '../model/slice.ts';
import { MESSAGE_FAMILIES, type MessageFamily } from './palette.ts';
import { type Scene, xOf } from './scene.ts';

const HEAD = 4;
/** Above so many arrows their heads only make a blot. */
const HEADS_MAX = 700;

export const drawMessages = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { slice } = scene;
  if (slice === null) return;
  if (slice.kind === 'arrows') drawArrows(context, scene, slice);
  else drawDensity(context, scene, slice);
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

/** A strip at the foot of each lane: the more arrives, the higher. */
const drawDensity = (context: CanvasRenderingContext2D, scene: Scene, { counts, countMax }: Density): void => {
  const lanes = [...scene.layout.laneRows.values()];
  const columns = lanes.length === 0 ? 0 : counts.length / lanes.length;
  const micros = (scene.sliceTo - scene.sliceFrom) / Math.max(1, columns);
  context.fillStyle = scene.palette.quiet;
  context.globalAlpha = 0.5;
  lanes.forEach(({ top, height }, lane) => {
    for (let column = 0; column < columns; column++) {
      const count = counts[lane * columns + column] as number;
      if (count === 0) continue;
      const left = xOf(scene, scene.sliceFrom + column * micros);
      const right = xOf(scene, scene.sliceFrom + (column + 1) * micros);
      if (right < 0 || left > scene.width) continue;
      const high = Math.max(1, Math.sqrt(count / countMax) * Math.min(8, height / 3));
      context.fillRect(left, top + height - high, Math.max(0.5, right - left), high);
    }
  });
  context.globalAlpha = 1;
};
