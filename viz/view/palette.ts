/**
 * Colours and patterns: each state has both, so that nobody needs to tell colours apart. Colours stand in the style sheet,
 * once for light and once for dark; a canvas reads them here.
 */
import type { Belief } from '../model/beliefs.ts';
import type { LaneState } from '../model/lanes.ts';
import type { MomentKind } from '../model/moments.ts';
import { FATES, type Fate } from '../model/operations.ts';

export type Pattern = 'solid' | 'stripes' | 'dots' | 'bars' | 'crosses' | 'line' | 'none';

export const STATE_PATTERN: Readonly<Record<LaneState, Pattern>> = {
  dead: 'crosses', starting: 'dots', primary: 'solid', replica: 'solid', syncing: 'stripes', candidate: 'dots', paused: 'bars',
  sentinel: 'line', leader: 'solid', tilt: 'bars', idle: 'none', served: 'line', outage: 'stripes',
};

/** A letter or sign for each kind of mark: shape before colour. */
export const MOMENT_SIGN: Readonly<Record<MomentKind, string>> = {
  vote: 'V', epoch: 'E', leader: '★', sdown: '▽', odown: '▼', switch: '⇄', promotion: '▲', demotion: '△', election: '?',
  fail: '▼', slots: '#', sync: '⇣', tilt: '~', exit: '✕', mark: '·', violation: '✖',
};

/** Marks that are drawn large. */
export const LOUD_MOMENTS: ReadonlySet<MomentKind> = new Set<MomentKind>(['odown', 'fail', 'leader', 'switch', 'promotion', 'violation', 'exit']);

export type MessageFamily = 'client' | 'reply' | 'replication' | 'sentinel' | 'bus' | 'connection';

export const MESSAGE_FAMILIES: readonly MessageFamily[] = ['client', 'reply', 'replication', 'sentinel', 'bus', 'connection'];

/** Family of a message by its word and by who stands at its ends. */
export const familyOf = (word: string, fromKind: string, toKind: string): MessageFamily => {
  if (word === '') return 'connection';
  if (word === 'bus') return 'bus';
  if (fromKind === 'sentinel' || toKind === 'sentinel') return 'sentinel';
  if (fromKind === 'data' && toKind === 'data') return 'replication';
  return fromKind === 'data' ? 'reply' : 'client';
};

export interface Palette {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly bad: string;
  readonly fault: string;
  readonly accent: string;
  readonly states: Readonly<Record<LaneState, string>>;
  readonly families: Readonly<Record<MessageFamily, string>>;
  readonly fates: Readonly<Record<Fate, string>>;
  /** For primaries in beliefs, in the order of their first appearance. */
  readonly owners: readonly string[];
  /** Patterns that were made of these colours: see `patternFill`. */
  readonly fills: Map<string, string | CanvasPattern>;
  /** Signs as they were drawn with these colours: see `marksLayer.ts`. */
  readonly stamps: Map<string, OffscreenCanvas>;
}

const STATES: readonly LaneState[] = ['dead', 'starting', 'primary', 'replica', 'syncing', 'candidate', 'paused', 'sentinel', 'leader', 'tilt',
  'idle', 'served', 'outage'];
const OWNERS = 8;

export const readPalette = (element: Element): Palette => {
  // A property's own text may be light-dark(…), which a canvas does not take: what it comes to as a colour, it does.
  const probe = element.appendChild(document.createElement('span'));
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const table = <Name extends string>(names: readonly Name[], prefix: string): Record<Name, string> =>
    Object.fromEntries(names.map((name) => [name, colour(`${prefix}-${name}`)])) as Record<Name, string>;
  const palette: Palette = {
    ground: colour('ground'), text: colour('text'), quiet: colour('quiet'), line: colour('line'), bad: colour('bad'),
    fault: colour('fault'), accent: colour('accent'), states: table(STATES, 'state'), families: table(MESSAGE_FAMILIES, 'message'),
    fates: table(FATES, 'fate'), owners: Array.from({ length: OWNERS }, (_, index) => colour(`owner-${index + 1}`)), fills: new Map(), stamps: new Map(),
  };
  probe.remove();
  return palette;
};

/** Colour of each primary that somebody believes in, by the order of first belief. */
export const ownersOf = (
  beliefs: readonly Belief[], { owners }: Palette, nameOf: (primary: string) => string,
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  for (const { primary } of beliefs.flatMap(({ spans }) => spans).sort((left, right) => left.from - right.from)) {
    const name = primary === null ? null : nameOf(primary);
    if (name !== null && !found.has(name)) found.set(name, owners[found.size % owners.length] as string);
  }
  return found;
};

const TILE = 6;

/** A pattern as a fill: colour on the ground. Made once for each pair and kept with the palette. */
export const patternFill = (
  context: CanvasRenderingContext2D, { fills }: Pick<Palette, 'fills'>, pattern: Pattern, colour: string,
): string | CanvasPattern => {
  if (pattern === 'solid' || pattern === 'line' || pattern === 'none') return colour;
  const key = `${pattern} ${colour}`;
  const fill = fills.get(key) ?? newPattern(context, pattern, colour);
  fills.set(key, fill);
  return fill;
};

const newPattern = (context: CanvasRenderingContext2D, pattern: Pattern, colour: string): string | CanvasPattern => {
  const tile = new OffscreenCanvas(TILE, TILE);
  const pen = tile.getContext('2d');
  if (pen === null) return colour;
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.globalAlpha = 0.35;
  pen.fillRect(0, 0, TILE, TILE);
  pen.globalAlpha = 1;
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (pattern === 'stripes') {
    pen.moveTo(-1, TILE + 1);
    pen.lineTo(TILE + 1, -1);
  } else if (pattern === 'bars') {
    pen.moveTo(TILE / 2, 0);
    pen.lineTo(TILE / 2, TILE);
  } else if (pattern === 'crosses') {
    pen.globalAlpha = 0.5;
    pen.moveTo(0, 0);
    pen.lineTo(TILE, TILE);
    pen.moveTo(TILE, 0);
    pen.lineTo(0, TILE);
  } else pen.fillRect(2, 2, 2, 2);
  pen.stroke();
  return context.createPattern(tile, 'repeat') ?? colour;
};
