/** Timers as arcs over their lanes, which fill as time goes on. */
import { type Scene, xOf } from './scene.ts';

const HIGH_MAX = 11;
/** Arcs that are shorter than this many pixels are not seen. */
const WIDTH_MIN = 6;
/** How far beyond the edges of the picture an arc is drawn. */
const BESIDE = 20;

export const drawTimers = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { run, layout, palette, now, width } = scene;
  for (const { node, from, to } of run.timers) {
    const row = layout.laneRows.get(node);
    if (row === undefined || row.height < HIGH_MAX) continue;
    const [left, right] = [xOf(scene, from), xOf(scene, to)];
    if (right < 0 || left > width || right - left < WIDTH_MIN) continue;
    const middle = (left + right) / 2;
    const high = Math.min(HIGH_MAX, row.height / 2);
    const angleAt = (x: number): number => 2 * Math.PI - Math.acos(Math.min(1, Math.max(-1, (x - middle) / (right - left) * 2)));
    const arcUpTo = (end: number): void => {
      context.beginPath();
      // Only what is seen: dashes along an arc of ten thousand screens would take seconds.
      context.ellipse(middle, row.top + row.height / 2, (right - left) / 2, high, 0, angleAt(-BESIDE), angleAt(Math.min(end, width + BESIDE)));
      context.stroke();
    };
    context.strokeStyle = palette.quiet;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    arcUpTo(right);
    context.setLineDash([]);
    // The part that has passed is drawn full.
    const passed = now === null ? right : Math.min(right, xOf(scene, now));
    if (passed <= Math.max(0, left)) continue;
    context.strokeStyle = palette.fault;
    context.lineWidth = 2;
    arcUpTo(passed);
  }
};
