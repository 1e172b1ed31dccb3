import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/index.ts';
import { messageName } from '../../../../sim/net/messageName.ts';

describe('messageName', () => {
  test.each([
    ['', ''],
    ['*1\r\n$4\r\nping\r\n', 'PING'],
    ['*3\r\n$7\r\nPUBLISH\r\n$18\r\n__sentinel__:hello\r\n$1\r\nx\r\n', 'PUBLISH __sentinel__:hello'],
    ['*3\r\n$4\r\nSADD\r\n$1\r\nk\r\n$1\r\nv\r\n', 'SADD'],
    ['*3\r\n$7\r\nmessage\r\n', 'MESSAGE'],
    ['*2\r\n:1\r\n:2\r\n', 'array'],
    ['+PONG\r\n', '+PONG'],
    ['-MOVED 12 10.0.0.1:6379\r\n', '-MOVED'],
    [':1\r\n', 'integer'],
    ['$3\r\nabc\r\n', 'bulk'],
    ['RCmb\0\0\0\0', 'bus'],
    ['REDIS0010', 'bytes'],
  ])('%j is %s', (chunk, name) => {
    expect(messageName(bytes(chunk))).toBe(name);
  });

  test('a word without an end is cut off', () => {
    expect(messageName(bytes(`+${'x'.repeat(1000)}`)).length).toBeLessThan(30);
  });
});
