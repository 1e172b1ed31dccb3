/** The picture as a PNG: drawn anew by the page's own layers, with the names of the lanes beside it. */
import { NAMES_WIDTH } from './exportSvg.ts';
import { drawPicture } from './picture.ts';
import type { Scene } from './scene.ts';

/** Rejects where the browser cannot make one. */
export const scenePng = (scene: Scene): Promise<Blob> => {
  const picture = document.createElement('canvas');
  drawPicture(picture, scene);
  const whole = document.createElement('canvas');
  const ratio = picture.width / scene.width;
  whole.width = picture.width + NAMES_WIDTH * ratio;
  whole.height = picture.height;
  const context = whole.getContext('2d');
  if (context === null) return Promise.reject(new Error('this browser draws no pictures'));
  context.fillStyle = scene.palette.ground;
  context.fillRect(0, 0, whole.width, whole.height);
  context.drawImage(picture, NAMES_WIDTH * ratio, 0);
  context.scale(ratio, ratio);
  context.textBaseline = 'middle';
  for (const { kind, name, top, height } of scene.layout.rows) {
    if (height < 9) continue;
    context.fillStyle = kind === 'lane' ? scene.palette.text : scene.palette.quiet;
    context.font = `${kind === 'heading' ? '600 ' : ''}${kind === 'belief' ? 10 : 12}px system-ui, sans-serif`;
    context.fillText(name, 8, top + height / 2, NAMES_WIDTH - 16);
  }
  return new Promise((resolve, reject) => {
    whole.toBlob((blob) => {
      if (blob === null) reject(new Error('this browser makes no PNG'));
      else resolve(blob);
    }, 'image/png');
  });
};
