/**
 * From a set of allowed commands back to rules: which categories fit it best, and single commands for what these leave over. The rules
 * that a user was given are not kept, as in Redis 7.0, so this is what LIST, GETUSER and configuration files show.
 *
 * Always holds: the rules, applied in their order, give the set that they were made from.
 * Source: acl.c of Redis 7.0 (ACLDescribeSelectorCommandRules), for behaviour. There the single commands come in the order of a hash
 * table; here by name.
 */
import type { Bytes } from '../core/bytes.ts';
import { type AclCommand, CATEGORIES, type CommandUniverse } from './aclUniverse.ts';

export interface AllowedCommands {
  /** 1 for each command that is allowed. */
  readonly allowed: Uint8Array;
  /** Rules begin with all commands. */
  readonly future: boolean;
  readonly firstArguments: ReadonlyMap<number, readonly Bytes[]>;
}

export const describeCommands = (universe: CommandUniverse, { allowed, future, firstArguments }: AllowedCommands): string => {
  const rules = [future ? '+@all' : '-@all'];
  /** What the rules so far give. */
  const given = new Uint8Array(allowed.length).fill(future ? 1 : 0);
  /** What is left to be said: the wanted set with the categories that were said taken back. */
  const left = allowed.slice();
  const wanted = future ? 0 : 1;
  const unsaid = new Set(CATEGORIES);
  for (;;) {
    const best = bestCategory(universe, left, unsaid, wanted);
    if (best === null) break;
    unsaid.delete(best);
    rules.push(`${future ? '-' : '+'}@${best}`);
    for (const id of universe.category(best) ?? []) {
      setWithSubcommands(universe, given, id, wanted);
      setWithSubcommands(universe, left, id, 1 - wanted);
    }
  }
  for (const { id, name } of universe.commands) {
    if (allowed[id] !== given[id]) {
      rules.push(`${allowed[id] === 1 ? '+' : '-'}${name}`);
      setWithSubcommands(universe, given, id, allowed[id] as number);
    }
    if (allowed[id] === 0) for (const word of firstArguments.get(id) ?? []) rules.push(`+${name}|${word}`);
  }
  return rules.join(' ');
};

/** More of its commands agree than not; the fewest must not agree, and among equals the most agree. */
const bestCategory = (universe: CommandUniverse, left: Uint8Array, unsaid: ReadonlySet<string>, wanted: number): string | null => {
  let best: string | null = null;
  let fewestWrong = Infinity;
  let mostRight = 0;
  for (const category of unsaid) {
    const ids = universe.category(category) ?? [];
    const right = ids.filter((id) => left[id] === wanted).length;
    const wrong = ids.length - right;
    if (right <= wrong || wrong > fewestWrong || (wrong === fewestWrong && right <= mostRight)) continue;
    best = category;
    fewestWrong = wrong;
    mostRight = right;
  }
  return best;
};

const setWithSubcommands = (universe: CommandUniverse, bits: Uint8Array, id: number, value: number): void => {
  bits[id] = value;
  for (const subcommand of (universe.commands[id] as AclCommand).subcommands) bits[subcommand] = value;
};
