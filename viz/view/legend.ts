/** What colours, patterns and signs mean. */
import type { LaneState } from '../model/lanes.ts';
import type { MomentKind } from '../model/moments.ts';
import { element } from '../dom.ts';
import { type TextKey, text } from '../texts/text.ts';
import { FATES, MESSAGE_FAMILIES, MOMENT_SIGN, STATE_PATTERN } from './palette.ts';

const STATES: readonly LaneState[] = ['primary', 'replica', 'syncing', 'candidate', 'leader', 'paused', 'tilt', 'dead'];
const SIGNS: readonly MomentKind[] = ['sdown', 'odown', 'vote', 'leader', 'promotion', 'switch', 'sync', 'violation'];
const SIGN_TEXT: Readonly<Partial<Record<MomentKind, TextKey>>> = {
  sdown: 'sign.sdown', odown: 'sign.odown', vote: 'sign.vote', leader: 'sign.leader', promotion: 'sign.promotion',
  switch: 'sign.switch', sync: 'sign.sync', violation: 'sign.violation',
};

export const legend = (): readonly HTMLElement[] => [
  ...STATES.map((state) => entry(swatch(`state-${state}`, STATE_PATTERN[state]), text(`state.${state}`))),
  ...MESSAGE_FAMILIES.map((family) => entry(swatch(`message-${family}`, 'line'), text(`family.${family}`))),
  ...FATES.map((fate) => entry(swatch(`fate-${fate}`, 'solid'), text(`fate.${fate}`))),
  ...SIGNS.map((kind) => entry(element('b', {}, MOMENT_SIGN[kind]), signText(kind))),
];

const signText = (kind: MomentKind): string => {
  const key = SIGN_TEXT[kind];
  return key === undefined ? kind : text(key);
};

const entry = (sign: HTMLElement, name: string): HTMLElement => element('span', {}, sign, name);

const swatch = (colour: string, pattern: string): HTMLElement =>
  element('i', { class: `swatch ${pattern}`, style: `--colour: var(--${colour})` });
