import { expect, it } from 'vitest';
import { TraceWriter } from '../../../../sim/trace/traceWriter.ts';

it('writes a header and one line a record, its detail beside the fixed fields', () => {
  const lines: string[] = [];
  const writer = new TraceWriter((line) => lines.push(line), 7, { scenario: 'x' });
  writer.record({ id: 1, at: 5, parent: 0, kind: 'log', node: 'r1', a: 2, b: 3, detail: { message: 'hi' } });
  writer.record({ id: 2, at: 5, parent: 1, kind: 'timer', node: 'r1', a: 0, b: 0, detail: null });
  expect(lines).toEqual([
    '{"trace":"faultline","version":1,"seed":7,"scenario":"x"}',
    '{"id":1,"at":5,"parent":0,"kind":"log","node":"r1","a":2,"b":3,"message":"hi"}',
    '{"id":2,"at":5,"parent":1,"kind":"timer","node":"r1","a":0,"b":0}',
  ]);
});

it('refuses records out of order and details that hide a fixed field', () => {
  const writer = new TraceWriter(() => undefined, 1);
  const record = { id: 1, at: 0, parent: 0, kind: 'log', node: 'x', a: 0, b: 0, detail: null } as const;
  writer.record(record);
  expect(() => writer.record(record)).toThrow('out of order');
  expect(() => writer.record({ ...record, id: 2, detail: { at: 3 } })).toThrow('reuses');
});
