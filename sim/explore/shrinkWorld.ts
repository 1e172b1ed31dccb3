/**
 * Smaller worlds: a shorter run, fewer clients and probes, lower rates, fewer nodes.
 *
 * Taking somebody away renames nobody else. What is drawn of a link, a clock or a client goes by names, so the others meet with the
 * same as before.
 */
import type { ClientSpec, ExpandedScenario, Locator, PlanEntry, PlanValue } from '../scenario.ts';
import { type Entrypoint, type Topology, isClusterNode } from '../topology/topology.ts';
import { minimise } from './minimise.ts';
import { rounderBelow, rounderMsBelow } from './roundNumbers.ts';
import type { Shrinking } from './shrink.ts';

const SETTLINGS_MS: readonly number[] = [0, 1000, 5000, 10_000, 20_000, 30_000];

/** The faults' phase ends sooner, but not before the last entry has its time. */
export const shorterRun = (shrinking: Shrinking): void => {
  const { plan, durationMs } = shrinking.scenario;
  const last = Math.max(0, ...plan.map(({ when }) => ('atMs' in when ? when.atMs : 'atMicros' in when ? when.atMicros / 1000 : 0)));
  for (const shorter of rounderMsBelow(durationMs)) {
    if (shorter > last && shrinking.attempt({ ...shrinking.scenario, durationMs: shorter })) break;
  }
};

/**
 * Only where a promise was broken in the run's course: whoever asks whether things are well at the end must leave them the time
 * that they need.
 */
export const shorterSettling = (shrinking: Shrinking): void => {
  if (!shrinking.isOnline) return;
  for (const settlingMs of SETTLINGS_MS) {
    if (settlingMs < shrinking.scenario.settlingMs && shrinking.attempt({ ...shrinking.scenario, settlingMs })) break;
  }
};

export const fewerClients = (shrinking: Shrinking): void => {
  const base = shrinking.scenario;
  minimise(base.workload.probes, (probes) => shrinking.attempt(
    withoutNames({ ...base, workload: { ...base.workload, probes } }, namesLeft(base.workload.probes, probes))));
  const now = shrinking.scenario;
  minimise(now.workload.clients, (clients) => shrinking.attempt(
    withoutNames({ ...now, workload: { ...now.workload, clients } }, namesLeft(now.workload.clients, clients))));
};

const namesLeft = (before: readonly { readonly name: string }[], after: readonly { readonly name: string }[]): readonly string[] =>
  before.filter((one) => !after.includes(one)).map(({ name }) => name);

/** Lower rates, fewer keys, and none of what a client can do without. */
export const plainerClients = (shrinking: Shrinking): void => {
  for (let place = 0; place < shrinking.scenario.workload.clients.length; place++) {
    const { operationsPerSecond, keys } = shrinking.scenario.workload.clients[place] as ClientSpec;
    const change = (changed: (client: ClientSpec) => ClientSpec): boolean => {
      const { workload } = shrinking.scenario;
      const clients = workload.clients.map((client, index) => (index === place ? changed(client) : client));
      return shrinking.attempt({ ...shrinking.scenario, workload: { ...workload, clients } });
    };
    for (const field of ['wait', 'valueBytes', 'keys'] as const) {
      if ((shrinking.scenario.workload.clients[place] as ClientSpec)[field] === undefined) continue;
      change((client) => {
        const { [field]: _, ...rest } = client;
        return rest as ClientSpec;
      });
    }
    if (keys !== undefined) rounderBelow(keys).some((fewer) => change((client) => ({ ...client, keys: fewer })));
    rounderBelow(operationsPerSecond).some((rate) => change((client) => ({ ...client, operationsPerSecond: rate })));
  }
};

/** All that can go at once, then one after the other. */
export const fewerNodes = (shrinking: Shrinking): void => {
  const base = shrinking.scenario;
  const all = removable(base).flat();
  if (all.length > 0 && shrinking.attempt(withoutNodes(base, all))) return;
  for (const names of removable(base)) {
    if (names.every((name) => shrinking.scenario.topology.processes.some((process) => process.name === name))) {
      shrinking.attempt(withoutNodes(shrinking.scenario, names));
    }
  }
};

/** Sets of processes that can go together: sentinels, replicas that nobody follows, spare nodes, layers of a cluster's replicas. */
const removable = ({ topology }: ExpandedScenario): readonly (readonly string[])[] => {
  const { cluster, processes } = topology;
  const spare = processes.filter(({ name }) => cluster?.create.includes(name) !== true);
  const single = spare.filter((process) => process.kind === 'sentinel' || (isClusterNode(process)
    || (process.directives.some(([word]) => word === 'replicaof') && !isMentioned(topology, process.name))));
  const sets = single.map(({ name }) => [name]);
  // Where somebody said who is what, nobody can be spared.
  if (cluster === undefined || cluster.replicas === 0 || cluster.parts !== undefined) return sets;
  // redis-cli gives parts by the number of nodes: a whole layer of replicas goes, and the primaries keep their slots.
  const primaries = Math.floor(cluster.create.length / (cluster.replicas + 1));
  return [...sets, cluster.create.slice(primaries * cluster.replicas)];
};

