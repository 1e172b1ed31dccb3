/**
 * One replica as its primary sees it.
 *
 *   handshake --PSYNC, no partial--> waitStart --child starts--> waitEnd --child done, diskless--> online (held until ACK)
 *       |                                                          '-----child done, disk--> sendFile --> online
 *       '-----PSYNC, partial--> online
 *
 * From `waitEnd` on, the stream is gathered for it; it is sent only once the snapshot is through, and never to one that is `isRdbOnly`.
 */
import type { File } from '../host.ts';
import { type Bytes, EMPTY } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import type { CauseId } from '../core/units.ts';
import { type SnapshotParts, WHOLE } from '../persistence/rdbFormat.ts';

export type ReplicaLinkState = 'handshake' | 'waitStart' | 'waitEnd' | 'sendFile' | 'online';

export interface ReplicaLink {
  readonly client: Client;
  state: ReplicaLinkState;
  /** What REPLCONF announced. */
  listeningPort: number;
  announcedAddress: Bytes;
  capaEof: boolean;
  capaPsync2: boolean;
  /** It came by SYNC: no first line, and no acknowledgements are expected of it. */
  isOldSync: boolean;
  /** `REPLCONF rdb-only`: it wants the snapshot and nothing behind it; `rdb-filter-only`: and only these parts of it. */
  isRdbOnly: boolean;
  parts: SnapshotParts;
  /** Where its snapshot stands in the stream, for those who join it. */
  snapshotOffset: number;
  /** Last acknowledged offset (0: it has not spoken yet, whatever it was sent), and the wall-clock second of it. */
  ackOffset: number;
  ackUnixSeconds: number;
  /** Event that carried the last acknowledgement. */
  ackCause: CauseId;
  /** Diskless: the wall-clock second since which its connection takes nothing; 0: it takes what comes. */
  fullSinceUnixSeconds: number;
  /** Diskless: the stream starts with the first ACK. */
  startStreamOnAck: boolean;
  /** The snapshot file on its way out, and how far it went. */
  file: File | null;
  fileSent: number;
}

export const newReplicaLink = (client: Client, cause: CauseId): ReplicaLink => ({
  client, state: 'handshake', listeningPort: 0, announcedAddress: EMPTY, capaEof: false, capaPsync2: false,
  isOldSync: false, isRdbOnly: false, parts: WHOLE, snapshotOffset: 0, ackOffset: 0, ackUnixSeconds: 0, ackCause: cause, fullSinceUnixSeconds: 0,
  startStreamOnAck: false, file: null, fileSent: 0,
});

/** The address that INFO, ROLE and Sentinel show for a replica. */
export const linkAddress = (link: ReplicaLink): Bytes =>
  link.announcedAddress === EMPTY ? link.client.connection.remoteAddress : link.announcedAddress;

/** The word that INFO replication shows. */
export const linkStateWord = (state: ReplicaLinkState): string =>
  state === 'online' ? 'online' : state === 'sendFile' ? 'send_bulk' : 'wait_bgsave';
