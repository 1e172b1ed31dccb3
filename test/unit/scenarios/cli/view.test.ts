/** `faultline view` and `run --html` without a browser: what is opened, what is served, and what a page with a run in it looks like. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError, ScenarioError } from '../../../../engine/core/errors.ts';
import { readTextFile, readerIn } from '../../../../scenarios/cli/files.ts';
import { readOpened } from '../../../../scenarios/cli/openedFile.ts';
import { loadInput } from '../../../../scenarios/cli/inputs.ts';
import { type PageServer, servePage } from '../../../../scenarios/cli/pageServer.ts';
import { runCommand } from '../../../../scenarios/cli/runCommand.ts';
import { withRun } from '../../../../scenarios/cli/singlePage.ts';
import { parsePort } from '../../../../scenarios/cli/viewCommand.ts';
import { findScenario, readSavedRun, resolve, saveRun } from '../../../../scenarios/index.ts';
import { runScenario } from '../../../../sim/index.ts';
import { validateScenario } from '../../../../sim/validateScenario.ts';

const NAME = 'replication/primary-power-loss';
const scenario = resolve(findScenario(NAME) ?? expect.fail(NAME), readerIn(null));
const saved = saveRun({ ...scenario, plan: [] }, 7, '00000000000000ab');

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const write = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

describe('a file to open', () => {
  test.each<[string, string]>([
    ['saved.json', JSON.stringify(saved)],
    ['report.json', '{"ledger": {}, "traceHash": "ab"}'],
    ['deployment.yaml', readTextFile(join('scenarios', 'seeds', 'replication.compose.yaml'))],
    ['events.jsonl', '{"trace":"faultline","version":1}\n{}\n'],
  ])('%s is handed on as it is, by its bare name', (name, text) => {
    expect(readOpened(write(name, text))).toEqual({ name, text });
  });

  test('a deployment brings along what it refers to, as a scenario', () => {
    write('mine.conf', 'appendonly yes\n');
    const path = write('mounted.yaml', `services:
  main: { image: redis, command: redis-server /r.conf, volumes: [./mine.conf:/r.conf] }
  replica: { image: redis, command: redis-server --replicaof main 6379 }
`);
    const { name, text } = readOpened(path);
    expect(name).toBe('mounted.yaml.json');
    const inPage = resolve(validateScenario(JSON.parse(text), name), () => expect.fail('no file lies beside the page'));
    expect(inPage.topology).toEqual(loadInput(path).scenario.topology);
    expect(inPage.topology.processes[0]?.directives).toContainEqual(['appendonly', 'yes']);
  });

  test('a scenario brings the deployment along that lies beside it', () => {
    const own = readTextFile(join('scenarios', 'seeds', 'standalone.compose.yaml'));
    write('beside.yaml', own);
    const { topology: _, ...rest } = scenario;
    const path = write('scenario.json', JSON.stringify({ ...rest, name: 'mine', plan: [], topology: { file: 'beside.yaml' } }));
    const { name, text } = readOpened(path);
    expect(name).toBe('scenario.json');
    // As the page reads it: without the deployment file.
    const inPage = resolve(validateScenario(JSON.parse(text), name), () => expect.fail('no file lies beside the page'));
    expect(inPage.topology.processes).toHaveLength(1);
    expect(runScenario(inPage, 1).traceHash).toBe(runScenario(loadInput(path).scenario, 1).traceHash);
  });

  test.each<[string, string, RegExp]>([
    ['text.json', 'hello', /text\.json: not JSON/],
    ['page.html', '<p>', /not JSON/],
    ['broken.yaml', 'services:\n  db:\n    image: keydb\n', /^broken\.yaml:3: services\.db\.image/],
    ['old.jsonl', '{"trace":"faultline","version":0}\n', /not a trace of version/],
    ['planted.json', JSON.stringify(saveRun({ ...scenario, plan: [] }, 7, 'ab', { planted: ['votesTwice'] })), /bugs that were planted/],
    ['number.json', '7', /number\.json: /],
  ])('%s is one line', (name, text, message) => {
    const path = write(name, text);
    expect(() => readOpened(path)).toThrow(ScenarioError);
    expect(() => readOpened(path)).toThrow(message);
    expect(() => readOpened(path)).not.toThrow(/\n/);
  });

  test('a directory, and nothing, is none', () => {
    mkdirSync(join(directory, 'folder'));
    expect(() => readOpened(join(directory, 'folder'))).toThrow(/not a file$/);
    expect(() => readOpened(join(directory, 'missing'))).toThrow(/no such file or directory$/);
  });
});

test('ports', () => {
  expect(['0', '80', '65535'].map(parsePort)).toEqual([0, 80, 65_535]);
  for (const text of ['', '-1', '65536', '1.5', '0x1']) expect(() => parsePort(text)).toThrow(ConfigError);
});

describe('a page with a run in it', () => {
  const PAGE = '<head><script type="module">const a = "</body>";</script></head><body></body></html>';

  test('holds the run as it was saved, and no text of it ends the element', () => {
    const nasty = { ...saved, scenario: { ...saved.scenario, teaches: '</script><script>alert(1)</script><!-- $& \u2028' } };
    const page = withRun(PAGE, nasty);
    const [, data = ''] = /<body><script type="application\/json" id="given">([^]*?)<\/script>\s*<\/body><\/html>$/.exec(page) ?? [];
    expect(data).not.toContain('<');
    expect(readSavedRun(JSON.parse(data), 'page')).toEqual(readSavedRun(nasty, 'run'));
    expect(page.startsWith(PAGE.slice(0, PAGE.lastIndexOf('</body>')))).toBe(true);
  });

  test('needs a page', () => expect(() => withRun('', saved)).toThrow(ConfigError));

  test('is not made of a run with planted bugs, which it could not play', async () => {
    const path = write('bugs.json', JSON.stringify(saveRun({ ...scenario, plan: [] }, 7, 'ab', { planted: ['votesTwice'] })));
    await expect(runCommand([path], { html: join(directory, 'bugs.html') })).rejects.toThrow(/^--html: .*votesTwice/);
    expect(existsSync(join(directory, 'bugs.html'))).toBe(false);
  });
});

describe('the server', () => {
  let server: PageServer;
  beforeAll(async () => {
    server = await servePage(0, { name: 'my run&.json', text: 'é' });
  });
  afterAll(() => server.close());

  /** Node's own client, since `fetch` sends neither another host nor a path that leads upwards. */
  const ask = (path: string, host?: string, method = 'GET'): Promise<{ readonly status: number; readonly type: string; readonly body: string }> =>
    new Promise((settle, reject) => {
      const { port } = new URL(server.address);
      get({ port, path, method, host: '127.0.0.1', headers: host === undefined ? {} : { host } }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => settle({
          status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body: Buffer.concat(parts).toString('utf8') }));
      }).on('error', reject);
    });

  test('has the page, what belongs to it, and the file', async () => {
    expect(new URL(server.address).searchParams.get('open')).toBe('my run&.json');
    const page = await ask('/?open=x');
    expect(page).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    const [, script = ''] = /src="\.(\/assets\/[\w-]+\.js)"/.exec(page.body) ?? [];
    expect(await ask(script)).toMatchObject({ status: 200, type: 'text/javascript; charset=utf-8' });
    expect(await ask('/opened')).toMatchObject({ status: 200, body: 'é' });
    expect(await ask('/opened', undefined, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test.each(['/../package.json', '/%2e%2e/package.json', '/assets', '/assets/../../../package.json', '/nothing', '//'])('has no %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: '' });
  });

  test('answers nobody who was led here by another name, and changes nothing', async () => {
    expect((await ask('/opened', 'evil.example')).status).toBe(403);
    expect((await ask('/opened', undefined, 'POST')).status).toBe(405);
  });

  test('a port that is taken is one line', async () => {
    await expect(servePage(Number(new URL(server.address).port), null)).rejects.toThrow(/^--port: \d+ is in use$/);
  });
});
