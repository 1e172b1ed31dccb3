/**
 * SENTINEL MONITOR, REMOVE, RESET and FAILOVER: what a sentinel watches, and an operator's failover.
 * Source: sentinelCommand, sentinelResetMastersByPattern in sentinel.c of Redis 7.0.
 */
import { type Bytes, detach } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { globMatch } from '../commands/glob.ts';
import { OK, type Reply, error } from '../protocol/reply.ts';
import { SENTINEL_EVENT, SENTINEL_TEXT } from '../protocol/sentinelNames.ts';
import { saveAndReply, withPrimary } from './commandSupport.ts';
import { createPrimary } from './createInstance.ts';
import { start } from './failover.ts';
import type { WatchedPrimary } from './instance.ts';
import { selectReplica } from './replicaSelection.ts';
import { numericAddress } from '../core/numericAddress.ts';
import { resetPrimary } from './reset.ts';
import type { Sentinel } from './sentinel.ts';

/**
 * `+monitor`, once the primary's name was looked up. Redis waits for that; here a name that nobody knows shows as an empty
 * address, as it does for one in the configuration file.
 */
export const announceMonitored = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  sentinel.resolve(primary, () => {
    if (sentinel.primaries.get(primary.name) !== primary) return;
    sentinel.event('warning', SENTINEL_EVENT.monitor, primary, ` quorum ${primary.options.quorum}`);
  });
};

/** MONITOR name host port quorum. */
export const monitor = (sentinel: Sentinel, argv: readonly Bytes[]): Reply => {
  const [, , name, hostname, portText, quorumText] = argv as readonly [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes];
  const quorum = parseInt64(quorumText);
  if (quorum === null) return error('ERR Invalid quorum');
  const port = parseInt64(portText);
  if (port === null) return error('ERR Invalid port');
  if (quorum <= 0n) return error('ERR Quorum must be 1 or greater.');
  if (numericAddress(hostname) === null && (hostname.length === 0 || !sentinel.resolveHostnames)) {
    return error('ERR Invalid IP address or hostname specified');
  }
  const wrapped = Number(BigInt.asUintN(32, quorum));
  const primary = createPrimary(sentinel, detach(name), detach(hostname), Number(port), wrapped);
  if (typeof primary === 'string') return error(`ERR ${primary}`);
  sentinel.noteEpochs(primary);
  const reply = saveAndReply(sentinel);
  announceMonitored(sentinel, primary);
  return reply;
};

export const remove = (sentinel: Sentinel, name: Bytes): Reply => withPrimary(sentinel, name, (primary) => {
  sentinel.event('warning', SENTINEL_EVENT.unmonitor, primary);
  sentinel.removePrimary(primary);
  return saveAndReply(sentinel);
});

/** How many were reset. The file is left as it is, as in Redis: the next change writes it. */
export const reset = (sentinel: Sentinel, pattern: Bytes): Reply => {
  const matching = [...sentinel.primaries.values()].filter(({ name }) => globMatch(pattern, name));
  for (const primary of matching) {
    resetPrimary(sentinel, primary, true);
    sentinel.event('warning', SENTINEL_EVENT.resetPrimary, primary);
  }
  return matching.length;
};

/** Starts a failover that needs nobody's agreement. */
export const failover = (sentinel: Sentinel, name: Bytes): Reply => withPrimary(sentinel, name, (primary) => {
  if (primary.isFailingOver) return error('INPROG Failover already in progress');
  if (selectReplica(sentinel, primary) === null) return error(SENTINEL_TEXT.noGoodReplica);
  sentinel.host.log('warning', `Executing user requested FAILOVER of '${primary.name}'`);
  start(sentinel, primary);
  primary.isForced = true;
  return OK;
});
