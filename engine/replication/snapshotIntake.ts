/**
 * What a replica does with the snapshot that its primary sends: there are two ways, `FileIntake` (to the disk, then loaded
 * from there) and `SocketIntake` (loaded as it comes). The replica side drives either by this interface, and hears of the
 * end by the other one.
 */
import type { Connection } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import type { ReplicationServices } from './services.ts';

export interface SnapshotIntake {
  /** The snapshot is here, in full: what becomes of the connection no longer matters to it. */
  readonly hasAll: boolean;
  /** A chunk from the connection. */
  receive(chunk: Bytes): void;
  /** The attempt is over; what has come so far is thrown away. */
  abandon(): void;
}

export interface IntakeOwner {
  /** The old data are about to go: with them our past, and whoever followed us through it. */
  attach(): void;
  /** The snapshot is the data set now. `rest`: the stream that came behind it. */
  loaded(auxiliary: ReadonlyMap<Bytes, Bytes>, rest: Bytes): void;
  /** The attempt failed; why was logged. */
  failed(reason: string): void;
}

/** One full synchronisation: where from, and to which place in the history it leads. */
export interface IntakeParts {
  readonly services: ReplicationServices;
  readonly owner: IntakeOwner;
  readonly connection: Connection;
  readonly id: Bytes;
  readonly offset: number;
}

/** The data on the disk or on the wire are no snapshot: Redis ends itself. */
export const endForDamage = ({ host }: ReplicationServices, reason: string): void => {
  host.log('warning', reason);
  host.log('warning', 'Terminating server after rdb file reading failure.');
  host.exit(1);
};
