/** The cells of the cluster's table, and what counting says of them. */
import { describe, expect, test } from 'vitest';
import { type ClusterCell, clusterCells, expectedService } from '../../../../scenarios/quorum/clusterCells.ts';

const cell = (primaries: number, replicas: number, failed: number, order: ClusterCell['order'] = 'at once', fullCoverage = true): ClusterCell =>
  ({ primaries, replicas, failed, order, fullCoverage });

describe('the cells of a cluster', () => {
  test('each stands once', () => {
    const cells = clusterCells(5, 1);
    expect(new Set(cells.map((each) => JSON.stringify(each))).size).toBe(cells.length);
    expect(cells.every(({ failed, primaries }) => failed >= 1 && failed <= primaries)).toBe(true);
  });

  test('three primaries with a replica each survive one at once, and all of them one by one', () => {
    expect(expectedService(cell(3, 1, 1))).toBe('all');
    expect(expectedService(cell(3, 1, 2))).toBe('nothing');
    expect(expectedService(cell(3, 1, 3, 'one by one'))).toBe('all');
  });

  test('fewer than three primaries survive nothing: who is left is no majority', () => {
    for (const primaries of [1, 2]) for (const replicas of [0, 1]) expect(expectedService(cell(primaries, replicas, 1))).toBe('nothing');
  });

  test('without replicas the rest is served only where full coverage is not asked for', () => {
    expect(expectedService(cell(5, 0, 2))).toBe('nothing');
    expect(expectedService(cell(5, 0, 2, 'at once', false))).toBe('part');
    expect(expectedService(cell(5, 0, 3, 'at once', false))).toBe('nothing');
  });
});
