/**
 * ACL beside redis-server: users by random rules, what they look like and may run; conversations of clients that act for them, refusals,
 * their log, files of users. The order of single commands in a user's rules is that of a hash table there, so rules are compared sorted.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, eventually, freePort, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { startSentinelProcess } from '../support/sentinelProcess.ts';

type Conversation = readonly (readonly string[])[];
const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const FILE = 'users.acl';

let servers: Readonly<Record<ServerKind, ServerProcess>>;

/** Rules of commands sorted behind the first; ids, ages and what a C process has of a client blanked. */
const comparable = (answer: string): string => answer
  .replace(/([+-]@all)((?: [+-][^\s)]+)+)/g, (_all, first: string, rest: string) => `${first} ${rest.trim().split(' ').sort().join(' ')}`)
  .replace(/\$[0-9]+\r\n/g, '$\r\n')
  .replace(/\bid=[0-9]+ addr=\S+ laddr=\S+ fd=[0-9]+|age=[0-9]+ idle=[0-9]+|qbuf=.* events=r/g, '')
  .replace(/(age-seconds\r\n[$,](?:\r\n)?)[0-9.]+/g, '$1');

/** One connection, one command after the other; the answers as they would stand on the wire. */
const talk = async (kind: ServerKind, conversation: Conversation): Promise<string[]> => {
  const client = await RawClient.open(servers[kind].port);
  const answers: string[] = [];
  for (const words of conversation) answers.push(comparable(encodeReply(await client.run(...words), words[0] === 'HELLO' ? 2 : 3)));
  client.close();
  return answers;
};

const expectSame = async (conversation: Conversation): Promise<void> => {
  const [theirs, ours] = await Promise.all(KINDS.map((kind) => talk(kind, conversation)));
  const pair = (answers: readonly string[] | undefined): string[] =>
    (answers ?? []).map((answer, index) => `${(conversation[index] as readonly string[]).join(' ')} -> ${answer}`);
  expect(pair(ours)).toEqual(pair(theirs));
};

/** Answers that are sets in another order. */
const sameSet = async (...words: readonly string[]): Promise<void> => {
  const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => {
    const client = await RawClient.open(servers[kind].port);
    const reply = await client.run(...words);
    client.close();
    return (reply as readonly string[]).map(String).sort();
  }));
  expect(ours).toEqual(theirs);
};

const COMMANDS = ['get', 'set', 'mget', 'config', 'config|get', 'client|list', 'select', 'debug', 'sort', 'eval', 'publish', 'psubscribe',
  'bitop', 'xadd', 'xreadgroup', 'acl', 'acl|whoami', 'georadius', 'blmpop', 'getdel', 'nosuch', 'object|freq', 'function|load'];
const CATEGORIES = ['all', 'read', 'write', 'admin', 'dangerous', 'fast', 'slow', 'string', 'keyspace', 'pubsub', 'connection', 'nosuch'];
const PATTERNS = ['*', 'a*', 'b', 'a?c', '[ab]x', '', 'x y'];

const keyRule = fc.tuple(fc.constantFrom('~', '%R~', '%W~', '%RW~', '%~', '%rw~'), fc.constantFrom(...PATTERNS)).map((parts) => parts.join(''));
const commandRule = fc.oneof(
  fc.tuple(fc.constantFrom('+', '-'), fc.constantFrom(...COMMANDS)).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom('+', '-'), fc.constantFrom(...CATEGORIES)).map(([sign, name]) => `${sign}@${name}`),
  fc.constantFrom('+select|0', '+debug|sleep', '-select|0', '+config|nosuch', '+config|get|x', 'allcommands', 'nocommands'));
const channelRule = fc.constantFrom(...PATTERNS).map((pattern) => `&${pattern}`);
const right = fc.oneof({ weight: 3, arbitrary: commandRule }, keyRule, channelRule,
  fc.constantFrom('allkeys', 'resetkeys', 'allchannels', 'resetchannels'));
const rule = fc.oneof({ weight: 8, arbitrary: right },
  fc.constantFrom('on', 'off', 'nopass', '>p', '>q', '<p', '#zz', 'resetpass', 'clearselectors', 'reset', 'sanitize-payload', 'blah', ''),
  fc.array(right, { maxLength: 3 }).map((rights) => `(${rights.join(' ')})`));
