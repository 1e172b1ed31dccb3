import { describe, expect, test } from 'vitest';
import { readerIn } from '../../../../scenarios/cli/files.ts';
import { runScenario } from '../../../../sim/run.ts';
import type { ResolvedScenario } from '../../../../sim/scenario.ts';
import { readSource } from '../../../../viz/model/source.ts';
import { type RunView, Theatre } from '../../../../viz/model/theatre.ts';
import { type TraceFile, differenceFromFile, playedFromTrace, readTraceHeader } from '../../../../viz/model/traceFile.ts';
import { resolvedScenario } from '../../../simulation/resolved.ts';
import { finished } from '../../../support/finished.ts';

const traceOf = (scenario: ResolvedScenario): string[] => {
  const lines: string[] = [];
  runScenario(scenario, 2, { writeTrace: (line) => lines.push(line) });
  return lines;
};

const headerOf = (lines: readonly string[]): TraceFile => readTraceHeader(lines.join('\n'), 'run.jsonl') as TraceFile;

const open = (lines: readonly string[]): RunView =>
  finished(new Theatre().openSource(readSource(`${lines.join('\n')}\n`, 'run.jsonl', 1, readerIn(null))));

describe('traces', () => {
  const ours = resolvedScenario('replication/primary-killed');
  const lines = traceOf(ours);

  test('one of ours is run again, and is the same record by record', () => {
    const view = open(lines);
    expect(view.origin).toEqual({ kind: 'trace', differsAt: null });
    expect([view.records, view.report.seed]).toEqual([lines.length - 1, 2]);
  });

  test('the first record that differs is named, and so is one that is missing', () => {
    const { recording } = playedFromTrace(headerOf(lines));
    const changed = lines.with(500, (lines[500] as string).replace(/"b":\d+/, '"b":123456'));
    expect(differenceFromFile(recording, headerOf(lines))).toBeNull();
    expect(differenceFromFile(recording, headerOf(changed))).toBe(500);
    expect(differenceFromFile(recording, headerOf(lines.slice(0, 800)))).toBe(800);
    const oneMore = (lines.at(-1) as string).replace(/"id":(\d+)/, (_, id: string) => `"id":${Number(id) + 1}`);
    expect(differenceFromFile(recording, headerOf([...lines, oneMore]))).toBe(lines.length);
  });

  test('of a stranger the records are shown, and nothing is judged or run', () => {
    const strange = traceOf({ ...resolvedScenario('sentinel/primary-killed'), name: 'mine', durationMs: 27_000, settlingMs: 0 });
    const theatre = new Theatre();
    const view = finished(theatre.openSource(readSource(strange.join('\n'), 'run.jsonl', 1, readerIn(null))));
    expect(view.origin).toEqual({ kind: 'traceAlone' });
    expect(view.records).toBe(strange.length - 1);
    const kindOf = (name: string): string | undefined => view.lanes.find((lane) => lane.name === name)?.kind;
    expect([kindOf('redis-main'), kindOf('redis-sentinel-1'), kindOf('C1')]).toEqual(['data', 'sentinel', 'client']);
    expect(view.moments.map(({ kind }) => kind)).toContain('promotion');
    expect(view.faults.map(({ kind, names }) => [kind, names])).toContainEqual(['kill', ['redis-main']]);
    expect(view.report).toMatchObject({ ok: false, verdicts: [], ledger: { lost: 0 } });
    expect(view.report.ledger.unknown).toBe(view.report.ledger.acknowledged);
    expect(() => theatre.ask(view.id, 1, 'redis-main', [['PING']])).toThrow('from its trace alone');
    expect(() => finished(theatre.fork(view.id, { kind: 'plan', entries: [] }))).toThrow('from its trace alone');
    expect(theatre.record(view.id, 0).why).not.toHaveLength(0);
  });

  test.each([
    ['{"id":2', 'line 3: not a JSON object'], ['{"id":7,"at":0,"parent":0,"kind":"log","node":"","a":0,"b":0}', 'record 7 where 2 was expected'],
    ['{"id":2,"at":0,"parent":2,"kind":"log","node":"","a":0,"b":0}', 'a parent comes before its child'],
    ['{"id":2,"at":0,"parent":0,"kind":"toString","node":"","a":0,"b":0}', "no kind of record is called 'toString'"],
    ['{"id":2,"at":0,"parent":0,"kind":"note","node":"","a":0,"b":0,"x":1}', 'a note without its kind'],
  ])('a damaged line is named: %s', (line, message) => {
    const header = '{"trace":"faultline","version":1,"seed":1,"scenario":"mine"}';
    expect(() => open([header, '{"id":1,"at":0,"parent":0,"kind":"log","node":"a","a":0,"b":0}', line])).toThrow(message);
  });
});
