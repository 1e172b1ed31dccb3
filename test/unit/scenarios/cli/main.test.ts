/** The command as it is called: `dist/` in a process of its own. Exit status, one clear line, nothing half-written. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../../dist/scenarios/cli/main.js', import.meta.url));
const SCENARIO = 'replication/primary-power-loss';
const COMPOSE = 'scenarios/seeds/sentinel.compose.yaml';

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly errors: string;
}

const faultline = (...words: readonly string[]): Said => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], { encoding: 'utf8' });
  return { status, out: stdout, errors: stderr };
};

const json = (...words: readonly string[]): Record<string, unknown> => JSON.parse(faultline(...words).out) as Record<string, unknown>;

describe('faultline', () => {
  let directory = '';
  beforeAll(() => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
    directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each<[readonly string[], RegExp]>([
    [['run', 'nope'], /unknown scenario 'nope'/],
    [['run', 'primary-power-los'], /did you mean replication\/primary-power-loss/],
    [['frobnicate'], /unknown command 'frobnicate'/],
    [['explore'], /explore: name a scenario/],
    [['shrink', SCENARIO], /does not fail/],
    [['run', SCENARIO, '--html', '/nonexistent/page'], /no such file or directory/],
    [['run', SCENARIO, SCENARIO, '--html', 'x'], /--html are for one scenario/],
    [['run', SCENARIO, '--html', 'x', '--world', 'real'], /--html: .* virtual world/],
    [['view', 'missing.json'], /missing\.json: no such file/],
    [['view', '--port', '70000'], /--port: '70000' is not/],
    [['run', SCENARIO, '--sed', '1'], /unknown option '--sed'/],
    [['run', SCENARIO, '--seed', '1.5'], /--seed: '1\.5' is not a decimal whole number/],
    [['run', SCENARIO, '--seed', '9007199254740992'], /--seed/],
    [['run'], /name a scenario/],
    [['run', 'missing.yaml'], /missing\.yaml: no such file/],
    [['run', SCENARIO, '--trace', '/nonexistent/trace'], /no such file or directory/],
    [['replay', 'package.json'], /not a saved run/],
    [['list', 'extra'], /too many arguments/],
    [['check', 'missing.yaml'], /missing\.yaml: no such file/],
    [['check', COMPOSE, '--require', 'survives=1host'], /--require: 'survives=1host' is none of/],
    [['check', COMPOSE, '--within', '5'], /--within: '5' is not a time/],
    [['check', COMPOSE, '--only', 'nobody'], /--only: no failure's name has 'nobody' in it/],
    [['check', COMPOSE, '--show', 'redis-main/flood'], /no failure is called 'redis-main\/flood'; there are redis-main\/kill/],
    [['check', COMPOSE, '--fix', '--no-findings'], /--fix: mends what is found/],
    [['check', COMPOSE, '--html', '/nonexistent/page', '--only', 'redis-main/kill', '--seeds', '1', '--no-findings'], /--html: \/nonexistent: no such directory/],
    [['check', COMPOSE, '--save', 'run.json'], /--save: saves one run, so it goes with --show/],
    [['check'], /check: name the files of your deployment/],
  ])('%j is one line and status 2', (words, message) => {
    const said = faultline(...words);
    expect(said.status).toBe(2);
    expect(said.errors).toMatch(message);
    expect(said.errors.trimEnd().split('\n')).toHaveLength(1);
    expect(said.out).toBe('');
  });

  test('check answers with the table, and a requirement sets the status', () => {
    const words = ['check', COMPOSE, '--only', 'redis-main/power', '--seeds', '2', '--no-findings', '--require'];
    const met = faultline(...words, 'survives=1machine,outage<=60s', '--json');
    expect(met.status).toBe(0);
    const document = JSON.parse(met.out) as { readonly faults: readonly Record<string, unknown>[] };
    expect(document).toMatchObject({ topology: COMPOSE, ok: true, required: { ok: true, broken: [] } });
    expect(document.faults).toMatchObject([{ component: 'redis-main', fault: 'power', verdict: 'recovers', runs: 2, recovered: 2 }]);
    const missed = faultline(...words, 'outage<=1s');
    expect(missed.status).toBe(1);
    expect(missed.out).toContain('not met: outage<=1s');
    expect(faultline(...words, 'survives=1machine,outage<=60s', '--json', '--workers', '1').out).toBe(met.out);
  });

  test('a broken compose file names file, line and key', () => {
    const path = join(directory, 'broken.yaml');
    writeFileSync(path, 'services:\n  db:\n    image: keydb\n');
    const said = faultline('run', path);
    expect(said.status).toBe(2);
    expect(said.errors).toMatch(/^faultline: broken\.yaml:3: services\.db\.image: /);
  });

  test('lists, helps and tells its version', () => {
    expect(faultline('list').out).toContain(SCENARIO);
    expect(json('list', '--json')).toContainEqual(expect.objectContaining({ name: SCENARIO }));
    const help = faultline('--help');
    expect(help.status).toBe(0);
    expect(help.out).toContain('Examples:');
    expect(faultline('--version').out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('runs the main job, the same for the same seed', () => {
    const first = json('run', SCENARIO, '--seed', '7', '--json');
    const second = json('run', SCENARIO, '--seed', '7', '--json');
    expect(first['traceHash']).toBe(second['traceHash']);
    expect(json('run', SCENARIO, '--seed', '8', '--json')['traceHash']).not.toBe(first['traceHash']);
    expect(first).toMatchObject({ scenario: SCENARIO, seed: 7, ok: true, replay: `npx faultline run ${SCENARIO} --seed 7` });
    const ledger = first['ledger'] as Record<string, number>;
    const sum = (...names: readonly string[]): number => names.reduce((total, name) => total + (ledger[name] ?? Number.NaN), 0);
    expect(ledger['acknowledged']).toBe(sum('survived', 'superseded', 'lost', 'unknown'));
    expect(ledger['lost']).toBe(sum('permitted', 'bugs'));
  });

  test('prints a report for people', () => {
    const said = faultline('run', SCENARIO);
    expect(said.status).toBe(0);
    for (const words of ['The write ledger', 'Not available', 'The nodes at the end', 'trace hash', 'again: npx faultline run']) {
      expect(said.out).toContain(words);
    }
    expect(said.out).not.toContain('\u001b');
  });

  test('verifies', () => {
    const said = faultline('run', SCENARIO, '--verify', '--quiet');
    expect(said).toMatchObject({ status: 0, errors: '' });
    expect(said.out).toContain('verified');
  });

  test('a campaign does not depend on the number of workers', () => {
    const one = json('run', SCENARIO, '--seeds', '6', '--workers', '1', '--json');
    const three = json('run', SCENARIO, '--seeds', '6', '--workers', '3', '--json');
    expect({ ...one, wallMs: 0 }).toEqual({ ...three, wallMs: 0 });
    expect(one).toMatchObject({ scenario: SCENARIO, runs: 6, failed: [] });
    const shards = [1, 2].map((index) => json('run', SCENARIO, '--seeds', '6', '--shard', `${index}/2`, '--json')['runs']);
    expect(shards).toEqual([3, 3]);
  });

  test('writes a trace and a saved run, and replays it', () => {
    const trace = join(directory, 'trace.jsonl');
    const saved = join(directory, 'saved.json');
    expect(faultline('run', SCENARIO, '--seed', '3', '--trace', trace, '--save', saved, '--quiet').status).toBe(0);
    const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ trace: 'faultline' });
    expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const replayed = json('replay', saved, '--json');
    expect(replayed).toMatchObject({ seed: 3, ok: true });
    const other = JSON.parse(readFileSync(saved, 'utf8')) as Record<string, unknown>;
    writeFileSync(saved, JSON.stringify({ ...other, traceHash: '0'.repeat(16) }));
    expect(faultline('replay', saved, '--quiet').status).toBe(1);
  });
});
