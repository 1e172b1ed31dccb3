/**
 * What a person does with the timeline, in a real browser and mostly by keyboard: forks, links, looking at a node, files, search, the
 * list of events. What comes of it is held against the command line and against runs on Node. Needs `dist/` (npm run build) and chromium.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SavedRun } from '../../scenarios/index.ts';
import type { RunReport } from '../../sim/report.ts';
import { Theatre } from '../../viz/model/theatre.ts';
import { resolvedScenario } from '../simulation/resolved.ts';
import { hashOnNode } from '../support/hashOnNode.ts';
import { describeInChromium, launchChromium } from '../support/inChromium.ts';
import { type PageServer, servePage } from '../support/pageServer.ts';
import { finished } from '../support/finished.ts';

const COMMAND = fileURLToPath(new URL('../../dist/scenarios/cli/main.js', import.meta.url));
const NAME = 'replication/primary-killed';
const FORK_MICROS = 4_000_000;

/** What the page offers to tests; `viz/main.ts` declares the same for itself. */
interface PageGlobals {
  readonly faultline: { readonly current: { readonly report: RunReport } | null };
}

describeInChromium('the timeline in the browser', () => {
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  let files: string;
  const errors: string[] = [];

  beforeAll(async () => {
    server = await servePage();
    files = mkdtempSync(join(tmpdir(), 'faultline-page-'));
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1200, height: 900 }, locale: 'en-GB', acceptDownloads: true });
    page.on('pageerror', (error) => errors.push(error.message));
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    rmSync(files, { recursive: true, force: true });
  });

  const hashShown = (): Promise<string | undefined> =>
    page.evaluate(() => (globalThis as unknown as PageGlobals).faultline.current?.report.traceHash);

  /** Waits until the page shows another run than `before`. */
  const another = async (before: string | undefined): Promise<string> => {
    await page.waitForFunction((old) => {
      const { current } = (globalThis as unknown as PageGlobals).faultline ?? { current: null };
      return current !== null && current.report.traceHash !== old;
    }, before);
    return await hashShown() as string;
  };

  const open = async (address: string): Promise<string> => {
    // An address that differs only in its fragment would not load anew.
    await page.goto('about:blank');
    await page.goto(address);
    return another(undefined);
  };

  const statusSays = (part: string): Promise<unknown> =>
    page.waitForFunction((wanted) => document.querySelector('#status')?.textContent?.includes(wanted) ?? false, part);

  const drawer = async (name: string): Promise<void> => {
    const button = page.locator(`button[aria-controls=drawer-${name}]`);
    if (await button.getAttribute('aria-expanded') !== 'true') await button.click();
  };

  const save = async (label: string): Promise<string> => {
    await drawer('files');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: label }).click()]);
    const path = join(files, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };

  let forkAddress = '';
  let forkHash = '';
  let forkFile = '';

  test('a fork by the menu comes to the hash that the command line comes to with the same plan', async () => {
    const root = await open(`${server.address}?scenario=${NAME}&seed=5&now=${FORK_MICROS}&from=0&to=9000000`);
    expect(root).toBe(hashOnNode(NAME, 5));
    await page.getByRole('button', { name: 'redis-replica-1', exact: true }).focus();
    await page.keyboard.press('m');
    await page.getByRole('menuitem', { name: 'Pause the process…' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('900');
    await page.keyboard.press('Enter');
    forkHash = await another(root);
    await page.waitForSelector('.comparison .pair');
    expect(await page.textContent('.comparison')).toContain('until 4.000001 s');
    expect(await page.locator('.fork').count()).toBe(2);

    forkFile = await save('Save as: run for faultline replay (JSON)');
    const saved = JSON.parse(readFileSync(forkFile, 'utf8')) as SavedRun;
    expect(saved.scenario.plan).toContainEqual({ when: { atMicros: FORK_MICROS + 1 }, do: 'pause', target: 'redis-replica-1', forMs: 900 });
    const { stdout } = spawnSync(process.execPath, [COMMAND, 'run', forkFile, '--json'], { encoding: 'utf8' });
    expect((JSON.parse(stdout) as RunReport).traceHash).toBe(forkHash);
  });

  test('the old future is kept, and a click goes back to it', async () => {
    await drawer('forks');
    await page.locator('.fork').first().click();
    expect(await another(forkHash)).toBe(hashOnNode(NAME, 5));
    await page.locator('.fork').nth(1).click();
    await another(hashOnNode(NAME, 5));
    await page.waitForFunction((hash) => location.search.includes(hash), forkHash);
    forkAddress = page.url();
  });

  test('a shared link shows the same bytes, and says when it cannot', async () => {
    expect(await open(forkAddress)).toBe(hashOnNode(NAME, 5));
    await another(hashOnNode(NAME, 5));
    await statusSays('these are the same bytes');
    expect(await hashShown()).toBe(forkHash);
    await open(forkAddress.replace(forkHash, '0123456789abcdef'));
    await statusSays('made by another version: its hash is 0123456789abcdef');
    await page.goto('about:blank');
    await page.goto(`${server.address}?scenario=${NAME}&seed=5#forks=AAAA`);
    await statusSays('the link is damaged');
  });

  test('a saved run is opened from its file, and is the same bytes', async () => {
    await page.goto(server.address);
    await page.setInputFiles('input[type=file]', forkFile);
    await statusSays('these are the same bytes');
    expect(await hashShown()).toBe(forkHash);
  });

  test('a node looked at after scrubbing is in the state that a run up to there is in', async () => {
    const at = 6_250_000;
    await open(`${server.address}?scenario=${NAME}&seed=5&now=${at}&from=0&to=9000000`);
    const look = async (): Promise<string[]> => {
      await page.getByRole('button', { name: 'redis-replica-2', exact: true }).click();
      await page.waitForSelector('#inspector pre');
      return page.locator('#inspector pre').allTextContents();
    };
    const first = await look();
    const titles = await page.locator('#inspector h3').allTextContents();
    // Away and back: the picture's time is all that counts.
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.locator('#timeline .stage').click({ position: { x: 5, y: 5 } });
    await page.goto('about:blank');
    await open(`${server.address}?scenario=${NAME}&seed=5&now=${at}&from=0&to=9000000`);
    expect(await look()).toEqual(first);
    const theatre = new Theatre();
    const run = finished(theatre.open(resolvedScenario(NAME), 5));
    expect(first).toEqual(theatre.ask(run.id, at, 'redis-replica-2', titles.map((title) => title.split(' '))));
  });

  test('events go from one to the next by keys, and the list and the search go with them', async () => {
    await page.locator('h1').click();
    const titleOf = (): Promise<string | null> => page.textContent('#inspector h2');
    const before = await titleOf();
    await page.keyboard.press(',');
    await page.waitForFunction((old) => document.querySelector('#inspector h2')?.textContent !== old, before);
    const last = await titleOf();
    expect(last).toMatch(/^#\d+ at 6\.2\d+ s$/);
    await page.keyboard.press('e');
    await page.waitForSelector('.event[aria-selected=true]');
    expect(`#${Number(await page.getAttribute('.event[aria-selected=true]', 'data-row')) + 1}`).toBe(last?.split(' ')[0]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForFunction((old) => document.querySelector('#inspector h2')?.textContent !== old, last);
    await page.locator('h1').click();
    await page.keyboard.press('/');
    await page.keyboard.type('kind:kill');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.results li[aria-current]');
    expect(await page.textContent('.results li')).toContain('redis-main was killed');
    await page.waitForFunction((row) => document.querySelector('#inspector h2')?.textContent?.startsWith(`#${Number(row) + 1} `),
      await page.getAttribute('.results li', 'data-row'));
  });

  test('the pictures and logs that it saves are what they say', async () => {
    const svg = readFileSync(await save('Save as: picture (SVG)'), 'utf8');
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"') && svg.includes('>redis-main</text>')).toBe(true);
    expect(readFileSync(await save('Save as: picture (PNG)')).subarray(1, 4).toString('latin1')).toBe('PNG');
    const trace = JSON.parse(readFileSync(await save('Save as: trace for Perfetto (JSON)'), 'utf8')) as { readonly traceEvents: readonly unknown[] };
    expect(trace.traceEvents.length).toBeGreaterThan(1000);
    expect(errors).toEqual([]);
  });
});
