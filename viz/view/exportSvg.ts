/**
 * The picture as an SVG file: what is seen, with the names of the lanes, as lines and texts that a drawing program can change. It is
 * written from the same scene that the canvas is drawn from, by hand, so it needs no page to stand in.
 */
import type { LaneState } from '../model/lanes.ts';
import { type LaneRow, byName, rowsNamed } from './layout.ts';
import { operationStrokes } from './marksLayer.ts';
import { LOUD_MOMENTS, MOMENT_SIGN, STATE_PATTERN } from './palette.ts';
import { type Scene, timeAt, xOf } from './scene.ts';

/** Left of the picture. */
export const NAMES_WIDTH = 176;
const AXIS_HEIGHT = 26;
const FONT = 'font-family="system-ui, sans-serif"';
const TICKS = 8;

type Attributes = Readonly<Record<string, string | number>>;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '&quot;')
    // XML has no way to say these.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '�');

const tag = (name: string, attributes: Attributes, content: string | null = null): string => {
  const said = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value)}"`).join('');
  return content === null ? `<${name}${said}/>` : `<${name}${said}>${content}</${name}>`;
};

const label = (x: number, y: number, text: string, attributes: Attributes): string => tag('text', { x, y, ...attributes }, escaped(text));

/** The file's text. What is covered is not in it: a file can be looked into. */
export const sceneSvg = (whole: Scene, title: string): string => {
  const scene = uncovered(whole);
  const { width, height, palette } = scene;
  const [wide, high] = [NAMES_WIDTH + width, height + AXIS_HEIGHT];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" ${FONT}>`,
    tag('title', {}, escaped(title)), patterns(scene),
    tag('rect', { width: wide, height: high, fill: palette.ground }), names(scene),
    `<svg x="${NAMES_WIDTH}" width="${width}" height="${height}">`,
    ...lanes(scene), ...beliefs(scene), ...faults(scene), ...messages(scene), ...timers(scene), ...operations(scene), ...moments(scene), now(scene),
    '</svg>', axis(scene), '</svg>\n',
  ].join('\n');
};

/** The scene without what lies at and behind the time from which it is covered. */
const uncovered = (scene: Scene): Scene => {
  const { run, layout, coveredFrom: end } = scene;
  if (end === null) return scene;
  const cut = <Span extends { readonly from: number }>(spans: readonly Span[]): readonly Span[] => spans.filter(({ from }) => from < end);
  const rows = layout.rows.map((row) => (row.kind === 'lane' ? { ...row, lane: { ...row.lane, spans: cut(row.lane.spans) } }
    : row.kind === 'belief' ? { ...row, belief: { ...row.belief, spans: cut(row.belief.spans) } } : row));
  return {
    ...scene,
    run: {
      ...run, faults: cut(run.faults), timers: cut(run.timers), moments: run.moments.filter(({ at }) => at < end),
    },
    layout: { ...layout, rows, ...byName(rows) },
  };
};

const patternId = (state: LaneState): string => `state-${state}`;

/** States that are not plain have their pattern here too. */
const patterns = ({ palette }: Scene): string => tag('defs', {}, Object.entries(STATE_PATTERN).map(([state, pattern]) => {
  const colour = palette.states[state as LaneState];
  const stroke = { stroke: colour, 'stroke-width': 1.5, fill: 'none' };
  const drawn = pattern === 'stripes' ? tag('path', { d: 'M-1 7L7 -1', ...stroke }) : pattern === 'bars' ? tag('path', { d: 'M3 0V6', ...stroke })
    : pattern === 'crosses' ? tag('path', { d: 'M0 0L6 6M6 0L0 6', ...stroke }) : tag('rect', { x: 2, y: 2, width: 2, height: 2, fill: colour });
  if (pattern === 'solid' || pattern === 'line' || pattern === 'none') return '';
  return tag('pattern', { id: patternId(state as LaneState), width: 6, height: 6, patternUnits: 'userSpaceOnUse' },
    tag('rect', { width: 6, height: 6, fill: colour, 'fill-opacity': 0.35 }) + drawn);
}).join(''));

const names = ({ layout, palette }: Scene): string => layout.rows.filter(({ height }) => height >= 9).map(({ kind, name, top, height }) =>
  label(8, top + height / 2 + 4, name, { 'font-size': kind === 'belief' ? 10 : 12, fill: kind === 'lane' ? palette.text : palette.quiet,
    ...(kind === 'heading' ? { 'font-weight': 600 } : {}) })).join('\n');

/** Left edge and width of a span of time; null: it is not seen. */
const extent = (scene: Scene, from: number, to: number): { readonly x: number; readonly width: number } | null => {
  const x = Math.max(0, xOf(scene, from));
  const right = Math.min(scene.width, xOf(scene, Math.min(to, scene.coveredFrom ?? to)));
  return right < x || xOf(scene, from) > scene.width ? null : { x, width: Math.max(1, right - x) };
};

const laneRows = ({ layout }: Scene): readonly LaneRow[] => [...layout.laneRows.values()];

const lanes = (scene: Scene): readonly string[] => laneRows(scene).flatMap(({ lane, top, height }) => {
  const isThin = lane.kind === 'client' || lane.kind === 'probe';
  return lane.spans.flatMap(({ state, from, to }) => {
    const place = extent(scene, from, to);
    const pattern = STATE_PATTERN[state];
    if (place === null || pattern === 'none') return [];
    const inset = isThin || pattern === 'line' ? height / 2 - 1.5 : Math.min(5, height / 5);
    const fill = pattern === 'solid' || pattern === 'line' ? scene.palette.states[state] : `url(#${patternId(state)})`;
    return [tag('rect', { ...place, y: top + inset, height: height - 2 * inset, fill }, tag('title', {}, escaped(`${lane.name}: ${state}`)))];
  });
});

