/**
 * Where requests are sent, beside redis-server: three nodes (two primaries and a replica of the first) are taken through the same
 * conversation, all real, all ours, and mixed both ways. The answers are the same, byte for byte, but for ports and names.
 */
import { describe, expect, it } from 'vitest';
import { encodeReply } from '../../engine/protocol/encode.ts';
import { type ClusterProcess, untilServing, withNodes } from '../support/clusterNodes.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const ALL_REAL: readonly ServerKind[] = ['redis', 'redis', 'redis'];
const OTHERS: readonly (readonly ServerKind[])[] = [
  ['faultline', 'faultline', 'faultline'], ['faultline', 'redis', 'faultline'], ['redis', 'faultline', 'redis'],
];
const HALF = 8192;

/**
 * One line a step: who asks, then the words. `@A` is the name of node A, `%A` its port, `""` an empty word. `name>` begins a request whose
 * answer comes later, and stands where `name<` does; `stop` and `go` are about the process of a node.
 * Slots: {b} is in 3300 and {bar} in 5061, of node A; {a} in 15495 and {foo} in 12182, of node B.
 */
const CONVERSATION = `
a SET {b}1 x
a SET {a}1 x
b GET {b}1
a MGET {b}1 {b}2
a MGET {b}1 {a}1
a MGET {a}1 {b}1
a GET
a DEL {a}1 {a}2
a OBJECT ENCODING {a}1
a OBJECT ENCODING {b}1
a KEYS *
a DBSIZE
a EXISTS {a}1
a ZUNIONSTORE {b}3 2 {b}1 {a}1
a ZUNIONSTORE {a}3 2 {a}1 {a}2
a SINTERCARD 1 {a}1
a LMPOP 2 {b}1 {a}1 LEFT
a WATCH {a}1
a SELECT 0
a SELECT 1
a SELECT x
a MOVE {b}1 1
a SWAPDB 0 1
a COPY {b}1 {b}2 DB 3
a COPY {b}1 {b}2 DB 99
a COPY {b}1 {b}2 DB 0 FOO
a COPY {b}1 {b}2 DB 0
a SORT {b}1 BY w_* GET x
a SORT {b}none BY nosort
a SORT {b}none GET #
a SORT_RO {b}none BY w_*
a SORT {b}none LIMIT x 1 BY w_*
a REPLICAOF NO ONE
a SLAVEOF 127.0.0.1 1
a FAILOVER
a MULTI
a SET {b}1 y
a SET {a}1 y
a EXEC
a GET {b}1
a MULTI
a GET {b}1
a GET {bar}1
a EXEC
a MULTI
a MGET {b}1 {a}1
a DISCARD
a MULTI
a EXEC
a EXEC
a WAIT 1 5000
r GET {b}1
r READONLY
r GET {b}1
r SET {b}1 z
r GET {a}1
r MULTI
r GET {b}1
r EXEC
r MULTI
r SET {b}1 z
r EXEC
r READWRITE
r GET {b}1
r READONLY
r RESET
r GET {b}1
r SPUBLISH {b}ch m
r SPUBLISH {a}ch m
a SSUBSCRIBE {a}ch
a SSUBSCRIBE {b}ch {a}ch
a SPUBLISH {a}ch m
a SPUBLISH {b}ch m
a SUNSUBSCRIBE {a}ch
a CONFIG SET cluster-preferred-endpoint-type hostname
a GET {a}1
a CONFIG SET cluster-preferred-endpoint-type unknown-endpoint
a GET {a}1
a CONFIG SET cluster-preferred-endpoint-type ip
b CLUSTER SETSLOT 3300 IMPORTING @A
a CLUSTER SETSLOT 3300 MIGRATING @B
a GET {b}1
a GET {b}none
a MGET {b}1 {b}none
a MGET {b}none {b}other
a MGET {b}1 {b}2
a SET {b}new x
a SPUBLISH {b}ch m
r READONLY
r GET {b}none
r READWRITE
b GET {b}1
b ASKING
b GET {b}1
b GET {b}1
b ASKING
b PING
b GET {b}1
b ASKING
b MGET {b}1 {b}2
b ASKING
b MGET {b}1 {b}1
b ASKING
b SET {b}fresh 1
b ASKING
b MULTI
b GET {b}fresh
b GET {b}fresh
b EXEC
b GET {b}fresh
b ASKING
b MULTI
b GET {b}fresh
b GET {b}none
b EXEC
b ASKING
b NOSUCHCOMMAND
b GET {b}fresh
a MULTI
a GET {b}1
a GET {b}2
a EXEC
a MULTI
a GET {b}1
a GET {b}none
a EXEC
a MIGRATE 127.0.0.1 %B {b}none 0 1000
a MIGRATE 127.0.0.1 %B {b}1 0 1000 COPY
a MIGRATE 127.0.0.1 %B {b}1 0 1000
a MIGRATE 127.0.0.1 %B {b}1 0 1000 REPLACE
a GET {b}1
b ASKING
b GET {b}1
a MIGRATE 127.0.0.1 %B {b}2 0 1000 FOO
a MIGRATE 127.0.0.1 %B {b}2 0 1000 AUTH
a MIGRATE 127.0.0.1 %B {b}2 0 1000 AUTH2 u
a MIGRATE 127.0.0.1 %B {b}2 0 1000 AUTH secret
a MIGRATE 127.0.0.1 %B {b}2 0 1000 AUTH2 nobody secret
a MIGRATE 127.0.0.1 %B {b}2 x 1000
a MIGRATE 127.0.0.1 %B {b}2 3 1000
a MIGRATE 127.0.0.1 %B {b}2 0 x
a MIGRATE 127.0.0.1 %B {b}2 0 1000 KEYS {b}2
a MIGRATE 127.0.0.1 1 {b}2 0 1000
a MIGRATE 127.0.0.1 1 "" 0 1000 KEYS {b}none {b}other
a SET {b}t x PX 100000000
a RPUSH {b}list 1 2 3
a SADD {b}set 1 2 x
a HSET {b}hash f v
a ZADD {b}zset 1.5 m
a SET {b}fresh 2
a GET {b}fresh
stop B
a MIGRATE 127.0.0.1 %B {b}t 0 200
go B
b PING
a MIGRATE 127.0.0.1 %B "" 0 1000 COPY KEYS {b}t {b}none
a MIGRATE 127.0.0.1 %B "" 0 1000 REPLACE KEYS {b}t {b}none {b}list {b}set {b}hash {b}zset {b}2
a CLUSTER COUNTKEYSINSLOT 3300
a WAIT 1 5000
r DBSIZE
a MGET {b}t {b}list
a GET {b}t
b ASKING
b LRANGE {b}list 0 -1
b ASKING
b HGETALL {b}hash
b ASKING
b ZRANGE {b}zset 0 -1 WITHSCORES
b ASKING
b PERSIST {b}t
s HELLO 3
s SSUBSCRIBE {b}ch
s1> CLIENT REPLY SKIP
t HELLO 3
t SSUBSCRIBE {b}ch
t1> CLIENT REPLY SKIP
w1> BLPOP {b}queue 0
w2> BLPOP {bar}queue 0
a CLUSTER SETSLOT 5061 MIGRATING @B
b CLUSTER SETSLOT 5061 IMPORTING @A
w3> BLPOP {bar}queue 0
w3<
a CLUSTER SETSLOT 5061 STABLE
b CLUSTER SETSLOT 5061 STABLE
b CLUSTER SETSLOT 3300 NODE @B
a CLUSTER SETSLOT 3300 NODE @B
s1<
t1<
w1<
a PUBSUB SHARDCHANNELS
a GET {b}1
b GET {b}1
b MGET {b}1 {b}2 {b}t
a CLUSTER DELSLOTS 0
w2<
a GET {b}1
a GET {bar}1
a PING
a MULTI
a GET {bar}1
a EXEC
a SPUBLISH {bar}ch m
a CONFIG SET cluster-allow-pubsubshard-when-down no
a SPUBLISH {bar}ch m
a CONFIG SET cluster-allow-reads-when-down yes
a GET {bar}1
a SET {bar}1 x
a MULTI
a SET {bar}1 x
a DISCARD
a GET {a}1
a MGET {a}1 {b}1
a CONFIG SET cluster-allow-reads-when-down no
a BLPOP {bar}queue 0
`.trim().split('\n');

