/**
 * CONFIG SET of what the process itself stands on, beside redis-server 7.0: its port, its addresses, and what is protected.
 * Errors, what is in force afterwards, and where the server can be reached.
 */
import { type Server, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, freePort, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
type Ports = Readonly<Record<'own' | 'other' | 'taken', number>>;

/** A port that somebody listens on, until `release`. */
const takePort = (port: number): Promise<Server> => new Promise((resolve, reject) => {
  const server = createServer();
  server.on('error', reject);
  server.listen(port, '127.0.0.1', () => resolve(server));
});

const isReached = async (port: number): Promise<boolean> => {
  try {
    const client = await RawClient.open(port);
    const reply = encodeReply(await client.run('PING'), 2);
    client.close();
    return reply === '+PONG\r\n';
  } catch {
    return false;
  }
};

describe('CONFIG SET of port, bind and protected directives beside redis-server 7.0', () => requireRedis(() => {
  const started: ServerProcess[] = [];
  const others: Server[] = [];

  afterEach(async () => {
    for (const other of others.splice(0)) other.close();
    await Promise.all(started.splice(0).map((server) => server.stop()));
  });

  /** What both say to the same lines, with names in place of the ports; after each line, where they can be reached. */
  const compare = async (lines: readonly string[], directives: readonly string[] = []): Promise<void> => {
    const said = await Promise.all(KINDS.map(async (kind) => {
      const server = await startServerProcess(kind, directives);
      started.push(server);
      const taken = await freePort();
      others.push(await takePort(taken));
      const ports: Ports = { own: server.port, other: await freePort(), taken };
      const named = (text: string): string => Object.entries(ports).reduce((result, [name, port]) =>
        result.replaceAll(`$${String(port).length}\r\n${port}`, `$\r\n${name}`).replaceAll(String(port), name), text);
      const client = await RawClient.open(server.port);
      const answers: string[] = [];
      for (const line of lines) {
        const words = line.split(' ').map((word) => String(ports[word as keyof Ports] ?? (word.startsWith('"') ? word.slice(1, -1).replaceAll('_', ' ') : word)));
        const answer = named(encodeReply(await client.run(...words), 2)).replaceAll(server.directory, 'DIRECTORY').replace(/\$\d+(?=\r\nDIR)/, '$');
        answers.push(`${line} -> ${answer}, reached at own: ${await isReached(ports.own)}, other: ${await isReached(ports.other)}`);
      }
      client.close();
      return answers;
    }));
    expect(said[1]).toEqual(said[0]);
  };

  test('port: a new one, one that is taken, the same again, none', () => compare([
    'CONFIG SET port taken', 'CONFIG GET port', 'CONFIG SET hz 33 port taken', 'CONFIG GET hz', 'CONFIG SET port other', 'CONFIG GET port',
    'CONFIG SET port other', 'CONFIG SET PORT own hz 20', 'CONFIG GET hz', 'CONFIG SET port 70000', 'CONFIG SET port x', 'CONFIG SET port own port other',
    'CONFIG SET port other nothing 1', 'CONFIG SET port other hz x', 'CONFIG GET port', 'CONFIG SET port 0', 'CONFIG GET port', 'CONFIG SET port own',
    'CONFIG SET port', 'CONFIG SET port other databases 3', 'INFO nothing',
  ]), 60_000);

  test('bind: addresses, optional ones, those that the machine does not have', () => compare([
    'CONFIG SET bind 127.0.0.1', 'CONFIG SET bind 1.2.3.4', 'CONFIG GET bind', 'CONFIG SET bind "127.0.0.1_-1.2.3.4"', 'CONFIG GET bind',
    'CONFIG SET bind -1.2.3.4', 'CONFIG GET bind', 'CONFIG SET bind ""', 'CONFIG GET bind', 'CONFIG SET bind *', 'CONFIG GET bind',
    'CONFIG SET bind "_127.0.0.1"', 'CONFIG SET bind -', 'CONFIG SET bind "1_2_3_4_5_6_7_8_9_10_11_12_13_14_15_16_17"',
    'CONFIG SET bind 127.0.0.1 port other', 'CONFIG SET bind 127.0.0.1 port taken', 'CONFIG SET port taken bind 127.0.0.1', 'CONFIG GET port',
    'CONFIG SET hz 40 port own bind 127.0.0.1', 'CONFIG SET bind 127.0.0.1 bind ::1', 'CONFIG GET bind',
  ]), 60_000);

  test.each([['no'], ['local'], ['yes']])('protected directives with enable-protected-configs %s', (setting) => compare([
    'CONFIG SET dbfilename x.rdb', 'CONFIG GET dbfilename', 'CONFIG SET dbfilename a/b', 'CONFIG SET dbfilename x.rdb nothing 1',
    'CONFIG SET nothing 1 dbfilename x.rdb', 'CONFIG SET hz x dbfilename x.rdb', 'CONFIG SET enable-protected-configs yes',
    'CONFIG SET databases 1 dbfilename x.rdb', 'CONFIG SET dbfilename x.rdb databases 1', 'CONFIG SET dbfilename a dbfilename b', 'CONFIG GET dbfilename',
    'SET a 1', 'SAVE', 'CONFIG SET tcp-keepalive x', 'CONFIG SET tcp-keepalive 10', 'CONFIG GET tcp-keepalive', 'CONFIG GET dir',
    ...(setting === 'no' ? ['CONFIG SET dir /tmp', 'CONFIG SET dir /tmp hz x'] : []),
  ], ['--enable-protected-configs', setting]), 60_000);

  test('several clients that change the port wait for one another; from MULTI it is refused', async () => {
    const server = await startServerProcess('faultline');
    started.push(server);
    const [first, second, third] = [await freePort(), await freePort(), await freePort()];
    const clients = await Promise.all([0, 1, 2, 3].map(() => RawClient.open(server.port)));
    // One that was not accepted yet goes with the listening socket.
    for (const client of clients) await client.run('PING');
    const replies = await Promise.all([first, second, third].map((port, index) =>
      (clients[index] as RawClient).run('CONFIG', 'SET', 'port', String(port))));
    expect(replies.map((reply) => encodeReply(reply, 2))).toEqual(['+OK\r\n', '+OK\r\n', '+OK\r\n']);
    const last = clients[3] as RawClient;
    const present = (await last.run('CONFIG', 'GET', 'port') as readonly string[])[1];
    expect(await Promise.all([first, second, third].map(isReached))).toEqual([first, second, third].map((port) => String(port) === present));
    await last.run('MULTI');
    await last.run('CONFIG', 'SET', 'port', String(server.port));
    expect(encodeReply(await last.run('EXEC'), 2)).toContain("-ERR CONFIG SET of port or bind isn't allowed for DENY BLOCKING client");
    for (const client of clients) client.close();
  }, 30_000);
}));
