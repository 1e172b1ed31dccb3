/**
 * Every fault and action that a plan can name. Faults are the environment's and end with settling; actions stand for a
 * human and stay as they are.
 */
import { ScenarioError, bytes } from '../../engine/index.ts';
import type { NodeView } from '../check/nodeView.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { PlanEntry } from '../scenario.ts';
import { CLUSTER_KINDS } from './clusterKinds.ts';
import { CONTAINER_KINDS } from './containerKinds.ts';
import { DISK_KINDS } from './diskKinds.ts';
import { LINK_KINDS } from './linkKinds.ts';
import { NAME_KINDS } from './nameKinds.ts';
import { type KindRow, MICROS_PER_MS, action, fault, numberOf, onMachine, onProcess, textOf } from './strikes.ts';
import { resolveProcess } from './target.ts';
import type { WorldParts } from './worldParts.ts';

export type { KindRow, Report, Strike } from './strikes.ts';

const startAll = (machine: SimProcess['machine']): number => {
  let started = 0;
  for (const process of machine.processes) {
    if (process.state !== 'dead') continue;
    process.isStoppedByHand = false;
    process.start();
    started++;
  }
  return started;
};

/** Sends one command to the target as the operator. */
const command = (argv: (parts: WorldParts, entry: PlanEntry) => readonly string[] | null): KindRow['strike'] =>
  (parts, entry, report) => {
    const process = resolveProcess(parts, entry.target as string);
    const words = argv(parts, entry);
    const view = [...parts.views, ...parts.sentinels].find((one) => one.process === process);
    if (process === null || words === null || view === undefined) return null;
    const { operator, operatorProcess } = parts;
    const address = process.machine.address;
    operatorProcess.submit(() => operator.run(address, view.port, words.map((word) => bytes(word)), report));
    return { resolved: process.name, outcome: `${words.join(' ')}: no answer yet`, reach: { processes: [process] } };
  };

const followWords = (parts: WorldParts, entry: PlanEntry): readonly string[] | null => {
  const primary = resolveProcess(parts, textOf(entry, 'primary'));
  const view = parts.views.find((one: NodeView) => one.process === primary);
  return view === undefined ? null : ['REPLICAOF', view.process.machine.address, String(view.port)];
};

/** `heal` has no strike of its own: the plan's runner ends the faults that are open. */
export const HEAL = 'heal';

export const KINDS: readonly KindRow[] = [
  fault('power', onMachine((machine, _entry, parts) => {
    machine.power();
    return { outcome: 'power lost', reach: { machines: [machine], stands: () => !machine.isUp }, undo: () => {
      if (machine.isUp) return;
      machine.boot();
      parts.bootedByItself(machine);
    } };
  })),
  fault('kill', onProcess((process) => {
    const { starts } = process;
    process.kill();
    return { outcome: 'killed', reach: { processes: [process], stands: () => process.starts === starts } };
  })),
  fault('pause', onProcess((process) => {
    process.pause();
    return { outcome: 'stopped', undo: () => process.resume(), reach: { processes: [process] } };
  })),
  fault('slow', onProcess((process, entry) => {
    process.slow(numberOf(entry, 'times'));
    const outcome = `${numberOf(entry, 'times')} times slower`;
    return { outcome, undo: () => process.slow(1), reach: { processes: [process] } };
  }), ['times']),
  fault('clockJump', onMachine((machine, entry) => {
    machine.jumpClock(numberOf(entry, 'byMs') * MICROS_PER_MS);
    return { outcome: `wall clock ${numberOf(entry, 'byMs')} ms on`, reach: { machines: [machine] } };
  }), ['byMs']),
  fault('drift', onMachine((machine, entry) => {
    machine.driftClock(numberOf(entry, 'ppm'));
    const outcome = `clock drifts by ${numberOf(entry, 'ppm')} ppm`;
    return { outcome, undo: () => machine.driftClock(0), reach: { machines: [machine] } };
  }), ['ppm']),
  ...LINK_KINDS,
  ...NAME_KINDS,
  ...DISK_KINDS,
  ...CONTAINER_KINDS,
  ...CLUSTER_KINDS,
  action('boot', onMachine((machine) => {
    machine.boot();
    return { outcome: `on, ${startAll(machine)} started` };
  })),
  action('start', onProcess((process) => {
    if (!process.machine.isUp) return { outcome: 'its machine has no power' };
    if (process.state !== 'dead') return { outcome: 'runs already' };
    process.isStoppedByHand = false;
    process.start();
    return { outcome: 'started' };
  })),
  action('command', command((_parts, entry) => {
    const argv = entry.with?.['argv'];
    if (!Array.isArray(argv) || argv.length === 0 || argv.some((word) => typeof word !== 'string')) {
      throw new ScenarioError("plan: 'command' needs with.argv as a list of words");
    }
    return argv as readonly string[];
  }), ['argv']),
  action('promote', command(() => ['REPLICAOF', 'NO', 'ONE'])),
  action('follow', command(followWords), ['primary']),
  action(HEAL, () => ({ resolved: 'world', outcome: 'partitions and link faults ended' }), [], false),
];

export const findKind = (name: string): KindRow | undefined => KINDS.find((row) => row.name === name);
