/** COMMAND: what commands there are. Source: server.c of Redis 7.0 (commandCommand), for behaviour. */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import { type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { MapReply, type Reply, SetReply, Status, error } from '../protocol/reply.ts';
import type { Command } from './commandTable.ts';

/** `table` is asked for at each call, since it is complete only once all families are in it. */
export const commandCommands = (table: () => ReadonlyMap<string, Command>): readonly CommandRow[] => [
  { name: 'command', arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, since: '2.8.13',
    handler: (_call, argv) => commandCommand(table(), argv) },
];

/** Flags that redis-server keeps to itself. */
const UNSHOWN_FLAGS: readonly CommandFlag[] = ['touches_arbitrary_keys', 'may_replicate'];

/** A row of COMMAND's reply: name, arity, flags, first key, last key, step, categories, tips, key specs, subcommands. */
const commandRow = (command: Command): Reply => [
  bytes(command.name), command.arity,
  new SetReply(command.flags.filter((flag) => !UNSHOWN_FLAGS.includes(flag)).map((flag) => new Status(flag))),
  command.keys.first, command.keys.last, command.keys.step, new SetReply([]), [], [],
  command.subcommands === null ? [] : [...command.subcommands.values()].map((one) => commandRow(one)),
];

/** COMMAND alone, and the subcommands that clients ask at their start. */
const commandCommand = (table: ReadonlyMap<string, Command>, argv: readonly Bytes[]): Reply => {
  if (argv.length === 1) return [...table.values()].map((command) => commandRow(command));
  const what = lower(argv[1] as Bytes);
  if (what === 'count' && argv.length === 2) return table.size;
  if (what === 'list' && argv.length === 2) return [...table.keys()].map((name) => bytes(name));
  if (what === 'docs') return new MapReply([]);
  if (what === 'info') {
    const names = argv.length === 2 ? [...table.keys()] : argv.slice(2).map((name) => lower(name));
    return names.map((name): Reply => {
      const command = table.get(name);
      return command === undefined ? null : commandRow(command);
    });
  }
  return error(`ERR unknown subcommand '${argv[1] as Bytes}'. Try COMMAND HELP.`);
};
