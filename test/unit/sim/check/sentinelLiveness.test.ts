/** What must be so in the end: sentinels agree, and exactly one data node of a name is a primary, the right one. */
import { describe, expect, test } from 'vitest';
import { type Bytes, SENTINEL_EVENT, bytes, micros } from '../../../../engine/index.ts';
import type { FinalState } from '../../../../sim/check/check.ts';
import { HistoryTree } from '../../../../sim/check/historyTree.ts';
import { NamedNodes } from '../../../../sim/check/namedNodes.ts';
import type { NodeView } from '../../../../sim/check/nodeView.ts';
import { OneWritablePrimary, RIGHT_MS_MAX } from '../../../../sim/check/oneWritablePrimary.ts';
import { type SentinelView, believedPrimary, watchedNames } from '../../../../sim/check/sentinelView.ts';
import { NEWS_MS_MAX, SentinelsAgree } from '../../../../sim/check/sentinelsAgree.ts';
import { NOBODY_SERVES } from '../../../../sim/check/serving.ts';
import { NAME, say, sentinel, view } from './fixtures.ts';

const R0 = '10.0.0.1:6379';
const R1 = '10.0.0.2:6379';

const state = (over: Partial<FinalState>): FinalState => ({
  tree: new HistoryTree(), views: [], sentinels: [], clusterNodes: [], serving: NOBODY_SERVES, settledFrom: micros(0), now: micros(0), ...over,
});

describe('views of sentinels', () => {
  test('the newest configuration counts; of equals what more believe', () => {
    const all = [sentinel('s1'), sentinel('s2'), sentinel('s3'), sentinel('s4', 'dead')];
    for (const one of all) one.note(say.belief(R0));
    expect(believedPrimary(all, NAME)).toBe(R0);
    (all[2] as SentinelView).note(say.belief(R1));
    expect(believedPrimary(all, NAME)).toBe(R0);
    (all[2] as SentinelView).note(say.epoch(1, 1));
    expect(believedPrimary(all, NAME)).toBe(R1);
    // The dead know nothing, whatever they knew.
    (all[3] as SentinelView).note(say.epoch(2, 2));
    expect(believedPrimary(all, NAME)).toBe(R1);
    expect(believedPrimary(all, bytes('another'))).toBeNull();
    expect(watchedNames(all)).toEqual([NAME]);
  });

  test('down and back, TILT, and a restart', () => {
    const one = sentinel('s1');
    one.note(say.belief(R0));
    one.note(say.event(SENTINEL_EVENT.sdown, R0));
    one.note(say.event(SENTINEL_EVENT.odown, R0));
    // Another instance of the same name is not the primary.
    one.note(say.event(SENTINEL_EVENT.noSdown, R1));
    one.note(say.event(SENTINEL_EVENT.tilt));
    expect([one.watched.get(NAME), one.isTilted]).toMatchObject([{ isSdown: true, isOdown: true }, true]);
    one.note(say.event(SENTINEL_EVENT.noTilt));
    one.note(say.belief(R1));
    expect([one.watched.get(NAME), one.isTilted]).toMatchObject([{ isSdown: false, isOdown: false, primary: R1 }, false]);
    one.ended();
    expect(one.watched.size).toBe(0);
  });
});

describe('sentinels-agree', () => {
  const END = micros(100_000_000);

  /** Three sentinels of which each believes what it is given, heard of at the given time. */
  const verdict = (
    beliefs: readonly (readonly [primary: string, configEpoch: number, sinceMs?: number])[],
    hinderedMs: Readonly<Record<string, number>> = {}, states: Readonly<Record<string, 'running' | 'paused' | 'dead'>> = {},
  ): readonly [string, string] => {
    let now = 0;
    const check = new SentinelsAgree(() => now, ({ name }) => (hinderedMs[name] === undefined ? null : hinderedMs[name] * 1000));
    const sentinels = beliefs.map(([primary, configEpoch, sinceMs = 0], index) => {
      const one = sentinel(`s${index + 1}`, states[`s${index + 1}`]);
      now = sinceMs * 1000;
      for (const note of [say.belief(primary), say.epoch(configEpoch, configEpoch)]) {
        one.note(note);
        check.sentinelNote(one, note);
      }
      return one;
    });
    const { verdict: found, detail } = check.finish(state({ sentinels, now: END }));
    return [found, detail];
  };

  test('all agree', () => {
    expect(verdict([[R1, 1], [R1, 1], [R1, 1]])).toEqual(['holds', `3 sentinels agree that mymain is ${R1}`]);
  });

  test('one holds an older configuration', () => {
    expect(verdict([[R1, 1], [R0, 0], [R1, 1]])).toEqual(
      ['violated', `s2 holds ${R0} (epoch 0) to be the primary of mymain, not ${R1}`]);
  });

  test('who had no time to hear the news is not judged, and the newest counts all the same', () => {
    const late = 100_000 - NEWS_MS_MAX + 1;
    expect(verdict([[R1, 1], [R0, 0], [R1, 1]], { s2: late })).toEqual(['holds', `2 sentinels agree that mymain is ${R1}; not judged: s2`]);
    expect(verdict([[R1, 1], [R0, 0, late], [R1, 1]])[0]).toBe('holds');
    expect(verdict([[R1, 1], [R0, 0], [R1, 1]], { s2: late - 1 })[0]).toBe('violated');
    expect(verdict([[R1, 1], [R0, 0], [R0, 0]], { s1: late })[0]).toBe('violated');
  });

  test('the dead and the stopped are left out; one alone agrees with nobody', () => {
    expect(verdict([[R1, 1], [R0, 0], [R1, 1]], {}, { s2: 'dead' })[0]).toBe('holds');
    expect(verdict([[R1, 1], [R0, 0], [R1, 1]], {}, { s2: 'paused' })[0]).toBe('holds');
    expect(verdict([[R1, 1], [R0, 0], [R1, 1]], {}, { s1: 'dead', s2: 'dead' })[0]).toBe('not exercised');
  });
});

