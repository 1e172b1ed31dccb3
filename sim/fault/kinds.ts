/**
 * Every fault and action that a plan can name. Faults are the environment's and end with settling; actions stand for a
 * human and stay as they are.
 */
import { ScenarioError, bytes } from '../../engine/index.ts';
import type { NodeView } from '../check/nodeView.ts';
import type { NetStack } from '../net/netStack.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { PlanEntry, PlanValue } from '../scenario.ts';
import { DISK_KINDS } from './diskKinds.ts';
import type { Reach } from './hindrances.ts';
import { resolveMachine, resolveMachines, resolveProcess, resolveProcesses } from './target.ts';
import type { WorldParts } from './worldParts.ts';

/** What a strike did. Null: its target was nobody, so nothing was exercised. */
export interface Strike {
  /** What the target resolved to. */
  readonly resolved: string;
  readonly outcome: string;
  /** Ends the fault; nothing for what cannot be ended. */
  readonly undo?: () => void;
  /** What it acts on; nothing for what can keep nobody from answering. */
  readonly reach?: Reach;
}

/** Tells the outcome of an action that takes time. */
export type Report = (outcome: string) => void;

export interface KindRow {
  readonly name: string;
  readonly isFault: boolean;
  readonly needsTarget: boolean;
  /** Parameters that `with` must give. */
  readonly parameters: readonly string[];
  strike(parts: WorldParts, entry: PlanEntry, report: Report): Strike | null;
}

const MICROS_PER_MS = 1000;
/** How long resolvers believe a record that the operator changed: containers ask anew each time. */
const CHANGED_NAME_TTL_MICROS = 0;

const text = (entry: PlanEntry, name: string): string => {
  const value = entry.with?.[name];
  if (typeof value !== 'string') throw new ScenarioError(`plan: '${entry.do}' needs with.${name} as text`);
  return value;
};

const number = (entry: PlanEntry, name: string): number => {
  const value = entry.with?.[name];
  if (typeof value !== 'number') throw new ScenarioError(`plan: '${entry.do}' needs with.${name} as a number`);
  return value;
};

const isGroups = (value: PlanValue | undefined): value is readonly (readonly string[])[] =>
  Array.isArray(value) && value.every((group) => Array.isArray(group));

/** Several targets make one strike: it ends for all of them at once. */
const together = (strikes: readonly Strike[]): Strike | null => {
  const [first] = strikes;
  if (first === undefined || strikes.length === 1) return first ?? null;
  const undos = strikes.flatMap(({ undo }) => (undo === undefined ? [] : [undo]));
  const reaches = strikes.flatMap(({ reach }) => (reach === undefined ? [] : [reach]));
  return {
    resolved: strikes.map(({ resolved }) => resolved).join(' '),
    outcome: [...new Set(strikes.map(({ outcome }) => outcome))].join('; '),
    ...(undos.length === 0 ? {} : { undo: (): void => undos.forEach((undo) => undo()) }),
    ...(reaches.length === 0 ? {} : { reach: {
      processes: reaches.flatMap(({ processes }) => processes ?? []),
      machines: reaches.flatMap(({ machines }) => machines ?? []),
      stands: (): boolean => reaches.some(({ stands }) => stands?.() ?? true),
    } }),
  };
};

const onProcess = (act: (process: SimProcess, entry: PlanEntry) => Omit<Strike, 'resolved'>): KindRow['strike'] =>
  (parts, entry) => together(resolveProcesses(parts, entry.target as string)
    .map((process) => ({ resolved: process.name, ...act(process, entry) })));

const onMachine = (
  act: (machine: SimProcess['machine'], entry: PlanEntry, parts: WorldParts) => Omit<Strike, 'resolved'>,
): KindRow['strike'] => (parts, entry) => together(resolveMachines(parts, entry.target as string)
  .map((machine) => ({ resolved: machine.name, ...act(machine, entry, parts) })));

const startAll = (machine: SimProcess['machine']): number => {
  let started = 0;
  for (const process of machine.processes) {
    if (process.state !== 'dead') continue;
    process.start();
    started++;
  }
  return started;
};

/** The machines that a group's words mean; a role without anybody adds none. */
const stacksOf = (parts: WorldParts, words: readonly string[]): NetStack[] => {
  const stacks: NetStack[] = [];
  for (const word of words) {
    for (const { stack } of resolveMachines(parts, word)) if (!stacks.includes(stack)) stacks.push(stack);
  }
  return stacks;
};

