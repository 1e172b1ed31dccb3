/**
 * The same bundle run in a real browser comes to the same trace hashes as on Node: no engine's floating point, sorting,
 * hashing or text handling leaks into a run. Needs `dist/page` (npm run build) and chromium.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scenarios } from '../../scenarios/index.ts';
import { hashOnNode } from '../support/hashOnNode.ts';
import { describeInChromium, launchChromium } from '../support/inChromium.ts';
import { type PageServer, servePage } from '../support/pageServer.ts';

const MAIN_JOB = 'replication/primary-power-loss';
const CHAOS: readonly string[] = ['replication/chaos', 'persistence/chaos', 'sentinel/chaos'];

/** What the page offers to tests; `viz/main.ts` declares the same for itself. */
interface PageGlobals {
  readonly faultline: { run(scenario: string, seed: number): Promise<{ readonly traceHash: string }> };
}

const hashInPage = (page: Page, name: string, seed: number): Promise<string> =>
  page.evaluate(async (asked) => {
    const { faultline } = globalThis as unknown as PageGlobals;
    return (await faultline.run(asked.name, asked.seed)).traceHash;
  }, { name, seed });

describeInChromium('in the browser', () => {
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    server = await servePage();
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(server.address);
    await page.waitForFunction(() => 'faultline' in window);
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('the main job with seed %i has the same trace hash as on Node', async (seed) => {
    expect(await hashInPage(page, MAIN_JOB, seed)).toBe(hashOnNode(MAIN_JOB, seed));
  });

  // Of the crashes during a move one for each victim will do: they differ in when it dies. Lessons have a test of their own; incidents and
  // claims are made of what all others are made of.
  test.each(scenarios.map(({ name }) => name).filter((name) => !/resharding-crash-\w+-(?!keys)|^(?:lessons|incidents|claims)\//.test(name)))('%s has the same trace hash as on Node', async (name) => {
    expect(await hashInPage(page, name, 1)).toBe(hashOnNode(name, 1));
  });

  test.each(CHAOS)('%s with another plan has the same trace hash as on Node', async (name) => {
    expect(await hashInPage(page, name, 2)).toBe(hashOnNode(name, 2));
  });

  test('the form runs by keyboard and shows the report, on a phone too', async () => {
    await page.setViewportSize({ width: 375, height: 700 });
    await page.focus('#seed');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('7');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#report code');
    expect(await page.textContent('#report')).toContain(hashOnNode(MAIN_JOB, 7));
    expect(await page.locator('#timeline .names .lane').count()).toBe(7);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(errors).toEqual([]);
  });
});
