/** Questions to sentinels: who is asked, in which order, for how long, and what counts as an answer. */
import { describe, expect, test } from 'vitest';
import { type Host, bytes } from '../../../../engine/index.ts';
import type { ServerName } from '../../../../sim/client/redisClient.ts';
import { SENTINEL_TIMEOUT_MS, Sentinels } from '../../../../sim/client/sentinels.ts';
import { PORT, type World, makeWorld, must } from '../echo.ts';
import { type FakeNode, type FakeSentinel, SERVICE, fakeNode, fakeSentinel, serve } from './fakeServers.ts';

interface Setup {
  readonly world: World;
  readonly node: FakeNode;
  readonly sentinels: readonly FakeSentinel[];
  /** Asks once; the answer and how long it took, in ms; undefined: none came in 5 s. */
  ask<Value>(question: (sentinels: Sentinels, done: (value: Value) => void) => void): { value: Value; tookMs: number } | undefined;
  act(what: (sentinels: Sentinels) => void): void;
}

const setUp = (options: { places?: readonly string[]; name?: string; password?: string; wanted?: string } = {}): Setup => {
  const world = makeWorld(1);
  const node = fakeNode(world, 'node', 'primary');
  const sentinels = ['s1', 's2', 's3'].map((name) => fakeSentinel(world, name, node, options.wanted));
  let asker: Sentinels | null = null;
  const client = world.process('client', (host: Host) => {
    asker = new Sentinels(host, {
      name: options.name ?? SERVICE, sentinels: options.places ?? sentinels.map(({ place }) => place),
      ...(options.password === undefined ? {} : { password: options.password }),
    });
  });
  client.start();
  world.run(0.1);
  const act = (what: (sentinels: Sentinels) => void): void => client.submit(() => what(must(asker as Sentinels | null)));
  return {
    world, node, sentinels, act,
    ask: <Value>(question: (sentinels: Sentinels, done: (value: Value) => void) => void) => {
      const answers: { value: Value; tookMs: number }[] = [];
      const from = world.kernel.now;
      act((one) => question(one, (value) => answers.push({ value, tookMs: (world.kernel.now - from) / 1000 })));
      world.run(5);
      expect(answers.length).toBeLessThanOrEqual(1);
      return answers[0];
    },
  };
};

const askPrimary = (sentinels: Sentinels, done: (server: ServerName | null) => void): void => sentinels.askPrimary(done);
const asked = ({ sentinels }: Setup): readonly number[] => sentinels.map(({ got }) => got.length);

describe('Sentinels', () => {
  test('the first is asked, and its answer taken', () => {
    const setup = setUp();
    const answer = setup.ask(askPrimary);
    expect(answer?.value).toEqual({ host: setup.node.address, port: PORT });
    expect(answer?.tookMs).toBeLessThan(10);
    expect(setup.sentinels[0]?.got).toEqual([`SENTINEL get-master-addr-by-name ${SERVICE}`]);
    expect(asked(setup)).toEqual([1, 0, 0]);
    // The connection was for one question.
    expect(setup.sentinels[0]?.connections.size).toBe(0);
  });

  test('a silent one costs its time; the one that answered is asked first from then on', () => {
    const setup = setUp();
    setup.sentinels[0]?.process.pause();
    const answer = setup.ask(askPrimary);
    expect(answer?.value).not.toBeNull();
    expect(answer?.tookMs).toBeGreaterThanOrEqual(SENTINEL_TIMEOUT_MS);
    expect(answer?.tookMs).toBeLessThan(SENTINEL_TIMEOUT_MS + 10);
    expect(setup.ask(askPrimary)?.tookMs).toBeLessThan(10);
    expect(asked(setup)).toEqual([0, 2, 0]);
  });

  test('one that is not there, one that has no such name: the next', () => {
    const setup = setUp();
    setup.sentinels[0]?.process.kill();
    must(setup.sentinels[1]).primary = null;
    expect(setup.ask(askPrimary)?.value).toEqual({ host: setup.node.address, port: PORT });
    expect(asked(setup)).toEqual([0, 1, 1]);
    setup.ask(askPrimary);
    expect(asked(setup)).toEqual([0, 1, 2]);
  });

  test('nobody knows: null, once all were asked', () => {
    const setup = setUp({ name: 'another' });
    expect(setup.ask(askPrimary)?.value).toBeNull();
    expect(asked(setup)).toEqual([1, 1, 1]);
    expect(setUp({ places: [`nobody:${PORT}`] }).ask(askPrimary)?.value).toBeNull();
  });

  test.each([
    ['an address without a port', [bytes('10.0.0.1')]], ['no list', bytes('10.0.0.1:6379')], ['port 0', [bytes('10.0.0.1'), bytes('0')]],
  ] as const)('%s is no answer', (_what, reply) => {
    const world = makeWorld(1);
    const { got, place } = serve(world, 'odd', () => reply);
    const answers: unknown[] = [];
    world.process('client', (host) => new Sentinels(host, { name: SERVICE, sentinels: [place] })
      .askPrimary((server) => answers.push(server))).start();
    world.run(1);
    expect(got.length).toBe(1);
    expect(answers).toEqual([null]);
  });

  test('given up: no answer comes, and it can be asked again', () => {
    const setup = setUp();
    const heard: unknown[] = [];
    setup.act((sentinels) => {
      sentinels.askPrimary((server) => heard.push(server));
      sentinels.cancel();
    });
    setup.world.run(1);
    expect(heard).toEqual([]);
    expect(setup.ask(askPrimary)?.value).not.toBeNull();
  });

  test('replicas: as listed, without those that are down', () => {
    const setup = setUp();
    const nodes = ['r1', 'r2', 'r3', 'r4'].map((name) => fakeNode(setup.world, name, 'replica'));
    const sentinel = must(setup.sentinels[0]);
    sentinel.replicas = nodes;
    sentinel.flags.set('r2', 's_down,slave,disconnected');
    sentinel.flags.set('r3', 'slave,disconnected');
    const answer = setup.ask<readonly ServerName[] | null>((sentinels, done) => sentinels.askReplicas(done));
    expect(answer?.value?.map(({ host }) => host)).toEqual([nodes[0]?.address, nodes[3]?.address]);
    sentinel.replicas = [];
    expect(setup.ask<unknown>((sentinels, done) => sentinels.askReplicas(done))?.value).toEqual([]);
    expect(asked(setup)).toEqual([2, 0, 0]);
  });

  test('the password goes first; without it, or with another, nobody answers', () => {
    const setup = setUp({ wanted: 'open sesame', password: 'open sesame' });
    expect(setup.ask(askPrimary)?.value).not.toBeNull();
    expect(setup.sentinels[0]?.got[0]).toBe('AUTH open sesame');
    expect(setUp({ wanted: 'open sesame' }).ask(askPrimary)?.value).toBeNull();
    expect(setUp({ wanted: 'open sesame', password: 'guess' }).ask(askPrimary)?.value).toBeNull();
  });
});
