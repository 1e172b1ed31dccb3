/**
 * Our server on real TCP against redis-server on the same machine: every default test of redis-benchmark, 50 connections, without
 * pipelining and with 16 commands in flight. The two take turns, test by test, so that what else the machine does hits both alike.
 * Targets: 0.8 of Redis's rate without pipelining, 0.5 with.
 */
import { execFile } from 'node:child_process';
import { type ServerProcess, hasRedis, requireDist, startServerProcess } from '../support/redisServer.ts';

export interface BenchRow {
  readonly name: string;
  /** Requests per second of ours, and of Redis in `against`: medians. */
  readonly value: number;
  readonly unit: string;
  /** The ratio to reach. */
  readonly target: number;
  readonly against: number;
  readonly ratio: number;
}

const CLIENTS = 50;
/** It waits without end for a server that is gone. */
const BENCHMARK_MS_MAX = 60_000;
/** As `-t` takes them. LRANGE brings the LPUSH that fills its list. */
const SHORT: readonly string[] = [
  'ping_inline', 'ping_mbulk', 'set', 'get', 'incr', 'lpush', 'rpush', 'lpop', 'rpop', 'sadd', 'hset', 'spop', 'zadd', 'zpopmin', 'mset',
];
const LONG: readonly string[] = ['lrange_100', 'lrange_300', 'lrange_500', 'lrange_600'];
const TESTS: readonly string[] = [...SHORT, ...LONG];

interface Load {
  readonly pipeline: number;
  readonly requests: number;
  readonly target: number;
}

const LOADS: readonly Load[] = [
  { pipeline: 1, requests: 20_000, target: 0.8 },
  { pipeline: 16, requests: 100_000, target: 0.5 },
];
/** Answers of hundreds of elements: so many fewer of them. */
const LONG_FEWER = 4;

/** One row per command and load. Null without a redis-server to compare with. */
export const serverBench = async (repetitions = 5): Promise<readonly BenchRow[] | null> => {
  if (!hasRedis) return null;
  requireDist();
  const ours = await startServerProcess('faultline');
  const redis = await startServerProcess('redis');
  try {
    const rows: BenchRow[] = [];
    for (const load of LOADS) rows.push(...await compare(ours, redis, load, repetitions));
    return rows;
  } finally {
    await ours.stop();
    await redis.stop();
  }
};

const compare = async (
  ours: ServerProcess, redis: ServerProcess, load: Load, repetitions: number,
): Promise<readonly BenchRow[]> => {
  const rows: BenchRow[] = [];
  for (const test of TESTS) {
    const measured: { readonly value: number; readonly against: number; readonly ratio: number }[] = [];
    // The first round warms both up. Each ratio is of one round: what disturbs a round disturbs both.
    for (let round = 0; round <= repetitions; round++) {
      const value = await rate(ours, load, test);
      const against = await rate(redis, load, test);
      if (round > 0) measured.push({ value, against, ratio: value / against });
    }
    const median = measured.toSorted((left, right) => left.ratio - right.ratio)[Math.floor(measured.length / 2)];
    if (median === undefined) throw new Error('no repetition was measured');
    rows.push({ name: `server ${test.toUpperCase()}, ${CLIENTS} connections, pipeline ${load.pipeline}`, unit: 'requests/s', target: load.target, ...median });
  }
  return rows;
};

/** Requests a second. */
const rate = async (server: ServerProcess, load: Load, test: string): Promise<number> => {
  const requests = LONG.includes(test) ? load.requests / LONG_FEWER : load.requests;
  // LPUSH makes a list of as many as it has requests: it is to be the same for each LRANGE.
  server.cli('FLUSHALL');
  const text = await output('redis-benchmark', [
    '-p', String(server.port), '-c', String(CLIENTS), '-P', String(load.pipeline), '-n', String(requests), '-t', test, '--csv',
  ]);
  const lines = text.trim().split('\n').map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  const found = lines.find(([name]) => name?.split(' ')[0]?.toLowerCase() === test && !name.includes('needed'));
  if (found === undefined) throw new Error(`redis-benchmark said nothing of ${test}: ${text}`);
  return Number(found[1]);
};

const output = (program: string, words: readonly string[]): Promise<string> => new Promise((resolve, reject) => {
  execFile(program, words, { timeout: BENCHMARK_MS_MAX }, (error, text) => error === null ? resolve(text) : reject(error));
});
