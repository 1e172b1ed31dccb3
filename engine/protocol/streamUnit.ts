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
  /** For one of the two streams only: PUBLISH is no data, and goes into no file; scripts may say where their writes go. */
  readonly target?: StreamTarget;
}

export type StreamTarget = 'replicas' | 'file';

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
  /** Commands for the other stream are left out. */
  private readonly stream: StreamTarget | null;
  private encoded: EncodedUnit | null = null;
  private encodedFor = 0;

  constructor(commands: readonly StreamCommand[], wrap: boolean, stream: StreamTarget | null = null) {
    this.commands = commands;
    this.isWrapped = wrap && commands.length > 1;
    this.stream = stream;
  }

  /**
   * The unit as a file gets it; null when nothing of it is for a file. What a file does not get counts all the same: its
   * MULTI and EXEC are there, in the databases of the first and the last command.
   */
  forFile(): StreamUnit | null {
    return this.forStream('file');
  }

  /** The same as the replicas get it. */
  forReplicas(): StreamUnit | null {
    return this.forStream('replicas');
  }

  private forStream(stream: StreamTarget): StreamUnit | null {
    const isAllKept = this.commands.every(({ target }) => target === undefined || target === stream);
    if (isAllKept) return this;
    return this.commands.length === 1 ? null : new StreamUnit(this.commands, this.isWrapped, stream);
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
      const { database, argv, target } = this.commands[index] as StreamCommand;
      const isFirst = this.isWrapped && index === 0;
      const isLast = this.isWrapped && index === this.commands.length - 1;
      const isLeftOut = this.stream !== null && target !== undefined && target !== this.stream;
      if (database !== at && (!isLeftOut || isFirst || isLast)) {
        text += encodeCommand([bytes('SELECT'), bytes(String(database))]);
        at = database;
      }
      if (isFirst) text += MULTI;
      if (!isLeftOut) text += encodeCommand(argv);
      if (isLast) text += EXEC;
    }
    return { text: bytes(text), database: at };
  }
}
