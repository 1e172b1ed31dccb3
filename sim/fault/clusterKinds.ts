/**
 * Changes of a cluster as kinds of a plan: slots moved, open slots fixed, nodes added and removed. Each starts a redis-cli, a
 * process on a machine of its own (`redis-cli`, then `redis-cli-2`, …), which works over the network step by step; a plan can wait
 * for its steps (`note.step`), and strike it like any other process.
 */
import { type Bytes, ScenarioError, SLOTS, bytes } from '../../engine/index.ts';
import type { AdminFailure, Script } from '../client/clusterAdmin.ts';
import { addNode, removeNode } from '../client/memberChanges.ts';
import { KEYS_PER_MIGRATE, type MoveOptions, type Resharding, reshard } from '../client/resharder.ts';
import { fixSlots } from '../client/slotFixer.ts';
import type { SimProcess } from '../node/simProcess.ts';
import type { PlanEntry } from '../scenario.ts';
import type { KindRow } from './strikes.ts';
import { resolveProcess } from './target.ts';
import type { WorldParts } from './worldParts.ts';

/** Parameters that are taken at most so large. */
const PAUSE_MS_MAX = 600_000;
const PER_MIGRATE_MAX = 10_000;

const wrong = (entry: PlanEntry, name: string, what: string): ScenarioError =>
  new ScenarioError(`plan: '${entry.do}' takes with.${name} as ${what}`);

const whole = (entry: PlanEntry, name: string, min: number, max: number, otherwise: number): number => {
  const value = entry.with?.[name] ?? otherwise;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw wrong(entry, name, `a whole number from ${min} to ${max}`);
  }
  return value;
};

const flag = (entry: PlanEntry, name: string): boolean => {
  const value = entry.with?.[name] ?? false;
  if (typeof value !== 'boolean') throw wrong(entry, name, 'true or false');
  return value;
};

/** A name or a role; null: it is not given. */
const nameIn = (entry: PlanEntry, name: string): string | null => {
  const value = entry.with?.[name] ?? null;
  if (value !== null && typeof value !== 'string') throw wrong(entry, name, 'a name');
  return value;
};

const slotsIn = (entry: PlanEntry): Resharding['slots'] => {
  const value = entry.with?.['slots'];
  if (typeof value === 'number') return whole(entry, 'slots', 1, SLOTS, 0);
  const [, first = '', last = first] = typeof value === 'string' ? /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [] : [];
  if (first === '' || Number(last) >= SLOTS || Number(first) > Number(last)) {
    throw wrong(entry, 'slots', `a count, or as 'first-last' from 0 to ${SLOTS - 1}`);
  }
  return [Number(first), Number(last)];
};

const optionsIn = (entry: PlanEntry): Omit<MoveOptions, 'password'> => ({
  pauseMs: whole(entry, 'pauseMs', 0, PAUSE_MS_MAX, 0),
  perMigrate: whole(entry, 'perMigrate', 1, PER_MIGRATE_MAX, KEYS_PER_MIGRATE),
  replaces: flag(entry, 'replace'),
});

/** `address:port` of a data node. */
const placeOf = (parts: WorldParts, process: SimProcess | null): Bytes | null => {
  const view = parts.views.find((one) => one.process === process);
  return view === undefined ? null : bytes(`${view.process.machine.address}:${view.port}`);
};

/** What the scripts want to know of a world. */
export interface AdminParts {
  /** `address:port` of whom a name or a role means; null: nobody. */
  placeCalled(name: string): Bytes | null;
  readonly clusterPassword: string | undefined;
}

const adminParts = (parts: WorldParts): AdminParts => ({
  placeCalled: (name) => placeOf(parts, resolveProcess(parts, name)), clusterPassword: parts.clusterPassword,
});

/** What an entry needs of the world, by its target's place; null: somebody that it names is nobody. */
type ScriptOf = (parts: AdminParts, entry: PlanEntry, target: Bytes) => (() => Script<string | AdminFailure>) | null;

const clusterAction = (name: string, scriptOf: ScriptOf, check: (entry: PlanEntry) => void, parameters: readonly string[] = []): KindRow => ({
  name, isFault: false, needsTarget: true, parameters, check,
  strike: (parts, entry, report) => {
    const process = resolveProcess(parts, entry.target as string);
    const place = placeOf(parts, process);
    const script = place === null ? null : scriptOf(adminParts(parts), entry, place);
    if (process === null || script === null) return null;
    const tool = parts.startTool({ name, password: parts.clusterPassword, script, ended: report });
    return { resolved: process.name, outcome: `${tool.name} has begun` };
  },
});

const withPassword = (parts: AdminParts, entry: PlanEntry): MoveOptions => ({ ...optionsIn(entry), password: parts.clusterPassword });

const moveSlots: ScriptOf = (parts, entry, from) => {
  const to = parts.placeCalled(nameIn(entry, 'to') ?? '');
  return to === null ? null : () => reshard({ from, to, slots: slotsIn(entry), options: withPassword(parts, entry) });
};

const fix: ScriptOf = (parts, entry, first) => () =>
  fixSlots({ first, options: withPassword(parts, entry), withUnreachable: flag(entry, 'withUnreachable') });

const add: ScriptOf = (parts, entry, node) => {
  const member = parts.placeCalled(nameIn(entry, 'member') ?? '');
  const primary = nameIn(entry, 'follows');
  const follows = primary === null ? null : parts.placeCalled(primary);
  return member === null || (primary !== null && follows === null) ? null : () => addNode({ node, member, follows });
};

const remove: ScriptOf = (parts, entry, node) => {
  const name = nameIn(entry, 'to');
  const to = name === null ? null : parts.placeCalled(name);
  return name !== null && to === null ? null : () => removeNode({ node, to, options: withPassword(parts, entry) });
};

const SCRIPTS: Readonly<Record<string, ScriptOf>> = { moveSlots, fixSlots: fix, addNode: add, removeNode: remove };

/** Whether an entry starts a redis-cli. */
export const isAdminKind = (kind: string): boolean => Object.hasOwn(SCRIPTS, kind);

/** The script of such an entry, for a world that runs it itself; null: somebody that it names is nobody. */
export const adminScript = (parts: AdminParts, entry: PlanEntry, target: Bytes): ReturnType<ScriptOf> =>
  SCRIPTS[entry.do]?.(parts, entry, target) ?? null;

export const CLUSTER_KINDS: readonly KindRow[] = [
  /** From the target to `with.to`: `with.slots` is a count of its first ones, or `first-last`. */
  clusterAction('moveSlots', moveSlots, (entry) => {
    nameIn(entry, 'to');
    slotsIn(entry);
    optionsIn(entry);
  }, ['to', 'slots']),
  /** The target is asked first. */
  clusterAction('fixSlots', fix, (entry) => {
    flag(entry, 'withUnreachable');
    optionsIn(entry);
  }),
  /** The target, a node alone, meets `with.member`, and becomes a replica of `with.follows` where that is given. */
  clusterAction('addNode', add, (entry) => {
    nameIn(entry, 'member');
    nameIn(entry, 'follows');
  }, ['member']),
  /** The target's slots go to `with.to` where that is given; a node with slots is not removed. */
  clusterAction('removeNode', remove, (entry) => {
    nameIn(entry, 'to');
    optionsIn(entry);
  }),
];
