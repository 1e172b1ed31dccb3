/** DEBUG beside redis-server 7.0: the same conversations, and what is there afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, eventually, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
const DIRECTIVES = ['--enable-debug-command', 'local', '--appendonly', 'yes', '--repl-diskless-sync-delay', '0'];
/** A string of RDB version 10, and a checksum that is none. */
const DAMAGED = '\0\x03abc\x0a\0\x01\x02\x03\x04\x05\x06\x07\x08';

let servers: Readonly<Record<ServerKind, ServerProcess>>;

/** Where a value lies and the clock of its last use are the process's own; a shared number was last used at the start. */
const blank = (answer: string): string => answer.replace(/at:0x[0-9a-f]+/, 'at:PLACE').replace(/ lru:\d+/, ' lru:N')
  .replace(/lru_seconds_idle:\d+(?: ql_.*)?/, 'lru_seconds_idle:N').replace(/master_replid:[0-9a-f]{40}/, 'master_replid:ID');

const expectSame = async (conversation: readonly (readonly string[])[]): Promise<string[]> => {
  const said = await Promise.all(KINDS.map(async (kind) => {
    const client = await RawClient.open(servers[kind].port);
    const answers: string[] = [];
    for (const words of conversation) answers.push(`${words.join(' ')} -> ${blank(encodeReply(await client.run(...words), 2))}`);
    client.close();
    return answers;
  }));
  expect(said[1]).toEqual(said[0]);
  return said[1] as string[];
};

const lines = (text: string): string[][] => text.trim().split('\n').map((line) => line.trim().split(' '));
const DATA = lines(`FLUSHALL
SET a 1
SET b text PX 1000000
RPUSH l a b c
SADD s 1 2 3
HSET h f v
ZADD z 1.5 m
SELECT 3
SET c 1
SELECT 0`);

