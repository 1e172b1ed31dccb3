/**
 * What a plan's entry does to real processes, machines and links; and what it cannot do, with the reason. Strikes are made at their
 * time by the wall clock; what takes longer (taking a disk back, a new namespace) goes on beside the run.
 */
import { ScenarioError } from '../../../engine/core/errors.ts';
import { bytes } from '../../../engine/core/bytes.ts';
import type { AdminTask } from '../../../sim/client/clusterAdmin.ts';
import { adminScript, isAdminKind } from '../../../sim/fault/clusterKinds.ts';
import { THE_OTHERS } from '../../../sim/fault/linkKinds.ts';
import type { PlanEntry } from '../../../sim/scenario.ts';
import type { LinkEffect } from './linkRules.ts';
import type { RealMachineState } from './realMachines.ts';
import type { RealProcess } from './realProcess.ts';
import type { WorldNetwork } from './worldNetwork.ts';

/** What a strike did. */
export interface RealStrike {
  readonly resolved: string;
  readonly outcome: string;
  readonly undo?: () => void;
}

/** Why this world cannot do it. */
export interface NotDone {
  readonly notDone: string;
}

/** `nobody`: the target had nobody. */
export type StrikeResult = RealStrike | NotDone | 'nobody';

/** What faults act on. */
export interface FaultParts {
  processes(target: string): readonly RealProcess[] | null;
  /** Of clients' machines the names alone. */
  machineNames(target: string): readonly string[] | null;
  machine(name: string): RealMachineState | undefined;
  /** All machines and clients. */
  readonly everyone: readonly string[];
  addEffect(from: readonly string[], to: readonly string[], effect: LinkEffect): () => void;
  readonly network: Pick<WorldNetwork, 'names' | 'reset' | 'hasOwnDisks'>;
  /** Sends one command as the operator; `done` gets what came of it. */
  operate(process: RealProcess, words: readonly string[], done: (answer: string) => void): void;
  /** Starts a redis-cli of the plan; the answer is its name. */
  startTool(task: AdminTask): string;
  /** Ends the redis-cli of that name, if there is one. */
  killTool(name: string): boolean;
  readonly clusterPassword: string | undefined;
}

type Strike = (parts: FaultParts, entry: PlanEntry, report: (outcome: string) => void) => StrikeResult;

/** Kinds that no real process, kernel or disk can be made to show here. */
const UNABLE: Readonly<Record<string, string>> = {
  clockJump: 'processes of one kernel share its clock', drift: 'processes of one kernel share its clock',
  slowNames: 'a hosts file answers at once',
  slow: 'a real process cannot be made slower by a factor', lyingFsync: 'the disk does what it says',
  slowDisk: 'the disk cannot be slowed', stuckDisk: 'the disk cannot be stopped',
  ioError: 'the disk does not fail', tornWrites: 'the disk keeps its order', bitRot: 'the disk keeps its bits', undoneRename: 'the disk keeps its names',
};

const isFault = (kind: string): boolean =>
  ['power', 'pause', 'partition', 'clog', 'lossy', 'bandwidth', 'fullDisk', 'recreate', 'newAddress', 'silentNames', 'wrongName'].includes(kind);

/** Faults that are the environment's, and end with settling. */
export const endsWithSettling = (entry: PlanEntry): boolean => isFault(entry.do);

/** Kinds that `heal` ends. */
export const isHealed = (entry: PlanEntry): boolean => ['partition', 'clog', 'lossy', 'bandwidth'].includes(entry.do);

const UNKNOWN_ROLE = (target: string): NotDone => ({ notDone: `nobody outside of the simulator knows '${target}'` });

const onProcesses = (act: (process: RealProcess) => Omit<RealStrike, 'resolved'>): Strike => (parts, entry) => {
  const found = parts.processes(entry.target ?? '');
  if (found === null) return UNKNOWN_ROLE(entry.target ?? '');
  return together(found.map((process) => ({ resolved: process.name, ...act(process) })));
};

const onMachines = (act: (machine: RealMachineState, entry: PlanEntry) => Omit<RealStrike, 'resolved'>): Strike => (parts, entry) => {
  const names = parts.machineNames(entry.target ?? '');
  if (names === null) return UNKNOWN_ROLE(entry.target ?? '');
  const machines = names.map((name) => parts.machine(name));
  if (machines.some((machine) => machine === undefined)) return { notDone: "a client's machine has no power of its own here" };
  return together((machines as RealMachineState[]).map((machine) => ({ resolved: machine.real.name, ...act(machine, entry) })));
};

const together = (strikes: readonly RealStrike[]): StrikeResult => {
  if (strikes.length === 0) return 'nobody';
  const undos = strikes.flatMap(({ undo }) => undo ?? []);
  return {
    resolved: strikes.map(({ resolved }) => resolved).join(' '), outcome: [...new Set(strikes.map(({ outcome }) => outcome))].join('; '),
    ...(undos.length === 0 ? {} : { undo: (): void => undos.forEach((undo) => undo()) }),
  };
};

