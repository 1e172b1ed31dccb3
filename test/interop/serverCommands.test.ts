/**
 * The server's own commands beside redis-server's: the same questions to both, the same answers, byte for byte where nothing in
 * them depends on the process (identifiers, ports, times and sizes are blanked).
 */
import { type Socket, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RespVersion, encodeReply } from '../../engine/protocol/encode.ts';
import { type Reply, Status } from '../../engine/protocol/reply.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, eventually, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

type Conversation = readonly (readonly string[])[];
const KINDS: readonly ServerKind[] = ['redis', 'faultline'];
/** Both answer DEBUG and take passwords off and on; neither saves. */
const DIRECTIVES = ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0'];

let servers: Readonly<Record<ServerKind, ServerProcess>>;

/** One connection, one command after the other; the answers as they would stand on the wire. */
const talk = async (kind: ServerKind, conversation: Conversation, version: RespVersion = 2): Promise<string[]> => {
  const client = await RawClient.open(servers[kind].port);
  const answers: string[] = [];
  for (const words of conversation) {
    const reply: Reply = await client.run(...words);
    answers.push(encodeReply(reply, version));
  }
  client.close();
  return answers;
};

/** Sends raw bytes and gives what comes back until the server closes, or until `until` stands at its end. */
const raw = (kind: ServerKind, input: string, until: string): Promise<string> => new Promise((resolve, reject) => {
  let text = '';
  const socket: Socket = connect(servers[kind].port, '127.0.0.1', () => socket.write(input, 'latin1'));
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    if (until !== '' && text.endsWith(until)) {
      socket.destroy();
      resolve(text);
    }
  });
  socket.on('close', () => resolve(`${text}<closed>`));
  socket.on('error', reject);
});

const expectSame = async (conversation: Conversation, blank: (answer: string) => string = (answer) => answer): Promise<void> => {
  const [theirs, ours] = await Promise.all(KINDS.map((kind) => talk(kind, conversation)));
  const pair = (answers: readonly string[] | undefined): string[] => (answers ?? []).map((answer, index) =>
    `${(conversation[index] as readonly string[]).join(' ')} -> ${blank(answer)}`);
  expect(pair(ours)).toEqual(pair(theirs));
};

const names = (answer: string): string[] => answer.split('\r\n').filter((line) => line.includes(':'))
  .map((line) => line.slice(0, line.indexOf(':')));

