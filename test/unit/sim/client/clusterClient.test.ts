/** The client of a cluster against small servers that answer what they are told to: redirections, retries, connections that go. */
import { describe, expect, test } from 'vitest';
import { type Bytes, ErrorReply, type Host, type Reply, SLOTS, Status, bytes, error, keySlot } from '../../../../engine/index.ts';
import { OK } from '../../../../engine/protocol/reply.ts';
import { CLUSTER_RETRY_MS, CLUSTER_TRIES_MAX, ClusterClient } from '../../../../sim/client/clusterClient.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { PORT, type World, makeWorld, must } from '../echo.ts';
import { type FakeServer, serve } from './fakeServers.ts';

const CONNECT_TIMEOUT_MS = 1000;
const KEY: Bytes = bytes('k');
const SLOT: number = keySlot(KEY);

interface Setup {
  readonly world: World;
  readonly a: FakeServer;
  readonly b: FakeServer;
  readonly process: SimProcess;
  /** What each node says to a command that is not about the cluster; undefined: nothing. */
  readonly says: Map<string, (argv: readonly Bytes[]) => Reply | undefined>;
  /** Who owns all slots, by the word of both; null: nobody does. */
  owner: FakeServer | null;
  send(word?: string): (string | undefined)[];
  act(what: (client: ClusterClient) => void): void;
}

const address = (server: FakeServer): string => `${server.process.machine.address}:${PORT}`;

const setUp = (): Setup => {
  const world = makeWorld(1);
  const says: Setup['says'] = new Map();
  const make = (name: string): FakeServer => serve(world, name, (argv) => {
    if (argv[0] !== 'CLUSTER') return (says.get(name) ?? ((): Reply => OK))(argv);
    const { owner } = setup;
    return owner === null ? [] : [[0, SLOTS - 1, [owner.process.machine.address, PORT, bytes('id')]]];
  });
  const a = make('a');
  const b = make('b');
  let made: ClusterClient | null = null;
  const process = world.process('client', (host: Host) => {
    made = new ClusterClient(host, [a.place, b.place], undefined, CONNECT_TIMEOUT_MS, {});
    made.open();
  });
  const act = (what: (client: ClusterClient) => void): void => process.submit(() => what(must(made as ClusterClient | null)));
  const setup: Setup = {
    world, a, b, process, says, owner: a, act,
    send: (word = 'SET') => {
      const answers: (string | undefined)[] = [];
      act((client) => client.send([bytes(word), KEY, bytes('v')], (reply) => {
        answers.push(reply instanceof Status || reply instanceof ErrorReply ? reply.text : undefined);
      }));
      return answers;
    },
  };
  process.start();
  world.run(0.2);
  return setup;
};

const writes = ({ got }: FakeServer): string[] => got.filter((line) => !line.startsWith('CLUSTER'));

