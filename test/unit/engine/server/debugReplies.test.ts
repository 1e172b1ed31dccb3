/** DEBUG PROTOCOL in RESP3, as redis-server 7.0.15 answers it; what it answers in RESP2 is compared by test/interop/debugCommands.test.ts. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { encodeReply } from '../../../../engine/protocol/encode.ts';
import { protocolSample } from '../../../../engine/server/debugReplies.ts';

describe('DEBUG PROTOCOL in RESP3', () => {
  test.each([
    ['string', '$11\r\nHello World\r\n'], ['integer', ':12345\r\n'], ['double', ',3.141\r\n'],
    ['bignum', '(1234567999999999999999999999999999999\r\n'], ['null', '_\r\n'], ['array', '*3\r\n:0\r\n:1\r\n:2\r\n'],
    ['set', '~3\r\n:0\r\n:1\r\n:2\r\n'], ['map', '%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n'],
    ['attrib', '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the attribute\r\n'],
    ['push', '>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n$40\r\nSome real reply following the push reply\r\n'],
    ['VERBATIM', '=29\r\ntxt:This is a verbatim\nstring\r\n'], ['true', '#t\r\n'], ['false', '#f\r\n'],
  ])('%s', (type, wire) => {
    let sent = '';
    const reply = protocolSample(bytes(type), 3, (push) => { sent += encodeReply(push, 3); });
    expect(sent + encodeReply(reply, 3)).toBe(wire);
  });
});
