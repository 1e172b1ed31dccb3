/**
 * EVAL and its like, SCRIPT, FUNCTION and FCALL beside redis-server 7.0: conversations with the same answers, the same replication stream,
 * libraries that go both ways as DUMP payloads and in snapshots, and a script that takes too long.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, eventually, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { StreamTap } from './streamTap.ts';

type Conversation = readonly (readonly string[])[];
const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const DIRECTIVES = ['--repl-diskless-sync-delay', '0', '--busy-reply-threshold', '100', '--repl-diskless-sync', 'no', '--enable-debug-command', 'yes'];
const SHA = 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db';
const LIBRARY = '#!lua name=mylib\nredis.register_function("twice", function(keys, args) return args[1] * 2 end)\n'
  + 'redis.register_function{function_name="store", callback=function(keys, args) return redis.call("set", keys[1], args[1]) end, description="stores"}\n'
  + 'redis.register_function{function_name="look", callback=function(keys) return redis.call("get", keys[1]) end, flags={"no-writes"}}';
const SMALL = (name: string, functionName: string): string => `#!lua name=${name}\nredis.register_function('${functionName}', function() return '${name}' end)`;

let servers: Readonly<Record<ServerKind, ServerProcess>>;

const talk = async (kind: ServerKind, conversation: Conversation): Promise<string[]> => {
  const client = await RawClient.open(servers[kind].port);
  const answers: string[] = [];
  for (const words of conversation) answers.push(`${words.join(' ')} -> ${encodeReply(await client.run(...words), 2)}`);
  client.close();
  return answers;
};

/** Until a script runs that others have to wait for. */
const eventuallyBusy = async (client: RawClient): Promise<void> => {
  while (!encodeReply(await client.run('PING'), 2).startsWith('-BUSY')) await new Promise((resolve) => setTimeout(resolve, 5));
};

const load = (code: string): readonly string[] => ['FUNCTION', 'LOAD', code];

