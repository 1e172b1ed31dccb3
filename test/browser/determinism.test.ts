/**
 * The same bundle run in a real browser comes to the same trace hashes as on Node: no engine's floating point, sorting,
 * hashing or text handling leaks into a run. Needs `dist/page` (npm run build) and chromium.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readerIn } from '../../scenarios/cli/files.ts';
import { findScenario, resolve, scenarios } from '../../scenarios/index.ts';
import { runScenario } from '../../sim/index.ts';

const CHROMIUM = '/usr/bin/chromium';
const PAGE_ROOT = fileURLToPath(new URL('../../dist/page', import.meta.url));
const MAIN_JOB = 'replication/primary-power-loss';
const FLAGS: readonly string[] = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
};

const serve = (): Server => createServer((request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
  const file = join(PAGE_ROOT, path === '/' ? 'index.html' : path);
  if (!file.startsWith(PAGE_ROOT) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
});

const hashOnNode = (name: string, seed: number): string => {
  const scenario = findScenario(name);
  if (scenario === null) throw new Error(`no scenario ${name}`);
  return runScenario(resolve(scenario, readerIn(null)), seed, {}).traceHash;
};

/** What the page offers to tests; `viz/main.ts` declares the same for itself. */
interface PageGlobals {
  readonly faultline: { run(scenario: string, seed: number): Promise<{ readonly traceHash: string }> };
}

const hashInPage = (page: Page, name: string, seed: number): Promise<string> =>
  page.evaluate(async (asked) => {
    const { faultline } = globalThis as unknown as PageGlobals;
    return (await faultline.run(asked.name, asked.seed)).traceHash;
  }, { name, seed });

const missing = existsSync(CHROMIUM) ? null : `${CHROMIUM} is missing; install it with: apt-get install chromium`;

describe('in the browser', () => {
  if (missing !== null) {
    // In CI a skip would hide that nothing was compared.
    if (process.env['CI'] === undefined) test.skip(`skipped: ${missing}`, () => undefined);
    else test('chromium is installed', () => expect(missing).toBeNull());
    return;
  }
  let server: Server;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    server = serve();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS] });
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'faultline' in window);
  });

  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('the main job with seed %i has the same trace hash as on Node', async (seed) => {
    expect(await hashInPage(page, MAIN_JOB, seed)).toBe(hashOnNode(MAIN_JOB, seed));
  });

  test.each(scenarios.map(({ name }) => name))('%s has the same trace hash as on Node', async (name) => {
    expect(await hashInPage(page, name, 1)).toBe(hashOnNode(name, 1));
  });

  test('the form runs by keyboard and shows the report, on a phone too', async () => {
    await page.setViewportSize({ width: 375, height: 700 });
    await page.focus('#seed');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('7');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#report code');
    expect(await page.textContent('#report')).toContain(hashOnNode(MAIN_JOB, 7));
    expect(await page.locator('#report svg g.lane').count()).toBe(6);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(errors).toEqual([]);
  });
});
