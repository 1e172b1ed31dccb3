/**
 * The packed package in an empty project: what publint says of it, the README's example under the project's own Vitest, its types
 * under the project's own compiler, checks and workloads as modules on several threads, and a failure as its reader sees it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, packedProject } from '../support/packedPackage.ts';

const EXAMPLE = /<!-- example: [^>]+ -->\n```ts\n([\s\S]*?)```/;

describe('the packed package', () => {
  let directory: string;

  beforeAll(() => {
    directory = packedProject();
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (file: string, text: string): string => {
    writeFileSync(join(directory, file), text);
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { cwd: directory, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  test('publint has nothing against it', async () => {
    const { messages, pkg } = await publint({ pkgDir: join(directory, 'node_modules/faultline'), strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('the launchers in the place of redis-server are in it, and no commands of the package', () => {
    const bin = join(directory, 'node_modules/faultline/bin');
    for (const name of ['redis-server', 'redis-sentinel']) {
      expect(execFileSync(join(bin, name), ['--version'], { encoding: 'utf8' })).toMatch(/^Redis server v=7\.0\.15 /);
    }
    const { bin: commands } = JSON.parse(readFileSync(join(directory, 'node_modules/faultline/package.json'), 'utf8')) as { readonly bin: object };
    expect(Object.keys(commands)).toEqual(['faultline']);
  });

  test("the README's example runs there, and compiles", () => {
    const [, example] = EXAMPLE.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    if (example === undefined) throw new Error('the README has no example');
    writeFileSync(join(directory, 'example.test.ts'), example);
    const vitest = spawnSync(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.'],
      { cwd: directory, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
    expect(vitest.stdout + vitest.stderr).toContain('1 passed');
    expect(vitest.status).toBe(0);
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [
      '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', '--types', '', 'example.test.ts',
    ], { cwd: directory, stdio: 'pipe' });
  });

  test('own checks and workloads are loaded by each worker; a failure says all that is needed', () => {
    writeFileSync(join(directory, 'own.mjs'), [
      'export const check = ({ history }) => ({',
      "  name: 'nobody-ever-writes', isSafety: true,",
      "  finish: () => ({ verdict: history.operations.length > 0 ? 'violated' : 'holds', detail: `${history.operations.length} writes`, comparisons: 1 }),",
      '});',
    ].join('\n'));
    writeFileSync(join(directory, 'work.mjs'),
      "export const workload = () => ({ name: 'idler', zone: 'zone-a', keys: [], program: () => { throw new Error('idle'); } });");
    const text = run('own.js', [
      "import { expectHolds, explore } from 'faultline';",
      "const found = await explore({ scenario: 'replication/link-cut', seeds: [3, 5], workers: 2,",
      "  checks: [new URL('./own.mjs', import.meta.url)], saveTo: 'kept' });",
      'let message = null;',
      'try { expectHolds(found); } catch (failure) { message = `${failure.name} ${failure.message}`; }',
      "const work = await explore({ scenario: 'replication/link-cut', seeds: 2, workers: 2, saveTo: 'kept', workloads: [new URL('./work.mjs', import.meta.url)] });",
      'const worked = work.failed.map(({ failures, replay }) => [...failures, replay]);',
      'console.log(JSON.stringify({ message, worked, notes: found.notes, failed: found.failed.map(({ seed }) => seed) }));',
    ].join('\n'));
    const told = JSON.parse(text) as { message: string; worked: unknown; notes: string[]; failed: number[] };
    expect(told.worked).toEqual([1, 2].map((seed) => [
      'Error: idle', `npx faultline replay kept/replication-link-cut-seed-${seed}.json --module work.mjs`]));
    expect(told.failed).toEqual([3, 5]);
    expect(told.notes).toEqual([]);
    for (const part of ['FoundFailure', '2 of 2 runs', 'seed 3', 'nobody-ever-writes: violated', 'the plan:', 'npx faultline replay kept/replication-link-cut-seed-3.json --module own.mjs']) {
      expect(told.message).toContain(part);
    }
    const replayed = spawnSync(process.execPath, [
      'node_modules/faultline/dist/scenarios/cli/main.js', 'replay', 'kept/replication-link-cut-seed-3.json', '--module', 'own.mjs', '--quiet',
    ], { cwd: directory, encoding: 'utf8' });
    // It fails again, in the same way.
    expect(replayed.stdout + replayed.stderr).toContain('nobody-ever-writes');
    expect(replayed.status).toBe(1);
  });

  test('functions stay on one thread, and the result says so; options that make no sense are refused', () => {
    const text = run('closures.js', [
      "import { explore } from 'faultline';",
      'let seen = 0;',
      "const check = () => ({ name: 'counts', isSafety: true, finish: () => { seen++; return { verdict: 'holds', detail: 'counted' }; } });",
      "const { notes, failed, never } = await explore({ scenario: 'replication/link-cut', seeds: 2, workers: 2, checks: [check] });",
      "const refused = await explore({ seeds: 1 }).catch((failure) => `${failure.name}: ${failure.message}`);",
      "const missing = await explore({ scenario: 'replication/link-cut', seeds: 2, checks: [new URL('./none.mjs', import.meta.url)] }).catch((failure) => failure.name);",
      'console.log(JSON.stringify({ seen, notes, failed: failed.length, marks: never.marks.length, refused, missing }));',
    ].join('\n'));
    expect(JSON.parse(text)).toMatchObject({
      seen: 2, notes: [expect.stringContaining('one thread')], failed: 0, missing: 'ScenarioError',
      refused: 'ScenarioError: explore: give exactly one of scenario and topology',
    });
  });

  test("fast-check's arbitraries are there", () => {
    const text = run('arbitraries.js', [
      "import fc from 'fast-check';",
      "import { scenarios } from 'faultline/arbitraries';",
      "import { runScenario } from 'faultline';",
      'let runs = 0;',
      'fc.assert(fc.property(scenarios({ durationMs: 8000 }), fc.nat(1000), (scenario, seed) => {',
      '  runs++;',
      '  return runScenario({ ...scenario, settlingMs: 5000 }, seed).ledger.bugs === 0;',
      '}), { numRuns: 5, seed: 42 });',
      'console.log(runs);',
    ].join('\n'));
    expect(Number(text)).toBe(5);
  });
});
