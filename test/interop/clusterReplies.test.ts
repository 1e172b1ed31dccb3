/**
 * What CLUSTER, READONLY, READWRITE and ASKING answer, beside redis-server 7.0: one node, byte by byte, with right and wrong
 * arguments in RESP2 and RESP3; then three nodes, from MEET to FAILOVER and RESET. Identities, ports and times are taken out, and
 * nodes stand in the order of their places in the test; nothing else is changed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, type ServerProcess, eventually, freePort, startServerProcess } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { BOTH_KINDS, WireClient } from '../support/sentinelSides.ts';

const TEST_MS = 90_000;
const START_MS = 60_000;
const WITHIN_MS = 20_000;
const AGAIN_MS = 50;

interface Node {
  readonly server: ServerProcess;
  readonly busPort: number;
  readonly id: string;
}

/** Nodes of one kind, who know nothing of the other kind's. */
class Side {
  readonly kind: ServerKind;
  readonly nodes: readonly Node[];

  private constructor(kind: ServerKind, nodes: readonly Node[]) {
    this.kind = kind;
    this.nodes = nodes;
  }

  static async start(kind: ServerKind, count: number): Promise<Side> {
    const nodes: Node[] = [];
    for (let index = 0; index < count; index++) {
      const busPort = await freePort();
      const server = await startServerProcess(kind, [
        '--cluster-enabled', 'yes', '--repl-ping-replica-period', '3600', '--cluster-port', String(busPort), '--cluster-node-timeout', '2000', '--enable-debug-command', 'yes',
        '--repl-diskless-sync-delay', '0',
      ]);
      nodes.push({ server, busPort, id: server.cli('CLUSTER', 'MYID') });
    }
    return new Side(kind, nodes);
  }

  node(index: number): Node {
    const found = this.nodes[index];
    if (found === undefined) throw new Error(`no node ${index}`);
    return found;
  }

  /** `{id0}`, `{port0}`, `{bus0}`: of this side's first node. */
  filled(text: string): string {
    return text.replace(/\{(id|port|bus)([0-9])\}/g, (_all, what: string, index: string) => {
      const { server, busPort, id } = this.node(Number(index));
      return what === 'id' ? id : String(what === 'port' ? server.port : busPort);
    });
  }

  /** The other way round. */
  plain(text: string): string {
    let result = text;
    for (const [index, { server, busPort, id }] of this.nodes.entries()) {
      result = result.replaceAll(id, `{id${index}}`)
        .replace(new RegExp(`\\b${server.port}\\b`, 'g'), `{port${index}}`).replace(new RegExp(`\\b${busPort}\\b`, 'g'), `{bus${index}}`);
    }
    return result.replace(/\b[0-9a-f]{40}\b/g, '{id}')
      // CLUSTER NODES: when a ping went out and a pong came in.
      .replace(/((?:master|slave|handshake|fail)\S* \S+) [0-9]+ [0-9]+ /g, '$1 T T ');
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ server }) => server.stop()));
  }
}

const words = (line: string): readonly string[] => line.split(' ').map((word) => (word === "''" ? '' : word));

