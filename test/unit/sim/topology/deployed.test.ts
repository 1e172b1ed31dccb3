/** Deployments with sentinels, run: the primary's machine loses its power for a while, a replica is promoted, all follow it. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at, client, power } from '../../../../scenarios/plan.ts';
import { sentinelTopology } from '../../../../scenarios/topologies.ts';
import { runScenario } from '../../../../sim/run.ts';
import type { ResolvedScenario } from '../../../../sim/scenario.ts';
import { importDeployment, noOtherFiles } from '../../../../sim/topology/importDeployment.ts';
import { sentinelServices } from '../../../../sim/topology/sentinelService.ts';
import type { Topology } from '../../../../sim/topology/topology.ts';
import { passwordOf } from '../../../../sim/topology/topology.ts';

const SEED = 1;

const importSeed = (name: string, from: string, to: string): Topology => {
  const text = readFileSync(new URL(`../../../../scenarios/seeds/${name}`, import.meta.url), 'utf8');
  const changed = text.replaceAll(from, to);
  expect(changed).not.toBe(text);
  return importDeployment([{ file: name, text: changed }], noOtherFiles);
};

/** Clients that are told nothing but the topology. */
const scenarioOf = (topology: Topology): ResolvedScenario => {
  const [service] = sentinelServices(topology);
  const [first] = topology.processes;
  if (service === undefined || first === undefined) throw new Error('a topology without sentinels');
  const password = passwordOf(first);
  const located = { sentinel: { ...service, listens: true }, ...(password === null ? {} : { password }) };
  const { server: _, ...worker } = client('C1', 'setAdd', { server: 'nobody:1' });
  return {
    name: 'test/deployed', teaches: 'nothing', topology,
    workload: { clients: [{ ...worker, ...located }], probes: [{ name: 'P1', zone: 'zone-a', ...located }] },
    plan: [power(at(10_000), first.machine, 40_000)],
    durationMs: 80_000, settlingMs: 40_000, expects: { verdicts: {} },
  } as ResolvedScenario;
};

describe('a deployment with sentinels', () => {
  test.each<[string, () => Topology]>([
    ['of Docker Compose', () => importSeed('sentinel.compose.yaml', "image: 'bitnami", "restart: always\n    image: 'bitnami")],
    ['of the Helm chart, with a password', () => importSeed(
      'kubernetes.values.yaml', 'quorum: 2', 'quorum: 2\n    downAfterMilliseconds: 3000\n  useHostnames: false')],
    ['built by a script', () => sentinelTopology({
      replicas: 4, sentinels: 5, quorum: 3, placement: 'beside', downAfterMs: 3000, failoverTimeoutMs: 18_000, restart: 'always',
    })],
  ])('%s outlives its primary, which comes back as a replica', (_name, topologyFor) => {
    const topology = topologyFor();
    const report = runScenario(scenarioOf(topology), SEED);
    const said = `seed ${SEED}\n${JSON.stringify(report.nodes, null, 1)}`;
    const old = topology.processes[0]?.name;
    const primaries = report.nodes.filter(({ role }) => role === 'primary').map(({ name }) => name);
    expect(primaries, said).toHaveLength(1);
    expect(primaries, said).not.toContain(old);
    expect(report.nodes.every(({ state }) => state === 'running'), said).toBe(true);
    expect(new Set(report.nodes.map(({ digest }) => digest)).size, said).toBe(1);
    expect(report.ledger.acknowledged, said).toBeGreaterThan(500);
    expect(report.ledger.bugs, said).toBe(0);
    expect(report.unavailableMs, said).toBeGreaterThan(3000);
    expect(report.unavailableMs, said).toBeLessThan(30_000);
  });
});
