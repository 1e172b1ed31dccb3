/** Failover by real sentinels and ours, over real servers and ours, in every mix: all agree, and one leads. */
import { describe, expect, it } from 'vitest';
import type { ServerKind, ServerProcess } from '../support/redisServer.ts';
import { eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment, type DeploymentPlan, NAME } from '../support/sentinelDeployment.ts';

const TEST_MS = 90_000;

const MIXES: readonly { readonly what: string; readonly servers: readonly ServerKind[]; readonly sentinels: readonly ServerKind[] }[] = [
  { what: 'our sentinels over real servers', servers: ['redis', 'redis', 'redis'], sentinels: ['faultline', 'faultline', 'faultline'] },
  { what: 'real sentinels over our servers', servers: ['faultline', 'faultline', 'faultline'], sentinels: ['redis', 'redis', 'redis'] },
  { what: 'two real sentinels and ours over mixed servers', servers: ['redis', 'faultline', 'redis'], sentinels: ['redis', 'redis', 'faultline'] },
];

/** A sentinel that shall lead asks first: the others find the primary down a little later. */
const led = (deployment: Deployment): readonly string[] =>
  deployment.sentinels.filter((sentinel) => sentinel.events.some(({ event }) => event === '+elected-leader')).map(({ kind }) => kind);

const killPrimary = async (deployment: Deployment): Promise<ServerProcess> => {
  const old = deployment.servers[0] as ServerProcess;
  await old.stop();
  return deployment.server(await deployment.switched(old.port));
};

requireRedis(() => describe('sentinels of both kinds', () => {
  for (const { what, servers, sentinels } of MIXES) {
    it(`${what} fail over a killed primary`, async () => {
      await Deployment.with({ servers, sentinels, quorum: 2 }, async (deployment) => {
        const primary = await killPrimary(deployment);
        expect(led(deployment)).toHaveLength(1);
        await eventually(() => primary.cli('INFO', 'replication'), (text) =>
          text.includes('role:master') && text.includes('connected_slaves:1'));
        await eventually(() => deployment.sentinels.map((sentinel) => sentinel.cli('SENTINEL', 'CKQUORUM', NAME)), (answers) =>
          answers.every((answer) => answer.startsWith('OK 3 usable Sentinels')));
      });
    }, TEST_MS);
  }

  for (const leader of ['redis', 'faultline'] as const) {
    it(`two real sentinels and ours agree when ${leader === 'redis' ? 'a real one' : 'ours'} leads`, async () => {
      const plan: DeploymentPlan = { servers: ['redis', 'redis', 'faultline'], sentinels: ['redis', 'redis', 'faultline'], quorum: 1 };
      await Deployment.with(plan, async (deployment) => {
        // With quorum 1 whoever finds the primary down first leads; the others still vote.
        for (const sentinel of deployment.sentinels) {
          sentinel.cli('SENTINEL', 'SET', NAME, 'down-after-milliseconds', sentinel.kind === leader ? '1000' : '8000');
        }
        await killPrimary(deployment);
        expect(led(deployment)).toEqual([leader]);
      });
    }, TEST_MS);
  }
}));
