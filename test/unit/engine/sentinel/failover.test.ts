/** A failover from its start to the switch, and every way in which it ends early. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { type BenchOptions, type FakeNode, type FakePeer, OWN_ID, PRIMARY, SentinelBench } from '../../../support/sentinelBench.ts';

const REPLICA = '10.0.1.2:6379';
const OTHER = '10.0.1.3:6379';

interface Deployment {
  readonly bench: SentinelBench;
  readonly primary: FakeNode;
  readonly replicas: readonly [FakeNode, FakeNode];
  readonly peers: readonly FakePeer[];
}

/** A primary with two replicas, of which the first is ahead, and two more sentinels; all is well and known. */
const deploy = (options: BenchOptions = {}): Deployment => {
  const bench = new SentinelBench(options);
  const { primary, replicas: [first, second] } = bench.group(2) as { primary: FakeNode; replicas: [FakeNode, FakeNode] };
  first.offset = 2000;
  const peers = ['1', '2'].map((digit) => bench.peer(digit));
  bench.start();
  bench.host.advance(12_000);
  bench.events();
  return { bench, primary, replicas: [first, second], peers };
};

/** The primary dies, the other sentinels agree; runs until the failover has started. */
const kill = ({ bench, peers }: Deployment, votesFor: string | null = 'asker'): void => {
  bench.silence(PRIMARY);
  for (const peer of peers) Object.assign(peer, { isDown: true, votesFor });
  for (let tries = 0; bench.primary.failoverState === 'none' && tries < 300; tries++) bench.host.advance(50);
  expect(bench.primary.failoverState).not.toBe('none');
};

const runUntil = (bench: SentinelBench, isDone: () => boolean, limitMs = 60_000): void => {
  for (let passedMs = 0; !isDone(); passedMs += 50) {
    if (passedMs > limitMs) throw new Error(`still ${bench.primary.failoverState} after ${limitMs} ms`);
    bench.host.advance(50);
  }
};

/** What a node does with REPLICAOF: it obeys. */
const obey = (node: FakeNode, from: string): void => {
  const command = [...node.said].reverse().find((said) => said.startsWith('slaveof '));
  if (command === undefined) return;
  node.role = command === 'slaveof NO ONE' ? 'primary' : 'replica';
  node.follows = command === 'slaveof NO ONE' ? null : command.replace('slaveof ', '').replace(' ', ':');
  if (node.follows === from) node.linkDownSeconds = null;
};

describe('a failover', () => {
  test('goes through its states, in order, and ends with the switch', () => {
    const deployment = deploy();
    const { bench, replicas: [first, second] } = deployment;
    kill(deployment);
    expect(bench.sentinel.currentEpoch).toBe(1);
    runUntil(bench, () => bench.primary.failoverState === 'wait-promotion');
    expect(first.said.slice(first.said.indexOf('MULTI')).filter((said) => said !== 'PING' && said !== 'INFO').slice(0, 6)).toEqual([
      'MULTI', 'slaveof NO ONE', 'CONFIG REWRITE', 'CLIENT KILL TYPE normal', 'CLIENT KILL TYPE pubsub', 'EXEC',
    ]);
    expect(bench.primary.configEpoch).toBe(0);
    expect(bench.run('sentinel', 'get-master-addr-by-name', 'one')).toEqual(['10.0.1.1', '6379']);
    obey(first, REPLICA);
    runUntil(bench, () => bench.primary.failoverState === 'reconf-replicas');
    // From now on this is what clients hear, and what is written.
    expect(bench.primary.configEpoch).toBe(1);
    expect(bench.run('sentinel', 'get-master-addr-by-name', 'one')).toEqual(['10.0.1.2', '6379']);
    runUntil(bench, () => second.said.includes('slaveof 10.0.1.2 6379'));
    obey(second, REPLICA);
    runUntil(bench, () => bench.primary.address.ip === '10.0.1.2');
    expect(bench.primary.failoverState).toBe('none');
    expect([...bench.primary.replicas.keys()].sort()).toEqual([PRIMARY, OTHER]);
    const seen = bench.events().map((event) => event.split(' ')[0]).filter((name) => !/sentinel|sdown$|role-change|new-epoch/.test(name ?? ''));
    expect(seen).toEqual([
      '+odown', '+try-failover', '+vote-for-leader', '+elected-leader', '+failover-state-select-slave', '+selected-slave',
      '+failover-state-send-slaveof-noone', '+failover-state-wait-promotion', '+promoted-slave', '+failover-state-reconf-slaves',
      '+slave-reconf-sent', '+slave-reconf-inprog', '+slave-reconf-done', '+failover-end', '+switch-master', '+slave', '+slave',
    ]);
  });

  test('asks the others for their votes with its own ID and its new epoch, at once', () => {
    const deployment = deploy();
    kill(deployment);
    expect(deployment.peers[0]?.asked.at(-1)).toBe(`SENTINEL is-master-down-by-addr 10.0.1.1 6379 1 ${OWN_ID}`);
  });

  test('hellos go out at once after the promotion, with the new address', () => {
    const deployment = deploy();
    const { bench, replicas: [first, second] } = deployment;
    kill(deployment);
    runUntil(bench, () => bench.primary.failoverState === 'wait-promotion');
    obey(first, REPLICA);
    runUntil(bench, () => bench.primary.failoverState === 'reconf-replicas');
    bench.host.advance(200);
    expect(second.said.some((said) => said.startsWith('PUBLISH') && said.endsWith(',one,10.0.1.2,6379,1'))).toBe(true);
  });
});

