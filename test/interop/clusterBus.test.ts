/**
 * The bus between real nodes and ours. What is no message, or comes from nobody that is known, changes nothing and stops nothing; what
 * is published on one node reaches those who listen on the others, once; what a node announces of itself is shown by all alike.
 */
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../engine/core/bytes.ts';
import { type Header, MESSAGE_FLAG, type MessageBody, NODE_FLAG, encodeMessage } from '../../engine/cluster/busMessage.ts';
import { type GossipEntry, gossipWire } from '../../engine/cluster/gossip.ts';
import { encodeReply } from '../../engine/protocol/encode.ts';
import type { Reply } from '../../engine/protocol/reply.ts';
import { type ClusterProcess, startNode, untilServing, withNodes } from '../support/clusterNodes.ts';
import { RawClient } from '../support/rawClient.ts';
import { type ServerKind, eventually, freePort } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { TcpProxy } from './tcpProxy.ts';

const TEST_MS = 90_000;
const SEED = 5;
const PACKETS = 250;
const BUS_OFFSET = 10_000;
const HALF = 8192;
/** Nodes owe each other a pong within half of this. */
const PATIENT: readonly string[] = ['--cluster-node-timeout', '10000'];

const halve = (left: ClusterProcess, right: ClusterProcess): void => {
  for (const [index, node] of [left, right].entries()) {
    node.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    node.cli('CLUSTER', 'ADDSLOTSRANGE', String(index * HALF), String((index + 1) * HALF - 1));
  }
};

/** Sends bytes to a bus and waits until the node has read them all, and closed. */
const sendTo = (busPort: number, text: string): Promise<void> => new Promise((resolve) => {
  const socket = connect(busPort, '127.0.0.1', () => socket.end(text, 'latin1'));
  socket.on('error', () => {});
  socket.on('close', () => resolve());
  socket.resume();
});

const oneByte = fc.nat(255).map((code) => String.fromCharCode(code));
const someBytes = (length: number): fc.Arbitrary<string> => fc.string({ unit: oneByte, minLength: length, maxLength: length });
const hexName = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }).map((text) => text as Bytes);
const EPOCH_FAR = 1000;

const replaced = (text: string, at: number, part: string): string => text.slice(0, at) + part + text.slice(at + part.length);
const u16 = (value: number): string => String.fromCharCode((value >>> 8) & 0xff, value & 0xff);
const u32 = (value: number): string => u16(value >>> 16) + u16(value & 0xffff);

