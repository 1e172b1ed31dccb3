/** Tests in Debian's Chromium: skipped by name where it is missing, with the command that installs it; in CI that fails instead. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS: readonly string[] = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const missing = existsSync(CHROMIUM) ? null : `${CHROMIUM} is missing; install it with: apt-get install chromium`;

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS] });

export const describeInChromium = (name: string, body: () => void): void => {
  describe(name, () => {
    if (missing === null) body();
    // In CI a skip would hide that nothing was looked at.
    else if (process.env['CI'] === undefined) test.skip(`skipped: ${missing}`, () => undefined);
    else test('chromium is installed', () => expect(missing).toBeNull());
  });
};
