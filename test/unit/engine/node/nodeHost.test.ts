/** The host over real sockets, files and timers of this machine. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ms } from '../../../../engine/core/units.ts';
import { type Connection, type ConnectionHandlers, HostFileError, type Listener, type NetError }
  from '../../../../engine/host.ts';
import { NodeHost } from '../../../../engine/node/nodeHost.ts';

const LOCAL = bytes('127.0.0.1');
const NO_OPTIONS = { keepAliveMs: ms(0), bind: null };

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const listen = (host: NodeHost, accept: (connection: Connection) => ConnectionHandlers): Promise<Listener> =>
  new Promise((resolve, reject) => host.listen(LOCAL, 0, accept, (result) => {
    if (typeof result === 'string') return reject(new Error(result));
    cleanups.push(() => result.close());
    resolve(result);
  }));

const handlers = (part: Partial<ConnectionHandlers>): ConnectionHandlers =>
  ({ onData: () => {}, onWritable: () => {}, onClose: () => {}, ...part });

const connect = (host: NodeHost, port: number, part: Partial<ConnectionHandlers>): Promise<Connection | NetError> =>
  new Promise((resolve) => host.connect(LOCAL, port, NO_OPTIONS, handlers(part), resolve));

const opened = async (host: NodeHost, port: number, part: Partial<ConnectionHandlers>): Promise<Connection> => {
  const result = await connect(host, port, part);
  if (typeof result === 'string') throw new Error(result);
  return result;
};

const allBytes = bytes(Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join(''));

describe('connections', () => {
  it('carry every byte, and the end of the stream', async () => {
    const host = new NodeHost();
    const listener = await listen(host, (connection) => handlers({
      onData: (chunk) => {
        connection.write(chunk);
        connection.close();
      },
    }));
    const received = await new Promise<string>((resolve) => {
      let text = '';
      void opened(host, listener.port, {
        onData: (chunk) => { text += chunk; },
        onClose: (error) => resolve(`${text}|${String(error)}`),
      }).then((connection) => connection.write(allBytes));
    });
    expect(received).toBe(`${allBytes}|null`);
  });

  it('are written once a turn, behind the handler of its end', async () => {
    const host = new NodeHost();
    const order: string[] = [];
    let served: Connection | null = null;
    host.onTurnEnd(() => {
      order.push('turn end');
      if (served !== null) served.write(bytes('+'));
      served = null;
    });
    const listener = await listen(host, (connection) => handlers({
      onData: () => {
        order.push('data');
        connection.write(bytes('a'));
        connection.write(bytes('b'));
        served = connection;
      },
    }));
    order.length = 0;
    const answer = await new Promise<string>((resolve) => {
      const socket = createConnection(listener.port, '127.0.0.1', () => socket.write('x'));
      cleanups.push(() => socket.destroy());
      socket.on('data', (chunk) => resolve(chunk.toString()));
    });
    expect(answer).toBe('ab+');
    expect(order.slice(order.indexOf('data'))).toEqual(['data', 'turn end']);
  });

  it('answer what came before a FIN in the same segment', async () => {
    const host = new NodeHost();
    const closed: (NetError | null)[] = [];
    const listener = await listen(host, (connection) => handlers({
      onData: (chunk) => { connection.write(chunk); },
      onClose: (error) => { closed.push(error); },
    }));
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = createConnection({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true }, () => {
        socket.end('PING');
      });
      socket.on('data', (chunk) => { text += chunk.toString(); });
      socket.on('end', () => resolve(text));
    });
    expect(answer).toBe('PING');
    expect(closed).toEqual([null]);
  });

  it('report a reset, a refusal and a port in use in the words of the host', async () => {
    const host = new NodeHost();
    const listener = await listen(host, (connection) => handlers({ onData: () => connection.reset() }));
    const error = await new Promise((resolve) => {
      void opened(host, listener.port, { onClose: resolve }).then((connection) => connection.write(bytes('x')));
    });
    expect(error).toBe('reset');
    expect(await new Promise((resolve) => host.listen(LOCAL, listener.port, () => handlers({}), resolve)))
      .toBe('inUse');
    const free = createServer();
    const port = await new Promise<number>((resolve) => free.listen(0, '127.0.0.1', () => {
      const address = free.address();
      free.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    }));
    expect(await connect(host, port, {})).toBe('refused');
  });

  it('say when they are full and when there is room again', async () => {
    const host = new NodeHost();
    const chunk = bytes('x'.repeat(64 * 1024));
    let sent = 0;
    let stops = 0;
    const total = 32 * 1024 * 1024;
    const send = (connection: Connection): void => {
      while (sent < total) {
        sent += chunk.length;
        if (!connection.write(chunk)) {
          stops++;
          return;
        }
      }
      connection.close();
    };
    let connection: Connection | null = null;
    const listener = await listen(host, (accepted) => {
      connection = accepted;
      return handlers({
        onData: () => send(accepted),
        onWritable: () => send(accepted),
      });
    });
    let received = 0;
    await new Promise<void>((resolve) => {
      void opened(host, listener.port, {
        onData: (data) => { received += data.length; },
        onClose: () => resolve(),
      }).then((client) => client.write(bytes('go')));
    });
    expect(connection).not.toBeNull();
    expect(received).toBe(total);
    expect(stops).toBeGreaterThan(0);
  });

  it('stop reading while paused', async () => {
    const host = new NodeHost();
    const received: string[] = [];
    const arrived = new Promise<void>((resolve) => {
      void listen(host, (connection) => {
        connection.pause();
        host.setTimer(ms(20), () => {
          received.push('resumed');
          connection.resume();
        });
        return handlers({ onData: (chunk) => { received.push(chunk); resolve(); } });
      }).then(async (listener) => (await opened(host, listener.port, {})).write(bytes('data')));
    });
    await arrived;
    expect(received).toEqual(['resumed', 'data']);
  });
});

describe('names, timers and clocks', () => {
  it('resolve an address to itself, a name to addresses and nonsense to none', async () => {
    const host = new NodeHost();
    const resolve = (name: string): Promise<readonly Bytes[]> =>
      new Promise((done) => host.resolve(bytes(name), done));
    expect(await resolve('10.1.2.3')).toEqual(['10.1.2.3']);
    expect(await resolve('localhost')).toContain('127.0.0.1');
    expect(await resolve('no such name')).toEqual([]);
  });

  it('call a timer back once, in a turn, and never after it was cleared', async () => {
    const host = new NodeHost();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      host.onTurnEnd(() => {
        order.push('turn end');
        resolve();
      });
      host.clearTimer(host.setTimer(ms(0), () => order.push('cleared')));
      host.setTimer(ms(1), () => order.push('timer'));
      host.clearTimer(host.setTimer(ms(1e12), () => order.push('far')));
    });
    expect(order).toEqual(['timer', 'turn end']);
  });

  it('name the same millisecond by both readings of the wall clock', () => {
    const host = new NodeHost();
    for (let reading = 0; reading < 1000; reading++) {
      const before = host.wallMs();
      const between = Math.floor(host.wallMicros() / 1000);
      expect(between).toBeGreaterThanOrEqual(before);
      expect(between).toBeLessThanOrEqual(host.wallMs());
    }
  });

  it('gives entropy as bytes and ends the process behind the turn', async () => {
    const order: string[] = [];
    const status = await new Promise<number>((resolve) => {
      const host = new NodeHost({ endProcess: resolve });
      host.onTurnEnd(() => order.push('turn end'));
      host.exit(3);
      expect(host.entropy(20)).toHaveLength(20);
    });
    expect(status).toBe(3);
    expect(order).toEqual(['turn end']);
  });
});

describe('files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-host-'));
  const { files } = new NodeHost({ dataDirectory: directory });

  it('are appended to, read, cut, synced and renamed', async () => {
    const file = files.open(bytes('a'), 'create');
    file.append(allBytes);
    file.append(bytes('tail'));
    expect(file.size()).toBe(260);
    expect(file.read(254, 100)).toBe('\xfe\xfftail');
    file.truncate(256);
    file.append(bytes('!'));
    file.syncNow();
    const error = await new Promise((resolve) => {
      file.sync(resolve);
      file.close();
    });
    expect(error).toBeNull();
    files.rename(bytes('a'), bytes('b'));
    files.syncDirectory(bytes('.'));
    expect(readFileSync(join(directory, 'b'), 'latin1')).toBe(`${allBytes}!`);
    const again = files.open(bytes('b'), 'append');
    again.append(bytes('?'));
    expect(again.size()).toBe(258);
    again.close();
    expect([files.exists(bytes('a')), files.exists(bytes('b'))]).toEqual([false, true]);
  });

  it('keep names of any bytes', () => {
    files.makeDirectory(bytes('d'));
    files.open(bytes('d/\xff\xe9'), 'create').close();
    expect(files.list(bytes('d'))).toEqual(['\xff\xe9']);
    files.remove(bytes('d/\xff\xe9'));
    files.remove(bytes('d'));
    expect(files.exists(bytes('d'))).toBe(false);
  });

  it('fail in the words of the host', () => {
    const codeOf = (operation: () => unknown): string => {
      try {
        operation();
      } catch (error) {
        if (error instanceof HostFileError) return error.code;
      }
      return 'none';
    };
    expect(codeOf(() => files.open(bytes('missing'), 'read'))).toBe('notFound');
    expect(codeOf(() => files.open(bytes('.'), 'append'))).toBe('isDirectory');
    files.makeDirectory(bytes('e'));
    expect(codeOf(() => files.makeDirectory(bytes('e')))).toBe('exists');
    rmSync(directory, { recursive: true });
  });
});
