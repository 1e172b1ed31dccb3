/**
 * One execution unit in the form in which it enters a stream of commands: the replication stream and the append-only
 * file have the same form, each with a selected database of its own.
 * Source: propagatePendingCommands and feedAppendOnlyFile of Redis 7.0, for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { encodeCommand } from './encode.ts';

/** One command on its way into a stream. */
export interface StreamCommand {
  readonly database: number;
  readonly argv: readonly Bytes[];
}

export interface EncodedUnit {
  readonly text: Bytes;
  /** The database that the stream has selected behind it. */
  readonly database: number;
}

const MULTI: Bytes = encodeCommand([bytes('MULTI')]);
const EXEC: Bytes = encodeCommand([bytes('EXEC')]);

/**
 * One command goes bare, even from MULTI; two or more are wrapped where `wrap` says so. SELECT comes before the MULTI of
 * its first command. `selected`: the stream's database; -1: none yet.
 */
export const encodeUnit = (commands: readonly StreamCommand[], wrap: boolean, selected: number): EncodedUnit => {
  const isWrapped = wrap && commands.length > 1;
  let text = '';
  let at = selected;
  for (let index = 0; index < commands.length; index++) {
    const { database, argv } = commands[index] as StreamCommand;
    if (database !== at) {
      text += encodeCommand([bytes('SELECT'), bytes(String(database))]);
      at = database;
    }
    if (isWrapped && index === 0) text += MULTI;
    text += encodeCommand(argv);
  }
  return { text: bytes(isWrapped ? text + EXEC : text), database: at };
};
