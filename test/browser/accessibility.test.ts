/**
 * axe-core over the whole page: what it begins with, a run with everything open, the menu and the sheet of keys, a lesson; light in
 * English, dark in Korean; no serious or critical violation. And a phone: 375 pixels wide, by touch. Needs `dist/page` (npm run build)
 * and chromium.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violations } from '../support/axe.ts';
import { describeInChromium, launchChromium } from '../support/inChromium.ts';
import { type PageServer, servePage } from '../support/pageServer.ts';

/** Short, with a failover and a few losses. */
const RUN = 'scenario=lessons/manual-failover&seed=1';

interface PageGlobals {
  readonly faultline: { readonly current: object | null };
}

const shown = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => (globalThis as unknown as PageGlobals).faultline?.current !== null && 'faultline' in globalThis);

const scrollsAside = (page: Page): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

/** Every drawer's panel, filled and in sight at once, as no person sees them: so that one look checks all. */
const openAll = async (page: Page): Promise<void> => {
  for (const name of ['forks', 'setting', 'files', 'filters', 'events', 'search']) await page.click(`button[aria-controls=drawer-${name}]`);
  await page.fill('#drawer-search input', 'word:role primary');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.results li[aria-current]');
  await page.waitForSelector('#inspector .why');
  await page.waitForSelector('#drawer-setting form', { state: 'attached' });
  await page.waitForSelector('#drawer-filters fieldset', { state: 'attached' });
  await page.evaluate(() => {
    for (const panel of document.querySelectorAll<HTMLElement>('.drawer')) panel.hidden = false;
    for (const folded of document.querySelectorAll('details')) folded.open = true;
  });
};

describeInChromium('for everybody', () => {
  let server: PageServer;
  let browser: Browser;
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    server = await servePage();
    browser = await launchChromium();
  });

  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser.close();
    server.close();
  });

  const newPage = async (options: Parameters<Browser['newContext']>[0]): Promise<Page> => {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    contexts.push(context);
    context.setDefaultTimeout(10_000);
    return context.newPage();
  };

  test.each([['light', 'en'], ['dark', 'ko']] as const)('%s, %s: axe finds nothing grave, whatever is open', async (colorScheme, lang) => {
    const page = await newPage({ viewport: { width: 1200, height: 900 }, colorScheme });
    await page.goto(`${server.address}?lang=${lang}`);
    await page.waitForSelector('.lesson-list[open] li');
    if (lang === 'en') expect(await violations(page)).toEqual([]);

    await page.goto(`${server.address}?${RUN}&lang=${lang}`);
    await shown(page);
    await openAll(page);
    await page.locator('.names .lane', { hasText: /^n1$/ }).focus();
    await page.keyboard.press('m');
    await page.waitForSelector('.menu [role=menuitem]');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog.keys[open]');
    expect(await violations(page)).toEqual([]);
  }, 60_000);

  test('axe finds nothing grave in a lesson, neither at its question nor at its end', async () => {
    const page = await newPage({ viewport: { width: 1200, height: 900 }, colorScheme: 'dark' });
    await page.goto(`${server.address}?lesson=manual-failover&lang=en`);
    await page.waitForSelector('body[data-lesson=open]');
    while (await page.textContent('.places [aria-current]') !== '?') await page.click('.moves button.primary');
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.check('.prediction input >> nth=0');
    await page.click('.prediction button');
    while (await page.textContent('.places [aria-current]') !== 'A | B') await page.click('.moves button.primary');
    await page.waitForSelector('.conclusion');
    expect(await violations(page)).toEqual([]);
  }, 60_000);

  test('on a phone nothing scrolls aside, and fingers pan and pinch', async () => {
    const page = await newPage({ viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true });
    await page.goto(`${server.address}?${RUN}&from=5000000&to=15000000&lang=en`);
    await shown(page);
    expect(await scrollsAside(page)).toBe(false);
    const windowOf = async (): Promise<readonly [number, number]> => {
      // The address follows when the page rests.
      await page.waitForTimeout(350);
      const { searchParams } = new URL(page.url());
      return [Number(searchParams.get('from')), Number(searchParams.get('to'))];
    };
    const box = await page.locator('.stage').boundingBox();
    if (box === null) throw new Error('there is no picture');
    const fingers = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: readonly number[]): Promise<unknown> =>
      fingers.send('Input.dispatchTouchEvent', { type, touchPoints: at.map((x, id) => ({ x: box.x + x, y: box.y + 150, id })) });
    const [from, to] = await windowOf();
    await touch('touchStart', 150);
    for (const x of [130, 110, 90]) await touch('touchMove', x);
    await touch('touchEnd');
    const panned = await windowOf();
    expect(panned[0]).toBeGreaterThan(from + 1_000_000);
    expect(Math.abs(panned[1] - panned[0] - (to - from))).toBeLessThan(10_000);
    await touch('touchStart', 100, 140);
    for (const x of [150, 180, 210]) await touch('touchMove', 100, x);
    await touch('touchEnd');
    const pinched = await windowOf();
    expect(pinched[1] - pinched[0]).toBeLessThan((to - from) * 0.7);

    await openAll(page);
    expect(await scrollsAside(page)).toBe(false);
    await page.goto(`${server.address}?lesson=unpersisted-primary&lang=ko`);
    await page.waitForSelector('body[data-lesson=open]');
    expect(await scrollsAside(page)).toBe(false);
  }, 60_000);
});
