/**
 * What INFO tells a sentinel: the lines that it reads, and what it does when they do not fit its picture.
 * Source: sentinelRefreshInstanceInfo in sentinel.c of Redis 7.0.
 */
import { type Bytes, detach, slice } from '../core/bytes.ts';
import { mark } from '../core/marks.ts';
import { INFO_REPLICATION, infoReplicaIndex, infoReplicaName, roleWord } from '../protocol/wireNames.ts';
import { SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import type { Role } from '../protocol/wireNames.ts';
import { followUpPromotion } from './failover.ts';
import { helloSoon } from './hello.ts';
import type { WatchedPrimary, WatchedReplica } from './instance.ts';
import { sendReplicaof } from './reconfigure.ts';
import { callReconfigScript } from './reconfigScript.ts';
import { ID_LENGTH, type Sentinel } from './sentinel.ts';

/** A node that calls itself primary and should not is left alone for so many hello periods: news may be on its way. */
const CONVERT_HELLO_PERIODS = 4;

const LINE_END = '\r\n';

/** How the names of all fields begin that are read here, whether by this or by the wire's word. */
const FIELD_INITIALS: string = [
  'run_id', 'role', 'replica_announced', infoReplicaName(0), INFO_REPLICATION.primaryLinkDownSinceSeconds,
  INFO_REPLICATION.primaryHost, INFO_REPLICATION.primaryPort, INFO_REPLICATION.primaryLinkStatus,
  INFO_REPLICATION.replicaPriority, INFO_REPLICATION.replicaReplOffset,
].map((name) => name.charAt(0)).join('');

/** Takes in an INFO reply, then acts on it (not in TILT). */
export const refreshInfo = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica, text: Bytes): void => {
  instance.infoText = detach(text);
  if (instance.kind === 'replica') instance.primaryLinkDownMs = 0;
  let role: Role | null = null;
  for (let start = 0, end = 0; start < text.length; start = end + LINE_END.length) {
    end = text.indexOf(LINE_END, start);
    if (end < 0) end = text.length;
    // Most lines are of no interest: they are passed over as they stand.
    if (!FIELD_INITIALS.includes(text.charAt(start))) continue;
    const colon = text.indexOf(':', start);
    if (colon <= start || colon >= end) continue;
    const field = text.slice(start, colon);
    const value = slice(text, colon + 1, end);
    if (field === 'run_id') takeRunId(sentinel, instance, value);
    else if (field === 'role') role = value === roleWord('primary') ? 'primary' : value === roleWord('replica') ? 'replica' : role;
    else if (instance.kind === 'primary') takeReplica(sentinel, instance, field, value);
    else takeReplicaField(sentinel, instance, field, value, role);
  }
  instance.infoMs = sentinel.nowMs;
  instance.infoCause = sentinel.host.cause();
  takeRole(sentinel, instance, role);
  if (!sentinel.isTilted && instance.kind === 'replica') {
    if (role === 'primary') claimsToBePrimary(sentinel, instance);
    else if (role === 'replica') follows(sentinel, instance);
  }
};

const takeRunId = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica, value: Bytes): void => {
  if (value.length < ID_LENGTH) return;
  const runId = detach(slice(value, 0, ID_LENGTH));
  if (instance.runId !== null && instance.runId !== runId) {
    sentinel.event('notice', SENTINEL_EVENT.reboot, instance);
    mark(sentinel.host, 'sentinelRebootSeen');
    if (instance.kind === 'primary' && instance.options.rebootDownAfterMs !== 0) {
      instance.isRebooting = true;
      instance.rebootedMs = sentinel.nowMs;
    }
  }
  instance.runId = runId;
};

/** `slave0:ip=…,port=…,…`: a replica that the primary has. */
const takeReplica = (sentinel: Sentinel, primary: WatchedPrimary, field: string, value: Bytes): void => {
  if (infoReplicaIndex(field) === null) return;
  const fields = new Map(value.split(',').map((pair) => pair.split('=', 2) as [string, string]));
  const ip = fields.get('ip');
  const port = Number(fields.get('port'));
  if (ip === undefined || !Number.isInteger(port)) return;
  const replica = sentinel.addReplica(primary, detach(ip as Bytes), port);
  if (replica === null) return;
  sentinel.event('notice', SENTINEL_EVENT.replica, replica);
  sentinel.services.saveConfig();
};

