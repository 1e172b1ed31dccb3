/**
 * `client-output-buffer-limit`: how much output may wait for a client of each kind. Above the hard limit it is dropped at once,
 * above the soft one when it has been so for long enough. Source: networking.c of Redis 7.0 (checkClientOutputBufferLimits).
 */
import type { Bytes } from '../core/bytes.ts';
import type { Client } from '../commands/client.ts';
import { CLIENT_TYPE_REPLICA, CLIENT_TYPE_REPLICA_OLD } from '../protocol/wireNames.ts';

export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export type OutputLimits = Readonly<Record<'normal' | 'replica' | 'pubsub', OutputLimit>>;

/** Reads the directive: groups of kind, hard, soft, seconds. Null when it makes no sense. */
export const parseOutputLimits = (text: Bytes, parseBytes: (word: Bytes) => number | null): OutputLimits | null => {
  const words = text.split(' ').filter((word) => word !== '');
  const limits: Record<string, OutputLimit> = {};
  if (words.length % 4 !== 0) return null;
  for (let index = 0; index < words.length; index += 4) {
    const [kind, hard, soft, seconds] = words.slice(index, index + 4) as [string, Bytes, Bytes, string];
    const hardBytes = parseBytes(hard);
    const softBytes = parseBytes(soft);
    const name = kind === CLIENT_TYPE_REPLICA_OLD ? CLIENT_TYPE_REPLICA : kind;
    if (hardBytes === null || softBytes === null || !/^[0-9]{1,9}$/.test(seconds)
      || (name !== 'normal' && name !== 'replica' && name !== 'pubsub')) return null;
    limits[name] = { hardBytes, softBytes, softSeconds: Number(seconds) };
  }
  const none: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  return { normal: limits['normal'] ?? none, replica: limits['replica'] ?? none, pubsub: limits['pubsub'] ?? none };
};

/** As CONFIG GET shows them. */
export const formatOutputLimits = (limits: OutputLimits): Bytes => {
  const words = (name: string, limit: OutputLimit): string =>
    `${name} ${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`;
  return [words('normal', limits.normal), words(CLIENT_TYPE_REPLICA_OLD, limits.replica), words('pubsub', limits.pubsub)]
    .join(' ') as Bytes;
};

/** Whether the client has to go. A replica is allowed at least the backlog's size. */
export const overOutputLimit = (client: Client, limits: OutputLimits, backlogBytes: number, nowMs: number): boolean => {
  const { type } = client;
  if (type === 'primary') return false;
  const limit = limits[type];
  const hard = type === 'replica' && limit.hardBytes > 0 ? Math.max(limit.hardBytes, backlogBytes) : limit.hardBytes;
  if (hard > 0 && client.outputBytes >= hard) return true;
  if (limit.softBytes === 0 || client.outputBytes < limit.softBytes) {
    client.overSoftLimitSinceMs = null;
    return false;
  }
  client.overSoftLimitSinceMs ??= nowMs;
  return Math.floor((nowMs - client.overSoftLimitSinceMs) / 1000) > limit.softSeconds;
};
