/** Workload clients against a small server by hand: WAIT behind each write, padded values; and readers. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes, error } from '../../../../engine/index.ts';
import { History, type Operation, describeOperation, isWaited, shownToken } from '../../../../sim/client/history.ts';
import { readerClient, readerLocators } from '../../../../sim/client/reader.ts';
import { type Recorder, isWriter, workloadClient, workloadKeys } from '../../../../sim/client/workload.ts';
import type { ClientSpec, ClientWork } from '../../../../sim/scenario.ts';
import { PORT, SECOND, makeWorld } from '../echo.ts';
import { type Respond, SERVICE, fakeNode, fakeSentinel, serve } from './fakeServers.ts';

const spec = (fields: Partial<ClientWork>): ClientSpec => ({
  name: 'C1', zone: 'a', kind: 'register', operationsPerSecond: 10, server: `redis:${PORT}`, timeoutMs: 500, ...fields,
});

interface Run { readonly history: History; readonly got: readonly string[] }

/** One client for a second and a half against one server; it asks for one second. */
const run = (fields: Partial<ClientWork>, respond: Respond): Run => {
  const world = makeWorld(1);
  const history = new History();
  const recorder: Recorder = { history, now: () => world.kernel.now, stopAtMicros: SECOND };
  const { got } = serve(world, 'redis', respond);
  const client = spec(fields);
  const program = isWriter(client) ? workloadClient(client, recorder, 50)
    : readerClient(client, [bytes('register:C1:0'), bytes('register:C1:1')], recorder, 50);
  world.process('client', program).start();
  world.run(1.5);
  return { history, got };
};

const word = (argv: readonly Bytes[]): string => String(argv[0]);
const outcomes = (history: History): readonly string[] => [...new Set(history.operations.map((one) => one.outcome))];
const waits = (operations: readonly Operation[]): readonly (number | null)[] => operations.map((one) => one.acknowledgedBy);

describe('a writer', () => {
  test('without WAIT no operation knows of replicas', () => {
    const { history, got } = run({}, () => 1);
    expect(outcomes(history)).toEqual(['ok']);
    expect(new Set(waits(history.operations))).toEqual(new Set([null]));
    expect(history.operations.some(isWaited)).toBe(false);
    expect(got.every((line) => line.startsWith('SET '))).toBe(true);
  });

  test('WAIT goes out behind every write, and its answer stands beside it', () => {
    let answers = 0;
    const heard: string[] = [];
    const { history, got } = run({ wait: { replicas: 1, timeoutMs: 20 } }, (argv) => (word(argv) === 'WAIT' ? answers++ % 3 : 1));
    history.onWaited((operation) => heard.push(operation.token));
    expect(got.length).toBe(history.operations.length * 2);
    expect(got.filter((_, index) => index % 2 === 1).every((line) => line === 'WAIT 1 20')).toBe(true);
    expect(waits(history.operations.slice(0, 4))).toEqual([0, 1, 2, 0]);
    expect(history.operations.slice(0, 4).map(isWaited)).toEqual([false, true, true, false]);
  });

  test('a write is acknowledged by its own answer: WAIT may stay without one', () => {
    let waiting = false;
    const { history } = run({ wait: { replicas: 1, timeoutMs: 0 } }, (argv) => {
      waiting ||= word(argv) === 'WAIT';
      return waiting ? undefined : 1;
    });
    // The first is answered; behind its WAIT nothing is, and the connection goes with the second.
    expect(history.operations.slice(0, 2).map((one) => one.outcome)).toEqual(['ok', 'unknown']);
    expect(waits(history.operations).every((one) => one === null)).toBe(true);
  });

  test('an error to WAIT is no number of replicas', () => {
    const { history } = run({ wait: { replicas: 1, timeoutMs: 5 } }, (argv) => (word(argv) === 'WAIT' ? error('ERR no') : 1));
    expect(outcomes(history)).toEqual(['ok']);
    expect(history.operations.some(isWaited)).toBe(false);
  });

  test('padded values have their length, stay unique, and are shown without the padding', () => {
    const { history } = run({ valueBytes: 1000, kind: 'setAdd' }, () => 1);
    const tokens = history.operations.map((one) => one.token);
    expect(tokens.every((token) => token.length === 1000)).toBe(true);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(describeOperation(history.operations[3] as Operation)).toBe('setAdd set:C1 C1:3');
    expect(shownToken(bytes('C.1:42'))).toBe('C.1:42');
  });

  test('a value that is longer than asked for is not cut', () => {
    expect(run({ valueBytes: 1 }, () => 1).history.operations[0]?.token).toBe('C1:0');
  });
});