describe('DEBUG beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind, DIRECTIVES)));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  }, 60_000);

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  test.each<[string, string]>([
    ['errors', `DEBUG
DEBUG nothing
DEBUG SLEEP
DEBUG SLEEP 0 0
DEBUG DIGEST x
DEBUG POPULATE
DEBUG POPULATE x
DEBUG POPULATE -1
DEBUG POPULATE 1 p x
DEBUG POPULATE 1 p 1 1
DEBUG OBJECT
DEBUG OBJECT nothing
DEBUG CHANGE-REPL-ID x
DEBUG RELOAD x
DEBUG RELOAD nosave x
DEBUG SET-ACTIVE-EXPIRE
DEBUG PAUSE-CRON
DEBUG SET-SKIP-CHECKSUM-VALIDATION
DEBUG ERROR
DEBUG toString`],
    ['small ones', `DEBUG SLEEP 0
DEBUG SLEEP x
DEBUG SLEEP -1
DEBUG SLEEP 0.01
DEBUG ERROR LOADING
DEBUG LOG hello
DEBUG SET-ACTIVE-EXPIRE x
DEBUG SET-ACTIVE-EXPIRE 1
DEBUG PAUSE-CRON 1
DEBUG PAUSE-CRON 0
DEBUG DIGEST-VALUE`],
    ['hash tables', `FLUSHALL
DEBUG HTSTATS 0
SET a 1
DEBUG HTSTATS 0
EXPIRE a 1000
DEBUG HTSTATS 0
DEBUG HTSTATS 16
DEBUG HTSTATS -1
DEBUG HTSTATS x
DEBUG HTSTATS
DEBUG HTSTATS-KEY nothing
DEBUG HTSTATS-KEY a
HSET h f v
DEBUG HTSTATS-KEY h
SADD one x
SMOVE one two x
DEBUG HTSTATS-KEY two
DEBUG HTSTATS-KEY`],
    ['settings of what only C has', `DEBUG QUICKLIST-PACKED-THRESHOLD 100b
DEBUG QUICKLIST-PACKED-THRESHOLD 0
DEBUG QUICKLIST-PACKED-THRESHOLD x
DEBUG QUICKLIST-PACKED-THRESHOLD 8gb
DEBUG REPLYBUFFER PEAK-RESET-TIME 100
DEBUG REPLYBUFFER PEAK-RESET-TIME never
DEBUG REPLYBUFFER PEAK-RESET-TIME reset
DEBUG REPLYBUFFER PEAK-RESET-TIME x
DEBUG REPLYBUFFER RESIZING 0
DEBUG REPLYBUFFER x 1
DEBUG REPLYBUFFER
DEBUG AOF-FLUSH-SLEEP 10
DEBUG AOF-FLUSH-SLEEP 0
DEBUG AOF-FLUSH-SLEEP
DEBUG LEAK x
DEBUG REPLICATE
DEBUG CONFIG-REWRITE-FORCE-ALL
EVAL return{redis.pcall('debug','sleep','0').err} 0
DEBUG SET-DISABLE-DENY-SCRIPTS 1
EVAL return{redis.pcall('debug','sleep','0').ok} 0
DEBUG SET-DISABLE-DENY-SCRIPTS 0
EVAL return{redis.pcall('debug','sleep','0').err} 0`],
    ['PROTOCOL', 'string integer double bignum null array set map attrib push verbatim true false other'.split(' ')
      .map((type) => `DEBUG PROTOCOL ${type}`).join('\n')],
    ['POPULATE', `FLUSHALL
SET key:1 mine
DEBUG POPULATE 3
DEBUG POPULATE 3 p
DEBUG POPULATE 2 short 3
DEBUG POPULATE 2 long 20
DEBUG POPULATE 0
DEBUG POPULATE 2 plain 0
MGET key:0 key:1 key:2 p:2 short:0 short:1 long:0 long:1 plain:1
DBSIZE
DEBUG DIGEST
MULTI
DEBUG POPULATE 1 m
EXEC`],
  ])('%s', async (_name, text) => {
    await expectSame(lines(text));
  });

  test('RELOAD and LOADAOF give back the same data; WATCH sees them', async () => {
    await Promise.all(KINDS.map((kind) => eventually(() => servers[kind].cli('INFO', 'persistence'), (info) => info.includes('aof_rewrite_in_progress:0'))));
    await expectSame([...DATA, ...lines(`DEBUG DIGEST
DEBUG RELOAD
DEBUG DIGEST
SET later 1
DEBUG RELOAD NOSAVE
EXISTS later
DEBUG DIGEST
DEBUG LOADAOF
EXISTS later
DEBUG DIGEST
DEBUG LOADAOF x
PERSIST b
OBJECT ENCODING l
DEBUG RELOAD
TTL b
WATCH a
DEBUG RELOAD
MULTI
GET a
EXEC
MULTI
DEBUG RELOAD
INCR a
EXEC
DEBUG LOADAOF
GET a
SELECT 3
GET c`)]);
    for (const kind of KINDS) {
      const info = servers[kind].cli('INFO', 'persistence');
      expect(/rdb_changes_since_last_save:\d+/.exec(info)?.[0], kind).toBe('rdb_changes_since_last_save:0');
    }
  });

  test('RELOAD beside the data that are there', async () => {
    await expectSame([...DATA, ...lines(`SAVE
SET a 2
SET own 1
DEL s
DEBUG RELOAD NOSAVE NOFLUSH MERGE
MGET a own
TTL own
DEBUG DIGEST
DEBUG RELOAD MERGE
DEBUG DIGEST
DEBUG RELOAD NOFLUSH MERGE
DEBUG DIGEST`)]);
  });

  test('key-load-delay and rdb-key-save-delay hold loading and saving up', async () => {
    await Promise.all(KINDS.map(async (kind) => {
      const { cli } = servers[kind];
      cli('FLUSHALL');
      cli('DEBUG', 'POPULATE', '200');
      cli('CONFIG', 'SET', 'rdb-key-save-delay', '2000');
      const from = performance.now();
      await eventually(() => cli('BGSAVE'), (answer) => answer === 'Background saving started');
      const seen = await eventually(() => cli('INFO', 'persistence'), (info) => /current_save_keys_processed:[1-9]/.test(info));
      expect(seen, kind).toContain('current_save_keys_total:200\r');
      await eventually(() => cli('INFO', 'persistence'), (info) => info.includes('rdb_bgsave_in_progress:0'));
      expect(performance.now() - from, `${kind} saves`).toBeGreaterThan(390);
      cli('CONFIG', 'SET', 'rdb-key-save-delay', '-10', 'key-load-delay', '2000');
      const loads = performance.now();
      cli('DEBUG', 'RELOAD');
      expect(performance.now() - loads, `${kind} loads`).toBeGreaterThan(390);
      cli('CONFIG', 'SET', 'key-load-delay', '0', 'rdb-key-save-delay', '0');
    }));
  });

  test('REPLICATE reaches replicas and nobody else', () => withServers(
    KINDS.map((kind) => startServerProcess(kind, ['--replicaof', '127.0.0.1', String(servers[kind].port)])), async (...replicas) => {
      const said = await Promise.all(KINDS.map(async (kind, index) => {
        const replica = replicas[index] as ServerProcess;
        await eventually(() => replica.cli('INFO', 'replication'), (info) => info.includes('master_link_status:up'));
        servers[kind].cli('SELECT', '0');
        servers[kind].cli('SET', 'there', '1');
        const answer = servers[kind].cli('DEBUG', 'REPLICATE', 'SET', 'parted', 'yes');
        await eventually(() => replica.cli('GET', 'parted'), (value) => value === 'yes');
        return [answer, servers[kind].cli('EXISTS', 'parted')];
      }));
      expect(said[1]).toEqual(said[0]);
    }));

  test.each<[string, string[]]>([
    ['SEGFAULT', []], ['PANIC', ['--use-exit-on-panic', 'yes']],
  ])('%s ends the process as it ends redis-server', async (subcommand, directives) => {
    const ended = await Promise.all(KINDS.map(async (kind) => {
      const server = await startServerProcess(kind, ['--enable-debug-command', 'yes', ...directives]);
      try {
        expect(() => server.cli('DEBUG', subcommand)).toThrow();
        await eventually(server.log, (log) => log.includes('REDIS BUG REPORT START'));
        await eventually(() => server.how(), (how) => how !== null);
        return server.how();
      } finally {
        await server.stop();
      }
    }));
    expect(ended[1]).toBe(ended[0]);
  });

  test('a checksum that is wrong, and is not looked at', async () => {
    await expectSame([['FLUSHALL'], ['RESTORE', 'k', '0', DAMAGED], ['DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', '1'],
      ['RESTORE', 'k', '0', DAMAGED], ['GET', 'k'], ['DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', '0'], ['RESTORE', 'k2', '0', DAMAGED]]);
  });

  test('OBJECT: references, encoding, length as stored', async () => {
    await expectSame([...DATA, ['SET', 'long', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'], ['SET', 'big', '123456789'], ['SET', 'small', '7'],
      ...['a', 'b', 'l', 's', 'h', 'z', 'long', 'big', 'small'].map((key) => ['DEBUG', 'OBJECT', key])]);
  });

  test('CHANGE-REPL-ID: another ID, and no second one', async () => {
    const [before, after] = await Promise.all([0, 1].map(async (round) => {
      if (round === 1) for (const kind of KINDS) servers[kind].cli('DEBUG', 'CHANGE-REPL-ID');
      return KINDS.map((kind) => /master_replid:([0-9a-f]{40})[\s\S]*master_replid2:0{40}/.exec(servers[kind].cli('INFO', 'replication'))?.[1]);
    })) as [(string | undefined)[], (string | undefined)[]];
    for (const [index, id] of before.entries()) {
      expect(id).toMatch(/^[0-9a-f]{40}$/);
      expect(after[index]).toMatch(/^[0-9a-f]{40}$/);
      expect(after[index]).not.toBe(id);
    }
  });

  test('is refused unless the configuration allows it', async () => {
    const asked = await Promise.all(KINDS.map(async (kind) => {
      const server = await startServerProcess(kind);
      try {
        return [['DEBUG', 'SLEEP', '0'], ['DEBUG'], ['DEBUG', 'nothing']].map((words) => server.cli(...words));
      } finally {
        await server.stop();
      }
    }));
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[1]?.[0]).toContain('DEBUG command not allowed');
  });
}));
