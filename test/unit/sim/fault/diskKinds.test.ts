/** Each fault of a disk as a plan strikes it: it is seen in the trace, it ends with its time, and with settling. */
import { describe, expect, test } from 'vitest';
import { at, threeClients } from '../../../../scenarios/plan.ts';
import { appendOnly, loneNode } from '../../../../scenarios/persistence/deployment.ts';
import { runScenario } from '../../../../sim/run.ts';
import type { PlanEntry, ResolvedScenario } from '../../../../sim/scenario.ts';
import type { TraceRecord } from '../../../../sim/trace/traceEvent.ts';

const run = (entry: Omit<PlanEntry, 'when' | 'target'>, policy: 'always' | 'everysec' = 'everysec'): {
  records: TraceRecord[]; report: ReturnType<typeof runScenario>;
} => {
  const records: TraceRecord[] = [];
  const scenario: ResolvedScenario = {
    name: 'disk', teaches: 'x', topology: loneNode(appendOnly(policy)), workload: threeClients('redis-main:6379'),
    plan: [{ when: at(3000), target: 'redis-main', ...entry }], durationMs: 8000, settlingMs: 5000, expects: { verdicts: {} },
  };
  const report = runScenario(scenario, 1, { sink: { record: (record) => records.push(record) } });
  return { records, report };
};

const changes = (records: readonly TraceRecord[], fault: string): [number, number][] => records
  .filter((record) => record.kind === 'disk' && record.detail?.['fault'] === fault)
  .map((record): [number, number] => [record.at / 1000, record.a]);

const logged = (records: readonly TraceRecord[], text: string): boolean =>
  records.some((record) => String(record.detail?.['message'] ?? '').includes(text));

const faults: readonly (readonly [string, Omit<PlanEntry, 'when' | 'target'>])[] = [
  ['slowDisk', { do: 'slowDisk', with: { byMs: 200 } }], ['stuckDisk', { do: 'stuckDisk' }], ['fullDisk', { do: 'fullDisk' }],
  ['ioError', { do: 'ioError', with: { on: 'write' } }], ['lyingFsync', { do: 'lyingFsync' }], ['tornWrites', { do: 'tornWrites' }],
  ['undoneRename', { do: 'undoneRename' }],
];

describe.each(faults)('%s', (name, entry) => {
  test('ends with its time', () => {
    expect(changes(run({ ...entry, forMs: 1500 }).records, name)).toEqual([[3000, 1], [4500, 0]]);
  });

  test('ends with settling', () => expect(changes(run(entry).records, name)).toEqual([[3000, 1], [8000, 0]]));

  test('leaves a service behind it', () => {
    const { report } = run({ ...entry, forMs: 1500 });
    expect(report.failures, report.replay).toEqual([]);
    expect(report.verdicts.find((verdict) => verdict.name === 'service-restored')?.verdict).toBe('holds');
  });
});

