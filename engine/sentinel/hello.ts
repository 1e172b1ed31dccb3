/**
 * The hello: how sentinels of one primary find each other and spread a new configuration, over the nodes' Pub/Sub and to
 * each other directly. Eight fields: ip, port, run ID, current epoch, and of the primary name, ip, port, config epoch.
 *
 * Always holds: a hello that is not of that form, or is about a primary that is not watched, changes nothing.
 * Source: sentinelSendHello, sentinelProcessHelloMessage in sentinel.c of Redis 7.0.
 */
import { replicationPort } from '../commands/settings.ts';
import { type Bytes, EMPTY, bytes, detach } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import { mark } from '../core/marks.ts';
import { ErrorReply, type Reply } from '../protocol/reply.ts';
import { SENTINEL_EVENT } from '../protocol/sentinelNames.ts';
import { type Instance, type PeerSentinel, type WatchedPrimary, primaryOf } from './instance.ts';
import { numericAddress } from '../core/numericAddress.ts';
import { send } from './sendCommand.ts';
import { switchAddress } from './reset.ts';
import { ID_LENGTH, type Sentinel } from './sentinel.ts';
import { callReconfigScript } from './reconfigScript.ts';

export const HELLO_CHANNEL: Bytes = bytes('__sentinel__:hello');
const HELLO_FIELDS = 8;
const PORT_MAX = 65535;

/** Publishes our hello at an instance. */
export const sendHello = (sentinel: Sentinel, instance: Instance): void => {
  const primary = primaryOf(instance);
  const { link } = instance;
  if (link.isDisconnected || link.commands === null) return;
  const own = link.commands.localAddress;
  if (own === EMPTY) return;
  const ip = sentinel.announceIp ?? own;
  const port = sentinel.announcePort === 0 ? replicationPort(sentinel.services.settings) : sentinel.announcePort;
  const at = primary.currentAddress;
  const payload = bytes(`${ip},${port},${sentinel.id},${sentinel.currentEpoch},`
    + `${primary.name},${sentinel.shown(at)},${at.port},${primary.configEpoch}`);
  send(instance, [sentinel.command(primary, 'PUBLISH'), HELLO_CHANNEL, payload], (reply: Reply) => {
    if (!(reply instanceof ErrorReply)) instance.lastPublishMs = sentinel.nowMs;
  });
};

/** After a promotion every instance is told at once. */
export const helloSoon = (sentinel: Sentinel, primary: WatchedPrimary): void => {
  const period = sentinel.periods.publish + 1;
  for (const instance of [...primary.replicas.values(), ...primary.sentinels.values(), primary]) {
    if (instance.lastPublishMs >= period) instance.lastPublishMs -= period;
  }
};

interface Hello {
  readonly ip: Bytes;
  readonly port: number;
  readonly runId: Bytes;
  readonly currentEpoch: number;
  readonly name: Bytes;
  readonly primaryIp: Bytes;
  readonly primaryPort: number;
  readonly configEpoch: number;
}

/**
 * The hello, or why it is none: whoever can publish at a node can send anything. Redis reads what is no number as far as it
 * goes, and so lets one bad message set an epoch that no election can pass.
 */
const parseHello = (text: Bytes): Hello | string => {
  const fields = text.split(',') as Bytes[];
  if (fields.length !== HELLO_FIELDS) return `it has ${fields.length} fields`;
  const [ip, portText, runId, currentText, name, primaryIp, primaryPortText, configText] = fields as
    [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes];
  const port = parseSafeInteger(portText) ?? -1;
  const currentEpoch = parseSafeInteger(currentText) ?? -1;
  const primaryPort = parseSafeInteger(primaryPortText) ?? -1;
  const configEpoch = parseSafeInteger(configText) ?? -1;
  if (port < 0 || currentEpoch < 0 || primaryPort < 0 || configEpoch < 0) return 'a port or an epoch is no number';
  if (port > PORT_MAX || primaryPort > PORT_MAX) return 'a port is too great';
  if (runId.length !== ID_LENGTH) return `a run ID of ${runId.length} characters`;
  return { ip: detach(ip), port, runId: detach(runId), currentEpoch, name, primaryIp: detach(primaryIp), primaryPort, configEpoch };
};

