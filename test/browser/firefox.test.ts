/**
 * A share of the determinism campaign in Firefox: another engine than Node's and Chromium's, and the same trace hashes. Debian's
 * firefox-esr is no browser that Playwright drives, so the page itself asks what to run and posts the hashes back. Needs `dist/page`
 * (npm run build).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashOnNode } from '../support/hashOnNode.ts';
import { type PageServer, servePage } from '../support/pageServer.ts';

const FIREFOX = '/usr/bin/firefox-esr';
const DEADLINE_MS = 150_000;

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
  const profile = mkdtempSync(join(tmpdir(), 'faultline-firefox-'));

  beforeAll(async () => {
    writeFileSync(join(profile, 'user.js'), PREFERENCES.join('\n'));
    let heard: (body: Told) => void = () => {};
    const answer = new Promise<Told>((resolve) => {
      heard = resolve;
    });
    server = await servePage((request: IncomingMessage, response: ServerResponse) => {
      if (request.url !== '/hashes') return false;
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      request.on('end', () => {
        response.writeHead(204).end();
        heard(JSON.parse(body) as Told);
      });
      return true;
    }, (html) => html.replace('</body>', `${SCRIPT}</body>`));
    // A group of its own: the browser has processes of its own.
    browser = spawn(FIREFOX, ['--headless', '--no-remote', '--profile', profile, server.address],
      { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile } });
    const gone = new Promise<Told>((resolve) => {
      browser.on('exit', (status) => resolve({ agent: '', error: `firefox-esr ended with status ${status}` }));
    });
    told = await Promise.race([answer, gone]);
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

  test.each(RUNS.map((run, index) => ({ ...run, index })))('$name with seed $seed has the same trace hash as on Node', ({ name, seed, index }) => {
    expect(told.hashes?.[index]).toBe(hashOnNode(name, seed));
  });
});
