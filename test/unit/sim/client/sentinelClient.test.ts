/** Clients that find their primary through sentinels, rightly and wrongly, through failovers of a small world. */
import { describe, expect, test } from 'vitest';
import { type Host, bytes } from '../../../../engine/index.ts';
import { describeLocator, freshLocator, locatedClient } from '../../../../sim/client/locate.ts';
import { SENTINEL_RETRY_MS, SENTINEL_TIMEOUT_MS } from '../../../../sim/client/sentinels.ts';
import type { ServerClient } from '../../../../sim/client/serverClient.ts';
import { LISTENER_PING_PERIOD_MS } from '../../../../sim/client/switchListener.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import type { Locator } from '../../../../sim/scenario.ts';
import { PORT, type World, makeWorld, must } from '../echo.ts';
import { type FakeNode, type FakeSentinel, SERVICE, fakeNode, fakeSentinel } from './fakeServers.ts';

const CONNECT_TIMEOUT_MS = 1000;

interface Setup {
  readonly world: World;
  readonly a: FakeNode;
  readonly b: FakeNode;
  readonly sentinels: readonly [FakeSentinel, FakeSentinel, FakeSentinel];
  readonly process: SimProcess;
  readonly client: ServerClient;
  /** What it heard, each with its time in ms. */
  readonly log: { readonly what: string; readonly atMs: number }[];
  act(what: (client: ServerClient) => void): void;
}

type Kind = 'sentinel' | 'listening' | 'once';

interface Options { readonly nodePassword?: string; readonly password?: string; readonly primary?: 'none' }

const locatorOf = (kind: Kind, sentinels: readonly string[], password: string | undefined): Locator => {
  const service = { name: SERVICE, sentinels };
  const choice = kind === 'once' ? { sentinelOnce: service } : { sentinel: { ...service, listens: kind === 'listening' } };
  return password === undefined ? choice : { ...choice, password };
};

/** Node a is the primary, b its replica, and three sentinels say so. The client is opened. */
const setUp = (kind: Kind, options: Options = {}): Setup => {
  const world = makeWorld(1);
  const a = fakeNode(world, 'a', 'primary', options.nodePassword);
  const b = fakeNode(world, 'b', 'replica', options.nodePassword);
  const makeSentinel = (name: string): FakeSentinel => fakeSentinel(world, name, options.primary === 'none' ? null : a);
  const sentinels: Setup['sentinels'] = [makeSentinel('s1'), makeSentinel('s2'), makeSentinel('s3')];
  const log: { what: string; atMs: number }[] = [];
  let made: ServerClient | null = null;
  const process = world.process('client', (host: Host) => {
    const note = (what: string): void => void log.push({ what, atMs: world.kernel.now / 1000 });
    made = locatedClient(host, locatorOf(kind, sentinels.map(({ place }) => place), options.password), CONNECT_TIMEOUT_MS, {
      opened: () => note(`opened ${must(made as ServerClient | null).remote}`), lost: (reason) => note(reason),
    });
    made.open();
  });
  process.start();
  world.run(0.1);
  const client = must(made as ServerClient | null);
  return { world, a, b, sentinels, process, client, log, act: (what) => process.submit(() => what(client)) };
};

/** b is the primary now, and a its replica; the sentinels know. */
const failOver = ({ a, b, sentinels }: Setup): void => {
  a.role = 'replica';
  b.role = 'primary';
  for (const sentinel of sentinels) sentinel.primary = b;
};

const whats = ({ log }: Setup): readonly string[] => log.map(({ what }) => what);
const opened = ({ address }: FakeNode): string => `opened ${address}:${PORT}`;
const questions = ({ sentinels }: Setup): readonly number[] =>
  sentinels.map(({ got }) => got.filter((line) => line.startsWith('SENTINEL ')).length);

