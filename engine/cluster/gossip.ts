/**
 * Gossip in wire form: entries of 104 bytes, one behind the other, each about one node. It is read where it lies: most entries of a
 * large cluster say nothing new, and of those only a few numbers are ever looked at.
 *
 * Always holds: entries that `isPossibleGossip` has passed hold names and addresses that nodes.conf can keep. What is cut from
 * entries keeps the message alive: whoever stores it detaches it first.
 * Source: clusterMsgDataGossip in cluster.h of Redis 7.0.
 */
import type { Bytes } from '../core/bytes.ts';
import { IP_BYTES, NODE_NAME_LENGTH, padded, readName, readText, readU16, readU32, u16, u32, u32Pair } from './busWire.ts';

export const GOSSIP_BYTES = 104;
const PING_SENT_AT = 40;
const PONG_RECEIVED_AT = 44;
const IP_AT = 48;
const PORT_AT = 94;
const BUS_PORT_AT = 96;
const FLAGS_AT = 98;

export interface GossipEntry {
  readonly name: Bytes;
  /** Wall-clock seconds; 0: no ping is under way. */
  readonly pingSentSeconds: number;
  readonly pongReceivedSeconds: number;
  readonly ip: Bytes;
  readonly port: number;
  readonly busPort: number;
  readonly flags: number;
}

/** An entry in its 104 bytes. */
export const gossipWire = (entry: GossipEntry): string =>
  entry.name + gossipTimes(entry.pingSentSeconds, entry.pongReceivedSeconds) + gossipPlace(entry);

/** The part of an entry between the name and the place: when a ping was sent, and a pong received. */
export const gossipTimes = (pingSentSeconds: number, pongReceivedSeconds: number): string => u32Pair(pingSentSeconds, pongReceivedSeconds);

/** The rest of an entry, which seldom changes. */
export const gossipPlace = ({ ip, port, busPort, flags }: Pick<GossipEntry, 'ip' | 'port' | 'busPort' | 'flags'>): string =>
  [padded(ip, IP_BYTES), u16(port), u16(busPort), u16(flags), u32(0)].join('');

/** The entry that begins at `at`. */
export const readEntry = (entries: Bytes, at: number): GossipEntry => ({
  name: readName(entries, at), pingSentSeconds: readU32(entries, at + PING_SENT_AT), pongReceivedSeconds: readPongSeconds(entries, at),
  ip: readText(entries, at + IP_AT, IP_BYTES), port: readU16(entries, at + PORT_AT), busPort: readU16(entries, at + BUS_PORT_AT),
  flags: readFlags(entries, at),
});

/** Of the entry that begins at `at`. */
export const readPongSeconds = (entries: Bytes, at: number): number => readU32(entries, at + PONG_RECEIVED_AT);
export const readFlags = (entries: Bytes, at: number): number => readU16(entries, at + FLAGS_AT);

/** Names and addresses go into nodes.conf, which must be readable afterwards. */
export const isPossibleGossip = (entries: Bytes): boolean => {
  for (let at = 0; at < entries.length; at += GOSSIP_BYTES) {
    if (!isName(entries, at) || !isAddress(entries, at + IP_AT)) return false;
  }
  return true;
};

/** Forty digits of lower-case hexadecimal. */
export const isName = (text: Bytes, from: number): boolean => {
  for (let at = from; at < from + NODE_NAME_LENGTH; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false;
  }
  return true;
};

const COMMA = 0x2c;
const AT_SIGN = 0x40;

/** Ends with a zero, or with its field. */
export const isAddress = (text: Bytes, from: number): boolean => {
  for (let at = from; at < from + IP_BYTES; at++) {
    const code = text.charCodeAt(at);
    if (code === 0) return true;
    if (code < 0x21 || code > 0x7e || code === COMMA || code === AT_SIGN) return false;
  }
  return true;
};
