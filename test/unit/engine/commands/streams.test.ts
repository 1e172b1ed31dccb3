/** The stream commands where redis-server is not asked: its own clock, waiting, what goes into the stream, what is left of a group. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { radixNodes } from '../../../../engine/commands/radixNodes.ts';
import { rawId } from '../../../../engine/keyspace/streamId.ts';
import { ErrorReply, MapReply, NULL_ARRAY, type Reply } from '../../../../engine/protocol/reply.ts';
import { DirectCall } from '../../../support/directCall.ts';

let direct: DirectCall;
beforeEach(() => {
  direct = new DirectCall();
});

const errorOf = (reply: Reply): string => (reply instanceof ErrorReply ? reply.text : `no error: ${String(reply)}`);
const run = (line: string): Reply => direct.run(...line.split(' '));
const entry = (id: string, ...words: readonly string[]): Reply => [bytes(id), words.map((word) => bytes(word))];

describe('XADD', () => {
  test('takes the clock for the ID, and never goes back with it', () => {
    expect(run('XADD s * f v')).toBe('1700000000000-0');
    expect(run('XADD s * f v')).toBe('1700000000000-1');
    direct.nowMs -= 5000;
    expect(run('XADD s * f v')).toBe('1700000000000-2');
    direct.nowMs += 5001;
    expect(run('XADD s * f v')).toBe('1700000000001-0');
    expect(direct.takeStream()).toEqual([
      'XADD s 1700000000000-0 f v', 'XADD s 1700000000000-1 f v', 'XADD s 1700000000000-2 f v', 'XADD s 1700000000001-0 f v']);
  });

  test('beyond the last sequence of a millisecond goes on with the next', () => {
    run('XADD s 1800000000000-18446744073709551615 f v');
    expect(run('XADD s * f v')).toBe('1800000000001-0');
    expect(errorOf(run('XADD s 1800000000001-0 f v'))).toContain('equal or smaller');
    run('XADD t 5-18446744073709551615 f v');
    expect(errorOf(run('XADD t 5-* f v'))).toBe('ERR Elements are too large to be stored');
    run('XADD s 18446744073709551615-18446744073709551615 f v');
    expect(errorOf(run('XADD s * f v'))).toContain('exhausted');
  });

  test('trims by whole nodes, and tells replicas where that ended', () => {
    direct.keyspace.limits.streamNodeMaxEntries = 3;
    for (let seq = 1; seq <= 8; seq++) run(`XADD s 1-${seq} f v`);
    direct.takeStream();
    run('XADD s MAXLEN ~ 4 1-9 f v');
    expect(run('XLEN s')).toBe(6);
    run('XADD s MINID ~ 1-6 LIMIT 0 1-10 f v');
    run('XTRIM s MAXLEN ~ 100');
    run('XTRIM s MAXLEN 2');
    expect(direct.takeStream()).toEqual(['XADD s MAXLEN = 6 1-9 f v', 'XADD s MINID = 1-4 LIMIT 0 1-10 f v', 'XTRIM s MAXLEN 2']);
  });

  test('obeys a limit of its primary that it would refuse from a client', () => {
    expect(errorOf(run('XADD s MAXLEN = 1 LIMIT 5 1-1 f v'))).toContain('LIMIT cannot be used without the special ~ option');
    direct.fromStream = true;
    expect(run('XADD s MAXLEN = 1 LIMIT 5 1-1 f v')).toBe('1-1');
  });
});

describe('reading by a group', () => {
  beforeEach(() => {
    for (const line of ['XADD s 1-1 f a', 'XADD s 1-2 f b', 'XADD s 1-3 f c', 'XGROUP CREATE s g 0']) run(line);
    direct.takeStream();
  });

  test('goes into the stream as claims, or as the place of the group where nothing is to be acknowledged', () => {
    run('XREADGROUP GROUP g one COUNT 1 STREAMS s >');
    run('XREADGROUP GROUP g two NOACK STREAMS s >');
    expect(direct.takeStream()).toEqual([
      'XCLAIM s g one 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1',
      'XGROUP CREATECONSUMER s g two', 'XGROUP SETID s g 1-3 ENTRIESREAD 3']);
  });

  test('gives the history again, counts it, and shows what is deleted as nothing', () => {
    run('XREADGROUP GROUP g one STREAMS s >');
    run('XDEL s 1-2');
    direct.nowMs += 70;
    expect(run('XREADGROUP GROUP g one COUNT 2 STREAMS s 0')).toEqual([['s', [entry('1-1', 'f', 'a'), ['1-2', NULL_ARRAY]]]]);
    direct.nowMs += 5;
    expect(run('XPENDING s g - + 10')).toEqual([['1-1', 'one', 5, 2], ['1-2', 'one', 75, 1], ['1-3', 'one', 75, 1]]);
    expect(run('XPENDING s g IDLE 70 - + 10 one')).toHaveLength(2);
    expect(run('XAUTOCLAIM s g two 70 - COUNT 10')).toEqual(['0-0', [entry('1-3', 'f', 'c')], ['1-2']]);
    expect(run('XPENDING s g')).toEqual([2, '1-1', '1-3', [['one', '1'], ['two', '1']]]);
    expect(run('XACK s g 1-1 1-1 9-9')).toBe(1);
  });

  test('answers with a map in RESP3', () => {
    direct.client.protocol = 3;
    const reply = run('XREADGROUP GROUP g one COUNT 1 STREAMS s >');
    expect(reply).toBeInstanceOf(MapReply);
    expect((reply as MapReply).entries).toEqual([['s', [entry('1-1', 'f', 'a')]]]);
  });

  test('may not wait in a script', () => {
    direct.client.scriptTargets = 3;
    expect(errorOf(run('XREAD BLOCK 0 STREAMS s 0'))).toBe('ERR XREAD command is not allowed with BLOCK option from scripts');
  });
});

describe('waiting for entries', () => {
  beforeEach(() => {
    direct.waits = true;
    run('XGROUP CREATE s g $ MKSTREAM');
  });

  const served = (): string[] => direct.served.map(({ reply }) => (reply instanceof ErrorReply ? reply.text : JSON.stringify(reply)));

  test('each plain reader gets the entry, of a group only the first', () => {
    run('XREAD BLOCK 0 STREAMS s $');
    run('XREADGROUP GROUP g one BLOCK 0 STREAMS s >');
    run('XREADGROUP GROUP g two BLOCK 0 STREAMS s >');
    run('XADD s 5-1 f v');
    expect(served()).toEqual(['[["s",[["5-1",["f","v"]]]]]', '[["s",[["5-1",["f","v"]]]]]']);
    run('XADD s 5-2 f w');
    expect(direct.served).toHaveLength(3);
    expect(run('XPENDING s g')).toEqual([2, '5-1', '5-2', [['one', '1'], ['two', '1']]]);
  });

  test('an ID that lies ahead is waited for', () => {
    run('XREAD BLOCK 0 STREAMS s 7');
    run('XADD s 6-0 f v');
    expect(served()).toEqual([]);
    run('XADD s 7-1 f v');
    expect(served()).toEqual(['[["s",[["7-1",["f","v"]]]]]']);
  });

  test('ends when the group, the stream or its type goes', () => {
    run('XREAD BLOCK 0 STREAMS s $');
    run('XREADGROUP GROUP g one BLOCK 0 STREAMS s >');
    run('XGROUP DESTROY s g');
    expect(served()).toEqual(['NOGROUP the consumer group this client was blocked on no longer exists']);
    for (const end of ['DEL s', 'SET s text', 'RENAME s other']) {
      direct.served = [];
      run('DEL s');
      run('XGROUP CREATE s g $ MKSTREAM');
      run('XREADGROUP GROUP g one BLOCK 0 STREAMS s >');
      run(end);
      expect(served(), end).toEqual(['UNBLOCKED the stream key no longer exists']);
    }
  });
});

test('the nodes of the radix tree are counted as Redis has them', () => {
  const keys = (...ids: readonly (readonly [number, number])[]): Bytes[] => ids.map(([ms, seq]) => rawId({ ms, seq }));
  expect(radixNodes([])).toBe(1);
  expect(radixNodes(keys([1, 0]))).toBe(2);
  // A shared part, where they part, and for each the rest and its end.
  expect(radixNodes(keys([1, 0], [1, 1]))).toBe(4);
  expect(radixNodes(keys([1, 0], [2, 0]))).toBe(6);
});
