/** From an argument list to a command of a table, or to what is wrong with it. Source: server.c of Redis 7.0 (processCommand). */
import { type Bytes, EMPTY, lower } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import type { Connection } from '../host.ts';
import { type ErrorReply, error } from '../protocol/reply.ts';
import type { Command, CommandTable } from './commandTable.ts';

/** How much of the arguments an unknown command's error quotes. */
const QUOTED_ARGUMENTS_MAX = 128;

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1'];

/** Whether `setting` (yes, no, or local: for those from the machine itself) lets the client do it. */
export const isAllowed = (setting: Bytes, client: Client): boolean =>
  setting === 'yes' || (setting === 'local' && isLocal(client.connection));

/** A unix socket is always the machine's own; its connections have no port. */
export const isLocal = ({ remoteAddress, remotePort }: Connection): boolean => LOOPBACK.includes(remoteAddress) || (remotePort === 0 && remoteAddress !== EMPTY);

/** The command or subcommand that `argv` names; an error for one that does not exist. */
export const lookUp = (table: CommandTable, argv: readonly Bytes[]): Command | ErrorReply => {
  const found = table.find(argv[0] as Bytes);
  if (found === undefined) return unknownCommand(argv);
  return found.subcommands === null || (found.runsAlone && argv.length === 1) ? found : subcommand(found, argv);
};

/** Null: the number of words will do. */
export const arityError = (command: Command, words: number): ErrorReply | null =>
  (hasArity(command, words) ? null : error(`ERR wrong number of arguments for '${command.name}' command`));

export const hasArity = (command: Pick<Command, 'arity'>, words: number): boolean =>
  (command.arity > 0 ? words === command.arity : words >= -command.arity);

const subcommand = (container: Command, argv: readonly Bytes[]): Command | ErrorReply => {
  if (argv.length < 2) return error(`ERR wrong number of arguments for '${container.name}' command`);
  const found = container.subcommands?.get(lower(argv[1] as Bytes));
  return found ?? error(`ERR unknown subcommand '${(argv[1] as Bytes).slice(0, QUOTED_ARGUMENTS_MAX)}'. `
    + `Try ${container.name.toUpperCase()} HELP.`);
};

const unknownCommand = (argv: readonly Bytes[]): ErrorReply => {
  let quoted = '';
  for (let index = 1; index < argv.length && quoted.length < QUOTED_ARGUMENTS_MAX; index++) {
    quoted += `'${(argv[index] as Bytes).slice(0, QUOTED_ARGUMENTS_MAX - quoted.length)}' `;
  }
  const name = (argv[0] as Bytes).slice(0, QUOTED_ARGUMENTS_MAX);
  return error(`ERR unknown command '${name}', with args beginning with: ${quoted}`);
};
