/** The final read: whole, or tried again; and what the ledger's account is held against. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes, micros } from '../../../../engine/index.ts';
import { type FinalReadResult, finalReader, newFinalRead } from '../../../../sim/check/finalRead.ts';
import type { WriteRecord } from '../../../../sim/check/ledger.ts';
import { modelAgrees } from '../../../../sim/check/modelAgrees.ts';
import { History } from '../../../../sim/client/history.ts';
import { PORT, type World, makeWorld } from '../echo.ts';

const KEYS = [{ key: bytes('set'), isSet: true }, { key: bytes('register'), isSet: false }];
const fresh = newFinalRead;

/** A server that answers the whole request with `replies[n]` at the n-th time. */
const world = (replies: readonly string[]): World => {
  const made = makeWorld(1);
  let times = 0;
  const server = made.process('server', (host) => {
    host.listen(bytes(''), PORT, (connection) => ({
      onData: () => {
        const reply = replies[Math.min(times++, replies.length - 1)] as string;
        if (reply === '') connection.close();
        else connection.write(bytes(reply));
      },
      onWritable: () => undefined, onClose: () => connection.close(),
    }), () => undefined);
  });
  made.network.names.set(bytes('redis'), [server.machine.address]);
  server.start();
  return made;
};

const ROLE = '*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n';
const WHOLE = `${ROLE}*2\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nv\r\n+PONG\r\n`;

describe('finalReader', () => {
  const run = (replies: readonly string[], name = 'redis'): FinalReadResult => {
    const made = world(replies);
    const result = fresh();
    made.process('reader', finalReader({ server: `${name}:${PORT}` }, KEYS, result, () => made.kernel.now)).start();
    made.run(5);
    return result;
  };

  test('reads everything once', () => {
    const result = run([WHOLE]);
    expect(result).toMatchObject({ isPrimary: true, done: true, server: `10.0.0.1:${PORT}` });
    expect(result.askedAt).toBeGreaterThan(0);
    expect(result.values).toEqual(new Map<Bytes, unknown>([[bytes('set'), new Set(['a', 'b'])], [bytes('register'), 'v']]));
  });

  test('gone keys: an empty set, a nil', () => {
    const result = run([`${ROLE}*0\r\n$-1\r\n+PONG\r\n`]);
    expect(result.values).toEqual(new Map<Bytes, unknown>([[bytes('set'), new Set()], [bytes('register'), null]]));
  });

  test('tries again after a connection that went, and while the server loads', () => {
    const loading = '-LOADING Redis is loading the dataset in memory\r\n';
    const result = run(['', `${ROLE}${loading.repeat(3)}`, `${ROLE}*0\r\n${loading}+PONG\r\n`, WHOLE]);
    expect(result.done).toBe(true);
    expect(result.values.get(bytes('set'))).toEqual(new Set(['a', 'b']));
  });

  test('a replica says so; a name that nobody has leaves it undone, and time goes on', () => {
    expect(run([WHOLE.replace('$6\r\nmaster', '$5\r\nslave')])).toMatchObject({ isPrimary: false, done: true });
    expect(run([WHOLE], 'nobody')).toMatchObject({ server: null, done: false });
  });
});

describe('modelAgrees', () => {
  const history = new History();
  const invoke = (kind: 'setAdd' | 'register', key: string, token: string, executedAt: number): WriteRecord =>
    ({ operation: history.invoke('C1', kind, bytes(key), bytes(token), micros(0), 0 as never), executedAt }) as WriteRecord;
  const writes = [
    invoke('setAdd', 'set', 'a', 10), invoke('setAdd', 'set', 'b', 20), invoke('register', 'register', 'v', 10),
    invoke('register', 'register', 'w', 20),
  ];
  const late = [invoke('setAdd', 'set', 'late', 100), invoke('register', 'register', 'later', 100)];
  const read = (set: readonly string[] | null, register: string | null, more: Partial<FinalReadResult> = {}): FinalReadResult => ({
    server: 'x', servers: new Map(), askedAt: 100, isPrimary: true, done: true,
    values: new Map<Bytes, ReadonlySet<Bytes> | Bytes | null>([
      [bytes('set'), set === null ? null : new Set(set.map((token) => bytes(token)))],
      [bytes('register'), register === null ? null : bytes(register)],
    ]), ...more,
  });
  const verdict = (surviving: readonly WriteRecord[], found: FinalReadResult): string => modelAgrees(surviving, history, found).verdict;

  test('agreement', () => expect(verdict(writes, read(['b', 'a'], 'w'))).toBe('holds'));

  test.each([
    ['a member is missing', ['a'], 'w'], ['a member too many', ['a', 'b', 'c'], 'w'], ['the set is empty', [], 'w'],
    ['an older value', ['a', 'b'], 'v'], ['no value', ['a', 'b'], null],
  ])('%s', (_name, set, register) => expect(verdict(writes, read(set, register))).toBe('violated'));

  test('what was executed after the read was asked for may be seen or not', () => {
    const surviving = [...writes, ...late];
    expect(verdict(surviving, read(['a', 'b'], 'w'))).toBe('holds');
    expect(verdict(surviving, read(['a', 'b', 'late'], 'later'))).toBe('holds');
    expect(verdict(surviving, read(['a', 'late'], 'later'))).toBe('violated');
    expect(verdict(surviving, read(['a', 'b'], 'v'))).toBe('violated');
  });

  test('nobody answered, or not a primary: unknown', () => {
    expect(verdict(writes, read([], null, { done: false }))).toBe('unknown');
    expect(verdict(writes, read([], null, { isPrimary: false }))).toBe('unknown');
  });
});
