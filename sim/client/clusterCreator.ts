/**
 * Makes a cluster of empty nodes, as an operator's `redis-cli --cluster create` does: waits until all answer, gives slots and
 * configuration epochs, introduces them to each other, names the replicas' primaries, and ends when every node says that the
 * cluster is up. Each step is commands over the network, so it may find a node dead; then it asks on.
 *
 * Source: clusterManagerCommandCreate in redis-cli.c of Redis 7.0, and `redis_cluster_create` of the Bitnami image.
 */
import { type Bytes, ErrorReply, type Host, type Reply, bytes, ms } from '../../engine/index.ts';
import type { ClusterPart } from '../topology/topology.ts';
import { authGreetings } from './greetings.ts';
import { RedisClient, parseServerName } from './redisClient.ts';

/** Between two questions whether something has come about. */
const POLL_MS = 1000;
const TIMEOUT_MS = 5000;

export interface ClusterCreation {
  /** `host:port` of each node. */
  readonly nodes: readonly string[];
  /** What each of them is to be. */
  readonly parts: readonly ClusterPart[];
  readonly password: string | undefined;
  /** Every node says that the cluster is up. */
  created(): void;
}

/** A program for the Host. */
export const clusterCreator = (creation: ClusterCreation) => (host: Host): void => {
  new ClusterCreator(host, creation).start();
};

type Replies = readonly (Reply | undefined)[];

class ClusterCreator {
  private readonly host: Host;
  private readonly creation: ClusterCreation;
  private readonly clients: readonly RedisClient[];

  constructor(host: Host, creation: ClusterCreation) {
    this.host = host;
    this.creation = creation;
    this.clients = creation.nodes.map(() => new RedisClient(host, TIMEOUT_MS, {}, authGreetings(creation.password)));
  }

  start(): void {
    this.until(() => words('PING'), isHeard, () => this.assign());
  }

  private assign(): void {
    const { parts } = this.creation;
    this.askAll((index) => {
      const part = parts[index];
      return part?.kind === 'primary' && part.slots.length > 0
        ? words('CLUSTER', 'ADDSLOTSRANGE', ...part.slots.flatMap(({ first, last }) => [first, last])) : null;
    }, () => this.askAll((index) => words('CLUSTER', 'SET-CONFIG-EPOCH', index + 1), () => this.meet()));
  }

  /** All are sent to the first; the rest they hear from it. */
  private meet(): void {
    const [first] = this.clients;
    const { port } = parseServerName(this.creation.nodes[0] ?? '');
    const address = first?.remoteAddress ?? null;
    if (address === null) {
      this.later(() => this.until(() => words('PING'), isHeard, () => this.meet()));
      return;
    }
    this.askAll((index) => (index === 0 ? null : words('CLUSTER', 'MEET', address, port)), () => this.later(() => {
      const all = `cluster_known_nodes:${this.clients.length}\r`;
      this.until(() => words('CLUSTER', 'INFO'), (reply) => typeof reply === 'string' && reply.includes(all), () => this.replicate());
    }));
  }

  private replicate(): void {
    const { parts } = this.creation;
    const names: Bytes[] = [];
    const isTold = (reply: Reply | undefined, index: number): boolean => {
      if (typeof reply !== 'string') return false;
      names[index] = reply;
      return true;
    };
    // A node that has not heard of its primary yet refuses.
    this.until(() => words('CLUSTER', 'MYID'), isTold, () => this.until((index) => {
      const part = parts[index];
      const primary = part?.kind === 'replica' ? names[part.primary] : undefined;
      return primary === undefined ? null : words('CLUSTER', 'REPLICATE', primary);
    }, isHeard, () => this.finish()));
  }

  private finish(): void {
    this.until(() => words('CLUSTER', 'INFO'), (reply) => typeof reply === 'string' && reply.includes('cluster_state:ok'), () => {
      for (const client of this.clients) client.close('created');
      this.creation.created();
    });
  }

  /** Asks the nodes that `isDone` does not hold of, again and again, until it holds of all. */
  private until(
    argv: (index: number) => readonly Bytes[] | null, isDone: (reply: Reply | undefined, index: number) => boolean, done: () => void,
  ): void {
    const open = new Set(this.clients.keys());
    const round = (): void => this.askAll((index) => (open.has(index) ? argv(index) : null), (replies) => {
      for (const index of [...open]) if (argv(index) === null || isDone(replies[index], index)) open.delete(index);
      if (open.size === 0) done();
      else this.later(round);
    });
    round();
  }

  /** Sends each node its command, if it has one; `done` gets the answers, undefined where there was none. */
  private askAll(argv: (index: number) => readonly Bytes[] | null, done: (replies: Replies) => void): void {
    const replies: (Reply | undefined)[] = this.clients.map(() => undefined);
    let left = 1;
    const answered = (): void => {
      if (--left === 0) done(replies);
    };
    for (const [index, client] of this.clients.entries()) {
      const words = argv(index);
      if (words === null) continue;
      if (!client.isOpen) {
        client.open(parseServerName(this.creation.nodes[index] as string));
        continue;
      }
      left++;
      client.send(words, (reply) => {
        replies[index] = reply;
        answered();
      });
    }
    answered();
  }

  private later(call: () => void): void {
    this.host.setTimer(ms(POLL_MS), call);
  }
}

const isHeard = (reply: Reply | undefined): boolean => reply !== undefined && !(reply instanceof ErrorReply);

const words = (...all: readonly (string | number)[]): readonly Bytes[] => all.map((word) => bytes(String(word)));
