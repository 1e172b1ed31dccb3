import { describe, expect, test } from 'vitest';
import { claimHolds, figureOf } from '../../../../viz/model/figures.ts';
import { Theatre } from '../../../../viz/model/theatre.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

const view = finished(new Theatre().open(resolvedScenario('lessons/which-replica'), 1));

describe('figures of a run', () => {
  test('are those of its report', () => {
    expect(figureOf(view, 'acknowledged')).toBe(view.report.ledger.acknowledged);
    expect(figureOf(view, 'unavailable')).toBe(view.report.unavailableMs);
    expect(figureOf(view, 'lost')).toBe(0);
    expect(figureOf(view, 'failovers')).toBe(1);
    expect(figureOf(view, 'leaders')).toBe(1);
  });

  test('name who was promoted, as people call it', () => {
    expect(figureOf(view, 'chosen')).toBe('n2');
    expect(figureOf({ ...view, report: { ...view.report, failovers: [] } }, 'chosen')).toBeNull();
  });

  test('count who found the primary objectively down, not who took that back', () => {
    const said = view.moments.filter(({ kind }) => kind === 'odown');
    expect(figureOf(view, 'odown')).toBe(said.filter(({ label }) => label.startsWith('+odown')).length);
    expect(said.some(({ label }) => label.startsWith('-odown'))).toBe(true);
  });
});

test('a claim holds within its bounds only, and of a name only by that name', () => {
  expect(claimHolds(view, { figure: 'failovers', min: 1, max: 1 })).toBe(true);
  expect(claimHolds(view, { figure: 'failovers', min: 2 })).toBe(false);
  expect(claimHolds(view, { figure: 'failovers', max: 0 })).toBe(false);
  expect(claimHolds(view, { figure: 'chosen', is: 'n2' })).toBe(true);
  expect(claimHolds(view, { figure: 'chosen', is: 'n3' })).toBe(false);
  expect(claimHolds(view, { figure: 'chosen', min: 0 })).toBe(false);
});