const beliefs = (scene: Scene): readonly string[] => {
  return scene.layout.rows.flatMap((row) => (row.kind !== 'belief' ? [] : row.belief.spans.flatMap(({ primary, from, to }) => {
    const name = primary === null ? null : scene.nameOf(primary);
    const place = extent(scene, from, to);
    if (place === null) return [];
    const fill = name === null ? scene.palette.line : scene.owners.get(name) ?? scene.palette.quiet;
    return [tag('rect', { ...place, y: row.top + 2, height: row.height - 4, fill }),
      ...(name !== null && place.width > 8 * name.length && row.height >= 14
        ? [label(place.x + 4, row.top + row.height / 2 + 3.5, name, { 'font-size': 10, fill: scene.palette.ground })] : [])];
  })));
};

const faults = (scene: Scene): readonly string[] => scene.run.faults.flatMap(({ kind, names: meant, from, to, isAction }) => {
  const place = extent(scene, from, to);
  if (place === null) return [];
  const colour = isAction ? scene.palette.accent : scene.palette.fault;
  const rows = rowsNamed(scene.layout, meant);
  return rows.flatMap(({ top, height }, index) => [
    tag('rect', { ...place, y: top + 1, height: height - 2, fill: colour, 'fill-opacity': 0.2 }),
    tag('path', { d: `M${place.x} ${top}v${height}`, stroke: colour, 'stroke-width': 1.5 }),
    ...(index === 0 ? [label(place.x + 3, top + 8, kind, { 'font-size': 10, 'font-weight': 600, fill: colour })] : []),
  ]);
});

/** Only arrows: how thick messages come is no drawing. */
const messages = (scene: Scene): readonly string[] => {
  const { laneTops, palette } = scene;
  const slice = scene.slice?.messages;
  if (slice?.kind !== 'arrows') return [];
  return Array.from(slice.row, (_row, index) => {
    const [from, to, word] = [slice.fromLane[index] as number, slice.toLane[index] as number, slice.word[index] as number];
    const family = scene.family(word, from, to);
    const isCovered = scene.coveredFrom !== null && (slice.at[index] as number) >= scene.coveredFrom;
    if (isCovered || scene.hiddenFamilies.has(family)) return '';
    const [x0, x1] = [xOf(scene, slice.sentAt[index] as number), xOf(scene, slice.at[index] as number)];
    return tag('line', { x1: x0, y1: laneTops[from] as number, x2: x1, y2: laneTops[to] as number, stroke: palette.families[family], 'stroke-opacity': 0.75 },
      tag('title', {}, escaped(scene.run.words[word] ?? '')));
  }).filter((line) => line !== '');
};

const timers = (scene: Scene): readonly string[] => scene.run.timers.flatMap(({ node, from, to, label: said }) => {
  const row = scene.layout.laneRows.get(node);
  const [left, right] = [xOf(scene, from), xOf(scene, to)];
  if (row === undefined || right < 0 || left > scene.width || right - left < 6) return [];
  const high = Math.min(11, row.height / 2);
  const d = `M${left} ${row.top + row.height / 2}A${(right - left) / 2} ${high} 0 0 1 ${right} ${row.top + row.height / 2}`;
  return [tag('path', { d, fill: 'none', stroke: scene.palette.fault, 'stroke-width': 1.5 }, tag('title', {}, escaped(said)))];
});

const operations = (scene: Scene): readonly string[] => {
  const end = scene.coveredFrom === null ? Infinity : xOf(scene, scene.coveredFrom);
  return operationStrokes(scene).filter(({ x }) => x < end).map(({ fate, lane: { top, height }, x, width }) => {
    const high = height * (fate === 'acknowledged' ? 0.45 : fate === 'lost' ? 1 : 0.7);
    return tag('rect', {
      x, y: top + (height - high) / 2, width: Math.min(end - x, fate === 'lost' ? width + 1 : width), height: high, fill: scene.palette.fates[fate] });
  });
};

const moments = (scene: Scene): readonly string[] => scene.run.moments.flatMap(({ node, at, kind, label: said }) => {
  const row = scene.layout.laneRows.get(node);
  const x = xOf(scene, at);
  if (row === undefined || kind === 'mark' || x < 0 || x > scene.width) return [];
  const isBad = kind === 'violation' || kind === 'exit';
  return [tag('text', {
    x, y: row.top + row.height / 2 + 4, 'text-anchor': 'middle', 'font-size': LOUD_MOMENTS.has(kind) ? 15 : 11,
    fill: isBad ? scene.palette.bad : scene.palette.text, stroke: scene.palette.ground, 'stroke-width': 3, 'paint-order': 'stroke',
  }, tag('title', {}, escaped(said)) + MOMENT_SIGN[kind])];
});

const now = (scene: Scene): string => (scene.now === null ? ''
  : tag('rect', { x: xOf(scene, scene.now) - 1, width: 2, height: scene.height, fill: scene.palette.accent }));

const axis = (scene: Scene): string => Array.from({ length: TICKS + 1 }, (_, index) => {
  const x = scene.width * index / TICKS;
  const anchor = index === 0 ? 'start' : index === TICKS ? 'end' : 'middle';
  return tag('path', { d: `M${NAMES_WIDTH + x} ${scene.height}v6`, stroke: scene.palette.line })
    + label(NAMES_WIDTH + x, scene.height + 18, `${(timeAt(scene, x) / 1e6).toFixed(3)} s`, { 'font-size': 12, fill: scene.palette.quiet, 'text-anchor': anchor });
}).join('\n');
