/**
 * Replies as values. A handler returns one; `encode.ts` writes it in the client's protocol version.
 * The frequent kinds are bare JavaScript values, so that they cost no allocation:
 * a byte string is a bulk, a number or bigint an integer, null a null bulk, an array an array.
 */
import type { Bytes } from '../core/bytes.ts';
import { bytes } from '../core/bytes.ts';

/** `+OK` and its like. */
export class Status {
  readonly text: Bytes;
  constructor(text: string) {
    this.text = bytes(text);
  }
}

/** An error reply. `text` starts with its code word: `ERR …`, `WRONGTYPE …`. */
export class ErrorReply {
  readonly text: Bytes;
  constructor(text: string) {
    this.text = bytes(text);
  }
  /** The word that INFO errorstats counts by. */
  get code(): string {
    const space = this.text.indexOf(' ');
    return space < 0 ? this.text : this.text.slice(0, space);
  }
}

/** RESP3 map; a flat array of twice the length in RESP2. */
export class MapReply {
  readonly entries: readonly (readonly [Reply, Reply])[];
  constructor(entries: readonly (readonly [Reply, Reply])[]) {
    this.entries = entries;
  }
}

/** RESP3 set; an array in RESP2. */
export class SetReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** Out-of-band data: RESP3 push, an array in RESP2. */
export class PushReply {
  readonly items: readonly Reply[];
  constructor(items: readonly Reply[]) {
    this.items = items;
  }
}

/** RESP3 double; its text as a bulk in RESP2. */
export class DoubleReply {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** RESP3 boolean; 1 or 0 in RESP2. */
export class BooleanReply {
  readonly value: boolean;
  constructor(value: boolean) {
    this.value = value;
  }
}

/** RESP3 verbatim string (`txt:`); a bulk in RESP2. */
export class VerbatimReply {
  readonly format: string;
  readonly text: Bytes;
  constructor(format: string, text: Bytes) {
    this.format = format;
    this.text = text;
  }
}

/** Bytes that are already in wire form. */
export class RawReply {
  readonly wire: Bytes;
  constructor(wire: string) {
    this.wire = bytes(wire);
  }
}

export type Reply =
  | Bytes | number | bigint | null | readonly Reply[]
  | Status | ErrorReply | MapReply | SetReply | PushReply | DoubleReply | BooleanReply | VerbatimReply | RawReply
  | typeof NULL_ARRAY | typeof NO_REPLY;

/** `*-1` in RESP2, `_` in RESP3. */
export const NULL_ARRAY: unique symbol = Symbol('null array');
/** Nothing is sent now (a blocked client, REPLCONF ACK). */
export const NO_REPLY: unique symbol = Symbol('no reply');

export const OK: Status = new Status('OK');
export const QUEUED: Status = new Status('QUEUED');
export const PONG: Status = new Status('PONG');

export const error = (text: string): ErrorReply => new ErrorReply(text);

export const WRONG_TYPE: ErrorReply = error('WRONGTYPE Operation against a key holding the wrong kind of value');
export const SYNTAX_ERROR: ErrorReply = error('ERR syntax error');
export const NOT_AN_INTEGER: ErrorReply = error('ERR value is not an integer or out of range');
export const NOT_A_FLOAT: ErrorReply = error('ERR value is not a valid float');
export const NO_SUCH_KEY: ErrorReply = error('ERR no such key');
