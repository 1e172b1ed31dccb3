/** Frames, links and names of the real world's network. */
import { describe, expect, test } from 'vitest';
import { addressNumber, frameEnds, readdress, resetsFor, segmentOf } from '../../../../../scenarios/cli/real/frame.ts';
import { LinkRules } from '../../../../../scenarios/cli/real/linkRules.ts';
import { isOf, machineNamespace, ownerOf, runNames } from '../../../../../scenarios/cli/real/names.ts';

const IP_AT = 22;
const TCP_AT = 42;

/** A VXLAN datagram around an IPv4 segment of TCP with this payload, from 10.0.0.1 to 10.0.0.2, with a wrong checksum. */
const datagram = (payload: string, etherType = 0x0800): Buffer => {
  const made = Buffer.alloc(TCP_AT + 20 + payload.length);
  made.writeUIntBE(7, 4, 3);
  made.write('020000000001020000000001', 8, 'hex');
  made.writeUInt16BE(etherType, 20);
  made[IP_AT] = 0x45;
  made.writeUInt16BE(made.length - IP_AT, IP_AT + 2);
  made[IP_AT + 9] = 6;
  made.writeUInt32BE(addressNumber('10.0.0.1'), IP_AT + 12);
  made.writeUInt32BE(addressNumber('10.0.0.2'), IP_AT + 16);
  made.writeUInt16BE(40_000, TCP_AT);
  made.writeUInt16BE(6379, TCP_AT + 2);
  made[TCP_AT + 12] = 0x50;
  made.writeUInt16BE(0xdead, TCP_AT + 16);
  made.write(payload, TCP_AT + 20, 'latin1');
  return made;
};

/** RFC 1071: over the pseudo header and the segment, checksum included, the sum of a right one is all ones. */
const sumOf = (frame: Buffer): number => {
  const segment = frame.subarray(TCP_AT);
  const pseudo = Buffer.concat([frame.subarray(IP_AT + 12, IP_AT + 20), Buffer.from([0, 6, segment.length >> 8, segment.length & 0xff])]);
  const all = Buffer.concat([pseudo, segment, Buffer.alloc(segment.length % 2)]);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += all.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
};

describe('frames', () => {
  test('tell whence and whither, and nothing where they are not IPv4 or cut off', () => {
    expect(frameEnds(datagram('x'))).toEqual({ from: 0x0a000001, to: 0x0a000002 });
    expect(frameEnds(datagram('x', 0x86dd))).toBeNull();
    expect(frameEnds(datagram('x').subarray(0, 30))).toBeNull();
  });

  test.each(['', 'a', 'ab', '*1\r\n$4\r\nPING\r\n'])('leave with a right checksum, %j too', (payload) => {
    const frame = datagram(payload);
    expect(sumOf(frame)).not.toBe(0xffff);
    readdress(frame, 0xabcdef);
    expect(sumOf(frame)).toBe(0xffff);
    expect(frame.readUIntBE(4, 3)).toBe(0xabcdef);
    // The sender's hardware address is no longer the one that all machines have.
    expect(frame.toString('hex', 14, 20)).toBe('020000000002');
  });

  test('with lengths that lie are left as they are', () => {
    const frame = datagram('abc');
    frame.writeUInt16BE(60_000, IP_AT + 2);
    const before = frame.toString('hex', IP_AT);
    readdress(frame, 3);
    expect(frame.toString('hex', IP_AT)).toBe(before);
  });
});

