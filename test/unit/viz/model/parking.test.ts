import { describe, expect, test } from 'vitest';
import type { TraceDetail } from '../../../../sim/trace/traceEvent.ts';
import { Visit, ask } from '../../../../sim/visit.ts';
import { LADDER_MAX, Parking } from '../../../../viz/model/parking.ts';
import { play } from '../../../../viz/model/play.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

describe('worlds parked along a run', () => {
  const scenario = { ...resolvedScenario('sentinel/primary-killed'), durationMs: 5000, settlingMs: 500, plan: [{ when: { atMs: 3500 }, do: 'kill', target: 'the primary' }], expects: { verdicts: {} } };
  const { recording } = finished(play(scenario, 4));

  /** What the trace says of each record, kept or not. */
  const whole = new Map<number, TraceDetail | null>();
  new Visit(scenario, 4, { record: ({ id, detail }) => void whole.set(id - 1, detail) }).advance(Infinity);

  const tendAll = (parking: Parking): number => {
    let times = 0;
    while (parking.tend()) times++;
    return times;
  };

  /** A world in a few words: the hash of all that has happened in it, and what a node says of itself. */
  const stateOf = ({ at, world }: Visit): readonly unknown[] => [at, world.kernel.hash, world.kernel.events, ask(world, 'redis-replica-1', [['INFO'], ['DBSIZE']])];

  test('nobody works ahead before somebody has looked', () => {
    const parking = new Parking(scenario, 4, recording);
    expect(parking.tend()).toBe(false);
    expect(parking.places).toEqual([]);
  });

  test('a world that waited is the world that a run up to there makes, wherever it waited, settling included', () => {
    const parking = new Parking(scenario, 4, recording);
    for (const at of [3_700_000, 3_699_000, 5_300_000, 4_999_999]) {
      const fresh = new Visit(scenario, 4);
      fresh.advance(at);
      expect(stateOf(parking.take(at))).toEqual(stateOf(fresh));
      tendAll(parking);
      expect(parking.places.length).toBeGreaterThanOrEqual(LADDER_MAX / 2);
    }
  });

  test('the next look near the last one begins near it', () => {
    const parking = new Parking(scenario, 4, recording);
    parking.take(3_700_000);
    tendAll(parking);
    const { rows } = recording;
    const near = parking.places.filter((at) => at < 3_700_000).at(-1) as number;
    expect(recording.firstAt(3_700_000) - recording.firstAt(near)).toBeLessThanOrEqual(2100);
    // Everywhere else it begins no further off than the ladder's steps are wide.
    const steps = [0, ...parking.places, rows.at[recording.count - 1] as number].map((at) => recording.firstAt(at));
    const widest = Math.max(...steps.slice(1).map((row, step) => row - (steps[step] as number)));
    expect(widest).toBeLessThanOrEqual(recording.count / (LADDER_MAX + 1) + 2100);
  });

  test('what the recording dropped is said as the whole trace says it, there and back', () => {
    const parking = new Parking(scenario, 4, recording);
    const dropped = Array.from({ length: recording.count }, (_, row) => row).filter((row) => recording.hasDropped(row) && whole.has(row));
    expect(dropped.length).toBeGreaterThan(1600);
    const looked = [...dropped.filter((_, index) => index % 211 === 0), ...dropped.slice(1500, 1510).reverse(), dropped[0] as number];
    for (const row of looked) {
      expect([row, parking.detail(row)]).toEqual([row, whole.get(row)]);
      if (row % 4 === 0) tendAll(parking);
    }
    const last = recording.count - 1;
    expect(whole.has(last)).toBe(false);
    expect(parking.detail(last)).toBeNull();
  });
});
