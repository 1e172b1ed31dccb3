/** Where nodes stood: jumps are kept, mere advances are not. */
import { expect, test } from 'vitest';
import { bytes, causeId, micros, replOffset } from '../../../../engine/index.ts';
import { PositionLog } from '../../../../sim/check/positionLog.ts';
import { A, B, history, stream, view } from './fixtures.ts';

test('a change keeps where the node stood before, advances included', () => {
  const log = new PositionLog();
  const node = view('node');
  log.note(node, history('start', A, 0), causeId(1), micros(10));
  log.note(node, stream('primary', A, 50, 'x'.repeat(50)), causeId(2), micros(20));
  log.note(node, stream('primary', A, 80, 'x'.repeat(30)), causeId(3), micros(30));
  log.note(node, { kind: 'role', role: 'replica', primary: bytes('h:1'), because: [] }, causeId(4), micros(35));
  log.note(node, history('full-sync', B, 7), causeId(5), micros(40));
  log.ended(node, 'kill', causeId(6), micros(50));
  expect(log.changes(node)).toMatchObject([
    { event: 1, at: 10, what: { kind: 'history', reason: 'start' }, fromId: null, fromOffset: 0, toId: A, toOffset: 0 },
    { event: 5, at: 40, what: { kind: 'history', reason: 'full-sync' }, fromId: A, fromOffset: 80, toId: B, toOffset: 7 },
    { event: 6, at: 50, what: { kind: 'ended', how: 'kill' }, fromId: B, fromOffset: 7, toId: null, toOffset: 0 },
  ]);
});

test('saved positions by node; a node without a word has none', () => {
  const log = new PositionLog();
  const node = view('node');
  log.note(node, { kind: 'saved', id: A, offset: replOffset(9) }, causeId(4), micros(1));
  expect(log.saved(node)).toEqual([{ event: 4, id: A, offset: 9 }]);
  expect(log.saved(view('other'))).toEqual([]);
  expect(log.changes(view('other'))).toEqual([]);
});
