/** Who is down, for how long it must be silent, and what others have to say to it. */
import { describe, expect, test } from 'vitest';
import { error } from '../../../../engine/protocol/reply.ts';
import { PRIMARY, SentinelBench } from '../../../support/sentinelBench.ts';

const SLACK_MS = 250;

describe('subjectively down', () => {
  test('only when the first PING without a valid reply is older than down-after', () => {
    const bench = new SentinelBench();
    bench.group(0);
    bench.start();
    bench.silence(PRIMARY);
    // The next PING goes out within a second; from then on it counts.
    while (bench.primary.link.activePingMs === 0) bench.host.advance(1);
    const pingedMs = bench.primary.link.activePingMs;
    bench.host.advance(pingedMs + 5000 - bench.host.nowMs);
    expect(bench.primary.isSdown).toBe(false);
    bench.host.advance(SLACK_MS);
    expect(bench.primary.isSdown).toBe(true);
    expect(bench.primary.sdownSinceMs).toBeGreaterThan(pingedMs + 5000);
  });

  test('a node that never answered counts from the start', () => {
    const bench = new SentinelBench();
    bench.start();
    bench.host.advance(3400);
    expect(bench.primary.isSdown).toBe(false);
    bench.host.advance(400);
    expect(bench.primary.isSdown).toBe(true);
    expect(bench.events()).toContain('+sdown master one 10.0.1.1 6379');
  });

  test.each(['LOADING Redis is loading', 'MASTERDOWN Link is down'])('alive: %s', (text) => {
    const bench = new SentinelBench();
    bench.group(0).primary.ping = error(text);
    bench.start();
    bench.host.advance(10_000);
    expect(bench.primary.isSdown).toBe(false);
  });

  test.each(['BUSY script', 'MISCONF disk', 'NOAUTH password', 'ERR other'])('not a valid reply, yet the connection is kept: %s', (text) => {
    const bench = new SentinelBench();
    const { primary } = bench.group(0);
    bench.start();
    primary.ping = error(text);
    bench.host.advance(30_000);
    expect(bench.primary.isSdown).toBe(true);
    expect(primary.said.filter((said) => said === 'SCRIPT KILL')).toHaveLength(text.startsWith('BUSY') ? 1 : 0);
    expect(bench.host.connections).toHaveLength(2);
  });

  test('it comes back with its next PONG', () => {
    const bench = new SentinelBench();
    const { primary } = bench.group(0);
    bench.start();
    primary.ping = error('MISCONF disk');
    bench.host.advance(8000);
    expect(bench.primary.isSdown).toBe(true);
    primary.ping = error('LOADING');
    bench.host.advance(1500);
    expect(bench.primary.isSdown).toBe(false);
    expect(bench.eventNames().filter((name) => name.endsWith('sdown'))).toEqual(['+sdown', '-sdown']);
  });

  test('a silent connection is made anew after half of down-after, not before it is 15 s old', () => {
    const bench = new SentinelBench({ lines: ['down-after-milliseconds one 60000'] });
    bench.group(0);
    bench.start();
    bench.silence(PRIMARY);
    bench.host.advance(30_000);
    const opened = bench.host.connections.length;
    bench.host.advance(2500);
    expect(bench.host.connections.length).toBeGreaterThan(opened);
  });

  test('a primary that calls itself a replica, for longer than down-after and two INFO periods', () => {
    const bench = new SentinelBench();
    const { primary } = bench.group(0);
    bench.start();
    primary.role = 'replica';
    primary.follows = '10.0.1.9:6379';
    while (bench.primary.roleReported === 'primary') bench.host.advance(50);
    bench.host.advance(5000 + 20_000 - 100);
    expect(bench.primary.isSdown).toBe(false);
    bench.host.advance(400);
    expect(bench.primary.isSdown).toBe(true);
  });
});

describe('objectively down', () => {
  const withPeers = (): { bench: SentinelBench; peers: ReturnType<SentinelBench['peer']>[] } => {
    const bench = new SentinelBench({ quorum: 3 });
    bench.group(0);
    const peers = ['1', '2', '3'].map((digit) => bench.peer(digit));
    bench.start();
    return { bench, peers };
  };

  test('when itself and the others that say so reach the quorum', () => {
    const { bench, peers } = withPeers();
    bench.silence(PRIMARY);
    Object.assign(peers[0] as object, { isDown: true });
    bench.host.advance(9000);
    expect(bench.primary.isSdown).toBe(true);
    expect(bench.primary.isOdown).toBe(false);
    Object.assign(peers[1] as object, { isDown: true });
    bench.host.advance(1500);
    expect(bench.primary.isOdown).toBe(true);
    expect(bench.events()).toContain('+odown master one 10.0.1.1 6379 #quorum 3/3');
  });

  test('what a sentinel said counts for five seconds', () => {
    const { bench, peers } = withPeers();
    for (const peer of peers) peer.isDown = true;
    bench.silence(PRIMARY);
    bench.host.advance(7500);
    expect(bench.primary.isOdown).toBe(true);
    for (const peer of peers) peer.isSilent = true;
    bench.host.advance(3500);
    expect(bench.primary.isOdown).toBe(true);
    bench.host.advance(2500);
    expect(bench.primary.isOdown).toBe(false);
    expect(bench.primary.isSdown).toBe(true);
  });

  test('the others are asked once a second, and only while it is down for us', () => {
    const { bench, peers } = withPeers();
    bench.host.advance(5000);
    expect(peers[0]?.asked).toEqual([]);
    bench.silence(PRIMARY);
    bench.host.advance(7500);
    const before = peers[0]?.asked.length ?? 0;
    expect(before).toBeGreaterThan(0);
    bench.host.advance(10_000);
    const asked = (peers[0]?.asked.length ?? 0) - before;
    expect(asked).toBeGreaterThanOrEqual(8);
    expect(asked).toBeLessThanOrEqual(10);
    expect(peers[0]?.asked[0]).toBe('SENTINEL is-master-down-by-addr 10.0.1.1 6379 0 *');
  });
});

describe('TILT', () => {
  test.each([-10_000, 5000])('a clock that jumps by %i ms stops it from acting for 30 s', (jumpMs) => {
    const bench = new SentinelBench();
    bench.group(0);
    bench.start();
    bench.silence(PRIMARY);
    bench.host.advance(500);
    bench.host.jump(jumpMs);
    bench.host.advance(300);
    expect(bench.sentinel.isTilted).toBe(true);
    bench.host.advance(29_000);
    expect(bench.primary.isSdown).toBe(false);
    expect(bench.run('sentinel', 'is-master-down-by-addr', '10.0.1.1', '6379', '0', '*')).toEqual([0, '*', 0]);
    bench.host.advance(1500);
    expect(bench.sentinel.isTilted).toBe(false);
    expect(bench.primary.isSdown).toBe(true);
    expect(bench.eventNames().filter((name) => name.endsWith('tilt'))).toEqual(['+tilt', '-tilt']);
  });

  test('down is not said then, but a vote is given', () => {
    const bench = new SentinelBench();
    bench.start();
    bench.host.advance(5000);
    expect(bench.primary.isSdown).toBe(true);
    bench.sentinel.isTilted = true;
    const candidate = 'b'.repeat(40);
    expect(bench.run('sentinel', 'is-master-down-by-addr', '10.0.1.1', '6379', '5', candidate)).toEqual([0, candidate, 5]);
  });
});
