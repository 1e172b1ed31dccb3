/** Operations of clients by their fate, and the marks of what happened on each lane. Of many in one pixel the gravest is seen. */
import type { Moment } from '../model/moments.ts';
import type { Fate } from '../model/operations.ts';
import type { LaneRow } from './layout.ts';
import { FATES, LOUD_MOMENTS, MOMENT_SIGN } from './palette.ts';
import { type Scene, xOf } from './scene.ts';

/** Where the operations of a lane stand, from its top, as a share of its height. */
const FATE_HEIGHT: Readonly<Record<Fate, number>> = { acknowledged: 0.45, failed: 0.7, unknown: 0.7, lost: 1 };
const SIGN_DISTANCE = 9;

export const drawMarks = (context: CanvasRenderingContext2D, scene: Scene): void => {
  drawOperations(context, scene);
  drawMoments(context, scene);
};

const drawOperations = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { layout, run, width } = scene;
  /** The gravest fate of each pixel column, by lane. */
  const columns = new Map<LaneRow, Int8Array>();
  for (const { client, completedAt, fate: known } of run.operations.marks) {
    // That a write is lost shows only later: under a lesson's cover nobody knows it yet.
    const fate = known === 'lost' && scene.coveredFrom !== null ? 'acknowledged' : known;
    const row = layout.laneRows.get(client);
    if (row === undefined) continue;
    const x = Math.round(xOf(scene, completedAt));
    if (x < 0 || x >= width) continue;
    let fates = columns.get(row);
    if (fates === undefined) columns.set(row, fates = new Int8Array(Math.ceil(width)).fill(-1));
    fates[x] = Math.max(fates[x] as number, FATES.indexOf(fate));
  }
  for (const [row, fates] of columns) {
    for (let x = 0; x < fates.length; x++) {
      const fate = FATES[fates[x] as number];
      if (fate === undefined) continue;
      const height = row.height * FATE_HEIGHT[fate];
      context.fillStyle = scene.palette.fates[fate];
      context.fillRect(x, row.top + (row.height - height) / 2, fate === 'lost' ? 2 : 1, height);
    }
  }
};

const drawMoments = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { layout, run, palette, width } = scene;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const last = new Map<string, number>();
  const draw = (moment: Moment, isLoud: boolean): void => {
    const row = layout.laneRows.get(moment.node);
    if (row === undefined || row.height < SIGN_DISTANCE) return;
    const x = xOf(scene, moment.at);
    if (x < -SIGN_DISTANCE || x > width + SIGN_DISTANCE) return;
    const isChosen = moment.row === scene.selected;
    // Quiet marks give way where they would cover each other.
    const before = last.get(moment.node);
    if (!isLoud && !isChosen && before !== undefined && Math.abs(x - before) < SIGN_DISTANCE) return;
    last.set(moment.node, x);
    const isLit = isChosen || scene.causes.has(moment.row) || scene.effects.has(moment.row);
    const size = isLoud ? 15 : 11;
    context.font = `${isLoud ? '700' : '500'} ${size}px system-ui, sans-serif`;
    context.lineWidth = 3;
    context.strokeStyle = palette.ground;
    context.strokeText(MOMENT_SIGN[moment.kind], x, row.top + row.height / 2);
    context.fillStyle = isLit ? palette.accent : moment.kind === 'violation' || moment.kind === 'exit' ? palette.bad : palette.text;
    context.fillText(MOMENT_SIGN[moment.kind], x, row.top + row.height / 2);
  };
  for (const moment of run.moments) if (LOUD_MOMENTS.has(moment.kind)) draw(moment, true);
  for (const moment of run.moments) if (!LOUD_MOMENTS.has(moment.kind) && moment.kind !== 'mark') draw(moment, false);
  context.textAlign = 'start';
};
