/**
 * What the keyspace takes over from the configuration: the limits of its encodings, how its deletions are named, and who is told what
 * happens to keys.
 */
import type { Bytes } from '../core/bytes.ts';
import type { PubSub } from '../commands/pubsub.ts';
import { keyEventListener, shownEventClasses } from '../keyspace/keyEvents.ts';
import { DEL, type Keyspace, UNLINK } from '../keyspace/keyspace.ts';
import type { EncodingLimits } from '../keyspace/value.ts';
import type { Config } from './config.ts';

/** The directive of each limit. */
const LIMITS: Readonly<Record<keyof EncodingLimits, string>> = {
  setMaxIntsetEntries: 'set-max-intset-entries', hashMaxListpackEntries: 'hash-max-listpack-entries',
  hashMaxListpackValue: 'hash-max-listpack-value', zsetMaxListpackEntries: 'zset-max-listpack-entries',
  zsetMaxListpackValue: 'zset-max-listpack-value', listMaxListpackSize: 'list-max-listpack-size',
  streamNodeMaxBytes: 'stream-node-max-bytes', streamNodeMaxEntries: 'stream-node-max-entries',
  hllSparseMaxBytes: 'hll-sparse-max-bytes',
};

const NAMES: readonly string[] = ['lazyfree-lazy-expire', 'lazyfree-lazy-user-del', 'lazyfree-lazy-eviction'];

/** Now, and whenever CONFIG SET changes one. */
export const followKeyspaceSettings = (config: Config, keyspace: Keyspace): void => {
  const apply = (): void => {
    for (const limit of Object.keys(LIMITS) as (keyof EncodingLimits)[]) keyspace.limits[limit] = config.number(LIMITS[limit]);
    const nameOf = (directive: string): Bytes => (config.flag(directive) ? UNLINK : DEL);
    keyspace.deletionNames.expire = nameOf('lazyfree-lazy-expire');
    keyspace.deletionNames.eviction = nameOf('lazyfree-lazy-eviction');
    keyspace.deletionNames.userDel = nameOf('lazyfree-lazy-user-del');
  };
  for (const name of [...Object.values(LIMITS), ...NAMES]) config.onChange(name, apply);
  apply();
};

/** `notify-keyspace-events`, now and whenever CONFIG SET changes it. */
export const followKeyEvents = (config: Config, keyspace: Keyspace, pubsub: PubSub): void => {
  const apply = (): void => {
    keyspace.keyEvents = keyEventListener(config.text(KEY_EVENTS), (channel, message) => void pubsub.publish(channel, message));
  };
  config.onChange(KEY_EVENTS, apply);
  apply();
  config.compute(KEY_EVENTS, () => shownEventClasses(config.text(KEY_EVENTS)));
};

const KEY_EVENTS = 'notify-keyspace-events';
