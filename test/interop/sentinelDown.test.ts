/**
 * Who is held to be down, and what is done about nodes that are not what they should be, beside redis-sentinel 7.0: the same
 * events with the same texts, and the same state in the end.
 */
import { describe, expect, test } from 'vitest';
import { type Reply, PONG, error } from '../../engine/protocol/reply.ts';
import { eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { NAME, fields } from '../support/sentinelDeployment.ts';
import { SentinelFakeNode } from '../support/sentinelFakeNode.ts';
import { type SentinelProcess, startSentinelProcess } from '../support/sentinelProcess.ts';
import { BOTH_KINDS, type Side, type SidesPlan, withSides } from '../support/sentinelSides.ts';

const TEST_MS = 120_000;
/** The nodes are in the process of this test, which stands still while redis-cli runs: with less they would be late under load. */
const DOWN_AFTER_MS = 2500;

/** What a node answers to PING once it was seen to be in good order. */
const PINGS: Readonly<Record<string, Reply | null>> = {
  pong: PONG, busy: error('BUSY Redis is busy running a script.'), misconf: error('MISCONF Errors writing to the AOF file'),
  loading: error('LOADING Redis is loading the dataset in memory'), masterdown: error('MASTERDOWN Link with MASTER is down'),
  noauth: error('NOAUTH Authentication required.'), nothing: null, number: 1, err: error('ERR unknown command'), lower: error('loading'),
};

/** What a node says of itself in INFO from then on. */
const INFOS: Readonly<Record<string, readonly string[]>> = {
  demoted: ['role:slave', 'master_host:127.0.0.1', 'master_port:1'], roleless: ['connected_slaves:0'], odd: ['role:king'], empty: [],
};

const after = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));

/** Events and state of each name, as `use` left them. */
const watchFakes = async (
  kind: 'redis' | 'faultline', names: readonly string[], use: (nodes: ReadonlyMap<string, SentinelFakeNode>, sentinel: SentinelProcess) => Promise<void>,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const nodes = new Map<string, SentinelFakeNode>();
  let sentinel: SentinelProcess | null = null;
  try {
    for (const name of names) nodes.set(name, await SentinelFakeNode.start());
    sentinel = await startSentinelProcess(kind, [...nodes].flatMap(([name, { port }]) => [
      // With nobody else to agree, nothing is done about it.
      `sentinel monitor ${name} 127.0.0.1 ${port} 2`, `sentinel down-after-milliseconds ${name} ${DOWN_AFTER_MS}`,
    ]));
    const watching = sentinel;
    watching.cli('SENTINEL', 'DEBUG', 'info-period', '500');
    for (const [name, { port }] of nodes) {
      await eventually(() => fields(watching.cli('SENTINEL', 'MASTER', name)), (seen) => seen.get('runid') === 'f'.repeat(40) && seen.get('flags') === 'master' && port > 0);
    }
    await use(nodes, watching);
    const found: Record<string, readonly string[]> = {};
    for (const [name, node] of nodes) {
      const told = watching.events.filter(({ text }) => text.startsWith(`master ${name} `)).map(({ event, text }) => `${event} ${text.replace(String(node.port), 'PORT')}`);
      const kills = node.asked.filter((words) => words === 'SCRIPT KILL').map(() => 'SCRIPT KILL');
      found[name] = [fields(watching.cli('SENTINEL', 'MASTER', name)).get('flags') ?? '', ...told, ...kills];
    }
    return found;
  } finally {
    for (const node of nodes.values()) node.stop();
    await sentinel?.stop();
    sentinel?.remove();
  }
};

const DOWN = ['busy', 'misconf', 'noauth', 'nothing', 'number', 'err', 'lower'];

