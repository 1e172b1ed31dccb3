/** What the parts of one data node share, on top of what every process has. */
import type { Bytes } from '../core/bytes.ts';
import type { SnapshotSaver } from '../persistence/snapshotSaver.ts';
import type { ReplicationHistory } from '../replication/history.ts';
import { ProcessState } from './processState.ts';

export class ServerState extends ProcessState {
  readonly history: ReplicationHistory;
  readonly saver: SnapshotSaver;
  loading = false;
  /** While `loading`: the data set is served all the same, since what is loaded will take its place at the end. */
  asyncLoading = false;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpiry = true;
  /** DEBUG PAUSE-CRON. */
  isCronPaused = false;
  /** DEBUG AOF-FLUSH-SLEEP. */
  aofFlushSleepMicros = 0;
  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may run what is not for scripts. */
  scriptsMayRunAll = false;
  loadingStartedMs = 0;
  /** A shutdown was asked for. */
  exiting = false;

  constructor(runId: Bytes, history: ReplicationHistory, saver: SnapshotSaver, startedMs: number, configFile: Bytes) {
    super(runId, startedMs, configFile);
    this.history = history;
    this.saver = saver;
  }

  dirty(changes: number): void {
    this.saver.stats.dirty += changes;
  }
}
