/** Draws a scene on a canvas, layer by layer. */
import { drawMessages } from './arrowsLayer.ts';
import { drawFaultNames, drawFaults } from './faultsLayer.ts';
import { drawLanes } from './lanesLayer.ts';
import { drawAbout, drawCover } from './lessonLayer.ts';
import { drawMarks } from './marksLayer.ts';
import { drawTimers } from './timersLayer.ts';
import { type Scene, xOf } from './scene.ts';

export const drawPicture = (canvas: HTMLCanvasElement, scene: Scene): void => {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = scene.palette.ground;
  context.fillRect(0, 0, scene.width, scene.height);
  drawLanes(context, scene);
  drawFaults(context, scene);
  drawMessages(context, scene);
  drawTimers(context, scene);
  drawMarks(context, scene);
  drawFaultNames(context, scene);
  drawAbout(context, scene);
  drawNow(context, scene);
  drawCover(context, scene);
};

/** What has not happened yet is pale. */
const drawNow = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { now, palette, width, height } = scene;
  if (now === null) return;
  const x = xOf(scene, now);
  if (x < width) {
    context.globalAlpha = 0.72;
    context.fillStyle = palette.ground;
    context.fillRect(Math.max(0, x), 0, width, height);
    context.globalAlpha = 1;
  }
  context.fillStyle = palette.accent;
  context.fillRect(x - 1, 0, 2, height);
};