/** Packets that no node may be moved by. `peer` is known to `target`, and owns the lower half of the slots with a smaller epoch. */
const garbage = (peer: ClusterProcess, target: ClusterProcess): fc.Arbitrary<string> => {
  const entry = (name: Bytes, flags: number): GossipEntry =>
    ({ name, pingSentSeconds: 0, pongReceivedSeconds: 1, ip: '127.0.0.1' as Bytes, port: 1, busPort: 2, flags });
  const header: Header = {
    type: 'ping', sender: peer.name as Bytes, slots: ('\xff'.repeat(HALF / 8) + '\0'.repeat(HALF / 8)) as Bytes, primary: null, ip: '' as Bytes,
    port: peer.port, busPort: peer.port + BUS_OFFSET, flags: NODE_FLAG.primary, isOk: true, messageFlags: 0, currentEpoch: 1, configEpoch: 1, offset: 0,
  };
  const gossip = (entries: readonly GossipEntry[] = [], hostname: Bytes | null = null): MessageBody => ({ kind: 'gossip', entries: entries.map(gossipWire).join('') as Bytes, hostname });
  const good = encodeMessage(header, gossip([entry(target.name as Bytes, NODE_FLAG.primary)]));
  const spoilt = (at: number, parts: fc.Arbitrary<string>): fc.Arbitrary<string> => parts.map((part) => replaced(good, at, part));
  const everySlot = '\xff'.repeat(HALF / 4) as Bytes;
  const far = { slots: everySlot, currentEpoch: EPOCH_FAR, configEpoch: EPOCH_FAR };
  const failing = entry(peer.name as Bytes, NODE_FLAG.fail);
  return fc.oneof(
    fc.string({ unit: oneByte, maxLength: 3000 }).filter((text) => !text.startsWith('RCmb')),
    spoilt(0, someBytes(4).filter((text) => text !== 'RCmb')),
    spoilt(4, fc.oneof(fc.nat(0xffffffff), fc.nat(4000)).filter((length) => length !== good.length).map(u32)),
    spoilt(8, fc.nat(0xffff).filter((version) => version !== 1).map(u16)),
    spoilt(12, fc.integer({ min: 3, max: 0xffff }).map(u16)),
    spoilt(14, fc.nat(0xffff).filter((count) => count !== 1).map(u16)),
    spoilt(40, someBytes(40)),
    // Slots that another one owns with a greater epoch, or the same.
    spoilt(80, someBytes(HALF / 4)),
    // Its gossip names what cannot be a node, or cannot be kept in a file.
    spoilt(2256, someBytes(40)), spoilt(2256 + 48, someBytes(20).map((text) => `\n${text}`)),
    fc.nat(good.length - 1).map((length) => good.slice(0, length)),
    someBytes(12).map((text) => encodeMessage(header, gossip([], `\n${text}` as Bytes))),
    // Strangers, who know better.
    hexName.chain((sender) => fc.constantFrom(
      encodeMessage({ ...header, ...far, sender }, gossip([failing, entry('c'.repeat(40) as Bytes, NODE_FLAG.primary)])),
      encodeMessage({ ...header, ...far, sender, type: 'pong' }, gossip([failing])),
      encodeMessage({ ...header, ...far, sender, type: 'fail' }, { kind: 'fail', name: peer.name as Bytes }),
      encodeMessage({ ...header, ...far, sender, type: 'update' }, { kind: 'update', configEpoch: EPOCH_FAR, name: peer.name as Bytes, slots: everySlot }),
      encodeMessage({ ...header, ...far, sender, type: 'auth-req', messageFlags: MESSAGE_FLAG.forceAck }, { kind: 'none' }),
      encodeMessage({ ...header, ...far, sender, type: 'auth-ack' }, { kind: 'none' }),
      encodeMessage({ ...header, ...far, sender, type: 'mfstart' }, { kind: 'none' }),
    )),
    // Somebody else has the node's own name.
    fc.constantFrom<Partial<Header>>(far, { ...far, primary: peer.name as Bytes }, { type: 'pong', primary: peer.name as Bytes })
      .map((part) => encodeMessage({ ...header, ...part, sender: target.name as Bytes, port: target.port, busPort: target.port + BUS_OFFSET }, gossip())),
    // Of the peer, but old news or none of its business.
    fc.constantFrom(
      encodeMessage({ ...header, type: 'update' }, { kind: 'update', configEpoch: 1, name: target.name as Bytes, slots: everySlot }),
      encodeMessage({ ...header, type: 'fail' }, { kind: 'fail', name: target.name as Bytes }),
      encodeMessage({ ...header, type: 'fail' }, { kind: 'fail', name: 'd'.repeat(40) as Bytes }),
      encodeMessage({ ...header, type: 'auth-req' }, { kind: 'none' }), encodeMessage({ ...header, type: 'mfstart' }, { kind: 'none' }),
    ),
  );
};

/** All but times and links, which are of the moment. */
const viewOf = (node: ClusterProcess): string => node.cli('CLUSTER', 'NODES').replace(/ [0-9]+ [0-9]+ ([0-9]+) (?:dis)?connected/g, ' T T $1')
  + /cluster_state:\w+/.exec(node.cli('CLUSTER', 'INFO'))?.[0] + /current_epoch:[0-9]+/.exec(node.cli('CLUSTER', 'INFO'))?.[0];

const residentKib = (pid: number): number => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));

const withHalves = (kinds: readonly [ServerKind, ServerKind], use: (left: ClusterProcess, right: ClusterProcess) => Promise<void>): Promise<void> =>
  withNodes(kinds, async (nodes) => {
    const [left, right] = nodes as [ClusterProcess, ClusterProcess];
    halve(left, right);
    left.cli('CLUSTER', 'MEET', '127.0.0.1', String(right.port));
    await untilServing(nodes, 2);
    await use(left, right);
  }, PATIENT);

