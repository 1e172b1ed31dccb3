import { describe, expect, test } from 'vitest';
import { LINES_MAX, shivizText } from '../../../../viz/model/exportShiviz.ts';
import { perfettoText } from '../../../../viz/model/exportPerfetto.ts';
import { buildFaults } from '../../../../viz/model/faults.ts';
import { buildLanes } from '../../../../viz/model/lanes.ts';
import { buildMoments } from '../../../../viz/model/moments.ts';
import { played } from './played.ts';

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly id: number;
  readonly args?: { readonly name: string };
}

const run = played('sentinel/primary-killed');
const { recording, report, scenario } = run;
const lanes = buildLanes(recording, scenario);

describe('the export for Perfetto', () => {
  const document = JSON.parse(perfettoText(run, {
    lanes, moments: buildMoments(recording, report), faults: buildFaults(recording, report) })) as
    { readonly traceEvents: readonly TraceEvent[]; readonly otherData: Readonly<Record<string, unknown>> };
  const threads = new Map(document.traceEvents.filter(({ name, pid }) => name === 'thread_name' && pid > 1)
    .map(({ pid, tid, args }) => [`${pid}/${tid}`, args?.name]));

  test('lanes are threads, and their states follow each other without a gap', () => {
    expect(document.otherData).toMatchObject({ traceHash: report.traceHash, messagesLeftOut: 0 });
    expect([...threads.values()].sort()).toEqual(lanes.map(({ name }) => name).sort());
    for (const { name, spans } of lanes) {
      const slices = document.traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && threads.get(`${pid}/${tid}`) === name);
      expect(slices.map((slice) => [slice.name, slice.ts, slice.dur])).toEqual(spans.map(({ state, from, to }) => [state, from, to - from]));
    }
  });

  test('every flow begins on one lane, and ends later on another', () => {
    const starts = new Map(document.traceEvents.filter(({ ph }) => ph === 's').map((event) => [event.id, event]));
    const ends = document.traceEvents.filter(({ ph }) => ph === 'f');
    expect(ends.length).toBe(starts.size);
    expect(ends.length).toBeGreaterThan(1000);
    const wrong = ends.filter((end) => {
      const start = starts.get(end.id) as TraceEvent;
      return start.ts > end.ts || !threads.has(`${start.pid}/${start.tid}`) || !threads.has(`${end.pid}/${end.tid}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('the export for ShiViz', () => {
  const names = new Set(lanes.map(({ name }) => name));
  const read = (from: number, to: number): readonly { readonly host: string; readonly clock: Readonly<Record<string, number>>; readonly text: string }[] => {
    const [expression = '', empty, ...lines] = shivizText(recording, from, to, (node) => names.has(node)).trimEnd().split('\n');
    expect(empty).toBe('');
    return [...lines.join('\n').matchAll(new RegExp(expression, 'g'))].map(({ groups = {} }) => (
      { host: groups['host'] ?? '', text: groups['event'] ?? '', clock: JSON.parse(groups['clock'] ?? '') as Record<string, number> }));
  };
  const events = read(19_900_000, 24_000_000);

  test('its own expression reads every line, and a host counts its events', () => {
    expect(events.length).toBeGreaterThan(300);
    expect(events.length).toBeLessThan(LINES_MAX);
    const counts = new Map<string, number>();
    for (const { host, clock } of events) {
      counts.set(host, (counts.get(host) ?? 0) + 1);
      expect(clock[host]).toBe(counts.get(host));
    }
    // Nobody is known to have got further than it has.
    for (const { clock } of events) for (const [host, count] of Object.entries(clock)) expect(count).toBeLessThanOrEqual(counts.get(host) ?? 0);
  });

  test('a vote knows of the request that it answers', () => {
    const vote = events.find(({ text }) => text.includes('voted in epoch'));
    expect(Object.keys(vote?.clock ?? {}).filter((host) => host.startsWith('redis-sentinel')).length).toBeGreaterThan(1);
  });

  test('no more lines than can be drawn', () => {
    expect(read(0, recording.endAt)).toHaveLength(LINES_MAX);
  });
});
