/**
 * Our server on real TCP against redis-server on the same machine: SET and GET by redis-benchmark, 50 connections, without
 * pipelining and with 16 commands in flight. The two take turns, so that what else the machine does hits both alike.
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
const COMMANDS: readonly string[] = ['SET', 'GET'];

interface Load {
  readonly pipeline: number;
  readonly requests: number;
  readonly target: number;
}

const LOADS: readonly Load[] = [
  { pipeline: 1, requests: 100_000, target: 0.8 },
  { pipeline: 16, requests: 500_000, target: 0.5 },
];

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
  const values = new Map<string, { readonly ours: number[]; readonly redis: number[] }>(
    COMMANDS.map((command) => [command, { ours: [], redis: [] }]));
  // The first round warms both up.
  for (let round = 0; round <= repetitions; round++) {
    const sides = [['ours', await rates(ours, load)], ['redis', await rates(redis, load)]] as const;
    if (round === 0) continue;
    for (const [side, measured] of sides) {
      for (const [command, rate] of measured) values.get(command)?.[side].push(rate);
    }
  }
  return [...values].map(([command, measured]) => {
    const value = median(measured.ours);
    const against = median(measured.redis);
    const name = `server ${command}, ${CLIENTS} connections, pipeline ${load.pipeline}`;
    return { name, value, unit: 'requests/s', target: load.target, against, ratio: value / against };
  });
};

/** Requests a second by command. */
const rates = async (server: ServerProcess, load: Load): Promise<ReadonlyMap<string, number>> => {
  const text = await output('redis-benchmark', [
    '-p', String(server.port), '-c', String(CLIENTS), '-P', String(load.pipeline), '-n', String(load.requests),
    '-t', COMMANDS.join(',').toLowerCase(), '--csv',
  ]);
  const lines = text.split('\n').map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
  return new Map(lines.flatMap(([command, rate]) =>
    command !== undefined && COMMANDS.includes(command) ? [[command, Number(rate)] as const] : []));
};

const output = (program: string, words: readonly string[]): Promise<string> => new Promise((resolve, reject) => {
  execFile(program, words, (error, text) => error === null ? resolve(text) : reject(error));
});

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
