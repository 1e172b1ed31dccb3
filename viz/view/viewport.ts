/**
 * The window of time that is seen, in places of the time map: zoom around a place, pan, keep inside. Pure; the page decides
 * what wheel, finger and key mean.
 */
import type { Window } from './scene.ts';

export const WHOLE: Window = { from: 0, to: 1 };
/** How much of the run is left around its ends. */
const MARGIN = 0.02;
/** All that a window can show. */
export const PLACES: Window = { from: -MARGIN, to: 1 + MARGIN };
/** The narrowest window, as a share of the run. */
export const SPAN_MIN = 1e-8;

/** `factor` below 1 zooms in; `around` stays where it is. */
export const zoomed = ({ from, to }: Window, factor: number, around: number): Window => {
  const span = Math.min(1 + 2 * MARGIN, Math.max(SPAN_MIN, (to - from) * factor));
  const share = (around - from) / (to - from);
  return kept({ from: around - share * span, to: around + (1 - share) * span });
};

/** `by`: share of the window's width; positive goes on in time. */
export const panned = ({ from, to }: Window, by: number): Window =>
  kept({ from: from + by * (to - from), to: to + by * (to - from) });

/** Moves a window that does not show `place` until it does, with room behind it. */
export const revealing = (window: Window, place: number): Window => {
  const { from, to } = window;
  if (place >= from && place <= to) return window;
  return kept({ from: place - (to - from) / 3, to: place + (to - from) * 2 / 3 });
};

const kept = ({ from, to }: Window): Window => {
  const span = to - from;
  if (span >= 1 + 2 * MARGIN) return { from: -MARGIN, to: 1 + MARGIN };
  if (from < -MARGIN) return { from: -MARGIN, to: span - MARGIN };
  return to > 1 + MARGIN ? { from: 1 + MARGIN - span, to: 1 + MARGIN } : { from, to };
};