describe('it ends early', () => {
  test('not elected: after min(10 s, failover-timeout)', () => {
    const deployment = deploy();
    const { bench } = deployment;
    kill(deployment, 'f'.repeat(40));
    const startedMs = bench.primary.failoverStartMs;
    runUntil(bench, () => bench.primary.failoverState === 'none');
    expect(bench.host.nowMs - startedMs).toBeGreaterThan(10_000);
    expect(bench.host.nowMs - startedMs).toBeLessThan(10_300);
    expect(bench.eventNames()).toContain('-failover-abort-not-elected');
  });

  test('then none is started again before 2 x failover-timeout', () => {
    const deployment = deploy();
    const { bench } = deployment;
    kill(deployment, 'f'.repeat(40));
    const startedMs = bench.primary.failoverStartMs;
    runUntil(bench, () => bench.primary.failoverState === 'none');
    bench.host.advance(startedMs + 40_000 - bench.host.nowMs - 1);
    expect(bench.primary.failoverState).toBe('none');
    expect(bench.host.logged.filter((line) => line.includes('I will not start a failover before'))).toHaveLength(1);
    bench.host.advance(300);
    expect(bench.primary.failoverState).toBe('wait-start');
    expect(bench.sentinel.currentEpoch).toBe(2);
  });

  test('no good replica', () => {
    const deployment = deploy();
    for (const replica of deployment.replicas) replica.priority = 0;
    deployment.bench.host.advance(12_000);
    kill(deployment);
    runUntil(deployment.bench, () => deployment.bench.primary.failoverState === 'none');
    expect(deployment.bench.eventNames()).toContain('-failover-abort-no-good-slave');
  });

  test.each([
    ['the selected replica cannot be reached', 'send-replicaof-noone'], ['it does not become a primary', 'wait-promotion'],
  ] as const)('%s: after failover-timeout', (_name, state) => {
    const deployment = deploy();
    const { bench } = deployment;
    kill(deployment);
    runUntil(bench, () => bench.primary.failoverState === 'send-replicaof-noone');
    if (state === 'send-replicaof-noone') {
      bench.host.answerers.delete(REPLICA);
      for (const connection of bench.host.connections) if (connection.remoteAddress === '10.0.1.2') connection.drop('reset');
    } else runUntil(bench, () => bench.primary.failoverState === state);
    const sinceMs = bench.primary.failoverStateChangedMs;
    bench.host.advance(sinceMs + 20_000 - bench.host.nowMs);
    expect(bench.primary.failoverState).toBe(state);
    bench.host.advance(300);
    expect(bench.primary.failoverState).toBe('none');
    expect(bench.primary.promoted).toBeNull();
    expect(bench.eventNames()).toContain('-failover-abort-slave-timeout');
  });
});

