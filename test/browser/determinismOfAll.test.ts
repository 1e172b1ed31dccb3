/**
 * Every scenario comes to the same trace hash in a real browser as on Node; chaos with more plans. Minutes: `npm run test:slow`. Needs
 * `dist/page` (npm run build) and chromium.
 */
import { expect, test } from 'vitest';
import { scenarios } from '../../scenarios/index.ts';
import { useHashPage } from '../support/hashInPage.ts';
import { describeInChromium } from '../support/inChromium.ts';

const MAIN_JOB = 'replication/primary-power-loss';
const CHAOS: readonly string[] = ['replication/chaos', 'persistence/chaos', 'sentinel/chaos', 'cluster/chaos'];
// Of the crashes during a move one for each victim will do: they differ in when it dies. Lessons have a test of their own; incidents and
// claims are made of what all others are made of.
const ALL = scenarios.map(({ name }) => name).filter((name) => !/resharding-crash-\w+-(?!keys)|^(?:lessons|incidents|claims)\//.test(name));

describeInChromium('in the browser', () => {
  const { hashes } = useHashPage();
  const same = async (name: string, seed: number): Promise<void> => {
    const { inPage, onNode } = await hashes(name, seed);
    expect(inPage).toBe(onNode);
  };

  test.each([5, 6, 7, 8, 9, 10])('the main job with seed %i has the same trace hash as on Node', (seed) => same(MAIN_JOB, seed));
  test.each(ALL)('%s has the same trace hash as on Node', (name) => same(name, 1));
  test.each(CHAOS)('%s with a third plan has the same trace hash as on Node', (name) => same(name, 3));
});
