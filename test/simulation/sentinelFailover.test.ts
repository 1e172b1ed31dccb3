/** Sentinels in the virtual world: what strikes them and their nodes, what comes of it, and why. */
import { describe, expect, test } from 'vitest';
import {
  type PlanEntry, type ResolvedScenario, type RunReport, type TraceRecord, type Verdict, runScenario, verifyScenario,
} from '../../sim/index.ts';
import type { Note } from '../../engine/index.ts';
import { recordsOfTrace } from '../../sim/check/causeRecord.ts';
import { explain } from '../../sim/check/explain.ts';
import { sentinelFailovers } from '../../sim/report.ts';
import { safetyProblems } from './resolved.ts';
import { NAME, deployment, sentinelScenario } from './sentinelWorld.ts';

const entry = (atMs: number, kind: string, target?: string, more: Partial<PlanEntry> = {}): PlanEntry =>
  ({ when: { atMs }, do: kind, ...(target === undefined ? {} : { target }), ...more });

const traced = (scenario: ResolvedScenario, seed = 1): { readonly report: RunReport; readonly trace: readonly TraceRecord[] } => {
  const trace: TraceRecord[] = [];
  return { report: runScenario(scenario, seed, { sink: { record: (record) => void trace.push(record) } }), trace };
};

const notesOf = (trace: readonly TraceRecord[], node: string): Note[] =>
  trace.flatMap((record) => (record.kind === 'note' && record.node === node ? [record.detail?.['note'] as Note] : []));

const problemsOf = (report: RunReport): unknown =>
  ({ failures: report.failures, problems: safetyProblems(report), replay: report.replay });
const CLEAN = (report: RunReport): unknown => ({ failures: [], problems: [], replay: report.replay });

/** Every promise of Sentinel kept, and the end as it should be. */
const KEPT: Readonly<Record<string, Verdict>> = {
  'one-vote-per-epoch': 'holds', 'one-leader-per-epoch': 'holds', 'epochs-never-go-back': 'holds',
  'failover-needs-quorum-and-majority': 'holds', 'priority-zero-never-promoted': 'holds',
  'only-listed-replicas-promoted': 'holds', 'sentinels-agree': 'holds', 'one-writable-primary': 'holds',
  'service-restored': 'holds', convergence: 'holds', 'model-agrees': 'holds', 'ledger-no-bugs': 'holds',
};

const CUT: PlanEntry = entry(10_000, 'partition', undefined, { forMs: 10_000, with: {
  groups: [['the primary', 'a minority of the sentinels', 'C1'], ['replica 1', 'replica 2', 'a majority of the sentinels', 'C2', 'P1']] } });

const STRIKES: readonly (readonly [name: string, plan: readonly PlanEntry[], cause: string])[] = [
  ['the primary is killed', [entry(10_000, 'kill', 'the primary')], 'kill: r0'],
  ['its machine loses power, and it comes back', [entry(10_000, 'power', 'the primary', { forMs: 8000 }), entry(18_500, 'start', 'r0')], 'power: r0'],
  ['it stands still', [entry(10_000, 'pause', 'the primary', { forMs: 8000 })], 'pause: r0'],
  ['it is cut off with a minority', [CUT], 'partition: r0 s1 C1 | r1 r2 s2 s3 C2 P1'],
  ['its links are slow', [entry(10_000, 'clog', 'the primary', { forMs: 8000, with: { delayMs: 1500 } })], 'clog: r0'],
  ['a minority of the sentinels is dead', [entry(9000, 'kill', 'a minority of the sentinels'), entry(10_000, 'kill', 'the primary')], 'kill: r0'],
];

