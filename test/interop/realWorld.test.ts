/**
 * Scenarios on real processes, in namespaces of their own and behind proxies on the loopback, held against the virtual world; and that
 * nothing of a run is left, not even of one that was interrupted. Needs Linux and redis-server; for namespaces root (or sudo without a
 * password). What needs no root is run without it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../scenarios/cli/real/comparison.ts';
import type { RealReport } from '../../scenarios/cli/real/realReport.ts';
import type { NetworkKind } from '../../scenarios/cli/real/worldNetwork.ts';
import { ownerOf, runNames } from '../../scenarios/cli/real/names.ts';
import { everythingHolds } from '../../scenarios/expectations.ts';
import { at, boot, clog, kill, lossy, newAddress, partitionOneWay, power, start as startProcess, threeClients } from '../../scenarios/plan.ts';
import { clusterClients, threeAndThree } from '../../scenarios/cluster/deployment.ts';
import { clientsOf, watched } from '../../scenarios/sentinel/deployment.ts';
import type { PlanEntry, Scenario } from '../../sim/scenario.ts';
import type { ProcessSpec } from '../../sim/topology/topology.ts';
import { hasRedis } from '../support/redisServer.ts';

const MAIN: string = join(import.meta.dirname, '../../dist/scenarios/cli/main.js');
const TEST_MS = 120_000;

const isRoot: boolean = process.getuid?.() === 0;
/** Root of a container may not be allowed namespaces either. */
const canBeRoot: boolean = process.platform === 'linux'
  && spawnSync(isRoot ? 'unshare' : 'sudo', [...(isRoot ? [] : ['-n', 'unshare']), '--net', 'true'], { stdio: 'ignore' }).status === 0;
const MISSING: string | null = !hasRedis ? 'redis-server: sudo apt-get install redis-server' : process.platform === 'linux' ? null : 'Linux';
const MISSING_FOR_NAMESPACES: string | null = MISSING
  ?? (canBeRoot ? null : 'root on Linux, and network namespaces: sudo npx vitest run test/interop/realWorld.test.ts');

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly complaint: string;
}

/** Starts the command, as root; `interruptAfterMs`: so long after its run has begun it gets SIGINT. */
const faultline = (words: readonly string[], interruptAfterMs: number | null = null): Promise<Ended> =>
  start(isRoot ? [process.execPath, MAIN, ...words] : ['sudo', '-n', process.execPath, MAIN, ...words], interruptAfterMs);

/** The same as anybody. */
const faultlineWithoutRoot = (words: readonly string[], interruptAfterMs: number | null = null): Promise<Ended> =>
  start([...(isRoot ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : []), process.execPath, MAIN, ...words], interruptAfterMs);

const start = ([program = '', ...rest]: readonly string[], interruptAfterMs: number | null): Promise<Ended> => new Promise((resolve) => {
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const timer = interruptAfterMs === null ? null : setInterval(() => {
    // Through sudo the run has another process's name.
    if (program !== 'sudo' && !existsSync(join(tmpdir(), runNames(child.pid ?? 0, 1).id))) return;
    clearInterval(timer ?? undefined);
    setTimeout(() => child.kill('SIGINT'), interruptAfterMs);
  }, 50);
  child.on('close', (status) => {
    if (timer !== null) clearInterval(timer);
    resolve({ status, output, complaint });
  });
});

const scenario = (name: string, plan: readonly PlanEntry[], parts: Pick<Scenario, 'topology' | 'workload' | 'durationMs' | 'settlingMs'>): Scenario => ({
  name: `real/${name}`, teaches: 'What both worlds show.', plan, expects: { verdicts: everythingHolds }, ...parts,
});

const sentinels = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', downAfterMs: 1000, failoverTimeoutMs: 6000 });
const cluster = threeAndThree({ nodeTimeoutMs: 2000 });
const server = 'redis-main:6379';

const scenarios: readonly Scenario[] = [
  // Replicas are known by the second INFO, ten seconds after the first.
  scenario('sentinel', [kill(at(11_500), 'the primary')],
    { topology: sentinels, workload: clientsOf(sentinels), durationMs: 15_500, settlingMs: 3500 }),
  scenario('cluster', [kill(at(7000), 'n1')], { topology: cluster, workload: clusterClients(cluster), durationMs: 14_000, settlingMs: 3500 }),
  scenario('replication', [
    lossy(at(1500), 'redis-main', 'redis-replica-1', 20, 2000), clog(at(1500), 'redis-main', 'redis-replica-2', 50, 2000),
    partitionOneWay(at(4500), ['redis-replica-1'], ['redis-main'], 1500), power(at(7500), 'redis-main'), boot(at(9000), 'redis-main'),
  ], { topology: { file: 'replication.compose.yaml' }, workload: threeClients(server), durationMs: 11_500, settlingMs: 5500 }),
];

