/** Faults as shaded spans on the lanes that they struck, partitions as cuts between lanes, actions as flags. */
import type { FaultSpan } from '../model/faults.ts';
import { type LaneRow, rowsNamed } from './layout.ts';
import { patternFill } from './palette.ts';
import { type Scene, xOf } from './scene.ts';

const SPAN_WIDTH_MIN = 2;
/** More than the longest name of a fault takes. */
const LABEL_WIDTH = 160;
const LABEL_DISTANCE = 10;
const LABEL_GAP = 6;

export const drawFaults = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const fill = patternFill(context, scene.palette, 'stripes', scene.palette.fault);
  for (const fault of scene.run.faults) {
    const left = xOf(scene, fault.from);
    const right = Math.max(left + SPAN_WIDTH_MIN, xOf(scene, fault.to));
    if (right < 0 || left > scene.width) continue;
    if (fault.groups.length > 1) drawCut(context, scene, fault, left, right);
    else if (fault.to > fault.from) shade(context, scene, fault, fill, left, right);
    flag(context, scene, fault, left);
  }
};

const shade = (
  context: CanvasRenderingContext2D, scene: Scene, { names }: FaultSpan, fill: string | CanvasPattern, left: number, right: number,
): void => {
  const [shownLeft, shownRight] = [Math.max(0, left), Math.min(scene.width, right)];
  context.globalAlpha = 0.55;
  context.fillStyle = fill;
  for (const { top, height } of rowsNamed(scene.layout, names)) context.fillRect(shownLeft, top + 1, shownRight - shownLeft, height - 2);
  context.globalAlpha = 1;
};

/** A line between neighbouring lanes of different sides, and the sides tinted alike. */
const drawCut = (
  context: CanvasRenderingContext2D, scene: Scene, { groups, isOneWay }: FaultSpan, left: number, right: number,
): void => {
  const sides = new Map<LaneRow, number>();
  groups.forEach((names, side) => {
    for (const row of rowsNamed(scene.layout, names)) if (!sides.has(row)) sides.set(row, side);
  });
  const rows = [...sides.keys()].sort((above, below) => above.top - below.top);
  const { palette } = scene;
  rows.forEach((row, index) => {
    const side = sides.get(row);
    context.globalAlpha = 0.14;
    context.fillStyle = side === 0 ? palette.fault : palette.accent;
    context.fillRect(Math.max(0, left), row.top, Math.min(scene.width, right) - Math.max(0, left), row.height);
    context.globalAlpha = 1;
    const next = rows[index + 1];
    if (next === undefined || sides.get(next) === side) return;
    context.strokeStyle = palette.fault;
    context.lineWidth = 2.5;
    context.setLineDash(isOneWay ? [3, 5] : [9, 4]);
    context.beginPath();
    context.moveTo(Math.max(0, left), next.top - 0.5);
    context.lineTo(Math.min(scene.width, right), next.top - 0.5);
    context.stroke();
    context.setLineDash([]);
  });
};

/** A line where it struck, on each lane that it meant. */
const flag = (context: CanvasRenderingContext2D, scene: Scene, fault: FaultSpan, left: number): void => {
  if (left < -LABEL_WIDTH) return;
  const rows = rowsNamed(scene.layout, fault.names);
  const { palette } = scene;
  context.strokeStyle = fault.isAction ? palette.accent : palette.fault;
  context.fillStyle = context.strokeStyle;
  context.lineWidth = 1.5;
  for (const { top, height } of rows) {
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left, top + height);
    context.stroke();
  }
};

/** Each fault's name where it struck, above the first lane that it meant: last of all, so that nothing covers it. */
export const drawFaultNames = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const { palette } = scene;
  context.font = '600 11px system-ui, sans-serif';
  context.textBaseline = 'top';
  context.strokeStyle = palette.ground;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  /** Where the last name above a lane ends, by the lane's top. */
  const ends = new Map<number, number>();
  const written = new Map<LaneRow, number>();
  for (const { kind, names, from, isAction } of scene.run.faults) {
    const left = xOf(scene, from);
    if (left < -LABEL_WIDTH || left > scene.width) continue;
    const [first] = rowsNamed(scene.layout, names);
    if (first === undefined || first.height < 14) continue;
    // Of many that begin together one is written: the others could not be read, and letters are what costs most.
    const before = written.get(first);
    if (before !== undefined && Math.abs(left - before) < LABEL_DISTANCE) continue;
    written.set(first, left);
    // Two names in one place are none: the later one comes to light when the picture is zoomed.
    if (left < (ends.get(first.top) ?? -Infinity)) continue;
    ends.set(first.top, left + LABEL_GAP + context.measureText(kind).width);
    context.fillStyle = isAction ? palette.accent : palette.fault;
    context.strokeText(kind, left + 3, first.top - 1);
    context.fillText(kind, left + 3, first.top - 1);
  }
};