/** A hello from another sentinel (or from ourselves, which changes nothing). */
export const processHello = (sentinel: Sentinel, text: Bytes): void => {
  const hello = parseHello(text);
  if (typeof hello === 'string') {
    sentinel.host.log('verbose', `A hello message was ignored: ${hello}`);
    return;
  }
  const primary = sentinel.primaries.get(hello.name);
  if (primary === undefined || hello.runId === sentinel.id) return;
  const known = primary.sentinels.get(hello.runId);
  const isSame = known !== undefined && known.address.port === hello.port && sentinel.isAt(known.address, hello.ip);
  const peer = isSame ? known : meet(sentinel, primary, hello);
  if (hello.currentEpoch > sentinel.currentEpoch) {
    mark(sentinel.host, 'sentinelHelloNewEpoch');
    sentinel.enterEpoch(hello.currentEpoch, primary);
    sentinel.services.saveConfig();
    sentinel.announceEpoch(primary);
  }
  if (peer === null) return;
  if (primary.configEpoch < hello.configEpoch) adopt(sentinel, primary, peer, hello);
  else if (primary.configEpoch > hello.configEpoch) mark(sentinel.host, 'sentinelHelloStale');
  peer.lastHelloMs = sentinel.nowMs;
};

/** A sentinel that is new, or has moved. */
const meet = (sentinel: Sentinel, primary: WatchedPrimary, hello: Hello): PeerSentinel | null => {
  const hasMoved = forget(primary, hello.runId);
  if (hasMoved) {
    sentinel.event('notice', SENTINEL_EVENT.sentinelAddressSwitch, primary, ` ip ${hello.ip} port ${hello.port} for ${hello.runId}`);
  } else dropTwin(sentinel, primary, hello);
  const peer = sentinel.addPeer(primary, hello.ip, hello.port, hello.runId);
  if (peer === null) return null;
  if (!hasMoved) sentinel.event('notice', SENTINEL_EVENT.sentinel, peer);
  shareLink(sentinel, peer);
  if (hasMoved) moveInAll(sentinel, peer);
  sentinel.services.saveConfig();
  return peer;
};

/** Another sentinel at the same address cannot be right any more: it goes, whichever primary knows it. */
const dropTwin = (sentinel: Sentinel, primary: WatchedPrimary, hello: Hello): void => {
  for (const other of primary.sentinels.values()) {
    if (other.address.port !== hello.port || !sentinel.isAt(other.address, hello.ip)) continue;
    sentinel.event('notice', SENTINEL_EVENT.sentinelInvalidAddress, other);
    for (const one of sentinel.primaries.values()) forget(one, other.name);
    return;
  }
};

const forget = (primary: WatchedPrimary, runId: Bytes): boolean => {
  const peer = primary.sentinels.get(runId);
  if (peer === undefined) return false;
  peer.link.release();
  primary.sentinels.delete(runId);
  return true;
};

/** A sentinel that is known for another primary already is talked to over the same connection. */
export const shareLink = (sentinel: Sentinel, peer: PeerSentinel): void => {
  for (const primary of sentinel.primaries.values()) {
    const twin = primary === peer.primary ? undefined : primary.sentinels.get(peer.name);
    if (twin === undefined) continue;
    peer.link.release();
    peer.link = twin.link;
    peer.link.shares++;
    return;
  }
};

/** The other primaries' entries of a sentinel that moved follow it. */
const moveInAll = (sentinel: Sentinel, peer: PeerSentinel): void => {
  for (const primary of sentinel.primaries.values()) {
    const twin = primary.sentinels.get(peer.name);
    if (twin === undefined || twin === peer) continue;
    twin.link.closeCommands();
    twin.link.closePubsub();
    twin.address = peer.address;
  }
};

/** The other sentinel holds a newer configuration. */
const adopt = (sentinel: Sentinel, primary: WatchedPrimary, peer: PeerSentinel, hello: Hello): void => {
  primary.configEpoch = hello.configEpoch;
  sentinel.noteEpochs(primary);
  const old = primary.address;
  if (old.port === hello.primaryPort && sentinel.isAt(old, hello.primaryIp)) return;
  if (numericAddress(hello.primaryIp) === null && !sentinel.resolveHostnames) return;
  const because = [sentinel.host.cause()];
  mark(sentinel.host, primary.isFailingOver ? 'sentinelFailoverOvertaken' : 'sentinelConfigAdopted');
  sentinel.event('warning', SENTINEL_EVENT.configUpdateFrom, peer, '', because);
  const from = `${primary.name} ${sentinel.shown(old)} ${old.port}`;
  sentinel.plainEvent('warning', SENTINEL_EVENT.switchPrimary, primary, `${from} ${hello.primaryIp} ${hello.primaryPort}`, because);
  switchAddress(sentinel, primary, hello.primaryIp, hello.primaryPort);
  callReconfigScript(sentinel, primary, 'observer', old, primary.address);
};
