/** Faults as shaded spans on the lanes that they struck, partitions as cuts between lanes, actions as flags. */
import type { FaultSpan } from '../model/faults.ts';
import type { LaneRow } from './layout.ts';
import { patternFill } from './palette.ts';
import { type Scene, xOf } from './scene.ts';

const SPAN_WIDTH_MIN = 2;

export const drawFaults = (context: CanvasRenderingContext2D, scene: Scene): void => {
  const fill = patternFill(context, 'stripes', scene.palette.fault);
  for (const fault of scene.run.faults) {
    const left = xOf(scene, fault.from);
    const right = Math.max(left + SPAN_WIDTH_MIN, xOf(scene, fault.to));
    if (right < 0 || left > scene.width) continue;
    if (fault.groups.length > 1) drawCut(context, scene, fault, left, right);
    else if (fault.to > fault.from) shade(context, scene, fault, fill, left, right);
    flag(context, scene, fault, left);
  }
};

/** Lanes of a process, or of all of a machine. */
const rowsOf = ({ layout }: Scene, names: readonly string[]): readonly LaneRow[] =>
  [...layout.laneRows.values()].filter(({ lane }) => names.includes(lane.name) || names.includes(lane.machine));

const shade = (
  context: CanvasRenderingContext2D, scene: Scene, { names }: FaultSpan, fill: string | CanvasPattern, left: number, right: number,
): void => {
  context.globalAlpha = 0.55;
  context.fillStyle = fill;
  for (const { top, height } of rowsOf(scene, names)) context.fillRect(left, top + 1, right - left, height - 2);
  context.globalAlpha = 1;
};

/** A line between neighbouring lanes of different sides, and the sides tinted alike. */
const drawCut = (
  context: CanvasRenderingContext2D, scene: Scene, { groups, isOneWay }: FaultSpan, left: number, right: number,
): void => {
  const sideOf = ({ lane }: LaneRow): number => groups.findIndex((names) => names.includes(lane.name) || names.includes(lane.machine));
  const rows = [...scene.layout.laneRows.values()];
  const { palette } = scene;
  rows.forEach((row, index) => {
    const side = sideOf(row);
    if (side < 0) return;
    context.globalAlpha = 0.14;
    context.fillStyle = side === 0 ? palette.fault : palette.accent;
    context.fillRect(left, row.top, right - left, row.height);
    context.globalAlpha = 1;
    const next = rows.slice(index + 1).find((other) => sideOf(other) >= 0);
    if (next === undefined || sideOf(next) === side) return;
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

/** The fault's name where it struck, above the first lane that it meant. */
const flag = (context: CanvasRenderingContext2D, scene: Scene, fault: FaultSpan, left: number): void => {
  const rows = rowsOf(scene, fault.names);
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
  const [first] = rows;
  if (first === undefined || first.height < 14) return;
  context.font = '600 10px system-ui, sans-serif';
  context.textBaseline = 'top';
  context.fillText(fault.kind, left + 3, first.top - 1);
};