type Sessions = Readonly<Record<string, RawClient>>;

const join = async ([a, b, replica]: readonly ClusterProcess[]): Promise<void> => {
  if (a === undefined || b === undefined || replica === undefined) throw new Error('three nodes are needed');
  a.cli('CLUSTER', 'ADDSLOTSRANGE', '0', String(HALF - 1));
  b.cli('CLUSTER', 'ADDSLOTSRANGE', String(HALF), '16383');
  a.cli('CLUSTER', 'SET-CONFIG-EPOCH', '1');
  b.cli('CLUSTER', 'SET-CONFIG-EPOCH', '2');
  for (const other of [b, replica]) a.cli('CLUSTER', 'MEET', '127.0.0.1', String(other.port));
  await untilServing([a, b, replica], 3);
  replica.cli('CLUSTER', 'REPLICATE', a.name);
  await eventually(() => replica.cli('INFO', 'replication'), (info) => info.includes('master_link_status:up'));
  for (const node of [a, b]) {
    await eventually(() => node.cli('CLUSTER', 'NODES'),
      (text) => text.split('\n').some((line) => line.startsWith(replica.name) && line.includes(` ${a.name} `)));
  }
};

/** The whole conversation, a line for each answer. */
const talk = async (nodes: readonly ClusterProcess[], sessions: Sessions): Promise<readonly string[]> => {
  const letters = ['A', 'B', 'R'] as const;
  const nodeOf = (letter: string | undefined): ClusterProcess => nodes[letters.indexOf(letter as 'A')] as ClusterProcess;
  const said: string[] = [];
  const later = new Map<string, Promise<string>>();
  const blank = (text: string): string => nodes.reduce((left, node, index) => left
    .replaceAll(`127.0.0.1:${node.port}`, `<${letters[index]}>`).replaceAll(`:${node.port}`, `:<${letters[index]}>`)
    .replaceAll(node.name, `<${letters[index]}>`), text).replace(/^(\$2\r\nid\r\n):[0-9]+/m, '$1:<id>');
  for (const line of CONVERSATION) {
    const [who = '', ...words] = line.split(' ').map((word) => word === '""' ? ''
      : word.replace(/^@(.)$/, (_whole, letter: string) => nodeOf(letter).name)
        .replace(/^%(.)$/, (_whole, letter: string) => String(nodeOf(letter).port)));
    if (who === 'stop' || who === 'go') {
      process.kill(nodeOf(words[0]).pid, who === 'stop' ? 'SIGSTOP' : 'SIGCONT');
      continue;
    }
    const name = who.replace(/[<>]$/, '');
    const ask = async (): Promise<string> =>
      blank(encodeReply(await ((sessions[name] ?? sessions[name.slice(0, -1)]) as RawClient).run(...words), 2));
    if (who.endsWith('>')) later.set(name, ask());
    else said.push(`${line} => ${who.endsWith('<') ? await later.get(name) ?? '' : await ask()}`);
  }
  return said;
};

const answers = async (kinds: readonly ServerKind[]): Promise<readonly string[]> => {
  let said: readonly string[] = [];
  await withNodes(kinds, async (nodes) => {
    await join(nodes);
    const sessions: Record<string, RawClient> = {};
    const places: Readonly<Record<string, number>> = { a: 0, b: 1, r: 2, s: 0, t: 2, w1: 0, w2: 0, w3: 0 };
    for (const [name, place] of Object.entries(places)) sessions[name] = await RawClient.open(nodes[place]?.port ?? 0);
    try {
      said = await talk(nodes, sessions);
    } finally {
      for (const session of Object.values(sessions)) session.close();
    }
  });
  return said;
};

describe('redirection and migration beside redis-server', () => requireRedis(() => {
  it('answers as redis-server does, among its own and mixed', async () => {
    const expected = await answers(ALL_REAL);
    expect(expected.filter((line) => line.includes('MOVED')).length).toBeGreaterThan(10);
    for (const kinds of OTHERS) expect({ kinds, said: await answers(kinds) }).toEqual({ kinds, said: expected });
  });
}));
