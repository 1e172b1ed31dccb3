/** The wire: what is encoded is decoded alike, however it is cut; and every byte is accounted for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import { ProtocolError } from '../../engine/core/errors.ts';
import { encodeCommand, encodeReply } from '../../engine/protocol/encode.ts';
import {
  BooleanReply, DoubleReply, MapReply, NULL_ARRAY, PushReply, type Reply, SetReply, Status, VerbatimReply, error,
} from '../../engine/protocol/reply.ts';
import { ReplyDecoder } from '../../engine/protocol/replyDecoder.ts';
import { RequestDecoder } from '../../engine/protocol/requestDecoder.ts';

const byteString = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }).map((codes) => bytes(String.fromCharCode(...codes))),
  fc.constantFrom('', '\r\n', '$1\r\n', '*1\r\n', '\r', '\n').map(bytes));
const argv = fc.array(byteString, { minLength: 1, maxLength: 5 });
const line = fc.stringMatching(/^[a-zA-Z ]{0,12}$/);

const reply: fc.Arbitrary<Reply> = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof({ maxDepth: 4 },
    byteString, fc.integer(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }), fc.constant(null), line.map((text) => new Status(`S${text}`)),
    line.map(error), fc.double({ noNaN: true }).map((value) => new DoubleReply(value)),
    fc.boolean().map((value) => new BooleanReply(value)), byteString.map((text) => new VerbatimReply('txt', text)),
    fc.array(tie('reply'), { maxLength: 4 }), fc.array(tie('reply'), { maxLength: 4 }).map((items) => new SetReply(items)),
    fc.array(tie('reply'), { maxLength: 4 }).map((items) => new PushReply(items)),
    fc.array(fc.tuple(tie('reply'), tie('reply')), { maxLength: 3 }).map((entries) => new MapReply(entries))),
})).reply;

/** Cuts a text at the given places, every byte where there are none. */
const cut = (text: string, places: readonly number[]): string[] => {
  if (places.length === 0) return [...text];
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort((left, right) => left - right);
  return ends.map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
};

const places = fc.array(fc.nat(10_000), { maxLength: 12 });

test('requests survive any cut, with their frames and counts', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('', '\n', '\r\n', '*0\r\n'), argv), { maxLength: 6 }), places, (items, ends) => {
    const decoder = new RequestDecoder();
    const wire = items.map(([gap, command]) => gap + encodeCommand(command)).join('');
    const found: (readonly Bytes[])[] = [];
    let pushed = 0;
    let returned = 0;
    for (const chunk of cut(wire, ends)) {
      decoder.push(bytes(chunk));
      pushed += chunk.length;
      for (let command = decoder.next(); command !== null; command = decoder.next()) {
        found.push(command);
        expect(decoder.takeFrame()).toBe(encodeCommand(command));
        expect(decoder.frameLength).toBe(decoder.takeFrame().length);
        returned += decoder.frameLength;
        expect(returned + decoder.skippedTotal + decoder.buffered).toBe(pushed);
      }
      expect(returned + decoder.skippedTotal + decoder.buffered).toBe(pushed);
    }
    expect(found).toEqual(items.map(([, command]) => command));
    expect(decoder.buffered).toBe(0);
  }));
});

test('any bytes give commands or a ProtocolError, whichever way they are cut', () => {
  const outcome = (chunks: readonly string[]): unknown => {
    const decoder = new RequestDecoder();
    const found: unknown[] = [];
    try {
      for (const chunk of chunks) {
        decoder.push(bytes(chunk));
        for (let command = decoder.next(); command !== null; command = decoder.next()) found.push(command);
      }
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ProtocolError);
      found.push((thrown as ProtocolError).message);
    }
    return found;
  };
  const noise = fc.array(fc.constantFrom('*', '$', '1', '2', '-', '\r\n', '\r', '\n', 'GET', '"', ' ', 'x', '\0'), { maxLength: 25 })
    .map((parts) => parts.join(''));
  fc.assert(fc.property(noise, places, (text, ends) => {
    expect(outcome(cut(text, ends))).toEqual(outcome([text]));
  }));
});

test('RESP3 replies come back as they were, whatever the cut', () => {
  fc.assert(fc.property(fc.array(reply, { maxLength: 4 }), places, (replies, ends) => {
    const decoder = new ReplyDecoder();
    const found: Reply[] = [];
    for (const chunk of cut(replies.map((one) => encodeReply(one, 3)).join(''), ends)) {
      decoder.push(bytes(chunk));
      for (let one = decoder.next(); one !== undefined; one = decoder.next()) found.push(one);
    }
    expect(found).toEqual(replies);
  }));
});

test('RESP2 says the same with fewer types', () => {
  const flat = (one: Reply): Reply => {
    if (Array.isArray(one)) return (one as readonly Reply[]).map(flat);
    if (one instanceof SetReply || one instanceof PushReply) return one.items.map(flat);
    if (one instanceof MapReply) return one.entries.flatMap(([key, value]) => [flat(key), flat(value)]);
    if (one instanceof BooleanReply) return one.value ? 1 : 0;
    if (one instanceof VerbatimReply) return one.text;
    return one;
  };
  const noDoubles = reply.filter((one) => !encodeReply(one, 3).includes(','));
  fc.assert(fc.property(noDoubles, (one) => {
    const decoder = new ReplyDecoder();
    decoder.push(encodeReply(one, 2));
    expect(decoder.next()).toEqual(flat(one));
  }));
  const decoder = new ReplyDecoder();
  decoder.push(encodeReply(NULL_ARRAY, 2));
  expect(decoder.next()).toBe(NULL_ARRAY);
});
