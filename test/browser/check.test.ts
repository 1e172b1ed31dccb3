/**
 * The report of `faultline check --html`, opened from its file: the map of failures, and the timeline of a cell's worst run, which comes
 * to the hash that the command line gives for it. Needs `dist/` (npm run build) and chromium.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { violations } from '../support/axe.ts';
import { describeInChromium, launchChromium } from '../support/inChromium.ts';

const MAIN = fileURLToPath(new URL('../../dist/scenarios/cli/main.js', import.meta.url));
const FILE = fileURLToPath(new URL('../../scenarios/seeds/sentinel.compose.yaml', import.meta.url));

interface PageGlobals {
  readonly faultline: { readonly current: { readonly report: { readonly traceHash: string } } | null };
}

const faultline = (...argv: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...argv], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

describeInChromium('the report of a check', () => {
  test('each cell opens its worst run, which is the one that the command line shows', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
    const browser = await launchChromium();
    try {
      const html = join(directory, 'check.html');
      const report = JSON.parse(faultline('check', FILE, '--only', 'redis-main/', '--seeds', '2', '--no-findings', '--json', '--html', html)) as {
        readonly faults: readonly { readonly cell: string; readonly verdict: string; readonly seed: number }[];
      };
      const page = await (await browser.newContext({ viewport: { width: 375, height: 700 } })).newPage();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(html).href);
      await page.waitForSelector('#check .check-map');
      expect(await page.locator('#check button.cell').count()).toBe(report.faults.length);
      expect(await violations(page)).toEqual([]);
      const worst = report.faults.find(({ verdict }) => verdict === 'loses data');
      if (worst === undefined) throw new Error('nothing loses data');
      await page.click('#check button.cell.loses');
      await page.waitForFunction(() => 'faultline' in window && (window as unknown as PageGlobals).faultline.current !== null);
      const hash = await page.evaluate(() => (globalThis as unknown as PageGlobals).faultline.current?.report.traceHash);
      const shown = JSON.parse(faultline('check', FILE, '--show', worst.cell, '--seed', String(worst.seed), '--json')) as { readonly traceHash: string };
      expect(hash).toBe(shown.traceHash);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      expect(requests.filter((address) => !/^(?:file|blob|data):/.test(address))).toEqual([]);
    } finally {
      await browser.close();
      rmSync(directory, { recursive: true });
    }
  });
});
