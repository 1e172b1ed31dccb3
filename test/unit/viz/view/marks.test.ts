import { describe, expect, test } from 'vitest';
import replicationCompose from '../../../../scenarios/seeds/replication.compose.yaml?raw';
import { FATES } from '../../../../viz/model/operations.ts';
import { namedScenario } from '../../../../viz/model/source.ts';
import { Theatre } from '../../../../viz/model/theatre.ts';
import { hitAt } from '../../../../viz/view/hit.ts';
import { layOut, rowsNamed } from '../../../../viz/view/layout.ts';
import { operationStrokes } from '../../../../viz/view/marksLayer.ts';
import { familyOf } from '../../../../viz/view/palette.ts';
import { type Scene, columnsOf, xOf } from '../../../../viz/view/scene.ts';
import { realTime } from '../../../../viz/view/timeMap.ts';
import { finished } from '../../../support/finished.ts';

const theatre = new Theatre();
const run = finished(theatre.open({
  ...namedScenario('replication/primary-power-loss', () => replicationCompose), expects: { verdicts: {} } }, 2));
const layout = layOut(run.lanes, run.beliefs, { clients: 'Clients', zone: 'Zone', beliefs: 'Beliefs' });
const names = [...layout.laneRows.keys()];
const WIDTH = 600;

/** Seen from one place of the run to another; the slice reaches `beside` further on both sides. */
const sceneOf = (from: number, to: number, beside: number): Scene => {
  const [left, right] = [from - beside, to + beside];
  const columns = Math.round(WIDTH * (right - left) / (to - from));
  const map = realTime(run.endAt);
  return {
    run, layout, map, window: { from, to }, width: WIDTH, height: layout.height, palette: {} as Scene['palette'],
    slice: theatre.slice(run.id, {
      edges: Float64Array.from({ length: columns + 1 }, (_, edge) => map.at(left + edge * (right - left) / columns)), lanes: names.length,
      laneOf: Int16Array.from(run.nodes, (name) => names.indexOf(name)), words: Uint8Array.from(run.words, () => 1) }),
    sliceFrom: left, sliceTo: right, laneTops: Float32Array.from(layout.laneRows.values(), ({ top, height }) => top + height / 2),
    family: (word, one, other) => familyOf(run.words[word] ?? '', names[one] ?? '', names[other] ?? ''), hiddenFamilies: new Set(),
    nameOf: (primary) => primary, owners: new Map(), now: null, about: new Set(), coveredFrom: null, selected: null, causes: new Set(), effects: new Set(),
  };
};

describe.each([['the whole run', 0, 1, 0], ['a part of it, with what lies beside', 0.3, 0.5, 0.1], ['a moment', 0.4, 0.402, 0.001]])('%s', (_name, from, to, beside) => {
  const scene = sceneOf(from, to, beside);
  const { starts, at, fate } = (scene.slice as NonNullable<Scene['slice']>).operations;

  test('every operation that is seen lies under a stroke of its fate, and none is drawn where there is none', () => {
    const strokes = operationStrokes(scene);
    const pixels = new Map<string, string>();
    for (const { fate: drawn, lane, x, width } of strokes) {
      for (let each = x; each < x + width; each++) pixels.set(`${lane.top} ${each}`, drawn);
    }
    let seen = 0;
    [...layout.laneRows.values()].forEach(({ top }, lane) => {
      for (let place = starts[lane] as number; place < (starts[lane + 1] as number); place++) {
        const x = xOf(scene, at[place] as number);
        if (x < 1 || x > WIDTH - 1) continue;
        seen++;
        const near = [Math.floor(x) - 1, Math.floor(x), Math.ceil(x)].map((each) => pixels.get(`${top} ${each}`));
        expect(near).toContain(FATES[fate[place] as number]);
      }
    });
    expect(seen).toBeGreaterThan(0);
    // Neighbours are one stroke, but no more pixels than columns with an operation, and the one beside each.
    expect(pixels.size).toBeLessThanOrEqual(2 * at.length);
  });

  test('what is drawn is found under the pointer, and nothing beside it', () => {
    const lane = layout.laneRows.get('C1');
    if (lane === undefined) throw new Error('no client');
    const number = names.indexOf('C1');
    const y = lane.top + lane.height / 2;
    const xs = Array.from(at.subarray(starts[number], starts[number + 1]), (each) => xOf(scene, each));
    for (let x = 1; x < WIDTH; x += 7) {
      const nearest = Math.min(...xs.map((each) => Math.abs(each - x)));
      const hit = hitAt(scene, x, y);
      if (nearest < 4.9) {
        expect(Math.abs(xOf(scene, hit.at) - x)).toBeCloseTo(nearest, 6);
        expect(hit.text).not.toBe('');
      } else if (nearest > 5.1 && hit.row !== null) expect(run.words).toContain(hit.text);
    }
    for (const moment of run.moments) {
      const row = layout.laneRows.get(moment.node);
      const x = xOf(scene, moment.at);
      if (row === undefined || x < 0 || x > WIDTH) continue;
      const hit = hitAt(scene, x, row.top + row.height / 2);
      expect(hit.at).toBeCloseTo(moment.at, 3);
    }
  });
});

test('columns of a slice lie where the map puts their times, wherever the window is', () => {
  const scene = { ...sceneOf(0.3, 0.5, 0.1), window: { from: 0.35, to: 0.45 } };
  const columns = scene.slice?.operations.columns as number;
  const { left, step } = columnsOf(scene, columns);
  for (const column of [0, 17, columns]) {
    expect(left + column * step).toBeCloseTo(xOf(scene, scene.map.at(0.2 + column * 0.4 / columns)), 3);
  }
});

test('rows are found by a process, by its machine, and by both without saying one twice', () => {
  const [row] = rowsNamed(layout, ['redis-main']);
  expect(row?.name).toBe('redis-main');
  const machine = row?.lane.machine as string;
  expect(rowsNamed(layout, [machine]).map(({ name }) => name)).toContain('redis-main');
  const both = rowsNamed(layout, [machine, 'redis-main', 'nobody', 'C1']).map(({ name }) => name);
  expect(new Set(both).size).toBe(both.length);
  expect(both[0]).toBe('C1');
  expect(rowsNamed(layout, ['nobody'])).toEqual([]);
});
