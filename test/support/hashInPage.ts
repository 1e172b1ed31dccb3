/** Trace hashes of the page's own engine, held against Node's: both run at the same time. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { hashOnNode } from './hashOnNode.ts';
import { launchChromium } from './inChromium.ts';
import { type PageServer, servePage } from './pageServer.ts';

/** What the page offers to tests; `viz/main.ts` declares the same for itself. */
interface PageGlobals {
  readonly faultline: { run(scenario: string, seed: number): Promise<{ readonly traceHash: string }> };
}

export interface HashPage {
  readonly page: () => Page;
  readonly errors: readonly string[];
  /** The hash in the page, and that on Node. */
  readonly hashes: (scenario: string, seed: number) => Promise<{ readonly inPage: string; readonly onNode: string }>;
}

/** Opens the page before the tests of the file, and closes it behind them. Call inside `describe`. */
export const useHashPage = (): HashPage => {
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
  return {
    page: () => page, errors,
    hashes: async (scenario, seed) => {
      const asked = page.evaluate(async ({ name, number }) => {
        const { faultline } = globalThis as unknown as PageGlobals;
        return (await faultline.run(name, number)).traceHash;
      }, { name: scenario, number: seed });
      const onNode = hashOnNode(scenario, seed);
      return { inPage: await asked, onNode };
    },
  };
};
