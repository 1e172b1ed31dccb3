/**
 * A running deployment, real and ours mixed, is changed over one process at a time: each is stopped with SIGTERM, and one of
 * the other kind starts on the same directory, port and configuration file. Meanwhile clients write without a pause.
 * Replication IDs and data carry over, synchronisations stay partial where Redis keeps them, and no write that was
 * acknowledged is missing anywhere at the end.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, freePort, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { type Words, anyWrite, interopSeed, runsOf } from './randomCommands.ts';
import { digest, fields, until, untilInStep, untilLinked } from './serverState.ts';

/** How often every process is changed over. */
const ROUNDS = runsOf(2);
const TEST_MS = 60_000 + ROUNDS * 60_000;
const WRITERS = 3;
/** Between two changes so many more writes are acknowledged. */
const WRITES_BETWEEN = 150;
/** Random writes that a writer repeats. */
const OTHER_WRITES = 1000;

const CONFIGURATION = `# One file for both.
repl-diskless-sync-delay 0
repl-timeout 10
repl-backlog-size 64mb
enable-debug-command "local"

appendfsync everysec
loglevel notice
`;

/** A place in the deployment: who runs there changes, where it listens and what it keeps does not. */
class Place {
  readonly port: number;
  readonly directory: string;
  readonly name: string;
  kind: ServerKind;
  private readonly file: string;
  private readonly directives: readonly string[];
  private running: ServerProcess | null = null;

  constructor(name: string, root: string, port: number, kind: ServerKind, directives: readonly string[]) {
    this.name = name;
    this.directory = join(root, name);
    this.file = join(root, 'redis.conf');
    this.port = port;
    this.kind = kind;
    this.directives = ['--dir', this.directory, '--save', '3600', '1', ...directives];
    mkdirSync(this.directory);
  }

  async start(): Promise<void> {
    this.running = await startServerProcess(this.kind, this.directives, [], [this.file], this.port);
  }

  async changeOver(): Promise<void> {
    // After a full synchronisation the file is written anew, and until then a server refuses to end.
    await until(() => fields(this, 'aof_rewrite_in_progress', 'aof_rewrite_scheduled'), (states) => states.join() === '0,0');
    expect(await this.running?.stop('SIGTERM'), `${this.kind} as ${this.name} ends in order`).toBe(0);
    this.kind = this.kind === 'redis' ? 'faultline' : 'redis';
    await this.start();
  }

  async stop(): Promise<void> {
    await this.running?.stop();
  }
}

/** What would take the members away, or move them. */
const SWEEPING: ReadonlySet<string> = new Set(['FLUSHALL', 'FLUSHDB', 'SWAPDB']);

/**
 * Writes unique members, one after the other, and keeps those that were acknowledged; what was not is not sent again.
 * Between them come random writes to keys of every type.
 */
class Writer {
  readonly acknowledged: string[] = [];
  private readonly client: Redis;
  private readonly end: Promise<void>;
  private isOver = false;

  constructor(name: string, port: number, seed: number) {
    this.client = new Redis(port, '127.0.0.1', {
      enableReadyCheck: false, maxRetriesPerRequest: 0, retryStrategy: () => 20, autoResendUnfulfilledCommands: false,
    });
    this.client.on('error', () => {});
    const others = fc.sample(anyWrite, { seed, numRuns: OTHER_WRITES }).filter(([command]) => !SWEEPING.has(command ?? ''));
    this.end = this.write(name, others);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.end;
    this.client.disconnect();
  }

  private async write(name: string, others: readonly Words[]): Promise<void> {
    for (let index = 0; !this.isOver; index++) {
      const [command = 'PING', ...words] = others[index % others.length] ?? [];
      await this.client.call(command, ...words.map((word) => Buffer.from(word, 'latin1'))).catch(() => {});
      const member = `${name}:${index}`;
      const isDone = await this.client.sadd('written', member).then((added) => added === 1, () => false);
      if (isDone) this.acknowledged.push(member);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

interface Deployment {
  readonly primary: Place;
  readonly replicas: readonly Place[];
  readonly writers: readonly Writer[];
}

const withDeployment = async (directives: readonly string[], use: (deployment: Deployment) => Promise<void>): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'faultline-swap-'));
  writeFileSync(join(root, 'redis.conf'), CONFIGURATION);
  const primary = new Place('primary', root, await freePort(), 'redis', directives);
  const following = [...directives, '--replicaof', '127.0.0.1', String(primary.port)];
  const replicas: Place[] = [];
  for (const kind of ['faultline', 'redis'] as const) {
    replicas.push(new Place(`replica-${kind}`, root, await freePort(), kind, following));
  }
  const writers: Writer[] = [];
  const seed = interopSeed();
  try {
    for (const place of [primary, ...replicas]) await place.start();
    for (const replica of replicas) await untilLinked(replica);
    for (let index = 0; index < WRITERS; index++) writers.push(new Writer(`w${index}`, primary.port, seed + index));
    await use({ primary, replicas, writers });
  } catch (error) {
    throw new Error(`FAULTLINE_INTEROP_SEED=${seed}: ${String(error)}`, { cause: error });
  } finally {
    await Promise.all(writers.map((writer) => writer.stop()));
    for (const place of [primary, ...replicas]) await place.stop();
    rmSync(root, { recursive: true, force: true });
  }
};