const CONVERSATIONS: readonly [string, Conversation][] = [
  ['EVAL and EVALSHA', [['EVAL'], ['EVAL', 'return 1'], ['EVAL', 'return 1', 'x'], ['EVAL', 'return 1', '-1'], ['EVAL', 'return 1', '1'], ['EVAL', 'return 1', '0'], ['EVAL', 'return {KEYS[1],ARGV[1]}', '1', 'k', 'a'],
    ['EVALSHA', SHA, '0'], ['EVALSHA', SHA.toUpperCase(), '0'], ['EVALSHA', 'x', '0'], ['EVALSHA', '0'.repeat(40), '0'], ['EVALSHA', SHA, 'x'], ['EVAL_RO', "return redis.call('set','a','b')", '0'], ['EVAL_RO', "return redis.call('get','a')", '0'],
    ['EVALSHA_RO', SHA, '0'], ['EVAL_RO', '#!lua\nreturn 1', '0'], ['EVAL', 'bad syntax here', '0'], ['EVAL', 'return redis.call("set", KEYS[1], ARGV[1])', '1', 'k', 'v'], ['GET', 'k'], ['DEL', 'k']]],
  ['SCRIPT', [['SCRIPT', 'FLUSH'], ['SCRIPT', 'EXISTS', SHA], ['SCRIPT', 'LOAD', 'return 1'], ['SCRIPT', 'EXISTS', SHA, 'x', SHA.toUpperCase()], ['EVALSHA', SHA, '0'], ['SCRIPT', 'LOAD', 'bad syntax'], ['SCRIPT', 'LOAD'], ['SCRIPT', 'FLUSH', 'ASYNC'],
    ['SCRIPT', 'EXISTS', SHA], ['SCRIPT', 'FLUSH', 'x'], ['SCRIPT', 'KILL'], ['SCRIPT', 'HELP'], ['SCRIPT', 'NOTHING'], ['SCRIPT', 'EXISTS'], ['EVALSHA', SHA, '0']]],
  ['in a transaction', [['MULTI'], ['EVAL', 'return redis.call("incr", "n")', '0'], ['EVAL', 'return {1, {2}}', '0'], ['EVAL', 'error("x")', '0'], ['EVALSHA', 'x', '0'], ['GET', 'n'], ['EXEC'], ['DEL', 'n']]],
  ['without room', [['SET', 'big', 'x'.repeat(1000)], ['CONFIG', 'SET', 'maxmemory', '1'], ['EVAL', 'return redis.call("set", "a", 1)', '0'], ['EVAL', 'return redis.call("get", "a")', '0'], ['EVAL', 'redis.call("del", "big") return redis.call("set", "a", 1)', '0'],
    ['EVAL', '#!lua\nreturn 1', '0'], ['EVAL', '#!lua flags=no-writes\nreturn 1', '0'], ['EVAL', '#!lua flags=allow-oom\nreturn redis.call("set", "a", 1)', '0'], ['FCALL', 'x', '0'], ['CONFIG', 'SET', 'maxmemory', '0'], ['DEL', 'a', 'big']]],
  ['FUNCTION LOAD', [load(LIBRARY), load(LIBRARY), ['FUNCTION', 'LOAD', 'REPLACE', LIBRARY], ['FUNCTION', 'LOAD', 'x', LIBRARY], load('return 1'), load('#!lua'), load('#!lua\n'), load('#!lua name=a b=c\n'), load('#!lua name=a name=b\n'), load('#!lua name=a-b\n'),
    load('#!python name=a\n'), load('#!lua name=a\n'), load('#!lua name=a\nreturn 1'), load('#!lua name=a\nbad syntax'), load('#!lua name=a\nerror("e")'), load('#!lua name=a\nerror({err="E e"})'), load(SMALL('other', 'twice')), load(SMALL('other', 'b-d')),
    load('#!lua name=a\nredis.call("ping")'), load('#!lua name=a\nredis.setresp(3)'), load('#!lua name=a\nreturn foo'), load('#!lua name=a\nfoo = 1'), load('#!lua name=a\nredis.register_function("f")'), load('#!lua name=a\nredis.register_function(1, 2)'), load('#!lua name=a\nredis.register_function("f", 2)'),
    load('#!lua name=a\nredis.register_function({})'), load('#!lua name=a\nredis.register_function{function_name="f"}'), load('#!lua name=a\nredis.register_function{callback=function() end}'), load('#!lua name=a\nredis.register_function{function_name=1, callback=function() end}'),
    load('#!lua name=a\nredis.register_function{function_name="f", callback=1}'), load('#!lua name=a\nredis.register_function{function_name="f", callback=function() end, flags=1}'), load('#!lua name=a\nredis.register_function{function_name="f", callback=function() end, flags={"x"}}'),
    load('#!lua name=a\nredis.register_function{function_name="f", callback=function() end, description=1}'), load('#!lua name=a\nredis.register_function{function_name="f", callback=function() end, other=1}'), load('#!lua name=a\nredis.register_function{[1]=2}'), load('#!lua name=a\nredis.register_function()'), load('#!lua name=a\nredis.register_function("f", function() end, 3)'),
    load('#!lua name=a\nredis.register_function("f", function() end) redis.register_function("f", function() end)'), load('#!lua name=a\nredis.log(redis.LOG_NOTICE, "loading") redis.register_function("fa", function() return redis.register_function == nil end)'), ['FCALL', 'fa', '0'], ['FUNCTION', 'DELETE', 'a']]],
  ['FCALL', [['FCALL', 'twice', '0', '21'], ['FCALL', 'nothing', '0'], ['FCALL', 'twice', 'x'], ['FCALL', 'twice', '-1'], ['FCALL', 'twice', '2', 'a'], ['FCALL', 'twice', '0'], ['FCALL', 'store', '1', 'fk', 'v'], ['FCALL', 'look', '1', 'fk'], ['FCALL_RO', 'look', '1', 'fk'], ['FCALL_RO', 'store', '1', 'fk', 'w'], ['FCALL_RO', 'twice', '0', '1'],
    ['FCALL'], ['FCALL', 'twice'], load('#!lua name=k\nredis.register_function("globals", function() return type(KEYS) end)'), ['FCALL', 'globals', '0'], ['FUNCTION', 'DELETE', 'k'], ['DEL', 'fk'],
    load('#!lua name=w\nredis.register_function{function_name="w", callback=function() return redis.call("set", "x", 1) end, flags={"no-writes"}}'), ['FCALL', 'w', '0'], ['FUNCTION', 'DELETE', 'w']]],
  ['FUNCTION LIST, STATS and the rest', [['FUNCTION', 'DELETE', 'mylib'], load(SMALL('mylib', 'twice')), ['FUNCTION', 'LIST', 'LIBRARYNAME', 'my*', 'WITHCODE'], ['FUNCTION', 'LIST', 'LIBRARYNAME', 'nothing'], ['FUNCTION', 'LIST', 'LIBRARYNAME'], ['FUNCTION', 'LIST', 'x'], ['FUNCTION', 'STATS'], ['FUNCTION', 'KILL'], ['FUNCTION', 'DELETE', 'nothing'], ['FUNCTION', 'HELP'], ['FUNCTION', 'FLUSH', 'x'],
    ['FUNCTION', 'RESTORE', 'x'], ['FUNCTION', 'DELETE', 'mylib'], ['FUNCTION', 'LIST'], ['FUNCTION', 'DUMP'], ['FCALL', 'twice', '0', '1'], load(SMALL('one', 'f')), ['FUNCTION', 'DUMP'], ['FUNCTION', 'FLUSH', 'SYNC'], ['FUNCTION', 'FLUSH', 'ASYNC'], ['FUNCTION', 'FLUSH'], ['FUNCTION', 'STATS']]],
];

