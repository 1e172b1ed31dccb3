/**
 * Colours and patterns: each state has both, so that nobody needs to tell colours apart. Colours stand in the style sheet,
 * once for light and once for dark; a canvas reads them here.
 */
import type { LaneState } from '../model/lanes.ts';
import type { MomentKind } from '../model/moments.ts';
import type { Fate } from '../model/operations.ts';

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

export const FATES: readonly Fate[] = ['acknowledged', 'failed', 'unknown', 'lost'];

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
}

const STATES: readonly LaneState[] = ['dead', 'starting', 'primary', 'replica', 'syncing', 'candidate', 'paused', 'sentinel', 'leader', 'tilt',
  'idle', 'served', 'outage'];
const OWNERS = 8;

export const readPalette = (element: Element): Palette => {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const table = <Name extends string>(names: readonly Name[], prefix: string): Record<Name, string> =>
    Object.fromEntries(names.map((name) => [name, colour(`${prefix}-${name}`)])) as Record<Name, string>;
  return {
    ground: colour('ground'), text: colour('text'), quiet: colour('quiet'), line: colour('line'), bad: colour('bad'),
    fault: colour('fault'), accent: colour('accent'), states: table(STATES, 'state'), families: table(MESSAGE_FAMILIES, 'message'),
    fates: table(FATES, 'fate'), owners: Array.from({ length: OWNERS }, (_, index) => colour(`owner-${index + 1}`)),
  };
};

const TILE = 6;

/** A pattern as a fill: colour on the ground. Made once for each pair and kept by the caller. */
export const patternFill = (context: CanvasRenderingContext2D, pattern: Pattern, colour: string): string | CanvasPattern => {
  if (pattern === 'solid' || pattern === 'line' || pattern === 'none') return colour;
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
