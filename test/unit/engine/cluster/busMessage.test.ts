/** Messages of the bus: what is written is read back; what is damaged is refused, and never harms. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../../engine/core/bytes.ts';
import {
  type BusMessage, type Header, MESSAGE_FLAG, MESSAGE_TYPES, decodeMessage, encodeMessage, messageLength,
} from '../../../../engine/cluster/busMessage.ts';
import { GOSSIP_BYTES, type GossipEntry, gossipWire, readEntry } from '../../../../engine/cluster/gossip.ts';

const HEADER_BYTES = 2256;
const hex = (length: number): fc.Arbitrary<Bytes> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length }) as fc.Arbitrary<Bytes>;
const name = hex(40);
const byteText = (options: fc.StringConstraints): fc.Arbitrary<Bytes> =>
  fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), ...options }) as fc.Arbitrary<Bytes>;
const ip = fc.ipV4() as fc.Arbitrary<Bytes>;
const port = fc.nat(65_535);
const epoch = fc.nat(Number.MAX_SAFE_INTEGER);
const slots = byteText({ minLength: 2048, maxLength: 2048 });

const header = (type: Header['type'], messageFlags = 0): fc.Arbitrary<Header> => fc.record({
  type: fc.constant(type), sender: name, slots, primary: fc.option(name, { nil: null }), ip: fc.oneof(ip, fc.constant('' as Bytes)),
  port, busPort: port, flags: fc.nat(0x7ff), isOk: fc.boolean(), messageFlags: fc.constant(messageFlags), currentEpoch: epoch,
  configEpoch: epoch, offset: epoch,
});

const entry: fc.Arbitrary<GossipEntry> = fc.record({
  name, pingSentSeconds: fc.nat(0xffffffff), pongReceivedSeconds: fc.nat(0xffffffff), ip, port, busPort: port, flags: fc.nat(0x7ff),
});

const wireOf = (entries: readonly GossipEntry[]): Bytes => entries.map(gossipWire).join('') as Bytes;

const gossip = (hasHostname: boolean): fc.Arbitrary<BusMessage> => fc.record({
  header: fc.constantFrom('ping', 'pong', 'meet').chain((type) => header(type as 'ping', hasHostname ? MESSAGE_FLAG.hasExtensions : 0)),
  body: fc.record({
    kind: fc.constant('gossip' as const), entries: fc.array(entry, { maxLength: 5 }).map(wireOf),
    hostname: hasHostname ? fc.domain() as fc.Arbitrary<Bytes> : fc.constant(null),
  }),
});

const message: fc.Arbitrary<BusMessage> = fc.oneof(
  gossip(false), gossip(true),
  fc.record({ header: header('fail'), body: fc.record({ kind: fc.constant('fail' as const), name }) }),
  fc.record({
    header: fc.oneof(header('publish'), header('publishshard')),
    body: fc.record({ kind: fc.constant('publish' as const), channel: byteText({ maxLength: 20 }), message: byteText({ maxLength: 40 }) }),
  }),
  fc.record({ header: header('update'), body: fc.record({ kind: fc.constant('update' as const), configEpoch: epoch, name, slots }) }),
  fc.record({
    header: fc.oneof(header('auth-req', MESSAGE_FLAG.forceAck), header('auth-ack'), header('mfstart')), body: fc.constant({ kind: 'none' as const }),
  }),
);

describe('messages of the bus', () => {
  test('are read back as they were written, and say how long they are', () => {
    fc.assert(fc.property(message, (original) => {
      const wire = encodeMessage(original.header, original.body);
      expect(messageLength(wire)).toBe(wire.length);
      expect(decodeMessage(wire)).toEqual(original);
    }));
  });

  test('have a header of 2256 bytes, and entries of 104', () => {
    fc.assert(fc.property(gossip(false), ({ header: head, body }) => {
      const length = body.kind === 'gossip' ? body.entries.length : 0;
      expect(length % GOSSIP_BYTES).toBe(0);
      expect(encodeMessage(head, body)).toHaveLength(HEADER_BYTES + length);
    }));
  });

  test('tell of other nodes what was written of them', () => {
    fc.assert(fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      const wire = wireOf(entries);
      expect(wire).toHaveLength(entries.length * 104);
      expect(entries.map((_, index) => readEntry(wire, index * GOSSIP_BYTES))).toEqual(entries);
    }));
  });

  test('with any byte changed, or another length, are read or refused, but never break anything', () => {
    fc.assert(fc.property(message, fc.nat(), fc.nat(255), fc.integer({ min: -200, max: 200 }), (original, at, code, by) => {
      const wire = encodeMessage(original.header, original.body);
      const place = at % wire.length;
      const changed = wire.slice(0, place) + String.fromCharCode(code) + wire.slice(place + 1);
      const other = by < 0 ? changed.slice(0, Math.max(HEADER_BYTES, changed.length + by)) : changed + '\0'.repeat(by);
      for (const text of [changed, other]) {
        const length = messageLength(text as Bytes);
        const decoded = decodeMessage(text as Bytes);
        expect(typeof length === 'string' || length === null || length >= HEADER_BYTES).toBe(true);
        if (typeof decoded !== 'string') expect(MESSAGE_TYPES).toContain(decoded.header.type);
      }
    }), { numRuns: 500 });
  });

  test('with names, addresses or hostnames that nodes.conf could not hold are refused', () => {
    fc.assert(fc.property(gossip(true), entry, fc.constantFrom('\n', ' ', '\x7f', '@', ','), ({ header: head }, about, sign) => {
      const encoded = (part: Partial<Header>, entries: readonly GossipEntry[], hostname: string): ReturnType<typeof decodeMessage> =>
        decodeMessage(encodeMessage({ ...head, ...part }, { kind: 'gossip', entries: wireOf(entries), hostname: hostname as Bytes }));
      const wrongName = `${sign}${about.name.slice(1)}` as Bytes;
      const wrongIp = `10.0.0.1${sign}` as Bytes;
      expect(typeof encoded({}, [about], 'host')).toBe('object');
      expect(encoded({ sender: wrongName }, [], 'host')).toBe('impossible name or address');
      expect(encoded({ ip: wrongIp }, [], 'host')).toBe('impossible name or address');
      expect(encoded({}, [about, { ...about, name: wrongName }], 'host')).toBe('impossible name or address');
      expect(encoded({}, [{ ...about, ip: wrongIp }], 'host')).toBe('impossible name or address');
      expect(encoded({}, [], `host${sign}`)).toBe('impossible hostname');
    }));
  });

  test('cut an address that is too long, as its field has no room for it', () => {
    fc.assert(fc.property(header('mfstart'), fc.integer({ min: 46, max: 300 }), (head, length) => {
      const decoded = decodeMessage(encodeMessage({ ...head, ip: '1'.repeat(length) as Bytes }, { kind: 'none' }));
      expect(decoded).toMatchObject({ header: { ...head, ip: '1'.repeat(45) } });
    }));
  });

  test('that are none are known by their first bytes', () => {
    expect(messageLength('RC' as Bytes)).toBeNull();
    expect(messageLength('GET / HTTP/1.1' as Bytes)).toBe('wrong signature');
    expect(messageLength('*1' as Bytes)).toBe('wrong signature');
    expect(messageLength('RCmb\0\0\0\x10' as Bytes)).toBe('impossible length');
    expect(messageLength('RCmb\xff\xff\xff\xff' as Bytes)).toBe('impossible length');
  });
});
