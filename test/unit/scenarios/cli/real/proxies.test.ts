/** The network without root: pipes of links, addresses of the loopback, whose a socket is, and a few machines of proxies. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clearAway } from '../../../../../scenarios/cli/real/clearAway.ts';
import { HELD_BYTES_MAX, LinkPipe, type Piece } from '../../../../../scenarios/cli/real/linkPipe.ts';
import { LinkRules, type LinkState } from '../../../../../scenarios/cli/real/linkRules.ts';
import { clientAddress, facesOf, ownAddress, withAddresses } from '../../../../../scenarios/cli/real/loopbackAddresses.ts';
import { NameBook } from '../../../../../scenarios/cli/real/nameBook.ts';
import { runNames } from '../../../../../scenarios/cli/real/names.ts';
import { ProxyNetwork, takeBlock } from '../../../../../scenarios/cli/real/proxyNetwork.ts';
import { inodeOf, ownerOfSocket, procPlace } from '../../../../../scenarios/cli/real/socketOwner.ts';
import { type RealMachine, networkKindOf } from '../../../../../scenarios/cli/real/worldNetwork.ts';
import type { ExpandedScenario } from '../../../../../sim/scenario.ts';
import type { ProcessSpec } from '../../../../../sim/topology/topology.ts';

const WHOLE: LinkState = { isCut: false, delayMs: 0, lossPercent: 0, bytesPerSecond: null };
const CUT: LinkState = { ...WHOLE, isCut: true };
const data = (text: string): Piece => ({ kind: 'data', chunk: Buffer.from(text) });

describe('a direction of a proxied connection', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  interface Seen {
    readonly came: string[];
    readonly flows: boolean[];
    state: LinkState | null;
  }

  const pipeOf = (draws: readonly number[] = []): Seen & { readonly pipe: LinkPipe } => {
    const left = [...draws];
    const start = performance.now();
    const seen: Seen = { came: [], flows: [], state: WHOLE };
    const pipe = new LinkPipe({
      link: () => seen.state, draw: () => left.shift() ?? 1, flow: (mayRead) => seen.flows.push(mayRead),
      deliver: (piece) => seen.came.push(`${Math.round(performance.now() - start)} ${piece.kind === 'data' ? piece.chunk.toString() : piece.kind}`),
    });
    return Object.assign(seen, { pipe });
  };

  test('passes on at once where nothing stands on the link, and late where it is clogged, in order', () => {
    const made = pipeOf();
    made.pipe.send(data('a'));
    made.state = { ...WHOLE, delayMs: 50 };
    made.pipe.send(data('b'));
    vi.advanceTimersByTime(10);
    made.state = WHOLE;
    made.pipe.send(data('c'));
    made.pipe.send({ kind: 'end' });
    vi.advanceTimersByTime(100);
    expect(made.came).toEqual(['0 a', '50 b', '50 c', '50 end']);
  });

  test.each([
    [450, ['600 a', '600 b']], [650, ['1400 a', '1400 b']],
  ])('behind a cut tries again as TCP does: healed after %i ms, it comes at the next attempt', (healedMs, expected) => {
    const made = pipeOf();
    made.state = CUT;
    made.pipe.send(data('a'));
    vi.advanceTimersByTime(healedMs);
    made.state = WHOLE;
    made.pipe.send(data('b'));
    vi.advanceTimersByTime(5000);
    expect(made.came).toEqual(expected);
  });

  test('opens a connection after 1 s, 3 s, 7 s where there is no way', () => {
    const made = pipeOf();
    made.state = null;
    made.pipe.send({ kind: 'open' });
    vi.advanceTimersByTime(3500);
    made.state = WHOLE;
    vi.advanceTimersByTime(10_000);
    expect(made.came).toEqual(['7000 open']);
  });

  test('loses each piece by itself: one lost twice holds up the next, which was lost once', () => {
    const made = pipeOf([0, 0, 1, 0, 1]);
    made.state = { ...WHOLE, lossPercent: 30 };
    made.pipe.send(data('a'));
    made.pipe.send(data('b'));
    vi.advanceTimersByTime(5000);
    expect(made.came).toEqual(['600 a', '600 b']);
  });

  test('of a narrow link takes the time that its bytes need', () => {
    const made = pipeOf();
    made.state = { ...WHOLE, bytesPerSecond: 10 };
    for (const text of ['aaaaa', 'bb', 'c']) made.pipe.send(data(text));
    vi.advanceTimersByTime(5000);
    expect(made.came).toEqual(['500 aaaaa', '700 bb', '800 c']);
  });

  test('stops a sender that is too far ahead, and one whose receiver takes no more', () => {
    const made = pipeOf();
    made.state = CUT;
    made.pipe.send({ kind: 'data', chunk: Buffer.alloc(HELD_BYTES_MAX) });
    expect(made.flows.at(-1)).toBe(false);
    made.state = WHOLE;
    vi.advanceTimersByTime(200);
    expect(made.flows.at(-1)).toBe(true);
    made.pipe.full(true);
    expect(made.flows.at(-1)).toBe(false);
  });
});

test('every address of a scenario stands for a face, also one that a machine will have, and reports have them back', () => {
  const scenario = {
    topology: { machines: [{ name: 'a', address: '10.0.0.1' }, { name: 'b', address: '10.0.0.11' }], processes: [{ directives: [['replicaof', '10.0.0.1', '6379']] }] },
    plan: [{ when: { atMs: 1 }, do: 'newAddress', target: 'a', with: { address: '10.0.0.9' } }],
    workload: { clients: [{ servers: ['10.0.0.11:6379', '110.0.0.1:1'] }] },
  };
  const faces = facesOf(scenario as unknown as ExpandedScenario, 70);
  const there = withAddresses(scenario, faces);
  expect(there).toEqual({
    topology: { machines: [{ name: 'a', address: '127.70.1.2' }, { name: 'b', address: '127.70.2.2' }], processes: [{ directives: [['replicaof', '127.70.1.2', '6379']] }] },
    plan: [{ when: { atMs: 1 }, do: 'newAddress', target: 'a', with: { address: '127.70.1.3' } }],
    workload: { clients: [{ servers: ['127.70.2.2:6379', '110.0.0.1:1'] }] },
  });
  expect(withAddresses(there, new Map([...faces].map(([address, face]) => [face, address])))).toEqual(scenario);
  expect(clientAddress(70, 250)).toBe('127.70.201.1');
});

test('names mean what was set last, lies while they last, and nothing while nobody answers', () => {
  const book = new NameBook();
  const told: number[] = [];
  book.changed = () => told.push(1);
  book.add('a', '10.0.0.1');
  book.add('a', '10.0.0.2');
  expect(book.hostsText()).toBe('127.0.0.1 localhost\n10.0.0.1 a\n10.0.0.2 a\n');
  const first = book.lie('a', []);
  const second = book.lie('a', ['10.0.0.9']);
  expect(book.lookUp('a')).toEqual({ addresses: ['10.0.0.9'], delayMs: 0 });
  second();
  expect(book.addressesOf('a')).toEqual([]);
  first();
  book.move('10.0.0.2', '10.0.0.3');
  expect(book.addressesOf('a')).toEqual(['10.0.0.1', '10.0.0.3']);
  const speak = book.silence();
  expect(book.lookUp('a')).toEqual({ addresses: [], delayMs: 5000 });
  speak();
  expect(book.lookUp('a').delayMs).toBe(0);
  expect(told.length).toBe(9);
});

test('the network is what was asked for, or what this user can have', () => {
  expect([networkKindOf('namespaces'), networkKindOf('proxies')]).toEqual(['namespaces', 'proxies']);
  expect(networkKindOf(undefined)).toBe(process.getuid?.() === 0 ? 'namespaces' : 'proxies');
  expect(() => networkKindOf('vpn')).toThrow("--network: 'vpn' is neither namespaces nor proxies");
});

test.runIf(process.platform === 'linux')('what is left of a run without namespaces is its directory, and whoever works below it', async () => {
  const { id, directory } = runNames(process.pid, 4711);
  mkdirSync(join(directory, 'm1.disk'), { recursive: true });
  const server = spawn('sleep', ['60'], { cwd: join(directory, 'm1.disk') });
  const ended = once(server, 'exit');
  await once(server, 'spawn');
  expect(await clearAway(id)).toEqual([]);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(directory)).toBe(false);
});

describe.runIf(process.platform === 'linux')('on the loopback', () => {
  const rules = new LinkRules();
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const failures: unknown[] = [];
  let network: ProxyNetwork;
  let machines: readonly RealMachine[] = [];
  let block = 0;
  let client = '';
  let port = 0;

  /** A server behind the face of a machine, which answers with what it gets and says who called. */
  const serve = async (place: number, callers: string[]): Promise<Server> => {
    const server = createServer((socket) => {
      callers.push(socket.remoteAddress ?? '');
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => socket.write(`echo ${chunk.toString()}`));
    });
    servers.push(server);
    server.listen(port, ownAddress(block, place));
    await once(server, 'listening');
    return server;
  };
  const call = (address: string, localAddress: string): Socket => {
    const socket = createConnection({ host: address, port, localAddress });
    sockets.push(socket);
    socket.on('error', () => undefined);
    return socket;
  };
  const answer = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);
  const errorOf = (socket: Socket): Promise<string> => new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('connect', () => resolve('connected'));
  });
  const spec = (name: string): ProcessSpec => ({ name, kind: 'redis', port, directives: [], aliases: [] }) as unknown as ProcessSpec;
  const [a, b] = [(): RealMachine => machines[0] as RealMachine, (): RealMachine => machines[1] as RealMachine];

  beforeEach(async () => {
    // One that no program has on any address.
    const anywhere = createServer();
    anywhere.listen(0);
    await once(anywhere, 'listening');
    port = (anywhere.address() as AddressInfo).port;
    anywhere.close();
    const taken = await takeBlock(process.pid);
    ({ block } = taken);
    network = new ProxyNetwork(new NameBook(), rules, { block, release: taken.close, failed: (error) => failures.push(error) });
    machines = await network.addMachines([1, 2].map((index) => ({ name: `m${index}`, zone: 'z', address: `127.${block}.${index}.2` })));
    client = await network.addClient('C1');
  });
  afterEach(() => {
    network.close();
    for (const server of servers.splice(0)) server.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    expect(failures).toEqual([]);
  });

  const begin = async (callers: string[] = []): Promise<void> => {
    await serve(2, callers);
    network.serverIs(b(), spec('b'), process.pid);
    await vi.waitUntil(async () => await errorOf(call(b().address, client)) === 'connected');
  };

  test('a machine refuses until its server listens, and again when that has ended; a server sees the face of whoever calls', async () => {
    expect(await errorOf(call(b().address, client))).toBe('ECONNREFUSED');
    const callers: string[] = [];
    await begin(callers);
    for (const from of [client, ownAddress(block, 1)]) {
      const socket = call(b().address, from);
      socket.write('hello');
      expect(await answer(socket)).toBe('echo hello');
    }
    // From nowhere: the kernel knows that the socket is of a process of machine m2's.
    const nobodys = call(b().address, '127.0.0.1');
    nobodys.write('x');
    expect(await answer(nobodys)).toBe('echo x');
    expect(callers.slice(-3)).toEqual([client, a().address, b().address]);
    network.serverIs(b(), spec('b'), null);
    expect(await errorOf(call(b().address, client))).toBe('ECONNREFUSED');
  });

  test('nobody of the run is let in who calls from nowhere', async () => {
    await begin();
    network.serverIs(b(), spec('b'), 1);
    const stranger = call(b().address, '127.0.0.1');
    stranger.write('x');
    expect(await new Promise((resolve) => {
      stranger.on('close', () => resolve(stranger.bytesRead));
    })).toBe(0);
  });

  test('a cut one way holds up what goes that way, until it is healed and tried again; a reset ends both ends', async () => {
    await begin();
    const socket = call(b().address, client);
    socket.write('one');
    await answer(socket);
    const heal = rules.add(['C1'], ['m2'], { isCut: true });
    socket.write('two');
    const early = await Promise.race([answer(socket), new Promise((resolve) => {
      setTimeout(() => resolve('silence'), 250);
    })]);
    expect(early).toBe('silence');
    heal();
    expect(await answer(socket)).toBe('echo two');
    expect(network.reset(['m1'], ['m2'])).toBe('0 connections reset');
    const ended = errorOf(socket);
    expect(network.reset(['m2'], ['C1'])).toMatch(/^[1-9][0-9]* connections reset$/);
    expect(await ended).toBe('ECONNRESET');
  });

  test('without power a machine says nothing; when it is back, what a peer sends on is reset', async () => {
    await begin();
    const socket = call(b().address, client);
    socket.write('one');
    await answer(socket);
    rules.silence('m2');
    network.serverIs(b(), spec('b'), null);
    await network.removeMachine(b());
    // Let in by the proxy, and unheard.
    expect(await errorOf(call(b().address, client))).toBe('connected');
    const ended = errorOf(socket);
    socket.write('two');
    network.poweredOn(b());
    rules.speak('m2');
    expect(await ended).toBe('ECONNRESET');
    expect(await errorOf(call(b().address, client))).toBe('ECONNREFUSED');
  });

  test('servers are bound to their machine, announce its face, and get addresses for names', () => {
    network.names.add('main', a().address);
    const own = ownAddress(block, 2);
    expect(network.directivesOn(b(), spec('b'), [['bind', '*'], ['replicaof', 'main', '6379'], ['requirepass', 'main']])).toEqual([
      ['bind', own], ['bind-source-addr', own], ['replica-announce-ip', b().address], ['replicaof', a().address, '6379'], ['requirepass', 'main'],
    ]);
    expect(network.directivesOn(b(), { ...spec('s'), kind: 'sentinel' }, [['sentinel', 'monitor', 'main', 'main', '6379', '2'], ['sentinel', 'announce-ip', '127.9.9.9']])).toEqual([
      ['bind', own], ['bind-source-addr', own], ['sentinel', 'monitor', 'main', a().address, '6379', '2'], ['sentinel', 'announce-ip', '127.9.9.9'],
    ]);
  });

  test('two runs have blocks of their own', async () => {
    const other = await takeBlock(process.pid);
    expect(other.block).not.toBe(block);
    other.close();
  });

  test('whose a socket is, the kernel tells', async () => {
    await serve(1, []);
    const socket = call(ownAddress(block, 1), '127.0.0.1');
    await once(socket, 'connect');
    const local = { address: '127.0.0.1', port: socket.localPort ?? 0 };
    const remote = { address: ownAddress(block, 1), port };
    expect(ownerOfSocket(local, remote, [1_000_000_000, process.pid])).toBe(process.pid);
    expect(ownerOfSocket({ ...local, port: 1 }, remote, [process.pid])).toBeNull();
    expect(procPlace('127.0.0.1', 6379)).toBe('0100007F:18EB');
    expect(inodeOf('  sl ...\n   0: 0100007F:18EB 0200007F:0001 01 00000000:00000000 00:00000000 00000000  0  0 4711 1\n', '0100007F:18EB', '0200007F:0001')).toBe('4711');
  });
});
