/** INFO's sentinel section. Source: sentinelInfoCommand in sentinel.c of Redis 7.0. */
import type { InfoLine } from '../replication/replicationInfo.ts';
import { INFO_SENTINEL } from '../protocol/sentinelNames.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

const MS_PER_SECOND = 1000;
const CRASH_AFTER_ELECTION = 1;
const CRASH_AFTER_PROMOTION = 2;

export const sentinelInfoLines = (sentinel: Sentinel): readonly InfoLine[] => {
  const { isTilted, tiltStartMs, scripts } = sentinel;
  const tiltedSeconds = isTilted ? Math.floor((sentinel.nowMs - tiltStartMs) / MS_PER_SECOND) : -1;
  const simulated = (sentinel.crashAfterElection ? CRASH_AFTER_ELECTION : 0)
    + (sentinel.crashAfterPromotion ? CRASH_AFTER_PROMOTION : 0);
  return [
    [INFO_SENTINEL.primaries, sentinel.primaries.size],
    ['sentinel_tilt', isTilted ? 1 : 0],
    ['sentinel_tilt_since_seconds', tiltedSeconds],
    ['sentinel_running_scripts', scripts.runningCount],
    ['sentinel_scripts_queue_length', scripts.length],
    ['sentinel_simulate_failure_flags', simulated],
    ...[...sentinel.primaries.values()].map((primary, index): InfoLine =>
      [INFO_SENTINEL.primaryName(index), summary(sentinel, primary)]),
  ];
};

const summary = (sentinel: Sentinel, primary: WatchedPrimary): string => {
  const status = primary.isOdown ? 'odown' : primary.isSdown ? 'sdown' : 'ok';
  return `name=${primary.name},status=${status},address=${sentinel.place(primary.address)},`
    + `${INFO_SENTINEL.replicas}=${primary.replicas.size},sentinels=${primary.sentinels.size + 1}`;
};
