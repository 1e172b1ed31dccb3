/**
 * One frame of the real world's network as the switch sees it: a VXLAN datagram around an Ethernet frame around IPv4.
 *
 * Always holds: what leaves `readdress` has a right TCP or UDP checksum. A sender's kernel leaves that to a network card that is
 * not there, and the receiver's kernel drops what is wrong.
 * Source: RFC 7348 (VXLAN), RFC 791 (IPv4), RFC 9293 (TCP), RFC 768 (UDP).
 */

const VXLAN_BYTES = 8;
const VNI_AT = 4;
const ETHERNET_BYTES = 14;
const IP_AT: number = VXLAN_BYTES + ETHERNET_BYTES;
const SOURCE_MAC_END: number = VXLAN_BYTES + 11;
const ETHERTYPE_AT: number = VXLAN_BYTES + 12;
const IPV4 = 0x0800;
const IPV4_BYTES_MIN = 20;
const TCP = 6;
const UDP = 17;

/** A VXLAN network identifier has 24 bits. */
export const VNI_MAX = 0xffffff;

/** Whence and whither, as numbers. */
export interface FrameEnds {
  readonly from: number;
  readonly to: number;
}

/** `10.0.0.1` as 32 bits. */
export const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Null: not IPv4 (neighbour discovery and the like, which nobody needs here), or cut off. */
export const frameEnds = (datagram: Buffer): FrameEnds | null => {
  if (datagram.length < IP_AT + IPV4_BYTES_MIN || datagram.readUInt16BE(ETHERTYPE_AT) !== IPV4) return null;
  return { from: datagram.readUInt32BE(IP_AT + 12), to: datagram.readUInt32BE(IP_AT + 16) };
};

/**
 * Makes the datagram one for the machine with this network identifier, in place. All machines have the same hardware address, so
 * that nobody need ask for one; the sender's must differ, since a VXLAN device takes its own for an echo.
 */
export const readdress = (datagram: Buffer, vni: number): void => {
  datagram.writeUIntBE(vni, VNI_AT, 3);
  datagram[SOURCE_MAC_END] = 2;
  const headerBytes = ((datagram[IP_AT] ?? 0) & 0xf) * 4;
  const start = IP_AT + headerBytes;
  const end = IP_AT + datagram.readUInt16BE(IP_AT + 2);
  const protocol = datagram[IP_AT + 9];
  const checksumAt = start + (protocol === TCP ? 16 : 6);
  if ((protocol !== TCP && protocol !== UDP) || end > datagram.length || checksumAt + 2 > end) return;
  datagram.writeUInt16BE(0, checksumAt);
  // The pseudo header: both addresses, protocol and length.
  let sum = protocol + (end - start);
  for (let at = IP_AT + 12; at < IP_AT + 20; at += 2) sum += datagram.readUInt16BE(at);
  for (let at = start; at + 1 < end; at += 2) sum += datagram.readUInt16BE(at);
  if ((end - start) % 2 === 1) sum += (datagram[end - 1] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  datagram.writeUInt16BE(~sum & 0xffff, checksumAt);
};

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const TCP_BYTES = 20;

/** What the switch wants to know of a TCP segment. */
export interface SegmentHead {
  /** Both ends with their ports, the same in both directions. */
  readonly connection: string;
  /** It opens a connection, or answers one that does. */
  readonly opens: boolean;
}

/** Null: no whole TCP segment. */
export const segmentOf = (datagram: Buffer): SegmentHead | null => {
  const start = tcpStart(datagram);
  if (start === null) return null;
  const ends = [IP_AT + 12, IP_AT + 16].map((at, index) => `${datagram.readUInt32BE(at)}:${datagram.readUInt16BE(start + index * 2)}`);
  return { connection: ends.sort().join(' '), opens: ((datagram[start + 13] ?? 0) & SYN) !== 0 };
};

const tcpStart = (datagram: Buffer): number | null => {
  if (datagram.length < IP_AT + IPV4_BYTES_MIN || datagram[IP_AT + 9] !== TCP) return null;
  const start = IP_AT + ((datagram[IP_AT] ?? 0) & 0xf) * 4;
  return datagram.length < start + TCP_BYTES ? null : start;
};

/**
 * The two RST segments that end the connection of this segment: one in its place to the receiver, one back to its sender, with the
 * numbers that each expects next. A segment that is a RST itself is answered by none.
 */
export const resetsFor = (datagram: Buffer): readonly { readonly frame: Buffer; readonly isBack: boolean }[] => {
  const start = tcpStart(datagram);
  const flags = start === null ? RST : datagram[start + 13] ?? 0;
  if (start === null || (flags & RST) !== 0) return [];
  const sequence = datagram.readUInt32BE(start + 4);
  const acknowledged = datagram.readUInt32BE(start + 8);
  const payload = IP_AT + datagram.readUInt16BE(IP_AT + 2) - start - ((datagram[start + 12] ?? 0) >>> 4) * 4;
  const next = (sequence + payload + ((flags & FIN) === 0 ? 0 : 1)) >>> 0;
  return [
    { frame: resetFrame(datagram, start, false, sequence, acknowledged), isBack: false },
    { frame: resetFrame(datagram, start, true, acknowledged, next), isBack: true },
  ];
};

const resetFrame = (datagram: Buffer, start: number, isBack: boolean, sequence: number, acknowledged: number): Buffer => {
  const frame = Buffer.from(datagram.subarray(0, start + TCP_BYTES));
  if (isBack) {
    datagram.copy(frame, IP_AT + 12, IP_AT + 16, IP_AT + 20);
    datagram.copy(frame, IP_AT + 16, IP_AT + 12, IP_AT + 16);
    datagram.copy(frame, start, start + 2, start + 4);
    datagram.copy(frame, start + 2, start, start + 2);
  }
  frame.writeUInt32BE(sequence, start + 4);
  frame.writeUInt32BE(acknowledged, start + 8);
  frame[start + 12] = (TCP_BYTES / 4) << 4;
  frame[start + 13] = RST | ACK;
  frame.writeUInt16BE(0, start + 14);
  frame.writeUInt16BE(0, start + 18);
  const length = start + TCP_BYTES - IP_AT;
  frame.writeUInt16BE(length, IP_AT + 2);
  writeHeaderChecksum(frame, start);
  return frame;
};

/** Of IPv4: over the header alone. */
const writeHeaderChecksum = (frame: Buffer, end: number): void => {
  frame.writeUInt16BE(0, IP_AT + 10);
  let sum = 0;
  for (let at = IP_AT; at < end; at += 2) sum += frame.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.writeUInt16BE(~sum & 0xffff, IP_AT + 10);
};
