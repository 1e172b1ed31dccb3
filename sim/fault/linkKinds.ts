/**
 * Faults of the links between machines, one direction at a time or both: cut, delayed, narrow, lossy; and connections that are
 * reset. A group is a list of names, roles and zones; in a partition one group may be `the others`: whoever stands in no other.
 */
import { ScenarioError } from '../../engine/index.ts';
import type { LinkChange } from '../net/link.ts';
import type { NetStack } from '../net/netStack.ts';
import type { PlanEntry, PlanValue } from '../scenario.ts';
import { type KindRow, MICROS_PER_MS, fault, positiveOf, textOf } from './strikes.ts';
import { resolveMachines } from './target.ts';
import type { WorldParts } from './worldParts.ts';

/** A group of a partition: all machines that no other group has. */
export const THE_OTHERS = 'the others';

const PER_MILLION_PER_PERCENT = 10_000;
const MS_PER_SECOND = 1000;

const isGroups = (value: PlanValue | undefined): value is readonly (readonly string[])[] =>
  Array.isArray(value) && value.every((group) => Array.isArray(group));

/** The machines that a group's words mean; a role without anybody adds none. */
const stacksOf = (parts: WorldParts, words: readonly string[]): NetStack[] => {
  const stacks: NetStack[] = [];
  for (const word of words) {
    for (const { stack } of resolveMachines(parts, word)) if (!stacks.includes(stack)) stacks.push(stack);
  }
  return stacks;
};

const allStacks = (parts: WorldParts): readonly NetStack[] => [...parts.machines.values()].map((machine) => machine.stack);

/** A machine that two roles mean stands in the first of their groups. */
const groupsOf = (parts: WorldParts, groups: readonly (readonly string[])[]): readonly (readonly NetStack[])[] => {
  const isOthers = (group: readonly string[]): boolean => group.includes(THE_OTHERS);
  const taken = new Set<NetStack>();
  const named = groups.map((group) => (isOthers(group) ? [] : stacksOf(parts, group).filter((stack) => {
    if (taken.has(stack)) return false;
    taken.add(stack);
    return true;
  })));
  const left = allStacks(parts).filter((stack) => !taken.has(stack));
  return groups.map((group, index) => (isOthers(group) ? left : named[index] ?? []));
};

const partition: KindRow['strike'] = (parts, entry) => {
  const words = entry.with?.['groups'];
  if (!isGroups(words)) throw new ScenarioError("plan: 'partition' needs with.groups as lists of names");
  const groups = groupsOf(parts, words);
  if (groups.some((group) => group.length === 0)) return null;
  const isOneWay = entry.with?.['oneWay'] === true;
  const cut = isOneWay ? parts.network.cutOneWay(groups[0] ?? [], groups.slice(1).flat()) : parts.network.cut(groups);
  const resolved = groups.map((group) => group.map((stack) => stack.name).join(' ')).join(' | ');
  const paths = groups.map((from, index) => (
    { from, to: groups.filter((_, other) => (isOneWay ? index === 0 && other > 0 : other !== index)).flat() }));
  return { resolved, outcome: 'links cut', undo: () => cut.heal(), reach: { paths } };
};

/** From whom to whom: `with.from` to `with.to`, or the target's links both ways, with `with.to` only those. */
interface Sides {
  readonly source: readonly NetStack[];
  readonly targets: readonly NetStack[];
  readonly isBothWays: boolean;
}

const sidesOf = (parts: WorldParts, entry: PlanEntry): Sides | null => {
  const source = stacksOf(parts, [entry.target ?? textOf(entry, 'from')]);
  const to = entry.with?.['to'];
  const targets = typeof to === 'string' ? stacksOf(parts, [to]) : allStacks(parts);
  return source.length === 0 || targets.length === 0 ? null : { source, targets, isBothWays: entry.target !== undefined };
};

const linkChange = (change: (entry: PlanEntry) => LinkChange): KindRow['strike'] => (parts, entry) => {
  const sides = sidesOf(parts, entry);
  if (sides === null) return null;
  const { source, targets, isBothWays } = sides;
  const undos = [parts.network.changeLinks(source, targets, change(entry))];
  if (isBothWays) undos.push(parts.network.changeLinks(targets, source, change(entry)));
  return {
    resolved: source.map((stack) => stack.name).join(' '), outcome: 'links changed',
    undo: () => undos.forEach((one) => one.undo()),
    reach: { paths: [{ from: source, to: targets }, ...(isBothWays ? [{ from: targets, to: source }] : [])] },
  };
};

/** Both ends of each connection see a RST: what was on the wire is gone. */
const reset: KindRow['strike'] = (parts, entry) => {
  const sides = sidesOf(parts, entry);
  if (sides === null) return null;
  const count = parts.network.resetConnections(sides.source, sides.targets);
  return {
    resolved: sides.source.map((stack) => stack.name).join(' '), outcome: `${count} connections reset`,
    reach: { paths: [{ from: sides.source, to: sides.targets }, { from: sides.targets, to: sides.source }] },
  };
};

export const LINK_KINDS: readonly KindRow[] = [
  fault('partition', partition, ['groups'], false),
  fault('clog', linkChange((entry) => ({ clogMicros: positiveOf(entry, 'delayMs') * MICROS_PER_MS })), ['delayMs'], false),
  fault('lossy', linkChange((entry) => ({ lossPerMillion: positiveOf(entry, 'percent') * PER_MILLION_PER_PERCENT })), ['percent'], false),
  fault('bandwidth', linkChange((entry) => (
    { bandwidthBytesPerMs: Math.max(1, positiveOf(entry, 'bytesPerSecond')) / MS_PER_SECOND })), ['bytesPerSecond'], false),
  fault('reset', reset, [], false),
];