describe('what a disk does to its server', () => {
  test('full: writes and PING are refused until there is room again', () => {
    const { records, report } = run({ do: 'fullDisk', forMs: 3000 });
    expect(logged(records, 'Error writing to the AOF file: No space left on device')).toBe(true);
    expect(logged(records, 'AOF write error looks solved, Redis can write again.')).toBe(true);
    expect(report.unavailableMs).toBeGreaterThan(2000);
    expect(report.ledger.lost).toBe(0);
  });

  test('nearly full: what was written in part is taken back', () => {
    expect(logged(run({ do: 'fullDisk', forMs: 3000, with: { roomBytes: 100 } }).records, 'Short write while writing')).toBe(true);
  });

  test('full under always: the process ends with status 1, and no reply goes out', () => {
    const { records, report } = run({ do: 'fullDisk', forMs: 2000 }, 'always');
    expect(logged(records, "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...")).toBe(true);
    expect(records.some((record) => record.kind === 'exit' && record.a === 1)).toBe(true);
    expect(report.ledger).toMatchObject({ lost: 0, bugs: 0 });
  });

  test('a sync fails: writes are refused until one succeeds', () => {
    const { records } = run({ do: 'ioError', with: { on: 'sync', times: 2 } });
    expect(logged(records, 'Fail to fsync the AOF file: Input/output error')).toBe(true);
  });

  /** A lone node under everysec. One sync fails at about 3 s; a rewrite comes at 6 s. */
  const withFailedSync = (seed: number, faults: readonly PlanEntry[] = []): ReturnType<typeof runScenario> => runScenario({
    name: 'disk', teaches: 'x', topology: loneNode(appendOnly('everysec')), workload: threeClients('redis-main:6379'),
    plan: [
      ...faults, { when: at(3000), do: 'ioError', target: 'redis-main', with: { on: 'sync', times: 1 }, forMs: 2000 },
      { when: at(6000), do: 'command', target: 'redis-main', with: { argv: ['BGREWRITEAOF'] } },
    ],
    durationMs: 9000, settlingMs: 5000, expects: { verdicts: { 'stall-is-excusable': 'holds' } },
  }, seed);
  const restored = (report: ReturnType<typeof runScenario>): string | undefined =>
    report.verdicts.find(({ name }) => name === 'service-restored')?.detail;

  test('what was written while the sync ran brings another one, and that ends it', () => {
    const report = withFailedSync(1, [{ when: at(2000), do: 'slowDisk', target: 'redis-main', with: { byMs: 300 } }]);
    expect(report.marks).toMatchObject({ aofSyncFailed: 1, aofSyncMended: 1 });
    expect(report.failures).toEqual([]);
    expect(restored(report)).toMatch(/takes? writes/);
  });

  // As redis-server 7.0.15 does, whose fdatasync was made to fail once: MISCONF ten seconds later still, and behind a BGREWRITEAOF.
  test('otherwise nothing is written, so nothing is synced: it refuses for good, a rewrite or not', () => {
    const stuck = [1, 2, 3, 4].map((seed) => withFailedSync(seed)).filter(({ marks }) => marks['aofSyncMended'] === undefined);
    expect(stuck.length).toBeGreaterThan(0);
    for (const report of stuck) {
      expect(report.marks).toMatchObject({ aofSyncFailed: 1 });
      expect(report.failures, report.replay).toEqual([]);
      expect(restored(report)).toMatch(/excused: the last sync of redis-main failed/);
    }
  });

  test('stuck: the write is postponed, then the process stands still', () => {
    const { records, report } = run({ do: 'stuckDisk', forMs: 4500 });
    expect(logged(records, 'Asynchronous AOF fsync is taking too long')).toBe(true);
    expect(report.unavailableMs).toBeGreaterThan(1000);
  });

  test('bit rot in the log: the next start refuses it or has other data, and says so', () => {
    const { records } = run({ do: 'bitRot', with: { file: 'appendonlydir/appendonly.aof.1.incr.aof' } });
    expect(records.filter((record) => record.kind === 'disk' && record.detail?.['fault'] === 'rot')).toHaveLength(1);
  });

  test('a parameter that is missing or wrong is refused', () => {
    expect(() => run({ do: 'ioError', with: { on: 'everything' } })).toThrow(/needs with\.on as read, write or sync/);
    expect(() => run({ do: 'slowDisk' })).toThrow(/with\.byMs: missing/);
  });
});

describe('undoneRename', () => {
  /** The snapshot of 5 s has taken the place of the one of 3 s; before that was synced, power is lost. What is lost begins when? */
  const lostFromMs = (seed: number, faults: readonly PlanEntry[]): number => {
    const save = (atMs: number): PlanEntry => ({ when: at(atMs), do: 'command', target: 'redis-main', with: { argv: ['BGSAVE'] } });
    const { ledger, strikes } = runScenario({
      name: 'disk', teaches: 'x', topology: loneNode([['save', '3600 1000000']]), workload: threeClients('redis-main:6379'),
      plan: [
        { when: at(2000), do: 'slowDisk', target: 'redis-main', with: { byMs: 600 } }, save(3000), save(5000), ...faults,
        { when: at(5900), do: 'power', target: 'redis-main', forMs: 1000 },
      ],
      durationMs: 8000, settlingMs: 5000, expects: { verdicts: {} },
    }, seed);
    expect(strikes.map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(['Background saving started', 'power lost']));
    expect(ledger.bugs).toBe(0);
    return Math.min(...ledger.lostWrites.map(({ acknowledgedMs }) => acknowledgedMs));
  };
  const seeds = [1, 2, 3, 4, 5, 6];

  test('brings the old snapshot back, whatever would have been drawn', () => {
    const undone = seeds.map((seed) => lostFromMs(seed, [{ when: at(4500), do: 'undoneRename', target: 'redis-main' }]));
    const drawn = seeds.map((seed) => lostFromMs(seed, []));
    const isOld = (ms: number): boolean => ms >= 2900 && ms < 3500;
    const isNew = (ms: number): boolean => ms >= 4900 && ms < 5500;
    expect(undone.filter(isOld)).toHaveLength(seeds.length);
    expect(drawn.filter(isNew).length).toBeGreaterThan(0);
    expect(drawn.filter((ms) => isOld(ms) || isNew(ms))).toHaveLength(seeds.length);
  });
});
