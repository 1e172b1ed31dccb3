/**
 * A share of the determinism campaign in Firefox: another engine than Node's and Chromium's, and the same trace hashes. Debian's
 * firefox-esr is no browser that Playwright drives, so the page itself asks what to run and posts the hashes back. In another tab the one
 * page of `run --html` opens from `file://`, and says what it shows. Needs `dist/` (npm run build).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOnNode } from '../support/hashOnNode.ts';
import { type PageServer, servePage } from '../support/pageServer.ts';

const FIREFOX = '/usr/bin/firefox-esr';
const DEADLINE_MS = 150_000;
const MAIN = fileURLToPath(new URL('../../dist/scenarios/cli/main.js', import.meta.url));
const SINGLE = { name: 'lessons/two-sentinels', seed: 3 } as const;

const RUNS: readonly { readonly name: string; readonly seed: number }[] = [
  { name: 'replication/primary-power-loss', seed: 1 }, { name: 'persistence/power-loss-everysec', seed: 3 },
  ...['replication/chaos', 'persistence/chaos', 'sentinel/chaos', 'cluster/chaos'].map((name) => ({ name, seed: 1 })),
];

/** Runs in the page: everything that is asked, and the hashes back; an error is told in place of them. */
const SCRIPT = `<script type="module">
const tell = (body) => fetch('/hashes', { method: 'POST', body: JSON.stringify(body) });
try {
  while (!('faultline' in window)) await new Promise((resolve) => setTimeout(resolve, 20));
  const hashes = [];
  for (const { name, seed } of ${JSON.stringify(RUNS)}) hashes.push((await window.faultline.run(name, seed)).traceHash);
  await tell({ agent: navigator.userAgent, hashes });
} catch (failure) {
  await tell({ agent: navigator.userAgent, error: String(failure) });
}
</script>`;

/** In the page from the disk: it may not read an answer, but it may send. */
const scriptFromDisk = (address: string): string => `<script type="module">
const tell = (body) => fetch('${address}single', { method: 'POST', mode: 'no-cors', body: JSON.stringify(body) });
try {
  while ((window.faultline?.current ?? null) === null) await new Promise((resolve) => setTimeout(resolve, 20));
  const { report: { traceHash } } = window.faultline.current;
  await tell({ agent: navigator.userAgent, hashes: [location.protocol, traceHash, document.querySelector('#report')?.textContent ?? ''] });
} catch (failure) {
  await tell({ agent: navigator.userAgent, error: String(failure) });
}
</script>`;

interface Told {
  readonly agent: string;
  readonly hashes?: readonly string[];
  readonly error?: string;
}

/** What keeps a fresh profile from going anywhere by itself. */
const PREFERENCES: readonly string[] = [
  'user_pref("browser.shell.checkDefaultBrowser", false);', 'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
  'user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);', 'user_pref("app.normandy.enabled", false);',
  'user_pref("network.captive-portal-service.enabled", false);', 'user_pref("network.connectivity-service.enabled", false);',
  'user_pref("extensions.update.enabled", false);', 'user_pref("browser.startup.homepage_override.mstone", "ignore");',
  'user_pref("services.settings.server", "http://127.0.0.1:9/");', 'user_pref("browser.safebrowsing.update.enabled", false);',
];

const missing = existsSync(FIREFOX) ? null : `${FIREFOX} is missing; install it with: apt-get install firefox-esr`;

describe('in Firefox', () => {
  if (missing !== null) {
    // In CI a skip would hide that nothing was compared.
    if (process.env['CI'] === undefined) test.skip(`skipped: ${missing}`, () => undefined);
    else test('firefox-esr is installed', () => expect(missing).toBeNull());
    return;
  }
  let server: PageServer;
  let browser: ChildProcess;
  let told: Told;
  let toldFromDisk: Told;
  const profile = mkdtempSync(join(tmpdir(), 'faultline-firefox-'));

  beforeAll(async () => {
    writeFileSync(join(profile, 'user.js'), PREFERENCES.join('\n'));
    const heard = new Map<string, (body: Told) => void>();
    const answerAt = (path: string): Promise<Told> => new Promise((resolve) => {
      heard.set(path, resolve);
    });
    const answers = Promise.all([answerAt('/hashes'), answerAt('/single')]);
    server = await servePage((request: IncomingMessage, response: ServerResponse) => {
      const hear = heard.get(request.url ?? '');
      if (hear === undefined) return false;
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      request.on('end', () => {
        response.writeHead(204).end();
        hear(JSON.parse(body) as Told);
      });
      return true;
    }, (html) => html.replace('</body>', `${SCRIPT}</body>`));
    const single = join(profile, 'run.html');
    expect(spawnSync(process.execPath, [MAIN, 'run', SINGLE.name, '--seed', String(SINGLE.seed), '--html', single, '--json']).status).toBe(0);
    writeFileSync(single, readFileSync(single, 'utf8').replace('</body>', `${scriptFromDisk(server.address)}</body>`));
    // A group of its own: the browser has processes of its own.
    browser = spawn(FIREFOX, ['--headless', '--no-remote', '--profile', profile, server.address, pathToFileURL(single).href],
      { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile } });
    const gone = new Promise<readonly [Told, Told]>((resolve) => {
      const told = (status: number | null): Told => ({ agent: '', error: `firefox-esr ended with status ${status}` });
      browser.on('exit', (status) => resolve([told(status), told(status)]));
    });
    [told, toldFromDisk] = await Promise.race([answers, gone]);
  }, DEADLINE_MS);

  afterAll(() => {
    if (browser?.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
    server?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });

  test('it was Firefox that ran it', () => {
    expect(told.error).toBeUndefined();
    expect(told.agent).toContain('Firefox/');
  });

  test('the one page of a run opens from the disk, and shows the same bytes', () => {
    expect(toldFromDisk.error).toBeUndefined();
    const hash = hashOnNode(SINGLE.name, SINGLE.seed);
    expect(toldFromDisk.hashes?.slice(0, 2)).toEqual(['file:', hash]);
    expect(toldFromDisk.hashes?.[2]).toContain(hash);
  });

  test.each(RUNS.map((run, index) => ({ ...run, index })))('$name with seed $seed has the same trace hash as on Node', ({ name, seed, index }) => {
    expect(told.hashes?.[index]).toBe(hashOnNode(name, seed));
  });
});
