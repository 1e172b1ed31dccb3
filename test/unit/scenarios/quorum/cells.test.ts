/** The cells, and what counting says of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DOCUMENT_ROWS, MISREADINGS, canDetect, canFailOver, quorumCells, survivableFailures } from '../../../../scenarios/quorum/cells.ts';

describe('the cells', () => {
  test('are every number of sentinels, quorum and failures, once', () => {
    const cells = quorumCells(7);
    expect(cells).toHaveLength(168);
    expect(new Set(cells.map((cell) => JSON.stringify(cell))).size).toBe(168);
  });

  test('a failover needs more than detection, and never less', () => {
    fc.assert(fc.property(fc.constantFrom(...quorumCells(7)), (cell) => {
      if (canFailOver(cell)) expect(canDetect(cell)).toBe(true);
      expect(canFailOver(cell)).toBe(cell.failed <= survivableFailures(cell.sentinels, cell.quorum)
        && cell.sentinels - cell.failed >= Math.max(cell.quorum, Math.floor(cell.sentinels / 2) + 1));
    }));
  });

  test('the document counts as we do', () => {
    for (const { servers, quorum, survives } of DOCUMENT_ROWS) expect(survivableFailures(servers, quorum)).toBe(survives);
  });

  test('every misreading points to cells that exist', () => {
    const known = quorumCells(7).map((cell) => JSON.stringify(cell));
    for (const { shows } of MISREADINGS) for (const cell of shows) expect(known).toContain(JSON.stringify(cell));
  });
});
