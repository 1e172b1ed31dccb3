import { describe, expect, test } from 'vitest';
import { Theatre } from '../../../../viz/model/theatre.ts';
import { sceneSvg } from '../../../../viz/view/exportSvg.ts';
import { layOut } from '../../../../viz/view/layout.ts';
import { type Palette, familyOf, ownersOf } from '../../../../viz/view/palette.ts';
import type { Scene } from '../../../../viz/view/scene.ts';
import { realTime } from '../../../../viz/view/timeMap.ts';
import sentinelCompose from '../../../../scenarios/seeds/sentinel.compose.yaml?raw';
import { namedScenario } from '../../../../viz/model/source.ts';
import { finished } from '../../../support/finished.ts';

/** Every colour is its own name. */
const palette = new Proxy({}, { get: (_, group: string) => (['states', 'families', 'fates'].includes(group)
  ? new Proxy({}, { get: (__, name: string) => `${group}-${name}` }) : group === 'owners' ? ['owner-1', 'owner-2', 'owner-3'] : group) }) as Palette;

describe('sceneSvg', () => {
  const theatre = new Theatre();
  const run = finished(theatre.open({ ...namedScenario('sentinel/primary-killed', () => sentinelCompose), durationMs: 27_000, settlingMs: 0, expects: { verdicts: {} } }, 1));
  const layout = layOut(run.lanes, run.beliefs, { clients: 'Clients & <co>', zone: 'Zone', beliefs: 'Beliefs' });
  const lanes = [...layout.laneRows.values()];
  const [from, to] = [19_980_000, 20_030_000];
  const names = [...layout.laneRows.keys()];
  const scene: Scene = {
    run, layout, map: realTime(run.endAt), window: { from: from / run.endAt, to: to / run.endAt }, width: 800, height: layout.height, palette,
    slice: theatre.slice(run.id, {
      edges: Float64Array.from({ length: 801 }, (_, edge) => from + edge * (to - from) / 800), lanes: lanes.length, laneOf: Int16Array.from(run.nodes, (name) => names.indexOf(name)),
      words: Uint8Array.from(run.words, () => 1) }),
    sliceFrom: from / run.endAt, sliceTo: to / run.endAt, owners: ownersOf(run.beliefs, palette, (primary) => primary), laneTops: Float32Array.from(lanes, ({ top }) => top), now: from, selected: null, causes: new Set(), effects: new Set(),
    about: new Set(), coveredFrom: null,
    hiddenFamilies: new Set(['sentinel']), nameOf: (primary) => primary,
    family: (word, one, other) => familyOf(run.words[word] ?? '', lanes[one]?.lane.kind ?? '', lanes[other]?.lane.kind ?? ''),
  };
  const svg = sceneSvg(scene, 'a "title" <b>');

  test('is well-formed: every tag that opens closes, and texts are escaped', () => {
    const open: string[] = [];
    for (const [, slash, name = '', rest = ''] of svg.matchAll(/<(\/?)([\w]+)((?:\s[\w-]+="[^"<]*")*\s*\/?)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/')) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg.replace(/<\/?[\w]+(?:\s[\w-]+="[^"<]*")*\s*\/?>/g, '')).not.toMatch(/[<>]/);
    expect(svg).toContain('<title>a &quot;title&quot; &lt;b&gt;</title>');
    expect(svg).toContain('Clients &amp; &lt;co&gt;');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('shows names, states, the fault, and the messages that are not hidden', () => {
    const wanted = [...names.map((name) => `>${name}</text>`), 'fill="states-primary"', 'fill="url(#state-dead)"', '>kill</text>',
      'stroke="families-replication"'];
    expect(wanted.filter((part) => !svg.includes(part))).toEqual([]);
    expect(svg.includes('stroke="families-sentinel"')).toBe(false);
  });

  test('what a lesson still covers is not in the file either', () => {
    const covered = sceneSvg({ ...scene, coveredFrom: 20_000_000 }, '');
    expect(svg.includes('url(#state-dead)')).toBe(true);
    expect(covered.includes('url(#state-dead)')).toBe(false);
    expect(covered.includes('>kill</text>')).toBe(false);
  });
});
