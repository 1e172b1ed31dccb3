/**
 * The same random commands on redis-server and on our server, each as a process: the replication streams are equal byte for
 * byte, so are the append-only files, and so are the replies. Times that a server makes of its own clock are compared
 * within a tolerance, nothing else is. Expiry is lazy in one test, active in the other.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ErrorReply, type Reply } from '../../engine/protocol/reply.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { CLIENTS, ComparedServer } from './comparedServer.ts';
import {
  DATABASES, SHORT_LIFE_MS, type Words, anyKey, anyScan, anySelect, anyShortLived, anyTransaction, anyWait, anyWatch, anyWrite,
  interopSeed, runsOf,
} from './randomCommands.ts';
import { until } from './serverState.ts';

const RUNS = runsOf(120);
const RUN_MS_MAX = 1000;
const PROPERTY_MS_MAX = 35_000;
const TEST_MS = 60_000 + RUNS * RUN_MS_MAX;
const PAUSE_MS = 500;
/** The two servers run a command at different times. */
const TOLERANCE_MS = 3000;

type Step =
  | { readonly kind: 'run'; readonly client: number; readonly commands: readonly Words[]; readonly isPipelined: boolean }
  | { readonly kind: 'wait'; readonly database: number; readonly argv: Words }
  | { readonly kind: 'restore'; readonly client: number; readonly from: string; readonly to: string; readonly options: Words }
  /** Keys that live for a moment are made; it passes. */
  | { readonly kind: 'outlive'; readonly client: number; readonly commands: readonly Words[] };

const client = fc.nat({ max: CLIENTS - 1 });
const plain = fc.array(fc.oneof(
  { weight: 30, arbitrary: anyWrite }, { weight: 4, arbitrary: anySelect }, { weight: 2, arbitrary: anyWatch }, anyScan,
  // More replicas than there are: the time always runs out, and the stream has asked for an acknowledgement.
  fc.constant<Words>(['WAIT', '2', '1']),
), { minLength: 1, maxLength: 4 });
const run = (commands: fc.Arbitrary<readonly Words[]>): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant('run' as const), client, commands, isPipelined: fc.boolean() });
const popSome: fc.Arbitrary<readonly Words[]> = fc.integer({ min: 1, max: 6 }).chain((size) => fc.integer({ min: 1, max: size }).map(
  (count) => [['DEL', 'pop'], ['SADD', 'pop', ...Array.from({ length: size }, (_, place) => `pop:${place}`)],
    ['SPOP', 'pop', String(count)], ['DEL', 'pop']]));
const restoreOptions = fc.constantFrom<Words[]>(
  ['0', 'REPLACE'], ['0'], ['1000000', 'REPLACE'], ['4000000000000', 'ABSTTL', 'replace'], ['1', 'ABSTTL', 'REPLACE']);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: run(plain) },
  { weight: 4, arbitrary: run(anyTransaction) },
  { weight: 1, arbitrary: run(popSome) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), database: fc.nat({ max: DATABASES - 1 }), argv: anyWait }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('outlive' as const), client, commands: anyShortLived }) },
  { weight: 1, arbitrary: fc.record({
    kind: fc.constant('restore' as const), client, from: anyKey, to: anyKey, options: restoreOptions,
  }) });
const steps = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });

/** A time of this decade in milliseconds, as a whole argument. */
const TIME = /(?<=\r\n\$13\r\n)1[6-9][0-9]{11}(?=\r\n)/g;

const expectSameText = (what: string, ours: string, theirs: string, shape: (text: string) => string): void => {
  expect(shape(ours.replace(TIME, 'TIME')), what).toBe(shape(theirs.replace(TIME, 'TIME')));
  const times = [...theirs.matchAll(TIME)].map(([time]) => Number(time));
  for (const [place, [time]] of [...ours.matchAll(TIME)].entries()) {
    expect(Math.abs(Number(time) - (times[place] ?? NaN)), `${what}: a time`).toBeLessThan(TOLERANCE_MS);
  }
};

/** Which members SPOP takes is chance: only what follows from their number is compared. */
const popped = (text: string): string => text.replace(/pop:[0-9]/g, 'pop:N');

/** The order in which active expiry and SCAN find expired keys is chance too: deletions that follow one another are sorted. */
const sortedDeletions = (text: string): string => popped(text).replace(
  /(?:\*2\r\n\$(?:3\r\nDEL|6\r\nUNLINK)\r\n\$[0-9]+\r\n[a-z0-9]+\r\n)+/g,
  (run) => run.split(/(?=\*2\r\n)/).sort().join(''));

/** SPOP's members come in any order, and SCAN's keys, whether they are asked for directly or by EXEC. */
const sortedMembers = (reply: Reply): string =>
  (Array.isArray(reply) ? `[${(reply as readonly Reply[]).map(sortedMembers).sort().join('')}]` : encodeReply(reply, 2));

const comparable = (argv: Words, reply: Reply): string => {
  const name = (argv[0] ?? '').toUpperCase();
  // How many have acknowledged is a question of time.
  if (name === 'WAIT') return typeof reply;
  if (name === 'SPOP' || name === 'SCAN') return popped(sortedMembers(reply));
  if (name === 'EXEC' && Array.isArray(reply)) return (reply as readonly Reply[]).map(sortedMembers).join('');
  return reply instanceof ErrorReply ? `-${reply.text}` : popped(encodeReply(reply, 2));
};

