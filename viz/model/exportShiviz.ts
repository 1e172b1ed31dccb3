/**
 * A window of a run as a log with vector clocks, for ShiViz: what happened on each lane, and what of it was known where. The clocks
 * are made from parents: an event knows all that the event that caused it knew.
 *
 * Always holds: a host's own count goes up by one with each of its lines; an event's clock is greater than that of its cause.
 * Source: ShiViz's input format: the expression of a line, an empty line (one execution only), then two lines for each event.
 */
import { KIND } from '../../sim/time/kinds.ts';
import { NONE, type Recording } from './recording.ts';
import { describe } from './why.ts';

/** ShiViz draws all that it is given: more lines than that it does not stand. */
export const LINES_MAX = 5000;

const EXPRESSION = '(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})';

/** `from` and `to`: virtual microseconds. `isLane`: who may have a line. */
export const shivizText = (recording: Recording, from: number, to: number, isLane: (node: string) => boolean): string => {
  const chosen = choose(recording, from, to, isLane);
  /** Place in `chosen` of the nearest event at or above each row on the way of its causes. */
  const nearest = new Map<number, number>();
  const clocks: ReadonlyMap<number, number>[] = [];
  const lastOf = new Map<number, number>();
  const lines = chosen.map((row, place) => {
    const node = recording.rows.node[row] as number;
    const clock = new Map<number, number>();
    for (const before of [lastOf.get(node), causeOf(recording, row, nearest, chosen[0] as number)]) {
      for (const [host, count] of clocks[before ?? NONE] ?? []) clock.set(host, Math.max(clock.get(host) ?? 0, count));
    }
    clock.set(node, (clock.get(node) ?? 0) + 1);
    clocks.push(clock);
    lastOf.set(node, place);
    nearest.set(row, place);
    const said = `${((recording.rows.at[row] as number) / 1e6).toFixed(6)} s ${describe(recording, row)}`.replace(/\s+/g, ' ');
    const shown = Object.fromEntries([...clock].map(([host, count]) => [hostName(recording, host), count]));
    return `${said}\n${hostName(recording, node)} ${JSON.stringify(shown)}`;
  });
  return `${EXPRESSION}\n\n${lines.join('\n')}\n`;
};

/** Named messages, what was noted and decided, what clients saw; not the timers and syncs between. */
const choose = (recording: Recording, from: number, to: number, isLane: (node: string) => boolean): readonly number[] => {
  const lanes = recording.nodes.map((name) => isLane(name));
  const chosen: number[] = [];
  for (let row = recording.firstAt(from); row < recording.count && chosen.length < LINES_MAX; row++) {
    if ((recording.rows.at[row] as number) > to) break;
    if (lanes[recording.rows.node[row] as number] !== true) continue;
    const kind = recording.rows.kind[row];
    if (kind === KIND.segment ? recording.word(row) !== '' : recording.detail(row) !== null || kind === KIND.invoke) chosen.push(row);
  }
  return chosen;
};

/** The nearest chosen event among parents. An invocation stands behind nothing that was chosen. */
const causeOf = (
  { rows }: Recording, row: number, nearest: ReadonlyMap<number, number>, first: number,
): number | undefined => {
  for (let parent = (rows.parent[row] as number) - 1; parent >= first; parent = (rows.parent[parent] as number) - 1) {
    const place = nearest.get(parent);
    if (place !== undefined) return place;
  }
  return undefined;
};

const hostName = (recording: Recording, node: number): string => (recording.nodes[node] as string).replace(/\s+/g, '_');