const total = (writers: readonly Writer[]): number =>
  writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);

/** The service is there: every writer gets on, and both replicas follow. */
const untilWriting = async ({ writers, replicas }: Deployment): Promise<void> => {
  const before = writers.map((writer) => writer.acknowledged.length);
  await until(async () => writers.map((writer) => writer.acknowledged.length), (now) =>
    now.every((size, place) => size > (before[place] as number) + WRITES_BETWEEN / WRITERS));
  for (const replica of replicas) await untilLinked(replica);
};

const syncs = async (place: Place): Promise<{ readonly full: number; readonly partial: number }> => {
  const [full, partial] = await fields(place, 'sync_full', 'sync_partial_ok');
  return { full: Number(full), partial: Number(partial) };
};

/** No acknowledged write is missing on any node, and all have the same data. */
const expectNothingLost = async ({ primary, replicas, writers }: Deployment): Promise<void> => {
  await Promise.all(writers.map((writer) => writer.stop()));
  await untilInStep(primary, replicas);
  for (const place of [primary, ...replicas]) {
    const client = new Redis(place.port, '127.0.0.1');
    const kept = new Set(await client.smembers('written'));
    client.disconnect();
    const lost = writers.flatMap((writer) => writer.acknowledged).filter((member) => !kept.has(member));
    expect(lost, `acknowledged and not on ${place.name}`).toEqual([]);
    expect(await digest(place), place.name).toBe(await digest(primary));
  }
};

describe('a running deployment is changed over in place', () => requireRedis(() => {
  it('with snapshots: histories go on, every synchronisation is partial, nothing is lost', () => withDeployment([],
    async (deployment) => {
      const { primary, replicas, writers } = deployment;
      await untilWriting(deployment);
      for (let round = 0; round < ROUNDS; round++) {
        for (const replica of replicas) {
          const before = await syncs(primary);
          const [id] = await fields(primary, 'master_replid');
          await replica.changeOver();
          await untilWriting(deployment);
          expect(await syncs(primary), `${replica.name} is ${replica.kind}`)
            .toEqual({ full: before.full, partial: before.partial + 1 });
          expect(await fields(replica, 'master_replid')).toEqual([id]);
        }
        const [id] = await fields(primary, 'master_replid');
        await primary.changeOver();
        await untilWriting(deployment);
        expect(await syncs(primary), `the primary is ${primary.kind}`).toEqual({ full: 0, partial: replicas.length });
        const [fresh, second] = await fields(primary, 'master_replid', 'master_replid2');
        expect(second).toBe(id);
        for (const replica of replicas) expect(await fields(replica, 'master_replid', 'master_replid2')).toEqual([fresh, id]);
      }
      expect(total(writers)).toBeGreaterThan(ROUNDS * WRITES_BETWEEN);
      await expectNothingLost(deployment);
    }), TEST_MS);

  it('with the append-only file: data carry over, synchronisations are full, nothing is lost', () => withDeployment(
    ['--appendonly', 'yes'], async (deployment) => {
      const { primary, replicas } = deployment;
      await untilWriting(deployment);
      for (let round = 0; round < ROUNDS; round++) {
        for (const replica of replicas) {
          const before = await syncs(primary);
          await replica.changeOver();
          await untilWriting(deployment);
          expect(await syncs(primary), `${replica.name} is ${replica.kind}`)
            .toEqual({ full: before.full + 1, partial: before.partial });
        }
        await primary.changeOver();
        await untilWriting(deployment);
        expect((await syncs(primary)).partial, `the primary is ${primary.kind}`).toBe(0);
      }
      await expectNothingLost(deployment);
    }), TEST_MS);
}));
