/**
 * MONITOR, SLOWLOG, LATENCY, MEMORY and the rest by which a server is watched, beside redis-server's: the same conversations with
 * both, the same bytes but for clocks, ports and durations.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { type Step, converse } from '../support/conversation.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
let servers: Readonly<Record<ServerKind, ServerProcess>>;

/** Clock times, ports, and durations of commands. */
const blank = (text: string): string => text
  .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS').replace(/\$\d+\r\nADDRESS/g, '$N\r\nADDRESS')
  .replace(/\+\d{10}\.\d{6} .*"PING"(?: "step \d+")?\r\n/g, '')
  .replace(/\+\d{10}\.\d{6}/g, '+TIME').replace(/(\$2\r\nid\r\n:)\d+/g, '$1ID').replace(/:1\d{9}\r\n/g, ':TIME\r\n');

const expectSame = async (steps: readonly Step[], further: (text: string) => string = (text) => text): Promise<void> => {
  const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => converse(servers[kind].port, steps)));
  const shown = (said: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(said).map(([who, text]) => [who, further(blank(text))]));
  expect(shown(ours)).toEqual(shown(theirs));
};

/** One connection, one command after the other; the answers as they would stand on the wire. */
const talk = async (port: number, conversation: readonly (readonly string[])[]): Promise<string[]> => {
  const client = await RawClient.open(port);
  const answers: string[] = [];
  for (const words of conversation) answers.push(encodeReply(await client.run(...words), 2));
  client.close();
  return answers;
};