/** What a user is asked for, without running it. */
const DRY_RUNS: Conversation = [
  ['get', 'ab'], ['get', 'b'], ['set', 'ab', 'v'], ['set', 'b', 'v', 'get'], ['mget', 'ab', 'b', 'x'], ['mset', 'ax', '1', 'b', '2'],
  ['config', 'get', 'x'], ['config', 'set', 'x', 'y'], ['config'], ['nosuch'], ['get'], ['select', '0'], ['select', '1'],
  ['bitop', 'and', 'ab', 'b', 'x'], ['sort', 'ab', 'store', 'b'], ['eval', 'x', '2', 'ab', 'b'], ['publish', 'ab', 'x'],
  ['subscribe', 'b', 'x'],
  ['psubscribe', 'a*'], ['psubscribe', 'ab'], ['unsubscribe', 'z'], ['xreadgroup', 'group', 'g', 'c', 'streams', 'ab', 'b', '>', '>'],
  ['georadius', 'ab', '1', '2', '3', 'm', 'store', 'b'], ['blmpop', '0', '2', 'ab', 'x', 'left'], ['auth', 'x'], ['copy', 'ab', 'b'],
  ['rename', 'b', 'ab'], ['object', 'freq', 'ab'], ['acl', 'whoami'], ['getdel', 'ab'], ['spublish', 'b', 'x'],
  ['zunionstore', 'b', '1', 'ab'],
  ['bitfield', 'ab', 'get', 'u8', '0'], ['bitfield', 'ab', 'set', 'u8', '0', '1'], ['migrate', 'h', '1', '', '0', '1', 'keys', 'ab', 'b'],
];

