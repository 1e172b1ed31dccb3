/**
 * Sentinels among nodes with passwords, under names instead of addresses, behind other addresses, and with renamed commands,
 * beside redis-sentinel 7.0: the same events, the same file, the same state, and a failover that works.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerKind, type ServerProcess, eventually, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { NAME, fields } from '../support/sentinelDeployment.ts';
import { type SentinelProcess, startSentinelProcess } from '../support/sentinelProcess.ts';
import { type Side, type SidesPlan, withSides } from '../support/sentinelSides.ts';

const TEST_MS = 90_000;
/** Of nodes and of sentinels: tests run at once, and redis-cli takes it from the one environment. */
const PASSWORD = 'secret';

/** The file, without what the clock and dictionaries decide. */
const file = (side: Side): readonly string[] => side.plain(side.sentinel.configuration()).split('\n').filter((line) => line.startsWith('sentinel ')).sort();

const same = async <Value>(sides: readonly [Side, Side], ask: (side: Side) => Promise<Value>): Promise<Value> => {
  const [real, ours] = await Promise.all(sides.map(ask)) as [Value, Value];
  expect(ours).toEqual(real);
  return real;
};

/** Kills the primary and waits until the old one is watched, and found down, as a replica; the events as a set. */
const failover = async (side: Side, replicaName: string): Promise<readonly string[]> => {
  const from = side.sentinel.events.length;
  await side.primary.stop();
  await side.hasPublished(['+switch-master', `+sdown slave ${replicaName}`], from);
  return [...new Set(side.published(from))].sort();
};

const compareFailover = (plan: SidesPlan, replicaName = '127.0.0.1:{primary}'): Promise<void> => withSides(plan, async (sides) => {
  const before = await same(sides, (side) => Promise.resolve(file(side)));
  expect(before.length).toBeGreaterThan(4);
  const events = await same(sides, (side) => failover(side, replicaName));
  expect(events.some((event) => event.startsWith('+failover-end '))).toBe(true);
  await same(sides, (side) => Promise.resolve(file(side)));
  for (const side of sides) await eventually(() => side.replica.cli('ROLE').split('\n')[0], (role) => role === 'master');
});

/** The default user's password is added last: nobody is asked for it before. */
const SECRET: Pick<SidesPlan, 'settings'> = {
  settings: [['ACL', 'SETUSER', 'watcher', 'on', '>other', '~*', '&*', '+@all'], ['CONFIG', 'SET', 'masterauth', PASSWORD], ['CONFIG', 'SET', 'requirepass', PASSWORD]],
};

const TIMEOUT = `sentinel failover-timeout ${NAME} 8000`;

