/**
 * Every single failure of a deployment and every pair of them, as entries of a plan.
 *
 * Always holds: a failure stands until settling ends it, but what a restart policy starts again runs again at once: a process that is
 * killed is not kept down. A cell's name is unique, and `failureCalled` finds the cell by it.
 */
import { ScenarioError } from '../../engine/core/errors.ts';
import type { PlanEntry, PlanTime } from '../../sim/scenario.ts';
import type { Topology } from '../../sim/topology/topology.ts';
import { type Component, componentsOf, pairsOf } from './components.ts';

export type FailureFault = 'kill' | 'pause' | 'power' | 'partition' | 'partition with clients';

/** One component and what strikes it. */
export interface Failure {
  readonly component: Component;
  readonly fault: FailureFault;
}

/** One row of the table: a failure, or two at once. */
export interface Cell {
  /** `redis-main/kill`, or two of these with ` + ` between them. */
  readonly name: string;
  readonly failures: readonly Failure[];
}

/** The clients of a zone's name go with it; of a machine one client does. */
export interface Bystanders {
  /** Names of clients and probes in a zone. */
  readonly inZone: (zone: string) => readonly string[];
  /** Clients that stay with a machine when it is cut off with some. */
  readonly beside: readonly string[];
}

const FAULTS_OF: Readonly<Record<Component['kind'], readonly FailureFault[]>> = {
  process: ['kill', 'pause'],
  machine: ['power', 'partition', 'partition with clients'],
  zone: ['power', 'partition', 'partition with clients'],
  links: ['partition'],
};

const cellOf = (failures: readonly Failure[]): Cell =>
  ({ name: failures.map(({ component, fault }) => `${component.name}/${fault.replaceAll(' ', '-')}`).join(' + '), failures });

/** Every single failure. A sentinel's machine with clients beside it is nothing that its partition alone does not show. */
export const singleFailures = (topology: Topology): readonly Cell[] =>
  componentsOf(topology).flatMap((component) => faultsOf(component, topology).map((fault) => cellOf([{ component, fault }])));

const faultsOf = (component: Component, { processes }: Topology): readonly FailureFault[] => {
  const hasData = processes.some(({ kind, machine }) => kind === 'redis' && component.machines.includes(machine));
  return FAULTS_OF[component.kind].filter((fault) => fault !== 'partition with clients' || hasData);
};

/** Every two single failures that can be at once, and of which neither contains the other. */
export const pairedFailures = (topology: Topology): readonly Cell[] =>
  pairsOf(singleFailures(topology).flatMap(({ failures }) => failures)).filter(([left, right]) => !overlap(left, right))
    .map((failures) => cellOf(failures));

const overlap = (left: Failure, right: Failure): boolean => {
  const shares = left.component.machines.some((machine) => right.component.machines.includes(machine));
  if (left.component.kind === 'links' || right.component.kind === 'links') {
    // Links of a machine that is dark, or cut off, carry nothing anyhow.
    const ends = (failure: Failure): readonly string[] => [...failure.component.machines, ...failure.component.others];
    const [links, other] = left.component.kind === 'links' ? [left, right] : [right, left];
    if (other.component.kind === 'links') return false;
    return other.component.kind !== 'process' && ends(links).some((machine) => other.component.machines.includes(machine));
  }
  if (left.component.kind === 'process' && right.component.kind === 'process') return left.component.name === right.component.name;
  return shares;
};

/** The cell of that name. Throws `ScenarioError` where there is none. */
export const cellCalled = (topology: Topology, name: string): Cell => {
  const singles = singleFailures(topology);
  const failures = name.split('+').map((part) => part.trim()).map((part) => {
    const known = singles.find((cell) => cell.name === part)?.failures[0];
    if (known === undefined) {
      throw new ScenarioError(`no failure is called '${part}'; there are ${singles.map((cell) => cell.name).join(', ')}`);
    }
    return known;
  });
  if (failures.length > FAILURES_MAX) throw new ScenarioError(`'${name}': at most ${FAILURES_MAX} failures at once`);
  return cellOf(failures);
};

const FAILURES_MAX = 2;

/** What strikes, all at the same time. */
export const planOf = ({ failures }: Cell, when: PlanTime, bystanders: Bystanders, topology: Topology): readonly PlanEntry[] =>
  failures.flatMap(({ component, fault }) => entriesOf(component, fault, bystanders, topology).map((entry) => ({ when, ...entry })));

type Strike = Pick<PlanEntry, 'do' | 'target' | 'with'>;

const entriesOf = (component: Component, fault: FailureFault, bystanders: Bystanders, topology: Topology): readonly Strike[] => {
  const { machines, others, name } = component;
  if (fault === 'kill' || fault === 'pause') return [{ do: fault, target: name }];
  if (fault === 'power') return machines.map((target) => ({ do: 'power', target }));
  const zones = new Set(topology.machines.filter((machine) => machines.includes(machine.name)).map(({ zone }) => zone));
  const beside = fault === 'partition' ? []
    : component.kind === 'zone' ? [...zones].flatMap((zone) => bystanders.inZone(zone)) : bystanders.beside;
  return [{ do: 'partition', with: { groups: [[...machines, ...beside], others.length === 0 ? ['the others'] : others] } }];
};
