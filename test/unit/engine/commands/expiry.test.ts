import { describe, expect, test } from 'vitest';
import { ActiveExpiry } from '../../../../engine/commands/activeExpiry.ts';
import { bytes } from '../../../../engine/core/bytes.ts';
import { SetReply } from '../../../../engine/protocol/reply.ts';
import { DirectCall } from '../../../support/directCall.ts';

describe('expiry under a reader', () => {
  test('a primary deletes what it finds expired, and says so once', () => {
    const direct = new DirectCall();
    direct.run('SET', 'k', 'v', 'PX', '10');
    direct.nowMs += 10;
    expect(direct.run('GET', 'k')).toBe('v');
    direct.nowMs += 1;
    expect(direct.run('GET', 'k')).toBeNull();
    expect(direct.run('GET', 'k')).toBeNull();
    expect(direct.takeStream()).toEqual([`SET k v PXAT ${direct.nowMs - 1}`, 'DEL k']);
  });

  test('a replica hides it and keeps it', () => {
    const direct = new DirectCall();
    direct.run('SADD', 'k', 'v');
    direct.run('PEXPIRE', 'k', '10');
    direct.takeStream();
    direct.keyspace.expiryMode = 'hide';
    direct.nowMs += 11;
    expect(direct.run('SMEMBERS', 'k')).toEqual(new SetReply([]));
    expect(direct.run('EXISTS', 'k')).toBe(0);
    expect(direct.run('TTL', 'k')).toBe(-2);
    expect(direct.run('DBSIZE')).toBe(1);
    expect(direct.run('RANDOMKEY')).toBe('k');
    expect(direct.takeStream()).toEqual([]);
  });

  test('the primary\'s stream sees it, and a past time only marks it', () => {
    const direct = new DirectCall();
    direct.keyspace.expiryMode = 'ignore';
    direct.run('SET', 'k', '5', 'PXAT', '1000');
    expect(direct.run('INCR', 'k')).toBe(6);
    expect(direct.run('PEXPIREAT', 'k', '-1')).toBe(1);
    expect(direct.keyspace.database(0).peek(bytes('k'))?.expireAtMs).toBe(0);
  });

  test('RANDOMKEY passes over expired keys', () => {
    const direct = new DirectCall();
    expect(direct.run('RANDOMKEY')).toBeNull();
    for (let index = 0; index < 50; index++) direct.run('SET', `old${index}`, 'v', 'PX', '1');
    direct.run('SET', 'live', 'v');
    direct.nowMs += 2;
    expect(direct.run('RANDOMKEY')).toBe('live');
  });
});

describe('propagation', () => {
  test.each([
    [['EXPIRE', 'k', '10'], ['PEXPIREAT k 1700000010000']], [['EXPIRE', 'k', '10', 'nx'], ['PEXPIREAT k 1700000010000 nx']],
    [['EXPIRE', 'k', '0'], ['DEL k']], [['PEXPIREAT', 'k', '4000000000000'], ['PEXPIREAT k 4000000000000']],
    [['SET', 'k', 'w', 'EX', '1', 'NX'], []], [['SET', 'k', 'w', 'XX', 'GET'], ['SET k w XX']],
    [['GETEX', 'k', 'PX', '5'], ['PEXPIREAT k 1700000000005']], [['GETEX', 'k', 'EXAT', '5'], ['DEL k']], [['GETEX', 'k'], []],
    [['GETEX', 'k', 'PERSIST'], []], [['GETDEL', 'k'], ['DEL k']], [['GETSET', 'k', 'w'], ['SET k w']],
    [['INCRBYFLOAT', 'n', '0.5'], ['SET n 1.5 KEEPTTL']], [['SPOP', 's', '5'], ['DEL s']], [['SREM', 's', 'x'], []],
    [['FLUSHDB'], ['FLUSHDB']], [['DEL', 'nothing'], []], [['SMOVE', 's', 's', 'a'], []],
  ])('%j', (argv, stream) => {
    const direct = new DirectCall();
    direct.run('SET', 'k', 'v');
    direct.run('SET', 'n', '1');
    direct.run('SADD', 's', 'a', 'b');
    direct.takeStream();
    direct.run(...argv);
    expect(direct.takeStream()).toEqual(stream);
  });
});

describe('active expiry', () => {
  const expiring = (count: number): DirectCall => {
    const direct = new DirectCall();
    for (let index = 0; index < count; index++) direct.run('SET', `k${index}`, 'v', 'PX', '10');
    direct.takeStream();
    direct.nowMs += 11;
    direct.keyspace.nowMs = direct.nowMs;
    return direct;
  };

  test('one slow cycle clears a small database, with a DEL for each key', () => {
    const direct = expiring(500);
    const expiry = new ActiveExpiry();
    expect(expiry.cycle(direct.keyspace, 'slow')).toEqual({ expired: 500, sampled: 500 });
    expect(direct.keyspace.size).toBe(0);
    expect(direct.takeStream()).toHaveLength(500);
  });

  test('the budget stops a cycle, and the fast cycle goes on', () => {
    const direct = expiring(60_000);
    const expiry = new ActiveExpiry();
    const slow = expiry.cycle(direct.keyspace, 'slow');
    expect(slow.expired).toBeGreaterThanOrEqual(25_000);
    expect(slow.expired).toBeLessThan(26_000);
    expect(expiry.capReachedCount).toBe(1);
    const fast = expiry.cycle(direct.keyspace, 'fast');
    expect(fast.expired).toBeGreaterThanOrEqual(1_000);
    expect(expiry.cycle(direct.keyspace, 'fast').sampled).toBe(0);
  });

  test('keys whose time has not come stop a cycle after one sample', () => {
    const direct = new DirectCall();
    for (let index = 0; index < 1000; index++) direct.run('SET', `k${index}`, 'v', 'EX', '100');
    const expiry = new ActiveExpiry();
    expect(expiry.cycle(direct.keyspace, 'slow')).toEqual({ expired: 0, sampled: 20 });
    expect(expiry.cycle(direct.keyspace, 'fast').sampled).toBe(0);
  });
});