/** The slots of a, b and foo are 15495, 3300 and 12182; those up to 13000 are served. */
const CLUSTERED: Conversation = [
  ['EVAL', 'return 1', '0'], ['EVAL', 'return redis.call("set", KEYS[1], 1)', '1', 'b'], ['EVAL', 'return redis.call("set", KEYS[1], 1)', '1', 'a'], ['EVAL', 'return 1', '2', 'b', 'foo'],
  ['EVAL', 'return redis.call("get", "a")', '0'], ['EVAL', 'return redis.call("mget", "b", "foo")', '0'], ['EVAL', 'redis.call("set", "b", 1) return redis.call("set", "foo", 1)', '0'],
  ['EVAL', '#!lua\nredis.call("set", "b", 1) return redis.call("set", "foo", 1)', '0'], ['EVAL', '#!lua flags=allow-cross-slot-keys\nredis.call("set", "b", 1) return redis.call("set", "foo", 1)', '0'],
  ['EVAL', '#!lua flags=no-cluster\nreturn 1', '0'], ['EVAL', '#!lua\nreturn redis.call("get", "foo")', '1', 'b'], ['EVAL', 'return redis.pcall("select", 1)', '0'], load('#!lua name=c\nredis.register_function("c", function(keys) return redis.call("get", keys[1]) end)'),
  ['FCALL', 'c', '1', 'b'], ['FCALL', 'c', '1', 'a'],
];

