/**
 * The commands that rights are given for, by number, with their categories: what a category means and which subcommands belong to a
 * command. A server takes all of redis-server 7.0's commands, those included that it lacks, so that rules mean the same here.
 *
 * Always holds: a number is the place in `commands`; a subcommand stands behind its container.
 * Source: acl.c and commands.def of Redis 7.0, for behaviour.
 */
import type { Bytes } from '../core/bytes.ts';
import { bytes, lower } from '../core/bytes.ts';

/** In the order in which ACL CAT lists them, which decides between categories that fit a user equally well. */
export const CATEGORIES: readonly string[] = [
  'keyspace', 'read', 'write', 'set', 'sortedset', 'list', 'hash', 'string', 'bitmap', 'hyperloglog', 'geo', 'stream', 'pubsub', 'admin',
  'fast', 'slow', 'blocking', 'dangerous', 'connection', 'transaction', 'scripting',
];

export interface AclCommand {
  readonly id: number;
  /** `config|get` for a subcommand. */
  readonly name: Bytes;
  readonly categories: readonly string[];
  readonly isSubcommand: boolean;
  /** Numbers of its subcommands. */
  readonly subcommands: readonly number[];
}

interface GrowingCommand extends AclCommand {
  readonly subcommands: number[];
}

export class CommandUniverse {
  readonly commands: readonly AclCommand[];
  private readonly byName: ReadonlyMap<string, AclCommand>;
  private readonly byCategory: ReadonlyMap<string, readonly number[]>;

  /** Lines of `commandFacts.ts`: name and categories, the rest is passed over. */
  constructor(facts: readonly string[]) {
    const commands: GrowingCommand[] = [];
    const byName = new Map<string, GrowingCommand>();
    const byCategory = new Map<string, number[]>(CATEGORIES.map((category) => [category, []]));
    for (const fact of [...facts].sort()) {
      const [name = '', words = ''] = fact.split(';');
      const categories = words.split(' ').filter((word) => word !== '');
      const id = commands.length;
      const bar = name.indexOf('|');
      const command = { id, name: bytes(name), categories, isSubcommand: bar >= 0, subcommands: [] };
      commands.push(command);
      byName.set(name, command);
      if (bar >= 0) byName.get(name.slice(0, bar))?.subcommands.push(id);
      for (const category of categories) byCategory.get(category)?.push(id);
    }
    this.commands = commands;
    this.byName = byName;
    this.byCategory = byCategory;
  }

  /** By its name in any case; a subcommand as `config|get`. */
  find(name: string): AclCommand | undefined {
    return this.byName.get(lower(bytes(name)));
  }

  /** Numbers of the commands that a category names, subcommands included; null: there is no such category. */
  category(name: string): readonly number[] | null {
    return this.byCategory.get(lower(bytes(name))) ?? null;
  }
}
