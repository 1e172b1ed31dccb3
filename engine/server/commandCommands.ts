/**
 * COMMAND: what commands there are, as redis-server shows them: the rows of the table, with what `commandFacts.ts` says besides.
 * Source: server.c and db.c of Redis 7.0 (commandCommand, getKeysFromCommandWithSpecs), for behaviour.
 */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { isWord } from '../commands/arguments.ts';
import { type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { globMatch } from '../commands/glob.ts';
import { MapReply, type Reply, SYNTAX_ERROR, SetReply, Status, error } from '../protocol/reply.ts';
import { documentation } from './commandDocumentation.ts';
import { type CommandFact, type KeySpec, factOf, keysAndFlags } from './commandFactReader.ts';
import { keysOf } from './commandKeys.ts';
import { hasArity } from './commandLookup.ts';
import type { Command } from './commandTable.ts';
import { COMMAND_HELP, helpRow } from './helpTexts.ts';

/** Flags that redis-server keeps to itself. */
const UNSHOWN_FLAGS: readonly CommandFlag[] = ['touches_arbitrary_keys', 'may_replicate'];

type Table = ReadonlyMap<string, Command>;

const statuses = (words: readonly string[]): SetReply => new SetReply(words.map((word) => new Status(word)));
const pairs = (entries: readonly (readonly [string, Reply])[]): MapReply =>
  new MapReply(entries.map(([name, value]) => [bytes(name), value]));

const specReply = ({ flags, begin, find, notes }: KeySpec): Reply => pairs([
  ...(notes === null ? [] : [['notes', bytes(notes)] as const]), ['flags', statuses(flags)],
  ['begin_search', stepReply(begin)], ['find_keys', stepReply(find)],
]);

const stepReply = ({ type, values }: KeySpec['begin']): Reply =>
  pairs([['type', bytes(type)], ['spec', pairs(values.map(([name, value]) => [name, typeof value === 'number' ? value : bytes(value)]))]]);

/** A row of COMMAND's reply: name, arity, flags, first key, last key, step, categories, tips, key specs, subcommands. */
const commandRow = (command: Command): Reply => {
  const fact: CommandFact = factOf(command.name);
  return [
    bytes(command.name), command.arity, statuses(command.flags.filter((flag) => !UNSHOWN_FLAGS.includes(flag))),
    command.keys.first, command.keys.last, command.keys.step, statuses(fact.categories.map((name) => `@${name}`)),
    new SetReply(fact.tips.map((tip) => bytes(tip))), new SetReply(fact.keySpecs.map(specReply)),
    // A set only where it is empty.
    command.subcommands === null ? new SetReply([]) : [...command.subcommands.values()].map((one) => commandRow(one)),
  ];
};

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

/** Names that there are not are passed over. */
const docs = (table: Table, lines: readonly string[], names: readonly Bytes[]): Reply => {
  const wanted = names.length === 0 ? [...table.values()] : names.flatMap((name) => named(table, name) ?? []);
  const documented = documentation(lines);
  return new MapReply(wanted.flatMap((command) => {
    const text = documented(command);
    return text === null ? [] : [[bytes(command.name), text] as const];
  }));
};

const withSubcommands = (table: Table): readonly Command[] =>
  [...table.values()].flatMap((command) => [command, ...command.subcommands?.values() ?? []]);

/** There are no modules here, so nothing is found by them. */
const list = (table: Table, [keyword, kind, pattern, ...others]: readonly Bytes[]): Reply => {
  if (keyword === undefined) return withSubcommands(table).map(({ name }) => bytes(name));
  if (!isWord(keyword, 'filterby') || kind === undefined || pattern === undefined || others.length > 0) return SYNTAX_ERROR;
  if (isWord(kind, 'module')) return [];
  const isWanted = isWord(kind, 'aclcat') ? (name: string): boolean => factOf(name).categories.includes(lower(pattern))
    : isWord(kind, 'pattern') ? (name: string): boolean => globMatch(pattern, bytes(name), true) : null;
  if (isWanted === null) return SYNTAX_ERROR;
  return withSubcommands(table).filter(({ name }) => isWanted(name)).map(({ name }) => bytes(name));
};

/** Which of the words of a whole request are keys, as `show` shows them. */
const getKeys = (table: Table, argv: readonly Bytes[], show: (command: Command, argv: readonly Bytes[]) => readonly Reply[]): Reply => {
  const found = table.get(lower(argv[0] as Bytes));
  const subcommands = found?.subcommands ?? null;
  const command = subcommands === null ? found : subcommands.get(lower(argv[1] ?? EMPTY));
  if (command === undefined) return error('ERR Invalid command specified');
  // The channels of shards are placed like keys, and are none.
  if ((command.keys.first === 0 && command.movableKeys === undefined) || command.flags.includes('pubsub')) {
    return error('ERR The command has no key arguments');
  }
  if (!hasArity(command, argv.length)) return error('ERR Invalid number of arguments specified for command');
  const keys = show(command, argv);
  return keys.length === 0 ? error('ERR Invalid arguments specified for command') : keys;
};

const showFlags = (command: Command, argv: readonly Bytes[]): readonly Reply[] =>
  keysAndFlags(command, argv).map(({ key, flags }) => [key, statuses(flags)]);

/** `table` is asked for at each call, since it is complete only once all families are in it. */
export const commandCommands = (table: () => Table, docLines: readonly string[]): readonly CommandRow[] => {
  const row = (name: string, arity: number, since: string, run: (words: readonly Bytes[]) => Reply): CommandRow => ({
    name: `command|${name}`, arity, flags: ['loading', 'stale'], keys: NO_KEYS, since, handler: (_call, argv) => run(argv.slice(2)),
  });
  return [
    { name: 'command', arity: -1, flags: ['loading', 'stale'], keys: NO_KEYS, since: '2.8.13', handler: () => info(table(), []) },
    row('count', 2, '2.8.13', () => table().size),
    row('list', -2, '7.0.0', (words) => list(table(), words)),
    row('info', -2, '2.8.13', (words) => info(table(), words)),
    row('docs', -2, '7.0.0', (words) => docs(table(), docLines, words)),
    row('getkeys', -4, '2.8.13', (words) => getKeys(table(), words, keysOf)),
    row('getkeysandflags', -4, '7.0.0', (words) => getKeys(table(), words, showFlags)),
    helpRow('command', COMMAND_HELP, '5.0.0'),
  ];
};
