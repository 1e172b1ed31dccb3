/** Each kind of workload against a small server by hand: what it sends, and what it makes of every kind of answer. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Connection, type Reply, bytes, error, keySlot } from '../../../../../engine/index.ts';
import { Status } from '../../../../../engine/protocol/reply.ts';
import type { Call } from '../../../../../sim/client/call.ts';
import { History } from '../../../../../sim/client/history.ts';
import { groupKeys, keptKeys, takenKey, workloadKeys } from '../../../../../sim/client/work/keys.ts';
import { oneValue } from '../../../../../sim/client/work/multiKeyWork.ts';
import { type WriterSpec, workloadClient } from '../../../../../sim/client/workload.ts';
import { PORT, SECOND, makeWorld } from '../../echo.ts';
import { type Respond, serve } from '../fakeServers.ts';

const OK = new Status('OK');
const QUEUED = new Status('QUEUED');

const spec = (fields: Partial<WriterSpec>): WriterSpec => ({
  name: 'C1', zone: 'a', kind: 'sharedRegister', operationsPerSecond: 20, server: `redis:${PORT}`, timeoutMs: 200, ...fields,
} as WriterSpec);

/** One client for two seconds. */
const run = (fields: Partial<WriterSpec>, respond: Respond): { readonly calls: readonly Call[]; readonly got: readonly string[] } => {
  const world = makeWorld(1);
  const history = new History();
  const { got } = serve(world, 'redis', respond);
  world.process('client', workloadClient(spec(fields), { history, now: () => world.kernel.now, stopAtMicros: 2 * SECOND }, 10)).start();
  world.run(3);
  return { calls: history.calls, got };
};

/** Answers of a server that takes everything, but for those that `other` gives; `undefined`: none at all. */
const server = (other: (word: string, argv: readonly Bytes[]) => Reply | undefined | 'as usual'): Respond => {
  let isQueuing = false;
  // Who does not answer once does not answer what stands behind it either.
  const silent = new Set<Connection>();
  return (argv, connection) => {
    const word = String(argv[0]);
    const wanted = silent.has(connection) ? undefined : other(word, argv);
    if (wanted === undefined) silent.add(connection);
    if (word === 'MULTI') isQueuing = true;
    if (word === 'EXEC') isQueuing = false;
    if (wanted !== 'as usual') return wanted;
    if (isQueuing && word !== 'MULTI') return QUEUED;
    if (word === 'GET' || word === 'LPOP' || word === 'LINDEX') return null;
    if (word === 'EXEC') return [OK];
    return word === 'INCRBY' || word === 'RPUSH' || word === 'LREM' ? 1 : OK;
  };
};

const outcomesOf = (calls: readonly Call[], what: Call['what']): readonly string[] =>
  [...new Set(calls.filter((call) => call.what === what).map(({ outcome }) => outcome))];

describe('a compare-and-set', () => {
  test('goes by WATCH, GET, MULTI, SET, EXEC, and keeps what it replaced', () => {
    const { calls, got } = run({}, server((word) => (word === 'GET' ? bytes('old') : 'as usual')));
    const from = got.indexOf('WATCH shared:0');
    expect(got.slice(from, from + 5).map((line) => line.split(' ')[0])).toEqual(['WATCH', 'GET', 'MULTI', 'SET', 'EXEC']);
    const done = calls.filter(({ what }) => what === 'cas');
    expect(done.length).toBeGreaterThan(3);
    expect(done.every(({ outcome, result }) => outcome === 'ok' && result === 'old')).toBe(true);
  });

  test.each<[string, (word: string) => Reply | undefined | 'as usual', string]>([
    ['somebody else wrote', (word) => (word === 'EXEC' ? null : 'as usual'), 'failed'],
    ['the transaction was refused', (word) => (word === 'EXEC' ? error('EXECABORT no') : 'as usual'), 'failed'],
    ['no answer to EXEC', (word) => (word === 'EXEC' ? undefined : 'as usual'), 'unknown'],
    ['an error that says nothing', (word) => (word === 'EXEC' ? error('STRANGE thing') : 'as usual'), 'unknown'],
    ['no answer to WATCH: nothing was asked for yet', (word) => (word === 'WATCH' || word === 'GET' ? undefined : 'as usual'), 'failed'],
    ['it cannot even be watched', (word) => (word === 'WATCH' ? error('LOADING data') : 'as usual'), 'failed'],
  ])('%s', (_name, other, outcome) => {
    // Between two connections they fail unsent.
    const outcomes = outcomesOf(run({}, server(other)).calls, 'cas');
    expect(outcomes).toContain(outcome);
    expect(outcomes.filter((one) => one !== 'failed')).toEqual(outcome === 'failed' ? [] : [outcome]);
  });
});

