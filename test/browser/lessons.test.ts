/**
 * Each lesson in a real browser, from its first step to its end: what follows the question is covered until it is answered, B runs, the
 * figures are those that the lesson tells of, and the browser remembers what is done. Needs `dist/page` (npm run build) and chromium.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lessons } from '../../scenarios/index.ts';
import type { Lesson, LessonClaim } from '../../scenarios/index.ts';
import { hashOnNode } from '../support/hashOnNode.ts';
import { describeInChromium, launchChromium } from '../support/inChromium.ts';
import { type PageServer, servePage } from '../support/pageServer.ts';


/** What the page offers to tests; `viz/main.ts` declares the same for itself. */
interface PageGlobals {
  readonly faultline: { readonly current: { readonly report: { readonly traceHash: string } } };
}

/** A figure as the table shows it: `1,234`, `4.9 s`, `n2`. */
const holds = (shown: string, { min, max, is }: Omit<LessonClaim, 'figure'>, isMs: boolean): boolean => {
  if (is !== undefined) return shown === is;
  const value = Number(shown.replace(/[, s]/g, '')) * (isMs ? 1000 : 1);
  // The table rounds to a tenth of a second.
  const slack = isMs ? 50 : 0;
  return value + slack >= (min ?? 0) && (max === undefined || value - slack <= max);
};

describeInChromium('lessons in the browser', () => {
  let server: PageServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    server = await servePage();
    browser = await launchChromium();
    context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB' });
    page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  const open = async (query: string): Promise<void> => {
    await page.goto(`${server.address}?${query}`);
    await page.waitForSelector('body[data-lesson=open]');
  };

  const goOn = async (): Promise<void> => {
    await page.focus('.moves button.primary');
    await page.keyboard.press('Enter');
  };

  const place = (): Promise<string | null> => page.textContent('.places [aria-current]');

  /** To the question, through it, and to the comparison; by keyboard alone. */
  const take = async ({ prediction }: Lesson, answer: string): Promise<void> => {
    while (await place() !== '?') await goOn();
    expect(await page.getAttribute('body', 'data-covered')).toBe('');
    expect(await page.locator('.places button:disabled').count()).toBeGreaterThan(1);
    expect(await page.isVisible('#ledger')).toBe(false);
    await page.focus(`.prediction input[value="${prediction.options[0]}"]`);
    await page.keyboard.press(' ');
    for (let down = prediction.options.indexOf(answer); down > 0; down--) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.verdict');
    expect(await page.getAttribute('body', 'data-covered')).toBeNull();
    while (await place() !== 'A | B') await goOn();
    await page.waitForSelector('.conclusion');
  };

  test.each(lessons.map((lesson) => [lesson.name, lesson] as const))('%s runs to its end', async (name, lesson) => {
    await open(`lesson=${name}&lang=en`);
    expect(await page.evaluate(() => (globalThis as unknown as PageGlobals).faultline.current.report.traceHash))
      .toBe(hashOnNode(lesson.scenario.name, lesson.seed));
    await take(lesson, lesson.prediction.answer);
    const rows = await page.locator('.narration tbody tr').evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows).toHaveLength(lesson.comparisons.length);
    lesson.comparisons.forEach(({ figure, a, b }, index) => {
      const [title, left = '', right = ''] = rows[index] ?? [];
      expect(holds(left, a, figure === 'unavailable'), `${title}: A shows ${left}`).toBe(true);
      expect(holds(right, b, figure === 'unavailable'), `${title}: B shows ${right}`).toBe(true);
    });
    expect(await page.locator('.strip canvas').count()).toBe(2);
    expect(errors).toEqual([]);
  });

  test('the browser remembers them, in Korean too, and a wrong prediction is put right', async () => {
    const [lesson] = lessons as [Lesson];
    await open(`lesson=${lesson.name}&lang=ko`);
    expect(await page.getAttribute('html', 'lang')).toBe('ko');
    expect(await page.textContent('.lesson-list summary')).toContain(`${lessons.length}개 중 ${lessons.length}개 완료`);
    const wrong = lesson.prediction.options.find((option) => option !== lesson.prediction.answer) ?? '';
    while (await place() !== '?') await goOn();
    await page.check(`.prediction input[value="${wrong}"]`);
    await page.click('.prediction button');
    expect(await page.textContent('.verdict')).toContain('정답');
    expect(await page.getAttribute('.lesson-list a >> nth=0', 'href')).toContain('lang=ko');
  });
});