/** What is written, in which order, with what around it. */
const WRITES: Conversation = [
  ['EVAL', 'redis.call("set", "a", 1)', '0'], ['EVAL', 'redis.call("set", "a", 1) redis.call("incr", "a") redis.call("get", "a")', '0'], ['EVAL', 'return redis.call("get", "a")', '0'],
  ['EVAL', 'redis.call("set", "b", 1, "ex", 100) redis.call("spop", "nothing") redis.call("sadd", "s", "m") redis.call("spop", "s")', '0'], ['EVAL', 'redis.call("set", "a", 1) error("later")', '0'], ['EVAL', 'redis.set_repl(redis.REPL_NONE) redis.call("set", "a", 5)', '0'],
  ['EVAL', 'redis.set_repl(redis.REPL_AOF) redis.call("set", "a", 5) redis.call("set", "a", 6)', '0'], ['EVAL', 'redis.set_repl(redis.REPL_REPLICA) redis.call("set", "a", 5) redis.set_repl(redis.REPL_ALL) redis.call("set", "a", 7)', '0'], ['EVAL', 'redis.call("select", 3) redis.call("set", "a", 1) redis.call("select", 0) redis.call("set", "b", 1)', '0'],
  ['SCRIPT', 'LOAD', 'return 1'], ['SCRIPT', 'FLUSH'], load(SMALL('one', 'f')), ['FUNCTION', 'LOAD', 'REPLACE', SMALL('one', 'g')], ['FCALL', 'g', '0'], ['FUNCTION', 'DELETE', 'one'], ['FUNCTION', 'FLUSH'],
  ['MULTI'], ['EVAL', 'redis.call("set", "a", 1) redis.call("set", "a", 2)', '0'], ['SET', 'c', '1'], ['EXEC'], ['EVAL', 'redis.call("publish", "c", "m") redis.call("set", "a", 1)', '0'], ['EVAL', 'redis.pcall("lpush", "a", 1) redis.call("rpush", "l", 1)', '0'], ['SET', 'end', '1'],
];

