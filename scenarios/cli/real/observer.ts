/**
 * Looks on: asks nodes and sentinels what they are, from an address that no partition cuts off. What a node answers is all that a
 * real run knows of it, besides its log.
 */
import { type Bytes, ErrorReply, type Host, type Reply, type Role, SENTINEL_COMMAND, bytes, roleOfWord, utf8 } from '../../../engine/index.ts';
import { authGreetings } from '../../../sim/client/greetings.ts';
import { RedisClient } from '../../../sim/client/redisClient.ts';
import { type SlotClaim, claimOf } from './clusterRoles.ts';

/** A node that does not answer within this is taken for what it last said. */
const ANSWER_MS_MAX = 250;

/** What a data node says of itself. */
export interface NodeAnswer {
  readonly role: Role;
  /** `host:port` of whom it follows; null for a primary. */
  readonly primary: string | null;
  readonly isConnected: boolean;
  readonly offset: number;
  readonly replicationId: string | null;
}

export interface Place {
  readonly address: string;
  readonly port: number;
  readonly password: string | null;
}

export class Observer {
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  /** Every answer in order; null: it did not answer in time. */
  ask({ address, port, password }: Place, requests: readonly (readonly string[])[]): Promise<readonly Reply[] | null> {
    return new Promise((resolve) => {
      const replies: Reply[] = [];
      let isOver = false;
      const end = (result: readonly Reply[] | null): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        client.close('seen');
        resolve(result);
      };
      const timer = setTimeout(() => end(null), ANSWER_MS_MAX);
      const client: RedisClient = new RedisClient(this.host, ANSWER_MS_MAX, {
        opened: () => {
          for (const words of requests) {
            client.send(words.map((word) => utf8(word)), (reply) => {
              if (reply === undefined) return;
              replies.push(reply);
              if (replies.length === requests.length) end(replies);
            });
          }
        },
        lost: () => end(null),
      }, authGreetings(password ?? undefined));
      client.open({ host: bytes(address), port });
    });
  }

  async node(place: Place): Promise<NodeAnswer | null> {
    const replies = await this.ask(place, [['ROLE'], ['INFO', 'replication']]);
    return replies === null ? null : readNode(replies[0] as Reply, replies[1] as Reply);
  }

  /** `address:port` of the primary of that name as the sentinel has it. */
  async belief(place: Place, name: string): Promise<string | null> {
    const replies = await this.ask(place, [['SENTINEL', SENTINEL_COMMAND.primaryAddress, name]]);
    const reply = replies?.[0];
    return Array.isArray(reply) && reply.length === 2 ? `${String(reply[0])}:${String(reply[1])}` : null;
  }

  /** What the node of a cluster says that it owns; null: nothing, or it does not answer. */
  async claim(place: Place): Promise<SlotClaim | null> {
    const reply = (await this.ask(place, [['CLUSTER', 'NODES']]))?.[0];
    return typeof reply === 'string' ? claimOf(reply) : null;
  }

  /** The owner of each range of slots as the node has it: `first-last owner`, in order. */
  async slotMap(place: Place): Promise<readonly string[] | null> {
    const reply = (await this.ask(place, [['CLUSTER', 'SLOTS']]))?.[0];
    if (!Array.isArray(reply)) return null;
    return (reply as readonly (readonly Reply[])[]).map(([first, last, owner]) => {
      const name = Array.isArray(owner) ? String(owner[2]) : '';
      return `${String(first)}-${String(last)} ${name}`;
    }).sort();
  }
}

/** ROLE: of a primary its offset and replicas; of a replica host, port, state of the link and offset. */
const readNode = (role: Reply, info: Reply): NodeAnswer | null => {
  if (!Array.isArray(role) || info instanceof ErrorReply || typeof info !== 'string') return null;
  const words = role as readonly Reply[];
  const kind = roleOfWord(String(words[0]));
  // The first of two lines that end so: the second is the one before the last promotion.
  const replicationId = /_replid:([0-9a-f]{40})/.exec(info as Bytes)?.[1] ?? null;
  if (kind === 'primary') return { role: kind, primary: null, isConnected: true, offset: Number(words[1]), replicationId };
  if (kind !== 'replica') return null;
  return {
    role: kind, primary: `${String(words[1])}:${String(words[2])}`, isConnected: words[3] === 'connected', offset: Number(words[4]),
    replicationId,
  };
};
