import { describe, expect, test } from 'vitest';
import { validateScenario } from '../../../../sim/validateScenario.ts';
import { ACTION_NAMES, type ActionValues, type Place, actionsAt, entriesFor } from '../../../../viz/model/actions.ts';
import { play } from '../../../../viz/model/play.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

const at = 1_500_000.25;
const server: Place = { at, what: 'server', node: 'redis-main', from: '', to: '' };
const client: Place = { ...server, what: 'client', node: 'C1' };
const link: Place = { ...server, what: 'link', node: '', from: 'redis-main', to: 'redis-replica-1' };
const time: Place = { ...server, what: 'time', node: '' };
const FILLED: ActionValues = {
  forMs: '700', delayMs: '30', percent: '20', times: '3', byMs: '-1', to: 'redis-replica-1', side: 'redis-main\nC1', command: 'SET a "b c"',
};

describe('actions', () => {
  test('every one is offered somewhere, and strikes right behind the time that is shown', () => {
    const offered = [server, client, link, time].flatMap((place) => actionsAt(place).map(({ name }) => name));
    expect(new Set(offered)).toEqual(new Set(ACTION_NAMES));
    for (const name of ACTION_NAMES) {
      const place = [server, client, link, time].find((one) => actionsAt(one).some((action) => action.name === name)) as Place;
      const entries = entriesFor(name, place, { ...FILLED, byMs: '5' });
      expect(entries.map(({ when }) => when)).toEqual([{ atMicros: 1_500_001 }]);
    }
  });

  test('what comes of them is a plan that runs, each of them', () => {
    const scenario = { ...resolvedScenario('sentinel/primary-killed'), durationMs: 2500, settlingMs: 0, expects: { verdicts: {} } };
    const plan = [server, client, link, time].flatMap((place) =>
      actionsAt(place).flatMap(({ name }) => entriesFor(name, place, { ...FILLED, byMs: '5' })));
    expect(validateScenario({ ...scenario, plan }, 'menu').plan).toEqual(plan);
    // One that ends the others' targets would leave them nobody, so it is enough that all could be struck.
    const { report } = finished(play({ ...scenario, plan }, 1));
    expect(report.strikes.map(({ atMs }) => atMs)).toEqual(plan.map(() => 1500.001));
  });

  test('shapes', () => {
    expect(entriesFor('isolate', client, { forMs: '' })[0]).toMatchObject({ do: 'partition', with: { groups: [['C1'], ['the others']] } });
    expect(entriesFor('isolate', client, {})[0]).not.toHaveProperty('forMs');
    expect(entriesFor('cutOneWay', link, { forMs: '9' })[0]).toMatchObject({
      do: 'partition', forMs: 9, with: { groups: [['redis-main'], ['redis-replica-1']], oneWay: true } });
    expect(entriesFor('clog', link, FILLED)[0]).toMatchObject({ with: { from: 'redis-main', to: 'redis-replica-1', delayMs: 30 } });
    expect(entriesFor('clog', server, FILLED)[0]).toMatchObject({ target: 'redis-main', with: { to: 'redis-replica-1', delayMs: 30 } });
    expect(entriesFor('command', server, FILLED)[0]).toMatchObject({ with: { argv: ['SET', 'a', 'b c'] } });
    expect(entriesFor('command', server, { command: 'SET é 1' })[0]?.with).toEqual({ argv: ['SET', 'Ã©', '1'] });
  });

  test.each([
    ['pause', server, {}, 'forMs: must be a whole number from 1'], ['lossy', link, { percent: '101' }, 'percent: must be a whole number from 1 to 100'],
    ['pause', server, { forMs: '1.5' }, 'forMs'], ['split', time, { side: '\n' }, 'side: name at least one node'],
    ['command', server, { command: 'SET "a' }, 'command: its quotes do not match'], ['command', server, { command: ' ' }, 'command: name one'],
    ['kill', time, {}, 'cannot be done to a time'],
  ] as const)('%s says what is filled in wrong', (name, place, values, message) => {
    expect(() => entriesFor(name, place, values)).toThrow(message);
  });
});
