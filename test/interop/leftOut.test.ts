/**
 * The README's list "What is left out" is the difference to redis-server 7.0, no more and no less: of the commands that COMMAND names, of
 * a server and of a sentinel, of the directives that CONFIG GET knows, of DEBUG's subcommands, and of the lines of INFO.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../scenarios/cli/files.ts';
import { MapReply, type Reply, Status } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { type SentinelProcess, startSentinelProcess } from '../support/sentinelProcess.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];

/** The names in backticks of one point of the README's list. */
const listed = (point: string): readonly string[] => {
  const text = readFileSync(join(packageRoot(), 'README.md'), 'utf8');
  const section = /\n### What is left out\n([\s\S]*?)\n##/.exec(text)?.[1] ?? '';
  const line = section.split(/\n(?=- |\n)/).find((one) => one.trimStart().startsWith(`- ${point}:`));
  if (line === undefined) throw new Error(`the README's list has no point "${point}"`);
  return [...line.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string).toSorted();
};

/** Commands and subcommands as COMMAND tells them. */
const commandNames = (rows: Reply): string[] => (rows as readonly (readonly Reply[])[]).flatMap((row) => {
  const subcommands = Array.isArray(row[9]) ? row[9] as readonly (readonly Reply[])[] : [];
  return [String(row[0]), ...subcommands.map(([name]) => String(name))];
});

/** What the first has and the second lacks. */
const missing = ([theirs, ours]: readonly (readonly string[])[]): readonly string[] => {
  const known = new Set(ours);
  return [...new Set(theirs)].filter((name) => !known.has(name)).toSorted();
};

const upper = (names: readonly string[]): readonly string[] => names.map((name) => name.toUpperCase().replace('|', ' ')).toSorted();

describe('what is left out', () => requireRedis(() => {
  let servers: readonly ServerProcess[] = [];
  let sentinels: readonly SentinelProcess[] = [];

  const ask = async (ports: readonly number[], ...words: readonly string[]): Promise<readonly Reply[]> => Promise.all(ports.map(async (port) => {
    const client = await RawClient.open(port);
    const reply = await client.run(...words);
    client.close();
    return reply;
  }));
  const askServers = (...words: readonly string[]): Promise<readonly Reply[]> => ask(servers.map(({ port }) => port), ...words);

  beforeAll(async () => {
    servers = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--enable-debug-command', 'yes'])));
    sentinels = await Promise.all(KINDS.map((kind) => startSentinelProcess(kind, [])));
  });
  afterAll(async () => {
    await Promise.all([...servers, ...sentinels].map((one) => one.stop()));
    for (const sentinel of sentinels) sentinel.remove();
  });

  test('commands', async () => {
    const names = (await askServers('COMMAND')).map(commandNames);
    expect(names[0]?.length).toBeGreaterThan(300);
    expect(upper(missing(names))).toEqual(listed('Commands'));
    expect(missing(names.toReversed())).toEqual([]);
  });

  test('commands of a sentinel', async () => {
    const names = (await ask(sentinels.map(({ port }) => port), 'COMMAND')).map(commandNames);
    expect(names[0]?.length).toBeGreaterThan(40);
    expect(upper(missing(names))).toEqual(listed('Commands of a sentinel'));
  });

  test('directives', async () => {
    const names = (await askServers('CONFIG', 'GET', '*')).map((reply) => (reply instanceof MapReply
      ? reply.entries.map(([name]) => String(name)) : (reply as readonly Reply[]).filter((_, index) => index % 2 === 0).map(String)));
    expect(names[0]?.length).toBeGreaterThan(150);
    expect(missing(names)).toEqual(listed('Directives'));
  });

  test("DEBUG's subcommands", async () => {
    const names = (await askServers('DEBUG', 'HELP')).map((lines) => (lines as readonly Reply[])
      .map((line) => /^([A-Z][A-Z-]+)/.exec(line instanceof Status ? line.text : String(line))?.[1]).filter((name) => name !== undefined));
    expect(names[0]?.length).toBeGreaterThan(30);
    expect(missing(names)).toEqual(listed('Subcommands of DEBUG'));
  });

  test('lines of INFO', async () => {
    const names = (await askServers('INFO', 'everything')).map((text) => String(text).split('\r\n').map((line) => line.split(':')[0] ?? '')
      .filter((name) => name !== '' && !name.startsWith('#') && !/^(?:cmdstat|latency_percentiles_usec|errorstat)_/.test(name)));
    expect(names[0]?.length).toBeGreaterThan(120);
    expect(missing(names)).toEqual(listed('Lines of INFO'));
  });
}));
