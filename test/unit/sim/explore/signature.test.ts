/** Signatures tell courses apart, not times and names. */
import { expect, test } from 'vitest';
import { featuresOf, signatureOf } from '../../../../sim/explore/signature.ts';
import { reportWith } from './reports.ts';

test('counts matter by their magnitude, and nodes by what they became', () => {
  const base = { marks: { tiltEntered: 5 }, fired: { kill: 2 }, unavailableMs: 4100 };
  const same = { marks: { tiltEntered: 7 }, fired: { kill: 3 }, unavailableMs: 5900 };
  const other = { marks: { tiltEntered: 8 }, fired: { kill: 2 }, unavailableMs: 4100 };
  const signature = (more: Parameters<typeof reportWith>[1]): string => signatureOf(featuresOf(reportWith([], more)));
  expect(signature(same)).toBe(signature(base));
  expect(signature(other)).not.toBe(signature(base));
  const turned = reportWith([], base).nodes.toReversed();
  expect(signature({ ...base, nodes: turned })).toBe(signature(base));
  expect(signature({ ...base, nodes: turned.slice(1) })).not.toBe(signature(base));
});

test('features are sorted, each once', () => {
  const features = featuresOf(reportWith([], { marks: { a: 1, b: 40 }, fired: { kill: 1 } }));
  expect(features).toEqual([...new Set(features)].sort());
  expect(features).toEqual(expect.arrayContaining(['mark:a~1', 'mark:b~32', 'fired:kill~1', 'losses~0', 'ended:running replica~3']));
});
