/** What the claims about Sentinel run, beside the scenarios that are there anyhow. */
import { SENTINEL_COMMAND } from '../../sim/wireWords.ts';
import type { PlanEntry, Scenario } from '../../sim/scenario.ts';
import type { ProcessSpec, Topology } from '../../sim/topology/topology.ts';
import { SENTINEL_PORT } from '../../sim/topology/sentinelDirectives.ts';
import { at, boot, command, follow, kill, partition, power } from '../plan.ts';
import { COMPOSE, PERSISTED, clientsOf, composeClients, watched } from '../sentinel/deployment.ts';
import { PRIMARY_NAME } from '../topologies.ts';

/** What clients ask a sentinel, and what an operator does. */
export const ASK_ADDRESS: readonly string[] = ['SENTINEL', SENTINEL_COMMAND.primaryAddress, PRIMARY_NAME];
export const ASK_PRIMARY: readonly string[] = ['SENTINEL', SENTINEL_COMMAND.primary, PRIMARY_NAME];

const withProcesses = (topology: Topology, change: (process: ProcessSpec) => ProcessSpec): Topology =>
  ({ ...topology, processes: topology.processes.map(change) });

/** Clients listen to the news of the sentinels, and ask them. */
export const sentinelDuties: Scenario = {
  name: 'claims/sentinel-duties',
  teaches: 'Sentinels find the primary down, replace it, publish that, and answer with the address of the new one.',
  topology: COMPOSE,
  workload: composeClients({ listens: true }),
  plan: [
    command(at(15_000), 'redis-sentinel-3', ...ASK_ADDRESS),
    kill(at(20_000), 'the primary'),
    command(at(32_000), 'redis-sentinel-3', ...ASK_ADDRESS),
  ],
  durationMs: 36_000,
  settlingMs: 20_000,
  expects: { verdicts: { 'service-restored': 'holds' }, failovers: { min: 1, max: 1 }, lost: { max: 0 } },
};

/** n3 is a replica of n2, and n2 must not be promoted. */
const twoLevels = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED, directivesOf: { n2: [['replica-priority', '0']] },
});
const SECOND_LEVEL = 'n3';
const chain = withProcesses(twoLevels, (process) => (process.name === SECOND_LEVEL
  ? { ...process, directives: process.directives.map((words) => (words[0] === 'replicaof' ? ['replicaof', '10.0.0.2', '6379'] : words)) }
    : process));

const secondLevel = { durationMs: 50_000, settlingMs: 20_000, expects: { verdicts: {} } } as const;

export const secondLevelUnknown: Scenario = {
  ...secondLevel,
  name: 'claims/second-level-unknown',
  teaches: 'A replica of a replica that the primary never had as its own is unknown to Sentinel: it is not promoted.',
  topology: chain,
  workload: clientsOf(chain),
  plan: [kill(at(25_000), 'n1')],
};

export const secondLevelKnown: Scenario = {
  ...secondLevel,
  name: 'claims/second-level-known',
  teaches: 'A replica that the primary once listed stays a candidate: moved behind another replica it is promoted all the same.',
  topology: twoLevels,
  workload: clientsOf(twoLevels),
  plan: [follow(at(22_000), SECOND_LEVEL, 'n2'), kill(at(25_000), 'n1')],
};

const apart = watched({ replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED });

/** The sentinels move to the primary's machine, each to a port of its own. */
const together = withProcesses(apart, (process) => {
  if (process.kind !== 'sentinel') return process;
  const port = SENTINEL_PORT + Number(process.name.slice(1)) - 1;
  return {
    ...process, machine: 'n1', port,
    directives: process.directives.map((words) => (words[0] === 'port' ? ['port', String(port)] : words)),
  };
});

export const sentinelsOnOneMachine: Scenario = {
  name: 'claims/sentinels-on-one-machine',
  teaches: 'Three sentinels on the primary\'s machine are lost with it: nobody is left to fail over.',
  topology: together,
  workload: clientsOf(together),
  plan: [power(at(20_000), 'n1'), boot(at(50_000), 'n1')],
  durationMs: 70_000,
  settlingMs: 30_000,
  expects: { verdicts: {}, failovers: { max: 0 }, unavailableMs: { min: 30_000, max: 36_000 } },
};

const askKnown: readonly PlanEntry[] = ['s1', 's2', 's3'].map((sentinel) =>
  command(at(20_000), sentinel, ...ASK_PRIMARY));

/** The sentinels reach the data nodes and not each other, from the start on. */
export const sentinelsMeet: Scenario = {
  name: 'claims/sentinels-meet',
  teaches: 'Sentinels find each other by what they publish on the primary; to agree and to vote they must reach each other.',
  topology: apart,
  workload: clientsOf(apart),
  plan: [partition(at(0), [['s1'], ['s2'], ['s3']], 60_000), ...askKnown, kill(at(25_000), 'n1')],
  durationMs: 60_000,
  settlingMs: 40_000,
  expects: { verdicts: {} },
};

const speechless = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: [...PERSISTED, ['rename-command', 'PUBLISH', '']],
});

export const sentinelsWithoutPubSub: Scenario = {
  name: 'claims/sentinels-without-pubsub',
  teaches: 'Where PUBLISH is taken away from the data nodes, sentinels never hear of each other, and none can be elected.',
  topology: speechless,
  workload: clientsOf(speechless),
  plan: [...askKnown, kill(at(25_000), 'n1')],
  durationMs: 60_000,
  settlingMs: 10_000,
  expects: { verdicts: {}, failovers: { max: 0 } },
};

/** s1 loses the data nodes, and keeps the other sentinels. */
export const sdownAlone: Scenario = {
  name: 'claims/sdown-alone',
  teaches: 'One sentinel alone that does not reach the primary holds it to be down, and nothing follows from that.',
  topology: apart,
  workload: clientsOf(apart),
  plan: [partition(at(20_000), [['s1'], ['n1', 'n2', 'n3']], 40_000)],
  durationMs: 65_000,
  settlingMs: 30_000,
  expects: { verdicts: { 'service-restored': 'holds' }, failovers: { max: 0 }, lost: { max: 0 }, unavailableMs: { max: 0 } },
};

const infoRefused = watched({
  replicas: 2, sentinels: 3, quorum: 2, placement: 'apart', directives: PERSISTED,
  directivesOf: Object.fromEntries(['s1', 's2', 's3'].map((name) =>
    [name, [['sentinel', 'rename-command', PRIMARY_NAME, 'INFO', 'NOSUCH']]])),
});

/** The primary answers PING, and each INFO with an error. */
export const infoUnanswered: Scenario = {
  name: 'claims/info-unanswered',
  teaches: 'INFO without a valid answer makes nobody subjectively down: PING alone counts.',
  topology: infoRefused,
  workload: clientsOf(infoRefused),
  plan: [command(at(30_000), 's1', ...ASK_PRIMARY)],
  durationMs: 60_000,
  settlingMs: 20_000,
  expects: { verdicts: {}, failovers: { max: 0 }, lost: { max: 0 } },
};
