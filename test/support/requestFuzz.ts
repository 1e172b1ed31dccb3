/**
 * Random and mutated requests for a server to survive: well-formed commands, commands with bytes changed, lengths that lie, inline lines,
 * rubbish; cut into chunks anywhere. Everything is drawn from a seed, so a crash can be had again.
 */
import { type Socket, connect } from 'node:net';
import { Streams } from '../../sim/random/streams.ts';

export interface FuzzReport {
  readonly requests: number;
  readonly bytes: number;
  readonly connections: number;
  /** The longest that a PING beside the noise took. */
  readonly slowestPingMs: number;
}

/** How the fuzzing talks to its server. */
export interface FuzzOptions {
  readonly port: number;
  readonly seed: number;
  readonly durationMs: number;
  /** Names of the server's commands. */
  readonly commands: readonly string[];
}

type Draw = (below: number) => number;

const CONNECTIONS = 8;
const REQUESTS_PER_CONNECTION = 60;
/** A connection that owes answers for this long is given up. */
const DRAIN_MS = 300;
/** Commands that end, hold or hush the server by design. */
const LEFT_OUT: readonly string[] = ['shutdown', 'debug', 'monitor', 'sync', 'psync', 'replicaof', 'slaveof', 'failover', 'cluster',
  'client|pause'];
const KEYS = ['a', 'b', 'list', 'hash', 'set', 'zset', 'stream', 'hll', '', '\0', 'k'.repeat(300)];
const WORDS = ['0', '1', '-1', '2147483648', '9223372036854775807', '-9223372036854775808', '1e308', 'nan', 'inf', '-inf', '0.1', '*',
  '[a', '(1',
  '-', '+', '$', '>', '~', 'MAXLEN', 'LIMIT', 'WITHSCORES', 'GET', 'SET', 'EX', 'PX', 'NX', 'XX', 'COUNT', 'MATCH', 'BY', 'STORE',
  'STREAMS', 'GROUP',
  'BLOCK', 'u8', 'i64', 'OVERFLOW', '#1', 'AND', 'return 1', 'return redis.call(KEYS[1])', '%s%n', '\xff\xfe\x00', 'x'.repeat(5000)];

const pick = <Item>(items: readonly Item[], draw: Draw): Item => items[draw(items.length)] as Item;

const bulk = (word: string): string => `$${word.length}\r\n${word}\r\n`;

const words = (commands: readonly string[], draw: Draw): string[] => {
  const name = pick(commands, draw);
  const rest = Array.from({ length: draw(7) }, () => pick(draw(2) === 0 ? KEYS : WORDS, draw));
  return [...name.split('|'), ...rest];
};

const request = (commands: readonly string[], draw: Draw): string => {
  const list = words(commands, draw);
  return `*${list.length}\r\n${list.map(bulk).join('')}`;
};

/** Some bytes changed, dropped or doubled. */
const mutated = (text: string, draw: Draw): string => {
  let result = text;
  for (let count = 1 + draw(4); count > 0; count--) {
    const at = draw(result.length + 1);
    const kind = draw(4);
    const byte = String.fromCharCode(draw(256));
    if (kind === 0) result = result.slice(0, at) + byte + result.slice(at + 1);
    else if (kind === 1) result = result.slice(0, at) + result.slice(at + 1 + draw(5));
    else if (kind === 2) result = result.slice(0, at) + byte + result.slice(at);
    else result = result.slice(0, at) + result.slice(Math.max(0, at - draw(9)));
  }
  return result;
};

const LIES: readonly string[] = [
  '*-1\r\n', '*0\r\n', '*1\r\n$-1\r\n', '*2147483647\r\n$1\r\nx\r\n', '*3\r\n$3\r\nGET\r\n', '*1\r\n$536870912\r\nx',
  '*99999999999999999999\r\n',
  '*1\r\n$99999999999999999999\r\n', '*1\r\n:3\r\n', '*+1\r\n$+4\r\nPING\r\n', '*1\r\n$4\r\nPINGxx', '*\r\n', '$3\r\nabc\r\n',
  '+OK\r\n', '*1\r\n$ 4\r\nPING\r\n', '\r\n\r\n',
];

/** One thing to send. */
const noise = (commands: readonly string[], draw: Draw): string => {
  const kind = draw(20);
  if (kind < 11) return request(commands, draw);
  if (kind < 15) return mutated(request(commands, draw), draw);
  if (kind < 17) return `${words(commands, draw).join(' ')}\r\n`;
  if (kind < 18) return pick(LIES, draw);
  if (kind < 19) return `MULTI\r\n${request(commands, draw)}${request(commands, draw)}EXEC\r\n`;
  return Array.from({ length: draw(400) }, () => String.fromCharCode(draw(256))).join('');
};

const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => {
  setTimeout(resolve, delayMs);
});

const open = (port: number): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = connect(port, '127.0.0.1', () => resolve(socket));
  socket.once('error', reject);
});

/** Sends the noise of one connection, cut anywhere; whatever is answered is thrown away. */
const shout = async (port: number, texts: readonly string[], draw: Draw): Promise<void> => {
  const socket = await open(port);
  socket.on('error', () => undefined);
  socket.resume();
  for (const text of texts) {
    if (socket.destroyed) break;
    const cut = draw(3) === 0 ? draw(text.length + 1) : text.length;
    socket.write(text.slice(0, cut), 'latin1');
    if (cut < text.length) {
      await sleep(0);
      socket.write(text.slice(cut), 'latin1');
    }
  }
  if (draw(4) === 0) socket.destroy();
  else {
    socket.end();
    await Promise.race([new Promise((resolve) => socket.once('close', resolve)), sleep(DRAIN_MS)]);
    socket.destroy();
  }
};

/** How long a PING takes. Throws when it is not answered at all. */
const pingMs = async (port: number): Promise<number> => {
  const socket = await open(port);
  const started = performance.now();
  const answer = await Promise.race([
    new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.toString('latin1')));
      socket.once('close', () => resolve('closed'));
      socket.write('*1\r\n$4\r\nPING\r\n');
    }), sleep(10_000).then(() => 'nothing'),
  ]);
  socket.destroy();
  if (!/^[+-]/.test(answer)) throw new Error(`PING was answered by: ${answer}`);
  return performance.now() - started;
};

/** Throws, with the seed, when the server does not answer any more. */
export const fuzz = async ({ port, seed, durationMs, commands }: FuzzOptions): Promise<FuzzReport> => {
  const used = commands.filter((name) => !LEFT_OUT.includes(name) && !LEFT_OUT.includes(name.split('|')[0] as string));
  const streams = new Streams(seed);
  const until = Date.now() + durationMs;
  const report = { requests: 0, bytes: 0, connections: 0, slowestPingMs: 0 };
  try {
    for (let round = 0; Date.now() < until; round++) {
      await Promise.all(Array.from({ length: CONNECTIONS }, async (_, ordinal) => {
        const stream = streams.named(`${round}/${ordinal}`);
        const draw: Draw = (below) => stream.below(below);
        const texts = Array.from({ length: 1 + draw(REQUESTS_PER_CONNECTION) }, () => noise(used, draw));
        report.connections++;
        report.requests += texts.length;
        report.bytes += texts.reduce((sum, text) => sum + text.length, 0);
        await shout(port, texts, draw);
      }));
      report.slowestPingMs = Math.max(report.slowestPingMs, await pingMs(port));
    }
  } catch (failure) {
    throw new Error(`the server was lost; again: npm run fuzz -- --seed ${seed}`, { cause: failure });
  }
  return report;
};
