/**
 * States worth reaching: the catalogue of the marks that the engine and its simulated clients put into notes. A campaign that
 * never reached one of them has not tested what lies behind it, and says so (`sim/explore/coverage.ts`).
 *
 * What always holds: every mark stands here, is emitted in one rare path at least, and costs one call; `test/tidy.test.ts`
 * compares this table with the sources.
 */
import type { MarkNote } from './notes.ts';

/** Where the mark is made. */
export type MarkRoom = 'server' | 'replication' | 'persistence' | 'sentinel' | 'cluster' | 'client';

/** What a deployment, its workload or its plan must have before a mark can be reached at all. */
export type MarkNeed =
  /** Some data node follows another. */
  | 'replicas'
  /** Sentinels watch. */
  | 'sentinels'
  /** A cluster. */
  | 'cluster'
  /** A cluster whose primaries have replicas. */
  | 'clusterReplicas'
  /** A cluster in which a primary has two replicas or more. */
  | 'clusterSiblings'
  /** An append-only file is kept. */
  | 'aof'
  /** An append-only file with appendfsync always. */
  | 'aofAlways'
  /** Snapshots are kept: there are save points. */
  | 'snapshots'
  /** Anything is kept on a disk. */
  | 'disk'
  /** Snapshots for replicas go by way of a file. */
  | 'disklessOff'
  /** Replicas read snapshots from the socket. */
  | 'disklessLoad'
  /** A limit of replica output that the workload can reach. */
  | 'smallOutput'
  /** A backlog that expires within the run. */
  | 'shortBacklogTtl'
  /** Min-replicas-to-write is not 0. */
  | 'minReplicas'
  /** A client uses WAIT. */
  | 'waits'
  /** A client uses MULTI. */
  | 'transactions'
  /** A client waits for keys. */
  | 'blocking'
  /** A client asks for several keys at once. */
  | 'multiKey'
  /** The plan pauses clients: CLIENT PAUSE, FAILOVER, CLUSTER FAILOVER. */
  | 'pauses'
  /** The plan has FAILOVER. */
  | 'handover'
  /** The plan has CLUSTER FAILOVER. */
  | 'clusterHandover'
  /** The plan moves slots. */
  | 'resharding';

export interface MarkRow {
  /** What was reached, in a sentence. */
  readonly means: string;
  readonly room: MarkRoom;
  /** All of these; none: any world can reach it. */
  readonly needs: readonly MarkNeed[];
}

export type MarkName =
  | 'secondReplicationIdUsed' | 'partialResyncRefused' | 'backlogTooShort' | 'replicaAheadOfFork'
  | 'replicationIdFollowed' | 'historyTakenFromSnapshot' | 'promotedWithoutLink'
  | 'streamCutInsideTransaction' | 'snapshotCutInTransfer' | 'snapshotShared' | 'disklessSyncSent'
  | 'disklessLoadFailed' | 'servedWhileSwapping' | 'replicaDroppedForOutput' | 'replicaTimedOut'
  | 'primaryTimedOut' | 'backlogExpired' | 'failoverHandedOver' | 'failoverGivenUp'
  | 'minReplicasRefused' | 'readOnlyRefused' | 'loadingRefused' | 'waitTimedOut'
  | 'blockedClientReleasedByRole' | 'writeHeldByPause' | 'snapshotFailed' | 'misconfRefused'
  | 'replicaEndedByDisk' | 'aofTailCut' | 'aofTransactionReverted' | 'aofRewrittenUnderLoad'
  | 'aofRewriteFailed' | 'aofWritePostponed' | 'aofWriteBlocked' | 'aofWriteFailed'
  | 'aofSyncFailed' | 'aofSyncMended' | 'aofSyncFatal' | 'sentinelTilt' | 'sentinelSdownAlone'
  | 'sentinelOdownRevoked' | 'sentinelVoteRefused' | 'sentinelVoteRepeated' | 'sentinelVoteTooLate'
  | 'sentinelFailoverDelayed' | 'sentinelNotElected' | 'sentinelNoGoodReplica'
  | 'sentinelPromotionTimedOut' | 'sentinelReconfTimedOut' | 'sentinelFailoverEndedByTimeout'
  | 'sentinelHelloNewEpoch' | 'sentinelHelloStale' | 'sentinelConfigAdopted'
  | 'sentinelFailoverOvertaken' | 'sentinelConvertedPrimary' | 'sentinelFixedReplica'
  | 'sentinelRebootSeen' | 'sentinelConfigRewritten' | 'sentinelConfigNotSaved'
  | 'clusterPfailWithoutFail' | 'clusterFailHeard' | 'clusterFailUndone'
  | 'clusterVoteRefusedOldEpoch' | 'clusterVoteRefusedTwice' | 'clusterVoteRefusedPrimaryUp'
  | 'clusterVoteRefusedTooSoon' | 'clusterVoteRefusedStaleSlots' | 'clusterElectionLost'
  | 'clusterElectionDelayedByRank' | 'clusterDataTooOld' | 'clusterEpochCollision'
  | 'clusterStaleClaimCorrected' | 'clusterKeysDropped' | 'clusterReconfiguredAsReplica'
  | 'clusterReplicaMigrated' | 'clusterSubReplicaLeft' | 'clusterManualFailoverReady'
  | 'clusterManualFailoverTimedOut' | 'clusterMinority' | 'clusterRejoinDelayed'
  | 'clusterDownAnswered' | 'clusterMovedAnswered' | 'clusterAskAnswered'
  | 'clusterTryAgainAnswered' | 'clusterBlockedClientRedirected' | 'movedFollowed' | 'askFollowed';