/** Whether some other process is configured to follow or watch it: by its name, an alias, or its machine's address. */
const isMentioned = ({ machines, processes }: Topology, name: string): boolean => {
  const process = processes.find((one) => one.name === name);
  const address = machines.find((machine) => machine.name === process?.machine)?.address;
  const names = [name, ...(process?.aliases ?? []), process?.machine ?? name, address ?? name];
  return processes.some((other) => other.name !== name && other.directives.some(
    ([word, ...rest]) => (word === 'replicaof' || word === 'sentinel') && rest.some((each) => names.includes(each))));
};

/** Takes processes away, and machines that stand empty then; whoever was told of them is not any more. */
const withoutNodes = (scenario: ExpandedScenario, names: readonly string[]): ExpandedScenario => {
  const { topology, workload } = scenario;
  const processes = topology.processes.filter(({ name }) => !names.includes(name));
  const gone = topology.processes.filter(({ name }) => names.includes(name));
  const machines = topology.machines.filter(({ name }) => processes.some(({ machine }) => machine === name));
  const goneMachines = topology.machines.filter((machine) => !machines.includes(machine)).map(({ name }) => name);
  const hosts = gone.flatMap(({ name, machine, aliases, port }) => [name, machine, ...aliases].map((host) => `${host}:${port}`));
  const sentinels = processes.filter(({ kind }) => kind === 'sentinel').length;
  const { cluster, ...others } = topology;
  const create = cluster?.create.filter((name) => !names.includes(name)) ?? [];
  const layers = cluster === undefined || create.length === cluster.create.length ? 0 : 1;
  return withoutNames({
    ...scenario,
    topology: {
      ...others, machines,
      processes: processes.map((process) => ({
        ...process,
        directives: process.directives.map((words) => withQuorum(words, sentinels)),
        ...(process.entrypoint === undefined ? {} : { entrypoint: entrypointWithout(process.entrypoint, hosts) }),
      })),
      ...(cluster === undefined ? {} : { cluster: { ...cluster, create, replicas: cluster.replicas - layers } }),
    },
    workload: {
      clients: workload.clients.map((client) => locatorWithout(
        client.servers === undefined ? client : { ...client, servers: without(client.servers, hosts) }, hosts)),
      probes: workload.probes.map((probe) => locatorWithout(probe, hosts)),
    },
  }, [...names, ...goneMachines]);
};

const entrypointWithout = ({ ask, waitForPrimaryMs }: Entrypoint, hosts: readonly string[]): Entrypoint =>
  ({ waitForPrimaryMs, ask: ask === null ? null : { ...ask, sentinels: without(ask.sentinels, hosts) } });

/** No quorum is larger than the number of sentinels. */
const withQuorum = (words: readonly string[], sentinels: number): readonly string[] => {
  if (words[0] !== 'sentinel' || words[1] !== 'monitor' || Number(words[5]) <= sentinels) return words;
  return [...words.slice(0, 5), String(Math.max(1, sentinels))];
};

const without = (list: readonly string[], gone: readonly string[]): readonly string[] => {
  const left = list.filter((each) => !gone.includes(each));
  return left.length === 0 ? list : left;
};

const locatorWithout = <Whoever extends Locator>(whoever: Whoever, hosts: readonly string[]): Whoever => {
  const { sentinel, sentinelOnce, cluster } = whoever;
  if (sentinel !== undefined) return { ...whoever, sentinel: { ...sentinel, sentinels: without(sentinel.sentinels, hosts) } };
  if (sentinelOnce !== undefined) {
    return { ...whoever, sentinelOnce: { ...sentinelOnce, sentinels: without(sentinelOnce.sentinels, hosts) } };
  }
  return cluster === undefined ? whoever : { ...whoever, cluster: { ...cluster, nodes: without(cluster.nodes, hosts) } };
};

/** The plan does not name them any more where it lists names. */
const withoutNames = (scenario: ExpandedScenario, names: readonly string[]): ExpandedScenario => ({
  ...scenario,
  plan: scenario.plan.map((entry): PlanEntry => (entry.with === undefined ? entry : {
    ...entry, with: Object.fromEntries(Object.entries(entry.with).map(([name, value]) => [name, listWithout(value, names)])),
  })),
});

const listWithout = (value: PlanValue, names: readonly string[]): PlanValue => {
  if (!Array.isArray(value) || value.length === 0 || !value.every((group) => Array.isArray(group))) return value;
  return (value as readonly (readonly string[])[]).map((group) => group.filter((name) => !names.includes(name)));
};