describe('ACL beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind, ['--enable-debug-command', 'yes'])));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test('users by random rules look alike, and may run the same', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.array(rule, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }), async (calls) => {
      await expectSame([
        ['ACL', 'DELUSER', 'u'], ...calls.flatMap((rules) => [['ACL', 'SETUSER', 'u', ...rules], ['ACL', 'GETUSER', 'u']]), ['ACL', 'LIST'],
        ...DRY_RUNS.map((words) => ['ACL', 'DRYRUN', 'u', ...words]),
      ]);
    }), { numRuns: 60 });
  });

  test('every command with its keys and channels', async () => {
    const listing = await RawClient.open(servers.redis.port);
    const rows = await listing.run('COMMAND', 'LIST') as readonly string[];
    listing.close();
    await sameSet('COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'c*');
    // There are no modules here, and PFDEBUG and PFSELFTEST are for Redis's own tests.
    const names = rows.filter((name) => !/^(?:module|pfdebug|pfselftest)/.test(name)).sort();
    expect(names.length).toBeGreaterThan(350);
    const tails = [['ab'], ['ab', 'b'], ['1', 'ab', '1'], ['ab', '1', 'b', '1'], ['b', '2', 'ab', 'b', 'ab'],
    ['1', '2', 'ab', 'b', 'STREAMS', 'ab', 'b', '0', '0']];
    await expectSame([
      ['ACL', 'SETUSER', 'u', 'reset', '+@all', '-flushall', '~a*', '%R~b', '&a*'],
      ['ACL', 'SETUSER', 'w', '-@all', '+@write', '%W~*', '(+@read %R~a*)'],
      ...['u', 'w'].flatMap((user) => names.flatMap((name) => tails.map((tail) => ['ACL', 'DRYRUN', user, ...name.split('|'), ...tail]))),
      ['ACL', 'DELUSER', 'u', 'w'],
    ]);
  });

  test('what ACL answers for itself', async () => {
    await expectSame([
      ['ACL'], ['ACL', 'NOSUCH'], ['ACL', 'HELP'], ['ACL', 'WHOAMI'], ['ACL', 'WHOAMI', 'x'], ['ACL', 'USERS'], ['ACL', 'LIST'],
      ['ACL', 'GETUSER', 'default'], ['ACL', 'GETUSER', 'nosuch'], ['ACL', 'SETUSER', 'a b'], ['ACL', 'SETUSER', 'a', '(+get'],
      ['ACL', 'SETUSER', 'a', '(+get', '~x', ')', '(+set)', '(', ')'], ['ACL', 'LIST'], ['ACL', 'SETUSER', 'a', '+get', 'blah'],
      ['ACL', 'GETUSER', 'a'], ['ACL', 'DELUSER', 'default'], ['ACL', 'DELUSER', 'nosuch', 'a', 'a'], ['ACL', 'CAT'],
      ['ACL', 'CAT', 'nosuch'],
      ['ACL', 'CAT', 'a', 'b'], ['ACL', 'GENPASS', '0'], ['ACL', 'GENPASS', '4097'], ['ACL', 'GENPASS', 'x'], ['ACL', 'GENPASS', '1', '2'],
      ['ACL', 'LOG', 'x'], ['ACL', 'LOG', '-1'], ['ACL', 'LOG', 'RESET', 'x'], ['ACL', 'LOG', 'RESET'], ['ACL', 'LOG'], ['ACL', 'LOAD'],
      ['ACL', 'SAVE'], ['ACL', 'DRYRUN', 'nosuch', 'get', 'x'], ['CONFIG', 'SET', 'acl-pubsub-default', 'allchannels'],
      ['ACL', 'SETUSER', 'n', 'reset'],
      ['ACL', 'SETUSER', 'm', '(+get)'], ['ACL', 'LIST'], ['ACL', 'DELUSER', 'm', 'n'],
      ['CONFIG', 'SET', 'acl-pubsub-default', 'resetchannels'],
      ['CLIENT', 'KILL', 'USER', 'nosuch'], ['CLIENT', 'KILL', 'USER', 'default'],
    ]);
    for (const category of ['keyspace', 'read', 'write', 'admin', 'fast', 'dangerous', 'connection', 'scripting', 'STRING']) {
      await sameSet('ACL', 'CAT', category);
    }
  });

  test('who is refused what, and what the log says of it', async () => {
    await expectSame([
      ['ACL', 'LOG', 'RESET'], ['AUTH', 'b', 'p'], ['AUTH', 'nosuch', 'p'], ['HELLO', '3', 'AUTH', 'nosuch', 'p'],
      ['ACL', 'SETUSER', 'b', '>p', 'on', '+@all', '-acl|load', '~k*', '-debug'], ['AUTH', 'b', 'wrong'], ['AUTH', 'b', 'p'],
      ['ACL', 'WHOAMI'],
      ['ACL', 'LOAD'], ['DEBUG', 'SLEEP', '0'], ['GET', 'foo'], ['GET', 'k'], ['MSET', 'k1', '1', 'x1', '1'], ['PUBLISH', 'c', 'x'],
      ['EVAL', "return redis.call('get','foo')", '0'], ['EVAL', "return redis.call('acl','load')", '0'],
      ['EVAL', "return redis.pcall('get','foo').err", '0'], ['EVAL', "return redis.pcall('publish','foo','x').err", '0'],
      ['EVAL', "return redis.acl_check_cmd('get','foo')", '0'], ['EVAL', "return redis.acl_check_cmd('get','k')", '0'],
      ['EVAL', "return redis.call('get', KEYS[1])", '1', 'foo'], ['EVAL', "return redis.pcall('debug', 'sleep', '0').err", '0'],
      ['MULTI'], ['GET', 'foo'], ['EXEC'],
      ['MULTI'], ['SET', 'k', '1'], ['ACL', 'SETUSER', 'b', '-get', '-publish'], ['GET', 'k'], ['SET', 'k', '2'], ['EXEC'],
      ['ACL', 'SETUSER', 'b', '+get', '+publish'], ['LPUSH', 'kl', 'a', 'b'],
      ['SORT', 'kl', 'BY', 'nosort', 'GET', '#'], ['SORT', 'kl', 'BY', 'x*'], ['SORT', 'kl', 'ALPHA', 'STORE', 'kd'],
      ['SORT_RO', 'kl', 'GET', '#'],
      ['SORT', 'kl', 'ALPHA', 'STORE', 'foo'], ['ACL', 'SETUSER', 'b', '%R~*'],
      ['SORT', 'kl', 'BY', 'x*', 'GET', 'y*', 'ALPHA', 'STORE', 'kd'],
      ['ACL', 'LOG'], ['ACL', 'LOG', '2'], ['CLIENT', 'LIST', 'ID', '0'], ['CLIENT', 'KILL', 'USER', 'b', 'SKIPME', 'yes'],
      ['CONFIG', 'SET', 'acllog-max-len', '1'], ['GET', 'foo'], ['ACL', 'LOAD'], ['ACL', 'LOG'], ['CONFIG', 'SET', 'acllog-max-len', '128'],
      ['RESET'], ['ACL', 'WHOAMI'], ['DEL', 'k', 'kl', 'kd'], ['ACL', 'DELUSER', 'b'],
    ]);
  });

  test('passwords of the default user', async () => {
    await expectSame([
      ['AUTH', 'x'], ['AUTH', 'default', 'x'], ['CONFIG', 'SET', 'requirepass', 'secret'], ['ACL', 'LIST'], ['PING'], ['AUTH', 'x'],
      ['AUTH', 'secret'], ['ACL', 'SETUSER', 'default', '>other'], ['CONFIG', 'GET', 'requirepass'], ['AUTH', 'other'], ['RESET'], ['PING'],
      ['HELLO', '3'], ['SET', ...Array.from({ length: 9 }, () => 'x')], ['AUTH', 'default', 'other'], ['PING'],
      ['ACL', 'SETUSER', 'default', 'off'], ['PING'], ['AUTH', 'other'], ['ACL', 'SETUSER', 'default', 'on', 'nopass'],
      ['CONFIG', 'GET', 'requirepass'],
      ['CONFIG', 'SET', 'requirepass', ''], ['AUTH', 'x'], ['ACL', 'LOG', 'RESET'],
    ]);
  });

  /** Whether connections go on, by the name of who acts on each. */
  const fates = async (kind: ServerKind, deed: readonly string[]): Promise<string[]> => {
    const admin = await RawClient.open(servers[kind].port);
    await admin.run('ACL', 'SETUSER', 'u', 'reset', 'on', 'nopass', '+@all', '~*', '&a', '&b*');
    const users: readonly Conversation[] = [
      [['PING']], [['AUTH', 'u', 'x']], [['AUTH', 'u', 'x'], ['SUBSCRIBE', 'a']], [['AUTH', 'u', 'x'], ['SUBSCRIBE', 'bc']],
      [['AUTH', 'u', 'x'], ['PSUBSCRIBE', 'b*']], [['AUTH', 'u', 'x'], ['BLPOP', 'nothing', '0']],
    ];
    const clients = await Promise.all(users.map(async (words) => {
      const client = await RawClient.open(servers[kind].port);
      let last: Promise<unknown> = Promise.resolve();
      for (const one of words) last = client.run(...one);
      if (words.at(-1)?.[0] !== 'BLPOP') await last;
      return { client, id: words };
    }));
    await admin.run('PING');
    await admin.run(...deed);
    // Who was ended is ended by the next turn.
    await admin.run('PING');
    const left = String(await admin.run('CLIENT', 'LIST')).split('\n').filter((line) => line !== '')
      .map((line) => / cmd=(\S+) user=(\S+)/.exec(line)?.slice(1).join(' ') ?? line).sort();
    for (const { client } of clients) client.close();
    admin.close();
    return left;
  };

  test.each<[string, readonly string[]]>([
    ['a user that is gone takes its clients along', ['ACL', 'DELUSER', 'u']],
    ['channels that are taken away end those who listen', ['ACL', 'SETUSER', 'u', 'resetchannels', '&a']],
    ['patterns must be left as they were', ['ACL', 'SETUSER', 'u', 'resetchannels', '&a', '&bc']],
    ['more channels end nobody', ['ACL', 'SETUSER', 'u', '&c']],
    ['all channels end nobody', ['ACL', 'SETUSER', 'u', 'allchannels']],
    ['rights that shrink end nobody', ['ACL', 'SETUSER', 'u', '-@all', 'off']],
    ['CLIENT KILL USER', ['CLIENT', 'KILL', 'USER', 'u']],
  ])('%s', async (_name, deed) => {
    const [theirs, ours] = await Promise.all(KINDS.map((kind) => fates(kind, deed)));
    expect(ours).toEqual(theirs);
  });
}));