describe('down or not, and what is set right, beside redis-sentinel 7.0', () => requireRedis(() => {
  test.concurrent('answers to PING, valid and not', async () => {
    const [real, ours] = await Promise.all(BOTH_KINDS.map((kind) => watchFakes(kind, Object.keys(PINGS), async (nodes, sentinel) => {
      for (const [name, node] of nodes) node.ping = PINGS[name] ?? null;
      await eventually(() => sentinel.events.filter(({ event }) => event === '+sdown').length, (count) => count === DOWN.length);
      // Long enough for the others to be found down as well, if they were to be.
      await after(DOWN_AFTER_MS);
      for (const node of nodes.values()) node.ping = PONG;
      await eventually(() => sentinel.events.filter(({ event }) => event === '-sdown').length, (count) => count === DOWN.length);
    })));
    expect(Object.entries(real ?? {}).filter(([, events]) => events.length > 1).map(([name]) => name).sort()).toEqual([...DOWN].sort());
    expect(real?.['busy']).toContain('SCRIPT KILL');
    expect(ours).toEqual(real);
  }, TEST_MS);

  test.concurrent('what a primary says of itself', async () => {
    const [real, ours] = await Promise.all(BOTH_KINDS.map((kind) => watchFakes(kind, Object.keys(INFOS), async (nodes, sentinel) => {
      for (const [name, node] of nodes) node.info = INFOS[name] ?? [];
      // A primary that calls itself a replica is down after down-after and two INFO periods.
      await eventually(() => sentinel.events.filter(({ event }) => event === '+sdown').length, (count) => count === 1);
      await after(DOWN_AFTER_MS);
    })));
    expect(real?.['demoted']?.some((event) => event.startsWith('+sdown'))).toBe(true);
    expect(ours).toEqual(real);
  }, TEST_MS);

  /** The events of both, as sets, after `use`; they must be equal, and hold those that begin with `expected`. */
  const compare = (plan: SidesPlan, expected: readonly string[], use: (side: Side) => Promise<void>): Promise<void> => withSides(plan, async (sides) => {
    const [real, ours] = await Promise.all(sides.map(async (side) => {
      const from = side.sentinel.events.length;
      await use(side);
      await side.hasPublished(expected, from, 40_000);
      return [...new Set(side.published(from))].sort();
    }));
    expect(ours).toEqual(real);
  });

  const DEBUG = ['SENTINEL', 'DEBUG', 'info-period', '1000'];
  const TIMEOUT = `sentinel failover-timeout ${NAME} 6000`;

  test.concurrent('a primary that is stopped and goes on later is made a replica', () => compare({ lines: [TIMEOUT] }, [
    '+switch-master', '+sdown slave 127.0.0.1:{primary}', '-sdown slave 127.0.0.1:{primary}', '+convert-to-slave slave 127.0.0.1:{primary}', '+role-change slave',
  ], async (side) => {
    side.sentinel.cli(...DEBUG);
    process.kill(side.primary.pid, 'SIGSTOP');
    await side.hasPublished(['+switch-master', '+sdown slave 127.0.0.1:{primary}']);
    process.kill(side.primary.pid, 'SIGCONT');
    await eventually(() => side.primary.cli('ROLE').split('\n')[0], (role) => role === 'slave', 40_000);
  }), TEST_MS);

  test.concurrent('a replica that was pointed elsewhere by hand is pointed back', () => compare({ replicas: 2, lines: [`sentinel failover-timeout ${NAME} 3000`] }, [
    '+fix-slave-config slave 127.0.0.1:{second}',
  ], async (side) => {
    side.sentinel.cli(...DEBUG);
    side.server(2).cli('REPLICAOF', '127.0.0.1', String(side.replica.port));
    await eventually(() => side.server(2).cli('ROLE').split('\n')[2], (port) => port === String(side.primary.port), 40_000);
  }), TEST_MS);

  test.concurrent('a replica that was made a primary by hand is made a replica again', () => compare({ lines: [TIMEOUT] }, [
    '-role-change', '+convert-to-slave slave 127.0.0.1:{replica}', '+role-change',
  ], async (side) => {
    side.sentinel.cli(...DEBUG);
    side.replica.cli('REPLICAOF', 'NO', 'ONE');
    await eventually(() => side.replica.cli('ROLE').split('\n')[0], (role) => role === 'slave', 40_000);
  }), TEST_MS);

  test.concurrent('SENTINEL FAILOVER', () => compare({ replicas: 2, lines: [TIMEOUT] }, [
    '+switch-master', '+slave slave 127.0.0.1:{primary}', '+slave-reconf-done',
  ], async (side) => {
    side.replica.cli('CONFIG', 'SET', 'replica-priority', '10');
    side.sentinel.cli(...DEBUG);
    await eventually(() => side.sentinel.cli('SENTINEL', 'REPLICAS', NAME), (text) => text.includes('slave-priority\n10\n'));
    expect(side.sentinel.cli('SENTINEL', 'FAILOVER', NAME)).toBe('OK');
    await eventually(() => side.primary.cli('ROLE').split('\n')[0], (role) => role === 'slave', 40_000);
    await side.hasPublished(['+role-change slave 127.0.0.1:{primary}']);
  }), TEST_MS);

  test.concurrent('replicas of priority 0 are no candidates', () => compare({ replicas: 2, lines: [`sentinel failover-timeout ${NAME} 60000`] }, [
    '-failover-abort-no-good-slave',
  ], async (side) => {
    for (const server of side.servers) server.cli('CONFIG', 'SET', 'replica-priority', '0');
    side.sentinel.cli(...DEBUG);
    await eventually(() => side.sentinel.cli('SENTINEL', 'REPLICAS', NAME), (text) => (text.match(/slave-priority\n0/g) ?? []).length === 2);
    expect(side.sentinel.cli('SENTINEL', 'FAILOVER', NAME)).toBe('NOGOODSLAVE No suitable replica to promote\n');
    await side.primary.stop();
  }), TEST_MS);
}));
