/** What the claims about Cluster run, beside the scenarios that are there anyhow. */
import type { ProbeSpec, Scenario, WorkloadSpec } from '../../sim/scenario.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { clusterClients, threeAndThree } from '../cluster/deployment.ts';
import { at, command, kill, start } from '../plan.ts';

/** Each range of slots is probed from a zone that has its name: `range-1` belongs to n1. */
const byRange = (topology: Topology): WorkloadSpec => {
  const { clients, probes } = clusterClients(topology);
  return { clients, probes: probes.map((probe, index): ProbeSpec => ({ ...probe, zone: `range-${index + 1}` })) };
};

const primaryDies = (name: string, coverage: 'yes' | 'no', teaches: string): Scenario => {
  const topology = threeAndThree({ directives: [['cluster-require-full-coverage', coverage]] });
  return {
    name, teaches, topology, workload: byRange(topology), plan: [kill(at(20_000), 'n1')],
    durationMs: 40_000, settlingMs: 20_000, expects: { verdicts: { 'service-restored': 'holds' } },
  };
};

export const dyingFullCoverage: Scenario = primaryDies(
  'claims/dying-full-coverage', 'yes', 'By default all slots stop between the failure of a primary and the election of its replica.');

export const dyingPartialCoverage: Scenario = primaryDies(
  'claims/dying-partial-coverage', 'no', 'Without full coverage only the slots of the dead primary stop until its replica is elected.');

const persisted = threeAndThree({ directives: [['appendonly', 'yes']] });

const comesBack = (name: string, afterMs: number, teaches: string): Scenario => ({
  name, teaches, topology: persisted, workload: clusterClients(persisted),
  plan: [kill(at(20_000), 'n1'), start(at(20_000 + afterMs), 'n1')],
  durationMs: 50_000, settlingMs: 20_000, expects: { verdicts: { 'service-restored': 'holds' } },
});

export const primaryComesBackLate: Scenario = comesBack(
  'claims/primary-comes-back-late', 20_000, 'A primary whose slots were taken over comes back as a replica of the new owner.');

export const primaryComesBackSoon: Scenario = comesBack(
  'claims/primary-comes-back-soon', 1500, 'A primary that is back before anybody was elected is the primary still.');

const asked = threeAndThree();
/** Slot 12182: the third range, that of n3. */
const KEY = 'foo';

/** A cluster is asked for what it says of itself; then the first range loses its primary and its replica. */
export const clusterInfo: Scenario = {
  name: 'claims/cluster-info',
  teaches: 'What a cluster says of itself, of its ports and of keys that another node serves; and what it says when slots are gone.',
  topology: asked,
  workload: { clients: [], probes: [] },
  plan: [
    command(at(25_000), 'n2', 'CLUSTER', 'INFO'),
    command(at(25_000), 'n2', 'CLUSTER', 'NODES'),
    command(at(25_000), 'n2', 'CLUSTER', 'KEYSLOT', KEY),
    command(at(26_000), 'n1', 'SET', KEY, 'bar'),
    command(at(26_500), 'n3', 'SET', KEY, 'bar'),
    command(at(27_000), 'n1', 'GET', KEY),
    command(at(27_500), 'n3', 'GET', KEY),
    kill(at(30_000), 'n1'),
    kill(at(30_000), 'n5'),
    command(at(45_000), 'n2', 'CLUSTER', 'INFO'),
  ],
  durationMs: 50_000,
  settlingMs: 5000,
  expects: { verdicts: {} },
};
