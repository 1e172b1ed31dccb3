/**
 * Messages of the cluster bus in wire form: a header of 2256 bytes, the same for all, and what follows it by type. Numbers are
 * in network order.
 *
 * Always holds: what `decode` returns has the length that its type and counts ask for; anything else is refused with a reason,
 * so that no peer can make us read what is not there. Names, slots and addresses of a decoded header or gossip are parts of the
 * message, and keep it alive: whoever stores one detaches it first.
 * Source: cluster.h of Redis 7.0 (clusterMsg and what it holds), version 1.
 */
import { type Bytes, EMPTY, bytes, detach, slice } from '../core/bytes.ts';
import {
  IP_BYTES, NODE_NAME_LENGTH, padded, readName, readText, readU16, readU32, readU64, u16, u32, u64,
} from './busWire.ts';
import { GOSSIP_BYTES, isAddress, isName, isPossibleGossip } from './gossip.ts';
import { BITMAP_BYTES } from './slots.ts';

export const MESSAGE_TYPES = [
  'ping', 'pong', 'meet', 'fail', 'publish', 'auth-req', 'auth-ack', 'update', 'mfstart', 'module', 'publishshard',
] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

const SIGNATURE = 'RCmb';
const VERSION = 1;
const HEADER_BYTES = 2256;
const LENGTH_BYTES = 8;
const NO_NAME: Bytes = bytes('\0'.repeat(NODE_NAME_LENGTH));
/** Between the count of extensions and the bus port: reserved, and the port without TLS, which is none. */
const UNUSED: string = '\0'.repeat(32);
/** A message says how long it is; nobody sends more than this. */
const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** Bits of `flags` in headers and gossip: what a node is and how it is seen. */
export const NODE_FLAG = {
  primary: 1, replica: 2, pfail: 4, fail: 8, myself: 16, handshake: 32, noAddress: 64, meet: 128, migrateTo: 256, noFailover: 512,
} as const;

/** Bits of the first message flag. */
export const MESSAGE_FLAG = { paused: 1, forceAck: 2, hasExtensions: 4 } as const;

const EXTENSION_HOSTNAME = 0;
const EXTENSION_HEADER_BYTES = 8;

export interface Header {
  readonly type: MessageType;
  readonly sender: Bytes;
  /** Its own, or for a replica its primary's. */
  readonly slots: Bytes;
  readonly primary: Bytes | null;
  /** Empty: to be taken from the connection. */
  readonly ip: Bytes;
  readonly port: number;
  readonly busPort: number;
  readonly flags: number;
  readonly isOk: boolean;
  readonly messageFlags: number;
  readonly currentEpoch: number;
  readonly configEpoch: number;
  readonly offset: number;
  /** `identityWire` of this header, where the sender keeps it. */
  readonly identity?: string;
}

export type MessageBody =
  /** Entries in wire form: see `gossip.ts`. */
  | { readonly kind: 'gossip'; readonly entries: Bytes; readonly hostname: Bytes | null }
  | { readonly kind: 'fail'; readonly name: Bytes }
  | { readonly kind: 'publish'; readonly channel: Bytes; readonly message: Bytes }
  | { readonly kind: 'update'; readonly configEpoch: number; readonly name: Bytes; readonly slots: Bytes }
  | { readonly kind: 'none' };

export interface BusMessage {
  readonly header: Header;
  readonly body: MessageBody;
}

const HOSTNAME_FORM = /^[-.0-9A-Za-z]*$/;

/** The whole message. */
export const encodeMessage = (header: Header, body: MessageBody): Bytes => {
  const data = encodeBody(body);
  const count = body.kind === 'gossip' ? body.entries.length / GOSSIP_BYTES : 0;
  const extensions = body.kind === 'gossip' && body.hostname !== null ? 1 : 0;
  const messageFlags = header.messageFlags | (extensions > 0 ? MESSAGE_FLAG.hasExtensions : 0);
  return bytes(SIGNATURE + u32(HEADER_BYTES + data.length) + u16(VERSION) + u16(header.port) + u16(MESSAGE_TYPES.indexOf(header.type))
    + u16(count) + u64(header.currentEpoch) + u64(header.configEpoch) + u64(header.offset) + (header.identity ?? identityWire(header))
    + u16(extensions) + UNUSED + u16(header.busPort) + u16(header.flags)
    + String.fromCharCode(header.isOk ? 0 : 1, messageFlags, 0, 0) + data);
};

/** The part of a header that says who speaks, of which slots: nearly all of it, and it seldom changes. */
export const identityWire = ({ sender, slots, primary, ip }: Pick<Header, 'sender' | 'slots' | 'primary' | 'ip'>): string =>
  [sender, slots, primary ?? NO_NAME, padded(ip, IP_BYTES)].join('');

const encodeBody = (body: MessageBody): string => {
  switch (body.kind) {
    case 'gossip': return body.hostname === null ? body.entries : body.entries + encodeHostname(body.hostname);
    case 'fail': return body.name;
    case 'publish': return u32(body.channel.length) + u32(body.message.length) + body.channel + body.message;
    case 'update': return u64(body.configEpoch) + body.name + body.slots;
    case 'none': return '';
  }
};