/** What links and names can suffer besides, of which nothing may be left undone in either network. */
const links: Scenario = scenario('links', [
  { when: at(6500), do: 'reset', with: { from: 'redis-main', to: 'redis-replica-1' } },
  { when: at(7000), do: 'bandwidth', with: { from: 'redis-main', to: 'redis-replica-1', bytesPerSecond: 20_000 }, forMs: 1000 },
  { when: at(7000), do: 'wrongName', with: { name: 'redis-main' }, forMs: 1000 }, { when: at(7500), do: 'silentNames', forMs: 500 },
  newAddress(at(8000), 'redis-replica-2', '10.0.0.77', 1000),
  startProcess(at(9500), 'redis-replica-2'),
], { topology: { file: 'replication.compose.yaml' }, workload: threeClients(server), durationMs: 10_500, settlingMs: 4500 });

/** What real runs have left whose process is gone; what others are at just now is theirs. */
const leftovers = (): readonly string[] => ['/run/netns', '/etc/netns', tmpdir()]
  .flatMap((directory) => (existsSync(directory) ? readdirSync(directory) : []))
  .filter((name) => {
    const owner = ownerOf(name);
    return owner !== null && !existsSync(`/proc/${owner}`);
  });

/** Processes that work where a run had its disks, though the run's process is gone. */
const strays = (): readonly string[] => readdirSync('/proc').filter((pid) => {
  try {
    const owner = ownerOf(/\/(fl-[^/ ]+)/.exec(readlinkSync(`/proc/${pid}/cwd`))?.[1] ?? '');
    return owner !== null && !existsSync(`/proc/${owner}`);
  } catch {
    return false;
  }
});

/** One server, at this port. */
const single = (name: string, port: number, directives: ProcessSpec['directives']): Scenario => scenario(name, [], {
  topology: {
    name, machines: [{ name: 'n1', zone: 'z', address: '10.0.0.1' }], warnings: [],
    processes: [{ name: 'n1', kind: 'redis', machine: 'n1', port, aliases: [], directives, restart: 'no', persistentData: true, origin: 'test' }],
  }, workload: threeClients(`n1:${port}`), durationMs: 3000, settlingMs: 3000,
});

let directory = '';
const fileOf = (name: string): string => join(directory, `real-${name}.json`);
const save = (one: Scenario): string => {
  const file = fileOf(one.name.slice('real/'.length));
  writeFileSync(file, JSON.stringify(one));
  return file;
};
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'real-world-test-'));
  chmodSync(directory, 0o755);
  for (const one of [...scenarios, links]) save(one);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const showsLinks = (network: NetworkKind): void => it('resets, narrows and renames', async ({ expect: expectHere }) => {
  const { status, output, complaint } = await (network === 'proxies' ? faultlineWithoutRoot : faultline)([
    'run', fileOf('links'), '--world', 'real', '--network', network, '--json']);
  expectHere({ status, complaint }).toEqual({ status: 0, complaint: '' });
  const report = JSON.parse(output) as RealReport;
  expectHere(report.network).toBe(network);
  expectHere(report.limits.length > 0).toBe(network === 'proxies');
  expectHere(report.notDone).toEqual([]);
  expectHere(report.strikes.filter(({ resolved }) => resolved === null)).toEqual([]);
  // The link that was reset resumes; the machine that is elsewhere follows with what it has, or anew.
  expectHere(report.syncs.full + report.syncs.partialOk).toBeGreaterThanOrEqual(2);
  expectHere(report.verdicts.find(({ name }) => name === 'convergence')?.detail).toBe('3 nodes agree');
}, TEST_MS);

