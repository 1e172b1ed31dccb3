/**
 * What the command line hands to a browser: the one page of `run --html`, opened from `file://`, and a file served by `view`. Needs
 * `dist/` (npm run build) and chromium.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInChromium, launchChromium } from '../support/inChromium.ts';

const MAIN = fileURLToPath(new URL('../../dist/scenarios/cli/main.js', import.meta.url));
const SCENARIO = 'replication/primary-power-loss';
const SEED = 7;

/** What the page offers to tests; `viz/main.ts` declares the same for itself. */
interface PageGlobals {
  readonly faultline: { readonly current: { readonly report: { readonly traceHash: string; readonly seed: number } } | null };
}

describeInChromium('a run handed to the browser', () => {
  let directory = '';
  let browser: Browser;
  let hash = '';
  let view: ChildProcess | null = null;
  const file = (name: string): string => join(directory, name);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
    const { status, stdout } = spawnSync(process.execPath,
      [MAIN, 'run', SCENARIO, '--seed', String(SEED), '--html', file('run.html'), '--save', file('my run.json'), '--json'], { encoding: 'utf8' });
    expect(status).toBe(0);
    hash = (JSON.parse(stdout) as { readonly traceHash: string }).traceHash;
    browser = await launchChromium();
  });
  afterAll(async () => {
    view?.kill('SIGKILL');
    await browser.close();
    rmSync(directory, { recursive: true });
  });

  interface Visit {
    readonly page: Page;
    readonly requests: string[];
    readonly errors: string[];
  }

  const visit = async (address: string): Promise<Visit> => {
    const page = await browser.newPage({ viewport: { width: 375, height: 700 } });
    const [requests, errors]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(address);
    await shown(page);
    return { page, requests, errors };
  };

  const shown = (page: Page): Promise<unknown> => page.waitForFunction(() => 'faultline' in window && (window as unknown as PageGlobals).faultline.current !== null);
  const shownRun = (page: Page): Promise<unknown> => page.evaluate(() => {
    const { seed, traceHash } = (globalThis as unknown as PageGlobals).faultline.current?.report ?? {};
    return { seed, traceHash };
  });

  test('the page of a run opens from its file, comes to the same hash, and asks no network', async () => {
    const { page, requests, errors } = await visit(pathToFileURL(file('run.html')).href);
    expect(await shownRun(page)).toEqual({ seed: SEED, traceHash: hash });
    expect(await page.textContent('#report')).toContain(hash);
    await page.waitForFunction((wanted) => location.href.includes(wanted), `hash=${hash}`);
    // Loaded anew, the address says what is shown.
    await page.reload();
    await shown(page);
    expect(await shownRun(page)).toEqual({ seed: SEED, traceHash: hash });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(requests.filter((address) => !/^(?:file|blob|data):/.test(address))).toEqual([]);
    expect(requests.filter((address) => address.startsWith('file:')).map((address) => new URL(address).pathname))
      .toEqual(Array.from({ length: 2 }, () => pathToFileURL(file('run.html')).pathname));
    expect(errors).toEqual([]);
    await page.close();
  });

  test('a page whose run was changed says that it is not what was saved', async () => {
    const changed = file('changed.html');
    writeFileSync(changed, readFileSync(file('run.html'), 'utf8').replace(`"traceHash":"${hash}"`, `"traceHash":"${'0'.repeat(16)}"`));
    const { page } = await visit(pathToFileURL(changed).href);
    expect(await page.textContent('#status')).toContain('0'.repeat(16));
    await page.close();
  });

  test('view serves the page with the file opened, from itself alone, and ends by an interrupt', async () => {
    view = spawn(process.execPath, [MAIN, 'view', file('my run.json')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(view.stdout as NodeJS.ReadableStream, 'data') as [Buffer];
    const address = line.toString('utf8').trim();
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?open=my%20run\.json$/);
    const { page, requests, errors } = await visit(address);
    expect(await shownRun(page)).toEqual({ seed: SEED, traceHash: hash });
    const { origin } = new URL(address);
    expect(requests.filter((asked) => !asked.startsWith(`${origin}/`))).toEqual([]);
    expect(requests).toContain(`${origin}/opened`);
    expect(errors).toEqual([]);
    const ended = once(view, 'exit');
    view.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });
});
