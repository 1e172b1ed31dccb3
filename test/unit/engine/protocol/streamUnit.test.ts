/** An execution unit as it enters a stream: bare or wrapped, with SELECT where the stream's database is another. */
import { expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { encodeCommand } from '../../../../engine/protocol/encode.ts';
import { StreamUnit } from '../../../../engine/protocol/streamUnit.ts';

const wire = (...lines: string[]): string =>
  lines.map((line) => encodeCommand(line.split(' ').map((word) => bytes(word)))).join('');
const argv = (line: string): readonly Bytes[] => line.split(' ').map((word) => bytes(word));

test('one command goes bare, more are wrapped, and SELECT comes before MULTI', () => {
  const one = new StreamUnit([{ database: 0, argv: argv('SET a 1') }], true);
  expect(one.encode(0)).toEqual({ text: wire('SET a 1'), database: 0 });
  const two = new StreamUnit([{ database: 2, argv: argv('SET a 1') }, { database: 5, argv: argv('DEL b') }], true);
  expect(two.encode(-1)).toEqual({
    text: wire('SELECT 2', 'MULTI', 'SET a 1', 'SELECT 5', 'DEL b', 'EXEC'), database: 5,
  });
  const loose = new StreamUnit([{ database: 0, argv: argv('DEL a') }, { database: 0, argv: argv('DEL b') }], false);
  expect(loose.encode(0).text).toBe(wire('DEL a', 'DEL b'));
});

test('what is for replicas only goes into no file', () => {
  const set = { database: 0, argv: argv('SET a 1') };
  const publish = { database: 0, argv: argv('PUBLISH c m'), target: 'replicas' as const };
  const plain = new StreamUnit([set], true);
  expect(plain.forFile()).toBe(plain);
  const both = new StreamUnit([set, publish], true);
  expect(both.encode(0).text).toBe(wire('MULTI', 'SET a 1', 'PUBLISH c m', 'EXEC'));
  expect(new StreamUnit([publish], true).forFile()).toBeNull();
});

test('what a file does not get counts for its MULTI and EXEC, as in redis-server', () => {
  const set = { database: 5, argv: argv('SET a 1') };
  const publish = { database: 4, argv: argv('PUBLISH c m'), target: 'replicas' as const };
  const text = (...commands: (typeof set)[]): string | undefined => new StreamUnit(commands, true).forFile()?.encode(0).text;
  expect(text(publish, set)).toBe(wire('SELECT 4', 'MULTI', 'SELECT 5', 'SET a 1', 'EXEC'));
  expect(text(set, publish)).toBe(wire('SELECT 5', 'MULTI', 'SET a 1', 'SELECT 4', 'EXEC'));
  expect(text(set, publish, set)).toBe(wire('SELECT 5', 'MULTI', 'SET a 1', 'SET a 1', 'EXEC'));
  expect(text(publish, publish)).toBe(wire('SELECT 4', 'MULTI', 'EXEC'));
});

test('two streams get their own text where their databases differ, and the same one where they do not', () => {
  const unit = new StreamUnit([{ database: 1, argv: argv('SET a 1') }], true);
  expect(unit.encode(1).text).toBe(wire('SET a 1'));
  expect(unit.encode(0).text).toBe(wire('SELECT 1', 'SET a 1'));
  expect(unit.encode(0)).toBe(unit.encode(0));
});
