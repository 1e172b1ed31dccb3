/**
 * What of a deployment can fail as one: each process, each machine, each zone, and the links of a machine or between zones.
 *
 * Always holds: no two components mean the same. A zone of one machine is that machine; a process alone on its machine still is
 * another thing than it, since a machine takes the process's restart policy along.
 */
import type { Topology } from '../../sim/topology/topology.ts';

export type ComponentKind = 'process' | 'machine' | 'zone' | 'links';

export const COMPONENT_KINDS: readonly ComponentKind[] = ['process', 'machine', 'zone', 'links'];

export interface Component {
  readonly kind: ComponentKind;
  /** As tables show it: the process, machine or zone; of links `a - b`, or `a` with the clients beside it. */
  readonly name: string;
  /** Machines that are in it; of links those on one side. */
  readonly machines: readonly string[];
  /** Of links: the other side; empty: everybody else. */
  readonly others: readonly string[];
  /** Processes that go down with it; none of links. */
  readonly processes: readonly string[];
}

/** Of more machines than this not every pair's link is a component of its own: their number grows with the square. */
const LINKED_MACHINES_MAX = 6;

/** In the order in which tables show them. */
export const componentsOf = (topology: Topology): readonly Component[] => {
  const { machines, processes } = topology;
  const on = (names: readonly string[]): readonly string[] => processes.filter(({ machine }) => names.includes(machine)).map(({ name }) => name);
  const zones = [...new Set(machines.map(({ zone }) => zone))];
  const inZone = (zone: string): readonly string[] => machines.filter((machine) => machine.zone === zone).map(({ name }) => name);
  const used = machines.filter(({ name }) => on([name]).length > 0);
  // Containers of one host lose power together.
  const hosts = [...new Set(used.map(({ name, host }) => host ?? name))].map((name) => (
    { name, machines: used.filter((machine) => (machine.host ?? machine.name) === name).map((machine) => machine.name) }));
  return [
    ...processes.map(({ name, machine }): Component => ({ kind: 'process', name, machines: [machine], others: [], processes: [name] })),
    ...hosts.map((host): Component => ({ kind: 'machine', name: host.name, machines: host.machines, others: [], processes: on(host.machines) })),
    ...(zones.length < 2 ? [] : zones.map((zone): Component => (
      { kind: 'zone', name: zone, machines: inZone(zone), others: [], processes: on(inZone(zone)) }))),
    ...links(zones, inZone, hosts),
  ];
};

const links = (
  zones: readonly string[], inZone: (zone: string) => readonly string[], hosts: readonly Pick<Component, 'name' | 'machines'>[],
): readonly Component[] => {
  const component = (name: string, side: readonly string[], others: readonly string[]): Component =>
    ({ kind: 'links', name, machines: side, others, processes: [] });
  const zonePairs = zones.length < 3 ? [] : pairsOf(zones).map(([left, right]) => component(`${left} - ${right}`, inZone(left), inZone(right)));
  const machinePairs = hosts.length < 2 || hosts.length > LINKED_MACHINES_MAX ? []
    : pairsOf(hosts).map(([left, right]) => component(`${left.name} - ${right.name}`, left.machines, right.machines));
  return [...zonePairs, ...machinePairs];
};

/** Each two of a list, in its order. */
export const pairsOf = <Item>(items: readonly Item[]): readonly (readonly [Item, Item])[] =>
  items.flatMap((left, index) => items.slice(index + 1).map((right) => [left, right] as const));
