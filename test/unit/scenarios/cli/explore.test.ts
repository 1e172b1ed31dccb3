/** `faultline explore`, `shrink` and `replay` of failures, as they are called: `dist/` in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../../../engine/core/errors.ts';
import { githubLines, junitText } from '../../../../scenarios/cli/ciReports.ts';
import { exploreCommand } from '../../../../scenarios/cli/exploreCommand.ts';
import { parseBudget, parseExploreFlags } from '../../../../scenarios/cli/exploreOptions.ts';
import type { ExploreReport } from '../../../../scenarios/cli/exploreReport.ts';
import { shrinkCommand } from '../../../../scenarios/cli/shrinkCommand.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';

const MAIN = fileURLToPath(new URL('../../../../dist/scenarios/cli/main.js', import.meta.url));
const BUG = 'acknowledgedWriteDropped';

let directory = '';
beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
  directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  writeFileSync(join(directory, 'small.json'), JSON.stringify(small));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Three seconds of a primary and its replicas, so that a round takes a moment. */
const small = {
  ...resolvedScenario('replication/primary-power-loss'), name: 'test/small', durationMs: 2000, settlingMs: 1000, expects: { verdicts: {} },
  plan: [
    { when: { atMs: 500 }, do: 'pause', target: 'a replica', forMs: 300 },
    { when: { atMs: 1000 }, do: 'pause', target: 'the primary', forMs: 400 },
  ],
};

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly errors: string;
}

const faultline = (...words: readonly string[]): Said => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8', cwd: directory });
  return { status, out: stdout, errors: stderr };
};

const filesIn = (name: string): Readonly<Record<string, string>> => Object.fromEntries(
  readdirSync(join(directory, name)).map((file) => [file, readFileSync(join(directory, name, file), 'utf8').replaceAll(name, 'OUT')]));

describe('the flags of explore', () => {
  test.each([['500ms', 500], ['60s', 60_000], ['5m', 300_000], ['1h', 3_600_000]])('%s is a budget', (text, ms) => {
    expect(parseBudget(text)).toBe(ms);
  });
  test.each(['', '60', '-1s', '1.5s', '0s', 's', '1d', '9999h', '1s ', '1e3s'])('%j is none', (text) => {
    expect(() => parseBudget(text)).toThrow(ConfigError);
  });
  test.each([
    { shard: '0/3' }, { shard: '4/3' }, { shard: '1' }, { shard: '3/3', seeds: '2' }, { objective: 'fame' }, { plant: 'nope' }, { seeds: '0' },
    { seeds: '1e3' }, { workers: '0' }, { budget: 'soon' }, { seed: '-1' }, { seed: '9007199254740990', seeds: '5' },
  ])('%j is refused', (flags) => expect(() => parseExploreFlags(flags)).toThrow(ConfigError));
  test('without seeds, a budget takes as many as it can', () => {
    expect(parseExploreFlags({}).seeds).toBe(200);
    expect(parseExploreFlags({ budget: '1m' }).seeds).toBeGreaterThan(1_000_000);
  });
});

