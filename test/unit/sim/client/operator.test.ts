/** What the operator's client tells of an answer. */
import { describe, expect, test } from 'vitest';
import { ErrorReply, type Reply, Status, bytes } from '../../../../engine/index.ts';
import { describeReply } from '../../../../sim/client/operator.ts';

describe('an answer in words', () => {
  test.each<[string, Reply, string]>([
    ['a status', new Status('OK'), 'OK'],
    ['an error', new ErrorReply('MOVED 12182 10.0.0.3:6379'), 'MOVED 12182 10.0.0.3:6379'],
    ['a string', bytes('hello'), 'hello'],
    ['a number', 12_182, '12182'],
    ['nothing', null, 'nil'],
    ['a list', [bytes('10.0.0.1'), bytes('6379')], '10.0.0.1 6379'],
    ['a list in a list', [bytes('master'), 64, [[bytes('a'), null]]], 'master 64 a nil'],
    ['an empty list', [], ''],
  ])('%s', (_what, reply, told) => {
    expect(describeReply(reply)).toBe(told);
  });
});
