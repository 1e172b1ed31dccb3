/**
 * What one execution unit (a command, an EXEC) adds to the stream. Gathered while it runs, handed over at its end: one
 * command goes out bare, even from MULTI; two or more are wrapped.
 * Source: server.c of Redis 7.0 (propagatePendingCommands, alsoPropagate).
 */
import type { Bytes } from '../core/bytes.ts';
import type { RequestDecoder } from '../protocol/requestDecoder.ts';
import { type EncodedUnit, type StreamCommand, StreamUnit } from '../protocol/streamUnit.ts';

const STAR = 42;
const CR = 13;
const LF = 10;

export class ExecutionUnit {
  /** How many commands are running inside one another; the unit ends when it is back at 0. */
  depth = 0;
  private commands: StreamCommand[] = [];
  /** The first command as its client sent it; null where encoding it would give other bytes. */
  private frame: Bytes | null = null;

  /** The request that `decoder` returned last, unchanged. Its bytes go into the stream as they came. */
  addRequest(database: number, argv: readonly Bytes[], decoder: RequestDecoder): void {
    if (this.commands.length === 0) {
      const frame = decoder.takeFrame();
      if (isAsEncoded(frame, argv)) this.frame = frame;
    }
    this.add(database, argv);
  }

  add(database: number, argv: readonly Bytes[]): void {
    // Mostly a unit has one: a list of one is smaller than one that grows.
    if (this.commands.length === 0) this.commands = [{ database, argv }];
    else this.commands.push({ database, argv });
  }

  /** No change of data: for replicas, and for no file. */
  addForReplicas(database: number, argv: readonly Bytes[]): void {
    this.commands.push({ database, argv, target: 'replicas' });
  }

  /** What a script writes for the append-only file alone. */
  addForFile(database: number, argv: readonly Bytes[]): void {
    this.commands.push({ database, argv, target: 'file' });
  }

  get isEmpty(): boolean {
    return this.commands.length === 0;
  }

  /** What was gathered, as one unit; gathering begins anew. */
  take(wrap: boolean): StreamUnit {
    const { commands, frame } = this;
    this.commands = [];
    this.frame = null;
    return frame !== null && commands.length === 1 ? new RequestUnit(commands, frame) : new StreamUnit(commands, wrap);
  }
}

/** A unit of one request. Its client has encoded it already, so a stream that has its database selected takes those bytes. */
class RequestUnit extends StreamUnit {
  private readonly asSent: EncodedUnit;

  constructor(commands: readonly StreamCommand[], frame: Bytes) {
    super(commands, false);
    this.asSent = { text: frame, database: (commands[0] as StreamCommand).database };
  }

  override encode(selected: number): EncodedUnit {
    return selected === this.asSent.database ? this.asSent : super.encode(selected);
  }
}

/**
 * Whether a request came in the one form that encoding gives it: an array of bulks, each line and bulk with its CR and LF
 * (which a decoder passes over unseen).
 */
const isAsEncoded = (frame: Bytes, argv: readonly Bytes[]): boolean => {
  if (frame.charCodeAt(0) !== STAR) return false;
  let at = 1 + digits(argv.length);
  if (!endsLine(frame, at)) return false;
  for (const argument of argv) {
    const start = at + 3 + digits(argument.length);
    if (!endsLine(frame, start)) return false;
    at = start + 2 + argument.length;
    if (!endsLine(frame, at)) return false;
  }
  return at + 2 === frame.length;
};

const endsLine = (frame: Bytes, at: number): boolean => frame.charCodeAt(at) === CR && frame.charCodeAt(at + 1) === LF;

const digits = (count: number): number => {
  let length = 1;
  for (let limit = 10; count >= limit; limit *= 10) length++;
  return length;
};