describe.each(STRIKES)('%s', (_, plan, cause) => {
  const scenario = sentinelScenario(plan, {}, KEPT);

  test.each([1, 2, 3])('seed %i: a failover, every promise kept, every loss explained', (seed) => {
    const report = runScenario(scenario, seed);
    expect(problemsOf(report)).toEqual(CLEAN(report));
    expect(report.ledger.unknown).toBe(0);
    const [first] = sentinelFailovers(report);
    expect(first).toMatchObject({ name: NAME, outcome: 'switched', epoch: 1 });
    expect((first?.atMs ?? 0) - 10_000).toBeGreaterThan(900);
    expect((first?.switchedMs ?? 0) - 10_000).toBeLessThan(5000);
    const chain = first?.because.join('\n') ?? '';
    expect(chain).toMatch(/^at 1\d\.\d{3} s s\d began a failover of mymain \(#\d+\)\nbecause .*objectively down: [23] agree, the quorum is 2/);
    // Found on its own, and by every other that said so.
    const agreeing = Number(/(\d) agree/.exec(chain)?.[1]);
    expect(chain.match(/had heard nothing valid of 10\.0\.0\.1:6379 .*, the last being #\d+/g)).toHaveLength(agreeing);
    expect(chain).toMatch(new RegExp(`because at 10\\.000 s ${cause.replaceAll('|', '\\|')} \\(#\\d+\\)`));
  });
});

describe('the trace', () => {
  const scenario = sentinelScenario([CUT]);

  test('a kept trace explains what the report does, and nobody who watches changes anything', () => {
    const { report, trace } = traced(scenario, 5);
    expect(runScenario(scenario, 5)).toEqual(report);
    expect(verifyScenario(scenario, 5)).toEqual({ equal: true, traceHash: report.traceHash });
    const [first] = sentinelFailovers(report);
    expect(explain(recordsOfTrace(trace), first?.event ?? 0)).toEqual(first?.because);
  });

  test('the record of a silence lists what swallowed the next word', () => {
    const { trace } = traced(scenario, 5);
    const strike = trace.find((record) => record.kind === 'fault')?.id;
    const down = trace.filter((record) => (record.detail?.['note'] as { event?: string } | undefined)?.event === '+sdown'
      && record.node === 's2');
    expect(down.length).toBeGreaterThan(1);
    expect(down[0]?.detail?.['because']).toEqual([expect.any(Number), strike]);
    // Clients that never heard the answer, and replicas whose primary fell silent.
    const unheard = trace.filter((record) => record.kind === 'complete' && record.detail?.['outcome'] === 'unknown');
    expect(unheard.length).toBeGreaterThan(0);
    expect(unheard.some((record) => (record.detail?.['because'] as number[] | undefined)?.includes(strike ?? 0))).toBe(true);
  });

  test('a replica that gives its primary up after repl-timeout says why', () => {
    const cut = entry(10_000, 'partition', undefined, { forMs: 15_000, with: { groups: [['r0'], ['r1']] } });
    const { trace } = traced(sentinelScenario([cut], { directives: [['repl-timeout', '5']], downAfterMs: 60_000 }));
    const strike = trace.find((record) => record.kind === 'fault')?.id;
    const gaveUp = trace.filter((record) => record.node === 'r1' && record.detail?.['because'] !== undefined);
    expect(gaveUp[0]?.detail?.['note']).toMatchObject({ kind: 'sync', state: 'connect', detail: 'primary timed out' });
    expect(gaveUp[0]?.detail?.['because']).toContain(strike);
  });
});

describe('roles and events of sentinels in a plan', () => {
  test('without a majority nobody fails over', () => {
    const report = runScenario(sentinelScenario([entry(9000, 'kill', 'a majority of the sentinels'), entry(10_000, 'kill', 'the primary')], {}, {
      'failover-needs-quorum-and-majority': 'not exercised', 'one-leader-per-epoch': 'not exercised', 'one-writable-primary': 'violated',
      'service-restored': 'violated', convergence: 'violated', 'sentinels-agree': 'not exercised',
    }), 1);
    expect(problemsOf(report)).toEqual(CLEAN(report));
    expect(report.strikes[0]?.resolved).toBe('s2 s3');
    expect(report.failovers).toEqual([]);
  });

  test('the leader is killed the moment it is elected: another leads, in another epoch', () => {
    const plan: PlanEntry[] = [
      entry(10_000, 'kill', 'the primary'),
      { when: { after: { kind: 'note.sentinel', fields: { event: '+elected-leader' } } }, do: 'kill', target: 'the sentinel leader' },
    ];
    const report = runScenario(sentinelScenario(plan, {}, KEPT, undefined, { durationMs: 45_000, settlingMs: 45_000 }), 1);
    expect(problemsOf(report)).toEqual(CLEAN(report));
    const [first, second] = sentinelFailovers(report);
    expect(first).toMatchObject({ outcome: 'its sentinel ended', epoch: 1 });
    expect(second).toMatchObject({ outcome: 'switched' });
    expect(second?.sentinel).not.toBe(first?.sentinel);
    expect(second?.epoch).toBeGreaterThan(1);
    expect(report.strikes[1]?.resolved).toBe(first?.sentinel);
    // Nothing is begun anew before two failover-timeouts.
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(19_000);
  });

  test('a pattern may name the sentinel, the event and the delay', () => {
    const plan: PlanEntry[] = [
      entry(10_000, 'kill', 'the primary'),
      { when: { after: { kind: 'note.sentinel', node: 's2', fields: { event: '+sdown' } }, delayMs: 7 }, do: 'pause', target: 'a sentinel', forMs: 10 },
    ];
    const { report, trace } = traced(sentinelScenario(plan));
    const found = trace.find((record) => record.node === 's2' && (record.detail?.['note'] as { event?: string } | undefined)?.event === '+sdown');
    expect(report.strikes[1]).toMatchObject({ resolved: 's1', atMs: (found?.at ?? 0) / 1000 + 7 });
  });

  test('an operator asks for a failover', () => {
    const report = runScenario(sentinelScenario([entry(10_000, 'command', 'a sentinel', { with: { argv: ['SENTINEL', 'FAILOVER', NAME] } })]), 2);
    expect(problemsOf(report)).toEqual(CLEAN(report));
    expect(report.strikes[0]).toMatchObject({ resolved: 's1', outcome: 'OK' });
    expect(report.failovers?.[0]).toMatchObject({ sentinel: 's1', outcome: 'switched' });
    expect(report.failovers?.[0]?.because[1]).toMatch(/^because at 10\.000 s command: s1 \(#\d+\)$/);
    expect(report.verdicts.find(({ name }) => name === 'failover-needs-quorum-and-majority')?.verdict).toBe('not exercised');
    // The old primary goes on until it is told: what it takes meanwhile is discarded, and that is said.
    expect(new Set(report.ledger.lostWrites.map(({ cause }) => cause)))
      .toEqual(new Set(['accepted by a primary that had been replaced already, discarded when it rejoined']));
  });
});

describe('what Redis itself does not promise', () => {
  test('a sentinel in TILT begins a forced failover without a vote, dies, and forgets that epoch', () => {
    const plan = [
      entry(10_000, 'pause', 's1', { forMs: 5000 }),
      entry(20_000, 'command', 's1', { with: { argv: ['SENTINEL', 'FAILOVER', NAME] } }),
      entry(22_000, 'kill', 's1'), entry(23_000, 'start', 's1'),
    ];
    const { report, trace } = traced(sentinelScenario(plan));
    expect(problemsOf(report)).toEqual(CLEAN(report));
    expect(report.failovers).toMatchObject([{ sentinel: 's1', outcome: 'its sentinel ended', epoch: null }]);
    const epochs = notesOf(trace, 's1').flatMap((note) => (note.kind === 'epoch' ? [note.current] : []));
    expect(epochs.slice(0, 3)).toEqual([0, 1, 0]);
  });
});

describe('configuration files', () => {
  test('a sentinel remembers over a restart: its ID, its epochs, the new primary', () => {
    const plan = [entry(5000, 'kill', 'the primary'), entry(15_000, 'kill', 's1'), entry(16_000, 'start', 's1'), entry(17_000, 'power', 's2', { forMs: 1000 }), entry(19_000, 'start', 's2')];
    const { report, trace } = traced(sentinelScenario(plan, {}, KEPT));
    expect(problemsOf(report)).toEqual(CLEAN(report));
    for (const name of ['s1', 's2']) {
      const notes = notesOf(trace, name);
      const starts = trace.flatMap((record) => (record.kind === 'log' && record.node === name
        && String(record.detail?.['message']).startsWith('Sentinel ID is') ? [record] : []));
      expect(starts).toHaveLength(2);
      expect(starts[0]?.detail?.['message']).toBe(starts[1]?.detail?.['message']);
      const afterwards = trace.filter((record) => record.id > (starts[1]?.id ?? 0) && record.node === name && record.kind === 'note')
        .map((record) => record.detail?.['note'] as Note);
      expect(afterwards.find((note) => note.kind === 'epoch')).toMatchObject({ current: 1, config: 1 });
      expect(notes.findLast((note) => note.kind === 'belief')).toMatchObject({ primary: sentinelFailovers(report)[0]?.chosen });
    }
  });

  test.each([['kept', 'replica'], ['rewritten', 'primary']] as const)('a data node whose file is %s comes back as a %s', (configFile, role) => {
    const base = sentinelScenario([entry(5000, 'kill', 'the primary'), entry(15_000, 'start', 'r0'), entry(35_000, 'kill', 'r0'), entry(36_000, 'start', 'r0')], {}, KEPT,
      undefined, { durationMs: 50_000, settlingMs: 45_000 });
    const { machines, processes } = deployment();
    const scenario = { ...base, topology: { ...base.topology, machines, processes: processes.map((process) => ({ ...process, configFile: process.kind === 'sentinel' ? 'kept' as const : configFile })) } };
    const { report, trace } = traced(scenario);
    expect(problemsOf(report)).toEqual(CLEAN(report));
    const started = trace.findLast((record) => record.kind === 'start' && record.node === 'r0');
    const first = trace.find((record) => record.id > (started?.id ?? 0) && record.node === 'r0' && (record.detail?.['note'] as Note | undefined)?.kind === 'role');
    expect(first?.detail?.['note']).toMatchObject({ role });
    expect(report.nodes[0]).toMatchObject({ name: 'r0', role: 'replica', primary: sentinelFailovers(report)[0]?.chosen });
  });

  test('notification scripts stand in the trace, and end well', () => {
    const { trace } = traced(sentinelScenario([entry(5000, 'kill', 'the primary')], { sentinelLines: [['sentinel', 'notification-script', NAME, '/etc/notify.sh']] },
      {}, undefined, { durationMs: 10_000, settlingMs: 5000 }));
    const scripts = trace.filter((record) => record.kind === 'script' && record.node === 's1');
    expect(scripts.map((record) => (record.detail?.['arguments'] as string[] | undefined)?.[0])).toContain('+sdown');
    expect(scripts[0]?.detail).toMatchObject({ path: '/etc/notify.sh' });
    const events = notesOf(trace, 's1').flatMap((note) => (note.kind === 'sentinel' ? [note.event] : []));
    expect(events).toContain('-script-child');
    expect(events).not.toContain('-script-error');
  });
});
