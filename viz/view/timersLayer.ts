/** Timers as arcs over their lanes, which fill as time goes on. */
import { type Scene, xOf } from './scene.ts';

const HIGH_MAX = 11;
/** Arcs that are shorter than this many pixels are not seen. */
const WIDTH_MIN = 6;

export const drawTimers = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { run, layout, palette, now, width } = scene;
  for (const { node, from, to } of run.timers) {
    const row = layout.laneRows.get(node);
    if (row === undefined || row.height < HIGH_MAX) continue;
    const [left, right] = [xOf(scene, from), xOf(scene, to)];
    if (right < 0 || left > width || right - left < WIDTH_MIN) continue;
    const middle = (left + right) / 2;
    const high = Math.min(HIGH_MAX, row.height / 2);
    const arc = (): void => {
      context.beginPath();
      context.ellipse(middle, row.top + row.height / 2, (right - left) / 2, high, 0, Math.PI, 2 * Math.PI);
      context.stroke();
    };
    context.strokeStyle = palette.quiet;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    arc();
    context.setLineDash([]);
    // The part that has passed is drawn full.
    const passed = now === null ? right : Math.min(right, xOf(scene, now));
    if (passed <= left) continue;
    context.save();
    context.beginPath();
    context.rect(left - 2, row.top - HIGH_MAX, passed - left + 2, row.height + HIGH_MAX);
    context.clip();
    context.strokeStyle = palette.fault;
    context.lineWidth = 2;
    arc();
    context.restore();
  }
};