const namespaceTests = (): unknown => describe.concurrent('the real world', () => {

  it('shows what the virtual one shows: verdicts, and outages and losses of the same size', async ({ expect: expectHere }) => {
    const { status, output, complaint } = await faultline([
      'compare', ...scenarios.map(({ name }) => fileOf(name.slice('real/'.length))), '--runs', '1', '--seeds', '3', '--parallel', '3', '--json']);
    expectHere(complaint).toBe('');
    expectHere(status).toBeLessThanOrEqual(1);
    const comparisons = JSON.parse(output) as readonly Comparison[];
    expectHere(comparisons.map((one) => one.scenario)).toEqual(scenarios.map(({ name }) => name));
    for (const { scenario: name, verdicts, figures, notDone } of comparisons) {
      expectHere(verdicts.filter(({ differs }) => differs), name).toEqual([]);
      expectHere(notDone, name).toEqual([]);
      const shown = verdicts.filter(({ counts }) => counts['real']?.['holds'] === 1).map((row) => row.name);
      expectHere(shown, name).toEqual(expectHere.arrayContaining(['convergence', 'service-restored']));
      for (const { name: figure, unit, spreads, differences } of figures) {
        // A run of a busy machine: what must not differ is whether it came about, and its order of magnitude.
        expectHere(spreads['real'] === null, `${name}: ${figure}`).toBe(spreads['virtual'] === null);
        if (unit === 'ms' && spreads['real'] !== null) expectHere(Math.abs(differences['real'] ?? NaN), `${name}: ${figure}`).toBeLessThan(5000);
      }
    }
  }, TEST_MS);

  showsLinks('namespaces');

  it('is cleared away when it is interrupted', async ({ expect: expectHere }) => {
    const { status, output, complaint } = await faultline(['run', fileOf('sentinel'), '--world', 'real', '--json'], 5000);
    expectHere({ status, output }).toEqual({ status: 2, output: '' });
    expectHere(complaint).toMatch(/^faultline: interrupted by SIGINT; everything is cleared away\n$/);
  }, TEST_MS);

  it('says in one line that a server cannot be started, or that what is said is not one', async ({ expect: expectHere }) => {
    const none = await faultline(['run', fileOf('sentinel'), '--world', 'real', '--server', '/nowhere/redis-server']);
    expectHere(none).toMatchObject({ status: 2, output: '', complaint: expectHere.stringMatching(/^faultline: --server: '\/nowhere\/redis-server' does not run as a Redis server\n$/) });
    const wrong = await faultline(['run', fileOf('sentinel'), '--world', 'imaginary']);
    expectHere(wrong).toMatchObject({ status: 2, complaint: "faultline: --world: 'imaginary' is neither virtual nor real\n" });
  }, TEST_MS);
});

const proxyTests = (): unknown => describe.concurrent('the real world without root', () => {
  showsLinks('proxies');

  it('shows the same: a failover, in its time and order', async ({ expect: expectHere }) => {
    const { output, complaint } = await faultlineWithoutRoot(['compare', fileOf('sentinel'), '--runs', '1', '--seeds', '3', '--json']);
    expectHere(complaint).toBe('');
    const { network, verdicts, figures, notDone } = JSON.parse(output) as Comparison & { readonly network: string };
    expectHere({ network, notDone, differs: verdicts.filter(({ differs }) => differs) }).toEqual({ network: 'proxies', notDone: [], differs: [] });
    for (const { name, unit, spreads, differences } of figures) {
      expectHere(spreads['real'] === null, name).toBe(spreads['virtual'] === null);
      if (unit === 'ms' && spreads['real'] !== null) expectHere(Math.abs(differences['real'] ?? NaN), name).toBeLessThan(5000);
    }
  }, TEST_MS);

  it('is cleared away when it is interrupted, and has no namespaces', async ({ expect: expectHere }) => {
    const { status, output, complaint } = await faultlineWithoutRoot(['run', fileOf('sentinel'), '--world', 'real', '--json'], 2000);
    expectHere({ status, output, complaint }).toEqual({
      status: 2, output: '', complaint: 'faultline: interrupted by SIGINT; everything is cleared away\n',
    });
    const refused = await faultlineWithoutRoot(['run', fileOf('sentinel'), '--world', 'real', '--network', 'namespaces']);
    expectHere(refused).toMatchObject({ status: 2, output: '', complaint: expectHere.stringMatching(/^faultline: --network namespaces: needs root.*--network proxies\n$/) });
  }, TEST_MS);

  it('says in one line that a server ended as soon as it was started, or that its port is taken', async ({ expect: expectHere }) => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '0.0.0.0', () => resolve((other.address() as AddressInfo).port));
    });
    const taken = await faultlineWithoutRoot(['run', save(single('taken', port, [])), '--world', 'real']);
    other.close();
    expectHere(taken).toMatchObject({ status: 2, output: '', complaint: expectHere.stringMatching(
      new RegExp(`^faultline: n1(?:: 127[.0-9]+:${port} cannot be listened on .*| ended by itself as soon as it was started .*)\\n$`)) });
    const wrong = await faultlineWithoutRoot(['run', save(single('wrong', port, [['maxmemory', 'plenty']])), '--world', 'real']);
    expectHere(wrong).toMatchObject({ status: 2, output: '', complaint: expectHere.stringMatching(
      /^faultline: n1 ended by itself as soon as it was started \(status 1\): .*\n$/) });
  }, TEST_MS);
});

/** Where something is missing: a skip that names it, or a failure where it has to be there. */
const withAll = (missing: string | null, tests: () => unknown): void => {
  if (missing === null) tests();
  else if (process.env['CI'] !== undefined) {
    it(`needs ${missing}`, () => {
      throw new Error(`the real world needs ${missing}`);
    });
  } else it.skip(`needs ${missing}`, () => undefined);
};

withAll(MISSING_FOR_NAMESPACES, namespaceTests);
withAll(MISSING, proxyTests);
// Behind the concurrent ones; the first of them has cleared away what was there before.
if (MISSING === null) describe('afterwards', () => it('no namespace, no file and no process is left', () => expect([...leftovers(), ...strays()]).toEqual([])));
