/**
 * Who gets which slots, and who follows whom, when a cluster is created: what `redis-cli --cluster create` decides for nodes on
 * machines of their own.
 *
 * Source: clusterManagerCommandCreate in redis-cli.c of Redis 7.0, read for its behaviour.
 */
import { SLOTS, ScenarioError, bytes, keySlot } from '../../engine/index.ts';
import type { ClusterPart, SlotRange, Topology } from './topology.ts';

/** redis-cli refuses to create smaller clusters, which no majority could survive. */
export const CLUSTER_PRIMARIES_MIN = 3;

/** What the nodes of a topology's cluster are to be, in the order in which they are named; none where it makes no cluster. */
export const partsOf = ({ cluster }: Topology): readonly ClusterPart[] =>
  (cluster === undefined ? [] : cluster.parts ?? clusterParts(cluster.create.length, cluster.replicas));

/** The parts of so many nodes, in the order in which they are named. Throws `ScenarioError` for too few. */
export const clusterParts = (nodes: number, replicas: number): readonly ClusterPart[] => {
  const primaries = Math.floor(nodes / (replicas + 1));
  if (primaries < 1) throw new ScenarioError(`a cluster of ${nodes} nodes with ${replicas} replicas each has no primary`);
  const parts: ClusterPart[] = [];
  for (let index = 0; index < primaries; index++) parts.push(rangeOf(index, primaries));
  // The first of those left comes last: redis-cli turns the list by one.
  const others = Array.from({ length: nodes - primaries }, (_, index) => primaries + index);
  const first = others.shift();
  if (first !== undefined) others.push(first);
  // Each primary takes its replicas in its turn; those that are more than asked for go round once again.
  for (const [place, node] of others.entries()) {
    const primary = place < primaries * replicas ? Math.floor(place / replicas) : (place - primaries * replicas) % primaries;
    parts[node] = { kind: 'replica', primary };
  }
  return parts;
};

/** Ranges end where the running sum of equal shares is rounded to. */
const rangeOf = (index: number, primaries: number): ClusterPart => {
  const share = SLOTS / primaries;
  const endOf = (place: number): number => (place === primaries - 1 ? SLOTS - 1 : Math.floor(place * share + share - 1 + 0.5));
  return { kind: 'primary', slots: [{ first: index === 0 ? 0 : endOf(index - 1) + 1, last: endOf(index) }] };
};

/** For each primary of a new cluster that has slots a hash tag, `{0}`, `{1}`, …, whose keys belong to it, in the order of their slots. */
export const rangeKeys = (topology: Topology): readonly string[] => {
  const tags: string[] = [];
  for (const part of partsOf(topology)) {
    if (part.kind !== 'primary' || part.slots.length === 0) continue;
    let tag = 0;
    while (!isIn(keySlot(bytes(`{${tag}}`)), part.slots)) tag++;
    tags.push(`{${tag}}`);
  }
  return tags;
};

const isIn = (slot: number, ranges: readonly SlotRange[]): boolean => ranges.some(({ first, last }) => slot >= first && slot <= last);

/** `host:port` of the nodes that the topology's cluster is made of; none where it makes no cluster. */
export const clusterPlaces = ({ cluster, processes }: Topology): readonly string[] => (cluster?.create ?? []).map((name) => {
  const process = processes.find((one) => one.name === name);
  if (process === undefined) throw new ScenarioError(`cluster: no process is called '${name}'`);
  return `${name}:${process.port}`;
});
