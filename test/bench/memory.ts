/**
 * What a million small keys take: the resident memory of our process against redis-server's, each filled by the same requests and
 * measured before and after. Target: at most four times Redis's.
 */
import { readFileSync } from 'node:fs';
import { ErrorReply } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, hasRedis, requireDist, startServerProcess } from '../support/redisServer.ts';
import type { BenchRow } from './server.ts';

const KEYS = 1_000_000;
/** Keys of one MSET. */
const BATCH = 100;
/** Requests in flight. */
const WINDOW = 20;
const TARGET = 1 / 4;
const KIB = 1024;

/** Resident memory of the process, in bytes. */
const residentBytes = (server: ServerProcess): number => {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, 'latin1'));
  if (found === null) throw new Error('the system does not say how much memory a process has');
  return Number(found[1]) * KIB;
};

const fill = async (client: RawClient): Promise<void> => {
  let flying: Promise<unknown>[] = [];
  for (let first = 0; first < KEYS; first += BATCH) {
    const words = Array.from({ length: BATCH }, (_, index) => [`key:${first + index}`, `value:${first + index}`]).flat();
    flying.push(client.run('MSET', ...words).then((reply) => {
      if (reply instanceof ErrorReply) throw new Error(reply.text);
    }));
    if (flying.length < WINDOW) continue;
    await Promise.all(flying);
    flying = [];
  }
  await Promise.all(flying);
};

/** Bytes of a key and its value, with all that belongs to them. */
const bytesPerKey = async (kind: ServerKind): Promise<number> => {
  const server = await startServerProcess(kind);
  const client = await RawClient.open(server.port);
  try {
    const before = residentBytes(server);
    await fill(client);
    if (await client.run('DBSIZE') !== KEYS) throw new Error(`${kind} has not all keys`);
    return (residentBytes(server) - before) / KEYS;
  } finally {
    client.close();
    await server.stop();
  }
};

/** Null without a redis-server to compare with. */
export const memoryBench = async (progress: (line: string) => void): Promise<BenchRow | null> => {
  if (!hasRedis) return null;
  requireDist();
  const ours = await bytesPerKey('faultline');
  const theirs = await bytesPerKey('redis');
  progress(`memory: ${Math.round(ours)} bytes for a small key, redis-server ${Math.round(theirs)}`);
  const value = KIB * KIB / ours;
  const against = KIB * KIB / theirs;
  return { name: 'memory, a million small keys', value, unit: 'keys/MiB', target: TARGET, against, ratio: value / against };
};
