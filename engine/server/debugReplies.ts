/** DEBUG PROTOCOL: one value of each type that there is on the wire, for tests of clients. Source: debug.c of Redis 7.0, by its answers. */
import { type Bytes, bytes, lower } from '../core/bytes.ts';
import {
  BooleanReply, DoubleReply, MapReply, PushReply, RawReply, type Reply, SetReply, VerbatimReply, error,
} from '../protocol/reply.ts';

const BIG_NUMBER = '1234567999999999999999999999999999999';
const UNKNOWN = error('ERR Wrong protocol type name. Please use one of the following: '
  + 'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false');
const NOT_IN_RESP2 = error('ERR RESP2 is not supported by this command');
/** An attribute stands before a reply; clients of RESP2 get the reply alone. */
const ATTRIBUTE = '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n';
const BEHIND_ATTRIBUTE = '$39\r\nSome real reply following the attribute\r\n';
const BEHIND_PUSH = '$40\r\nSome real reply following the push reply\r\n';

/** `push` sends the push before the answer. */
export const protocolSample = (type: Bytes, protocol: 2 | 3, push: (reply: Reply) => void): Reply => {
  switch (lower(type) as string) {
    case 'string': return bytes('Hello World');
    case 'integer': return 12345;
    case 'double': return new DoubleReply(3141 / 1000);
    case 'bignum': return protocol === 3 ? new RawReply(`(${BIG_NUMBER}\r\n`) : bytes(BIG_NUMBER);
    case 'null': return null;
    case 'array': return [0, 1, 2];
    case 'set': return new SetReply([0, 1, 2]);
    case 'map': return new MapReply([[0, new BooleanReply(false)], [1, new BooleanReply(true)], [2, new BooleanReply(false)]]);
    case 'attrib': return new RawReply(protocol === 3 ? ATTRIBUTE + BEHIND_ATTRIBUTE : BEHIND_ATTRIBUTE);
    case 'push':
      if (protocol === 2) return NOT_IN_RESP2;
      push(new PushReply([bytes('server-cpu-usage'), 42]));
      return new RawReply(BEHIND_PUSH);
    case 'verbatim': return new VerbatimReply('txt', bytes('This is a verbatim\nstring'));
    case 'true': return new BooleanReply(true);
    case 'false': return new BooleanReply(false);
    default: return UNKNOWN;
  }
};
