/**
 * Targets of a plan in a real run: names, and the roles that nodes tell of when they are asked. What a role means is said in
 * `sim/fault/target.ts`; a role that only the simulator can know is not done here, and said to be so.
 */
import type { Role } from '../../../engine/index.ts';
import { type SlotClaim, clusterRole } from './clusterRoles.ts';
import { groupOfMachines, groupOfProcesses } from './groupRoles.ts';

/** What is known of a data node when an entry strikes. */
export interface KnownNode {
  readonly name: string;
  readonly machine: string;
  readonly isAlive: boolean;
  readonly role: Role | null;
  readonly offset: number;
  /** `address:port`. */
  readonly place: string;
  /** The place of whom it follows; null: nobody, as far as is known. */
  readonly primary: string | null;
}

export interface Knowledge {
  /** Ordered by name; so are the sentinels. */
  readonly nodes: readonly KnownNode[];
  readonly sentinels: readonly { readonly name: string; readonly machine: string; readonly isAlive: boolean }[];
  /** The sentinel that was last elected. */
  readonly leader: string | null;
  /** `address:port`, by the name of a client or a sentinel. */
  readonly beliefs: ReadonlyMap<string, string>;
  /** Processes and clients, each with its machine. */
  readonly processes: ReadonlyMap<string, string>;
  /** Machines, each with its processes in order. */
  readonly machines: ReadonlyMap<string, readonly string[]>;
  /** What each node of a cluster last said that it owns. */
  readonly claims: ReadonlyMap<string, SlotClaim>;
  /** Of the deployment's machines. */
  readonly zones: ReadonlyMap<string, string>;
  /** Clients and probes, each with its zone. */
  readonly clients: ReadonlyMap<string, string>;
}

const NTH = /^(replica|sentinel) ([1-9][0-9]{0,2})$/;
const BELIEF = /^the primary as (.+) believes$/;

/** Names of the processes that are meant, none where a role has nobody; null: nobody outside of the simulator can say. */
export const resolveRole = (known: Knowledge, target: string): readonly string[] | null => {
  if (known.processes.has(target)) return [target];
  const machine = known.machines.get(target);
  if (machine !== undefined) return machine.slice(0, 1);
  return groupOfProcesses(known, target) ?? nodeRole(known, target) ?? sentinelRole(known, target) ?? clusterRole(known, target);
};

/** Names of the machines that are meant, each once. */
export const resolveMachineRole = (known: Knowledge, target: string): readonly string[] | null => {
  if (known.machines.has(target)) return [target];
  const group = groupOfMachines(known, target);
  if (group !== null) return group;
  const processes = resolveRole(known, target);
  return processes === null ? null : [...new Set(processes.flatMap((name) => known.processes.get(name) ?? []))];
};

const nodeRole = ({ nodes, beliefs }: Knowledge, target: string): readonly string[] | null => {
  const inRole = (role: Role): readonly KnownNode[] => nodes.filter((node) => node.isAlive && node.role === role);
  const names = (found: readonly (KnownNode | undefined)[]): readonly string[] => found.flatMap((node) => node?.name ?? []);
  const sorted = (sign: 1 | -1): KnownNode | undefined =>
    [...inRole('replica')].sort((left, right) => (right.offset - left.offset) * sign)[0];
  switch (target) {
    case 'the primary': return names([inRole('primary')[0]]);
    case 'a replica': return names([inRole('replica')[0]]);
    case 'the most advanced replica': return names([sorted(1)]);
    case 'the least advanced replica': return names([sorted(-1)]);
    default: {
      const [, kind, ordinal] = NTH.exec(target) ?? [];
      if (kind === 'replica') return names([inRole('replica')[Number(ordinal) - 1]]);
      const believed = beliefs.get(BELIEF.exec(target)?.[1] ?? '');
      if (!BELIEF.test(target)) return null;
      return names([nodes.find(({ place }) => place === believed)]);
    }
  }
};

const sentinelRole = ({ sentinels, leader }: Knowledge, target: string): readonly string[] | null => {
  const living = (some: Knowledge['sentinels']): readonly string[] => some.filter(({ isAlive }) => isAlive).map(({ name }) => name);
  const minority = Math.max(0, Math.floor((sentinels.length - 1) / 2));
  switch (target) {
    case 'the sentinels': return living(sentinels);
    case 'a sentinel': return living(sentinels).slice(0, 1);
    case 'a minority of the sentinels': return living(sentinels.slice(0, minority));
    case 'a majority of the sentinels': return living(sentinels.slice(minority));
    case 'a voter': return living(sentinels.filter(({ name }) => name !== leader)).slice(0, 1);
    case 'the sentinel leader': return living(sentinels.filter(({ name }) => name === leader));
    default: {
      const [, kind, ordinal] = NTH.exec(target) ?? [];
      return kind === 'sentinel' ? living(sentinels).slice(Number(ordinal) - 1, Number(ordinal)) : null;
    }
  }
};
