/**
 * Loading and saving an RDB file of a million keys, ours against redis-server: the time from the start of the process until
 * it answers PING with the file in its directory, and the time of SAVE. Target: a third of Redis's rate.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bytes, bytes } from '../../engine/core/bytes.ts';
import { HashValue } from '../../engine/keyspace/hashValue.ts';
import { Keyspace } from '../../engine/keyspace/keyspace.ts';
import { ListValue } from '../../engine/keyspace/listValue.ts';
import { SetValue } from '../../engine/keyspace/setValue.ts';
import { SortedSetValue } from '../../engine/keyspace/sortedSetValue.ts';
import type { EncodingLimits, Value } from '../../engine/keyspace/value.ts';
import { ErrorReply } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { saveRdb } from '../support/rdbFiles.ts';
import { type ServerKind, hasRedis, requireDist, startServerProcess } from '../support/redisServer.ts';
import type { BenchRow } from './server.ts';

const KEYS = 1_000_000;
const REPETITIONS = 3;
/** Three times Redis's time. */
const TARGET = 1 / 3;
const MS_PER_SECOND = 1000;

/** Of ten keys six are strings; the others are one list, set, hash and sorted set of four members each. */
const valueAt = (index: number, limits: EncodingLimits): Value => {
  const members = [0, 1, 2, 3].map((member) => bytes(`member:${index}:${member}`));
  switch (index % 10) {
    case 0: {
      const list = new ListValue();
      for (const member of members) list.pushRight(member);
      return list;
    }
    case 1: {
      const set = new SetValue();
      for (const member of members) set.add(member, limits);
      return set;
    }
    case 2: {
      const hash = new HashValue();
      for (const [place, member] of members.entries()) hash.set(bytes(`field${place}`), member, limits);
      return hash;
    }
    case 3: {
      const set = new SortedSetValue();
      for (const [place, member] of members.entries()) set.set(member, place * 1.5, limits);
      return set;
    }
    default: return bytes(`value:${index}:${'x'.repeat(index % 40)}`);
  }
};

const makeFile = (): Bytes => {
  const keyspace = new Keyspace(16, { touched: () => {}, expired: () => {} }, false);
  const database = keyspace.database(0);
  for (let index = 0; index < KEYS; index++) database.put(bytes(`key:${index}`), valueAt(index, keyspace.limits));
  return saveRdb(keyspace);
};

interface Times {
  readonly loadMs: number;
  readonly saveMs: number;
}

const timesOf = async (kind: ServerKind, directory: string): Promise<Times> => {
  const started = performance.now();
  const server = await startServerProcess(kind, ['--dir', directory]);
  const loadMs = performance.now() - started;
  const client = await RawClient.open(server.port);
  try {
    if (await client.run('DBSIZE') !== KEYS) throw new Error(`${kind} did not load all keys`);
    const begun = performance.now();
    const reply = await client.run('SAVE');
    const saveMs = performance.now() - begun;
    if (reply instanceof ErrorReply) throw new Error(`${kind}: ${reply.text}`);
    return { loadMs, saveMs };
  } finally {
    client.close();
    await server.stop();
  }
};

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

const row = (what: string, ours: readonly number[], theirs: readonly number[]): BenchRow => {
  const value = KEYS / median(ours) * MS_PER_SECOND;
  const against = KEYS / median(theirs) * MS_PER_SECOND;
  return { name: `RDB ${what}, ${KEYS} keys`, value, unit: 'keys/s', target: TARGET, against, ratio: value / against };
};

/** One row for loading and one for saving. Null without a redis-server to compare with. */
export const measure = async (progress: (line: string) => void = () => {}): Promise<readonly BenchRow[] | null> => {
  if (!hasRedis) return null;
  requireDist();
  const directory = mkdtempSync(join(tmpdir(), 'faultline-rdb-'));
  try {
    writeFileSync(join(directory, 'dump.rdb'), makeFile(), 'latin1');
    const ours: Times[] = [];
    const theirs: Times[] = [];
    for (let repetition = 0; repetition < REPETITIONS; repetition++) {
      // Each loads what the other saved.
      ours.push(await timesOf('faultline', directory));
      theirs.push(await timesOf('redis', directory));
      const [own, other] = [ours[repetition] as Times, theirs[repetition] as Times];
      progress(`RDB of ${KEYS} keys: load ${Math.round(own.loadMs)} ms, redis-server ${Math.round(other.loadMs)} ms; `
        + `save ${Math.round(own.saveMs)} ms, redis-server ${Math.round(other.saveMs)} ms`);
    }
    return [
      row('load', ours.map((times) => times.loadMs), theirs.map((times) => times.loadMs)),
      row('save', ours.map((times) => times.saveMs), theirs.map((times) => times.saveMs)),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
