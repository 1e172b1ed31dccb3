/** `save <seconds> <changes>`: when a snapshot is due by itself. Source: server.c of Redis 7.0 (serverCron). */
import type { Bytes } from '../core/bytes.ts';
import type { SaveStats } from '../persistence/snapshotSaver.ts';

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** After a failed save the next attempt waits this long. */
const RETRY_SECONDS = 5;

/** The pairs of the directive, which was checked when it was set. */
export const parseSavePoints = (text: Bytes): readonly SavePoint[] => {
  const words = text.split(' ').filter((word) => word !== '');
  const points: SavePoint[] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    points.push({ seconds: Number(words[index]), changes: Number(words[index + 1]) });
  }
  return points;
};

export const savePointReached = (point: SavePoint, stats: Readonly<SaveStats>, nowSeconds: number): boolean =>
  stats.dirty >= point.changes && nowSeconds - stats.lastSaveUnixSeconds > point.seconds && mayRetry(stats, nowSeconds);

/** After a failed save a while has to pass. */
export const mayRetry = (stats: Readonly<SaveStats>, nowSeconds: number): boolean =>
  stats.lastOk || nowSeconds - stats.lastAttemptUnixSeconds > RETRY_SECONDS;