describe('a client of a cluster', () => {
  test('sends to the owner of the slot', () => {
    const { world, a, b, send } = setUp();
    const answers = send();
    world.run(0.1);
    expect([answers, writes(a), writes(b)]).toEqual([['OK'], ['SET k v'], []]);
  });

  test('follows MOVED, and goes there at once the next time', () => {
    const setup = setUp();
    const { world, a, b, says, send } = setup;
    says.set('a', () => error(`MOVED ${SLOT} ${address(b)}`));
    setup.owner = b;
    const answers = [send()];
    world.run(0.5);
    answers.push(send());
    world.run(0.1);
    expect([answers, writes(a), writes(b)]).toEqual([[['OK'], ['OK']], ['SET k v'], ['SET k v', 'SET k v']]);
  });

  test('follows ASK with ASKING, for this once', () => {
    const { world, a, b, says, send } = setUp();
    says.set('a', () => error(`ASK ${SLOT} ${address(b)}`));
    const answers = [send()];
    world.run(0.5);
    answers.push(send());
    world.run(0.5);
    expect([answers, writes(a), writes(b)]).toEqual(
      [[['OK'], ['OK']], ['SET k v', 'SET k v'], ['ASKING', 'SET k v', 'ASKING', 'SET k v']]);
  });

  test('tries again what is refused for the moment, so often and no more', () => {
    const { world, a, says, send } = setUp();
    says.set('a', () => error('CLUSTERDOWN The cluster is down'));
    const answers = send();
    world.run((CLUSTER_RETRY_MS * (CLUSTER_TRIES_MAX + 3)) / 1000);
    expect(answers).toEqual(['CLUSTERDOWN The cluster is down']);
    expect(writes(a)).toHaveLength(CLUSTER_TRIES_MAX);
  });

  test('passes other errors on at once', () => {
    const { world, a, says, send } = setUp();
    says.set('a', () => error('OOM command not allowed'));
    const answers = send();
    world.run(0.1);
    expect([answers, writes(a)]).toEqual([['OOM command not allowed'], ['SET k v']]);
  });

  test('never sends again what may have been executed', () => {
    const setup = setUp();
    const { world, a, b, says, send } = setup;
    says.set('a', () => undefined);
    const answers = send();
    world.run(0.1);
    setup.owner = b;
    a.drop();
    world.run(1);
    expect([answers, writes(b)]).toEqual([[undefined], []]);
    // It has learnt of the other owner meanwhile.
    const later = send();
    world.run(0.1);
    expect([later, writes(b)]).toEqual([['OK'], ['SET k v']]);
  });

  test('what waits for a connection goes to another owner', () => {
    const setup = setUp();
    const { world, a, b, send } = setup;
    a.process.kill();
    setup.owner = b;
    const answers = send();
    world.run(1);
    expect([answers, writes(b)]).toEqual([['OK'], ['SET k v']]);
  });

  test('gives up what is about one key, and stays open', () => {
    const { world, says, send, act } = setUp();
    says.set('a', () => undefined);
    const answers = send();
    world.run(0.1);
    act((client) => client.close('no answer in time', KEY));
    world.run(0.1);
    let isOpen = false;
    act((client) => {
      isOpen = client.isOpen;
    });
    world.run(0.1);
    expect([answers, isOpen]).toEqual([[undefined], true]);
  });

  test('without slots it asks on until somebody has some', () => {
    const setup = setUp();
    const { world, act } = setup;
    let isOpen: boolean | null = null;
    const look = (): void => act((client) => {
      isOpen = client.isOpen;
    });
    setup.owner = null;
    act((client) => {
      client.close('again');
      client.open();
    });
    world.run(1);
    look();
    world.run(0.1);
    expect(isOpen).toBe(false);
    setup.owner = setup.a;
    world.run(1);
    look();
    world.run(0.1);
    expect(isOpen).toBe(true);
  });
});

describe('what is sent behind a request', () => {
  /** A write and WAIT behind it; what each was answered. */
  const sendBoth = ({ act }: Setup): unknown[] => {
    const answers: unknown[] = [];
    act((client) => {
      client.send([bytes('SET'), KEY, bytes('v')], (reply) => answers.push(reply instanceof ErrorReply ? reply.text : 'write'));
      client.sendBehind([bytes('WAIT'), bytes('1'), bytes('0')], (reply) => answers.push(reply));
    });
    return answers;
  };
  const waitSays = (count: number, other: Reply) => (argv: readonly Bytes[]): Reply => (argv[0] === 'WAIT' ? count : other);

  test('goes to the node that takes the request, over the same connection, and its answer there alone is told', () => {
    const setup = setUp();
    const { world, a, b, says } = setup;
    says.set('a', waitSays(7, error(`MOVED ${SLOT} ${address(b)}`)));
    says.set('b', waitSays(2, OK));
    const answers = sendBoth(setup);
    world.run(0.5);
    expect([answers, writes(a), writes(b)]).toEqual([['write', 2], ['SET k v', 'WAIT 1 0'], ['SET k v', 'WAIT 1 0']]);
  });

  test('waits with its request for a connection that is not open yet', () => {
    const setup = setUp();
    setup.says.set('a', waitSays(1, OK));
    const answers = sendBoth(setup);
    setup.world.run(0.3);
    expect([answers, writes(setup.a)]).toEqual([['write', 1], ['SET k v', 'WAIT 1 0']]);
  });

  test('says nothing for a request that was refused', () => {
    const setup = setUp();
    setup.says.set('a', waitSays(1, error('MISCONF no disk')));
    const answers = sendBoth(setup);
    setup.world.run(0.3);
    expect(answers).toEqual(['MISCONF no disk']);
  });

  test('has nothing to follow where there is no request', () => {
    const setup = setUp();
    const answers: unknown[] = [];
    setup.act((client) => client.sendBehind([bytes('WAIT')], (reply) => answers.push(reply)));
    setup.world.run(0.1);
    expect([answers, writes(setup.a)]).toEqual([[undefined], []]);
  });
});
