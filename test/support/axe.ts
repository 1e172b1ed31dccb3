/** axe-core on a page of a real browser: the rules of WCAG that a program can check. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE: readonly string[] = ['serious', 'critical'];

interface AxeGlobals {
  readonly axe: {
    run(root: Document, options: object): Promise<{
      readonly violations: readonly { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] }[];
    }>;
  };
}

/** What axe finds that is serious or critical, a line each. */
export const violations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const globals = globalThis as unknown as AxeGlobals;
    return (await globals.axe.run(document, { resultTypes: ['violations'] })).violations;
  });
  return found.filter(({ impact }) => GRAVE.includes(impact)).map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(' ')}`);
};
