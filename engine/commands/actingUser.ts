/** Whom a client acts for, as far as commands have to know. Users themselves are in `server/aclUser.ts`. */
import type { Bytes } from '../core/bytes.ts';

/** A key of a request, with what the command does to it, in the words of COMMAND GETKEYSANDFLAGS. */
export interface FlaggedKey {
  readonly key: Bytes;
  readonly flags: readonly string[];
}

/** A command as rights are asked for it. */
export interface AskedCommand {
  readonly name: string;
  readonly argv: readonly Bytes[];
  /** It needs no right. */
  readonly isFree: boolean;
  keys(): readonly FlaggedKey[];
}

export interface ActingUser {
  readonly name: Bytes;
  /** It may do everything. */
  readonly isUnrestricted: boolean;
  /** The command may run by rights that cover the reading of every key. */
  mayReadEveryKey(asked: AskedCommand): boolean;
}
