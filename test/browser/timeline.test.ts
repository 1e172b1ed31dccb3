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
      await page.evaluate(() => document.querySelector('#inspector')?.replaceChildren());
      await page.getByRole('button', { name: 'redis-replica-2', exact: true }).click();
      await page.waitForSelector('#inspector pre');
      return page.locator('#inspector pre').allTextContents();
    };
    const first = await look();
    const titles = await page.locator('#inspector h3').allTextContents();
    // The first began at the start of the run; the next ones begin with worlds that were parked on the way.
    expect(await look()).toEqual(first);
    expect(await look()).toEqual(first);
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

  test('a message, a lane and a time can be acted upon, by key and by the right button; each forks, and the difference is shown', async () => {
    const theatre = new Theatre();
    const recording = theatre.recording(finished(theatre.open(resolvedScenario(NAME), 5)).id);
    const row = recording.firstAt(FORK_MICROS) + [...recording.rows.message.subarray(recording.firstAt(FORK_MICROS))].findIndex((message) => message >= 0);
    const at = recording.rows.at[row] as number;
    const title = async (): Promise<string> => await page.textContent('.menu .title') ?? '';
    const compared = async (part: string): Promise<void> => {
      await page.waitForFunction((wanted) => document.querySelector('.comparison')?.textContent?.includes(wanted) ?? false, part);
    };
    const seconds = (micros: number): string => `until ${(micros / 1e6).toFixed(6)} s`;
    await open(`${server.address}?scenario=${NAME}&seed=5&from=${at - 3000}&to=${at + 3000}&row=${row}`);
    await page.waitForSelector('#inspector .why');
    const root = await hashShown();
    await page.locator('h1').click();
    await page.keyboard.press('m');
    expect(await title()).toContain('→');
    await page.getByRole('menuitem', { name: 'Delay…' }).click();
    await page.getByRole('button', { name: 'Fork', exact: true }).click();
    const delayed = await another(root);
    await compared(seconds(at + 1));

    await page.locator('.names .lane', { hasText: 'redis-main' }).click({ button: 'right' });
    expect(await title()).toContain('redis-main at');
    // A script: Lua is loaded for it.
    await page.getByRole('menuitem', { name: 'Run a command…' }).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('EVAL "return redis.call(\'SET\', KEYS[1], 1)" 1 from-a-script');
    await page.keyboard.press('Enter');
    const commanded = await another(delayed);
    await compared('until');
    expect(await page.locator('.fork').count()).toBe(3);
    expect(await page.evaluate(() => (globalThis as unknown as PageGlobals).faultline.current?.report.strikes.at(-1)?.outcome)).toBe('OK');

    await page.locator('#timeline .stage').click({ button: 'right', position: { x: 200, y: 4 } });
    expect(await title()).toMatch(/^At \d/);
    await page.getByRole('menuitem', { name: 'Heal partitions and links' }).click();
    await another(commanded);
    expect(await page.locator('.forks > li > ul > li > ul > li > ul > li').count()).toBe(1);
  });

  test('what is hidden stays hidden in the link', async () => {
    await drawer('filters');
    await page.getByLabel('client', { exact: true }).uncheck();
    await page.getByLabel('redis-replica-1', { exact: true }).uncheck();
    await page.waitForFunction(() => location.search.includes('hide=client') && location.search.includes('hideNode=redis-replica-1'));
    const address = page.url();
    await open(address);
    await statusSays('these are the same bytes');
    await drawer('filters');
    expect(await page.getByLabel('redis-replica-1', { exact: true }).isChecked()).toBe(false);
    expect(await page.getByLabel('redis-replica-2', { exact: true }).isChecked()).toBe(true);
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
