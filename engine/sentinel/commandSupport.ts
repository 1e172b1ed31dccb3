/** What the SENTINEL subcommands have in common. Source: sentinel.c of Redis 7.0. */
import type { Bytes } from '../core/bytes.ts';
import { ErrorReply, OK, type Reply, error } from '../protocol/reply.ts';
import { SENTINEL_TEXT } from '../protocol/sentinelNames.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

/** Saves the configuration. What was changed stays changed, even if that fails. */
export const saveAndReply = (sentinel: Sentinel): Reply =>
  (sentinel.services.saveConfig() ? OK : error('ERR Failed to save config file. Check server logs.'));

/** Runs `use` on the primary of that name, else answers that there is none. */
export const withPrimary = (sentinel: Sentinel, name: Bytes, use: (primary: WatchedPrimary) => Reply): Reply => {
  const primary = sentinel.primaries.get(name);
  return primary === undefined ? new ErrorReply(SENTINEL_TEXT.unknownName) : use(primary);
};
