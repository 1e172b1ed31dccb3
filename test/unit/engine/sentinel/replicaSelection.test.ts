/** Which replica is promoted, against the rules written out plainly. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { selectReplica } from '../../../../engine/sentinel/replicaSelection.ts';
import { SentinelBench } from '../../../support/sentinelBench.ts';

interface Candidate {
  readonly isSdown: boolean;
  readonly isDisconnected: boolean;
  readonly availableAgoMs: number;
  readonly infoAgoMs: number;
  readonly linkDownMs: number;
  readonly priority: number;
  readonly offset: number;
  readonly runId: string | null;
}

const mostly = (usual: number, ...others: readonly number[]): fc.Arbitrary<number> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const candidate: fc.Arbitrary<Candidate> = fc.record({
  isSdown: fc.integer({ max: 7, min: 0 }).map((drawn) => drawn === 0),
  isDisconnected: fc.integer({ max: 7, min: 0 }).map((drawn) => drawn === 0),
  availableAgoMs: mostly(100, 5000, 5001, 60_000),
  infoAgoMs: mostly(500, 5000, 5001, 30_000, 30_001),
  linkDownMs: mostly(0, -1000, 50_000, 50_001, 57_000, 57_001),
  priority: fc.constantFrom(0, 1, 100, 100),
  offset: fc.constantFrom(0, 10, 10, 20),
  runId: fc.option(fc.constantFrom('A'.repeat(40), 'b'.repeat(40), 'C'.repeat(40)), { nil: null }),
});

const DOWN_FOR_MS = 7000;
const DOWN_AFTER_MS = 5000;

/** The rules, one after the other. */
const isGood = (one: Candidate, primaryIsDown: boolean): boolean => {
  if (one.isSdown || one.isDisconnected || one.priority === 0) return false;
  if (one.availableAgoMs > 5000) return false;
  if (one.infoAgoMs > (primaryIsDown ? 5000 : 30_000)) return false;
  return one.linkDownMs <= (primaryIsDown ? DOWN_FOR_MS : 0) + 10 * DOWN_AFTER_MS;
};

const isBetter = (left: Candidate, right: Candidate): boolean => {
  if (left.priority !== right.priority) return left.priority < right.priority;
  if (left.offset !== right.offset) return left.offset > right.offset;
  if (right.runId === null) return left.runId !== null;
  return left.runId !== null && left.runId.toLowerCase() < right.runId.toLowerCase();
};

test('property: the best of the good ones by priority, offset and run ID', () => {
  fc.assert(fc.property(fc.array(candidate, { maxLength: 5 }), fc.boolean(), (candidates, primaryIsDown) => {
    const bench = new SentinelBench();
    const { sentinel, primary, host } = bench;
    primary.isSdown = primaryIsDown;
    primary.sdownSinceMs = host.nowMs - DOWN_FOR_MS;
    for (const [index, one] of candidates.entries()) {
      const replica = sentinel.addReplica(primary, bytes(`10.0.3.${index}`), 6379);
      if (replica === null) throw new Error('the address is good');
      Object.assign(replica, {
        isSdown: one.isSdown, infoMs: host.nowMs - one.infoAgoMs, primaryLinkDownMs: one.linkDownMs,
        priority: one.priority, replOffset: one.offset, runId: one.runId,
      });
      replica.link.isDisconnected = one.isDisconnected;
      replica.link.lastAvailableMs = host.nowMs - one.availableAgoMs;
    }
    const good = candidates.map((one, index) => ({ one, index })).filter(({ one }) => isGood(one, primaryIsDown));
    const best = good.reduce<(typeof good)[number] | null>(
      (found, next) => (found === null || isBetter(next.one, found.one) ? next : found), null);
    const selected = selectReplica(sentinel, primary);
    expect(selected?.address.ip ?? null).toBe(best === null ? null : `10.0.3.${best.index}`);
  }), { numRuns: 500 });
});

test('the planted bug promotes priority 0', () => {
  const bench = new SentinelBench({ bugs: { promotesPriorityZero: true } });
  const { replicas } = bench.group(1);
  (replicas[0] as { priority: number }).priority = 0;
  bench.start();
  bench.host.advance(2000);
  expect(selectReplica(bench.sentinel, bench.primary)?.priority).toBe(0);
});
