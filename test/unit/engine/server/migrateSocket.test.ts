import { describe, expect, it } from 'vitest';
import { type Bytes, bytes, join } from '../../../../engine/core/bytes.ts';
import type { NetError } from '../../../../engine/host.ts';
import { encodeCommand } from '../../../../engine/protocol/encode.ts';
import { OK, error } from '../../../../engine/protocol/reply.ts';
import { MigrateSocket, MigrateSockets, type TalkResult } from '../../../../engine/server/migrateSocket.ts';
import { type Answer, FakeHost } from '../../../support/fakeHost.ts';

const NODE = bytes('10.0.0.9');
const PORT = bytes('7000');
const command = (...words: readonly string[]): Bytes => encodeCommand(words.map(bytes));

const bench = (answer: Answer): { host: FakeHost; sockets: MigrateSockets; get: (port?: Bytes) => MigrateSocket | NetError | undefined } => {
  const host = new FakeHost();
  host.names.set(NODE, NODE);
  host.answerers.set(`${NODE}:${PORT}`, answer);
  const sockets = new MigrateSockets(host, () => false);
  const get = (port: Bytes = PORT): MigrateSocket | NetError | undefined => {
    let got: MigrateSocket | NetError | undefined;
    sockets.get(NODE, port, 100, (result) => {
      got = result;
    });
    host.advance(1);
    return got;
  };
  return { host, sockets, get };
};

const socketOf = (result: MigrateSocket | NetError | undefined): MigrateSocket => {
  if (!(result instanceof MigrateSocket)) throw new Error(`no connection: ${String(result)}`);
  return result;
};

describe('the connections of MIGRATE', () => {
  it('gathers the replies of one conversation and keeps the connection for the next', () => {
    const { host, sockets, get } = bench((argv) => (argv[0] === 'PING' ? OK : error('ERR no')));
    const socket = socketOf(get());
    const results: TalkResult[] = [];
    socket.talk(join([command('PING'), command('NO')]), 2, 100, (result) => results.push(result));
    host.advance(1);
    expect(results).toEqual([{ replies: [OK, error('ERR no')], failure: null }]);
    expect(get()).toBe(socket);
    expect([sockets.size, host.connections.length]).toEqual([1, 1]);
  });

  it('gives each reply its own time, and drops a connection that was silent for longer', () => {
    const { host, sockets, get } = bench((argv) => (argv[0] === 'LATE' ? null : OK));
    const socket = socketOf(get());
    const results: TalkResult[] = [];
    socket.talk(join([command('PING'), command('LATE')]), 2, 100, (result) => results.push(result));
    host.advance(99);
    expect(results).toEqual([]);
    host.connections[0]?.deliver(OK);
    host.advance(1);
    expect(results).toEqual([{ replies: [OK, OK], failure: null }]);
    socket.talk(command('LATE'), 1, 100, (result) => results.push(result));
    host.advance(100);
    expect(results[1]).toEqual({ replies: [], failure: { stage: 'reading', isTimeout: true } });
    expect([sockets.size, host.connections[0]?.isOpen]).toEqual([0, false]);
  });

  it('tells a lost connection from a timeout, and forgets one that is lost between conversations', () => {
    const { host, sockets, get } = bench(() => null);
    const results: TalkResult[] = [];
    socketOf(get()).talk(command('PING'), 1, 100, (result) => results.push(result));
    host.connections[0]?.drop('reset');
    expect(results).toEqual([{ replies: [], failure: { stage: 'reading', isTimeout: false } }]);
    socketOf(get());
    host.connections[1]?.drop(null);
    expect(sockets.size).toBe(0);
  });

  it('closes what nobody used for more than ten seconds', () => {
    const { host, sockets, get } = bench(() => OK);
    socketOf(get());
    host.advance(10_000);
    sockets.closeIdle();
    expect(sockets.size).toBe(1);
    host.advance(1000);
    sockets.closeIdle();
    expect([sockets.size, host.connections[0]?.isOpen]).toEqual([0, false]);
  });

  it('says why there is no connection', () => {
    const { get } = bench(() => OK);
    expect(get(bytes('7001'))).toBe('refused');
    expect(get(bytes('x'))).toBe('badAddress');
    expect(get(bytes('65536'))).toBe('badAddress');
  });

  it('keeps at most 64 connections', () => {
    const { host, sockets, get } = bench(() => OK);
    for (let port = 1; port <= 70; port++) {
      host.answerers.set(`${NODE}:${port}`, () => OK);
      socketOf(get(bytes(String(port))));
    }
    expect(sockets.size).toBe(64);
    expect(host.connections.filter((connection) => connection.isOpen).length).toBe(64);
  });
});
