/**
 * New instances from what an operator or the configuration file says, with the reason where they cannot be.
 * Source: createSentinelRedisInstance, sentinelCheckCreateInstanceErrors in sentinel.c of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { SENTINEL_TEXT } from '../protocol/sentinelNames.ts';
import type { InstanceAddress } from './address.ts';
import { shareLink } from './hello.ts';
import type { PeerSentinel, WatchedPrimary, WatchedReplica } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

const PORT_MAX = 65535;

/** The new primary, or what is wrong. */
export const createPrimary = (
  sentinel: Sentinel, name: Bytes, hostname: Bytes, port: number, quorum: number,
): WatchedPrimary | string => {
  const address = addressOf(sentinel, hostname, port);
  if (typeof address === 'string') return address;
  if (sentinel.primaries.has(name)) return SENTINEL_TEXT.duplicatePrimary;
  return sentinel.addPrimary(name, address, {
    quorum, parallelSyncs: 1, failoverTimeoutMs: sentinel.periods.defaultFailoverTimeout, authPass: null, authUser: null,
    notificationScript: null, clientReconfigScript: null, rebootDownAfterMs: 0, renamedCommands: new Map(),
  });
};

export const createReplica = (
  sentinel: Sentinel, primary: WatchedPrimary, hostname: Bytes, port: number,
): WatchedReplica | string => {
  const address = addressOf(sentinel, hostname, port);
  if (typeof address === 'string') return address;
  return sentinel.addReplica(primary, hostname, port) ?? 'Duplicate hostname and port for replica.';
};

export const createPeer = (
  sentinel: Sentinel, primary: WatchedPrimary, hostname: Bytes, port: number, runId: Bytes,
): PeerSentinel | string => {
  const address = addressOf(sentinel, hostname, port);
  if (typeof address === 'string') return address;
  const peer = sentinel.addPeer(primary, hostname, port, runId);
  if (peer === null) return 'Duplicate runid for sentinel.';
  shareLink(sentinel, peer);
  return peer;
};

const addressOf = (sentinel: Sentinel, hostname: Bytes, port: number): InstanceAddress | string => {
  if (port < 0 || port > PORT_MAX) return 'Invalid port number.';
  const address = sentinel.address(hostname, port);
  if (address !== null) return address;
  sentinel.host.log('warning', `Failed to resolve hostname '${hostname}'`);
  return "Can't resolve instance hostname.";
};

/** Down-after is the primary's setting, and holds for all that belong to it. */
export const setDownAfter = (primary: WatchedPrimary, downAfterMs: number): void => {
  for (const instance of [primary, ...primary.replicas.values(), ...primary.sentinels.values()]) {
    instance.downAfterMs = downAfterMs;
  }
};
