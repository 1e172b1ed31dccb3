/**
 * What a sentinel sends by itself: connections made anew, INFO, PING, its hello.
 * Source: sentinelReconnectInstance, sentinelSendPeriodicCommands, sentinelPingReplyCallback in sentinel.c of Redis 7.0.
 */
import { EMPTY, bytes, upper } from '../core/bytes.ts';
import { ErrorReply, PushReply, type Reply, Status, VerbatimReply } from '../protocol/reply.ts';
import { CommandConnection } from './commandConnection.ts';
import { HELLO_CHANNEL, processHello, sendHello } from './hello.ts';
import { refreshInfo } from './infoReply.ts';
import { type Instance, type WatchedPrimary, type WatchedReplica, primaryOf } from './instance.ts';
import { PENDING_COMMANDS_MAX } from './periods.ts';
import { send, sendOver } from './sendCommand.ts';
import type { Sentinel } from './sentinel.ts';

/** While something is going on with the primary, its replicas are asked so often. */
const URGENT_INFO_MS = 1000;
/** CLIENT SETNAME: so operators know who is connected. */
const NAME_ID_LENGTH = 8;

/** Opens what is missing, at most once in a ping period. */
export const reconnect = (sentinel: Sentinel, instance: Instance): void => {
  const { link, address } = instance;
  if (!link.isDisconnected || address.port === 0) return;
  const now = sentinel.nowMs;
  if (now - link.lastReconnectMs < sentinel.periods.ping) return;
  link.lastReconnectMs = now;
  // Redis waits for the look-up of a name. Here ticks go on meanwhile: they are to see what they would see behind it, a link
  // that is there and a PING on its way, and not the silence of one that is missing.
  link.isOpening = address.ip !== EMPTY;
  if (link.isOpening && link.commands === null && link.activePingMs === 0) link.activePingMs = now;
  sentinel.resolve(instance, () => {
    link.isOpening = false;
    open(sentinel, instance);
  });
};

const open = (sentinel: Sentinel, instance: Instance): void => {
  const { link, address } = instance;
  // A name that nobody knows: as a connection that fails at once.
  if (address.ip === EMPTY) return;
  if (link.commands === null) {
    link.pendingCommands = 0;
    link.commandsOpenedMs = sentinel.nowMs;
    const connection: CommandConnection = connect(sentinel, instance, () => {
      if (link.commands !== connection) return;
      link.commands = null;
      link.isDisconnected = true;
    });
    link.commands = connection;
    introduce(sentinel, instance, connection, 'cmd');
    sendPing(sentinel, instance);
  }
  if (instance.kind !== 'sentinel' && link.pubsub === null) openPubsub(sentinel, instance);
  if (link.commands !== null && (instance.kind === 'sentinel' || link.pubsub !== null)) link.isDisconnected = false;
};

const openPubsub = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica): void => {
  const { link } = instance;
  link.pubsubOpenedMs = sentinel.nowMs;
  const connection: CommandConnection = connect(sentinel, instance, () => {
    if (link.pubsub !== connection) return;
    link.pubsub = null;
    link.isDisconnected = true;
  });
  link.pubsub = connection;
  introduce(sentinel, instance, connection, 'pubsub');
  const subscribe = sentinel.command(primaryOf(instance), 'SUBSCRIBE');
  connection.subscribe([subscribe, HELLO_CHANNEL], (reply) => {
    link.pubsubActivityMs = sentinel.nowMs;
    // A node that wants a password, say: nothing will ever be heard over this connection.
    if (reply instanceof ErrorReply) link.closePubsub();
    else heard(sentinel, reply);
  });
};

/** What comes over the hello channel, our own hellos included. */
const heard = (sentinel: Sentinel, reply: Reply): void => {
  const items = reply instanceof PushReply ? reply.items : reply;
  if (!Array.isArray(items) || items.length !== 3 || items[0] !== 'message') return;
  const text = items[2] as Reply;
  if (typeof text !== 'string' || text.includes(sentinel.id)) return;
  processHello(sentinel, text);
};

const connect = (sentinel: Sentinel, instance: Instance, lost: () => void): CommandConnection => {
  const { settings } = sentinel.services;
  const bind = settings.text('bind-source-addr');
  const { address: { ip, port } } = instance;
  return new CommandConnection({
    host: sentinel.host, ip, port, bind: bind === EMPTY ? null : bind, isTls: settings.flag('tls-replication'),
  }, lost);
};