describe('explore', () => {
  test('says the same with one, two and three workers, and writes the same files', () => {
    const said = [1, 2, 3].map((workers) => faultline(
      'explore', 'small.json', '--seeds', '68', '--workers', String(workers), '--json', '--plant', BUG, '--out', `out${workers}`));
    const documents = said.map(({ out }, index) => out.replaceAll(`out${index + 1}`, 'OUT'));
    expect(said.map(({ status, errors }) => [status, errors])).toEqual([[1, ''], [1, ''], [1, '']]);
    expect(documents[1]).toBe(documents[0]);
    expect(documents[2]).toBe(documents[0]);
    expect(filesIn('out2')).toEqual(filesIn('out1'));
    expect(filesIn('out3')).toEqual(filesIn('out1'));
    const report = JSON.parse(said[0]?.out ?? '') as ExploreReport;
    expect(report).toMatchObject({ scenario: 'test/small', runs: 68, rounds: 2, ok: false });
    expect(report.failed[0]).toMatchObject({ check: 'ledger-no-bugs', cause: 'bug: acknowledged without being executed', entries: 0 });
    expect(report.failed[0]?.seeds[0]).toBe(report.failed[0]?.seed);
    expect(report.notExercised).toContainEqual({ kind: 'check', name: 'fresh-reads' });
    expect(Object.keys(report.worst)).toEqual(['loss', 'outage', 'rare']);
  });

  test('what it found replays bit for bit, fails in the same way, and shrinks no further', async () => {
    expect(existsSync(join(directory, 'out1'))).toBe(true);
    const file = join('out1', readdirSync(join(directory, 'out1')).find((name) => name.includes('ledger-no-bugs') && name.endsWith('.json')) ?? '');
    const replayed = faultline('replay', file, '--json');
    expect(replayed.status).toBe(1);
    expect(JSON.parse(replayed.out)).toMatchObject({ ok: false, replayed: { hashAsSaved: true, failsAsSaved: true } });
    const shrunk = faultline('shrink', file, '--json', '--out', 'again');
    expect(shrunk.status).toBe(1);
    expect(JSON.parse(shrunk.out)).toMatchObject({ check: 'ledger-no-bugs', entries: 0 });
    // Without the bug it is as it should be: that is what the regression test waits for.
    const { planted, ...mended } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Record<string, unknown>;
    expect(planted).toEqual([BUG]);
    writeFileSync(join(directory, 'mended.json'), JSON.stringify(mended));
    expect(faultline('replay', 'mended.json', '--quiet').out).toContain('does not fail any more as it did');
    await expect(shrinkCommand(join(directory, 'mended.json'), {})).rejects.toThrow(/does not fail at ledger-no-bugs/);
    await expect(shrinkCommand(join(directory, 'mended.json'), { seed: '2' })).rejects.toThrow(/is a saved run and has its own/);
    const source = readFileSync(join(directory, file.replace('.json', '.test.ts')), 'utf8');
    expect(source).toContain("from 'faultline'");
    expect(source).toContain(`npx faultline replay ${file}`);
  });

  test('goes on from its state as if it had not stopped, and from no other', async () => {
    const words = ['explore', 'small.json', '--workers', '2', '--json', '--out', 'none'];
    const whole = faultline(...words, '--seeds', '72', '--resume', 'whole.state');
    expect(whole.status).toBe(0);
    expect(faultline(...words, '--seeds', '64', '--resume', 'parts.state').status).toBe(0);
    const rest = faultline(...words, '--seeds', '72', '--resume', 'parts.state');
    expect(rest.out).toBe(whole.out);
    expect(readFileSync(join(directory, 'parts.state'), 'utf8')).toBe(readFileSync(join(directory, 'whole.state'), 'utf8'));
    const path = join(directory, 'small.json');
    const state = join(directory, 'parts.state');
    await expect(exploreCommand([path], { seed: '2', resume: state })).rejects.toThrow(/parts\.state is of another search of test\/small: /);
    await expect(exploreCommand(['replication/link-cut'], { resume: state })).rejects.toThrow(/is of test\/small, not of replication\/link-cut$/);
    await expect(exploreCommand([path], { resume: path })).rejects.toThrow(/small\.json: name: is not known here/);
    await expect(exploreCommand([path], { resume: join(directory, 'no', 'such') })).rejects.toThrow(/no such file or directory$/);
    await expect(exploreCommand([path], { junit: join(directory, 'no', 'such') })).rejects.toThrow(/no such directory$/);
    await expect(exploreCommand([path], { module: [join(directory, 'missing.mjs')] })).rejects.toThrow(/missing\.mjs: cannot be loaded/);
    await expect(exploreCommand([path, path], {})).rejects.toThrow(/is named twice$/);
  });

  test('interrupted: one line, status 130, and a state to go on from', async () => {
    const child = spawn(process.execPath, [MAIN, 'explore', 'small.json', '--seeds', '100000', '--workers', '2', '--resume', 'cut.state'],
      { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on('exit', (status) => resolve(status));
    });
    const roundsOf = (): number => {
      const path = join(directory, 'cut.state');
      return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { campaigns: { state: { rounds: number } }[] }).campaigns[0]?.state.rounds ?? 0 : 0;
    };
    while (roundsOf() < 1 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(errors).toMatch(/^faultline: interrupted; \d+ runs are in cut\.state, --resume goes on from there\n$/);
    const rounds = roundsOf();
    const more = faultline('explore', 'small.json', '--seeds', String(rounds * 64), '--resume', 'cut.state', '--quiet');
    expect(more).toMatchObject({ status: 0, out: `ok  test/small  ${rounds * 64} runs\n` });
  });

  test('text for people, a JUnit file, annotations', () => {
    const said = faultline('explore', 'small.json', '--seeds', '4', '--plant', BUG, '--no-shrink', '--junit', 'r.xml', '--github', '--out', 'ci');
    expect(said.status).toBe(1);
    for (const words of ['ledger-no-bugs', 'not shrunk: 2 entries', 'Lost writes a run', 'The most interesting runs', 'Never exercised', 'NOT OK: 4 runs of 4']) {
      expect(said.out).toContain(words);
    }
    expect(said.out).toMatch(/^::error title=test\/small%3A ledger-no-bugs::seed \d: .*%0Aagain: npx faultline replay ci\//m);
    expect(readFileSync(join(directory, 'r.xml'), 'utf8')).toMatch(/<testsuite name="test\/small" tests="1" failures="1"/);
  });

  test('own checks come from modules that each worker loads', () => {
    writeFileSync(join(directory, 'own.mjs'), `export const check = () => ({
      name: 'own', isSafety: true, finish: () => ({ verdict: 'violated', detail: 'always' }),
    });\n`);
    const said = faultline('explore', 'small.json', '--seeds', '3', '--workers', '2', '--module', 'own.mjs', '--json', '--no-shrink', '--out', 'own');
    expect(said).toMatchObject({ status: 1, errors: '' });
    const [failed] = (JSON.parse(said.out) as ExploreReport).failed;
    expect(failed).toMatchObject({ check: 'own', cause: 'always', runs: 3 });
    expect(failed?.replay).toContain('--module own.mjs');
  });
});

describe('reports for continuous integration', () => {
  const failed = { seed: 7, check: 'a,b', cause: 'c:d', detail: '<x> 100% & "y"\nz', runs: 2, seeds: [7, 9], shrunk: null, file: 'f', test: 't', entries: 1,
    entriesFound: 1, processes: 1, clients: 1, shrinkRuns: 0, steps: [], replay: 'npx x' };
  const report = { scenario: 's/t', runs: 5, failed: [failed] } as unknown as ExploreReport;

  test('annotations are one line each, whatever is in them', () => {
    expect(githubLines([report])).toEqual(['::error title=s/t%3A a%2Cb::seed 7: <x> 100%25 & "y"%0Az (2 runs)%0Aagain: npx x']);
  });

  test('JUnit: a case for each failure, one that passed where there is none', () => {
    const text = junitText([report, { ...report, scenario: 'u/v', failed: [] }]);
    expect(text).toContain('<testsuites tests="2" failures="1"');
    expect(text).toContain('&lt;x> 100% &amp;');
    expect(text).toContain('name="no failure in 5 runs"');
  });
});
