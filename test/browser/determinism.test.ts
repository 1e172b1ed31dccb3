/**
 * The same bundle run in a real browser comes to the same trace hashes as on Node: no engine's floating point, sorting,
 * hashing or text handling leaks into a run. Some of each room; `determinismOfAll.test.ts` has the others. Needs `dist/page`
 * (npm run build) and chromium.
 */
import { expect, test } from 'vitest';
import { useHashPage } from '../support/hashInPage.ts';
import { hashOnNode } from '../support/hashOnNode.ts';
import { describeInChromium } from '../support/inChromium.ts';

const MAIN_JOB = 'replication/primary-power-loss';
const SOME: readonly string[] = [
  'replication/chaos', 'persistence/chaos', 'persistence/power-loss-everysec', 'sentinel/chaos', 'sentinel/helm-three-pods',
  'cluster/primary-killed', 'cluster/resharding',
];

describeInChromium('in the browser', () => {
  const { page, errors, hashes } = useHashPage();

  test.each([1, 2, 3, 4])('the main job with seed %i has the same trace hash as on Node', async (seed) => {
    const { inPage, onNode } = await hashes(MAIN_JOB, seed);
    expect(inPage).toBe(onNode);
  });

  test.each(SOME)('%s has the same trace hash as on Node', async (name) => {
    const { inPage, onNode } = await hashes(name, 2);
    expect(inPage).toBe(onNode);
  });

  test('the form runs by keyboard and shows the report, on a phone too', async () => {
    await page().setViewportSize({ width: 375, height: 700 });
    await page().focus('#seed');
    await page().keyboard.press('Control+A');
    await page().keyboard.type('7');
    await page().keyboard.press('Enter');
    await page().waitForSelector('#report code');
    expect(await page().textContent('#report')).toContain(hashOnNode(MAIN_JOB, 7));
    expect(await page().locator('#timeline .names .lane').count()).toBe(7);
    expect(await page().evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(errors).toEqual([]);
  });
});
