/**
 * The speed of clusters in the virtual world: 60 seconds of the deployment that users bring, a hundred nodes, and what one message of
 * the bus costs among a hundred nodes against among six.
 *
 * Always holds: in the worlds that are compared every node hears about as many messages a second (the node timeouts differ for that),
 * so that timers weigh the same in both; their nodes are primaries without clients, so that every segment is a message of the bus.
 */
import { hundredNodes } from '../../scenarios/cluster/hundredNodes.ts';
import { clusterClients } from '../../scenarios/cluster/deployment.ts';
import { readerIn } from '../../scenarios/cli/files.ts';
import { resolve } from '../../scenarios/index.ts';
import { clusterTopology } from '../../scenarios/topologies.ts';
import type { ResolvedScenario, Scenario } from '../../sim/index.ts';
import { micros } from '../../engine/index.ts';
import { NO_ENGINE_BUGS } from '../../sim/node/serverProgram.ts';
import { World } from '../../sim/world.ts';
import { type Progress, type ScenarioRow, measure } from './scenario.ts';
import type { BenchRow } from './server.ts';

const CLUSTER_TARGET = 1000;
const CLUSTER_MS = 60_000;
const CLIENTS = 3;
/** A hundred nodes must be faster than time. */
const HUNDRED_TARGET = 1;

const deployment: Scenario = {
  name: 'bench/cluster', teaches: '', topology: { file: 'cluster.compose.yaml' }, workload: { clients: [], probes: [] }, plan: [],
  durationMs: CLUSTER_MS, settlingMs: 0, expects: { verdicts: {} },
};

/** Three clients at 10 operations a second, and a probe for each range of slots. */
export const clusterBench = (onProgress: Progress): ScenarioRow => {
  const { topology } = resolve(deployment, readerIn(null));
  const { clients, probes } = clusterClients(topology);
  const workload = { clients: clients.slice(0, CLIENTS), probes };
  return measure('cluster 3+3, three clients', { ...deployment, topology, workload }, CLUSTER_TARGET, onProgress);
};

export const hundredNodesBench = (onProgress: Progress): ScenarioRow =>
  measure('cluster of a hundred nodes', hundredNodes, HUNDRED_TARGET, onProgress);

const FEW = 6;
const MANY = 100;
/** With these every node hears 20 to 25 messages a second. */
const FEW_TIMEOUT_MS = 800;
const MANY_TIMEOUT_MS = 6000;
const UNTIL_MADE_MS = 30_000;
const FEW_MS = 200_000;
const MANY_MS = 10_000;
const REPETITIONS = 3;
/** A message may cost this much more among many than among few. */
const MESSAGE_TARGET = 1.5;
const MICROS_PER_MS = 1000;

/** Microseconds of this machine for a message. */
const messageCost = (primaries: number, nodeTimeoutMs: number, durationMs: number, seed: number): number => {
  const scenario: ResolvedScenario = {
    name: 'bench/bus', teaches: '', topology: clusterTopology({ primaries, replicasEach: 0, nodeTimeoutMs }),
    workload: { clients: [], probes: [] }, plan: [], durationMs: UNTIL_MADE_MS + durationMs, settlingMs: 0, expects: { verdicts: {} },
  };
  const world = new World(scenario, seed, NO_ENGINE_BUGS, null);
  world.start();
  world.kernel.runUntil(micros(UNTIL_MADE_MS * MICROS_PER_MS));
  const before = world.kernel.eventCounts()['segment'] ?? 0;
  const started = performance.now();
  world.kernel.runUntil(micros((UNTIL_MADE_MS + durationMs) * MICROS_PER_MS));
  const spentMs = performance.now() - started;
  const messages = (world.kernel.eventCounts()['segment'] ?? 0) - before;
  return (spentMs * 1000) / messages;
};

/** `value` is what a message costs among six, `against` the same among a hundred, scaled by what is permitted. */
export const busMessageBench = (onProgress: Progress): BenchRow => {
  const repetitions = [];
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    const few = messageCost(FEW, FEW_TIMEOUT_MS, FEW_MS, repetition + 1);
    const many = messageCost(MANY, MANY_TIMEOUT_MS, MANY_MS, repetition + 1);
    onProgress(`a message of the bus: ${few.toFixed(1)} µs among ${FEW} nodes, ${many.toFixed(1)} among ${MANY}`);
    if (repetition > 0) repetitions.push({ value: MESSAGE_TARGET * few, against: many, ratio: (MESSAGE_TARGET * few) / many });
  }
  const median = repetitions.sort((left, right) => left.ratio - right.ratio)[Math.floor(REPETITIONS / 2)];
  if (median === undefined) throw new Error('no repetition was measured');
  return { name: `bus message, ${MESSAGE_TARGET} x among ${FEW} / among ${MANY}`, unit: 'µs', target: 1, ...median };
};