describe('the other replicas', () => {
  const promoted = (options: BenchOptions = {}): Deployment => {
    const deployment = deploy(options);
    kill(deployment);
    runUntil(deployment.bench, () => deployment.bench.primary.failoverState === 'wait-promotion');
    obey(deployment.replicas[0], REPLICA);
    runUntil(deployment.bench, () => deployment.bench.primary.failoverState === 'reconf-replicas');
    return deployment;
  };

  test('one that takes too long is told again after 10 s, and not waited for', () => {
    const { bench, replicas } = promoted({ lines: ['parallel-syncs one 2'] });
    const second = replicas[1];
    runUntil(bench, () => bench.replica(OTHER)?.reconf === 'sent');
    runUntil(bench, () => bench.primary.address.ip === '10.0.1.2');
    expect(second.said.filter((said) => said === 'slaveof 10.0.1.2 6379')).toHaveLength(2);
    const names = bench.eventNames();
    expect(names).toContain('-slave-reconf-sent-timeout');
    expect(names).not.toContain('+failover-end-for-timeout');
  });

  test('with parallel-syncs 1 the one that takes too long holds everything up until failover-timeout', () => {
    const { bench } = promoted();
    const sinceMs = bench.primary.failoverStateChangedMs;
    runUntil(bench, () => bench.primary.address.ip === '10.0.1.2');
    expect(bench.host.nowMs - sinceMs).toBeGreaterThan(20_000);
    expect(bench.eventNames()).not.toContain('-slave-reconf-sent-timeout');
  });

  test('after failover-timeout it ends anyway, with a last word to those that were not told', () => {
    const { bench } = promoted({ lines: ['failover-timeout one 8000'] });
    const sinceMs = bench.primary.failoverStateChangedMs;
    runUntil(bench, () => bench.primary.address.ip === '10.0.1.2');
    expect(bench.host.nowMs - sinceMs).toBeGreaterThan(8000);
    expect(bench.eventNames()).toContain('+failover-end-for-timeout');
  });

  test('one that is down is not waited for', () => {
    const { bench } = promoted();
    bench.replica(OTHER).isSdown = true;
    bench.silence(OTHER);
    bench.host.advance(6000);
    bench.replica(OTHER).isSdown = true;
    runUntil(bench, () => bench.primary.address.ip === '10.0.1.2', 9000);
    expect(bench.eventNames()).not.toContain('+failover-end-for-timeout');
  });
});

describe('SENTINEL FAILOVER', () => {
  test('needs no votes, and refuses a second one', () => {
    const { bench } = deploy({ quorum: 3 });
    expect(bench.run('sentinel', 'failover', 'one')).toMatchObject({ text: 'OK' });
    expect(bench.run('sentinel', 'failover', 'one')).toMatchObject({ text: 'INPROG Failover already in progress' });
    bench.host.advance(500);
    expect(bench.primary.failoverState).toBe('wait-promotion');
    expect(bench.host.notes.filter((note) => note.kind === 'leader')).toMatchObject([{ isForced: true, votes: 1, known: 3 }]);
  });

  test('wants a good replica', () => {
    const bench = new SentinelBench();
    bench.group(0);
    bench.start();
    expect(bench.run('sentinel', 'failover', 'one')).toMatchObject({ text: 'NOGOODSLAVE No suitable replica to promote' });
    expect(bench.run('sentinel', 'failover', 'two')).toMatchObject({ text: 'ERR No such master with that name' });
  });

  test.each([['crash-after-election', '+elected-leader'], ['crash-after-promotion', '+promoted-slave']])('%s', (how, last) => {
    const { bench, replicas } = deploy();
    bench.run('sentinel', 'simulate-failure', how);
    bench.run('sentinel', 'failover', 'one');
    bench.host.advance(500);
    obey(replicas[0], REPLICA);
    runUntil(bench, () => bench.host.exitStatus !== null);
    expect(bench.host.exitStatus).toBe(99);
    expect(bench.eventNames()).toContain(last);
  });
});

test('priority, then offset: the one that is ahead is promoted', () => {
  const deployment = deploy();
  kill(deployment);
  runUntil(deployment.bench, () => deployment.bench.primary.promoted !== null);
  expect(deployment.bench.primary.promoted?.name).toBe(bytes(REPLICA));
});