describe('server commands beside redis-server 7.0', () => requireRedis(() => {
  beforeAll(async () => {
    const started = await Promise.all(KINDS.map((kind) => startServerProcess(kind, DIRECTIVES)));
    servers = { redis: started[0] as ServerProcess, faultline: started[1] as ServerProcess };
  });

  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
  });

  describe('errors', () => {
    test.each<[string, Conversation]>([
      ['unknown commands', [['NOTHING'], ['nothing', 'a', 'b'], ['nothing', 'x'.repeat(200), 'y'], ['n'.repeat(200)], ['NO\r\nTHING', 'a\nb'],
        ['CONFIG', 'NOTHING'], ['CLIENT', 'nothing', 'x'], ['CONFIG', 'z'.repeat(200)], ['']]],
      ['arity', [['GET'], ['SET', 'a'], ['PING', 'a', 'b'], ['CONFIG'], ['CONFIG', 'GET'], ['CONFIG', 'SET', 'a'], ['CLIENT'], ['MULTI', 'x'],
        ['SELECT'], ['ECHO'], ['DBSIZE', 'x'], ['REPLICAOF', 'a'], ['HELLO', '3', 'SETNAME'], ['RESET', 'x']]],
      ['SELECT', [['SELECT', '0'], ['SELECT', '15'], ['SELECT', '16'], ['SELECT', '-1'], ['SELECT', 'x'], ['SELECT', '99999999999999999999']]],
      ['MULTI', [['EXEC'], ['DISCARD'], ['MULTI'], ['MULTI'], ['WATCH', 'a'], ['NOTHING'], ['EXEC'], ['MULTI'], ['SET', 'a'], ['PING'], ['EXEC'],
        ['EXEC'], ['MULTI'], ['EXEC'], ['MULTI'], ['SET', 'k', 'v'], ['LPUSH', 'k', 'x'], ['GET', 'k'], ['EXEC'], ['MULTI'], ['EXEC', 'x'], ['EXEC'],
        ['MULTI'], ['PSYNC', '?', '-1'], ['EXEC'], ['MULTI'], ['SAVE'], ['DISCARD'], ['WATCH', 'k'], ['SET', 'k', 'w'], ['MULTI'], ['EXEC'], ['UNWATCH'],
        ['MULTI'], ['DISCARD'], ['DEL', 'k']]],
      ['RESET', [['MULTI'], ['RESET'], ['EXEC'], ['SELECT', '3'], ['CLIENT', 'SETNAME', 'me'], ['RESET'], ['CLIENT', 'GETNAME']]],
      ['AUTH', [['AUTH', 'x'], ['AUTH', 'default', 'x'], ['AUTH', 'nobody', 'x'], ['AUTH', 'a', 'b', 'c'], ['AUTH']]],
      ['REPLICAOF', [['REPLICAOF', '127.0.0.1', 'x'], ['REPLICAOF', '127.0.0.1', '-1'], ['REPLICAOF', '127.0.0.1', '99999'], ['REPLICAOF', 'no', 'one'],
        ['REPLCONF', 'x'], ['REPLCONF', 'nothing', 'x'], ['PSYNC', 'x', 'y'], ['ROLE']]],
      ['SCRIPT and FUNCTION without a script', [['SCRIPT', 'KILL'], ['FUNCTION', 'KILL'], ['SCRIPT', 'EXISTS', 'a', 'b'], ['SCRIPT', 'EXISTS'], ['SCRIPT', 'FLUSH'],
        ['SCRIPT', 'FLUSH', 'async'], ['SCRIPT', 'FLUSH', 'x'], ['SCRIPT', 'NOTHING'], ['SCRIPT', 'KILL', 'x']]],
      ['DEBUG and BGSAVE', [['DEBUG', 'SLEEP', '0'], ['BGSAVE', 'x'], ['BGSAVE', 'SCHEDULE', 'x']]],
    ])('%s', async (_name, conversation) => expectSame(conversation));

    test('a password: who may do what before AUTH', async () => {
      for (const kind of KINDS) servers[kind].cli('CONFIG', 'SET', 'requirepass', 'secret');
      await expectSame([['GET', 'a'], ['GET'], ['NOTHING'], ['PING'], ['HELLO', '3'], ['MULTI'], ['AUTH', 'wrong'], ['AUTH', 'default', 'wrong'],
        ['AUTH', 'secret'], ['GET', 'a'], ['RESET'], ['GET', 'a'], ['HELLO', '2', 'AUTH', 'default', 'secret'], ['CONFIG', 'SET', 'requirepass', ''],
        ['RESET'], ['GET', 'a']], (answer) => answer.replace(/(\$2\r\nid\r\n:)\d+/, '$1N'));
    });
  });

  describe('CONFIG', () => {
    test('GET: the same values for every directive that we know, and the same for patterns', async () => {
      const listed = await Promise.all(KINDS.map(async (kind) => {
        const client = await RawClient.open(servers[kind].port);
        const reply = await client.run('CONFIG', 'GET', '*') as readonly string[];
        client.close();
        return new Map(Array.from({ length: reply.length / 2 }, (_, index) => [reply[index * 2] as string, reply[index * 2 + 1] as string]));
      }));
      const [theirs, ours] = listed as [Map<string, string>, Map<string, string>];
      const own = ['port', 'dir', 'logfile'];
      const different = [...ours].filter(([name, value]) => !own.includes(name) && theirs.get(name) !== value)
        .map(([name, value]) => `${name}: '${value}', redis-server says '${theirs.get(name)}'`);
      expect(different).toEqual([]);
    });

    test.each<[string, Conversation]>([
      ['patterns', [['CONFIG', 'GET', 'maxclients'], ['CONFIG', 'GET', 'MAXCLIENTS'], ['CONFIG', 'GET', 'slave-priority'], ['CONFIG', 'GET', 'nothing'],
        ['CONFIG', 'GET', 'save']]],
      ['SET, and what it did', [['CONFIG', 'SET', 'hz', '20', 'maxclients', '500'], ['CONFIG', 'GET', 'hz'], ['CONFIG', 'SET', 'HZ', '10', 'maxclients', '10000'],
        ['CONFIG', 'SET', 'slave-priority', '7'], ['CONFIG', 'GET', 'replica-priority'], ['CONFIG', 'SET', 'replica-priority', '100'],
        ['CONFIG', 'SET', 'repl-backlog-size', '2mb'], ['CONFIG', 'GET', 'repl-backlog-size'], ['CONFIG', 'SET', 'repl-backlog-size', '1048576'],
        ['CONFIG', 'SET', 'save', '100 1 200 2'], ['CONFIG', 'GET', 'save'], ['CONFIG', 'SET', 'save', ''], ['CONFIG', 'GET', 'save']]],
      ['SET: errors', [['CONFIG', 'SET', 'nothing', '1'], ['CONFIG', 'SET', 'hz', '20', 'nothing', '1'], ['CONFIG', 'SET', 'hz', '20', 'databases', '1'],
        ['CONFIG', 'SET', 'hz', 'x'], ['CONFIG', 'SET', 'hz', 'x', 'databases', '1'], ['CONFIG', 'SET', 'hz', '20', 'hz', '30'], ['CONFIG', 'SET', 'maxclients', '0'],
        ['CONFIG', 'SET', 'repl-diskless-sync', 'maybe'], ['CONFIG', 'SET', 'appendfsync', 'x'], ['CONFIG', 'SET', 'repl-backlog-size', 'much'],
        ['CONFIG', 'SET', 'save', '100'], ['CONFIG', 'SET', 'save', 'x y'], ['CONFIG', 'SET', 'hz', '20', 'maxclients'], ['CONFIG', 'GET', 'hz'],
        ['CONFIG', 'RESETSTAT'], ['CONFIG', 'RESETSTAT', 'x']]],
    ])('%s', async (_name, conversation) => expectSame(conversation));
  });

  describe('CLIENT', () => {
    test.each<[string, Conversation]>([
      ['names', [['CLIENT', 'GETNAME'], ['CLIENT', 'SETNAME', 'me'], ['CLIENT', 'GETNAME'], ['CLIENT', 'SETNAME', 'a b'], ['CLIENT', 'SETNAME', ''], ['CLIENT', 'GETNAME']]],
      ['errors', [['CLIENT', 'KILL', 'x'], ['CLIENT', 'KILL', 'ID', 'x'], ['CLIENT', 'KILL', 'ID', '999999'], ['CLIENT', 'KILL', 'TYPE', 'x'], ['CLIENT', 'KILL', 'SKIPME', 'x'],
        ['CLIENT', 'KILL', 'ID'], ['CLIENT', 'KILL', 'NOTHING', 'x'], ['CLIENT', 'LIST', 'TYPE', 'x'], ['CLIENT', 'LIST', 'ID', 'x'], ['CLIENT', 'LIST', 'NOTHING'],
        ['CLIENT', 'REPLY', 'x'], ['CLIENT', 'NO-EVICT', 'x'], ['CLIENT', 'NO-EVICT', 'on'], ['CLIENT', 'KILL', 'TYPE', 'master'], ['CLIENT', 'LIST', 'ID', '999999']]],
    ])('%s', async (_name, conversation) => expectSame(conversation));

    test('the fields of LIST and INFO, and how they look', async () => {
      const shape = (answer: string): string[] => answer.split('\r\n').slice(1).join('').trim().split(' ').map((field) => field.replace(/=.*/, ''));
      for (const words of [['CLIENT', 'INFO'], ['CLIENT', 'LIST', 'TYPE', 'normal']]) {
        const [theirs, ours] = await Promise.all(KINDS.map(async (kind) => (await talk(kind, [words]))[0] as string));
        expect(shape(ours as string)).toEqual(shape(theirs as string));
      }
    });
  });

  describe('HELLO', () => {
    const blank = (answer: string): string => answer.replace(/(id\r\n:)\d+/, '$1N');

    test('both versions and the errors', async () => {
      await expectSame([['HELLO'], ['HELLO', '2'], ['HELLO', '4'], ['HELLO', 'x'], ['HELLO', '1'], ['HELLO', '2', 'NOTHING'], ['HELLO', '2', 'AUTH', 'x'],
        ['HELLO', '2', 'AUTH', 'nobody', 'x'], ['HELLO', '2', 'SETNAME', 'a b'], ['HELLO', '2', 'SETNAME', 'me'], ['CLIENT', 'GETNAME']], blank);
    });

    test.each(['2', '3'])('version %s on the wire', async (version) => {
      const input = `HELLO ${version}\r\nGET nothing\r\nCONFIG GET hz\r\nSADD set:hello a\r\nSMEMBERS set:hello\r\nDEL set:hello\r\nMULTI\r\nPING\r\nEXEC\r\nCLIENT GETNAME\r\nECHO end\r\n`;
      const [theirs, ours] = await Promise.all(KINDS.map((kind) => raw(kind, input, '$3\r\nend\r\n')));
      expect(blank(ours as string)).toBe(blank(theirs as string));
    });
  });

  describe('COMMAND', () => {
    test('INFO of every command that we have: name, arity, flags, first key, last key, step', async () => {
      const client = await RawClient.open(servers.faultline.port);
      const list = (await client.run('COMMAND', 'LIST') as readonly string[]).map(String);
      client.close();
      const rows = async (kind: ServerKind): Promise<string[]> => {
        const other = await RawClient.open(servers[kind].port);
        const all = await other.run('COMMAND', 'INFO', ...list) as readonly (readonly Reply[] | null)[];
        other.close();
        return list.map((name, index) => describeRow(name, all[index] ?? null));
      };
      expect(list.length).toBeGreaterThan(100);
      const [theirs, ours] = await Promise.all(KINDS.map(rows));
      expect(ours).toEqual(theirs);
    });

    test('an unknown name', async () => expectSame([['COMMAND', 'INFO', 'nothing'], ['COMMAND', 'NOTHING'], ['COMMAND', 'INFO', 'get|x', 'config|nothing']]));

    test('LIST, and the keys of a request', async () => {
      const keysOf = (...requests: readonly string[]): Conversation => requests.map((request) => ['COMMAND', 'GETKEYS', ...request.split(' ')]);
      await expectSame([['COMMAND', 'COUNT', 'x'], ['COMMAND', 'HELP', 'x'], ['COMMAND', 'LIST', 'x'], ['COMMAND', 'LIST', 'FILTERBY'],
        ['COMMAND', 'LIST', 'FILTERBY', 'x', 'y'], ['COMMAND', 'LIST', 'FILTERBY', 'MODULE', 'x'], ['COMMAND', 'LIST', 'FILTERBY', 'pattern', 'a', 'b'],
        ['COMMAND', 'LIST', 'FILTERBY', 'PATTERN', 'get'], ['COMMAND', 'LIST', 'FILTERBY', 'pattern', 'CONFIG|GE*'], ['COMMAND', 'GETKEYS'],
        ...keysOf('get', 'get a', 'get a b', 'nothing x', 'ping x', 'mset a b c d', 'mset a b c', 'config get x', 'config nothing x', 'object encoding k',
          'lmpop 2 a b left', 'lmpop 5 a b left', 'lmpop x a b left', 'lmpop 0 a left', 'zunionstore d 2 a b', 'zunionstore d 0 a', 'blpop a b 0', 'publish a b',
          'ssubscribe a b', 'sort a store b store c', 'sort a by x get y limit 0 store store z', 'sort_ro a by x', 'watch a b', 'sintercard 2 a b', 'wait 1 2',
          'EXEC x', 'DEL a b c')]);
    });
  });

  describe('replication', () => {
    const section = (kind: ServerKind): string[] => names(servers[kind].cli('INFO', 'replication').replaceAll('\n', '\r\n').replaceAll('\r\r', '\r'));

    test('INFO and ROLE of a primary, alone and with a replica; and of a replica, up and down', async () => {
      expect(section('faultline')).toEqual(section('redis'));
      const replicas = await Promise.all(KINDS.map((kind) => startServerProcess(kind, [...DIRECTIVES, '--replicaof', '127.0.0.1', String(servers[kind].port)])));
      try {
        const [real, own] = replicas as [ServerProcess, ServerProcess];
        const isUp = (info: string): boolean => info.includes('master_link_status:up');
        for (const server of replicas) await eventually(() => server.cli('INFO', 'replication'), isUp);
        expect(section('faultline')).toEqual(section('redis'));
        const shown = (server: ServerProcess): string[] => names(server.cli('INFO', 'replication').replaceAll('\n', '\r\n').replaceAll('\r\r', '\r'));
        expect(shown(own)).toEqual(shown(real));
        const role = (server: ServerProcess): string => server.cli('ROLE').replace(/\b\d{4,5}\b/g, 'PORT').replace(/\d+$/, 'OFFSET');
        expect(role(own)).toBe(role(real));
        const primaryRole = (kind: ServerKind): string => servers[kind].cli('ROLE').replace(/\b\d{4,5}\b/g, 'PORT').replace(/\b\d+\b(?=\n|$)/g, 'N');
        expect(primaryRole('faultline')).toBe(primaryRole('redis'));
        const refusals = [['SET', 'a', '1'], ['MULTI'], ['EXEC'], ['REPLICAOF', 'x', 'y']];
        const says = (server: ServerProcess): string[] => refusals.map((words) => server.cli(...words));
        expect(says(own)).toEqual(says(real));
        for (const server of replicas) server.cli('REPLICAOF', '127.0.0.1', '1');
        for (const server of replicas) await eventually(() => server.cli('INFO', 'replication'), (info) => !isUp(info));
        expect(shown(own)).toEqual(shown(real));
      } finally {
        await Promise.all(replicas.map((server) => server.stop()));
      }
    });

    test('a node that follows nobody it can reach, and is promoted', async () => {
      const states = await Promise.all(KINDS.map(async (kind) => {
        const server = await startServerProcess(kind, DIRECTIVES);
        try {
          const fields = (): string[] => server.cli('INFO', 'replication').split(/\r?\n/)
            .filter((line) => /^(?:role|master_link|repl_backlog_(?:active|histlen)|second_repl_offset|slave_repl_offset)/.test(line));
          const before = fields();
          server.cli('REPLICAOF', '127.0.0.1', '1');
          const following = fields();
          server.cli('REPLICAOF', 'NO', 'ONE');
          return [before, following, fields()];
        } finally {
          await server.stop();
        }
      }));
      expect(states[1]).toEqual(states[0]);
    });

    test('EXEC with writes on a node that was demoted meanwhile', async () => {
      const answers = await Promise.all(KINDS.map(async (kind) => {
        const client = await RawClient.open(servers[kind].port);
        await client.run('MULTI');
        await client.run('SET', 'a', '1');
        servers[kind].cli('REPLICAOF', '127.0.0.1', '1');
        const replies = [encodeReply(await client.run('EXEC'), 2), encodeReply(await client.run('EXEC'), 2)];
        servers[kind].cli('REPLICAOF', 'NO', 'ONE');
        client.close();
        return replies;
      }));
      expect(answers[1]).toEqual(answers[0]);
    });
  });

  describe('the protocol, byte for byte', () => {
    test.each<[string, string, string]>([
      ['a negative bulk length', '*1\r\n$-5\r\nPING\r\n', ''], ['a bulk length that is no number', '*1\r\n$x\r\n', ''],
      ['a huge bulk length', '*1\r\n$999999999999\r\n', ''], ['a huge multibulk length', '*2147483648\r\n', ''],
      ['a multibulk length that is no number', '*x\r\n', ''], ['no dollar', '*1\r\nPING\r\n', ''], ['another type', '*1\r\n:5\r\n', ''],
      ['unbalanced quotes', 'SET a "b\r\n', ''], ['too long a line', 'x'.repeat(70_000), ''], ['too long a count', `*${'1'.repeat(70_000)}`, ''],
      ['what stood in front of an error is answered', 'PING\r\n*1\r\n$-1\r\n', ''],
      ['empty requests', '\r\n*0\r\n*-1\r\nECHO end\r\n', '$3\r\nend\r\n'], ['inline with quotes', 'ECHO "a\\x41\\n"\r\nECHO \'b c\'\r\nECHO end\r\n', '$3\r\nend\r\n'],
      ['a bare line feed', 'PING\nECHO end\n', '$3\r\nend\r\n'], ['QUIT', 'PING\r\nQUIT\r\nPING\r\n', ''],
    ])('%s', async (_name, input, until) => {
      const [theirs, ours] = await Promise.all(KINDS.map((kind) => raw(kind, input, until)));
      expect(ours).toBe(theirs);
    });
  });
}));

/** A row of COMMAND INFO without categories and tips, which we do not have. */
const describeRow = (name: string, row: readonly Reply[] | null): string => {
  if (row === null || !Array.isArray(row)) return `${name}: none`;
  const flags = row[2] as readonly Reply[] & { readonly items?: readonly Reply[] };
  const shown = [...(flags.items ?? flags)].map((flag: Reply) => (flag instanceof Status ? flag.text : String(flag)));
  return `${String(row[0])} ${String(row[1])} [${shown.toSorted().join(' ')}] ${String(row[3])} ${String(row[4])} ${String(row[5])}`;
};
