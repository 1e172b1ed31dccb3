/** The whole run in a strip: faults, losses, failed operations, violations, and the window that is seen, which can be dragged. */
import { FATES, STRIP_COLUMNS } from '../model/operations.ts';
import type { RunView } from '../model/theatre.ts';
import { readPalette } from './palette.ts';
import { type Window, xOf } from './scene.ts';
import { type TimeMap, realTime } from './timeMap.ts';

const HEIGHT = 34;
const WHOLE: Window = { from: 0, to: 1 };

export class Overview {
  private readonly canvas: HTMLCanvasElement;
  private readonly frame: HTMLElement;
  private readonly root: HTMLElement;
  private run: RunView | null = null;
  /** As it was measured last: asking while a picture is panned makes the page lay itself out. */
  private width = 1;
  private map: TimeMap = realTime(1);

  /** `looked` hears of the time that was asked for, virtual microseconds. */
  constructor(root: HTMLElement, looked: (at: number) => void) {
    this.root = root;
    this.canvas = document.createElement('canvas');
    this.canvas.style.height = `${HEIGHT}px`;
    this.frame = document.createElement('div');
    this.frame.className = 'window';
    root.replaceChildren(this.canvas, this.frame);
    const look = (event: PointerEvent): void => {
      if ((event.buttons & 1) === 0) return;
      const x = event.clientX - root.getBoundingClientRect().left;
      looked(this.map.at(x / Math.max(1, root.clientWidth)));
    };
    root.addEventListener('pointerdown', (event) => {
      root.setPointerCapture(event.pointerId);
      look(event);
    });
    root.addEventListener('pointermove', look);
    new ResizeObserver(() => {
      this.width = root.clientWidth;
      this.draw();
    }).observe(root);
  }

  show(run: RunView): void {
    this.run = run;
    this.width = this.root.clientWidth;
    this.map = realTime(run.endAt);
    this.draw();
  }

  /** Virtual microseconds at the edges of what the picture shows. */
  frameAt(from: number, to: number): void {
    // In shares: it may not be in sight yet, or get another width.
    const left = Math.max(0, this.map.place(from)) * 100;
    const right = Math.min(1, this.map.place(to)) * 100;
    this.frame.style.left = `${left}%`;
    this.frame.style.width = `max(3px, ${right - left}%)`;
  }

  draw(): void {
    const { run, canvas, root } = this;
    const context = canvas.getContext('2d');
    if (run === null || context === null) return;
    const { width } = this;
    const palette = readPalette(root);
    canvas.width = width * devicePixelRatio;
    canvas.height = HEIGHT * devicePixelRatio;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    const x = (at: number): number => xOf({ map: this.map, window: WHOLE, width }, at);
    context.fillStyle = palette.fault;
    context.globalAlpha = 0.35;
    for (const { from, to, isAction } of run.faults) {
      if (!isAction) context.fillRect(x(from), 0, Math.max(2, x(to) - x(from)), HEIGHT);
    }
    context.globalAlpha = 1;
    run.operations.strip.forEach((gravest, column) => {
      const fate = FATES[gravest - 1];
      if (fate === undefined || fate === 'acknowledged') return;
      context.fillStyle = palette.fates[fate];
      context.fillRect(x((column + 0.5) * (run.endAt + 1) / STRIP_COLUMNS), fate === 'lost' ? HEIGHT / 2 : HEIGHT * 0.75, 1.5, HEIGHT / 2);
    });
    for (const { at, kind } of run.moments) {
      if (kind !== 'promotion' && kind !== 'violation' && kind !== 'switch') continue;
      context.fillStyle = kind === 'violation' ? palette.bad : palette.accent;
      context.fillRect(x(at) - 1, 0, 2, kind === 'violation' ? HEIGHT : HEIGHT / 3);
    }
  }
}