export const MARKS: Readonly<Record<MarkName, MarkRow>> = {
  secondReplicationIdUsed: {
    room: 'replication', needs: ['replicas'],
    means: 'a replica resumed under the replication ID of before a promotion',
  },
  partialResyncRefused: {
    room: 'replication', needs: ['replicas'],
    means: 'a replica asked to resume and had to take a snapshot',
  },
  backlogTooShort: {
    room: 'replication', needs: ['replicas'],
    means: 'the history was the same, but the backlog no longer began where the replica had stopped',
  },
  replicaAheadOfFork: {
    room: 'replication', needs: ['replicas'],
    means: 'a replica asked to resume beyond the place where the histories part',
  },
  replicationIdFollowed: {
    room: 'replication', needs: ['replicas'],
    means: 'a replica went on with the same stream under a new replication ID',
  },
  historyTakenFromSnapshot: {
    room: 'replication', needs: ['replicas', 'snapshots'],
    means: 'a node that restarted took its place in the history from its snapshot file',
  },
  promotedWithoutLink: {
    room: 'replication', needs: ['replicas'],
    means: 'a replica was promoted while its link to the primary was down',
  },
  streamCutInsideTransaction: {
    room: 'replication', needs: ['replicas', 'transactions'],
    means: 'a link broke between MULTI and EXEC of the stream',
  },
  snapshotCutInTransfer: {
    room: 'replication', needs: ['replicas'],
    means: 'a full synchronisation broke off before all of the snapshot was there',
  },
  snapshotShared: {
    room: 'replication', needs: ['replicas', 'disklessOff'],
    means: 'a replica joined a snapshot that was already being written for another',
  },
  disklessSyncSent: { room: 'replication', needs: ['replicas'], means: 'a snapshot went to replicas without a file' },
  disklessLoadFailed: {
    room: 'replication', needs: ['replicas', 'disklessLoad'],
    means: 'reading a snapshot from the socket broke off',
  },
  servedWhileSwapping: {
    room: 'replication', needs: ['replicas', 'disklessLoad'],
    means: 'a replica served its old data while it read the new from the socket',
  },
  replicaDroppedForOutput: {
    room: 'replication', needs: ['replicas', 'smallOutput'],
    means: 'a replica was dropped because of its output buffer limit',
  },
  replicaTimedOut: {
    room: 'replication', needs: ['replicas'],
    means: 'a primary dropped a replica that had been silent for repl-timeout',
  },
  primaryTimedOut: {
    room: 'replication', needs: ['replicas'],
    means: 'a replica left a primary that had been silent for repl-timeout',
  },
  backlogExpired: {
    room: 'replication', needs: ['replicas', 'shortBacklogTtl'],
    means: 'a primary without replicas freed its backlog',
  },
  failoverHandedOver: { room: 'replication', needs: ['replicas', 'handover'], means: 'FAILOVER reached the hand-over' },
  failoverGivenUp: {
    room: 'replication', needs: ['replicas', 'handover'],
    means: 'FAILOVER was given up: its time was over, it was aborted or refused',
  },
  minReplicasRefused: {
    room: 'server', needs: ['minReplicas'],
    means: 'a write was refused for want of replicas that are in step',
  },
  readOnlyRefused: { room: 'server', needs: ['replicas'], means: 'a client wrote to a replica, and was refused' },
  loadingRefused: { room: 'server', needs: [], means: 'a client came while the data were being loaded, and was refused' },
  waitTimedOut: { room: 'server', needs: ['waits'], means: 'WAIT ended by its time limit' },
  blockedClientReleasedByRole: {
    room: 'server', needs: ['replicas', 'waits'],
    means: 'a client that waited was let go because the node became a replica',
  },
  writeHeldByPause: { room: 'server', needs: ['pauses'], means: 'a write was held back by a pause' },
  snapshotFailed: { room: 'persistence', needs: ['snapshots'], means: 'a snapshot could not be written' },
  misconfRefused: { room: 'persistence', needs: ['disk'], means: 'a write or a PING was refused because the disk is in trouble' },
  replicaEndedByDisk: {
    room: 'persistence', needs: ['replicas', 'disk'],
    means: 'a replica ended itself rather than apply what it could not persist',
  },
  aofTailCut: { room: 'persistence', needs: ['aof'], means: 'the append-only file ended inside a command, and was cut back' },
  aofTransactionReverted: {
    room: 'persistence', needs: ['aof', 'transactions'],
    means: 'the append-only file ended between MULTI and EXEC',
  },
  aofRewrittenUnderLoad: {
    room: 'persistence', needs: ['aof'],
    means: 'a rewrite of the append-only file ended while writes went on',
  },
  aofRewriteFailed: { room: 'persistence', needs: ['aof'], means: 'a rewrite of the append-only file failed' },
  aofWritePostponed: { room: 'persistence', needs: ['aof'], means: 'a write of the append-only file waited for a running fsync' },
  aofWriteBlocked: { room: 'persistence', needs: ['aof'], means: 'it had waited for two seconds, and went on without the fsync' },
  aofWriteFailed: { room: 'persistence', needs: ['aof'], means: 'the disk refused a write of the append-only file' },
  aofSyncFailed: { room: 'persistence', needs: ['aof'], means: 'an fsync beside the process failed' },
  aofSyncMended: { room: 'persistence', needs: ['aof'], means: 'the next one succeeded: writes are taken again' },
  aofSyncFatal: {
    room: 'persistence', needs: ['aofAlways'],
    means: 'the disk failed under appendfsync always, and the process ended',
  },
  sentinelTilt: { room: 'sentinel', needs: ['sentinels'], means: 'a sentinel went into TILT' },
  sentinelSdownAlone: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a sentinel held the primary to be down, and took it back before enough agreed',
  },
  sentinelOdownRevoked: { room: 'sentinel', needs: ['sentinels'], means: 'an agreement that the primary is down was revoked' },
  sentinelVoteRefused: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a sentinel was asked for a vote that it had given to another',
  },
  sentinelVoteRepeated: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a sentinel was asked again for the vote that it had given',
  },
  sentinelVoteTooLate: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a sentinel was asked for a vote in an epoch that was over',
  },
  sentinelFailoverDelayed: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a failover had to wait because one had just been tried',
  },
  sentinelNotElected: { room: 'sentinel', needs: ['sentinels'], means: 'a failover was aborted: not elected in time' },
  sentinelNoGoodReplica: { room: 'sentinel', needs: ['sentinels'], means: 'a failover was aborted: no replica would do' },
  sentinelPromotionTimedOut: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a failover was aborted: the chosen replica did not become a primary in time',
  },
  sentinelReconfTimedOut: { room: 'sentinel', needs: ['sentinels'], means: 'a replica did not follow the new primary in time' },
  sentinelFailoverEndedByTimeout: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a failover ended by its time limit, before all replicas followed',
  },
  sentinelHelloNewEpoch: { room: 'sentinel', needs: ['sentinels'], means: 'a hello brought a greater epoch' },
  sentinelHelloStale: { room: 'sentinel', needs: ['sentinels'], means: 'a hello spoke of an older configuration' },
  sentinelConfigAdopted: { room: 'sentinel', needs: ['sentinels'], means: 'a sentinel took another primary from a hello' },
  sentinelFailoverOvertaken: {
    room: 'sentinel', needs: ['sentinels'],
    means: 'a hello with a newer configuration came in the middle of a failover',
  },
  sentinelConvertedPrimary: { room: 'sentinel', needs: ['sentinels'], means: 'a primary of before was made a replica' },
  sentinelFixedReplica: { room: 'sentinel', needs: ['sentinels'], means: 'a replica that followed somebody else was put right' },
  sentinelRebootSeen: { room: 'sentinel', needs: ['sentinels'], means: 'a sentinel saw that an instance had restarted' },
  sentinelConfigRewritten: { room: 'sentinel', needs: ['sentinels'], means: 'a sentinel wrote its configuration file anew' },
  sentinelConfigNotSaved: {
    room: 'sentinel', needs: ['sentinels', 'disk'],
    means: 'a sentinel could not save its configuration',
  },
  clusterPfailWithoutFail: {
    room: 'cluster', needs: ['cluster'],
    means: 'a node held another to be down, and took it back before a majority agreed',
  },
  clusterFailHeard: { room: 'cluster', needs: ['cluster'], means: 'a node was told that another has failed' },
  clusterFailUndone: {
    room: 'cluster', needs: ['cluster'],
    means: 'a primary that had failed and was not replaced counts as alive again',
  },
  clusterVoteRefusedOldEpoch: { room: 'cluster', needs: ['clusterReplicas'], means: 'a vote was refused: the epoch is over' },
  clusterVoteRefusedTwice: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a vote was refused: given in this epoch already',
  },
  clusterVoteRefusedPrimaryUp: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a vote was refused: the voter holds the primary to be alive',
  },
  clusterVoteRefusedTooSoon: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a vote was refused: one for the same primary was given a moment ago',
  },
  clusterVoteRefusedStaleSlots: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a vote was refused: somebody has the slots with a greater epoch',
  },
  clusterElectionLost: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a replica asked for votes and did not get enough of them',
  },
  clusterElectionDelayedByRank: {
    room: 'cluster', needs: ['clusterSiblings'],
    means: 'a replica stepped back because a sibling has more data',
  },
  clusterDataTooOld: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a replica did not stand for election: it was cut off for too long',
  },
  clusterEpochCollision: {
    room: 'cluster', needs: ['cluster'],
    means: 'two primaries had one configuration epoch, and one took another',
  },
  clusterStaleClaimCorrected: {
    room: 'cluster', needs: ['cluster'],
    means: 'a node that claimed slots which it had lost was told so',
  },
  clusterKeysDropped: { room: 'cluster', needs: ['cluster'], means: 'a node deleted keys of slots that it had lost' },
  clusterReconfiguredAsReplica: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a node of a cluster follows another primary from now on',
  },
  clusterReplicaMigrated: { room: 'cluster', needs: ['clusterSiblings'], means: 'a replica went to a primary that had none' },
  clusterSubReplicaLeft: {
    room: 'cluster', needs: ['clusterReplicas'],
    means: 'a replica whose primary became a replica follows the new primary',
  },
  clusterManualFailoverReady: {
    room: 'cluster', needs: ['clusterReplicas', 'clusterHandover'],
    means: 'a manual failover: the replica has all that the paused primary had',
  },
  clusterManualFailoverTimedOut: {
    room: 'cluster', needs: ['clusterReplicas', 'clusterHandover'],
    means: 'a manual failover did not come to its end in time',
  },
  clusterMinority: { room: 'cluster', needs: ['cluster'], means: 'a node found itself without a majority of the primaries' },
  clusterRejoinDelayed: {
    room: 'cluster', needs: ['cluster'],
    means: 'a primary that came back from a minority waited before it served again',
  },
  clusterDownAnswered: { room: 'cluster', needs: ['cluster'], means: 'a client was answered CLUSTERDOWN' },
  clusterMovedAnswered: { room: 'cluster', needs: ['cluster'], means: 'a client was answered MOVED' },
  clusterAskAnswered: { room: 'cluster', needs: ['cluster', 'resharding'], means: 'a client was answered ASK' },
  clusterTryAgainAnswered: { room: 'cluster', needs: ['cluster', 'resharding', 'multiKey'], means: 'a client was answered TRYAGAIN' },
  clusterBlockedClientRedirected: {
    room: 'cluster', needs: ['cluster', 'blocking'],
    means: 'a client that waited for a key was sent to another node',
  },
  movedFollowed: { room: 'client', needs: ['cluster'], means: 'a client of a cluster followed MOVED' },
  askFollowed: { room: 'client', needs: ['cluster', 'resharding'], means: 'a client of a cluster followed ASK' },
};

/** A state worth reaching was reached. */
export const mark = (host: { note(note: MarkNote): void }, name: MarkName): void => {
  host.note({ kind: 'mark', name });
};
