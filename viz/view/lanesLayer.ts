/** States of lanes as bars, and whom everybody believes in as thinner ones. */
import type { LaneState } from '../model/lanes.ts';
import type { BeliefRow, LaneRow } from './layout.ts';
import { STATE_PATTERN, patternFill } from './palette.ts';
import { type Scene, xOf } from './scene.ts';

const LABEL_WIDTH_MIN = 60;

export const drawLanes = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const fills = new Map<LaneState, string | CanvasPattern>();
  const fillOf = (state: LaneState): string | CanvasPattern => {
    const known = fills.get(state);
    if (known !== undefined) return known;
    const made = patternFill(context, STATE_PATTERN[state], scene.palette.states[state]);
    fills.set(state, made);
    return made;
  };
  const owners = ownersOf(scene);
  for (const row of scene.layout.rows) {
    if (row.kind === 'lane') drawLane(context, scene, row, fillOf);
    else if (row.kind === 'belief') drawBelief(context, scene, row, owners);
    else drawRule(context, scene, row.top + row.height - 1);
  }
};

const drawRule = (context: CanvasRenderingContext2D, { width, palette }: Scene, y: number): void => {
  context.fillStyle = palette.line;
  context.fillRect(0, y, width, 1);
};

const drawLane = (
  context: CanvasRenderingContext2D, scene: Scene, row: LaneRow, fillOf: (state: LaneState) => string | CanvasPattern,
): void => {
  const isClient = row.lane.kind === 'client' || row.lane.kind === 'probe';
  const inset = Math.min(5, row.height / 5);
  for (const { state, from, to } of row.lane.spans) {
    const left = Math.max(0, xOf(scene, from));
    const right = Math.min(scene.width, xOf(scene, to));
    if (right <= left || STATE_PATTERN[state] === 'none') continue;
    context.fillStyle = fillOf(state);
    if (isClient || STATE_PATTERN[state] === 'line') {
      const thick = state === 'outage' ? row.height / 3 : 3;
      context.fillRect(left, row.top + row.height / 2 - thick / 2, right - left, thick);
    } else context.fillRect(left, row.top + inset, Math.max(1, right - left), row.height - 2 * inset);
    if (row.height >= 24 && !isClient && right - left > LABEL_WIDTH_MIN && state === 'primary') {
      context.fillStyle = scene.palette.ground;
      context.font = '600 11px system-ui, sans-serif';
      context.textBaseline = 'middle';
      context.fillText('primary', left + 6, row.top + row.height / 2);
    }
  }
};

/** Colour of each primary that somebody believes in, by the order of first belief. */
const ownersOf = ({ layout, palette, nameOf }: Scene): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  const spans = layout.rows.flatMap((row) => (row.kind === 'belief' ? row.belief.spans : []));
  for (const { primary } of [...spans].sort((left, right) => left.from - right.from)) {
    const name = primary === null ? null : nameOf(primary);
    if (name !== null && !owners.has(name)) owners.set(name, palette.owners[owners.size % palette.owners.length] as string);
  }
  return owners;
};

const drawBelief = (
  context: CanvasRenderingContext2D, scene: Scene, row: BeliefRow, owners: ReadonlyMap<string, string>,
): void => {
  for (const { primary, from, to } of row.belief.spans) {
    const left = Math.max(0, xOf(scene, from));
    const right = Math.min(scene.width, xOf(scene, to));
    if (right <= left) continue;
    context.fillStyle = primary === null ? scene.palette.line : owners.get(scene.nameOf(primary)) ?? scene.palette.quiet;
    context.fillRect(left, row.top + 2, Math.max(1, right - left - 1), row.height - 4);
    if (row.height < 14 || right - left < LABEL_WIDTH_MIN) continue;
    context.save();
    context.beginPath();
    context.rect(left, row.top, right - left, row.height);
    context.clip();
    context.fillStyle = scene.palette.ground;
    context.font = '10px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.fillText(primary === null ? '–' : scene.nameOf(primary), left + 5, row.top + row.height / 2 + 0.5);
    context.restore();
  }
};