describe('a client that asks the sentinels', () => {
  test('connects to whom they name, once that says it is a primary', () => {
    const setup = setUp('sentinel');
    expect(whats(setup)).toEqual([opened(setup.a)]);
    expect(setup.client).toMatchObject({ isOpen: true, remote: `${setup.a.address}:${PORT}` });
    expect(setup.a.got).toEqual(['ROLE']);
    expect(questions(setup)).toEqual([1, 0, 0]);
    expect(setup.sentinels[0].subscribers.size).toBe(0);
  });

  test('a lost connection: asks again at once', () => {
    const setup = setUp('sentinel');
    failOver(setup);
    setup.a.drop();
    setup.world.run(0.05);
    expect(whats(setup)).toEqual([opened(setup.a), 'closed by the server', opened(setup.b)]);
    expect(questions(setup)).toEqual([2, 0, 0]);
  });

  test('a sentinel with old news: ROLE tells, and it waits a little and begins again', () => {
    const setup = setUp('sentinel');
    const stale = setup.sentinels[0];
    failOver(setup);
    stale.primary = setup.a;
    setup.a.drop();
    setup.world.run(1);
    expect(setup.client.isOpen).toBe(false);
    expect(new Set(whats(setup).slice(2))).toEqual(new Set(['it is no primary']));
    const [first, second] = setup.log.slice(2).map(({ atMs }) => atMs);
    expect(must(second) - must(first)).toBeGreaterThanOrEqual(SENTINEL_RETRY_MS);
    expect(must(second) - must(first)).toBeLessThan(SENTINEL_RETRY_MS + 10);
    stale.primary = setup.b;
    setup.world.run(0.5);
    expect(setup.client.remote).toBe(`${setup.b.address}:${PORT}`);
  });

  test('a dead primary that they still name: each attempt has its time, and begins with a question', () => {
    const setup = setUp('sentinel');
    setup.a.process.pause();
    setup.act((client) => client.close('no answer in time'));
    setup.act((client) => client.open());
    setup.world.run(3);
    const asked = questions(setup)[0] ?? 0;
    expect(whats(setup).slice(2)).toEqual(['connect timeout', 'connect timeout']);
    expect(asked).toBe(4);
    failOver(setup);
    setup.world.run(1.5);
    expect(setup.client.remote).toBe(`${setup.b.address}:${PORT}`);
  });

  test('no sentinel knows it, or none is there: it goes on asking', () => {
    const setup = setUp('sentinel', { primary: 'none' });
    setup.world.run(1);
    expect(new Set(whats(setup))).toEqual(new Set(['no sentinel knows the primary']));
    expect(questions(setup)).toEqual([4, 4, 4]);
    for (const sentinel of setup.sentinels) sentinel.primary = setup.a;
    setup.world.run(0.5);
    expect(setup.client.isOpen).toBe(true);
  });

  test('closed, it stays closed, at whatever step it was', () => {
    for (const delayMicros of [0, 300, 700, 1500, 3000, 400_000]) {
      const setup = setUp('sentinel', delayMicros === 400_000 ? { primary: 'none' } : {});
      setup.act((client) => client.close('first'));
      setup.act((client) => client.open());
      setup.world.run(delayMicros / 1_000_000);
      setup.act((client) => client.close('enough'));
      setup.world.run(0.001);
      const asked = questions(setup);
      setup.world.run(2);
      expect(setup.client).toMatchObject({ isOpen: false, remote: null });
      expect(questions(setup)).toEqual(asked);
      expect(whats(setup).at(-1)).toBe('enough');
      expect([setup.a, ...setup.sentinels].map(({ connections }) => connections.size)).toEqual([0, 0, 0, 0]);
    }
  });

  test('the password of the nodes goes before ROLE', () => {
    const setup = setUp('sentinel', { nodePassword: 'secret', password: 'secret' });
    expect(setup.a.got).toEqual(['AUTH secret', 'ROLE']);
    expect(setup.client.isOpen).toBe(true);
    expect(new Set(whats(setUp('sentinel', { nodePassword: 'secret', password: 'guess' })))).toEqual(new Set(['the password was refused']));
    expect(setUp('sentinel', { nodePassword: 'secret' }).client.isOpen).toBe(false);
  });
});

