/** What colours, patterns and signs mean, group by group. It can be folded away: on a phone it begins folded. */
import type { LaneState } from '../model/lanes.ts';
import type { MomentKind } from '../model/moments.ts';
import { FATES } from '../model/operations.ts';
import { element } from '../dom.ts';
import { type TextKey, text } from '../texts/text.ts';
import { MESSAGE_FAMILIES, MOMENT_SIGN, STATE_PATTERN } from './palette.ts';

const STATES: readonly LaneState[] = ['primary', 'replica', 'syncing', 'candidate', 'sentinel', 'leader', 'paused', 'tilt', 'starting', 'dead'];
const SIGNS: readonly (readonly [MomentKind, TextKey])[] = [
  ['sdown', 'sign.sdown'], ['odown', 'sign.odown'], ['vote', 'sign.vote'], ['leader', 'sign.leader'], ['epoch', 'sign.epoch'],
  ['promotion', 'sign.promotion'], ['demotion', 'sign.demotion'], ['switch', 'sign.switch'], ['sync', 'sign.sync'],
  ['election', 'sign.election'], ['slots', 'sign.slots'], ['exit', 'sign.exit'], ['violation', 'sign.violation'],
];
/** What stands over several lanes: style of the swatch, and what it means. */
const SPANS: readonly (readonly [string, string, TextKey])[] = [
  ['fault', 'stripes', 'span.fault'], ['fault', 'cut', 'span.cut'], ['fault', 'arc', 'span.timer'], ['accent', 'line', 'span.now'],
];

const NARROW = '(max-width: 48rem)';

export const legend = (): readonly HTMLElement[] => [
  element('details', matchMedia(NARROW).matches ? {} : { open: '' }, element('summary', {}, text('legend.title')),
    element('dl', {},
      group('legend.lanes', STATES.map((state) => entry(swatch(`state-${state}`, STATE_PATTERN[state]), text(`state.${state}`)))),
      group('legend.writes', FATES.map((fate) => entry(swatch(`fate-${fate}`, 'solid'), text(`fate.${fate}`)))),
      group('legend.messages', MESSAGE_FAMILIES.map((family) => entry(swatch(`message-${family}`, 'line'), text(`family.${family}`)))),
      group('legend.marks', SIGNS.map(([kind, key]) => entry(element('b', {}, MOMENT_SIGN[kind]), text(key)))),
      group('legend.spans', SPANS.map(([colour, pattern, key]) => entry(swatch(colour, pattern), text(key)))))),
];

const group = (title: TextKey, entries: readonly HTMLElement[]): HTMLElement =>
  element('div', {}, element('dt', {}, text(title)), element('dd', {}, ...entries));

const entry = (sign: HTMLElement, name: string): HTMLElement => element('span', {}, sign, name);

const swatch = (colour: string, pattern: string): HTMLElement =>
  element('i', { class: `swatch ${pattern}`, style: `--colour: var(--${colour})` });
