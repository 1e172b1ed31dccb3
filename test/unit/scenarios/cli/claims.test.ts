/** `faultline claims` as it is called: `dist/` in a process of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../../dist/scenarios/cli/main.js', import.meta.url));

const faultline = (...words: readonly string[]): { readonly status: number | null; readonly out: string; readonly errors: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
  return { status, out: stdout, errors: stderr };
};

describe('faultline claims', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-claims-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('--json is one document, of the claims that are asked for, in the order of their numbers', () => {
    const { status, out } = faultline('claims', '--only', '31,7', '--json');
    const results = JSON.parse(out) as readonly Record<string, unknown>[];
    expect(status).toBe(0);
    expect(results.map(({ n }) => n)).toEqual([7, 31]);
    expect(results[0]).toMatchObject({
      statement: 'The offset advances with the stream of writes.', verdict: 'holds', replay: 'npx faultline run claims/offset-moves --seed 1',
    });
    expect(results[0]?.['evidence']).toMatch(/one SET moved it from \d+ to \d+/);
  });

  test('a page is written of all claims or not at all', () => {
    const page = join(directory, 'claims.md');
    const { status, errors } = faultline('claims', '--only', '7', '--page', page);
    expect(status).toBe(2);
    expect(errors).toContain('--only: --page and --check are about all claims');
    expect(existsSync(page)).toBe(false);
  });

  test.each<[readonly string[], RegExp]>([
    [['--only', '36'], /--only: '36' is not the number of a claim, 1 to 35/],
    [['--check', 'missing.md'], /missing\.md: no such file; --page writes it/],
  ])('%j is one line and status 2', (words, message) => {
    const { status, out, errors } = faultline('claims', ...words);
    expect(status).toBe(2);
    expect(errors).toMatch(message);
    expect(errors.trimEnd().split('\n')).toHaveLength(1);
    expect(out).toBe('');
  });
});
