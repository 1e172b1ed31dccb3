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
 * One unit on its way into the streams. They mostly have the same database selected, so its text is made once for both.
 * One command goes bare, even from MULTI; two or more are wrapped where `wrap` says so. SELECT comes before the MULTI of
 * its first command.
 */
export class StreamUnit {
  readonly commands: readonly StreamCommand[];
  private readonly isWrapped: boolean;
  private encoded: EncodedUnit | null = null;
  private encodedFor = 0;

  constructor(commands: readonly StreamCommand[], wrap: boolean) {
    this.commands = commands;
    this.isWrapped = wrap && commands.length > 1;
  }

  /** For a stream that has `selected` as its database; -1: none yet. */
  encode(selected: number): EncodedUnit {
    if (this.encoded === null || this.encodedFor !== selected) {
      this.encoded = this.encodeAnew(selected);
      this.encodedFor = selected;
    }
    return this.encoded;
  }

  private encodeAnew(selected: number): EncodedUnit {
    let text = '';
    let at = selected;
    for (let index = 0; index < this.commands.length; index++) {
      const { database, argv } = this.commands[index] as StreamCommand;
      if (database !== at) {
        text += encodeCommand([bytes('SELECT'), bytes(String(database))]);
        at = database;
      }
      if (this.isWrapped && index === 0) text += MULTI;
      text += encodeCommand(argv);
    }
    return { text: bytes(this.isWrapped ? text + EXEC : text), database: at };
  }
}
