/**
 * The simulated clients over real sockets, against real servers and real sentinels: who follows a failover, who does not, and
 * what replicas are read from.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../engine/core/bytes.ts';
import type { BeliefNote } from '../../engine/core/notes.ts';
import { NodeHost } from '../../engine/node/nodeHost.ts';
import { History } from '../../sim/client/history.ts';
import { readerClient } from '../../sim/client/reader.ts';
import { type Recorder, type WriterSpec, workloadClient } from '../../sim/client/workload.ts';
import type { Locator } from '../../sim/scenario.ts';
import { eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment, NAME } from '../support/sentinelDeployment.ts';

const TEST_MS = 120_000;
const PERIOD_MS = 50;

/** Clients in this process, each with a host of its own, and what they noted. */
class Clients {
  readonly history: History = new History();
  private readonly directory = mkdtempSync(join(tmpdir(), 'faultline-clients-'));
  private isOver = false;
  private readonly recorder: Recorder;

  constructor() {
    const isOver = (): boolean => this.isOver;
    this.recorder = {
      history: this.history, now: () => Math.floor(performance.now() * 1000),
      get stopAtMicros() {
        return isOver() ? 0 : Number.MAX_SAFE_INTEGER;
      },
    };
  }

  write(name: string, locator: Locator): void {
    const spec: WriterSpec = { name, zone: 'a', kind: 'setAdd', operationsPerSecond: 1000 / PERIOD_MS, timeoutMs: 500, ...locator };
    workloadClient(spec, this.recorder, 0)(new NodeHost({ noteFile: this.notes(name) }));
  }

  readFromReplicas(name: string, sentinels: readonly string[]): void {
    readerClient({
      name, zone: 'a', kind: 'reader', operationsPerSecond: 1000 / PERIOD_MS, timeoutMs: 500, readsFrom: 'replicas',
      sentinel: { name: NAME, sentinels, listens: false },
    }, [bytes('nothing')], this.recorder, 0)(new NodeHost());
  }

  /** Whom it believed to be the primary, in order. */
  beliefs(name: string): readonly (string | null)[] {
    return readFileSync(this.notes(name), 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as BeliefNote).primary);
  }

  outcomes(name: string): readonly string[] {
    return this.history.operations.filter(({ client }) => client === name).map(({ outcome }) => outcome);
  }

  async end(): Promise<void> {
    this.isOver = true;
    await pause(4 * PERIOD_MS);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private notes(name: string): string {
    return join(this.directory, name);
  }
}

const pause = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

const LAST = 20;

/** Calls of GET that a server counts. */
const callsOfGet = (stats: string): number => Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0);

requireRedis(() => describe('simulated clients of a real Redis with sentinels', () => {
  it('follow a failover, unless they asked only once; readers read from the replica that is left', async () => {
    const kinds = ['redis', 'redis', 'redis'] as const;
    const plan = { servers: kinds, sentinels: kinds, quorum: 2 };
    await Deployment.with(plan, async (deployment) => {
      const sentinels = deployment.sentinels.map(({ port }) => `127.0.0.1:${port}`);
      const old = deployment.servers[0]?.port ?? 0;
      const clients = new Clients();
      const service = { name: NAME, sentinels };
      clients.write('plain', { sentinel: { ...service, listens: false } });
      clients.write('listening', { sentinel: { ...service, listens: true } });
      clients.write('once', { sentinelOnce: service });
      clients.readFromReplicas('reader', sentinels);
      try {
        await pause(2000);
        for (const name of ['plain', 'listening', 'once']) {
          expect(clients.beliefs(name)).toEqual([`127.0.0.1:${old}`]);
          expect(new Set(clients.outcomes(name).slice(-LAST, -2))).toEqual(new Set(['ok']));
        }
        await deployment.servers[0]?.stop();
        const promoted = await deployment.switched(old);
        await pause(3000);
        for (const name of ['plain', 'listening']) {
          expect(clients.beliefs(name)).toEqual([`127.0.0.1:${old}`, `127.0.0.1:${promoted}`]);
          expect(new Set(clients.outcomes(name).slice(-LAST, -2))).toEqual(new Set(['ok']));
        }
        expect(new Set(clients.beliefs('once'))).toEqual(new Set([`127.0.0.1:${old}`]));
        expect(new Set(clients.outcomes('once').slice(-LAST))).toEqual(new Set(['failed']));
        expect(new Set(clients.history.reads.slice(-LAST, -2).map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
        const replica = deployment.servers.find(({ port }) => port !== old && port !== promoted);
        expect(callsOfGet(replica?.cli('INFO', 'commandstats') ?? '')).toBeGreaterThan(0);
        // What was acknowledged since is there.
        const kept = new Set(deployment.server(promoted).cli('SMEMBERS', 'set:plain').split('\n'));
        const latest = clients.history.operations.filter(({ client, outcome }) => client === 'plain' && outcome === 'ok').slice(-LAST);
        for (const { token } of latest) expect(kept).toContain(token);
      } finally {
        await clients.end();
      }
    });
  }, TEST_MS);

  it('say both passwords; with one of them wrong nothing is written', async () => {
    await Deployment.with({ servers: ['redis'], sentinels: ['redis'], quorum: 1 }, async ({ servers, sentinels: [sentinel] }) => {
      sentinel?.cli('SENTINEL', 'SET', NAME, 'auth-pass', 'of nodes');
      servers[0]?.cli('CONFIG', 'SET', 'requirepass', 'of nodes');
      sentinel?.cli('ACL', 'SETUSER', 'default', 'resetpass', '>of sentinels');
      const clients = new Clients();
      const service = (password: string): Locator => (
        { sentinel: { name: NAME, sentinels: [`127.0.0.1:${sentinel?.port ?? 0}`], listens: true, password } });
      clients.write('both', { ...service('of sentinels'), password: 'of nodes' });
      clients.write('one', { ...service('of sentinels'), password: 'of sentinels' });
      clients.write('other', { ...service('of nodes'), password: 'of nodes' });
      try {
        await eventually(() => clients.outcomes('both').slice(-LAST), (last) => last.length === LAST && !last.includes('failed'));
        expect(new Set([...clients.outcomes('one'), ...clients.outcomes('other')])).toEqual(new Set(['failed']));
      } finally {
        await clients.end();
      }
    });
  }, TEST_MS);
}));
