import { expect, test } from 'vitest';
import { FIRST_PRIMARY, onDown, onNote, onStrike } from '../../../../scenarios/lessons/lesson.ts';
import { findAnchors } from '../../../../viz/model/anchors.ts';
import { played } from './played.ts';

const { recording } = played('lessons/two-sentinels');

test('a strike is found by its place in the plan, at its time', () => {
  const [power, boot, none] = findAnchors(recording, [onStrike(0), onStrike(1), onStrike(2)]);
  expect(power).toMatchObject({ at: 10_000_000 });
  expect(recording.detail(power?.row as number)).toMatchObject({ do: 'power', resolved: 'n1' });
  expect(boot).toMatchObject({ at: 30_000_000 });
  expect(none).toBeNull();
});

test('a note is found by kind, fields, node and how many came before it', () => {
  const [down, secondDown, odown, elsewhere] = findAnchors(
    recording, [onDown(), onDown(2), onNote('odown'), onNote('odown', {}, 1, 'n1-sentinel')]);
  expect(down?.node).toBe('n2-sentinel');
  expect(recording.detail(down?.row as number)?.['note']).toMatchObject({ event: '+sdown', instance: FIRST_PRIMARY });
  // It is alone: nobody else finds the primary down.
  expect(secondDown).toBeNull();
  expect(odown?.row).toBeGreaterThan(down?.row as number);
  expect(elsewhere).toBeNull();
});

test('a record that is no note is found by its kind', () => {
  const [first, second] = findAnchors(recording, [{ event: { kind: 'start', node: 'n1' } }, { event: { kind: 'start', node: 'n1' }, nth: 2 }]);
  expect(first?.at).toBeLessThan(1_000_000);
  expect(second?.at).toBeGreaterThanOrEqual(30_000_000);
});