describe('sentinels with passwords, names and renamed commands beside redis-sentinel 7.0', () => requireRedis(() => {
  // What redis-cli authenticates with; where nobody asks for it it only warns.
  beforeAll(() => {
    process.env['REDISCLI_AUTH'] = PASSWORD;
  });

  afterAll(() => {
    delete process.env['REDISCLI_AUTH'];
  });

  test.concurrent('a password of the nodes, given by auth-pass', () => compareFailover({ ...SECRET, lines: [TIMEOUT, `sentinel auth-pass ${NAME} secret`] }), TEST_MS);

  test.concurrent('a user of the nodes, given by auth-user', () => compareFailover({ ...SECRET, lines: [TIMEOUT, `sentinel auth-pass ${NAME} other`, `sentinel auth-user ${NAME} watcher`] }), TEST_MS);

  test.concurrent.each([['no password', []], ['a wrong password', [`sentinel auth-pass ${NAME} wrong`]], ['a wrong user', [`sentinel auth-pass ${NAME} secret`, `sentinel auth-user ${NAME} nobody`]]])(
    '%s: the primary is held to be down, and set right by SENTINEL SET', (_what, lines) => withSides({ ...SECRET, lines, isReady: null }, async (sides) => {
      await same(sides, async (side) => {
        await side.hasPublished(['+sdown master']);
        const flags = fields(side.sentinel.cli('SENTINEL', 'MASTER', NAME)).get('flags');
        side.sentinel.cli('SENTINEL', 'SET', NAME, 'auth-user', 'default', 'auth-pass', PASSWORD);
        await side.hasPublished(['-sdown master', '+slave']);
        await eventually(() => side.knowsReplicas(1), (knows) => knows);
        const events = side.published().filter((event) => !/failover|-odown|\+odown|epoch|vote|elected/.test(event));
        return { flags: flags?.replace(/,failover_in_progress|o_down,/g, ''), events: [...new Set(events)].sort() };
      });
    }), TEST_MS);

  test.concurrent('localhost, resolved and announced', () => compareFailover({
    host: 'localhost', directives: ['--replica-announce-ip', 'localhost'],
    lines: [TIMEOUT, 'sentinel resolve-hostnames yes', 'sentinel announce-hostnames yes'],
  }, 'localhost:{primary}'), TEST_MS);

  test.concurrent('localhost, resolved only', () => compareFailover({
    host: 'localhost', directives: ['--replica-announce-ip', 'localhost'], lines: [TIMEOUT, 'sentinel resolve-hostnames yes'],
  }), TEST_MS);

  test.concurrent('renamed commands of the nodes', () => compareFailover({
    directives: ['--rename-command', 'CONFIG', 'guarded', '--rename-command', 'SLAVEOF', 'follow', '--rename-command', 'PUBLISH', 'say'],
    lines: [TIMEOUT, `sentinel rename-command ${NAME} CONFIG guarded`, `sentinel rename-command ${NAME} slaveof follow`, `sentinel rename-command ${NAME} PUBLISH say`],
  }), TEST_MS);

  /** A pair of sentinels of one primary, one of each kind, and both ways round who asks whom. */
  const withPair = async (lines: readonly string[], password: string | null, use: (primary: ServerProcess, ...sentinels: readonly SentinelProcess[]) => Promise<void>): Promise<void> => {
    const primary = await startServerProcess('redis');
    const sentinels: SentinelProcess[] = [];
    try {
      for (const kind of ['redis', 'faultline'] as readonly ServerKind[]) {
        sentinels.push(await startSentinelProcess(kind, [`sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 2`, `sentinel down-after-milliseconds ${NAME} 1000`, ...lines], password));
      }
      await use(primary, ...sentinels);
    } finally {
      await Promise.all([primary, ...sentinels].map((one) => one.stop()));
      for (const sentinel of sentinels) sentinel.remove();
    }
  };

  test.concurrent('announce-ip and announce-port are what the others see', () => withPair(['sentinel announce-ip 127.0.0.9', 'sentinel announce-port 7'], null, async (_primary, ...sentinels) => {
    const [real, ours] = sentinels as [SentinelProcess, SentinelProcess];
    for (const [teller, hearer] of [[real, ours], [ours, real]] as const) {
      // Both announce the same place, so that each takes the other's entry away again; what was said once is in the events.
      const id = teller.cli('SENTINEL', 'MYID');
      await eventually(() => hearer.events, (events) => events.some(({ event, text }) => event === '+sentinel' && text.startsWith(`sentinel ${id} 127.0.0.9 7 @`)));
    }
  }), TEST_MS);

  test.concurrent.each([
    ['a requirepass that all share', ['requirepass secret'], true],
    ['a sentinel-pass', ['requirepass secret', 'sentinel sentinel-pass secret'], true],
    ['a sentinel-user and its password', ['requirepass secret', 'sentinel sentinel-user default', 'sentinel sentinel-pass secret'], true],
    ['a wrong sentinel-pass', ['requirepass secret', 'sentinel sentinel-pass wrong'], false],
  ] as const)('among sentinels, %s', (_what, lines, isHeard) => withPair(lines, PASSWORD, async (_primary, ...sentinels) => {
    for (const sentinel of sentinels) {
      await eventually(() => sentinel.cli('SENTINEL', 'SENTINELS', NAME), (text) => text.includes('\nflags\n')
        && (isHeard ? /\nflags\nsentinel\n/.test(text) && /\nlast-ok-ping-reply\n[0-9]{1,3}\n/.test(text) : /\nflags\ns_down/.test(text)));
      expect(sentinel.cli('SENTINEL', 'CKQUORUM', NAME).slice(0, 10)).toBe(isHeard ? 'OK 2 usabl' : 'NOQUORUM 1');
    }
  }), TEST_MS);
}));