describe('a writer with sentinels', () => {
  /** Three seconds, with a failover from a to b after the first; who was believed to be the primary, and what became of writes. */
  const failOver = (kind: 'sentinel' | 'sentinelOnce'): { beliefs: readonly string[]; outcomes: readonly string[]; atEnd: readonly string[] } => {
    const world = makeWorld(1);
    const history = new History();
    const a = fakeNode(world, 'a', 'primary');
    const b = fakeNode(world, 'b', 'replica');
    const sentinel = fakeSentinel(world, 's1', a);
    const service = { name: SERVICE, sentinels: [sentinel.place] };
    const choice = kind === 'sentinel' ? { sentinel: { ...service, listens: false } } : { sentinelOnce: service };
    const program = workloadClient({ name: 'C1', zone: 'a', kind: 'register', operationsPerSecond: 10, timeoutMs: 500, ...choice },
      { history, now: () => world.kernel.now, stopAtMicros: 3 * SECOND }, 50);
    const process = world.process('client', program);
    const beliefs: string[] = [];
    process.notes = { note: (_, note) => void (note.kind === 'belief' && beliefs.push(String(note.primary))) };
    process.start();
    world.run(1);
    a.role = 'replica';
    b.role = 'primary';
    sentinel.primary = b;
    world.run(4);
    expect([a.address, b.address]).toEqual(['10.0.0.1', '10.0.0.2']);
    const all = history.operations.map((one) => one.outcome);
    return { beliefs, outcomes: all, atEnd: all.slice(-10) };
  };

  test('asks again when its writes are refused, and says whom it believes in', () => {
    const { beliefs, outcomes: all, atEnd } = failOver('sentinel');
    expect(beliefs).toEqual([`10.0.0.1:${PORT}`, `10.0.0.2:${PORT}`]);
    expect(new Set(atEnd)).toEqual(new Set(['ok']));
    // One was refused, one found no connection.
    expect(all.filter((outcome) => outcome !== 'ok')).toEqual(['failed', 'failed']);
  });

  test('asked once, it goes back to the old primary for ever', () => {
    const { beliefs, atEnd } = failOver('sentinelOnce');
    expect(new Set(beliefs)).toEqual(new Set([`10.0.0.1:${PORT}`]));
    expect(beliefs.length).toBeGreaterThan(2);
    expect(new Set(atEnd)).toEqual(new Set(['failed']));
  });
});

describe('a reader', () => {
  test('writes nothing and owns no keys', () => {
    const reader = spec({ name: 'R1', kind: 'reader' });
    expect(isWriter(reader)).toBe(false);
    expect(workloadKeys(reader)).toEqual([]);
    expect(readerLocators(reader).map(({ server }) => server)).toEqual([`redis:${PORT}`]);
    expect(readerLocators({ ...reader, servers: ['a:1', 'b:2'], password: 'secret' })).toEqual([
      { server: 'a:1', password: 'secret' }, { server: 'b:2', password: 'secret' }]);
  });

  test('asks for the keys in turn and keeps what it found', () => {
    const { history, got } = run({ kind: 'reader' }, (argv) => (argv[1] === 'register:C1:0' ? bytes('v') : null));
    expect(history.operations).toEqual([]);
    expect(got.slice(0, 3)).toEqual(['GET register:C1:0', 'GET register:C1:1', 'GET register:C1:0']);
    expect(history.reads.slice(0, 3).map((one) => [one.outcome, one.value])).toEqual([['ok', 'v'], ['ok', null], ['ok', 'v']]);
    expect(history.reads.every((one) => one.invokedAt < SECOND)).toBe(true);
  });

  test('errors fail, silence is unknown, and it goes on', () => {
    expect(run({ kind: 'reader' }, () => error('LOADING')).history.reads.map((one) => one.outcome)).toContain('failed');
    const { history, got } = run({ kind: 'reader', timeoutMs: 200 }, () => undefined);
    expect(new Set(history.reads.map((one) => one.outcome))).toEqual(new Set(['unknown', 'failed']));
    expect(got.length).toBeGreaterThan(3);
  });

  test('several servers are asked in turn, each for every key; one that is not there fails alone', () => {
    const world = makeWorld(1);
    const history = new History();
    const recorder: Recorder = { history, now: () => world.kernel.now, stopAtMicros: SECOND };
    const { got: first } = serve(world, 'first', () => bytes('1'));
    const { got: second } = serve(world, 'second', () => bytes('2'));
    const servers = ['first', 'nobody', 'second'].map((name) => `${name}:${PORT}`);
    const reader = spec({ name: 'R1', kind: 'reader', operationsPerSecond: 20, servers });
    world.process('client', readerClient(reader, [bytes('a'), bytes('b')], recorder, 50)).start();
    world.run(1.5);
    expect(history.reads.slice(0, 6).map((one) => one.value)).toEqual(['1', null, '2', '1', null, '2']);
    expect(new Set(first)).toEqual(new Set(['GET a', 'GET b']));
    expect(new Set(second)).toEqual(new Set(['GET a', 'GET b']));
  });

  test('without keys it does not even connect', () => {
    const world = makeWorld(1);
    const history = new History();
    const { got } = serve(world, 'redis', () => 1);
    world.process('client', readerClient(
      spec({ kind: 'reader' }), [], { history, now: () => world.kernel.now, stopAtMicros: SECOND }, 0)).start();
    world.run(1.2);
    expect([got, history.reads]).toEqual([[], []]);
  });
});
