/** SENTINEL CONFIG GET and SET: settings of the sentinel as a whole. Source: sentinelConfigSetCommand in sentinel.c of Redis 7.0. */
import { type Bytes, EMPTY, bytes, detach, lower } from '../core/bytes.ts';
import { parseInt64 } from '../core/integers.ts';
import { isWord } from '../commands/arguments.ts';
import { globMatch } from '../commands/glob.ts';
import { MapReply, type Reply, error } from '../protocol/reply.ts';
import { saveAndReply } from './commandSupport.ts';
import type { Sentinel } from './sentinel.ts';
import { yesOrNo, yesOrNoText } from './yesOrNo.ts';

const PORT_MAX = 65535n;

interface Setting {
  get(sentinel: Sentinel): string;
  /** False: the value cannot be used. */
  set(sentinel: Sentinel, value: Bytes): boolean;
}

const flag = (get: (sentinel: Sentinel) => boolean, set: (sentinel: Sentinel, value: boolean) => void): Setting => ({
  get: (sentinel) => yesOrNoText(get(sentinel)),
  set: (sentinel, value) => {
    const isOn = yesOrNo(value);
    if (isOn !== null) set(sentinel, isOn);
    return isOn !== null;
  },
});

const text = (get: (sentinel: Sentinel) => Bytes, set: (sentinel: Sentinel, value: Bytes) => void): Setting => ({
  get,
  set: (sentinel, value) => {
    set(sentinel, detach(value));
    return true;
  },
});

/** How it authenticates at other sentinels: connections to them are made anew. */
const dropPeerConnections = (sentinel: Sentinel): void => {
  for (const primary of sentinel.primaries.values()) {
    for (const { link } of primary.sentinels.values()) {
      link.closeCommands();
      link.closePubsub();
    }
  }
};

const announcePort: Setting = {
  get: (sentinel) => String(sentinel.announcePort),
  set: (sentinel, value) => {
    const port = parseInt64(value);
    if (port === null || port < 0n || port > PORT_MAX) return false;
    sentinel.announcePort = Number(port);
    return true;
  },
};

/** In the order in which GET shows them. */
const SETTINGS: ReadonlyMap<string, Setting> = new Map([
  ['resolve-hostnames', flag((sentinel) => sentinel.resolveHostnames, (sentinel, value) => { sentinel.resolveHostnames = value; })],
  ['announce-hostnames', flag((sentinel) => sentinel.announceHostnames, (sentinel, value) => { sentinel.announceHostnames = value; })],
  ['announce-ip', text((sentinel) => sentinel.announceIp ?? EMPTY, (sentinel, value) => { sentinel.announceIp = value; })],
  ['announce-port', announcePort],
  ['sentinel-user', text((sentinel) => sentinel.sentinelUser, (sentinel, value) => {
    sentinel.sentinelUser = value;
    dropPeerConnections(sentinel);
  })],
  ['sentinel-pass', text((sentinel) => sentinel.sentinelPass, (sentinel, value) => {
    sentinel.sentinelPass = value;
    dropPeerConnections(sentinel);
  })],
]);

/** CONFIG GET pattern, CONFIG SET setting value. */
export const sentinelConfig = (sentinel: Sentinel, argv: readonly Bytes[]): Reply => {
  const [, , what, name, value] = argv;
  if (isWord(what, 'get') && argv.length === 4) return get(sentinel, name as Bytes);
  if (isWord(what, 'set') && argv.length === 5) return set(sentinel, name as Bytes, value as Bytes);
  return error('ERR Only SENTINEL CONFIG GET <option> / SET <option> <value> are supported.');
};

const get = (sentinel: Sentinel, pattern: Bytes): Reply =>
  new MapReply([...SETTINGS].filter(([name]) => globMatch(pattern, bytes(name), true))
    .map(([name, setting]) => [bytes(name), bytes(setting.get(sentinel))]));

const set = (sentinel: Sentinel, name: Bytes, value: Bytes): Reply => {
  const setting = SETTINGS.get(lower(name));
  if (setting === undefined) return error(`ERR Invalid argument '${name}' to SENTINEL CONFIG SET`);
  if (!setting.set(sentinel, value)) return error(`ERR Invalid value '${value}' to SENTINEL CONFIG SET '${name}'`);
  return saveAndReply(sentinel);
};
