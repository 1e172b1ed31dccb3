/**
 * The addresses of a run on the loopback. Of 127.0.0.0/8 a run takes one block of 65,536; in it each machine has an address of its own,
 * where its servers listen and from where they call, and a face, which is what everybody knows of it and where the proxies are.
 *
 *     127.B.N.1    what machine N's servers are bound to        127.B.200.K   a client, or what runs on a machine before its server
 *     127.B.N.2    its face; 3 and up: its face elsewhere       127.B.255.254 held as long as the run has the block
 *
 * Always holds: a scenario's own addresses do not occur in what servers and clients are given: each stands for a face.
 */
import { ConfigError, ScenarioError } from '../../../engine/core/errors.ts';
import type { ExpandedScenario } from '../../../sim/scenario.ts';

const MACHINES_MAX = 199;
const CLIENTS_FROM = 200;
const CLIENTS_PER_NETWORK = 250;
const CLIENTS_MAX: number = (255 - CLIENTS_FROM) * CLIENTS_PER_NETWORK;
const FACES_MAX = 250;

/** The first block that a run may have, and how many there are. */
export const BLOCK_FIRST = 64;
export const BLOCKS = 128;

export const lockAddress = (block: number): string => `127.${block}.255.254`;
export const ownAddress = (block: number, machine: number): string => `127.${block}.${machine}.1`;
export const clientAddress = (block: number, ordinal: number): string => {
  if (ordinal >= CLIENTS_MAX) throw new ConfigError(`--network proxies: more than ${CLIENTS_MAX} clients`);
  return `127.${block}.${CLIENTS_FROM + Math.floor(ordinal / CLIENTS_PER_NETWORK)}.${(ordinal % CLIENTS_PER_NETWORK) + 1}`;
};

const ADDRESS = /(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])/g;

/** The face that stands for each address of the scenario: of its machines, and those at which one comes back. */
export const facesOf = ({ topology, plan }: ExpandedScenario, block: number): ReadonlyMap<string, string> => {
  if (topology.machines.length > MACHINES_MAX) throw new ScenarioError(`more machines than ${MACHINES_MAX}, for which the loopback has addresses`);
  const faces = new Map<string, string>(topology.machines.map(({ address }, index) => [address, `127.${block}.${index + 1}.2`] as const));
  let next = 3;
  for (const entry of plan) {
    const address = entry.do === 'newAddress' ? entry.with?.['address'] : undefined;
    if (typeof address !== 'string' || faces.has(address)) continue;
    if (next > FACES_MAX) throw new ScenarioError(`the plan has more than ${FACES_MAX} new addresses`);
    faces.set(address, `127.${block}.1.${next++}`);
  }
  return faces;
};

/** The same with every address of `others` replaced by what stands for it, wherever it stands: for scenarios, and back for reports. */
export const withAddresses = <Data extends object>(data: Data, others: ReadonlyMap<string, string>): Data => {
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(ADDRESS, (address) => others.get(address) ?? address);
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner)]));
  };
  return replaced(data) as Data;
};
