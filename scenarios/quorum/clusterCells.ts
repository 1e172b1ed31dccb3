/**
 * The cells of the cluster's availability table: so many primaries with so many replicas each, so many primaries failing at once
 * or one after the other; and what follows from counting alone.
 *
 * Source: the Redis Cluster specification (majority of primaries, one replica of each failed one).
 */

export const PRIMARIES_MAX = 5;
export const REPLICAS_MAX = 1;

/** `at once`: at the same instant. `one by one`: each after the cluster has dealt with the one before. */
export type FailureOrder = 'at once' | 'one by one';

/** What of the slots is served at the end. */
export type Served = 'all' | 'part' | 'nothing';

export interface ClusterCell {
  readonly primaries: number;
  /** Of each primary. */
  readonly replicas: number;
  readonly failed: number;
  readonly order: FailureOrder;
  /** `cluster-require-full-coverage`. */
  readonly fullCoverage: boolean;
}

export const clusterCells = (primariesMax: number = PRIMARIES_MAX, replicasMax: number = REPLICAS_MAX): readonly ClusterCell[] => {
  const cells: ClusterCell[] = [];
  for (let primaries = 1; primaries <= primariesMax; primaries++) {
    for (let replicas = 0; replicas <= replicasMax; replicas++) {
      for (const order of ['at once', 'one by one'] as const) {
        for (const fullCoverage of [true, false]) {
          // One failure is the same in either order.
          const least = order === 'at once' ? 1 : 2;
          for (let failed = least; failed <= primaries; failed++) cells.push({ primaries, replicas, failed, order, fullCoverage });
        }
      }
    }
  }
  return cells;
};

const majorityOf = (primaries: number): number => Math.floor(primaries / 2) + 1;

/** What counting says. */
export const expectedService = ({ primaries, replicas, failed, order, fullCoverage }: ClusterCell): Served => {
  if (order === 'at once' || replicas === 0) {
    if (primaries - failed < majorityOf(primaries)) return 'nothing';
    if (replicas > 0) return 'all';
    return fullCoverage ? 'nothing' : 'part';
  }
  // Each step is one failure of as many voters as before: promoted replicas vote.
  return primaries - 1 >= majorityOf(primaries) ? 'all' : 'nothing';
};
