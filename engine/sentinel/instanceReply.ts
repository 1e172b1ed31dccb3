/**
 * An instance as SENTINEL MASTER, REPLICAS and SENTINELS show it: a map of texts, fields in a fixed order (clients count on
 * places in its flat form). Source: addReplySentinelRedisInstance in sentinel.c of Redis 7.0.
 */
import { type Bytes, EMPTY, bytes } from '../core/bytes.ts';
import { MapReply } from '../protocol/reply.ts';
import { FAILOVER_STATE_WORD, INSTANCE_WORD, SENTINEL_FIELD } from '../protocol/sentinelNames.ts';
import { roleWord } from '../protocol/wireNames.ts';
import type { Instance, PeerSentinel, WatchedPrimary, WatchedReplica } from './instance.ts';
import type { Sentinel } from './sentinel.ts';

type Field = readonly [name: string, value: Bytes | string | number];

export const instanceReply = (sentinel: Sentinel, instance: Instance): MapReply =>
  new MapReply(fieldsOf(sentinel, instance).map(([name, value]) => [bytes(name), bytes(String(value))]));

const fieldsOf = (sentinel: Sentinel, instance: Instance): readonly Field[] => {
  const now = sentinel.nowMs;
  return [
    ...commonFields(sentinel, instance, now),
    ...(instance.kind === 'sentinel' ? peerFields(instance, now) : infoFields(instance, now)),
    ...(instance.kind === 'primary' ? primaryFields(instance) : []),
    ...(instance.kind === 'replica' ? replicaFields(instance) : []),
  ];
};

const commonFields = (sentinel: Sentinel, instance: Instance, now: number): readonly Field[] => {
  const { link, address } = instance;
  const fields: Field[] = [
    ['name', instance.name], ['ip', sentinel.shown(address)], ['port', address.port], ['runid', instance.runId ?? EMPTY],
    ['flags', flagsOf(instance).join(',')],
    ['link-pending-commands', link.pendingCommands], ['link-refcount', link.shares],
  ];
  if (instance.kind === 'primary' && instance.isFailingOver) {
    fields.push(['failover-state', FAILOVER_STATE_WORD[instance.failoverState]]);
  }
  fields.push(
    ['last-ping-sent', link.activePingMs === 0 ? 0 : now - link.activePingMs],
    ['last-ok-ping-reply', now - link.lastAvailableMs], ['last-ping-reply', now - link.lastPongMs],
  );
  if (instance.isSdown) fields.push(['s-down-time', now - instance.sdownSinceMs]);
  if (instance.kind === 'primary' && instance.isOdown) fields.push(['o-down-time', now - instance.odownSinceMs]);
  fields.push(['down-after-milliseconds', instance.downAfterMs]);
  return fields;
};

const infoFields = (instance: WatchedPrimary | WatchedReplica, now: number): readonly Field[] => [
  ['info-refresh', instance.infoMs === 0 ? 0 : now - instance.infoMs],
  ['role-reported', roleWord(instance.roleReported ?? 'replica')], ['role-reported-time', now - instance.roleReportedMs],
];

const primaryFields = ({ configEpoch, replicas, sentinels, options }: WatchedPrimary): readonly Field[] => [
  ['config-epoch', configEpoch], [SENTINEL_FIELD.replicaCount, replicas.size], ['num-other-sentinels', sentinels.size],
  ['quorum', options.quorum], ['failover-timeout', options.failoverTimeoutMs], ['parallel-syncs', options.parallelSyncs],
  ...(options.notificationScript === null ? [] : [['notification-script', options.notificationScript] as const]),
  ...(options.clientReconfigScript === null ? [] : [['client-reconfig-script', options.clientReconfigScript] as const]),
];

const replicaFields = (replica: WatchedReplica): readonly Field[] => [
  [SENTINEL_FIELD.primaryLinkDownTime, replica.primaryLinkDownMs],
  [SENTINEL_FIELD.primaryLinkStatus, replica.primaryLinkUp ? 'ok' : 'err'],
  [SENTINEL_FIELD.primaryHost, replica.primaryHost ?? '?'], [SENTINEL_FIELD.primaryPort, replica.primaryPort],
  [SENTINEL_FIELD.replicaPriority, replica.priority], [SENTINEL_FIELD.replicaReplOffset, replica.replOffset],
  ['replica-announced', replica.isAnnounced ? 1 : 0],
];

const peerFields = (peer: PeerSentinel, now: number): readonly Field[] => [
  ['last-hello-message', now - peer.lastHelloMs], ['voted-leader', peer.leader ?? '?'],
  ['voted-leader-epoch', peer.leaderEpoch],
];

const flagsOf = (instance: Instance): readonly string[] => {
  const flags: (readonly [string, boolean])[] = [
    ['s_down', instance.isSdown], ['o_down', instance.kind === 'primary' && instance.isOdown],
    [INSTANCE_WORD[instance.kind], true], ['disconnected', instance.link.isDisconnected],
  ];
  if (instance.kind === 'sentinel') flags.push([SENTINEL_FIELD.primaryDownFlag, instance.saysDown]);
  if (instance.kind === 'primary') {
    flags.push(['failover_in_progress', instance.isFailingOver], ['force_failover', instance.isForced]);
  }
  if (instance.kind === 'replica') {
    const { reconf } = instance;
    flags.push(
      ['promoted', instance.isPromoted], ['reconf_sent', reconf === 'sent'], ['reconf_inprog', reconf === 'in-progress'],
      ['reconf_done', reconf === 'done' || instance.hasReconfTimedOut],
    );
  }
  flags.push(['script_kill_sent', instance.scriptKillSent]);
  return flags.filter(([, isSet]) => isSet).map(([flag]) => flag);
};
