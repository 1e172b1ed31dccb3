/** COMMAND: what commands there are. Source: server.c of Redis 7.0 (commandCommand), for behaviour. */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { isWord } from '../commands/arguments.ts';
import { type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { globMatch } from '../commands/glob.ts';
import { MapReply, type Reply, SYNTAX_ERROR, SetReply, Status, error } from '../protocol/reply.ts';
import { keysOf } from './commandKeys.ts';
import { hasArity } from './commandLookup.ts';
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

type Table = ReadonlyMap<string, Command>;

/** A command or, as `config|get`, a subcommand. */
const named = (table: Table, name: Bytes): Command | undefined => {
  const [container = '', subcommand] = lower(name).split('|');
  const found = table.get(container);
  return subcommand === undefined ? found : found?.subcommands?.get(subcommand);
};

const info = (table: Table, names: readonly Bytes[]): Reply => {
  if (names.length === 0) return [...table.values()].map((command) => commandRow(command));
  return names.map((name): Reply => {
    const command = named(table, name);
    return command === undefined ? null : commandRow(command);
  });
};

const allNames = (table: Table): readonly string[] => [...table].flatMap(([name, { subcommands }]) =>
  [name, ...[...subcommands?.keys() ?? []].map((subcommand) => `${name}|${subcommand}`)]);

/** There are no modules and no categories here, so nothing is found by them. */
const list = (table: Table, [keyword, kind, pattern, ...others]: readonly Bytes[]): Reply => {
  if (keyword === undefined) return [...table.keys()].map((name) => bytes(name));
  if (!isWord(keyword, 'filterby') || kind === undefined || pattern === undefined || others.length > 0) return SYNTAX_ERROR;
  if (isWord(kind, 'module')) return [];
  if (isWord(kind, 'aclcat')) return error('ERR COMMAND LIST FILTERBY ACLCAT: not built yet');
  if (!isWord(kind, 'pattern')) return SYNTAX_ERROR;
  return allNames(table).filter((name) => globMatch(pattern, bytes(name), true)).map((name) => bytes(name));
};

/** Which of the words of a whole request are keys. */
const getKeys = (table: Table, argv: readonly Bytes[]): Reply => {
  const found = table.get(lower(argv[0] as Bytes));
  const subcommands = found?.subcommands ?? null;
  const command = subcommands === null ? found : subcommands.get(lower(argv[1] ?? EMPTY));
  if (command === undefined) return error('ERR Invalid command specified');
  // The channels of shards are placed like keys, and are none.
  if ((command.keys.first === 0 && command.movableKeys === undefined) || command.flags.includes('pubsub')) {
    return error('ERR The command has no key arguments');
  }
  if (!hasArity(command, argv.length)) return error('ERR Invalid number of arguments specified for command');
  const keys = keysOf(command, argv);
  return keys.length === 0 ? error('ERR Invalid arguments specified for command') : keys;
};

const HELP: readonly string[] = [
  'COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  '(no subcommand)',
  '    Return details about all Redis commands.',
  'COUNT',
  '    Return the total number of commands in this Redis server.',
  'LIST',
  '    Return a list of all commands in this Redis server.',
  'INFO [<command-name> ...]',
  '    Return details about multiple Redis commands.',
  '    If no command names are given, documentation details for all',
  '    commands are returned.',
  'GETKEYS <full-command>',
  '    Return the keys from a full Redis command.',
  'HELP',
  '    Prints this help.',
];

interface Subcommand {
  /** Words with the two names; negative: at least so many. */
  readonly arity: number;
  readonly run: (table: Table, words: readonly Bytes[]) => Reply;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  count: { arity: 2, run: (table) => table.size },
  list: { arity: -2, run: list },
  info: { arity: -2, run: info },
  // Nothing is documented here; clients take an empty map for that.
  docs: { arity: -2, run: () => new MapReply([]) },
  getkeys: { arity: -4, run: getKeys },
  help: { arity: 2, run: () => HELP.map((line) => new Status(line)) },
};

/** Alone it shows everything, so it is no container for dispatch. */
const commandCommand = (table: Table, argv: readonly Bytes[]): Reply => {
  if (argv.length === 1) return info(table, []);
  const name = lower(argv[1] as Bytes) as string;
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (subcommand === undefined) return error(`ERR unknown subcommand '${argv[1] as Bytes}'. Try COMMAND HELP.`);
  return hasArity(subcommand, argv.length) ? subcommand.run(table, argv.slice(2))
    : error(`ERR wrong number of arguments for 'command|${name}' command`);
};