requireRedis(() => {
  describe('garbage on the bus', () => {
    it('neither stops our node nor changes its view, and good packets count afterwards', () => withHalves(['redis', 'faultline'], async (real, ours) => {
      await eventually(() => viewOf(ours), (text) => text.includes(`${real.name} `) && text.includes(' 1 0-8191'));
      const before = viewOf(ours);
      const packets = fc.sample(garbage(real, ours), { seed: SEED, numRuns: PACKETS });
      for (const [index, packet] of packets.entries()) {
        await sendTo(ours.port + BUS_OFFSET, packet);
        if (index % 10 === 0 || index === PACKETS - 1) expect(viewOf(ours), `seed ${SEED}, packet ${index}`).toBe(before);
      }
      expect(ours.log()).not.toContain('Crashed');
      expect(real.cli('CONFIG', 'SET', 'cluster-announce-hostname', 'after.example')).toBe('OK');
      expect(real.cli('CLUSTER', 'BUMPEPOCH')).toBe('BUMPED 3');
      await eventually(() => viewOf(ours), (text) => text.includes(',after.example ') && text.includes('current_epoch:3') && text.includes(' 3 0-8191'));
      await eventually(() => viewOf(real), (text) => !text.includes('fail'));
    }), TEST_MS);

    it('a length that is only claimed holds no memory', () => withNodes(['faultline'], async (nodes) => {
      const [node] = nodes as [ClusterProcess];
      const claimed = 10 * 1024 * 1024;
      const claims = 60;
      const head = `RCmb${u32(claimed)}${'\0'.repeat(2248)}`;
      const before = residentKib(node.pid);
      const sockets = Array.from({ length: claims }, () => connect(node.port + BUS_OFFSET, '127.0.0.1'));
      try {
        await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.write(head, 'latin1', resolve))));
        expect(node.cli('PING')).toBe('PONG');
        expect(residentKib(node.pid) - before).toBeLessThan(claims * claimed / 1024 / 10);
        expect(sockets.every((socket) => !socket.destroyed)).toBe(true);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    }), TEST_MS);
  });

  describe('what is published', () => {
    it('on one node reaches those who listen on every other, of either kind, once', () => withNodes(['redis', 'faultline', 'faultline', 'redis'], async (nodes) => {
      const [left, right, leftReplica, rightReplica] = nodes as unknown as readonly [ClusterProcess, ClusterProcess, ClusterProcess, ClusterProcess];
      halve(left, right);
      for (const node of nodes.slice(1)) left.cli('CLUSTER', 'MEET', '127.0.0.1', String(node.port));
      await untilServing(nodes, 4);
      for (const [replica, primary] of [[leftReplica, left], [rightReplica, right]] as const) {
        await eventually(() => replica.cli('CLUSTER', 'REPLICATE', primary.name), (answer) => answer === 'OK');
        await eventually(() => replica.cli('INFO', 'replication'), (text) => text.includes('master_link_status:up'));
        for (const node of nodes) await eventually(() => node.cli('CLUSTER', 'NODES'), (text) => text.includes(` slave ${primary.name} `) || text.includes(`myself,slave ${primary.name} `));
      }
      // Every node has its own links to all the others.
      for (const node of nodes) await eventually(() => node.cli('CLUSTER', 'NODES'), (text) => !text.includes('disconnected'));
      // Without its ready check: an INFO that comes behind SUBSCRIBE is refused.
      const clients = nodes.map(({ port }) => new Redis(port, '127.0.0.1', { enableReadyCheck: false }));
      // {b} is in slot 3300, of the left half; {a} in 15495.
      const shards = ['{b}news', '{a}news', '{b}news', '{a}news'];
      const heard: string[][] = nodes.map(() => []);
      try {
        for (const [index, client] of clients.entries()) {
          client.on('message', (channel: string, text: string) => heard[index]?.push(`${channel} ${text}`));
          client.on('smessage', (channel: string, text: string) => heard[index]?.push(`${channel} ${text}`));
          await client.subscribe('news');
          await client.ssubscribe(shards[index] as string);
        }
        const everywhere: string[] = [];
        const inShard: Record<string, string[]> = { '{a}news': [], '{b}news': [] };
        for (const [index, node] of nodes.entries()) {
          const shard = shards[index] as string;
          for (const round of ['first', 'second']) {
            // Only those of its own node are counted.
            expect(node.cli('PUBLISH', 'news', `${index} ${round}`)).toBe('1');
            expect(node.cli('SPUBLISH', shard, `${index} ${round}`)).toBe('1');
            everywhere.push(`news ${index} ${round}`);
            inShard[shard]?.push(`${shard} ${index} ${round}`);
          }
          execFileSync('redis-cli', ['-p', String(node.port)], { input: `MULTI\nPUBLISH news "${index} queued"\nEXEC\n` });
          everywhere.push(`news ${index} queued`);
        }
        for (const [index, lines] of heard.entries()) {
          const expected = [...everywhere, ...inShard[shards[index] as string] as string[]].sort();
          await eventually(() => lines.length, (count) => count >= expected.length);
          expect([...lines].sort()).toEqual(expected);
        }
        // What came twice would have come before this.
        const counts = heard.map((lines) => lines.length);
        for (const node of nodes) node.cli('PUBLISH', 'news', 'end');
        for (const [index, lines] of heard.entries()) {
          await eventually(() => lines.filter((line) => line === 'news end').length, (count) => count === nodes.length);
          expect(lines.length).toBe(counts[index] as number + nodes.length);
        }
      } finally {
        for (const client of clients) client.disconnect();
      }
    }, PATIENT), TEST_MS);
  });

  describe('what a node announces of itself', () => {
    it('is shown alike in clusters of real nodes, of ours, and of both', async () => {
      const real = await announced('redis', 'redis');
      expect(real.filter((line) => line.includes('b.example')).length).toBeGreaterThan(5);
      for (const [watcher, announcer] of [['faultline', 'faultline'], ['faultline', 'redis'], ['redis', 'faultline']] as const) {
        expect(await announced(watcher, announcer), `${watcher} sees ${announcer}`).toEqual(real);
      }
    }, TEST_MS);

    it('a hostname is taken or refused alike', () => withNodes(['redis', 'faultline'], async (nodes) => {
      for (const hostname of ['a_b', 'a'.repeat(256), 'a'.repeat(255), 'x y', '', '-.Z9']) {
        const [theirs, ours] = nodes.map((node) => node.cli('CONFIG', 'SET', 'cluster-announce-hostname', hostname));
        expect(ours, hostname).toBe(theirs);
      }
    }), TEST_MS);
  });
});

