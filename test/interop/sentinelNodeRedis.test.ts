/** node-redis's own way through sentinels, on servers and sentinels of ours: after a failover it writes to the promoted one. */
import { createSentinel } from 'redis';
import { expect, it } from 'vitest';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment, NAME } from '../support/sentinelDeployment.ts';

const TEST_MS = 120_000;
const KEYS = 20;
const AGAIN_MS = 50;

const pause = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

requireRedis(() => it('node-redis createSentinel follows a failover', async () => {
  const kinds = ['faultline', 'faultline', 'faultline'] as const;
  await Deployment.with({ servers: kinds, sentinels: kinds, quorum: 2 }, async (deployment) => {
    const client = createSentinel({
      name: NAME, sentinelRootNodes: deployment.sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
    });
    client.on('error', () => {});
    await client.connect();
    try {
      for (let key = 0; key < KEYS; key++) expect(await client.set(`before:${key}`, 'value')).toBe('OK');
      const [first] = deployment.servers;
      const old = first?.port ?? 0;
      await first?.stop('SIGKILL');
      const promoted = await deployment.switched(old);
      const until = Date.now() + TEST_MS / 3;
      while (await client.set('found', 'yes').catch(() => null) !== 'OK') {
        if (Date.now() > until) throw new Error('no write reached the promoted node');
        await pause(AGAIN_MS);
      }
      for (let key = 0; key < KEYS; key++) expect(await client.set(`after:${key}`, 'value')).toBe('OK');
      // Asked of the node itself: that is where they went.
      expect(deployment.server(promoted).cli('KEYS', 'after:*').split('\n')).toHaveLength(KEYS);
    } finally {
      client.destroy();
    }
  });
}, TEST_MS));