describe('the end of a connection by its next segment', () => {
  /** Ports, sequence, acknowledgement and flags of a segment. */
  const headOf = (frame: Buffer): readonly unknown[] => [
    frameEnds(frame), frame.readUInt16BE(TCP_AT), frame.readUInt16BE(TCP_AT + 2), frame.readUInt32BE(TCP_AT + 4), frame.readUInt32BE(TCP_AT + 8), frame[TCP_AT + 13],
  ];
  const segment = (payload: string, flags: number): Buffer => {
    const frame = datagram(payload);
    frame.writeUInt32BE(1000, TCP_AT + 4);
    frame.writeUInt32BE(0xffff_fff0, TCP_AT + 8);
    frame[TCP_AT + 13] = flags;
    return frame;
  };
  const [there, back] = [{ from: 0x0a000001, to: 0x0a000002 }, { from: 0x0a000002, to: 0x0a000001 }];

  test.each([['abc', 0x18, 1003], ['', 0x11, 1001]])('%j: a RST to each end, with what it expects next', (payload, flags, next) => {
    const made = resetsFor(segment(payload, flags));
    expect(made.map(({ isBack }) => isBack)).toEqual([false, true]);
    const [forth, answer] = made.map(({ frame }) => frame) as [Buffer, Buffer];
    expect(headOf(forth)).toEqual([there, 40_000, 6379, 1000, 0xffff_fff0, 0x14]);
    expect(headOf(answer)).toEqual([back, 6379, 40_000, 0xffff_fff0, next, 0x14]);
    for (const frame of [forth, answer]) {
      readdress(frame, 7);
      expect(sumOf(frame)).toBe(0xffff);
      let sum = 0;
      for (let at = IP_AT; at < TCP_AT; at += 2) sum += frame.readUInt16BE(at);
      expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff);
    }
  });

  test('a RST is answered by none; which connection, and whether it opens, a segment tells in both directions', () => {
    expect(resetsFor(segment('', 0x14))).toEqual([]);
    const [forth, answer] = resetsFor(segment('x', 0x18)).map(({ frame }) => segmentOf(frame));
    expect(forth).toEqual(answer);
    expect(segmentOf(segment('', 0x02))).toEqual({ connection: forth?.connection, opens: true });
    expect(segmentOf(segment('', 0x10))?.opens).toBe(false);
    expect(segmentOf(datagram('').subarray(0, 50))).toBeNull();
  });
});

describe('links', () => {
  const CLEAR = { isCut: false, delayMs: 0, lossPercent: 0, bytesPerSecond: null };

  test('are clear, and cut one way only where that is said', () => {
    const rules = new LinkRules();
    const undo = rules.add(['a'], ['b', 'c'], { isCut: true });
    expect([rules.between('a', 'b'), rules.between('a', 'c')].map((state) => state?.isCut)).toEqual([true, true]);
    expect(rules.between('b', 'a')).toEqual(CLEAR);
    undo();
    expect(rules.between('a', 'b')).toEqual(CLEAR);
  });

  test('have what overlapping faults add up to, each of which takes back its own once', () => {
    const rules = new LinkRules();
    const effect = { delayMs: 10, lossPercent: 60, bytesPerSecond: 1000 };
    const undos = [rules.add(['a'], ['b'], effect), rules.add(['a'], ['b'], effect), rules.add(['a'], ['b'], { isCut: true, bytesPerSecond: 10 })];
    expect(rules.between('a', 'b')).toEqual({ isCut: true, delayMs: 20, lossPercent: 100, bytesPerSecond: 10 });
    undos[0]?.();
    undos[0]?.();
    expect(rules.between('a', 'b')).toEqual({ isCut: true, delayMs: 10, lossPercent: 60, bytesPerSecond: 10 });
    undos[2]?.();
    expect(rules.between('a', 'b')?.bytesPerSecond).toBe(1000);
    undos[1]?.();
    expect(rules.between('a', 'b')).toEqual(CLEAR);
  });

  test('of a machine without power carry nothing, to itself neither', () => {
    const rules = new LinkRules();
    rules.silence('a');
    expect([rules.between('a', 'b'), rules.between('b', 'a')]).toEqual([null, null]);
    rules.speak('a');
    expect(rules.between('b', 'a')).toEqual(CLEAR);
    rules.add(['a', 'b'], ['a', 'b'], { isCut: true });
    expect(rules.between('a', 'a')).toEqual(CLEAR);
  });
});

describe('names of a run', () => {
  test('tell whose they are', () => {
    const names = runNames(4711, 2);
    expect([names.tunnel, names.world, machineNamespace(names, 3)].map(ownerOf)).toEqual([4711, 4711, 4711]);
    expect([names.tunnel, names.world, machineNamespace(names, 3)].every((name) => isOf(names.id, name))).toBe(true);
    expect(isOf('fl-4711-2', 'fl-4711-20-m1')).toBe(false);
    expect(['fl-x-1', 'fl-0-1', 'afl-4711-1', 'fl-4711', 'docker0'].map(ownerOf)).toEqual([null, null, null, null, null]);
  });
});
