/**
 * A sentinel's own rewritten file in the other's hands, simulated crashes of the leader with a successor of the other kind, and
 * a client library that asks our sentinels.
 */
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment, NAME, fields } from '../support/sentinelDeployment.ts';
import type { SentinelProcess } from '../support/sentinelProcess.ts';

const TEST_MS = 120_000;

/** The lines of a file that are about its state, in any order. */
const state = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('sentinel ')).sort();

/** What of it must not depend on who wrote it: epochs move on by themselves. */
const lasting = (lines: readonly string[]): readonly string[] => lines.filter((line) => !/epoch/.test(line));

const OTHER: Readonly<Record<ServerKind, ServerKind>> = { redis: 'faultline', faultline: 'redis' };

requireRedis(() => describe('sentinels that take each other\'s place', () => {
  for (const kind of ['redis', 'faultline'] as const) {
    it(`a ${kind} sentinel is swapped for the other kind on its own file, and back`, async () => {
      await Deployment.with({ servers: ['redis', 'redis'], sentinels: [kind, kind, kind], quorum: 2 }, async (deployment) => {
        const old = deployment.servers[0] as ServerProcess;
        const first = deployment.sentinels[0] as SentinelProcess;
        const before = state(first.configuration());
        const id = first.cli('SENTINEL', 'MYID');
        await first.stop('SIGTERM');
        const second = await first.restart(OTHER[kind]);
        deployment.sentinels[0] = second;
        expect(second.cli('SENTINEL', 'MYID')).toBe(id);
        expect(lasting(state(second.configuration()))).toEqual(lasting(before));
        await deployment.everybodyKnown(1);
        await old.stop();
        const port = await deployment.switched(old.port);
        const switched = state(second.configuration());
        expect(switched).toContain(`sentinel monitor ${NAME} 127.0.0.1 ${port} 2`);
        await second.stop('SIGTERM');
        const third = await second.restart(kind);
        deployment.sentinels[0] = third;
        expect(third.cli('SENTINEL', 'MYID')).toBe(id);
        expect(deployment.primaryPort(third)).toBe(port);
        expect(lasting(state(third.configuration()))).toEqual(lasting(switched));
        expect(Number(fields(third.cli('SENTINEL', 'MASTER', NAME)).get('config-epoch'))).toBeGreaterThan(0);
      });
    }, TEST_MS);
  }

  for (const [kind, failure] of [['redis', 'crash-after-election'], ['faultline', 'crash-after-election'],
    ['redis', 'crash-after-promotion'], ['faultline', 'crash-after-promotion']] as const) {
    it(`the failover of a ${kind} leader that meets ${failure} is finished by the others`, async () => {
      const plan = {
        servers: ['redis', 'redis', 'redis'], sentinels: [kind, OTHER[kind], OTHER[kind]], quorum: 1, failoverTimeoutMs: 3000,
      } as const;
      await Deployment.with(plan, async (deployment) => {
        const [leader, ...others] = deployment.sentinels as [SentinelProcess, ...SentinelProcess[]];
        leader.cli('SENTINEL', 'SIMULATE-FAILURE', failure);
        for (const other of others) other.cli('SENTINEL', 'SET', NAME, 'down-after-milliseconds', '4000');
        const old = deployment.servers[0] as ServerProcess;
        await old.stop();
        await eventually(() => leader.isRunning(), (isRunning) => !isRunning);
        const port = await deployment.switched(old.port, 60_000);
        expect(leader.log()).toContain('Sentinel CRASH because of SENTINEL simulate-failure');
        await eventually(() => deployment.server(port).cli('INFO', 'replication'), (text) =>
          text.includes('role:master') && text.includes('connected_slaves:1'));
      });
    }, TEST_MS);
  }

  it('ioredis follows our sentinels through a failover', async () => {
    const plan = {
      servers: ['faultline', 'faultline', 'faultline'], sentinels: ['faultline', 'faultline', 'faultline'], quorum: 2,
    } as const;
    await Deployment.with(plan, async (deployment) => {
      const client = new Redis({
        sentinels: deployment.sentinels.map(({ port }) => ({ host: '127.0.0.1', port })), name: NAME,
      });
      client.on('error', () => {});
      try {
        await client.set('before', '1');
        const old = deployment.servers[0] as ServerProcess;
        await old.stop();
        await deployment.switched(old.port);
        await client.set('after', '2');
        expect(await client.get('after')).toBe('2');
      } finally {
        client.disconnect();
      }
    });
  }, TEST_MS);
}));
