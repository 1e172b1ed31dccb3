import { describe, expect, test } from 'vitest';
import { type Lane, buildLanes } from '../../../../viz/model/lanes.ts';
import { played } from './played.ts';

const statesOf = (lanes: readonly Lane[], name: string): readonly string[] =>
  lanes.find((lane) => lane.name === name)?.spans.map(({ state }) => state) ?? [];

describe('lanes', () => {
  const { recording, scenario } = played('sentinel/primary-killed');
  const lanes = buildLanes(recording, scenario);

  test('a killed primary is dead, starts again, and ends as a replica', () => {
    const states = statesOf(lanes, 'redis-main');
    expect(states.slice(0, 2)).toEqual(['starting', 'primary']);
    expect(states).toContain('dead');
    expect(states.at(-1)).toBe('replica');
  });

  test('one sentinel leads for a while, one replica becomes the primary', () => {
    const leaders = lanes.filter(({ name }) => statesOf(lanes, name).includes('leader'));
    expect(leaders.map(({ kind }) => kind)).toEqual(['sentinel']);
    const promoted = lanes.filter(({ name }) => name !== 'redis-main' && statesOf(lanes, name).at(-1) === 'primary');
    expect(promoted).toHaveLength(1);
  });

  test('spans cover the run without a gap, and neighbours differ', () => {
    for (const { name, spans } of lanes) {
      expect(spans[0]?.from, name).toBe(0);
      expect(spans.at(-1)?.to, name).toBe(recording.endAt);
      for (let index = 1; index < spans.length; index++) {
        expect(spans[index]?.from).toBe(spans[index - 1]?.to);
        expect(spans[index]?.state).not.toBe(spans[index - 1]?.state);
      }
    }
  });

  test('clients come first, then zone by zone', () => {
    const kinds = lanes.map(({ kind }) => kind);
    expect(kinds.indexOf('probe')).toBeGreaterThan(kinds.lastIndexOf('client'));
    expect(kinds.indexOf('data')).toBeGreaterThan(kinds.indexOf('probe'));
  });
});