describe('a client that listens as well', () => {
  test('leaves the old primary at the news, and asks the one who told', () => {
    const setup = setUp('listening');
    const teller = setup.sentinels[0];
    expect(teller.subscribers.size).toBe(1);
    setup.b.role = 'primary';
    // The old primary lives on as one, and the other sentinels know nothing yet.
    const from = setup.world.kernel.now / 1000;
    teller.announce(setup.b);
    setup.world.run(0.1);
    expect(whats(setup)).toEqual([opened(setup.a), 'the primary is another one', opened(setup.b)]);
    expect(must(setup.log.at(-1)).atMs - from).toBeLessThan(10);
    expect(questions(setup)).toEqual([2, 0, 0]);
  });

  test('without listening it stays where it is', () => {
    const setup = setUp('sentinel');
    failOver(setup);
    setup.a.role = 'primary';
    for (const sentinel of setup.sentinels) sentinel.announce(setup.b);
    setup.world.run(10);
    expect(whats(setup)).toEqual([opened(setup.a)]);
  });

  test('news of another name, or of the primary it has, is no news', () => {
    const setup = setUp('listening');
    setup.sentinels[0].announce(setup.a);
    setup.world.run(0.1);
    const message = '*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$27\r\nother 1.1.1.1 1 10.9.9.9 99\r\n';
    setup.sentinels[0].process.submit(() => {
      for (const connection of setup.sentinels[0].subscribers) connection.write(bytes(message));
    });
    setup.world.run(1);
    expect(whats(setup)).toEqual([opened(setup.a)]);
    expect(setup.sentinels[0].subscribers.size).toBe(1);
  });

  test.each([
    ['is killed', (sentinel: FakeSentinel) => sentinel.process.kill(), SENTINEL_RETRY_MS],
    ['falls silent', (sentinel: FakeSentinel) => sentinel.process.pause(), 2 * LISTENER_PING_PERIOD_MS + SENTINEL_RETRY_MS],
  ] as const)('its sentinel %s: it listens to the next', (_what, strike, withinMs) => {
    const setup = setUp('listening');
    const [first, second, third] = setup.sentinels;
    strike(first);
    setup.world.run((withinMs + SENTINEL_TIMEOUT_MS) / 1000);
    expect([second.subscribers.size, third.subscribers.size]).toEqual([1, 0]);
    expect(whats(setup)).toEqual([opened(setup.a)]);
    setup.b.role = 'primary';
    second.announce(setup.b);
    setup.world.run(0.1);
    expect(setup.client.remote).toBe(`${setup.b.address}:${PORT}`);
    // It asked the one who told, though the other stood first.
    expect(questions(setup)).toEqual([1, 1, 0]);
  });

  test('a living sentinel is never left, however long nothing happens', () => {
    const setup = setUp('listening');
    setup.world.run(60);
    expect(setup.sentinels.map(({ got }) => got.filter((line) => line.startsWith('SUBSCRIBE')).length)).toEqual([1, 0, 0]);
    expect(setup.sentinels[0].got.filter((line) => line === 'PING').length).toBeGreaterThan(10);
  });

  test('closed it goes on listening, ended it does not', () => {
    const setup = setUp('listening');
    setup.act((client) => client.close('writes refused'));
    setup.world.run(5);
    expect(setup.sentinels[0].connections.size).toBe(1);
    setup.sentinels[0].announce(setup.b);
    setup.world.run(1);
    expect(whats(setup)).toEqual([opened(setup.a), 'writes refused']);
    setup.act((client) => client.end('over'));
    setup.world.run(10);
    expect(setup.sentinels.map(({ connections }) => connections.size)).toEqual([0, 0, 0]);
  });
});

describe('a client that asks once', () => {
  test('keeps the address through a failover, whatever is there', () => {
    const setup = setUp('once');
    expect(whats(setup)).toEqual([opened(setup.a)]);
    // It does not even ask what it is connected to.
    expect(setup.a.got).toEqual([]);
    failOver(setup);
    setup.a.drop();
    setup.world.run(1);
    expect(setup.client.isOpen).toBe(false);
    setup.act((client) => client.open());
    setup.world.run(1);
    expect(whats(setup)).toEqual([opened(setup.a), 'closed by the server', opened(setup.a)]);
    expect(questions(setup)).toEqual([1, 0, 0]);
  });

  test('asks again only as long as it was never told', () => {
    const setup = setUp('once', { primary: 'none' });
    setup.world.run(2);
    expect(questions(setup)).toEqual([1, 1, 1]);
    for (const sentinel of setup.sentinels) sentinel.primary = setup.a;
    setup.act((client) => client.open());
    setup.world.run(1);
    expect(setup.client.isOpen).toBe(true);
    expect(questions(setup)).toEqual([2, 1, 1]);
  });

  test('closed while it asks, it can be opened again', () => {
    const setup = setUp('once', { primary: 'none' });
    for (const sentinel of setup.sentinels) sentinel.primary = setup.a;
    setup.act((client) => {
      client.open();
      client.close('changed my mind');
    });
    setup.world.run(1);
    expect(setup.client.isOpen).toBe(false);
    setup.act((client) => client.open());
    setup.world.run(1);
    expect(whats(setup)).toEqual(['changed my mind', opened(setup.a)]);
  });
});

describe('locators', () => {
  const service = { name: SERVICE, sentinels: ['s1:1'] };

  test('in words', () => {
    expect(describeLocator({ server: 'redis:1' })).toBe('redis:1');
    expect(describeLocator({ sentinel: { ...service, listens: true } })).toBe('mymain by its sentinels, listening');
    expect(describeLocator({ sentinelOnce: service })).toBe('mymain by its sentinels, asked once');
  });

  test('whoever comes fresh asks, and needs no news', () => {
    expect(freshLocator({ server: 'redis:1', password: 'x' })).toEqual({ server: 'redis:1', password: 'x' });
    for (const choice of [{ sentinelOnce: service }, { sentinel: { ...service, listens: true } }]) {
      expect(freshLocator(choice)).toEqual({ sentinel: { ...service, listens: false } });
    }
  });
});
