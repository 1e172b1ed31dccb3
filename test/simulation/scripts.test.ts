/** Scripts in a run: as what the operator sends and as what goes wrong, and the same bytes again. */
import { expect, test } from 'vitest';
import { type PlanEntry, type RunReport, type TraceRecord, runScenario } from '../../sim/index.ts';
import type { Note } from '../../engine/index.ts';
import { safetyProblems } from './resolved.ts';
import { sentinelScenario } from './sentinelWorld.ts';

const command = (atMs: number, target: string, ...argv: readonly string[]): PlanEntry => ({ when: { atMs }, do: 'command', target, with: { argv } });

const traced = (plan: readonly PlanEntry[]): { readonly report: RunReport; readonly trace: readonly TraceRecord[] } => {
  const trace: TraceRecord[] = [];
  const scenario = sentinelScenario(plan, { downAfterMs: 300, directives: [['busy-reply-threshold', '100']] }, {});
  return { report: runScenario(scenario, 1, { sink: { record: (record) => void trace.push(record) } }), trace };
};

test('a script that never ends makes the primary BUSY: a sentinel kills it, and nobody is promoted', () => {
  const plan = [command(10_000, 'the primary', 'EVAL', 'while true do end', '0')];
  const { report, trace } = traced(plan);
  const log = trace.flatMap((record) => (record.kind === 'log' && record.node === 'r0' ? [String(record.detail?.['message'])] : []));
  expect(log.some((line) => line.startsWith('Slow script detected'))).toBe(true);
  expect(log.filter((line) => line.includes('killed by user with SCRIPT KILL')).length).toBe(1);
  expect(safetyProblems(report)).toEqual([]);
});

test('what scripts and functions write reaches the replicas, and the run is the same again', () => {
  const library = '#!lua name=ours\nredis.register_function("twice", function(keys) return redis.call("incrby", keys[1], 2) end)';
  const plan = [
    command(9000, 'the primary', 'FUNCTION', 'LOAD', library), command(9500, 'the primary', 'FCALL', 'twice', '1', 'counted'),
    command(9600, 'the primary', 'EVAL', 'for i = 1, 10 do redis.call("rpush", "drawn", math.random(100)) end return redis.call("llen", "drawn")', '0'),
    { when: { atMs: 10_000 }, do: 'kill', target: 'the primary' } as const, command(25_000, 'the primary', 'FCALL', 'twice', '1', 'counted'),
  ];
  const first = traced(plan);
  const writes = first.trace.flatMap((record) => {
    const note = record.kind === 'note' ? record.detail?.['note'] as Note : undefined;
    return note?.kind === 'write' && note.argv[0] === 'incrby' ? [record.node] : [];
  });
  // The library came with the data: a replica that was promoted runs its function.
  expect(new Set(writes).size).toBe(2);
  expect(traced(plan).report.traceHash).toBe(first.report.traceHash);
});