describe('one-writable-primary', () => {
  /** r0 with its replica r1, one sentinel that believes in r0, and a clock. */
  const world = (): {
    readonly check: OneWritablePrimary; readonly r0: NodeView; readonly r1: NodeView; readonly one: SentinelView; now: number;
  } => {
    const r0 = view('r0');
    const r1 = view('r1');
    const find = (place: Bytes): NodeView | null => (place === R0 ? r0 : place === R1 ? r1 : null);
    const nodes = new NamedNodes(find);
    const one = sentinel('s1');
    const parts = { r0, r1, one, now: 0, check: new OneWritablePrimary(
      { nodes, find, views: [r0, r1], sentinels: [one], now: (): number => parts.now }) };
    r0.role = 'primary';
    Object.assign(r1, { role: 'replica', primary: R0, sync: 'connected' });
    nodes.note(r1, { kind: 'sync', state: 'connected', detail: '', because: [] });
    for (const note of [say.belief(R0), say.belief(R0)]) {
      one.note(note);
      nodes.sentinelNote(note);
      parts.check.sentinelNote(one, note);
    }
    return parts;
  };

  test('one primary, and the other follows it', () => {
    expect(world().check.finish(state({}))).toEqual({ verdict: 'holds', detail: 'one primary, when settling began', comparisons: 1 });
  });

  test.each([
    ['two primaries', ({ r1 }) => Object.assign(r1, { role: 'primary', primary: null }), 'mymain has several primaries: r0, r1'],
    ['none', ({ r0 }) => Object.assign(r0, { role: 'replica' }), 'mymain has no primary'],
    ['one that the sentinels do not believe in', ({ one }) => one.note(say.belief(R1)), `r0 is the primary of mymain, the sentinels hold ${R1} to be it`],
    ['a replica of nobody', ({ r1 }) => Object.assign(r1, { sync: 'connect' }), 'r1 does not follow r0'],
    ['a replica of another', ({ r1 }) => Object.assign(r1, { primary: '10.0.0.9:6379' }), 'r1 does not follow r0'],
  ] as readonly (readonly [string, (parts: ReturnType<typeof world>) => void, string])[])('%s', (_, spoil, detail) => {
    const parts = world();
    spoil(parts);
    expect(parts.check.finish(state({}))).toEqual({ verdict: 'violated', detail });
  });

  test('put right in time, and too late', () => {
    for (const [afterMs, verdict] of [[RIGHT_MS_MAX, 'holds'], [RIGHT_MS_MAX + 1, 'violated']] as const) {
      const parts = world();
      Object.assign(parts.r1, { sync: 'connect' });
      parts.check.note();
      parts.now = 5_000_000 + afterMs * 1000;
      Object.assign(parts.r1, { sync: 'connected' });
      parts.check.note();
      parts.now += 1_000_000;
      expect(parts.check.finish(state({ settledFrom: micros(5_000_000) })).verdict).toBe(verdict);
    }
  });

  test('a dead node is nobody; without a living sentinel nothing is judged', () => {
    const parts = world();
    Object.assign(parts.r1.process, { state: 'dead' });
    Object.assign(parts.r1, { role: 'primary' });
    expect(parts.check.finish(state({})).verdict).toBe('holds');
    Object.assign(parts.one.process, { state: 'dead' });
    expect(parts.check.finish(state({})).verdict).toBe('not exercised');
  });
});
