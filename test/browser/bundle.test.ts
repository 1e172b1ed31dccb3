/**
 * What a browser loads: the page stays under 300 kB gzipped, the worker is measured apart, and what a first picture does not need
 * (importers, exports) is in parts of its own. Needs `dist/page` (npm run build).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

const ASSETS = fileURLToPath(new URL('../../dist/page/assets/', import.meta.url));
const PAGE_BYTES_MAX = 300_000;
/** What a part on demand holds, by a text that stands nowhere else. */
const ON_DEMAND: readonly (readonly [string, string])[] = [
  ['files', 'MULTILINE_IMPLICIT_KEY'], ['luaEngine', 'attempt to yield'], ['exports', 'displayTimeUnit'], ['exportSvg', 'http://www.w3.org/2000/svg"'], ['exportPng', 'image/png'],
];

describe('the bundle', () => {
  const files = readdirSync(ASSETS);
  const contentOf = (name: string): string => readFileSync(`${ASSETS}${files.find((file) => file.startsWith(`${name}-`) && file.endsWith('.js')) ?? ''}`, 'utf8');

  test('the page is under 300 kB gzipped', () => {
    const page = files.filter((file) => file.startsWith('index-'));
    expect(page.map((file) => file.split('.').at(-1)).sort()).toEqual(['css', 'js']);
    const bytes = page.map((file) => gzipSync(readFileSync(`${ASSETS}${file}`), { level: 9 }).length).reduce((sum, each) => sum + each);
    expect(bytes).toBeLessThan(PAGE_BYTES_MAX);
  });

  test.each(ON_DEMAND)('%s is loaded on demand', (name, text) => {
    expect(contentOf(name)).toContain(text);
    for (const first of ['index', 'worker']) expect(contentOf(first).includes(text), `${first} has it too`).toBe(false);
  });
});