const pass = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

describe.each([[[]], [['--lazyfree-lazy-expire', 'yes', '--lazyfree-lazy-user-del', 'yes', '--lazyfree-lazy-server-del', 'yes']]])(
  'our stream beside that of redis-server 7.0, started with %j', (directives) => requireRedis(() => {
    let redis: ComparedServer;
    let ours: ComparedServer;

    beforeAll(async () => {
      redis = await ComparedServer.start('redis', directives);
      ours = await ComparedServer.start('faultline', directives);
    });
    afterAll(async () => {
      await redis?.stop();
      await ours?.stop();
    });

    const both = <Value>(ask: (server: ComparedServer) => Promise<Value>): Promise<[Value, Value]> =>
      Promise.all([ask(ours), ask(redis)]);

    const onBoth = async (place: number, argv: Words): Promise<void> => {
      const [left, right] = await both((server) => server.run(place, argv));
      expect(comparable(argv, left), `the reply to ${JSON.stringify(argv)}`).toBe(comparable(argv, right));
    };

    /** Active expiry comes when it likes: it is waited for, so that its deletions stand at the same place in both streams. */
    const settled = async (place: number, argv: Words, isActive: boolean): Promise<void> => {
      await onBoth(place, argv);
      if (isActive) await both((server) => server.untilExpiredAreGone());
    };

    const take = async (one: Step, isActive: boolean): Promise<void> => {
      switch (one.kind) {
        case 'run':
          if (!isActive && one.isPipelined) return void await Promise.all(one.commands.map((argv) => onBoth(one.client, argv)));
          for (const argv of one.commands) await settled(one.client, argv, isActive);
          return;
        case 'outlive':
          for (const argv of one.commands) await settled(one.client, argv, isActive);
          await pass(SHORT_LIFE_MS + 2);
          return;
        case 'wait': {
          const [left, right] = await both((server) => server.wait(one.database, one.argv));
          expect(left).toBe(right);
          return;
        }
        case 'restore': {
          // Both are asked, since that deletes an expired key; both restore what the real one gave.
          const [, payload] = await both((server) => server.command('DUMP', one.from));
          if (typeof payload !== 'string') return;
          const [ttl = '0', ...options] = one.options;
          await onBoth(one.client, ['RESTORE', one.to, ttl, payload, ...options]);
        }
      }
    };

    const compareRun = async (all: readonly Step[], isActive: boolean): Promise<void> => {
      const shape = isActive || all.some((one) => 'commands' in one && one.commands.some(([name]) => name === 'SCAN'))
        ? sortedDeletions : popped;
      await both((server) => server.reset());
      for (const one of all) {
        await take(one, isActive);
        await both((server) => server.settleWaiters());
        if (isActive) await both((server) => server.untilExpiredAreGone());
      }
      const [left, right] = await both((server) => server.takeText());
      expectSameText('the stream', left.stream, right.stream, shape);
      expectSameText('the append-only file', left.file, right.file, shape);
      const [answers, expected] = [ours.answersToWaiters(), redis.answersToWaiters()];
      expect(answers.map((reply) => (reply === undefined ? 'waits' : encodeReply(reply, 2))))
        .toEqual(expected.map((reply) => (reply === undefined ? 'waits' : encodeReply(reply, 2))));
      const [ourDigest, theirDigest] = await both((server) => server.command('DEBUG', 'DIGEST'));
      expect(ourDigest).toEqual(theirDigest);
    };

    const check = async (isActive: boolean): Promise<void> => {
      await both((server) => server.command('DEBUG', 'SET-ACTIVE-EXPIRE', isActive ? '1' : '0'));
      await fc.assert(
        fc.asyncProperty(steps, (all) => compareRun(all, isActive)),
        { numRuns: RUNS, seed: interopSeed(), interruptAfterTimeLimit: PROPERTY_MS_MAX + RUNS * RUN_MS_MAX });
    };

    test('with lazy expiry', () => check(false), TEST_MS);
    test('with active expiry', () => check(true), TEST_MS);

    test('WAIT asks the replicas after a pause, though its own time has run out by then', async () => {
      const offset = async (server: ComparedServer): Promise<number> =>
        Number(/master_repl_offset:([0-9]+)/.exec(String(await server.command('INFO', 'replication')))?.[1] ?? NaN);
      await both((server) => server.reset());
      await onBoth(0, ['SET', 't1', '1']);
      await onBoth(0, ['CLIENT', 'PAUSE', String(PAUSE_MS), 'WRITE']);
      const before = await both(offset);
      await onBoth(0, ['WAIT', '2', '1']);
      expect(await both(offset), 'the stream stands still').toEqual(before);
      await until(() => both(offset), (now) => now.every((place, index) => place > (before[index] as number)));
      const [left, right] = await both((server) => server.takeText());
      expectSameText('the stream', left.stream, right.stream, popped);
    }, TEST_MS);
  }));
