/** Readers that read from replicas: whom they find through the sentinels, in turn, and what they do when that changes. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/index.ts';
import { History, type Read } from '../../../../sim/client/history.ts';
import { readerClient } from '../../../../sim/client/reader.ts';
import { REPLICAS_REFRESH_MS } from '../../../../sim/client/replicaClients.ts';
import { SENTINEL_RETRY_MS } from '../../../../sim/client/sentinels.ts';
import { SECOND, type World, makeWorld, must } from '../echo.ts';
import { type FakeNode, type FakeSentinel, SERVICE, fakeNode, fakeSentinel } from './fakeServers.ts';

interface Setup {
  readonly world: World;
  readonly nodes: readonly FakeNode[];
  readonly primary: FakeNode;
  readonly sentinels: readonly FakeSentinel[];
  /** Who answered the reads of the next `ms`, in order; null: nobody. */
  reads(forMs: number): readonly (string | null)[];
}

const PERIOD_MS = 50;

/** A primary and three replicas of which the sentinels list the first two; a reader for a minute. */
const setUp = (listens = false, nodePassword?: string): Setup => {
  const world = makeWorld(1);
  const primary = fakeNode(world, 'main', 'primary', nodePassword);
  const nodes = ['r1', 'r2', 'r3'].map((name) => fakeNode(world, name, 'replica', nodePassword));
  const sentinels = ['s1', 's2'].map((name) => fakeSentinel(world, name, primary));
  for (const sentinel of sentinels) sentinel.replicas = nodes.slice(0, 2);
  const history = new History();
  world.process('reader', readerClient({
    name: 'R1', zone: 'a', kind: 'reader', operationsPerSecond: 1000 / PERIOD_MS, timeoutMs: 200, readsFrom: 'replicas',
    sentinel: { name: SERVICE, sentinels: sentinels.map(({ place }) => place), listens },
    ...(nodePassword === undefined ? {} : { password: nodePassword }),
  }, [bytes('a'), bytes('b')], { history, now: () => world.kernel.now, stopAtMicros: 60 * SECOND }, PERIOD_MS)).start();
  const found = ({ outcome, value }: Read): string | null => (outcome === 'ok' ? value : null);
  const reads = (forMs: number): readonly (string | null)[] => {
    const from = history.reads.length;
    world.run(forMs / 1000);
    return history.reads.slice(from).filter(({ outcome }) => outcome !== 'pending').map(found);
  };
  return { world, nodes, primary, sentinels, reads };
};

const lists = ({ sentinels }: Setup): number => sentinels[0]?.got.filter((line) => line === `SENTINEL REPLICAS ${SERVICE}`).length ?? 0;
const list = ({ sentinels }: Setup, nodes: readonly (FakeNode | undefined)[]): void => {
  for (const sentinel of sentinels) sentinel.replicas = nodes.map((node) => must(node));
};

describe('a reader of replicas', () => {
  test('reads from each in turn, each for every key, and never from the primary', () => {
    const setup = setUp();
    expect(setup.reads(450).slice(0, 6)).toEqual(['r1', 'r2', 'r1', 'r2', 'r1', 'r2']);
    expect(setup.nodes[0]?.got.slice(0, 5)).toEqual(['ROLE', 'GET a', 'GET b', 'GET a', 'GET b']);
    expect(setup.primary.got).toEqual([]);
    expect(lists(setup)).toBe(1);
  });

  test('one that dies: the others go on, it is asked for again, and used when it is back', () => {
    const setup = setUp();
    setup.reads(300);
    setup.nodes[0]?.process.kill();
    setup.reads(100);
    expect(new Set(setup.reads(1000))).toEqual(new Set(['r2']));
    expect(lists(setup)).toBeGreaterThan(2);
    setup.nodes[0]?.process.start();
    setup.reads(SENTINEL_RETRY_MS + PERIOD_MS);
    expect(setup.reads(200)).toContain('r1');
  });

  test('one that says it is a primary is not read from', () => {
    const setup = setUp();
    must(setup.nodes[0]).role = 'primary';
    expect(new Set(setup.reads(2000))).toEqual(new Set(['r2']));
    must(setup.nodes[0]).role = 'replica';
    setup.reads(SENTINEL_RETRY_MS + PERIOD_MS);
    expect(new Set(setup.reads(500))).toEqual(new Set(['r1', 'r2']));
  });

  test('one that is listed no more is left, one that is new is found, without any loss', () => {
    const setup = setUp();
    setup.reads(500);
    list(setup, [setup.nodes[1], setup.nodes[2]]);
    expect(setup.reads(500)).toContain('r1');
    setup.reads(REPLICAS_REFRESH_MS);
    expect(new Set(setup.reads(500))).toEqual(new Set(['r2', 'r3']));
    expect(setup.nodes[0]?.connections.size).toBe(0);
    // The one that was left is no reason to ask again.
    expect(lists(setup)).toBe(2);
  });

  test('none: reads fail until there is one', () => {
    const setup = setUp();
    list(setup, []);
    expect(new Set(setup.reads(1000))).toEqual(new Set([null]));
    list(setup, [setup.nodes[2]]);
    setup.reads(SENTINEL_RETRY_MS + PERIOD_MS);
    expect(new Set(setup.reads(500))).toEqual(new Set(['r3']));
  });

  test('a silent one costs its reads and is left', () => {
    const setup = setUp();
    setup.reads(300);
    setup.nodes[0]?.process.pause();
    const found = setup.reads(1500);
    expect(new Set(found)).toEqual(new Set(['r2', null]));
    expect(found.filter((who) => who === null).length).toBeLessThan(8);
    expect(found.slice(-10)).toEqual(Array.from({ length: 10 }, () => 'r2'));
  });

  test('listening, it asks anew at the news of another primary', () => {
    const setup = setUp(true);
    setup.reads(500);
    expect(lists(setup)).toBe(1);
    const [r1, r2, r3] = setup.nodes;
    must(r1).role = 'primary';
    list(setup, [r2, r3]);
    setup.sentinels[0]?.announce(must(r1));
    setup.reads(100);
    expect(new Set(setup.reads(500))).toEqual(new Set(['r2', 'r3']));
  });

  test('with a password', () => {
    const setup = setUp(false, 'secret');
    expect(new Set(setup.reads(500))).toEqual(new Set(['r1', 'r2']));
    expect(setup.nodes[0]?.got.slice(0, 2)).toEqual(['AUTH secret', 'ROLE']);
  });

  test('when its time is over it leaves everybody', () => {
    const setup = setUp(true);
    setup.world.run(61);
    expect([...setup.nodes, ...setup.sentinels].map(({ connections }) => connections.size)).toEqual([0, 0, 0, 0, 0]);
    const asked = lists(setup);
    setup.world.run(20);
    expect(lists(setup)).toBe(asked);
  });

  test('when its time is over in the midst of a question, nothing follows', () => {
    const setup = setUp();
    setup.world.run(59.65);
    setup.sentinels[0]?.process.pause();
    setup.nodes[0]?.drop();
    // It asks the silent one until it is 60.25 s; the other one would be next.
    setup.world.run(5);
    expect(setup.sentinels[1]?.got).toEqual([]);
    expect(setup.nodes.map(({ connections }) => connections.size)).toEqual([0, 0, 0]);
  });
});
