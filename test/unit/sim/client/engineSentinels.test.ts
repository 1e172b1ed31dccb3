/** The clients with the engine's own servers and sentinels in the virtual world: nothing by hand. */
import { describe, expect, test } from 'vitest';
import { bytes, parseConfigText, startSentinel } from '../../../../engine/index.ts';
import { at, client, partition, power, sentinelClients, sentinelPlaces } from '../../../../scenarios/plan.ts';
import { PRIMARY_NAME, sentinelTopology } from '../../../../scenarios/topologies.ts';
import { History } from '../../../../sim/client/history.ts';
import { readerClient } from '../../../../sim/client/reader.ts';
import { type WriterSpec, workloadClient } from '../../../../sim/client/workload.ts';
import { runScenario } from '../../../../sim/run.ts';
import type { Locator, PlanEntry, ResolvedScenario } from '../../../../sim/scenario.ts';
import { Deployment, type Node, PORT } from '../../engine/server/deployment.ts';
import { SECOND } from '../echo.ts';
import { SERVICE } from './fakeServers.ts';

const SENTINEL_PORT = 26379;
const CONFIG_FILE = bytes('sentinel.conf');
const PASSWORD = 'of-nodes';
const SENTINEL_PASSWORD = 'of-sentinels';
const LAST = 20;

const startSentinels = (deployment: Deployment, primary: Node): readonly string[] =>
  ['s1', 's2', 's3'].map((name) => {
    const text = [
      `port ${SENTINEL_PORT}`, `requirepass ${SENTINEL_PASSWORD}`, `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
      `sentinel monitor ${SERVICE} ${primary.machine.address} ${PORT} 2`, `sentinel auth-pass ${SERVICE} ${PASSWORD}`,
      `sentinel down-after-milliseconds ${SERVICE} 1000`, `sentinel failover-timeout ${SERVICE} 6000`, '',
    ].join('\n');
    const process = deployment.world.process(name, (host) => {
      const file = host.files.open(CONFIG_FILE, 'create');
      file.append(bytes(text));
      file.close();
      startSentinel(host, parseConfigText(bytes(text), name), { configFile: CONFIG_FILE });
    });
    process.start();
    return `${process.machine.address}:${SENTINEL_PORT}`;
  });

describe('clients of the engine with its sentinels', () => {
  test('follow a failover, unless they asked only once; readers read from the replica that is left', () => {
    const deployment = new Deployment();
    const { world } = deployment;
    const auth = `requirepass ${PASSWORD}\nmasterauth ${PASSWORD}`;
    const main = deployment.server('main', auth);
    const replicas = ['r1', 'r2'].map((name) => deployment.server(name, `${auth}\nreplicaof ${main.machine.address} ${PORT}`));
    world.run(5);
    const sentinels = startSentinels(deployment, main);
    world.run(20);

    const history = new History();
    const recorder = { history, now: (): number => world.kernel.now, stopAtMicros: 120 * SECOND };
    const beliefs = new Map<string, string[]>();
    const service = { name: SERVICE, sentinels, password: SENTINEL_PASSWORD };
    const write = (name: string, locator: Locator): void => {
      const spec: WriterSpec = { name, zone: 'a', kind: 'register', operationsPerSecond: 20, timeoutMs: 500, ...locator };
      const heard: string[] = [];
      const process = world.process(name, workloadClient(spec, recorder, 10));
      process.notes = { note: (_, note) => void (note.kind === 'belief' && heard.push(String(note.primary))) };
      beliefs.set(name, heard);
      process.start();
    };
    write('plain', { sentinel: { ...service, listens: false }, password: PASSWORD });
    write('listening', { sentinel: { ...service, listens: true }, password: PASSWORD });
    write('once', { sentinelOnce: service, password: PASSWORD });
    world.process('reader', readerClient({
      name: 'reader', zone: 'a', kind: 'reader', operationsPerSecond: 20, timeoutMs: 500, readsFrom: 'replicas',
      sentinel: { ...service, listens: false }, password: PASSWORD,
    }, [bytes('register:plain:0')], recorder, 10)).start();
    const last = (name: string): readonly string[] =>
      history.operations.filter(({ client }) => client === name).slice(-LAST, -1).map(({ outcome }) => outcome);

    world.run(3);
    const old = `${main.machine.address}:${PORT}`;
    for (const name of ['plain', 'listening', 'once']) {
      expect(beliefs.get(name)).toEqual([old]);
      expect(new Set(last(name))).toEqual(new Set(['ok']));
    }
    main.process.kill();
    world.run(15);
    const promoted = beliefs.get('plain')?.[1];
    expect(replicas.map(({ machine }) => `${machine.address}:${PORT}`)).toContain(promoted);
    for (const name of ['plain', 'listening']) {
      expect(beliefs.get(name)).toEqual([old, promoted]);
      expect(new Set(last(name))).toEqual(new Set(['ok']));
    }
    expect(beliefs.get('once')).toEqual([old]);
    expect(new Set(last('once'))).toEqual(new Set(['failed']));
    const reads = history.reads.slice(-LAST, -1);
    expect(new Set(reads.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(reads.every(({ value }) => value?.startsWith('plain:'))).toBe(true);
  });
});

describe('a scenario with sentinels', () => {
  const scenario = (listens: boolean, plan: readonly PlanEntry[] = [power(at(20_000), 'n1')]): ResolvedScenario => {
    const topology = sentinelTopology({
      replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', downAfterMs: 1000, failoverTimeoutMs: 6000,
      directives: [['repl-diskless-sync-delay', '0']],
    });
    const sentinels = sentinelPlaces(topology);
    const workload = sentinelClients(PRIMARY_NAME, sentinels, { listens });
    const reader = client('R1', 'reader', { sentinel: { name: PRIMARY_NAME, sentinels, listens }, readsFrom: 'replicas' });
    return {
      name: 'sentinels', teaches: 'x', topology, workload: { ...workload, clients: [...workload.clients, reader] },
      plan, durationMs: 40_000, settlingMs: 20_000, expects: { verdicts: {} },
    };
  };

  test.each([false, true])('listening: %s; clients, probe and the last read find the promoted primary, each time alike', (listens) => {
    const report = runScenario(scenario(listens), 1);
    const verdict = (name: string): string | undefined => report.verdicts.find((one) => one.name === name)?.verdict;
    expect(verdict('service-restored'), report.replay).toBe('holds');
    expect(verdict('model-agrees'), report.replay).toBe('holds');
    expect(report.ledger.acknowledged).toBeGreaterThan(600);
    expect(report.ledger.bugs).toBe(0);
    // Down after 1 s, an election, a promotion; and no client waits much longer.
    expect(report.unavailableMs).toBeGreaterThan(1000);
    expect(report.unavailableMs).toBeLessThan(8000);
    expect(runScenario(scenario(listens), 1).traceHash).toBe(report.traceHash);
  });

  test('clients that still reach a replaced primary write to it until it is told; those that listen leave at the news', () => {
    const plan = [partition(at(20_000), [['n1'], ['n2', 'n3', 's1', 's2', 's3']], 15_000)];
    const [plain, listening] = [false, true].map((listens) => runScenario(scenario(listens, plan), 1).ledger);
    expect([plain?.bugs, listening?.bugs]).toEqual([0, 0]);
    expect(listening?.lost).toBeGreaterThan(0);
    expect(plain?.lost).toBeGreaterThan(4 * (listening?.lost ?? 0));
  });
});
