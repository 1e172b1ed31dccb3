/** What colours, patterns and signs mean. */
import type { LaneState } from '../model/lanes.ts';
import type { MomentKind } from '../model/moments.ts';
import { element } from '../dom.ts';
import { FATES, MESSAGE_FAMILIES, MOMENT_SIGN, STATE_PATTERN } from './palette.ts';

const STATES: readonly LaneState[] = ['primary', 'replica', 'syncing', 'candidate', 'leader', 'paused', 'tilt', 'dead'];
const SIGNS: readonly MomentKind[] = ['sdown', 'odown', 'vote', 'leader', 'promotion', 'switch', 'sync', 'violation'];
const SIGN_TEXT: Readonly<Partial<Record<MomentKind, string>>> = {
  sdown: 'subjectively down', odown: 'objectively down', vote: 'vote', leader: 'elected', promotion: 'promoted', switch: 'switched',
  sync: 'synchronised', violation: 'a check is violated',
};

export const legend = (): readonly HTMLElement[] => [
  ...STATES.map((state) => entry(swatch(`state-${state}`, STATE_PATTERN[state]), state)),
  ...MESSAGE_FAMILIES.map((family) => entry(swatch(`message-${family}`, 'line'), family)),
  ...FATES.map((fate) => entry(swatch(`fate-${fate}`, 'solid'), fate)),
  ...SIGNS.map((kind) => entry(element('b', {}, MOMENT_SIGN[kind]), SIGN_TEXT[kind] ?? kind)),
];

const entry = (sign: HTMLElement, text: string): HTMLElement => element('span', {}, sign, text);

const swatch = (colour: string, pattern: string): HTMLElement =>
  element('i', { class: `swatch ${pattern}`, style: `--colour: var(--${colour})` });