const namesOf = (parts: FaultParts, words: readonly string[]): readonly string[] | NotDone => {
  const names: string[] = [];
  for (const word of words) {
    const found = parts.machineNames(word);
    if (found === null) return UNKNOWN_ROLE(word);
    names.push(...found.filter((name) => !names.includes(name)));
  }
  return names;
};

const isNotDone = (value: object): value is NotDone => 'notDone' in value;

/** A machine that two words mean stands in the first of their groups; whoever stands in none may be a group too. */
const groupsOf = (parts: FaultParts, words: readonly (readonly string[])[]): readonly (readonly string[])[] | NotDone => {
  const taken = new Set<string>();
  const groups: (readonly string[])[] = [];
  for (const group of words) {
    const names = group.includes(THE_OTHERS) ? [] : namesOf(parts, group);
    if (isNotDone(names)) return names;
    const own = names.filter((name) => !taken.has(name));
    for (const name of own) taken.add(name);
    groups.push(own);
  }
  const left = parts.everyone.filter((name) => !taken.has(name));
  return groups.map((group, index) => (words[index]?.includes(THE_OTHERS) === true ? left : group));
};

const partition: Strike = (parts, entry) => {
  const words = entry.with?.['groups'];
  if (!Array.isArray(words)) throw new ScenarioError("plan: 'partition' needs with.groups as lists of names");
  const groups = groupsOf(parts, words as readonly (readonly string[])[]);
  if (isNotDone(groups)) return groups;
  if (groups.some((group) => group.length === 0)) return 'nobody';
  const resolved = groups.map((group) => group.join(' ')).join(' | ');
  const cut: LinkEffect = { isCut: true };
  const others = (index: number): readonly string[] => groups.filter((_, other) => other !== index).flat();
  const directed = entry.with?.['oneWay'] === true ? groups.slice(0, 1) : groups;
  const undos = directed.map((from, index) => parts.addEffect(from, others(index), cut));
  return { resolved, outcome: 'links cut', undo: () => undos.forEach((undo) => undo()) };
};

