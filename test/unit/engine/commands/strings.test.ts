import { describe, expect, test } from 'vitest';
import { MapReply, OK, SYNTAX_ERROR, WRONG_TYPE, error } from '../../../../engine/protocol/reply.ts';
import { DirectCall } from '../../../support/directCall.ts';

describe('SET', () => {
  test('conditions and the old value', () => {
    const direct = new DirectCall();
    expect(direct.run('SET', 'k', 'a', 'XX')).toBeNull();
    expect(direct.run('SET', 'k', 'a', 'NX')).toBe(OK);
    expect(direct.run('SET', 'k', 'b', 'NX', 'GET')).toBe('a');
    expect(direct.run('SET', 'k', 'b', 'GET')).toBe('a');
    expect(direct.run('SET', 'k', 'c', 'NX', 'XX')).toBe(SYNTAX_ERROR);
    expect(direct.run('SET', 'k', 'c', 'EX', '5', 'PX', '5')).toBe(SYNTAX_ERROR);
    expect(direct.run('SET', 'k', 'c', 'EX', '0')).toEqual(error("ERR invalid expire time in 'set' command"));
    direct.run('SADD', 's', 'm');
    expect(direct.run('SET', 's', 'c', 'GET')).toBe(WRONG_TYPE);
    expect(direct.run('SET', 's', 'c')).toBe(OK);
  });

  test('the expiry goes, unless it is kept', () => {
    const direct = new DirectCall();
    direct.run('SET', 'k', 'a', 'EX', '5');
    direct.run('SET', 'k', 'b', 'KEEPTTL');
    expect(direct.run('TTL', 'k')).toBe(5);
    direct.run('INCRBYFLOAT', 'k', '1');
    direct.run('SET', 'k', 'c');
    expect(direct.run('TTL', 'k')).toBe(-1);
  });
});

describe('counters', () => {
  test('exact over the whole 64-bit range', () => {
    const direct = new DirectCall();
    direct.run('SET', 'k', '9223372036854775806');
    expect(direct.run('INCR', 'k')).toBe(9223372036854775807n);
    expect(direct.run('INCR', 'k')).toEqual(error('ERR increment or decrement would overflow'));
    expect(direct.run('DECRBY', 'k', '-9223372036854775808')).toEqual(error('ERR decrement would overflow'));
    direct.run('SET', 'k', '9007199254740991');
    expect(direct.run('INCRBY', 'k', '2')).toBe(9007199254740993n);
    expect(direct.run('GET', 'k')).toBe('9007199254740993');
  });
});

describe('OBJECT ENCODING', () => {
  test.each([
    [[['SET', 'k', '12']], 'int'], [[['SET', 'k', '012']], 'embstr'], [[['SET', 'k', 'v'.repeat(44)]], 'embstr'],
    [[['SET', 'k', 'v'.repeat(45)]], 'raw'], [[['SET', 'k', 'a'], ['APPEND', 'k', 'b']], 'raw'], [[['APPEND', 'k', '5']], 'int'],
    [[['SETRANGE', 'k', '0', '5']], 'raw'], [[['SETRANGE', 'k', '0', '5'], ['INCR', 'k']], 'int'], [[['INCRBYFLOAT', 'k', '2']], 'embstr'],
    [[['SADD', 'k', '1', '2']], 'intset'], [[['SADD', 'k', '1', 'x']], 'hashtable'],
    [[['SADD', 'j', '1', 'x'], ['SREM', 'j', 'x'], ['RENAME', 'j', 'k']], 'hashtable'],
    [[['APPEND', 'j', 'a'], ['APPEND', 'j', 'b'], ['COPY', 'j', 'k']], 'raw'],
  ])('%j', (commands, encoding) => {
    const direct = new DirectCall();
    for (const argv of commands) direct.run(...argv);
    expect(direct.run('OBJECT', 'ENCODING', 'k')).toBe(encoding);
  });

  test('a set of integers grows out of its encoding', () => {
    const direct = new DirectCall();
    direct.run('SADD', 'k', ...Array.from({ length: 512 }, (_, index) => String(index - 256)));
    expect(direct.run('OBJECT', 'ENCODING', 'k')).toBe('intset');
    direct.run('SADD', 'k', '1000');
    expect(direct.run('OBJECT', 'ENCODING', 'k')).toBe('hashtable');
  });

  test('looking at an object is no access', () => {
    const direct = new DirectCall();
    direct.run('SET', 'k', 'v');
    direct.nowMs += 5000;
    direct.run('TTL', 'k');
    direct.run('TYPE', 'k');
    expect(direct.run('OBJECT', 'IDLETIME', 'k')).toBe(5);
    direct.run('GET', 'k');
    expect(direct.run('OBJECT', 'IDLETIME', 'k')).toBe(0);
  });
});

test('LCS gives text, length and ranges', () => {
  const direct = new DirectCall();
  direct.run('MSET', 'a', 'ohmytext', 'b', 'mynewtext');
  expect(direct.run('LCS', 'a', 'b')).toBe('mytext');
  expect(direct.run('LCS', 'a', 'b', 'LEN')).toBe(6);
  expect(direct.run('LCS', 'a', 'b', 'IDX', 'MINMATCHLEN', '4', 'WITHMATCHLEN')).toEqual(
    new MapReply([['matches' as never, [[[4, 7], [5, 8], 4]]], ['len' as never, 6]]));
});
