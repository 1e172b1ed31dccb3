/**
 * Forgetting what was learnt about a primary: by SENTINEL RESET, and when its name means another address from now on.
 * Source: sentinelResetMaster, sentinelResetMasterAndChangeAddress in sentinel.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import { sameAddress } from './address.ts';
import type { WatchedPrimary } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

/** Replicas go, connections and failover state too; the other sentinels only where `dropsSentinels` says so. */
export const resetPrimary = (sentinel: Sentinel, primary: WatchedPrimary, dropsSentinels: boolean): void => {
  for (const replica of primary.replicas.values()) replica.link.release();
  primary.replicas.clear();
  if (dropsSentinels) {
    for (const peer of primary.sentinels.values()) peer.link.release();
    primary.sentinels.clear();
  }
  const { link } = primary;
  link.closeCommands();
  link.closePubsub();
  const now = sentinel.nowMs;
  const cause = sentinel.host.cause();
  Object.assign(primary, {
    isSdown: false, isOdown: false, isRebooting: false, isForced: false, scriptKillSent: false, leader: null,
    failoverState: 'none', failoverStateChangedMs: 0, failoverStartMs: 0, promoted: null, runId: null,
    roleReported: 'primary', roleReportedMs: now,
  } satisfies Partial<WatchedPrimary>);
  link.activePingMs = now;
  link.lastPingMs = 0;
  link.lastAvailableMs = now;
  link.lastPongMs = now;
  link.availableCause = cause;
};

/**
 * The primary is at another address from now on. The old one and the other replicas are watched as its replicas, so that
 * they are made to follow it. The caller has checked that the address can be used.
 */
export const switchAddress = (sentinel: Sentinel, primary: WatchedPrimary, hostname: Bytes, port: number): void => {
  const address = sentinel.address(hostname, port);
  if (address === null) return;
  const old = primary.address;
  const replicas = [...primary.replicas.values()].map((replica) => replica.address)
    .filter((replica) => !sameAddress(replica, address));
  if (!sameAddress(old, address)) replicas.push(old);
  resetPrimary(sentinel, primary, false);
  primary.address = address;
  primary.odownSinceMs = 0;
  primary.sdownSinceMs = 0;
  for (const { hostname: name, port: at } of replicas) {
    const replica = sentinel.addReplica(primary, name, at);
    if (replica !== null) sentinel.event('notice', SENTINEL_EVENT.replica, replica);
  }
  sentinel.noteBelief(primary);
  sentinel.services.saveConfig();
};