const SLOW: readonly (readonly string[])[] = [
  ['CONFIG', 'SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '12'], ['SLOWLOG', 'RESET'], ['SLOWLOG', 'LEN'], ['CLIENT', 'SETNAME', 'teller'],
  ['SET', 'k', 'x'.repeat(200)], ['SADD', 's', ...Array.from({ length: 40 }, (_, index) => `${index}`)], ['AUTH', 'secret'], ['MULTI'], ['GET', 'k'],
  ['EXEC'], ['BLPOP', 'q', '0.01'], ['LPUSH', 'k', 'wrong'], ['CONFIG', 'SET', 'requirepass', '', 'hz', '10'], ['SLOWLOG', 'GET'], ['SLOWLOG', 'GET', '2'],
  ['SLOWLOG', 'GET', '-1'], ['SLOWLOG', 'GET', 'x'], ['SLOWLOG', 'GET', '-2'], ['SLOWLOG', 'HELP'], ['SLOWLOG', 'NOTHING'], ['SLOWLOG', 'LEN', 'x'],
  ['SLOWLOG', 'GET', '1', '2'], ['CONFIG', 'SET', 'slowlog-max-len', '2'], ['PING'], ['SLOWLOG', 'LEN'], ['CONFIG', 'SET', 'slowlog-log-slower-than', '-1'],
  ['SLOWLOG', 'RESET'], ['PING'], ['SLOWLOG', 'LEN'], ['CONFIG', 'SET', 'slowlog-log-slower-than', '10000'],
];

describe('commands that watch a server, beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--enable-debug-command', 'yes'])));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test('MONITOR: who hears what, and in which order', () => expectSame([
    ['m', 'MONITOR'], ['a', 'SET', 'k', 'a"b\\\x01\xff\r\n'], ['a', 'SELECT', '3'], ['a', 'GET', 'k'], ['a', 'CONFIG', 'GET', 'hz'], ['a', 'NOTHING'],
    ['a', 'GET'], ['a', 'MULTI'], ['a', 'INCR', 'n'], ['a', 'LPUSH', 'n', 'x'], ['a', 'EXEC'], ['a', 'AUTH', 'secret'], ['a', 'AUTH', 'u', 'p'],
    ['a', 'HELLO', '2', 'AUTH', 'default', 'p', 'SETNAME', 'me'], ['m', 'PING', 'me'], ['m', 'ECHO', 'hi'], ['m', 'GET', 'k'], ['m', 'SET', 'k', 'v'],
    ['m', 'MONITOR'], ['b', 'MULTI'], ['b', 'MONITOR'], ['b', 'EXEC'], ['m', 'RESET'], ['a', 'GET', 'unheard'], ['m', 'GET', 'k'], ['c', 'MONITOR'],
    ['w', 'BLPOP', 'l', '0'], ['a', 'SELECT', '0'], ['a', 'RPUSH', 'l', 'x'], ['c', 'QUIT'],
  ]));

  test('SLOWLOG: what is kept, how requests are cut short', async () => {
    const [theirs, ours] = await Promise.all(KINDS.map((kind) => talk(servers[kind].port, SLOW)));
    const blanked = (answers: readonly string[] = []): string[] =>
      answers.map((answer) => blank(answer).replace(/(\*6\r\n):\d+\r\n:TIME\r\n:\d+\r\n/g, '$1ENTRY\r\n'));
    expect(blanked(ours)).toEqual(blanked(theirs));
  });

  test('LATENCY: spikes, graph and advice', () => expectSame([
    ['a', 'LATENCY', 'DOCTOR'], ['a', 'LATENCY', 'LATEST'], ['a', 'CONFIG', 'SET', 'latency-monitor-threshold', '100'], ['a', 'LATENCY', 'DOCTOR'],
    ['a', 'DEBUG', 'SLEEP', '0.12'], ['a', 'LATENCY', 'LATEST'], ['a', 'LATENCY', 'HISTORY', 'command'], ['a', 'LATENCY', 'HISTORY', 'COMMAND'],
    ['a', 'LATENCY', 'GRAPH', 'command'], ['a', 'LATENCY', 'DOCTOR'], ['a', 'LATENCY', 'GRAPH', 'nothing'], ['a', 'LATENCY', 'HISTORY', 'nothing'],
    ['a', 'LATENCY', 'RESET', 'nothing'], ['a', 'LATENCY', 'RESET', 'command'], ['a', 'LATENCY', 'RESET'], ['a', 'LATENCY', 'LATEST'], ['a', 'LATENCY', 'HELP'],
    ['a', 'CONFIG', 'SET', 'latency-monitor-threshold', '0'], ['a', 'LATENCY', 'HISTOGRAM', 'nothing'],
  ], (text) => text.replace(/1[2-4]\d(?=ms| ms)/g, '12N').replace(/:1[2-4]\d\r\n/g, ':12N\r\n').replace(/period \d\.\d\d/g, 'period N')
    .replace(/\b[01]\ns\n/, 'N\ns\n')));

  test('LATENCY HISTOGRAM counts the calls of each command', () => expectSame([
    ['a', 'CONFIG', 'RESETSTAT'], ['a', 'SET', 'k', 'v'], ['a', 'SET', 'k', 'v'], ['a', 'GET', 'k'], ['a', 'CONFIG', 'GET', 'hz'],
    ['a', 'LATENCY', 'HISTOGRAM', 'set', 'GET', 'nothing', 'del'], ['a', 'LATENCY', 'HISTOGRAM', 'config|get'], ['a', 'CLIENT', 'ID'], ['a', 'LATENCY', 'HISTOGRAM', 'client'],
    ['a', 'CONFIG', 'SET', 'latency-tracking', 'no'], ['a', 'SET', 'k', 'v'], ['a', 'LATENCY', 'HISTOGRAM', 'set'],
    ['a', 'CONFIG', 'SET', 'latency-tracking', 'yes'],
  ], (text) => text.replace(/\r\n:\d+\r\n(?=%|\*2\r\n\$9\r\nclient)/g, '\r\nID\r\n').replace(/(histogram_usec\r\n)\*\d+\r\n(:\d+\r\n)+/g, '$1STEPS')));

  test('MEMORY: what a key weighs, to the byte where there is no chance in it', () => expectSame([
    ['a', 'FLUSHALL'], ['a', 'SET', 's', 'a'], ['a', 'SET', 'n', '12345'], ['a', 'SET', 'long', 'x'.repeat(100)], ['a', 'SET', 'k'.repeat(42), '1'],
    ['a', 'SET', 'big', 'x'.repeat(5000)], ['a', 'RPUSH', 'l', 'a', 'b', 'c'], ['a', 'SADD', 'i', '1', '2', '3'], ['a', 'SADD', 't', 'a', 'b', 'c'],
    ['a', 'HSET', 'h', 'f', 'v'], ['a', 'ZADD', 'z', '1', 'a'], ...['s', 'n', 'long', 'k'.repeat(42), 'big', 'l', 'i', 't', 'h', 'z', 'nothing']
      .map((key): Step => ['a', 'MEMORY', 'USAGE', key]),
    ['a', 'MEMORY', 'USAGE', 't', 'SAMPLES', '0'], ['a', 'MEMORY', 'USAGE', 't', 'SAMPLES', '-1'], ['a', 'MEMORY', 'USAGE', 't', 'x', '1'],
    ['a', 'MEMORY', 'USAGE', 't', 'SAMPLES'], ['a', 'MEMORY', 'PURGE'], ['a', 'MEMORY', 'DOCTOR'], ['a', 'MEMORY', 'HELP'], ['a', 'MEMORY', 'x'], ['a', 'LOLWUT'],
    ['a', 'LOLWUT', 'VERSION', '7'],
  ]));

  test('keyspace notifications on both kinds of channel, as the directive says', () => expectSame([
    ['s', 'PSUBSCRIBE', '__key*'], ['a', 'SET', 'unheard', 'x'], ['a', 'CONFIG', 'SET', 'notify-keyspace-events', 'KEA'], ['a', 'CONFIG', 'GET', 'notify-keyspace-events'],
    ['a', 'SELECT', '2'], ['a', 'SET', 'k', 'v', 'PX', '1'], ['a', 'DEBUG', 'SLEEP', '0.01'], ['a', 'GET', 'k'], ['a', 'LPUSH', 'l', 'x'], ['a', 'LPOP', 'l'],
    ['a', 'MULTI'], ['a', 'SADD', 's', 'x'], ['a', 'SPOP', 's'], ['a', 'EXEC'], ['a', 'CONFIG', 'SET', 'notify-keyspace-events', 'Elmn'],
    ['a', 'CONFIG', 'GET', 'notify-keyspace-events'], ['a', 'SET', 'n', 'v'], ['a', 'GET', 'nothing'], ['a', 'LPUSH', 'l', 'y'], ['a', 'SADD', 's', 'x'],
    ['a', 'CONFIG', 'SET', 'notify-keyspace-events', 'q'], ['a', 'CONFIG', 'SET', 'notify-keyspace-events', 'xegh$'], ['a', 'SET', 'n', 'v'],
    ['a', 'CONFIG', 'GET', 'notify-keyspace-events'], ['a', 'CONFIG', 'SET', 'notify-keyspace-events', 'AKEmn'], ['a', 'SET', 'new', 'v'],
    ['a', 'CONFIG', 'GET', 'notify-keyspace-events'], ['a', 'CONFIG', 'SET', 'notify-keyspace-events', ''], ['a', 'FLUSHALL'],
  ]));

  test('CLIENT, CONFIG: help, filters, RESET', () => expectSame([
    ['a', 'CLIENT', 'HELP'], ['a', 'CONFIG', 'HELP'], ['a', 'CLIENT', 'LIST', 'TYPE', 'x'], ['a', 'CLIENT', 'LIST', 'ID', 'x'],
    ['a', 'CLIENT', 'LIST', 'TYPE', 'pubsub'], ['a', 'CLIENT', 'NO-EVICT', 'x'], ['a', 'CLIENT', 'NO-EVICT', 'on'], ['a', 'CLIENT', 'KILL', 'ID', '999999'],
    ['a', 'CLIENT', 'KILL', 'TYPE', 'pubsub'], ['a', 'CLIENT', 'KILL', 'ADDR', '1.2.3.4:5', 'SKIPME', 'no'], ['a', 'CLIENT', 'KILL', 'x', 'y'],
    ['a', 'CLIENT', 'REPLY', 'SKIP'], ['a', 'PING'], ['a', 'PING', 'heard'], ['a', 'CLIENT', 'REPLY', 'x'],
    ['m', 'MONITOR'], ['a', 'CLIENT', 'KILL', 'TYPE', 'replica'], ['m', 'QUIT'],
  ]));
}));
