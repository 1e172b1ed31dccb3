/** The replication section of INFO, in Redis's order. Source: server.c of Redis 7.0 (genRedisInfoString). */
import { INFO_REPLICATION as FIELD, infoReplicaName, roleWord } from '../protocol/wireNames.ts';
import type { Failover } from './failover.ts';
import type { PrimarySide } from './primarySide.ts';
import type { ReplicaSide } from './replicaSide.ts';
import { linkAddress, linkStateWord } from './replicaLink.ts';
import type { ReplicationServices } from './services.ts';

type InfoServices = Pick<ReplicationServices, 'history' | 'settings' | 'host'>;

export type InfoLine = readonly [name: string, value: string | number];

export const replicationInfo = (
  services: InfoServices, primarySide: PrimarySide, replicaSide: ReplicaSide, failover: Failover,
): InfoLine[] => {
  const { history, settings, host } = services;
  const now = Math.floor(host.wallMs() / 1000);
  const lines: InfoLine[] = [['role', roleWord(replicaSide.primary === null ? 'primary' : 'replica')]];
  if (replicaSide.primary !== null) lines.push(...replicaLines(services, replicaSide, now));
  const replicas = primarySide.replicas();
  lines.push([FIELD.connectedReplicas, replicas.length]);
  if (settings.number('min-replicas-to-write') > 0 && settings.number('min-replicas-max-lag') > 0) {
    lines.push([FIELD.minReplicasGood, primarySide.goodReplicas]);
  }
  replicas.forEach((link, index) => {
    const lag = link.state === 'online' ? now - link.ackUnixSeconds : 0;
    lines.push([infoReplicaName(index), `ip=${linkAddress(link)},port=${link.listeningPort},`
      + `state=${linkStateWord(link.state)},offset=${link.ackOffset},lag=${lag}`]);
  });
  const backlog = history.backlog;
  lines.push(
    [FIELD.failoverState, failover.state],
    [FIELD.replicationId, history.id],
    [FIELD.secondReplicationId, history.secondId],
    [FIELD.replicationOffset, history.offset],
    ['second_repl_offset', history.secondOffset],
    ['repl_backlog_active', backlog === null ? 0 : 1],
    ['repl_backlog_size', settings.number('repl-backlog-size')],
    ['repl_backlog_first_byte_offset', backlog === null ? 0 : backlog.start + 1],
    ['repl_backlog_histlen', backlog === null ? 0 : backlog.length],
  );
  return lines;
};

const replicaLines = (services: InfoServices, replicaSide: ReplicaSide, now: number): InfoLine[] => {
  const { history, settings } = services;
  const primary = replicaSide.primary;
  if (primary === null) return [];
  const up = replicaSide.state === 'connected';
  const lines: InfoLine[] = [
    [FIELD.primaryHost, primary.host],
    [FIELD.primaryPort, primary.port],
    [FIELD.primaryLinkStatus, up ? 'up' : 'down'],
    [FIELD.primaryLastIoSecondsAgo, up ? now - replicaSide.lastInputSeconds : -1],
    [FIELD.primarySyncInProgress, replicaSide.state === 'transfer' ? 1 : 0],
    [FIELD.replicaReadReplOffset, history.offset],
    [FIELD.replicaReplOffset, history.offset],
  ];
  if (!up) {
    const since = replicaSide.downSinceUnixSeconds;
    lines.push([FIELD.primaryLinkDownSinceSeconds, since < 0 ? -1 : now - since]);
  }
  lines.push(
    [FIELD.replicaPriority, settings.number('replica-priority')],
    [FIELD.replicaReadOnly, settings.flag('replica-read-only') ? 1 : 0],
    ['replica_announced', settings.flag('replica-announced') ? 1 : 0],
  );
  return lines;
};
