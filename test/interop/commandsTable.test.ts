/**
 * COMMAND beside redis-server's, for all commands that we have: every field of INFO and DOCS, the lists, and which words are keys.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RespVersion, encodeReply } from '../../engine/protocol/encode.ts';
import { MapReply, type Reply, SetReply, Status } from '../../engine/protocol/reply.ts';
import { familyRows } from '../support/directCall.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
/** Commands that ours lacks or knows otherwise; the README's list of what is left out. */
const LEFT_OUT: readonly string[] = ['module', 'acl'];

/** Sets have no order, nor have maps by name. */
const plain = (reply: Reply): unknown => {
  if (reply instanceof Status) return `+${reply.text}`;
  if (reply instanceof SetReply) return { set: reply.items.map((item) => JSON.stringify(plain(item))).toSorted() };
  if (reply instanceof MapReply) return Object.fromEntries(reply.entries.map(([name, value]) => [String(name), plain(value)]));
  return Array.isArray(reply) ? (reply as readonly Reply[]).map(plain) : reply;
};

/** A row of INFO by the command's name, its subcommands by theirs. */
const byName = (rows: Reply): Map<string, unknown> => new Map((rows as readonly (readonly Reply[])[]).map((row) => {
  const parts = row[9];
  return [String(row[0]), [...row.slice(0, 9).map(plain), Array.isArray(parts) ? Object.fromEntries(byName(parts)) : plain(parts as Reply)]];
}));

describe('COMMAND beside redis-server 7.0', () => requireRedis(() => {
  let servers: readonly ServerProcess[] = [];
  let clients: readonly RawClient[] = [];

  beforeAll(async () => {
    servers = await Promise.all(KINDS.map((kind) => startServerProcess(kind)));
    clients = await Promise.all(servers.map(({ port }) => RawClient.open(port)));
    for (const client of clients) await client.run('HELLO', '3');
  }, 30_000);

  afterAll(async () => {
    for (const client of clients) client.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const ask = (...words: readonly string[]): Promise<Reply[]> => Promise.all(clients.map((client) => client.run(...words)));

  test('every field of every command and subcommand that we have', async () => {
    const [theirs, ours] = (await ask('COMMAND')).map(byName) as [Map<string, unknown>, Map<string, unknown>];
    expect(ours.size).toBeGreaterThan(200);
    for (const [name, row] of ours) if (!LEFT_OUT.includes(name)) expect(row, name).toEqual(theirs.get(name));
    expect([...theirs.keys()].filter((name) => !ours.has(name) && !LEFT_OUT.includes(name))).toEqual([]);
  });

  test('the documentation of each', async () => {
    const [theirs, ours] = (await ask('COMMAND', 'DOCS')).map(plain) as [Record<string, unknown>, Record<string, unknown>];
    expect(Object.keys(ours).length).toBeGreaterThan(200);
    for (const [name, docs] of Object.entries(ours)) if (!LEFT_OUT.includes(name)) expect(docs, name).toEqual(theirs[name]);
  });

  test.each<readonly string[]>([
    ['DOCS', 'set', 'nothing', 'config|get'], ['INFO', 'nothing', 'config|get', 'GET'], ['GETKEYS', 'set', 'a', 'b'], ['GETKEYS', 'ping'],
    ['GETKEYS', 'nothing'], ['GETKEYS', 'mset', 'a', 'b', 'c', 'd'], ['GETKEYS', 'get'], ['GETKEYSANDFLAGS', 'ping', 'x'],
    ['GETKEYSANDFLAGS', 'set', 'a', 'b'], ['GETKEYSANDFLAGS', 'SET', 'a', 'b', 'GET'], ['GETKEYSANDFLAGS', 'mset', 'a', 'b', 'c', 'd'],
    ['GETKEYSANDFLAGS', 'georadius', 'a', '1', '1', '1', 'm', 'STORE', 'b'], ['GETKEYSANDFLAGS', 'zunionstore', 'd', '2', 'a', 'b'],
    ['GETKEYSANDFLAGS', 'sort', 'a', 'BY', 'w*', 'STORE', 'b'], ['GETKEYSANDFLAGS', 'sort', 'a'], ['GETKEYSANDFLAGS', 'bitfield', 'a', 'GET', 'u8', '0'],
    ['GETKEYSANDFLAGS', 'bitfield', 'a', 'SET', 'u8', '0', '1'], ['GETKEYSANDFLAGS', 'xread', 'COUNT', '1', 'STREAMS', 'a', 'b', '0', '0'],
    ['GETKEYSANDFLAGS', 'object', 'encoding', 'a'], ['GETKEYSANDFLAGS', 'blpop', 'a', 'b', '0'], ['GETKEYSANDFLAGS', 'rename', 'a', 'b'],
    ['GETKEYSANDFLAGS', 'migrate', 'h', '1', '', '0', '1', 'KEYS', 'a', 'b'], ['GETKEYSANDFLAGS', 'migrate', 'h', '1', 'k', '0', '1'],
    ['GETKEYSANDFLAGS', 'eval', 'return 1', '2', 'a', 'b', 'c'], ['GETKEYSANDFLAGS', 'lmpop', '2', 'a', 'b', 'LEFT'], ['COUNT', 'x'], ['NOTHING'],
    ['LIST', 'FILTERBY', 'x', 'y'], ['LIST', 'FILTERBY', 'MODULE', 'x'], ['HELP'],
  ])('COMMAND %s %s %s', async (...words) => {
    const [theirs, ours] = await ask('COMMAND', ...words);
    const shown = (reply: Reply | undefined): unknown => plainOrText(reply as Reply, 3);
    expect(shown(ours)).toEqual(shown(theirs));
  });

  test.each([['ACLCAT', 'geo'], ['ACLCAT', 'GEO'], ['ACLCAT', 'nothing'], ['PATTERN', 'config|*'], ['PATTERN', 'GEO*']])(
    'COMMAND LIST FILTERBY %s %s', async (kind, name) => {
      const [theirs, ours] = await ask('COMMAND', 'LIST', 'FILTERBY', kind, name);
      expect([...ours as readonly string[]].toSorted()).toEqual([...theirs as readonly string[]].toSorted());
    });

  test('since when there is each command of data', async () => {
    const [docs] = (await ask('COMMAND', 'DOCS')).map(plain) as [Record<string, { since: string; subcommands?: Record<string, { since: string }> }>];
    for (const { name, since, flags, movableKeys } of familyRows) {
      const own = docs[name] ?? docs[name.split('|')[0] as string]?.subcommands?.[name];
      expect(since, name).toBe(own?.since);
      expect(movableKeys !== undefined, name).toBe(flags.includes('movablekeys'));
    }
  });
}));

const plainOrText = (reply: Reply, version: RespVersion): unknown => {
  const value = plain(reply);
  return typeof value === 'object' && value !== null && 'text' in value ? encodeReply(reply, version) : value;
};
