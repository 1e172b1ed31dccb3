/** All that chaos can draw, by name: single faults, actions, and pairs. A pair stands under a name of its own. */
import type { Topology } from '../../topology/topology.ts';
import { ACTION_ROWS } from './actionRows.ts';
import { FAULT_ROWS } from './faultRows.ts';
import { type ChaosRow, shapeOf } from './ground.ts';
import { PAIR_ROWS } from './pairRows.ts';

export const CHAOS_ROWS: readonly ChaosRow[] = [...FAULT_ROWS, ...ACTION_ROWS, ...PAIR_ROWS];

/** For any topology. */
export const CHAOS_KINDS: readonly string[] = CHAOS_ROWS.map(({ name }) => name);

/** What this topology can show. */
export const chaosKinds = (topology: Topology): readonly string[] => {
  const shape = shapeOf(topology);
  return CHAOS_ROWS.filter((row) => row.fits(shape)).map(({ name }) => name);
};
