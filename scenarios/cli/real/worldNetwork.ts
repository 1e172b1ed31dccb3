/**
 * What a real run asks of its network, whichever it is: machines with addresses, clients with addresses of their own, names, power,
 * and faults of links by way of `LinkRules`.
 *
 *     namespaces  a network namespace for each machine, joined by a switch of frames: `realNetwork.ts`, as root
 *     proxies     addresses of the loopback, and a proxy for each connection between two of them: `proxyNetwork.ts`, as anybody
 */
import { ConfigError } from '../../../engine/core/errors.ts';
import type { ProcessSpec } from '../../../sim/topology/topology.ts';
import type { NameBook } from './nameBook.ts';

export type NetworkKind = 'namespaces' | 'proxies';

export interface MachineOfRun {
  readonly name: string;
  readonly zone: string;
  readonly address: string;
}

/** A machine of a real run. */
export interface RealMachine {
  readonly name: string;
  readonly zone: string;
  /** Among the machines of the run, from 1. */
  readonly index: number;
  /** Where others reach it: another one when it came back elsewhere. */
  address: string;
}

export type Directives = ProcessSpec['directives'];

export interface WorldNetwork {
  readonly kind: NetworkKind;
  readonly names: NameBook;
  /** In what it is no network of machines, a sentence each, for the report. */
  readonly limits: readonly string[];
  /** Whether a machine's disk can be a file system of its own. */
  readonly hasOwnDisks: boolean;
  open(): Promise<void>;
  /** Names of the machines must be known before. */
  addMachines(specs: readonly MachineOfRun[]): Promise<readonly RealMachine[]>;
  /** A further address: of a client, or of what runs on a machine before its process does. What an observer sends no fault holds up. */
  addClient(machine: string, isObserver?: boolean): Promise<string>;
  /** Makes the machine ready at its address; until it may speak nobody sees of it. */
  bootMachine(machine: RealMachine): Promise<void>;
  /** Takes all of its connections away, without a word to those at their other ends. It is silent already. */
  removeMachine(machine: RealMachine): Promise<void>;
  /** It may speak again. */
  poweredOn(machine: RealMachine): void;
  /** The words that start a program on the machine. */
  commandOn(machine: RealMachine, words: readonly string[]): readonly string[];
  /** The directives of a process as this network needs them. */
  directivesOn(machine: RealMachine, spec: ProcessSpec, given: Directives): Directives;
  /** Whether a server's process runs now, and as which: null when it ended. */
  serverIs(machine: RealMachine, spec: ProcessSpec, pid: number | null): void;
  /** Ends the connections between one of `from` and one of `to` with a RST to both ends; the answer says what was done. */
  reset(from: readonly string[], to: readonly string[]): string;
  close(): void;
}

/** What `--network` means; without it what this user can have. Throws `ConfigError`. */
export const networkKindOf = (flag: string | undefined): NetworkKind => {
  if (flag === undefined) return process.getuid?.() === 0 ? 'namespaces' : 'proxies';
  if (flag === 'namespaces' || flag === 'proxies') return flag;
  throw new ConfigError(`--network: '${flag}' is neither namespaces nor proxies`);
};
