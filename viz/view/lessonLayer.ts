/** What a lesson adds to the picture: a frame around the lanes that it speaks of, and a cover over what is not to be seen yet. */
import { patternFill } from './palette.ts';
import { type Scene, xOf } from './scene.ts';

const FRAME = 2;

export const drawAbout = (context: CanvasRenderingContext2D, { about, layout, palette, width }: Scene): void => {
  context.strokeStyle = palette.accent;
  context.lineWidth = FRAME;
  for (const name of about) {
    const row = layout.laneRows.get(name);
    if (row !== undefined) context.strokeRect(FRAME / 2, row.top + FRAME / 2, width - FRAME, row.height - FRAME);
  }
};

/** Opaque: whoever has not answered yet sees nothing of what follows. */
export const drawCover = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { coveredFrom, palette, width, height } = scene;
  if (coveredFrom === null) return;
  const left = Math.max(0, xOf(scene, coveredFrom));
  if (left >= width) return;
  context.fillStyle = palette.ground;
  context.fillRect(left, 0, width - left, height);
  context.globalAlpha = 0.5;
  context.fillStyle = patternFill(context, palette, 'stripes', palette.line);
  context.fillRect(left, 0, width - left, height);
  context.globalAlpha = 1;
  context.fillStyle = palette.quiet;
  context.font = '600 40px system-ui, sans-serif';
  context.textAlign = 'center';
  context.fillText('?', Math.min(width - 20, left + (width - left) / 2), height / 2);
  context.textAlign = 'start';
};