/** Ends with a zero, filled up to a multiple of eight. */
const encodeHostname = (hostname: Bytes): string => {
  const length = Math.ceil((hostname.length + 1) / 8) * 8;
  return u32(EXTENSION_HEADER_BYTES + length) + u16(EXTENSION_HOSTNAME) + u16(0) + padded(hostname, length);
};

/** How many bytes the message at the head of `input` has; null: not to be seen yet. A string: why it is none. */
export const messageLength = (input: Bytes): number | null | string => {
  if (input.length < LENGTH_BYTES) return SIGNATURE.startsWith(input.slice(0, SIGNATURE.length)) ? null : 'wrong signature';
  if (!input.startsWith(SIGNATURE)) return 'wrong signature';
  const length = readU32(input, 4);
  return length < HEADER_BYTES || length > MESSAGE_BYTES_MAX ? 'impossible length' : length;
};

/** A message of exactly its own length. A string: why it cannot be used. */
export const decodeMessage = (text: Bytes): BusMessage | string => {
  if (readU16(text, 8) !== VERSION) return 'another version';
  const type = MESSAGE_TYPES[readU16(text, 12)];
  if (type === undefined) return 'unknown type';
  const primary = readName(text, 2128);
  const header: Header = {
    type, sender: readName(text, 40), slots: slice(text, 80, 80 + BITMAP_BYTES), primary: primary === NO_NAME ? null : primary,
    ip: readText(text, 2168, IP_BYTES), port: readU16(text, 10), busPort: readU16(text, 2248), flags: readU16(text, 2250),
    isOk: text.charCodeAt(2252) === 0, messageFlags: text.charCodeAt(2253), currentEpoch: readU64(text, 16), configEpoch: readU64(text, 24),
    offset: readU64(text, 32),
  };
  if (!isName(text, 40) || !isAddress(text, 2168)) return 'impossible name or address';
  if (!Number.isSafeInteger(header.currentEpoch) || !Number.isSafeInteger(header.configEpoch) || !Number.isSafeInteger(header.offset)) {
    return 'impossible epoch or offset';
  }
  const body = decodeBody(text, header);
  return typeof body === 'string' ? body : { header, body };
};

const WRONG_LENGTH = 'length and content do not agree';

const decodeBody = (text: Bytes, header: Header): MessageBody | string => {
  const length = text.length - HEADER_BYTES;
  switch (header.type) {
    case 'ping': case 'pong': case 'meet': return decodeGossip(text, header);
    case 'fail':
      return length === NODE_NAME_LENGTH ? { kind: 'fail', name: readName(text, HEADER_BYTES) } : WRONG_LENGTH;
    case 'publish': case 'publishshard': {
      if (length < LENGTH_BYTES) return WRONG_LENGTH;
      const channel = readU32(text, HEADER_BYTES);
      const message = readU32(text, HEADER_BYTES + 4);
      const from = HEADER_BYTES + LENGTH_BYTES;
      if (length !== LENGTH_BYTES + channel + message) return WRONG_LENGTH;
      return { kind: 'publish', channel: detach(slice(text, from, from + channel)), message: detach(slice(text, from + channel)) };
    }
    case 'update':
      return length === 8 + NODE_NAME_LENGTH + BITMAP_BYTES && Number.isSafeInteger(readU64(text, HEADER_BYTES))
        ? {
          kind: 'update', configEpoch: readU64(text, HEADER_BYTES), name: readName(text, HEADER_BYTES + 8),
          slots: slice(text, HEADER_BYTES + 8 + NODE_NAME_LENGTH),
        } : WRONG_LENGTH;
    case 'auth-req': case 'auth-ack': case 'mfstart': return length === 0 ? { kind: 'none' } : WRONG_LENGTH;
    case 'module': return 'modules are not known here';
  }
};

const decodeGossip = (text: Bytes, header: Header): MessageBody | string => {
  const count = readU16(text, 14);
  const end = HEADER_BYTES + count * GOSSIP_BYTES;
  if (end > text.length) return WRONG_LENGTH;
  const entries = slice(text, HEADER_BYTES, end);
  if (!isPossibleGossip(entries)) return 'impossible name or address';
  if ((header.messageFlags & MESSAGE_FLAG.hasExtensions) === 0) {
    return end === text.length ? { kind: 'gossip', entries, hostname: null } : WRONG_LENGTH;
  }
  const hostname = decodeExtensions(text, end, readU16(text, 2214));
  if (hostname === undefined) return WRONG_LENGTH;
  return HOSTNAME_FORM.test(hostname ?? EMPTY) ? { kind: 'gossip', entries, hostname } : 'impossible hostname';
};

/** Undefined: the extensions do not end where the message does. Those of unknown types are passed over. */
const decodeExtensions = (text: Bytes, from: number, count: number): Bytes | null | undefined => {
  let at = from;
  let hostname: Bytes | null = null;
  for (let index = 0; index < count; index++) {
    if (at + EXTENSION_HEADER_BYTES > text.length) return undefined;
    const length = readU32(text, at);
    if (length < EXTENSION_HEADER_BYTES || length % 8 !== 0 || at + length > text.length) return undefined;
    if (readU16(text, at + 4) === EXTENSION_HOSTNAME) {
      hostname = readText(text, at + EXTENSION_HEADER_BYTES, length - EXTENSION_HEADER_BYTES);
    }
    at += length;
  }
  return at === text.length ? hostname : undefined;
};
