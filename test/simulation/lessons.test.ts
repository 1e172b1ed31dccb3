/**
 * Every lesson is true: its scenario runs as expected, its anchors are found in the order of its steps, the prediction's answer is
 * what the report proves, and with the one setting changed the same seed gives what the lesson says of B.
 */
import { describe, expect, test } from 'vitest';
import { lessons } from '../../scenarios/index.ts';
import { findAnchors } from '../../viz/model/anchors.ts';
import { claimHolds, figureOf } from '../../viz/model/figures.ts';
import { type RunView, Theatre } from '../../viz/model/theatre.ts';
import { resolvedScenario, safetyProblems } from './resolved.ts';
import { finished } from '../support/finished.ts';

test('there are twelve, with names of their own, and each is listed', () => {
  expect(new Set(lessons.map(({ name }) => name)).size).toBe(12);
  for (const { name, scenario } of lessons) expect(scenario.name).toBe(`lessons/${name}`);
});

describe.each(lessons.map((lesson) => [lesson.name, lesson] as const))('%s', (_name, lesson) => {
  const theatre = new Theatre();
  let a: RunView;
  let b: RunView;

  test('A runs as expected, and B is A with one setting changed', () => {
    a = finished(theatre.open(resolvedScenario(lesson.scenario.name), lesson.seed));
    expect([...a.report.failures, ...safetyProblems(a.report)], a.report.replay).toEqual([]);
    expect(a.report.ledger).toMatchObject({ bugs: 0, unknown: 0 });
    b = finished(theatre.fork(a.id, lesson.change));
    expect(b.report.ledger).toMatchObject({ bugs: 0, unknown: 0 });
    expect(theatre.difference(a.id, b.id)).not.toBeNull();
  });

  test('every step is tied to an event, one after the other', () => {
    const found = findAnchors(theatre.recording(a.id), lesson.steps.map(({ when }) => when));
    expect(found.map((anchor, index) => (anchor === null ? lesson.steps[index]?.key : ''))).toEqual(lesson.steps.map(() => ''));
    const rows = found.map((anchor) => anchor?.row ?? -1);
    expect(rows).toEqual([...rows].sort((left, right) => left - right));
    const lanes = new Set(a.lanes.map(({ name }) => name));
    for (const name of lesson.steps.flatMap(({ about = [] }) => about)) expect(lanes).toContain(name);
  });

  test('the prediction is asked before its answer shows, and the report proves the answer', () => {
    const { after, options, answer, proof } = lesson.prediction;
    expect(lesson.steps.findIndex(({ key }) => key === after)).toBeGreaterThanOrEqual(0);
    expect(lesson.steps.at(-1)?.key).not.toBe(after);
    expect(options).toContain(answer);
    expect(proof.length).toBeGreaterThan(0);
    for (const claim of proof) expect(claimHolds(a, claim), `${claim.figure} is ${figureOf(a, claim.figure)}`).toBe(true);
  });

  test('A and B differ as told', () => {
    const told = lesson.comparisons.flatMap(({ figure, a: inA, b: inB }) => [
      { run: 'A', value: figureOf(a, figure), claim: { figure, ...inA }, holds: claimHolds(a, { figure, ...inA }) },
      { run: 'B', value: figureOf(b, figure), claim: { figure, ...inB }, holds: claimHolds(b, { figure, ...inB }) },
    ]);
    expect(told.filter(({ holds }) => !holds)).toEqual([]);
    expect(lesson.comparisons.some(({ figure }) => figureOf(a, figure) !== figureOf(b, figure))).toBe(true);
  });
});