describe('CLUSTER beside redis-server', () => requireRedis(() => {
  describe('one node', () => {
    let sides: readonly Side[] = [];
    beforeAll(async () => {
      sides = await Promise.all(BOTH_KINDS.map((kind) => Side.start(kind, 1)));
      // Two seconds after its start a primary counts the primaries with slots for the first time: it says one until then.
      for (const side of sides) await eventually(() => side.node(0).server.cli('CLUSTER', 'INFO'), (info) => info.includes('cluster_size:0\r'));
    }, START_MS);
    afterAll(() => Promise.all(sides.map((side) => side.stop())));

    const answers = async (side: Side, protocol: '2' | '3', lines: readonly string[]): Promise<Record<string, string>> => {
      const client = await WireClient.open(side.node(0).server.port);
      try {
        await client.ask(['HELLO', protocol]);
        const found: Record<string, string> = {};
        for (const [index, line] of lines.entries()) {
          // Bulks are as long as the numbers of the ports are.
          found[`${index} ${line}`] = side.plain(await client.ask(words(side.filled(line)))).replace(/([$=])[0-9]+\r\n/g, '$1\r\n');
        }
        return found;
      } finally {
        client.close();
      }
    };

    for (const protocol of ['2', '3'] as const) {
      test(`looking and changing, RESP${protocol}`, async () => {
        const [real, ours] = await Promise.all(sides.map((side) => answers(side, protocol, ONE_NODE)));
        expect(ours).toEqual(real);
      }, TEST_MS);
    }

    test('keys by slot, in their order', async () => {
      for (const side of sides) {
        await until(() => side.node(0).server.cli('CLUSTER', 'INFO'), (info) => info.includes('cluster_state:ok'),
          () => side.node(0).server.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383'));
      }
      const [real, ours] = await Promise.all(sides.map((side) => answers(side, '2', KEYS)));
      expect(ours).toEqual(real);
      expect(ours).toMatchObject({ '6 CLUSTER COUNTKEYSINSLOT 15495': ':4\r\n' });
    }, TEST_MS);
  });

  test('three nodes: greeted, followed, moved, failed over, forgotten', async () => {
    const sides = await Promise.all(BOTH_KINDS.map((kind) => Side.start(kind, 3)));
    try {
      const [real, ours] = await Promise.all(sides.map(threeNodes));
      expect(ours).toEqual(real);
    } finally {
      await Promise.all(sides.map((side) => side.stop()));
    }
  }, TEST_MS);

  test('without a cluster', async () => {
    const servers = await Promise.all(BOTH_KINDS.map((kind) => startServerProcess(kind, [])));
    try {
      const [real, ours] = await Promise.all(servers.map(async (server) => {
        const client = await WireClient.open(server.port);
        const found = [];
        for (const line of OFF) found.push(`${line}: ${await client.ask(words(line))}`);
        client.close();
        return found;
      }));
      expect(ours).toEqual(real);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  }, TEST_MS);
}));

const until = async <Value>(ask: () => Value, isRight: (value: Value) => boolean, first: () => unknown = () => {}): Promise<Value> => {
  first();
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    const value = ask();
    if (isRight(value)) return value;
    if (Date.now() > end) throw new Error(`still not so after ${WITHIN_MS} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
};

/** Maps that name a node, in the order of the nodes: redis-server has them in the order of a hash table. */
const sorted = (line: string, text: string): string => {
  const parts = line.endsWith('NODES') ? text.split('\\n') : / (SHARDS|LINKS|REPLICAS)/.test(line) ? text.split('],[') : [text];
  return parts.map((part) => part.replace(/^["[]+|["\],]+$/g, '')).sort().join('\n');
};

/** Runs the steps, and awaits what the bus brings between them. */
const threeNodes = async (side: Side): Promise<readonly string[]> => {
  const clients = await Promise.all(side.nodes.map(({ server }) => RawClient.open(server.port)));
  const transcript: string[] = [];
  try {
    for (const [who, line] of STEPS) {
      const { server } = side.node(who);
      if (line.startsWith('until ')) {
        const [question = '', wanted = ''] = line.slice('until '.length).split(': ');
        await until(() => side.plain(server.cli(...words(question))), (text) => new RegExp(wanted).test(text));
        continue;
      }
      if (line === 'stop') {
        await server.stop();
        continue;
      }
      const reply = await clients[who]?.run(...words(side.filled(line)));
      transcript.push(`${who} ${line}: ${sorted(line, changing(side.plain(JSON.stringify(reply))))}`);
    }
  } finally {
    for (const client of clients) client.close();
  }
  return transcript;
};

/** What the clock drives. */
const changing = (text: string): string => text
  .replace(/("create-time",)[0-9]+/g, '$1T').replace(/("send-buffer-(?:allocated|used)",)[0-9]+/g, '$1N')
  // Whether a node has to be told of a newer owner depends on whose message comes first.
  .replace(/cluster_stats_messages_update_\w+:[0-9]+\\r\\n/g, '').replace(/(cluster_stats_messages_[\w-]+:)[0-9]+/g, '$1N');

const ONE_NODE: readonly string[] = [
  'CLUSTER', 'CLUSTER HELP', 'CLUSTER HELP me', 'CLUSTER NOTHING', 'CLUSTER INFO', 'CLUSTER INFO x', 'CLUSTER NODES', 'CLUSTER NODES x',
  'CLUSTER SLOTS', 'CLUSTER SHARDS', 'CLUSTER LINKS', 'CLUSTER MYID', 'cluster myid x', 'CLUSTER ADDSLOTS', 'CLUSTER ADDSLOTS a',
  'CLUSTER ADDSLOTS 16384', 'CLUSTER ADDSLOTS -1', 'CLUSTER ADDSLOTS 01', 'CLUSTER ADDSLOTS 1 1', 'CLUSTER ADDSLOTS 1', 'CLUSTER ADDSLOTS 1',
  'CLUSTER ADDSLOTS 5 1', 'CLUSTER DELSLOTS 2', 'CLUSTER DELSLOTS 1 1', 'CLUSTER DELSLOTS', 'CLUSTER DELSLOTS x', 'CLUSTER ADDSLOTSRANGE 1',
  'CLUSTER ADDSLOTSRANGE 5 3', 'CLUSTER ADDSLOTSRANGE 1 3', 'CLUSTER ADDSLOTSRANGE 2 3 3 4', 'CLUSTER ADDSLOTSRANGE 2 3 10 12',
  'CLUSTER ADDSLOTSRANGE 20 21 22', 'CLUSTER DELSLOTSRANGE 5 6', 'CLUSTER DELSLOTSRANGE 3 3', 'CLUSTER DELSLOTSRANGE a 3',
  'CLUSTER DELSLOTSRANGE 3 16384', 'CLUSTER DELSLOTSRANGE 1 2 3', 'CLUSTER SLOTS', 'CLUSTER SHARDS', 'CLUSTER NODES', 'CLUSTER SETSLOT',
  'CLUSTER SETSLOT 1', 'CLUSTER SETSLOT a MIGRATING x', 'CLUSTER SETSLOT 1 MIGRATING x', 'CLUSTER SETSLOT 100 MIGRATING x',
  'CLUSTER SETSLOT 1 IMPORTING x', 'CLUSTER SETSLOT 100 IMPORTING x', 'CLUSTER SETSLOT 1 NOTHING', 'CLUSTER SETSLOT 1 NOTHING x',
  'CLUSTER SETSLOT 1 STABLE', 'CLUSTER SETSLOT 1 STABLE x', 'CLUSTER SETSLOT 1 NODE', 'CLUSTER SETSLOT 1 NODE x', 'CLUSTER SETSLOT 20000 NODE x',
  'CLUSTER SETSLOT 1 NODE x y', 'CLUSTER SETSLOT 1 MIGRATING {id0}', 'CLUSTER SETSLOT 2 MIGRATING {id0}', 'CLUSTER SETSLOT 100 IMPORTING {id0}',
  'CLUSTER SETSLOT 101 IMPORTING {id0}', 'CLUSTER NODES', 'CLUSTER SETSLOT 1 NODE {id0}', 'CLUSTER SETSLOT 100 NODE {id0}', 'CLUSTER NODES',
  'CLUSTER ADDSLOTS 101', 'CLUSTER SETSLOT 2 STABLE', 'CLUSTER NODES', 'CLUSTER INFO', 'CLUSTER BUMPEPOCH', 'CLUSTER BUMPEPOCH x', 'CLUSTER INFO',
  'CLUSTER SET-CONFIG-EPOCH 5', 'CLUSTER SET-CONFIG-EPOCH -1', 'CLUSTER SET-CONFIG-EPOCH x', 'CLUSTER REPLICATE x', 'CLUSTER REPLICATE {id0}',
  'CLUSTER REPLICAS x', 'CLUSTER REPLICAS {id0}', 'CLUSTER SLAVES x', 'CLUSTER SLAVES {id0}', 'CLUSTER FORGET x', 'CLUSTER FORGET {id0}',
  'CLUSTER FAILOVER', 'CLUSTER FAILOVER FORCE', 'CLUSTER FAILOVER TAKEOVER', 'CLUSTER FAILOVER x', 'CLUSTER FAILOVER FORCE x',
  'CLUSTER COUNT-FAILURE-REPORTS x', 'CLUSTER COUNT-FAILURE-REPORTS {id0}', 'CLUSTER COUNTKEYSINSLOT x', 'CLUSTER COUNTKEYSINSLOT 16384',
  'CLUSTER COUNTKEYSINSLOT -1', 'CLUSTER COUNTKEYSINSLOT 3', 'CLUSTER GETKEYSINSLOT 3 -1', 'CLUSTER GETKEYSINSLOT 3 a', 'CLUSTER GETKEYSINSLOT a a',
  'CLUSTER GETKEYSINSLOT 3 1', 'CLUSTER GETKEYSINSLOT 99999 1', 'CLUSTER GETKEYSINSLOT 99999 x', 'CLUSTER KEYSLOT foo', "CLUSTER KEYSLOT ''",
  'CLUSTER KEYSLOT a{}b', 'CLUSTER KEYSLOT a{b}{c}', 'CLUSTER KEYSLOT {{a}}', 'CLUSTER MEET', 'CLUSTER MEET x 1', 'CLUSTER MEET localhost 1',
  'CLUSTER MEET 127.0.0.1 99999', 'CLUSTER MEET 127.0.0.1 a', 'CLUSTER MEET 127.0.0.1 0', 'CLUSTER MEET 127.0.0.1 -1', 'CLUSTER MEET 127.0.0.1 60000',
  'CLUSTER MEET 127.0.0.1 60000 x', 'CLUSTER MEET 127.0.0.1 60000 70000', 'CLUSTER MEET 127.0.0.1 5 0', 'CLUSTER MEET 127.0.0.1 5 -1',
  'CLUSTER MEET 127.0.0.01 5', 'CLUSTER MEET 127.1 5', 'CLUSTER MEET 127.0.0.1 5 6 7', 'CLUSTER MEET 127.0.0.1 99999999999999999999',
  'CLUSTER MEET ::g 5', "CLUSTER MEET '' 5", 'CONFIG SET cluster-announce-hostname node.example cluster-preferred-endpoint-type hostname',
  'CONFIG SET cluster-preferred-endpoint-type unknown-endpoint', 'CLUSTER SAVECONFIG', 'CLUSTER SAVECONFIG x', 'CLUSTER FLUSHSLOTS x',
  'CLUSTER FLUSHSLOTS', 'CLUSTER SLOTS', 'CLUSTER SHARDS', 'CONFIG SET cluster-preferred-endpoint-type ip', 'CLUSTER RESET x', 'CLUSTER RESET HARD x',
  'CLUSTER RESET SOFT', 'CLUSTER SET-CONFIG-EPOCH 0', 'READONLY', 'READONLY x', 'READWRITE', 'READWRITE x', 'ASKING', 'ASKING x',
  'DEBUG CLUSTERLINK KILL to x', 'DEBUG CLUSTERLINK KILL all', 'DEBUG DROP-CLUSTER-PACKET-FILTER 3',
  'DEBUG DROP-CLUSTER-PACKET-FILTER -1', 'CONFIG SET cluster-announce-hostname \'\'', 'CLUSTER RESET', 'CLUSTER LINKS',
];

const KEYS: readonly string[] = [
  'FLUSHALL', 'SET {a}1 x', 'SET {a}2 x', 'SET {a}3 x', 'SET {a}4 x', 'SET b x', 'CLUSTER COUNTKEYSINSLOT 15495', 'CLUSTER GETKEYSINSLOT 15495 9',
  'SET {a}1 y', 'DEL {a}3', 'SET {a}3 y', 'RENAME {a}2 {a}7', 'SADD {a}8 x y', 'SREM {a}8 x y', 'SADD {a}9 x', 'CLUSTER GETKEYSINSLOT 15495 9',
  'CLUSTER GETKEYSINSLOT 15495 2', 'CLUSTER GETKEYSINSLOT 15495 0', 'CLUSTER COUNTKEYSINSLOT 15495', 'CLUSTER FLUSHSLOTS', 'CLUSTER RESET',
  'CLUSTER RESET HARD', 'CLUSTER SETSLOT 15495 NODE {id0}', 'PEXPIREAT {a}1 1', 'CLUSTER COUNTKEYSINSLOT 15495', 'DEBUG RELOAD',
  'CLUSTER COUNTKEYSINSLOT 15495', 'FLUSHALL', 'CLUSTER COUNTKEYSINSLOT 15495', 'CLUSTER GETKEYSINSLOT 15495 9', 'CLUSTER FLUSHSLOTS',
];

/** Commands to nodes by number; `until <command>: <what its answer shows>` waits, `stop` ends the process. */
const STEPS: readonly (readonly [number, string])[] = [
  [0, 'CLUSTER SET-CONFIG-EPOCH 1'], [1, 'CLUSTER SET-CONFIG-EPOCH 2'], [0, 'CLUSTER ADDSLOTSRANGE 0 99 101 16383'], [1, 'CLUSTER ADDSLOTS 100'],
  [1, 'CLUSTER MEET 127.0.0.1 {port0} {bus0}'], [1, 'until CLUSTER INFO: state:ok'], [0, 'until CLUSTER INFO: state:ok'],
  [2, 'CLUSTER MEET 127.0.0.1 {port0} {bus0}'], [2, 'until CLUSTER INFO: known_nodes:3[^]*state:ok|state:ok[^]*known_nodes:3'],
  [0, 'until CLUSTER NODES: id2[^\\n]* connected'], [1, 'until CLUSTER NODES: id2[^\\n]* connected'], [2, 'until CLUSTER NODES: id1[^\\n]* connected'],
  [0, 'CLUSTER NODES'], [1, 'CLUSTER NODES'], [2, 'CLUSTER NODES'], [0, 'until CLUSTER LINKS: (?:direction[^]*){4}'], [0, 'CLUSTER LINKS'],
  [0, 'DEBUG CLUSTERLINK KILL all {id1}'], [0, 'until CLUSTER LINKS: (?:direction[^]*){4}'], [0, 'CLUSTER LINKS'], [2, 'CLUSTER SLOTS'], [2, 'CLUSTER SHARDS'], [0, 'CLUSTER SET-CONFIG-EPOCH 7'],
  [2, 'CLUSTER SETSLOT 1 NODE {id0}'], [2, 'CLUSTER NODES'], [2, 'CLUSTER REPLICATE {id0}'], [2, 'CLUSTER ADDSLOTS 7'], [2, 'CLUSTER SETSLOT 1 STABLE'],
  [0, 'until CLUSTER NODES: id2[^\\n]* slave'], [1, 'until CLUSTER NODES: id2[^\\n]* slave'], [2, 'until ROLE: connected'],
  // The key `{c}1` is in slot 7365.
  [0, 'SET {c}1 x'], [2, 'until CLUSTER SHARDS: online[^]*online[^]*online'], [0, 'CLUSTER NODES'], [0, 'CLUSTER REPLICAS {id0}'], [0, 'CLUSTER REPLICAS {id2}'],
  [1, 'CLUSTER SETSLOT 5 IMPORTING {id2}'], [1, 'CLUSTER SETSLOT 5 NODE {id2}'], [1, 'CLUSTER REPLICATE {id2}'], [1, 'CLUSTER REPLICATE {id0}'],
  [2, 'CLUSTER FORGET {id0}'], [1, 'CLUSTER FAILOVER'], [2, 'CLUSTER FAILOVER x'], [2, 'CLUSTER INFO'], [0, 'CLUSTER RESET'], [0, 'CLUSTER FLUSHSLOTS'],
  // A slot moves, and with the last one the node goes.
  [0, 'CLUSTER SETSLOT 7365 NODE {id1}'], [0, 'CLUSTER SETSLOT 8 MIGRATING {id1}'], [1, 'CLUSTER SETSLOT 8 IMPORTING {id0}'], [0, 'CLUSTER NODES'],
  [1, 'CLUSTER NODES'], [1, 'CLUSTER SETSLOT 8 NODE {id1}'], [0, 'CLUSTER SETSLOT 8 NODE {id1}'], [1, 'CLUSTER NODES'],
  [0, 'until CLUSTER NODES: id1[^\\n]* 2 connected 8 100'], [2, 'until CLUSTER NODES: id1[^\\n]* 2 connected 8 100'], [0, 'CLUSTER NODES'], [2, 'CLUSTER NODES'],
  [1, 'CLUSTER BUMPEPOCH'], [0, 'CLUSTER BUMPEPOCH'], [0, 'CLUSTER COUNT-FAILURE-REPORTS {id1}'],
  // A replica takes over, by agreement and without.
  [2, 'CLUSTER FAILOVER'], [2, 'until ROLE: master'], [0, 'until ROLE: slave'], [1, 'until CLUSTER NODES: id2[^\\n]* master'],
  [0, 'until ROLE: connected'], [1, 'until CLUSTER NODES: id0[^\\n]* slave'], [2, 'until CLUSTER NODES: id0[^\\n]* slave'], [1, 'CLUSTER NODES'], [0, 'CLUSTER FAILOVER TAKEOVER'],
  [0, 'CLUSTER MYID'], [0, 'until CLUSTER NODES: id2[^\\n]* slave'], [1, 'until CLUSTER NODES: id2[^\\n]* slave'], [0, 'CLUSTER NODES'], [2, 'until ROLE: connected'],
  // Forgotten, and on its own again.
  [2, 'CLUSTER RESET'], [2, 'CLUSTER NODES'], [2, 'DBSIZE'], [2, 'ROLE'], [0, 'CLUSTER FORGET {id2}'], [0, 'CLUSTER FORGET {id2}'], [2, 'CLUSTER RESET HARD'],
  [2, 'CLUSTER NODES'], [2, 'CLUSTER INFO'],
  // Alone of two primaries, a node suspects the other, and no majority agrees.
  [1, 'stop'], [0, 'until CLUSTER INFO: state:fail'], [0, 'CLUSTER NODES'], [0, 'CLUSTER INFO'], [0, 'CLUSTER SHARDS'], [0, 'CLUSTER SLOTS'],
  [0, 'CLUSTER COUNT-FAILURE-REPORTS {id1}'],
];

const OFF: readonly string[] = [
  'CLUSTER', 'CLUSTER HELP', 'CLUSTER INFO', 'CLUSTER NOTHING', 'CLUSTER NODES x', 'CLUSTER KEYSLOT a', 'READONLY', 'READWRITE', 'ASKING', 'ASKING x',
];