const partition: KindRow['strike'] = (parts, entry) => {
  const groups = entry.with?.['groups'];
  if (!isGroups(groups)) throw new ScenarioError("plan: 'partition' needs with.groups as lists of names");
  const stacks = groups.map((group) => stacksOf(parts, group));
  if (stacks.some((group) => group.length === 0)) return null;
  const cut = entry.with?.['oneWay'] === true
    ? parts.network.cutOneWay(stacks[0] as NetStack[], stacks.slice(1).flat()) : parts.network.cut(stacks);
  const resolved = stacks.map((group) => group.map((stack) => stack.name).join(' ')).join(' | ');
  const paths = stacks.map((from, index) => (
    { from, to: stacks.filter((_, other) => (entry.with?.['oneWay'] === true ? index === 0 && other > 0 : other !== index)).flat() }));
  return { resolved, outcome: 'links cut', undo: () => cut.heal(), reach: { paths } };
};

/** A change of the links from `with.from` to `with.to`, or of all links of the target, both ways. */
const linkChange = (change: (entry: PlanEntry) => Parameters<WorldParts['network']['changeLinks']>[2]): KindRow['strike'] =>
  (parts, entry) => {
    const all = [...parts.machines.values()].map((machine) => machine.stack);
    const from = entry.target ?? text(entry, 'from');
    const source = stacksOf(parts, [from]);
    if (source.length === 0) return null;
    const to = entry.with?.['to'];
    const targets = typeof to === 'string' ? stacksOf(parts, [to]) : all;
    const undos = [parts.network.changeLinks(source, targets, change(entry))];
    if (entry.target !== undefined) undos.push(parts.network.changeLinks(targets, source, change(entry)));
    return {
      resolved: source.map((stack) => stack.name).join(' '), outcome: 'links changed',
      undo: () => undos.forEach((one) => one.undo()),
      reach: { paths: [{ from: source, to: targets }, ...(entry.target === undefined ? [] : [{ from: targets, to: source }])] },
    };
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
  const primary = resolveProcess(parts, text(entry, 'primary'));
  const view = parts.views.find((one: NodeView) => one.process === primary);
  return view === undefined ? null : ['REPLICAOF', view.process.machine.address, String(view.port)];
};

const point: KindRow['strike'] = (parts, entry) => {
  const machine = resolveMachine(parts, text(entry, 'to'));
  if (machine === null) return null;
  parts.network.names.set(bytes(text(entry, 'name')), [machine.address], CHANGED_NAME_TTL_MICROS);
  return { resolved: machine.name, outcome: `${text(entry, 'name')} is ${machine.name} (${machine.address})` };
};

const fault = (name: string, strike: KindRow['strike'], parameters: readonly string[] = [], needsTarget = true): KindRow =>
  ({ name, isFault: true, needsTarget, parameters, strike });
const action = (name: string, strike: KindRow['strike'], parameters: readonly string[] = [], needsTarget = true): KindRow =>
  ({ name, isFault: false, needsTarget, parameters, strike });

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
    process.slow(number(entry, 'times'));
    const outcome = `${number(entry, 'times')} times slower`;
    return { outcome, undo: () => process.slow(1), reach: { processes: [process] } };
  }), ['times']),
  fault('partition', partition, ['groups'], false),
  fault('clog', linkChange((entry) => ({ clogMicros: number(entry, 'delayMs') * MICROS_PER_MS })), ['delayMs'], false),
  fault('lossy', linkChange((entry) => ({ lossPerMillion: number(entry, 'percent') * 10_000 })), ['percent'], false),
  fault('clockJump', onMachine((machine, entry) => {
    machine.jumpClock(number(entry, 'byMs') * MICROS_PER_MS);
    return { outcome: `wall clock ${number(entry, 'byMs')} ms on`, reach: { machines: [machine] } };
  }), ['byMs']),
  fault('drift', onMachine((machine, entry) => {
    machine.driftClock(number(entry, 'ppm'));
    const outcome = `clock drifts by ${number(entry, 'ppm')} ppm`;
    return { outcome, undo: () => machine.driftClock(0), reach: { machines: [machine] } };
  }), ['ppm']),
  ...DISK_KINDS,
  action('boot', onMachine((machine) => {
    machine.boot();
    return { outcome: `on, ${startAll(machine)} started` };
  })),
  action('start', onProcess((process) => {
    if (!process.machine.isUp) return { outcome: 'its machine has no power' };
    if (process.state !== 'dead') return { outcome: 'runs already' };
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
  action('point', point, ['name', 'to'], false),
  action(HEAL, () => ({ resolved: 'world', outcome: 'partitions and link faults ended' }), [], false),
];

export const findKind = (name: string): KindRow | undefined => KINDS.find((row) => row.name === name);