describe('files of users beside redis-server 7.0', () => requireRedis(() => {
  const first = 'user default on nopass ~* &* +@all\nuser a on >p +get\n';
  let files: Readonly<Record<ServerKind, string>>;

  beforeAll(async () => {
    const directories = KINDS.map(() => mkdtempSync(join(tmpdir(), 'faultline-acl-')));
    for (const directory of directories) writeFileSync(join(directory, FILE), first);
    const running = await Promise.all(KINDS.map((kind, index) =>
      startServerProcess(kind, ['--aclfile', FILE], [], [], null, directories[index] as string)));
    servers = { redis: running[0] as ServerProcess, faultline: running[1] as ServerProcess };
    files = { redis: join(directories[0] as string, FILE), faultline: join(directories[1] as string, FILE) };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
    for (const server of Object.values(servers ?? {})) rmSync(server.directory, { recursive: true, force: true });
  });

  test('what is loaded at the start, and saved', async () => {
    await expectSame([
      ['ACL', 'LIST'], ['ACL', 'SETUSER', 'b', 'on', '+@read', '-get', '~x', '(+set ~y)'], ['ACL', 'SAVE'],
      ['ACL', 'SETUSER', 'b', 'off'], ['ACL', 'LOAD'],
      ['ACL', 'LIST'], ['CONFIG', 'GET', 'aclfile'], ['CONFIG', 'SET', 'aclfile', 'x'],
    ]);
    const [theirs, ours] = KINDS.map((kind) => comparable(readFileSync(files[kind], 'latin1')));
    expect(ours).toEqual(theirs);
  });

  test.each<[string, string]>([
    ['blank lines and spaces', 'user a on\n\n  user b   on   +get  \n'], ['a comment', '# hello\nuser a on\n'],
    ['many mistakes', 'nouser a\nuser\nuser x on +nosuch blah +alsono\nuser y on blah foo\n'], ['a name twice', 'user x on\nuser x off\n'],
    ['quotes in a name', 'user "x" on\n'], ['selectors', 'user x on (+get ~x) ( +set )\n'], ['no line feed', 'user x on'],
    ['a tab in a line', 'user a +get\tfoo\n'], ['nothing at all', ''], ['a pattern behind all', 'user a ~* ~x +nosuch\n'],
    ['no default user, whom requirepass had closed', 'user z on nopass +@all\n'], ['the default user', 'user default on nopass +@all ~x\n'],
  ])('a file with %s', async (_name, text) => {
    for (const kind of KINDS) writeFileSync(files[kind], text);
    await expectSame([['CONFIG', 'SET', 'requirepass', ''], ['ACL', 'LOAD'], ['ACL', 'LIST'], ['ACL', 'WHOAMI']]);
    for (const kind of KINDS) writeFileSync(files[kind], first);
    await expectSame([['ACL', 'LOAD']]);
  });
}));