/** Lines that count only behind `role:slave`, as Redis writes them. */
const takeReplicaField = (
  sentinel: Sentinel, replica: WatchedReplica, field: string, value: Bytes, role: Role | null,
): void => {
  if (field === INFO_REPLICATION.primaryLinkDownSinceSeconds) {
    replica.primaryLinkDownMs = Math.trunc(Number(value)) * 1000;
    return;
  }
  if (role !== 'replica') return;
  switch (field) {
    case INFO_REPLICATION.primaryHost:
      if (replica.primaryHost !== value) {
        replica.primaryHost = detach(value);
        replica.confChangedMs = sentinel.nowMs;
      }
      break;
    case INFO_REPLICATION.primaryPort:
      if (replica.primaryPort !== Number(value)) {
        replica.primaryPort = Number(value);
        replica.confChangedMs = sentinel.nowMs;
      }
      break;
    case INFO_REPLICATION.primaryLinkStatus: replica.primaryLinkUp = value === 'up'; break;
    case INFO_REPLICATION.replicaPriority: replica.priority = Number(value); break;
    case INFO_REPLICATION.replicaReplOffset: replica.replOffset = Number(value); break;
    case 'replica_announced': replica.isAnnounced = Number(value) !== 0; break;
  }
};

/** An INFO without a role: it is not what it was, and shown as a replica. */
const takeRole = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica, role: Role | null): void => {
  if (role === instance.roleReported) return;
  instance.roleReportedMs = sentinel.nowMs;
  instance.roleReported = role;
  if (role === 'replica' && instance.kind === 'replica') instance.confChangedMs = sentinel.nowMs;
  const event = instance.kind === role ? SENTINEL_EVENT.roleChange : SENTINEL_EVENT.roleMismatch;
  sentinel.event('verbose', event, instance, ` new reported role is ${roleWord(role ?? 'replica')}`);
};

/** A replica of ours says that it is a primary: the one that we promote, or one that must be put right. */
const claimsToBePrimary = (sentinel: Sentinel, replica: WatchedReplica): void => {
  const { primary } = replica;
  if (replica.isPromoted && primary.failoverState === 'wait-promotion') {
    followUpPromotion(sentinel, primary, replica);
    callReconfigScript(sentinel, primary, 'leader', primary.address, replica.address);
    helloSoon(sentinel, primary);
    return;
  }
  const waitMs = sentinel.periods.publish * CONVERT_HELLO_PERIODS;
  const now = sentinel.nowMs;
  if (replica.isPromoted || !primary.looksSane(now, sentinel.periods.info) || !replica.wasUpFor(waitMs, now)
    || now - replica.roleReportedMs <= waitMs) return;
  if (!sendReplicaof(sentinel, replica, primary.address)) return;
  mark(sentinel.host, 'sentinelConvertedPrimary');
  sentinel.event('notice', SENTINEL_EVENT.convertToReplica, replica, '', [replica.infoCause, primary.infoCause]);
};

const follows = (sentinel: Sentinel, replica: WatchedReplica): void => {
  const { primary } = replica;
  const now = sentinel.nowMs;
  const host = replica.primaryHost;
  if (host === null) return;
  if (replica.primaryPort !== primary.address.port || !sentinel.isAt(primary.address, host)) {
    const waitMs = primary.options.failoverTimeoutMs;
    if (primary.looksSane(now, sentinel.periods.info) && replica.wasUpFor(waitMs, now) && now - replica.confChangedMs > waitMs
      && sendReplicaof(sentinel, replica, primary.address)) {
      mark(sentinel.host, 'sentinelFixedReplica');
      sentinel.event('notice', SENTINEL_EVENT.fixReplicaConfig, replica, '', [replica.infoCause, primary.infoCause]);
    }
  }
  const { promoted } = primary;
  if (replica.reconf === 'sent' && promoted !== null && replica.primaryPort === promoted.address.port
    && sentinel.isAt(promoted.address, host)) {
    replica.reconf = 'in-progress';
    sentinel.event('notice', SENTINEL_EVENT.reconfInProgress, replica, '', [replica.infoCause]);
  }
  if (replica.reconf === 'in-progress' && replica.primaryLinkUp) {
    replica.reconf = 'done';
    sentinel.event('notice', SENTINEL_EVENT.reconfDone, replica, '', [replica.infoCause]);
  }
};