/** AUTH where it is needed, and CLIENT SETNAME. Errors show later, in the replies to PING. */
const introduce = (sentinel: Sentinel, instance: Instance, connection: CommandConnection, use: string): void => {
  const primary = primaryOf(instance);
  const { options } = primary;
  const forPeers = instance.kind === 'sentinel';
  const requirepass = sentinel.services.settings.text('requirepass');
  const password = forPeers ? (sentinel.sentinelPass === EMPTY ? requirepass : sentinel.sentinelPass) : options.authPass ?? EMPTY;
  const user = forPeers ? sentinel.sentinelUser : options.authUser ?? EMPTY;
  if (password !== EMPTY) {
    const auth = sentinel.command(primary, 'AUTH');
    sendOver(instance, connection, user === EMPTY ? [auth, password] : [auth, user, password], () => {});
  }
  const name = bytes(`sentinel-${sentinel.id.slice(0, NAME_ID_LENGTH)}-${use}`);
  sendOver(instance, connection, [sentinel.command(primary, 'CLIENT'), bytes('SETNAME'), name], () => {});
};

export const sendPeriodicCommands = (sentinel: Sentinel, instance: Instance): void => {
  const { link } = instance;
  const { periods } = sentinel;
  if (link.isDisconnected || link.pendingCommands >= PENDING_COMMANDS_MAX * link.shares) return;
  const now = sentinel.nowMs;
  if (instance.kind !== 'sentinel' && (instance.infoMs === 0 || now - instance.infoMs > infoPeriodMs(sentinel, instance))) {
    sendInfo(sentinel, instance);
  }
  const pingPeriodMs = Math.min(instance.downAfterMs, periods.ping);
  if (now - link.lastPongMs > pingPeriodMs && now - link.lastPingMs > pingPeriodMs / 2) sendPing(sentinel, instance);
  if (now - instance.lastPublishMs > periods.publish) sendHello(sentinel, instance);
};

const infoPeriodMs = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica): number => {
  if (instance.kind === 'primary') return sentinel.periods.info;
  const { primary } = instance;
  const isUrgent = primary.isOdown || primary.isFailingOver || instance.primaryLinkDownMs !== 0;
  return isUrgent ? URGENT_INFO_MS : sentinel.periods.info;
};

const sendInfo = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica): void => {
  send(instance, [sentinel.command(primaryOf(instance), 'INFO')], (reply) => {
    const text = reply instanceof VerbatimReply ? reply.text : reply;
    if (typeof text === 'string' && isWatched(sentinel, instance)) refreshInfo(sentinel, instance, text);
  });
};

/** It may have been dropped (RESET, REMOVE, a switch) while the reply was on its way. */
const isWatched = (sentinel: Sentinel, instance: WatchedPrimary | WatchedReplica): boolean => {
  const primary = primaryOf(instance);
  if (sentinel.primaries.get(primary.name) !== primary) return false;
  return instance.kind === 'primary' || primary.replicas.get(instance.name) === instance;
};

const sendPing = (sentinel: Sentinel, instance: Instance): void => {
  const { link } = instance;
  const ping = sentinel.command(primaryOf(instance), 'PING');
  if (!send(instance, [ping], (reply) => pingAnswered(sentinel, instance, reply))) return;
  link.lastPingMs = sentinel.nowMs;
  if (link.activePingMs === 0) link.activePingMs = link.lastPingMs;
};

/** PONG, or a node that is loading or has lost its own primary: those are alive. */
const VALID_REPLY = /^(?:PONG|LOADING|MASTERDOWN)/;

const pingAnswered = (sentinel: Sentinel, instance: Instance, reply: Reply): void => {
  const { link } = instance;
  const now = sentinel.nowMs;
  if (reply instanceof Status || reply instanceof ErrorReply) {
    if (VALID_REPLY.test(reply.text)) {
      link.lastAvailableMs = now;
      link.activePingMs = 0;
      link.availableCause = sentinel.host.cause();
      if (instance.kind === 'primary' && upper(reply.text).startsWith('PONG')) instance.isRebooting = false;
    } else if (reply.text.startsWith('BUSY') && instance.isSdown && !instance.scriptKillSent) {
      const script = sentinel.command(primaryOf(instance), 'SCRIPT');
      if (send(instance, [script, bytes('KILL')], () => {})) instance.scriptKillSent = true;
    }
  }
  link.lastPongMs = now;
};
