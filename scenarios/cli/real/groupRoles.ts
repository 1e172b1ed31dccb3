/**
 * Targets that mean several machines by where they are or what has become of them, in a real run: the same words as in
 * `sim/fault/groupTargets.ts`, by what is known of real processes.
 */
import type { Knowledge } from './roles.ts';

const ZONE = /^zone (.+)$/;
const CLIENTS_OF = /^the clients of zone (.+)$/;
const DEAD = 'the dead nodes';

/** Data nodes and sentinels, by name. */
const deployed = ({ nodes, sentinels }: Knowledge): readonly { readonly name: string; readonly machine: string; readonly isAlive: boolean }[] =>
  [...nodes, ...sentinels].sort((left, right) => (left.name < right.name ? -1 : 1));

/** Names of the machines, or of the clients, that `target` means; null: it is no such group. */
export const groupOfMachines = (known: Knowledge, target: string): readonly string[] | null => {
  const machines = (): readonly string[] => [...new Set(deployed(known).map(({ machine }) => machine))].sort();
  const minority = (): number => Math.max(0, Math.floor((machines().length - 1) / 2));
  const inZone = (zones: ReadonlyMap<string, string>, zone: string): readonly string[] =>
    [...zones].flatMap(([name, where]) => (where === zone ? [name] : []));
  switch (target) {
    case 'the clients': return [...known.clients.keys()];
    case 'a minority of the machines': return machines().slice(0, minority());
    case 'a majority of the machines': return machines().slice(minority());
    default: {
      const clients = CLIENTS_OF.exec(target)?.[1];
      if (clients !== undefined) return inZone(known.clients, clients);
      const zone = ZONE.exec(target)?.[1];
      return zone === undefined ? null : inZone(known.zones, zone);
    }
  }
};

/** Names of the processes that `target` means; null: it is no such group. */
export const groupOfProcesses = (known: Knowledge, target: string): readonly string[] | null => {
  if (target === DEAD) return deployed(known).flatMap(({ name, isAlive }) => (isAlive ? [] : [name]));
  const machines = groupOfMachines(known, target);
  return machines === null ? null : machines.flatMap((machine) => known.machines.get(machine) ?? []);
};
