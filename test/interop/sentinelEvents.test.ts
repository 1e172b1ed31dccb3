/**
 * The order of events of a failover, ours against several real runs recorded here: per role the same events, with the same
 * forms of arguments, in an order that no real run contradicts; and our virtual time from kill to switch against the real one.
 */
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { Deployment } from '../support/sentinelDeployment.ts';
import { type Part, differences, partOf } from './eventOrder.ts';

const REAL_RUNS = Number(process.env['FAULTLINE_INTEROP_RUNS'] ?? 4);
const OUR_RUNS = 2;
const TEST_MS = 240_000;
/** After the switch the others are told, and the dead primary is found to be down again. */
const AFTER_SWITCH_MS = 3000;

/** One failover by three sentinels of a kind over servers of the same kind: what each of them published from the kill on. */
const failover = async (kind: ServerKind): Promise<readonly Part[]> => {
  const parts: Part[] = [];
  await Deployment.with({ servers: [kind, kind, kind], sentinels: [kind, kind, kind], quorum: 2 }, async (deployment) => {
    const killedAt = Date.now();
    const old = deployment.servers[0] as ServerProcess;
    await old.stop();
    await deployment.switched(old.port);
    const until = Date.now() + AFTER_SWITCH_MS;
    await eventually(() => Date.now(), (now) => now > until);
    for (const sentinel of deployment.sentinels) parts.push(partOf(sentinel.events.filter(({ atMs }) => atMs >= killedAt)));
  });
  return parts;
};

requireRedis(() => describe('the events of a failover', () => {
  it('are those of real sentinels, in an order that they do not contradict', async () => {
    const real: Part[] = [];
    for (let run = 0; run < REAL_RUNS; run++) real.push(...await failover('redis'));
    for (const role of ['leader', 'voter'] as const) {
      const others = real.filter((part) => part.role === role);
      // The recorded runs themselves agree on the chain: else the comparison says nothing.
      for (const part of others) expect(differences(part, others)).toEqual([]);
    }
    for (let run = 0; run < OUR_RUNS; run++) {
      const parts = await failover('faultline');
      expect(parts.filter(({ role }) => role === 'leader')).toHaveLength(1);
      for (const part of parts) {
        expect(differences(part, real.filter(({ role }) => role === part.role)), `a ${part.role} of ours: ${part.order.join(' ')}`).toEqual([]);
      }
    }
  }, TEST_MS);
}));
