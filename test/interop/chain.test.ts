/**
 * A chain of four, real and ours in turn, under random writes: every link is cut, by CLIENT KILL and by a reset on the wire,
 * and is mended by a partial resynchronisation; at the end all four hold the same data. Then the second is promoted, and
 * the subtree below it goes on without a snapshot.
 */
import { describe, expect, it } from 'vitest';
import { type ServerKind, type ServerProcess, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { CONNECTIONS, Load } from './load.ts';
import { interopSeed, runsOf } from './randomCommands.ts';
import { count, digest, field, until, untilInStep, untilLinked } from './serverState.ts';
import { TcpProxy } from './tcpProxy.ts';

const ROUNDS = runsOf(6);
const TEST_MS = 90_000 + ROUNDS * 30_000;
const KINDS: readonly ServerKind[] = ['redis', 'faultline', 'redis', 'faultline'];
/** The backlog holds what passes while a link is down for a second or two. */
const DIRECTIVES: readonly string[] = [
  '--repl-diskless-sync-delay', '0', '--repl-backlog-size', '256mb', '--enable-debug-command', 'local', '--repl-timeout', '10',
];

interface Chain {
  readonly nodes: readonly ServerProcess[];
  /** The link above the node of the same place but one: `links[0]` joins nodes 0 and 1. */
  readonly links: readonly TcpProxy[];
}

/** Starts the chain from the top, node after node, and takes it down however `use` ends. */
const withChain = async (kinds: readonly ServerKind[], use: (chain: Chain) => Promise<void>): Promise<void> => {
  const nodes: ServerProcess[] = [];
  const links: TcpProxy[] = [];
  const extend = async (): Promise<void> => {
    const kind = kinds[nodes.length];
    if (kind === undefined) return use({ nodes, links });
    const above = nodes.at(-1);
    const link = above === undefined ? null : await TcpProxy.open(above.port);
    const directives = link === null ? DIRECTIVES : [...DIRECTIVES, '--replicaof', '127.0.0.1', String(link.port)];
    await withServers([startServerProcess(kind, directives)], async (node) => {
      if (node === undefined) return;
      nodes.push(node);
      if (link !== null) {
        links.push(link);
        await untilLinked(node);
      }
      await extend();
    });
  };
  try {
    await extend();
  } finally {
    for (const link of links) link.close();
  }
};

const expectEqual = async (nodes: readonly ServerProcess[]): Promise<void> => {
  const [top, ...below] = nodes as readonly [ServerProcess, ...ServerProcess[]];
  await untilInStep(top, below);
  const digests = await Promise.all(nodes.map(digest));
  expect(digests).toEqual(nodes.map(() => digests[0]));
  expect(digests[0]).not.toBe('0'.repeat(40));
};

const fullSyncs = (nodes: readonly ServerProcess[]): Promise<readonly number[]> =>
  Promise.all(nodes.map((node) => count(node, 'sync_full')));

/** Cuts the link above node `place` in that way, and waits until the node above has resumed it. */
const cutAndMend = async ({ nodes, links }: Chain, place: number, way: 'wire' | 'kill'): Promise<void> => {
  const above = nodes[place - 1] as ServerProcess;
  const node = nodes[place] as ServerProcess;
  const before = await count(above, 'sync_partial_ok');
  if (way === 'wire') expect((links[place - 1] as TcpProxy).cut()).toBe(1);
  else expect(node.cli('CLIENT', 'KILL', 'TYPE', 'master')).toBe('1');
  await until(() => count(above, 'sync_partial_ok'), (mended) => mended > before);
  await untilLinked(node);
};

describe('a chain of real servers and ours', () => requireRedis(() => {
  for (const kinds of [KINDS, KINDS.map((_, place) => KINDS[place + 1] ?? 'redis')]) {
    it(`keeps its data through cuts of every link: ${kinds.join(' -> ')}`, async () => {
      const seed = interopSeed();
      await withChain(kinds, async (chain) => {
        const { nodes } = chain;
        const [top, second] = nodes as readonly [ServerProcess, ServerProcess];
        const load = new Load(top.port, seed);
        try {
          const full = await fullSyncs(nodes);
          for (let round = 0; round < ROUNDS; round++) {
            for (let place = 1; place < nodes.length; place++) await cutAndMend(chain, place, round % 2 === 0 ? 'wire' : 'kill');
          }
          await load.stop();
          expect(load.answered, `seed ${seed}`).toBeGreaterThan(1000);
          await expectEqual(nodes);
          expect(await fullSyncs(nodes), 'full synchronisations').toEqual(full);
          // The second leaves in the middle of what the first goes on writing.
          const before = new Load(top.port, seed + CONNECTIONS);
          await until(async () => before.answered, (answered) => answered > 500);
          second.cli('REPLICAOF', 'NO', 'ONE');
          await before.stop();
          const after = new Load(second.port, seed + 2 * CONNECTIONS);
          await until(async () => after.answered, (answered) => answered > 500);
          await after.stop();
          await expectEqual(nodes.slice(1));
          expect(await fullSyncs(nodes), 'full synchronisations after the promotion').toEqual(full);
          expect(await field(nodes[3] as ServerProcess, 'master_replid')).toBe(await field(second, 'master_replid'));
        } catch (error) {
          throw new Error(`FAULTLINE_INTEROP_SEED=${seed}: ${String(error)}`, { cause: error });
        } finally {
          await load.stop();
        }
      });
    }, TEST_MS);
  }
}));
