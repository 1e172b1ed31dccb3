/**
 * Where each lane lies: clients above, then zone by zone and machine by machine, then the beliefs. The page asks for a height;
 * lanes give way when there are many of them.
 */
import type { Belief } from '../model/beliefs.ts';
import type { Lane } from '../model/lanes.ts';

export interface LaneRow {
  readonly kind: 'lane';
  readonly name: string;
  readonly lane: Lane;
  /** Pixels from the top of the picture. */
  readonly top: number;
  readonly height: number;
}

export interface BeliefRow {
  readonly kind: 'belief';
  readonly name: string;
  readonly belief: Belief;
  readonly top: number;
  readonly height: number;
}

export interface Heading {
  readonly kind: 'heading';
  readonly name: string;
  readonly top: number;
  readonly height: number;
}

export type Row = LaneRow | BeliefRow | Heading;

export interface Layout {
  readonly rows: readonly Row[];
  readonly height: number;
  /** Row of each lane by its name. */
  readonly laneRows: ReadonlyMap<string, LaneRow>;
  /** Rows of a process by its name, and of all that is on a machine by the machine's. */
  readonly rowsOf: ReadonlyMap<string, readonly LaneRow[]>;
}

const SERVER_HEIGHT = 30;
const CLIENT_HEIGHT = 20;
const BELIEF_HEIGHT = 16;
const HEADING_HEIGHT = 22;
/** With more servers than that lanes get narrower, down to `SERVER_HEIGHT_MIN`. */
const ROOMY_SERVERS = 24;
const SERVER_HEIGHT_MIN = 9;

export interface LayoutTexts {
  readonly clients: string;
  readonly zone: string;
  readonly beliefs: string;
}

export const layOut = (lanes: readonly Lane[], beliefs: readonly Belief[], texts: LayoutTexts): Layout => {
  const rows: Row[] = [];
  let top = 0;
  const add = (row: Row): void => {
    rows.push(row);
    top += row.height;
  };
  const heading = (name: string): void => add({ kind: 'heading', name, top, height: HEADING_HEIGHT });
  const servers = lanes.filter(({ kind }) => kind === 'data' || kind === 'sentinel').length;
  const serverHeight = servers <= ROOMY_SERVERS ? SERVER_HEIGHT
    : Math.max(SERVER_HEIGHT_MIN, Math.floor(SERVER_HEIGHT * ROOMY_SERVERS / servers));
  let group = '';
  for (const lane of lanes) {
    const isClient = lane.kind === 'client' || lane.kind === 'probe';
    const name = isClient ? texts.clients : lane.zone === '' ? texts.zone : /^zone\b/i.test(lane.zone) ? lane.zone : `${texts.zone} ${lane.zone}`;
    if (name !== group) heading(name);
    group = name;
    add({ kind: 'lane', name: lane.name, lane, top, height: isClient ? CLIENT_HEIGHT : serverHeight });
  }
  if (beliefs.length > 0) heading(texts.beliefs);
  const beliefHeight = beliefs.length <= ROOMY_SERVERS ? BELIEF_HEIGHT : SERVER_HEIGHT_MIN;
  for (const belief of beliefs) add({ kind: 'belief', name: belief.believer, belief, top, height: beliefHeight });
  return { rows, height: top, ...byName(rows) };
};

/** What of a layout is found by names. */
export const byName = (rows: readonly Row[]): Pick<Layout, 'laneRows' | 'rowsOf'> => {
  const lanes = rows.filter((row) => row.kind === 'lane');
  const rowsOf = new Map<string, LaneRow[]>();
  for (const row of lanes) {
    for (const name of new Set([row.name, row.lane.machine])) {
      const known = rowsOf.get(name);
      if (known === undefined) rowsOf.set(name, [row]);
      else known.push(row);
    }
  }
  return { laneRows: new Map(lanes.map((row) => [row.name, row])), rowsOf };
};

/** Rows of any of these, from above. */
export const rowsNamed = ({ rowsOf }: Pick<Layout, 'rowsOf'>, names: readonly string[]): readonly LaneRow[] => {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return rowsOf.get(only) ?? [];
  return [...new Set(names.flatMap((name) => rowsOf.get(name) ?? []))].sort((left, right) => left.top - right.top);
};