describe('users of sentinels and of replication beside redis-server 7.0', () => requireRedis(() => {
  test('a sentinel has users of its own, for the commands that it has, and writes them into its file', async () => {
    const lines = ['sentinel monitor m 127.0.0.1 1 1', 'user watcher on nopass +@all -ping -sentinel|set &x*'];
    const asked: Conversation = [
      ['ACL', 'LIST'], ['ACL', 'SETUSER', 'x', '+get'], ['ACL', 'SETUSER', 'x', '+acl', '+@pubsub', '+sentinel|masters', '~a'],
      ['ACL', 'GETUSER', 'x'],
      ['ACL', 'SETUSER', 'y', '+@admin', '-@connection', '+@slow'], ['ACL', 'LIST'], ['AUTH', 'watcher', 'x'], ['ACL', 'WHOAMI'], ['PING'],
      ['SENTINEL', 'SET', 'm', 'quorum', '2'], ['SENTINEL', 'CKQUORUM', 'm'], ['SUBSCRIBE', 'y'],
      ['ACL', 'DRYRUN', 'x', 'sentinel', 'masters'],
      ['ACL', 'DRYRUN', 'x', 'sentinel', 'failover', 'm'], ['ACL', 'DRYRUN', 'x', 'get', 'a'], ['ACL', 'LOG'], ['SENTINEL', 'FLUSHCONFIG'],
    ];
    const outcomes = await Promise.all(KINDS.map(async (kind) => {
      const sentinel = await startSentinelProcess(kind, lines);
      try {
        const client = await RawClient.open(sentinel.port);
        const answers: string[] = [];
        for (const words of asked) answers.push(comparable(encodeReply(await client.run(...words), 3)));
        client.close();
        return [...answers, ...sentinel.configuration().split('\n').filter((line) => line.startsWith('user ')).map(comparable)];
      } finally {
        await sentinel.stop();
        sentinel.remove();
      }
    }));
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1]?.filter((line) => line.startsWith('user '))).toHaveLength(4);
  });

  test('a replica comes with a user that may do no more than replicate, and not with less', () => Promise.all(
    ([['redis', 'faultline'], ['faultline', 'redis']] as const).map(async ([one, other]) => {
      const users = ['--user', 'repl', 'on', '>p', '+psync', '+replconf', '+ping', '--user', 'less', 'on', '>p', '+ping', '+replconf'];
      const port = await freePort();
      const link = ['--replicaof', `127.0.0.1 ${port}`, '--masterauth', 'p', '--masteruser'];
      const primary = startServerProcess(one, ['--repl-diskless-sync-delay', '0', ...users], [], [], port);
      await withServers([primary, startServerProcess(other, [...link, 'repl']), startServerProcess(other, [...link, 'less'])], async (source, good, bad) => {
        await eventually(() => good?.cli('INFO', 'replication') ?? '', (info) => info.includes('master_link_status:up'));
        source?.cli('SET', 'k', 'v');
        await eventually(() => good?.cli('GET', 'k'), (value) => value === 'v');
        await eventually(() => source?.cli('ACL', 'LOG') ?? '', (log) => /reason\ncommand\ncontext\ntoplevel\nobject\np?sync\nusername\nless/.test(log));
        expect(bad?.cli('INFO', 'replication')).toContain('master_link_status:down');
      });
    }),
  ));
}));
