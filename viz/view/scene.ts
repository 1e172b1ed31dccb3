/** What the picture is drawn from: the run, the layout, the window of time, and what is chosen. Plain data; layers read it. */
import type { Slice } from '../model/slice.ts';
import type { RunView } from '../model/theatre.ts';
import type { Layout } from './layout.ts';
import type { MessageFamily, Palette } from './palette.ts';
import type { TimeMap } from './timeMap.ts';

/** Part of the run that is seen: places of the time map. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

export interface Scene {
  readonly run: RunView;
  readonly layout: Layout;
  readonly map: TimeMap;
  readonly window: Window;
  /** Of the drawing without the names, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  /** The newest slice that came; it may be of an earlier window. */
  readonly slice: Slice | null;
  /** Places of the time map that the slice's columns span. */
  readonly sliceFrom: number;
  readonly sliceTo: number;
  /** Lanes by the index that slices use. */
  readonly laneTops: Float32Array;
  /** Family of a message by word, from-lane and to-lane: see `familyOf`. */
  family(word: number, fromLane: number, toLane: number): MessageFamily;
  readonly hiddenFamilies: ReadonlySet<MessageFamily>;
  /** A primary's address, or a cluster node's ID, as people know it. */
  nameOf(primary: string): string;
  /** Colour of each primary that somebody believes in, by its name. */
  readonly owners: ReadonlyMap<string, string>;
  /** The time that is shown as now, virtual microseconds; null: the whole run. */
  readonly now: number | null;
  /** Lanes that a lesson speaks of. */
  readonly about: ReadonlySet<string>;
  /** What lies behind this time is not shown at all; null: nothing is covered. */
  readonly coveredFrom: number | null;
  readonly selected: number | null;
  readonly causes: ReadonlySet<number>;
  readonly effects: ReadonlySet<number>;
}

/** Pixels from the left edge for a time. */
export const xOf = ({ map, window, width }: Pick<Scene, 'map' | 'window' | 'width'>, at: number): number =>
  (map.place(at) - window.from) / (window.to - window.from) * width;

/** The time at a pixel. */
export const timeAt = ({ map, window, width }: Pick<Scene, 'map' | 'window' | 'width'>, x: number): number =>
  map.at(window.from + x / width * (window.to - window.from));

/** Of a slice's columns: pixels from the left edge to the first one, and from each to the next. */
export const columnsOf = (
  { sliceFrom, sliceTo, window, width }: Pick<Scene, 'sliceFrom' | 'sliceTo' | 'window' | 'width'>, columns: number,
): { readonly left: number; readonly step: number } => {
  const scale = width / (window.to - window.from);
  return { left: (sliceFrom - window.from) * scale, step: (sliceTo - sliceFrom) * scale / Math.max(1, columns) };
};
