/** What INFO makes a sentinel do: replicas found, reboots seen, nodes that went astray put right. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { refreshInfo } from '../../../../engine/sentinel/infoReply.ts';
import { type FakeNode, PRIMARY, SentinelBench } from '../../../support/sentinelBench.ts';

const REPLICA = '10.0.1.2:6379';

const deploy = (lines: readonly string[] = []): { bench: SentinelBench; primary: FakeNode; replica: FakeNode } => {
  const bench = new SentinelBench({ lines });
  const { primary, replicas } = bench.group(1);
  bench.start();
  bench.host.advance(2000);
  bench.events();
  return { bench, primary, replica: replicas[0] as FakeNode };
};

test('replicas are found in the INFO of their primary, and saved', () => {
  const { bench } = deploy();
  expect([...bench.primary.replicas.keys()]).toEqual([REPLICA]);
  expect(bench.saves).toBe(1);
  expect(bench.replica(REPLICA)).toMatchObject({ priority: 100, replOffset: 1000, primaryHost: '10.0.1.1', primaryPort: 6379, primaryLinkUp: true });
});

test('INFO is asked every 10 s, every second of a replica whose link is down', () => {
  const { bench, replica } = deploy();
  const count = (): number => replica.said.filter((said) => said === 'INFO').length;
  bench.host.advance(10_500);
  const before = count();
  bench.host.advance(20_000);
  expect(count() - before).toBe(2);
  replica.linkDownSeconds = 3;
  bench.host.advance(11_000);
  const since = count();
  bench.host.advance(10_000);
  expect(count() - since).toBeGreaterThanOrEqual(8);
  expect(bench.replica(REPLICA).primaryLinkDownMs).toBe(3000);
});

test('a node that tells no role is not what it was, is shown as a replica, and is not down for it', () => {
  const { bench } = deploy();
  refreshInfo(bench.sentinel, bench.primary, bytes('connected_slaves:0\r\n'));
  expect(bench.events()).toEqual(['-role-change master one 10.0.1.1 6379 new reported role is slave']);
  expect(bench.primary).toMatchObject({ roleReported: null, isSdown: false });
  bench.host.advance(11_000);
  expect(bench.events()).toEqual(['+role-change master one 10.0.1.1 6379 new reported role is master']);
});

test('another run ID is a reboot; with a period for it, a primary that does not come back is down then', () => {
  const { bench, primary } = deploy(['master-reboot-down-after-period one 3000']);
  primary.runId = 'f'.repeat(40);
  bench.host.advance(10_500);
  expect(bench.eventNames()).toContain('+reboot');
  // It answers PONG: nothing is wrong.
  bench.host.advance(4000);
  expect(bench.primary.isRebooting).toBe(false);
  expect(bench.primary.isSdown).toBe(false);
});

describe('nodes that went astray', () => {
  test('a replica that calls itself primary is converted after more than 8 s', () => {
    const { bench, replica } = deploy();
    replica.role = 'primary';
    while (bench.replica(REPLICA).roleReported === 'replica') bench.host.advance(100);
    const sinceMs = bench.host.nowMs;
    while (!replica.said.includes('slaveof 10.0.1.1 6379')) bench.host.advance(100);
    expect(bench.host.nowMs - sinceMs).toBeGreaterThan(8000);
    expect(bench.eventNames()).toContain('+convert-to-slave');
  });

  test('a replica of the wrong primary is put right after more than failover-timeout', () => {
    const { bench, replica } = deploy();
    replica.follows = '10.0.1.7:6379';
    while (bench.replica(REPLICA).primaryHost === '10.0.1.1') bench.host.advance(100);
    const sinceMs = bench.host.nowMs;
    while (!replica.said.includes('slaveof 10.0.1.1 6379')) bench.host.advance(100);
    expect(bench.host.nowMs - sinceMs).toBeGreaterThan(20_000);
    expect(bench.eventNames()).toContain('+fix-slave-config');
  });

  test('neither, while the primary is not in good order', () => {
    const { bench, replica } = deploy();
    bench.silence(PRIMARY);
    replica.role = 'primary';
    bench.host.advance(60_000);
    expect(replica.said.some((said) => said.startsWith('slaveof'))).toBe(false);
  });
});
