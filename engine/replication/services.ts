/** What both sides of replication need of the server around them. */
import type { Connection, Host } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import type { Settings } from '../commands/settings.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { type AofBugs, NO_AOF_BUGS } from '../persistence/aof.ts';
import type { SnapshotSaver } from '../persistence/snapshotSaver.ts';
import type { ReplicationHistory } from './history.ts';

export interface ReplicationServices {
  readonly host: Host;
  readonly settings: Settings;
  readonly keyspace: Keyspace;
  readonly history: ReplicationHistory;
  readonly saver: SnapshotSaver;
  /** Bugs planted for tests, off in every product path. */
  readonly bugs: PlantedBugs;
  /** Makes a client of an open connection; its input is then fed by `receive`. */
  adoptConnection(connection: Connection): Client;
  /** Input that arrived for a client. */
  receive(client: Client, chunk: Bytes): void;
  /** Drops a client; its connection closes at the end of the turn. */
  drop(client: Client, reason: string): void;
  /** The node has just become a replica: nobody waits here for writes any more. */
  becameReplica(): void;
  /** A FAILOVER is under way and we follow its target: PSYNC makes it a primary. */
  handsOver(): boolean;
  /** What that PSYNC was answered. */
  psyncAnswered(accepted: boolean): void;
  /** A snapshot from our primary is about to be loaded: no save of the old data may put itself in its place. */
  stopSaving(from: 'a file' | 'the socket'): void;
  /** Reads a snapshot file in slices in place of the present data; `done` hears the outcome. */
  load(path: Bytes, done: (result: LoadResult) => void): void;
  /** A snapshot is read from the socket from here on. `isAsync`: the data set is served meanwhile. */
  startLoading(isAsync: boolean): void;
  /** It came to nothing. */
  abortLoading(): void;
  /** It is the data set now; `adopt` says which place in the history that is. */
  finishLoading(loaded: { readonly keys: number; readonly expired: number }, adopt: () => void): void;
}

export type LoadResult =
  | {
    readonly ok: true; readonly auxiliary: ReadonlyMap<Bytes, Bytes>;
    /** Keys that were left out because their time had come. */
    readonly expired: readonly { readonly database: number; readonly key: Bytes }[];
  }
  /** `isDamaged`: the file was read, and is no sound one. */
  | { readonly ok: false; readonly reason: string; readonly isDamaged: boolean };

/** Named faults of the engine itself, for proving that the checkers see them. */
export interface PlantedBugs extends AofBugs {
  /** A replica applies a command of the stream without counting it. */
  readonly offsetNotAdvanced: boolean;
  /** A primary acknowledges one write in fifty without executing it. */
  readonly acknowledgedWriteDropped: boolean;
  /** A primary answers CONTINUE to an offset beyond the fork of the second ID. */
  readonly partialSyncBeyondFork: boolean;
  /** A primary answers CONTINUE whatever the replication ID, where its backlog has the offset. */
  readonly partialSyncFromAnyHistory: boolean;
  /** A primary does not put one write in fifty into the replication stream. */
  readonly writeNotPropagated: boolean;
  /** A key whose time has come goes from a primary's data set, and its replicas are not told. */
  readonly expiryNotPropagated: boolean;
  /** A unit of several commands goes into the stream without the MULTI and EXEC around it. */
  readonly transactionSplit: boolean;
  /** WAIT counts every connected replica. */
  readonly waitCountsEveryReplica: boolean;
  /** `min-replicas-to-write` stops no write. */
  readonly minReplicasIgnored: boolean;
  /** A replica takes writes of clients. */
  readonly replicaTakesWrites: boolean;
}

export const NO_BUGS: PlantedBugs = {
  offsetNotAdvanced: false, acknowledgedWriteDropped: false, partialSyncBeyondFork: false,
  partialSyncFromAnyHistory: false, writeNotPropagated: false, expiryNotPropagated: false, transactionSplit: false,
  waitCountsEveryReplica: false, minReplicasIgnored: false, replicaTakesWrites: false, ...NO_AOF_BUGS,
};