/** What two nodes answer about each other, one of which announces another port, bus port and hostname than it has, then another address. */
const announced = async (watcherKind: ServerKind, announcerKind: ServerKind): Promise<readonly string[]> => {
  const busPort = await freePort();
  const proxy = await TcpProxy.open(busPort);
  const nodes: ClusterProcess[] = [];
  const clients: RawClient[] = [];
  try {
    nodes.push(await startNode(watcherKind, PATIENT), await startNode(announcerKind, [
      ...PATIENT, '--bind', '127.0.0.1', '127.0.0.2', '--cluster-port', String(busPort), '--cluster-announce-ip', '127.0.0.1',
      '--cluster-announce-port', '7777', '--cluster-announce-bus-port', String(proxy.port), '--cluster-announce-hostname', 'b.example',
    ]));
    const [watcher, announcer] = nodes as [ClusterProcess, ClusterProcess];
    halve(watcher, announcer);
    announcer.cli('CLUSTER', 'MEET', '127.0.0.1', String(watcher.port));
    await untilServing(nodes, 2);
    for (const { port } of nodes) clients.push(await RawClient.open(port));
    const plain = (text: string): string => text.replaceAll(watcher.name, 'A').replaceAll(announcer.name, 'B')
      .replace(new RegExp(`\\b${watcher.port}\\b`, 'g'), 'PORT-A').replace(new RegExp(`\\b${watcher.port + BUS_OFFSET}\\b`, 'g'), 'BUS-A')
      .replace(new RegExp(`\\b${announcer.port}\\b`, 'g'), 'PORT-B').replace(new RegExp(`\\b${busPort}\\b`, 'g'), 'BUS-B')
      .replace(new RegExp(`\\b${proxy.port}\\b`, 'g'), 'PROXY-B').replace(/ [0-9]+ [0-9]+ ([0-9]+ connected)/g, ' T T $1').replace(/\$[0-9]+/g, '$N');
    const answers: string[] = [];
    const askBoth = async (...words: readonly string[]): Promise<void> => {
      for (const client of clients) {
        const reply = await client.run(...words);
        // Nodes and shards come in the order of a hash table.
        if (words[1] === 'SHARDS') answers.push(...(reply as readonly Reply[]).map((shard) => plain(encodeReply(shard, 2))).sort());
        else {
          const text = plain(encodeReply(reply, 2));
          answers.push(words[1] === 'NODES' ? text.split('\n').map((line) => line.trim()).sort().join('\n') : text);
        }
      }
    };
    const askAll = async (): Promise<void> => {
      await askBoth('CLUSTER', 'NODES');
      await askBoth('CLUSTER', 'SHARDS');
      for (const type of ['hostname', 'unknown-endpoint', 'ip']) {
        await askBoth('CONFIG', 'SET', 'cluster-preferred-endpoint-type', type);
        // {a} is in slot 15495, of the announcer; {b} in 3300.
        for (const words of [['GET', '{a}'], ['GET', '{b}'], ['CLUSTER', 'SLOTS']]) await askBoth(...words);
      }
    };
    const untilSeen = (part: string): Promise<string> =>
      eventually(() => watcher.cli('CLUSTER', 'NODES'), (text) => text.includes(part) && !text.includes('disconnected'));
    await untilSeen(`127.0.0.1:7777@${proxy.port},b.example`);
    await askAll();
    announcer.cli('CONFIG', 'SET', 'cluster-announce-ip', '127.0.0.2', 'cluster-announce-bus-port', '0', 'cluster-announce-port', '0',
      'cluster-announce-hostname', 'other.b.example');
    await untilSeen(`127.0.0.2:${announcer.port}@${busPort},other.b.example`);
    await askAll();
    announcer.cli('CONFIG', 'SET', 'cluster-announce-hostname', '');
    await untilSeen(`127.0.0.2:${announcer.port}@${busPort} `);
    await askAll();
    return answers;
  } finally {
    for (const client of clients) client.close();
    await Promise.all(nodes.map((node) => node.stop()));
    proxy.close();
  }
};
