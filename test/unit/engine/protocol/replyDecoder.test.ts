import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ProtocolError } from '../../../../engine/core/errors.ts';
import {
  BooleanReply, DoubleReply, MapReply, NULL_ARRAY, OK, PushReply, type Reply, SetReply, Status, VerbatimReply, error,
} from '../../../../engine/protocol/reply.ts';
import { ReplyDecoder } from '../../../../engine/protocol/replyDecoder.ts';

const decode = (text: string): (Reply | undefined)[] => {
  const decoder = new ReplyDecoder();
  decoder.push(bytes(text));
  const out: (Reply | undefined)[] = [];
  for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) out.push(reply);
  return out;
};

describe('replies', () => {
  test.each<[string, Reply]>([
    ['+OK\r\n', OK], ['+FULLRESYNC a 1\r\n', new Status('FULLRESYNC a 1')], ['-ERR x\r\n', error('ERR x')],
    [':-5\r\n', -5], [':9223372036854775807\r\n', 9223372036854775807n], ['$-1\r\n', null], ['_\r\n', null],
    ['*-1\r\n', NULL_ARRAY], ['$0\r\n\r\n', bytes('')], ['*0\r\n', []], ['~1\r\n:1\r\n', new SetReply([1])],
    ['>2\r\n+a\r\n+b\r\n', new PushReply([new Status('a'), new Status('b')])], ['%1\r\n+a\r\n:1\r\n', new MapReply([[new Status('a'), 1]])],
    ['|1\r\n+ttl\r\n:1\r\n:7\r\n', 7], ['*2\r\n|1\r\n+a\r\n*0\r\n:1\r\n:2\r\n', [1, 2]], ['%0\r\n', new MapReply([])],
    [',1.5\r\n', new DoubleReply(1.5)], [',-inf\r\n', new DoubleReply(-Infinity)], [',1e-05\r\n', new DoubleReply(1e-5)],
    ['#t\r\n', new BooleanReply(true)], ['(123456789012345678901234567890\r\n', 123456789012345678901234567890n],
    ['=6\r\ntxt:hi\r\n', new VerbatimReply('txt', bytes('hi'))], ['!5\r\nERR x\r\n', error('ERR x')],
    ['*1\r\n*1\r\n*1\r\n$1\r\nx\r\n', [[[bytes('x')]]]],
  ])('%j', (text, reply) => {
    expect(decode(text)).toEqual([reply]);
    expect(decode(text.slice(0, -1))).toEqual([]);
  });

  test.each([
    '?x\r\n', '$x\r\n', '$-2\r\n', '*-2\r\n', ':1x\r\n', ':\r\n', '$1\r\nabc', '#x\r\n', '(1.5\r\n', ',1.\r\n', '=2\r\nab\r\n',
    '~-1\r\n', '\r\n', '*1\r\n'.repeat(100), '$600000000\r\n',
  ])('malformed %j', (text) => {
    expect(() => decode(text)).toThrow(ProtocolError);
  });

  test('what follows a reply is handed over', () => {
    const decoder = new ReplyDecoder();
    decoder.skipsNewlines = true;
    decoder.push(bytes('\n\n+FULLRESYNC abc 0\r\n$5\r\nREDI'));
    expect(decoder.next()).toEqual(new Status('FULLRESYNC abc 0'));
    decoder.push(bytes('S'));
    expect(decoder.takeRest()).toBe('$5\r\nREDIS');
    expect(decoder.buffered).toBe(0);
  });
});