describe('commands of scripts beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const [redis, faultline] = await Promise.all(KINDS.map((kind) => startServerProcess(kind, DIRECTIVES)));
    servers = { redis: redis as ServerProcess, faultline: faultline as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test.each(CONVERSATIONS)('%s', async (_name, conversation) => {
    const [theirs, ours] = await Promise.all(KINDS.map((kind) => talk(kind, conversation)));
    expect(ours).toEqual(theirs);
  });

  test('the replication stream of scripts and libraries', async () => {
    const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => {
      const tap = await StreamTap.open(servers[kind].port);
      await talk(kind, WRITES);
      const stream = await tap.takeUntil('$3\r\nend\r\n$1\r\n1\r\n');
      tap.close();
      return stream.replace(/(PXAT\r\n\$13\r\n)\d+/g, '$1<time>');
    }));
    expect(ours).toContain('MULTI');
    expect(ours).toEqual(theirs);
  });

  test('the same writes in the append-only file, loaded again', async () => {
    const states = await Promise.all(KINDS.map(async (kind) => {
      const server = servers[kind];
      await talk(kind, [['FLUSHALL'], ['CONFIG', 'SET', 'appendonly', 'yes'], ...WRITES, load(LIBRARY)]);
      const files = (): string => server.cli('INFO', 'persistence');
      await eventually(files, (info) => info.includes('aof_rewrite_in_progress:0'));
      const before = server.cli('DEBUG', 'DIGEST');
      await talk(kind, [['DEBUG', 'LOADAOF']]);
      const after = server.cli('DEBUG', 'DIGEST');
      await talk(kind, [['CONFIG', 'SET', 'appendonly', 'no']]);
      return { isSame: before === after, value: server.cli('GET', 'a'), functions: server.cli('FCALL', 'twice', '0', '4') };
    }));
    expect(states[1]).toEqual(states[0]);
  });

  test('DUMP payloads of libraries go both ways', async () => {
    for (const [from, to] of [['redis', 'faultline'], ['faultline', 'redis']] as const) {
      const source = await RawClient.open(servers[from].port);
      const target = await RawClient.open(servers[to].port);
      await source.run('FUNCTION', 'FLUSH');
      await source.run('FUNCTION', 'LOAD', LIBRARY);
      await source.run('FUNCTION', 'LOAD', SMALL('long', `f${'x'.repeat(300)}`));
      const payload = await source.run('FUNCTION', 'DUMP') as string;
      await target.run('FUNCTION', 'FLUSH');
      const first = [];
      for (const policy of [[], [], ['REPLACE'], ['FLUSH'], ['APPEND']]) {
        first.push(encodeReply(await target.run('FUNCTION', 'RESTORE', payload, ...policy), 2).slice(0, 12));
      }
      expect(first, `${from} to ${to}`).toEqual(['+OK\r\n', '-ERR Library', '+OK\r\n', '+OK\r\n', '-ERR Library']);
      expect(await target.run('FCALL', 'twice', '0', '7')).toBe(14);
      source.close();
      target.close();
    }
  });

  test.each([['redis', 'faultline'], ['faultline', 'redis']] as const)('libraries come with a snapshot from %s to %s', async (from, to) => {
    await talk(from, [['FUNCTION', 'FLUSH'], load(LIBRARY), ['SET', 'snapshot', from]]);
    await withServers([startServerProcess(to, ['--replicaof', '127.0.0.1', String(servers[from].port)])], async (replica) => {
      await eventually(() => replica?.cli('GET', 'snapshot'), (value) => value === from);
      expect(replica?.cli('FCALL_RO', 'look', '1', 'snapshot')).toBe(from);
      expect(replica?.cli('FCALL', 'store', '1', 'k', 'v')).toContain('READONLY');
      servers[from].cli('FUNCTION', 'LOAD', SMALL('late', 'late'));
      await eventually(() => replica?.cli('FUNCTION', 'LIST', 'LIBRARYNAME', 'late'), (value) => value?.includes('late') ?? false);
    });
  });

  test('on a node of a cluster: slots of declared and of other keys', async () => {
    await withServers(KINDS.map((kind) => startServerProcess(kind, ['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no'])), async (...nodes) => {
      const heard = await Promise.all(nodes.map(async (node) => {
        node.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '13000');
        await eventually(() => node.cli('CLUSTER', 'INFO'), (info) => info.includes('cluster_state:ok'));
        const client = await RawClient.open(node.port);
        const answers: string[] = [];
        for (const words of CLUSTERED) answers.push(`${words.join(' ')} -> ${encodeReply(await client.run(...words), 2)}`);
        client.close();
        return answers;
      }));
      expect(heard[1]).toEqual(heard[0]);
    });
  });

  test('a script that takes too long: BUSY, SCRIPT KILL, and what cannot be killed', async () => {
    const outcomes = await Promise.all(KINDS.map(async (kind) => {
      const others = await RawClient.open(servers[kind].port);
      const heard: string[] = [];
      const ask = async (...words: string[]): Promise<string> => {
        const answer = encodeReply(await others.run(...words), 2);
        heard.push(`${words.join(' ')} -> ${answer}`);
        return answer;
      };
      const runs = async (...words: string[]): Promise<string> => {
        const client = await RawClient.open(servers[kind].port);
        const reply = await client.run(...words);
        client.close();
        return encodeReply(reply, 2);
      };
      const loop = 'while true do end';
      let end = runs('EVAL', loop, '0');
      await eventuallyBusy(others);
      await ask('GET', 'a');
      await ask('FUNCTION', 'KILL');
      await ask('MULTI');
      await ask('GET', 'a');
      await ask('DISCARD');
      await ask('SCRIPT', 'KILL');
      heard.push(await end);
      await ask('PING');
      await ask('FUNCTION', 'FLUSH');
      await ask('FUNCTION', 'LOAD', `#!lua name=slow\nredis.register_function("slow", function() ${loop} end)`);
      end = runs('FCALL', 'slow', '0');
      await eventuallyBusy(others);
      await ask('SCRIPT', 'KILL');
      await ask('PING');
      await ask('FUNCTION', 'KILL');
      heard.push(await end);
      end = runs('EVAL', 'redis.call("set", "written", 1) local n, m = 0, tonumber(ARGV[1]) while n < m do n = n + 1 end return redis.call("get", "written")', '0', kind === 'redis' ? '20000000' : '500000');
      await eventuallyBusy(others);
      await ask('SCRIPT', 'KILL');
      heard.push(await end);
      await ask('GET', 'written');
      others.close();
      return heard;
    }));
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(servers.faultline.log()).toContain('Slow script detected: still in execution after');
  });
}));