test('a write is failed where Redis says that it was not executed, and unknown otherwise', () => {
  const written = (reply: Reply | undefined): readonly string[] =>
    outcomesOf(run({}, server((word, argv) => (word === 'SET' && argv.length === 3 ? reply : 'as usual'))).calls, 'write');
  expect(written(OK)).toEqual(['ok']);
  expect(written(error('READONLY no'))[0]).toBe('failed');
  expect(written(error('ERR no'))).toEqual(['failed']);
  expect(written(undefined)).toContain('unknown');
  expect(written(undefined)).not.toContain('ok');
  expect(written(error('STRANGE thing'))).toEqual(['unknown']);
});

test('a closed loop asks when it was answered, an open one at its rate', () => {
  const silent = server((word) => (word === 'INCRBY' || word === 'GET' ? undefined : 'as usual'));
  expect(run({ kind: 'counter' }, silent).calls.length).toBe(40);
  const closed = run({ kind: 'counter', loop: 'closed', thinkMs: 50, timeoutMs: 500 }, silent).calls;
  expect(closed.length).toBeLessThan(10);
  for (const [index, call] of closed.entries()) expect(call.invokedAt).toBeGreaterThanOrEqual(closed[index - 1]?.completedAt ?? 0);
});

test('a lock is released with its own token only', () => {
  const lock = { leaseMs: 1000, holdMs: 100 };
  let held: Bytes | null = null;
  const { calls, got } = run({ kind: 'lock', lock }, server((word, argv) => {
    if (word === 'SET') held = argv[2] as Bytes;
    return word === 'GET' ? held : 'as usual';
  }));
  expect(got[0]).toBe('SET lock:0 C1:0 NX PX 1000');
  expect(got.some((line) => line === 'DEL lock:0')).toBe(true);
  expect(outcomesOf(calls, 'release')).toEqual(['ok']);
  const stolen = run({ kind: 'lock', lock }, server((word) => (word === 'GET' ? bytes('another') : 'as usual')));
  expect(outcomesOf(stolen.calls, 'release')).toEqual(['failed']);
  expect(stolen.got.some((line) => line.startsWith('DEL'))).toBe(false);
  expect(run({ kind: 'lock', lock }, server((word) => (word === 'SET' ? null : 'as usual'))).calls.every(({ what, result }) =>
    what === 'acquire' && result === null)).toBe(true);
});

describe('a queue', () => {
  const consumer = (takesBy: 'LPOP' | 'BLPOP' | 'LMOVE'): Partial<WriterSpec> => ({ kind: 'queue', queue: { side: 'consumer', takesBy } });

  test('a producer pushes, consumers take', () => {
    expect(run({ kind: 'queue' }, server(() => 'as usual')).got.slice(0, 2)).toEqual(['RPUSH queue:0 C1:0', 'RPUSH queue:0 C1:1']);
    expect(run(consumer('LPOP'), server((word) => (word === 'LPOP' ? bytes('e') : 'as usual'))).calls[0]).toMatchObject({ what: 'pop', result: 'e' });
    const { calls, got } = run(consumer('BLPOP'), server((word) => (word === 'BLPOP' ? [bytes('queue:0'), bytes('e')] : 'as usual')));
    expect(got[0]).toBe('BLPOP queue:0 0.1');
    expect(calls[0]).toMatchObject({ what: 'pop', result: 'e' });
  });

  test('what LMOVE took is removed when it is delivered, and delivered again when its answer was lost', () => {
    let isLost = true;
    const { calls, got } = run(consumer('LMOVE'), server((word) => {
      if (word === 'LINDEX') return bytes('e7');
      if (word !== 'LMOVE') return 'as usual';
      const answer = isLost ? undefined : null;
      isLost = false;
      return answer;
    }));
    expect(got.slice(0, 3)).toEqual(['LMOVE queue:0 {queue:0}:C1 LEFT RIGHT', 'LINDEX {queue:0}:C1 0', 'LREM {queue:0}:C1 1 e7']);
    expect(calls.filter(({ outcome }) => outcome !== 'failed').slice(0, 2).map(({ what, outcome, result }) => [what, outcome, result])).toEqual([['pop', 'unknown', null], ['redeliver', 'ok', 'e7']]);
  });
});

test('keys of several are in one slot, and half a write is a value that nobody wrote', () => {
  for (const fields of [{}, { hashTag: 't' }]) {
    const [group] = workloadKeys(spec({ kind: 'multiKey', ...fields }));
    expect(new Set([group as Bytes, ...groupKeys(group as Bytes), takenKey(group as Bytes, 'C9')].map(keySlot)).size).toBe(1);
  }
  expect(oneValue([bytes('a'), bytes('a')])).toBe('a');
  expect(oneValue([null, null])).toBeNull();
  expect(oneValue([bytes('a'), null])).toBe('a + nothing');
});

test('what several clients leave behind is read back once', () => {
  const clients = [spec({ kind: 'queue' }), spec({ name: 'C2', kind: 'queue', queue: { side: 'consumer', takesBy: 'LMOVE' } }), spec({ name: 'C3', kind: 'lock' })];
  expect(keptKeys(clients)).toEqual([{ key: 'queue:0', isSet: false, isList: true }, { key: '{queue:0}:C2', isSet: false, isList: true }]);
});
