/** SORT: what is sorted by, what is shown for it, what is stored; which of its words are keys. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { sortCommands } from '../../../../engine/commands/sort.ts';
import { ErrorReply } from '../../../../engine/protocol/reply.ts';
import { DirectCall } from '../../../support/directCall.ts';

const filled = (): DirectCall => {
  const call = new DirectCall();
  call.run('RPUSH', 'l', '3', '1', '2', '10');
  call.run('MSET', 'w_1', '5', 'w_2', '4', 'w_3', '3', 'w_10', '2');
  call.run('HSET', 'h_1', 'f', 'x');
  return call;
};

describe('SORT', () => {
  test.each<[string, readonly (string | null)[]]>([
    ['', ['1', '2', '3', '10']], ['DESC', ['10', '3', '2', '1']], ['ALPHA', ['1', '10', '2', '3']], ['LIMIT 1 2', ['2', '3']],
    ['LIMIT -1 2', ['1', '2']], ['LIMIT 2 -1', ['3', '10']], ['LIMIT 9 2', []], ['BY w_*', ['10', '3', '2', '1']], ['BY nosort', ['3', '1', '2', '10']],
    ['BY nosort DESC', ['10', '2', '1', '3']], ['GET h_*->f GET #', ['x', '1', null, '2', null, '3', null, '10']],
  ])('of a list: %s', (options, expected) => {
    expect(filled().run('SORT', 'l', ...options.split(' ').filter((word) => word !== ''))).toEqual(expected);
  });

  test('STORE replaces what was there, and an empty result removes it', () => {
    const call = filled();
    expect(call.run('SORT', 'l', 'GET', 'h_*->f', 'STORE', 'd')).toBe(4);
    expect(call.run('LRANGE', 'd', '0', '-1')).toEqual(['x', '', '', '']);
    expect(call.run('SORT', 'nothing', 'STORE', 'd')).toBe(0);
    expect(call.run('EXISTS', 'd')).toBe(0);
  });

  test('what cannot be sorted is refused', () => {
    const call = filled();
    call.run('RPUSH', 'texts', 'a');
    const text = (...words: string[]): string => {
      const reply = call.run(...words);
      return reply instanceof ErrorReply ? reply.text : 'no error';
    };
    expect(text('SORT', 'texts')).toBe("ERR One or more scores can't be converted into double");
    expect(text('SORT', 'h_1')).toMatch(/^WRONGTYPE/);
    expect(text('SORT', 'l', 'LIMIT', '1')).toBe('ERR syntax error');
    expect(text('SORT_RO', 'l', 'STORE', 'd')).toBe('ERR syntax error');
  });

  test('its keys are the source and the last target', () => {
    const keys = (line: string): unknown => sortCommands[0]?.movableKeys?.(line.split(' ').map((word) => bytes(word)));
    expect(keys('SORT a BY x GET store STORE b STORE c')).toEqual(['a', 'c']);
    expect(keys('SORT a LIMIT store 1')).toEqual(['a']);
  });
});
