/** States of lanes as bars, and whom everybody believes in as thinner ones. */
import type { LaneState } from '../model/lanes.ts';
import type { Moment } from '../model/moments.ts';
import { firstNot } from '../model/sorted.ts';
import { text } from '../texts/text.ts';
import type { BeliefRow, LaneRow } from './layout.ts';
import { STATE_PATTERN, patternFill } from './palette.ts';
import { type Scene, timeAt, xOf } from './scene.ts';

const LABEL_WIDTH_MIN = 60;
const LABEL_INSET = 6;
/** Half of a mark's width. */
const MARK_REACH = 8;
/** More marks than that at the beginning of a span, and its name is left out. */
const MARKS_PASSED_MAX = 200;

export const drawLanes = (context: CanvasRenderingContext2D, scene: Scene): void => {
  for (const row of scene.layout.rows) {
    if (row.kind === 'lane') drawLane(context, scene, row);
    else if (row.kind === 'belief') drawBelief(context, scene, row);
    else drawRule(context, scene, row.top + row.height - 1);
  }
};

const drawRule = (context: CanvasRenderingContext2D, { width, palette }: Scene, y: number): void => {
  context.fillStyle = palette.line;
  context.fillRect(0, y, width, 1);
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Of spans that follow each other, those that are seen; of many in one pixel the first, and whatever `isGrave`. */
const seenSpans = <Seen extends Span>(scene: Scene, spans: readonly Seen[], isGrave: (span: Seen) => boolean): readonly Seen[] => {
  const [from, to] = [timeAt(scene, 0), timeAt(scene, scene.width)];
  const first = firstNot(spans, (span) => span.to <= from);
  const end = firstNot(spans, (span) => span.from < to);
  // Few enough to be seen one by one.
  if (end - first < scene.width / 2) return spans.slice(first, end);
  const seen: Seen[] = [];
  const pixel = (at: number): number => Math.floor(xOf(scene, at));
  let drawn = -1;
  let grave = -1;
  for (const span of spans.slice(first, end)) {
    const [left, right] = [pixel(span.from), pixel(span.to)];
    const isHidden = right <= drawn && !(isGrave(span) && left > grave);
    if (isHidden) continue;
    seen.push(span);
    drawn = Math.max(drawn, right);
    if (isGrave(span)) grave = right;
  }
  return seen;
};

/** What is seen even where it takes less than a pixel. */
const GRAVE: ReadonlySet<LaneState> = new Set<LaneState>(['dead', 'paused', 'outage', 'tilt']);

const drawLane = (context: CanvasRenderingContext2D, scene: Scene, row: LaneRow): void => {
  const isClient = row.lane.kind === 'client' || row.lane.kind === 'probe';
  const inset = Math.min(5, row.height / 5);
  for (const { state, from, to } of seenSpans(scene, row.lane.spans, (span) => GRAVE.has(span.state))) {
    const left = Math.max(0, xOf(scene, from));
    const right = Math.min(scene.width, xOf(scene, to));
    if (right <= left || STATE_PATTERN[state] === 'none') continue;
    context.fillStyle = patternFill(context, scene.palette, STATE_PATTERN[state], scene.palette.states[state]);
    if (isClient || STATE_PATTERN[state] === 'line') {
      const thick = state === 'outage' ? row.height / 3 : 3;
      context.fillRect(left, row.top + row.height / 2 - thick / 2, Math.max(0.5, right - left), thick);
    } else context.fillRect(left, row.top + inset, Math.max(1, right - left), row.height - 2 * inset);
    const labelAt = row.height >= 24 && !isClient && state === 'primary' ? besideMarks(scene, row, left, right) : null;
    if (labelAt !== null) {
      context.fillStyle = scene.palette.ground;
      context.font = '600 11px system-ui, sans-serif';
      context.textBaseline = 'middle';
      context.fillText(text('state.primary'), labelAt, row.top + row.height / 2);
    }
  }
};

/** Where the state's name can be read, behind the marks that stand at its beginning; null: nowhere. */
const besideMarks = (scene: Scene, row: LaneRow, left: number, right: number): number | null => {
  const { moments } = scene.run;
  let x = left + LABEL_INSET;
  let tries = MARKS_PASSED_MAX;
  for (let place = firstNot(moments, ({ at }) => xOf(scene, at) < left - MARK_REACH); place < moments.length && tries > 0; place++, tries--) {
    const { at, node } = moments[place] as Moment;
    const mark = xOf(scene, at);
    if (mark > x + LABEL_WIDTH_MIN) break;
    if (node === row.name && mark > x - MARK_REACH) x = mark + MARK_REACH + 1;
  }
  return tries > 0 && x + LABEL_WIDTH_MIN <= right ? x : null;
};

const drawBelief = (context: CanvasRenderingContext2D, scene: Scene, row: BeliefRow): void => {
  for (const { primary, from, to } of seenSpans(scene, row.belief.spans, (span) => span.primary === null)) {
    const left = Math.max(0, xOf(scene, from));
    const right = Math.min(scene.width, xOf(scene, to));
    if (right <= left) continue;
    context.fillStyle = primary === null ? scene.palette.line : scene.owners.get(scene.nameOf(primary)) ?? scene.palette.quiet;
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