interface Sides {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

const sidesOf = (parts: FaultParts, entry: PlanEntry): Sides | NotDone | 'nobody' => {
  const from = namesOf(parts, [entry.target ?? String(entry.with?.['from'] ?? '')]);
  const to = entry.with?.['to'] === undefined ? parts.everyone : namesOf(parts, [String(entry.with['to'])]);
  if (isNotDone(from)) return from;
  if (isNotDone(to)) return to;
  return from.length === 0 || to.length === 0 ? 'nobody' : { from, to };
};

const linkChange = (effectOf: (entry: PlanEntry) => LinkEffect): Strike => (parts, entry) => {
  const sides = sidesOf(parts, entry);
  if (sides === 'nobody' || isNotDone(sides)) return sides;
  const { from, to } = sides;
  const effect = effectOf(entry);
  const undos = [parts.addEffect(from, to, effect), ...(entry.target === undefined ? [] : [parts.addEffect(to, from, effect)])];
  return { resolved: from.join(' '), outcome: 'links changed', undo: () => undos.forEach((undo) => undo()) };
};

const reset: Strike = (parts, entry) => {
  const sides = sidesOf(parts, entry);
  if (sides === 'nobody' || isNotDone(sides)) return sides;
  return { resolved: sides.from.join(' '), outcome: parts.network.reset(sides.from, sides.to) };
};

/** Without `with.to` nobody has that name. */
const wrongName: Strike = (parts, entry) => {
  const name = String(entry.with?.['name'] ?? '');
  const target = entry.with?.['to'];
  if (target === undefined) return { resolved: name, outcome: `${name} does not resolve`, undo: parts.network.names.lie(name, []) };
  const found = parts.machineNames(String(target));
  if (found === null) return UNKNOWN_ROLE(String(target));
  const machine = found[0] === undefined ? undefined : parts.machine(found[0]);
  if (machine === undefined) return 'nobody';
  const { address } = machine.real;
  return { resolved: machine.real.name, outcome: `${name} resolves to ${machine.real.name} (${address})`, undo: parts.network.names.lie(name, [address]) };
};

const operated = (wordsOf: (parts: FaultParts, entry: PlanEntry) => readonly string[] | NotDone | 'nobody'): Strike => (parts, entry, report) => {
  const found = parts.processes(entry.target ?? '');
  if (found === null) return UNKNOWN_ROLE(entry.target ?? '');
  const [process] = found;
  const words = wordsOf(parts, entry);
  if (words === 'nobody' || process === undefined) return 'nobody';
  if (isNotDone(words)) return words;
  parts.operate(process, words, report);
  return { resolved: process.name, outcome: `${words.join(' ')}: no answer yet` };
};

const followWords = (parts: FaultParts, entry: PlanEntry): readonly string[] | NotDone | 'nobody' => {
  const target = String(entry.with?.['primary'] ?? '');
  const found = parts.processes(target);
  if (found === null) return UNKNOWN_ROLE(target);
  const [primary] = found;
  return primary === undefined ? 'nobody' : ['REPLICAOF', primary.machine.address, String(primary.spec.port)];
};

const point: Strike = (parts, entry) => {
  const name = String(entry.with?.['name'] ?? '');
  const target = String(entry.with?.['to'] ?? '');
  const found = parts.machineNames(target);
  if (found === null) return UNKNOWN_ROLE(target);
  const machine = found[0] === undefined ? undefined : parts.machine(found[0]);
  if (machine === undefined) return 'nobody';
  parts.network.names.set(name, [machine.real.address]);
  return { resolved: machine.real.name, outcome: `${name} is ${machine.real.name} (${machine.real.address})` };
};

const placeOf = ({ machine, spec }: RealProcess): string => `${machine.address}:${spec.port}`;

const clusterAction: Strike = (parts, entry, report) => {
  const found = parts.processes(entry.target ?? '');
  if (found === null) return UNKNOWN_ROLE(entry.target ?? '');
  const [process] = found;
  if (process === undefined) return 'nobody';
  const placeCalled = (name: string): ReturnType<typeof bytes> | null => {
    const called = parts.processes(name)?.[0];
    return called === undefined ? null : bytes(placeOf(called));
  };
  const script = adminScript({ placeCalled, clusterPassword: parts.clusterPassword }, entry, bytes(placeOf(process)));
  if (script === null) return 'nobody';
  const tool = parts.startTool({ name: entry.do, password: parts.clusterPassword, script, ended: report });
  return { resolved: process.name, outcome: `${tool} has begun` };
};

const kill: Strike = (parts, entry, report) => {
  const target = entry.target ?? '';
  return parts.killTool(target) ? { resolved: target, outcome: 'killed' } : killProcess(parts, entry, report);
};

const killProcess: Strike = onProcesses((process) => {
  process.kill();
  return { outcome: 'killed' };
});

const number = (entry: PlanEntry, name: string): number => {
  const value = entry.with?.[name];
  if (typeof value !== 'number') throw new ScenarioError(`plan: '${entry.do}' needs with.${name} as a number`);
  return value;
};

const fullDisk: Strike = onMachines((machine, entry) => {
  machine.fillDisk(typeof entry.with?.['roomBytes'] === 'number' ? entry.with['roomBytes'] : 0);
  return { outcome: 'no room is left', undo: () => machine.emptyDisk() };
});

const IPV4 = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;

const STRIKES: Readonly<Record<string, Strike>> = {
  power: onMachines((machine) => {
    machine.losePower();
    return { outcome: 'power lost', undo: () => machine.powerOn('by itself') };
  }),
  kill,
  pause: onProcesses((process) => {
    process.pause();
    return { outcome: 'stopped', undo: () => process.resume() };
  }),
  stop: onProcesses((process) => {
    process.stop();
    return { outcome: 'stopped for good' };
  }),
  recreate: onProcesses((process) => {
    const undo = process.recreate();
    return { outcome: process.spec.persistentData ? 'container replaced, its data are on a volume' : 'container replaced, its data are gone', undo };
  }),
  newAddress: onMachines((machine, entry) => {
    const address = String(entry.with?.['address'] ?? '');
    if (!IPV4.test(address)) throw new ScenarioError(`plan: 'newAddress' needs with.address as an IPv4 address here, not '${address}'`);
    machine.losePower(address);
    return { outcome: `goes, and comes back as ${address}`, undo: () => machine.powerOn('by itself') };
  }),
  fullDisk: (parts, entry, report) => (parts.network.hasOwnDisks ? fullDisk(parts, entry, report)
    : { notDone: "without root a machine's disk is a directory, which has no size" }),
  silentNames: (parts) => ({ resolved: 'the name server', outcome: 'silent', undo: parts.network.names.silence() }),
  wrongName,
  reset,
  bandwidth: linkChange((entry) => ({ bytesPerSecond: Math.max(1, number(entry, 'bytesPerSecond')) })),
  partition,
  clog: linkChange((entry) => ({ delayMs: number(entry, 'delayMs') })),
  lossy: linkChange((entry) => ({ lossPercent: number(entry, 'percent') })),
  boot: onMachines((machine) => {
    machine.powerOn('by hand');
    return { outcome: 'on, its processes are started' };
  }),
  start: onProcesses((process) => {
    if (!process.isIdle) return { outcome: 'runs already' };
    process.start();
    return { outcome: 'started' };
  }),
  command: operated((_parts, entry) => {
    const words = entry.with?.['argv'];
    return Array.isArray(words) ? words.map(String) : { notDone: "'command' needs with.argv as a list of words" };
  }),
  promote: operated(() => ['REPLICAOF', 'NO', 'ONE']),
  follow: operated(followWords),
  point,
  heal: () => ({ resolved: 'world', outcome: 'partitions and link faults ended' }),
};

/** Does what the entry says, now. */
export const strike = (parts: FaultParts, entry: PlanEntry, report: (outcome: string) => void): StrikeResult => {
  const act = isAdminKind(entry.do) ? clusterAction : Object.hasOwn(STRIKES, entry.do) ? STRIKES[entry.do] : undefined;
  if (act !== undefined) return act(parts, entry, report);
  return { notDone: UNABLE[entry.do] ?? `'${entry.do}' is done in the virtual world only` };
};
