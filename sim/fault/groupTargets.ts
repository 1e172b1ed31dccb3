/**
 * Targets that mean several machines by where they are or what has become of them:
 *
 *   zone NAME                       the machines of the deployment in that zone
 *   the clients                     all clients and probes; `the clients of zone NAME`: those there
 *   a minority of the machines      of the n of the deployment the first floor((n-1)/2) by name, on or off
 *   a majority of the machines      all the others: the two never overlap
 *   the dead nodes                  the processes of the deployment that do not run, by name
 *
 * Always holds: clients are no part of the deployment, whatever their zone.
 */
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { WorldParts } from './worldParts.ts';

const ZONE = /^zone (.+)$/;
const CLIENTS_OF = /^the clients of zone (.+)$/;

/** Data nodes and sentinels, by name. */
const deployed = ({ views, sentinels }: WorldParts): readonly SimProcess[] =>
  [...views, ...sentinels].map(({ process }) => process).sort((left, right) => (left.name < right.name ? -1 : 1));

const machinesOf = (parts: WorldParts): readonly Machine[] =>
  [...new Set(deployed(parts).map(({ machine }) => machine))].sort((left, right) => (left.name < right.name ? -1 : 1));

const clientsOf = (parts: WorldParts): readonly Machine[] =>
  [...parts.clients].flatMap((name) => parts.machines.get(name) ?? []);

/** The machines that `target` means; null: it is no such group. */
export const groupOfMachines = (parts: WorldParts, target: string): readonly Machine[] | null => {
  const minority = (): number => Math.max(0, Math.floor((machinesOf(parts).length - 1) / 2));
  switch (target) {
    case 'the clients': return clientsOf(parts);
    case 'a minority of the machines': return machinesOf(parts).slice(0, minority());
    case 'a majority of the machines': return machinesOf(parts).slice(minority());
    default: {
      const clients = CLIENTS_OF.exec(target)?.[1];
      if (clients !== undefined) return clientsOf(parts).filter(({ zone }) => zone === clients);
      const zone = ZONE.exec(target)?.[1];
      return zone === undefined ? null : machinesOf(parts).filter((machine) => machine.zone === zone);
    }
  }
};

/** The processes that `target` means; null: it is no such group. */
export const groupOfProcesses = (parts: WorldParts, target: string): readonly SimProcess[] | null => {
  if (target === 'the dead nodes') return deployed(parts).filter(({ state }) => state === 'dead');
  return groupOfMachines(parts, target)?.flatMap(({ processes }) => processes) ?? null;
};
