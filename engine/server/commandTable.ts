/** All commands by name. Only concatenates: each family has its own file. */
import { type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { InvariantError } from '../core/errors.ts';

/** A row with what dispatch asks of it as plain fields. */
export interface Command extends CommandRow {
  readonly isWrite: boolean;
  readonly allowedWhileLoading: boolean;
  readonly allowedWhenStale: boolean;
  readonly allowedInMulti: boolean;
  readonly needsNoAuth: boolean;
  readonly mayReplicate: boolean;
  readonly touchesArbitraryKeys: boolean;
  /** A container's subcommands by name; null for a plain command. */
  readonly subcommands: ReadonlyMap<string, Command> | null;
  calls: number;
  rejected: number;
  failed: number;
}

export type CommandTable = ReadonlyMap<string, Command>;

export const makeCommandTable = (families: readonly (readonly CommandRow[])[]): CommandTable => {
  const table = new Map<string, Command>();
  const containers = new Map<string, Map<string, Command>>();
  for (const family of families) {
    for (const row of family) {
      const bar = row.name.indexOf('|');
      if (bar < 0) {
        if (table.has(row.name)) throw new InvariantError(`two rows for ${row.name}`);
        table.set(row.name, makeCommand(row, null));
        continue;
      }
      const container = row.name.slice(0, bar);
      const subcommands = containers.get(container) ?? new Map<string, Command>();
      containers.set(container, subcommands);
      subcommands.set(row.name.slice(bar + 1), makeCommand(row, null));
    }
  }
  for (const [name, subcommands] of containers) table.set(name, makeCommand(container(name), subcommands));
  return table;
};

/** A container runs nothing itself: dispatch goes to its subcommands. */
const container = (name: string): CommandRow => ({
  name, arity: -2, flags: [], keys: NO_KEYS, since: '2.0.0',
  handler: () => {
    throw new InvariantError(`the container ${name} was called`);
  },
});

const makeCommand = (row: CommandRow, subcommands: ReadonlyMap<string, Command> | null): Command => {
  const has = (flag: CommandFlag): boolean => row.flags.includes(flag);
  return {
    ...row, subcommands,
    isWrite: has('write'), allowedWhileLoading: has('loading'), allowedWhenStale: has('stale'),
    allowedInMulti: !has('no_multi'), needsNoAuth: has('no_auth'), mayReplicate: has('may_replicate'),
    touchesArbitraryKeys: has('touches_arbitrary_keys'),
    calls: 0, rejected: 0, failed: 0,
  };
};
