/**
 * What a command is: a row of the command table and the view of the server that its handler gets.
 *
 * Families export `readonly CommandRow[]`; `server/commandTable.ts` concatenates them. A handler reads `argv` (the command
 * name is argv[0]), changes the keyspace through its database, and returns a reply value. Arity, permissions, role and
 * memory were checked before. Source: the command table of Redis 7.0 (COMMAND's reply), compared by test.
 */
import type { Bytes } from '../core/bytes.ts';
import type { Random } from '../core/random.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { Client } from './client.ts';
import type { Reply } from '../protocol/reply.ts';

/** Redis's own flag names, as COMMAND shows them. */
export type CommandFlag =
  | 'write' | 'readonly' | 'denyoom' | 'admin' | 'pubsub' | 'noscript' | 'blocking' | 'loading' | 'stale'
  | 'skip_monitor' | 'skip_slowlog' | 'asking' | 'fast' | 'no_auth' | 'may_replicate' | 'no_async_loading' | 'no_multi'
  | 'no_mandatory_keys' | 'allow_busy' | 'movablekeys'
  /** Touches keys of its own choosing (SCAN, RANDOMKEY): what expires under it is not wrapped in MULTI. */
  | 'touches_arbitrary_keys';

/** Positions of the keys in argv: first, last (negative from the end), step; all 0 for none. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

export const NO_KEYS: KeyRange = { first: 0, last: 0, step: 0 };
export const ONE_KEY: KeyRange = { first: 1, last: 1, step: 1 };
export const ALL_KEYS: KeyRange = { first: 1, last: -1, step: 1 };

/** A client that waits for keys: BLPOP and its like. */
export interface Blocking {
  readonly keys: readonly Bytes[];
  /** Milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  /** What it is answered when the time is over. */
  readonly timeoutReply: Reply;
  /**
   * Tries again after `key`, one of the keys, was added, in a call of its own (with its own propagation). Looks at that
   * key alone, since a command may have added several and their order decides. Null: still nothing there. Clients that
   * wait for a key are served in the order in which they came.
   */
  retry(call: Call, key: Bytes): Reply | null;
  /** It tries again, too, when one of the keys holds no stream any more. */
  readonly needsStream?: true;
}

/** What a handler sees of the server while one command runs. */
export interface Call {
  readonly keyspace: Keyspace;
  readonly client: Client;
  /** The client's selected database. */
  readonly db: Database;
  /** Wall clock at the start of the command: everything in one command happens at one time. */
  readonly nowMs: number;
  readonly random: Random;
  /** True when the client may never wait: inside MULTI or from the replication stream. */
  readonly denyBlocking: boolean;
  /** The command comes from the primary's stream (or from a file being loaded). */
  readonly fromStream: boolean;
  /**
   * Counts changes to the data set. A command that reports none is not propagated, unless it says so by `propagate`.
   */
  changed(count: number): void;
  /** What goes into the stream in place of the command itself. No argument list: nothing goes. */
  propagate(...commands: readonly (readonly Bytes[])[]): void;
  /** The command goes to replicas, although it changes no data, and into no file. */
  propagateToReplicas(): void;
  /**
   * Makes the client wait; the handler returns what this returns. Where the client may not wait (`denyBlocking`), that is
   * the reply of a timeout.
   */
  block(blocking: Blocking): Reply;
  /** Virtual time for work beyond one plain command: elements visited. */
  cost(elements: number): void;
}

export type Handler = (call: Call, argv: readonly Bytes[]) => Reply;

export interface CommandRow {
  /** Lower case; a subcommand as `config|get`. */
  readonly name: string;
  /** Number of arguments with the name; negative: at least that many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly keys: KeyRange;
  /** For a command with the flag `movablekeys`: its keys, where their place depends on the arguments. */
  readonly movableKeys?: (argv: readonly Bytes[]) => readonly Bytes[];
  readonly since: string;
  readonly handler: Handler;
}
