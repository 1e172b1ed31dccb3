/**
 * A client's picture of a cluster: which server has which slots, as CLUSTER SLOTS of some node told it, mended by every MOVED.
 * And the way to a new picture: the nodes that are known are asked in turn, each over a connection of its own.
 *
 * Always holds: who was asked last is asked last the next time, so that a node which was left behind does not go on misleading.
 */
import { type Bytes, ErrorReply, type Host, type Reply, SLOTS, bytes, detach } from '../../engine/index.ts';
import { authGreetings } from './greetings.ts';
import { type Greeting, RedisClient, type ServerName, parseServerName } from './redisClient.ts';

/** For one node to be connected to and to answer. */
const SLOTS_TIMEOUT_MS = 300;

const CLUSTER_SLOTS: readonly Bytes[] = [bytes('CLUSTER'), bytes('SLOTS')];

/** `host:port`, the form in which connections are told apart. */
export const placeOf = ({ host, port }: ServerName): Bytes => bytes(`${host}:${port}`);

export class SlotMap {
  private readonly host: Host;
  private readonly greetings: readonly Greeting[];
  private readonly seeds: readonly ServerName[];
  /** Of each slot the place of its owner in `servers`: whole ranges are set at once, at each new picture. */
  private readonly owners: Uint16Array = new Uint16Array(SLOTS);
  /** Null, which nobody owns slots by, stands first. */
  private servers: (ServerName | null)[] = [null];
  /** Who is asked next stands first. */
  private order: ServerName[];
  private asking: RedisClient | null = null;

  constructor(host: Host, nodes: readonly string[], password: string | undefined) {
    this.host = host;
    this.greetings = authGreetings(password);
    this.seeds = nodes.map(parseServerName);
    this.order = [...this.seeds];
  }

  get isAsking(): boolean {
    return this.asking !== null;
  }

  owner(slot: number): ServerName | null {
    return this.servers[this.owners[slot] ?? 0] ?? null;
  }

  /** A node said so by MOVED. */
  moved(slot: number, server: ServerName): void {
    this.owners[slot] = this.numberOf(server);
  }

  /** Asks until one node has slots to tell of, each node once; `done` hears whether one had. One question at a time. */
  refresh(done: (isKnown: boolean) => void): void {
    this.askNext(this.order.length, done);
  }

  /** Gives the question up: its `done` is never called. */
  cancel(): void {
    const { asking } = this;
    this.asking = null;
    asking?.close('given up');
  }

  private askNext(left: number, done: (isKnown: boolean) => void): void {
    this.asking = null;
    const server = this.order.shift();
    if (server === undefined || left === 0) {
      if (server !== undefined) this.order.unshift(server);
      done(false);
      return;
    }
    this.order.push(server);
    let ranges: readonly SlotRange[] | null = null;
    const question: Greeting = {
      argv: CLUSTER_SLOTS,
      refusal: (reply) => {
        ranges = readSlots(reply, server);
        return ranges === null ? 'it knows no slots' : null;
      },
    };
    const client: RedisClient = new RedisClient(this.host, SLOTS_TIMEOUT_MS, {
      opened: () => {
        this.asking = null;
        client.close('answered');
        this.take(ranges ?? []);
        done(true);
      },
      lost: () => {
        if (this.asking === client) this.askNext(left - 1, done);
      },
    }, [...this.greetings, question]);
    this.asking = client;
    client.open(server);
  }

  private numberOf(server: ServerName): number {
    const known = this.servers.findIndex((one) => one !== null && one.host === server.host && one.port === server.port);
    return known >= 0 ? known : this.servers.push(server) - 1;
  }

  private take(ranges: readonly SlotRange[]): void {
    this.servers = [null];
    this.owners.fill(0);
    const known = new Map(this.order.map((server) => [placeOf(server), server]));
    for (const { first, last, servers } of ranges) {
      const [owner] = servers;
      if (owner !== undefined) this.owners.fill(this.numberOf(owner), first, last + 1);
      for (const server of servers) if (!known.has(placeOf(server))) known.set(placeOf(server), server);
    }
    this.order = [...known.values()];
  }
}

/** Slots of one primary, which stands first; its replicas follow. */
interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly servers: readonly ServerName[];
}

/** Null: an error, or nobody has any slots. An empty address is that of the node that answered. */
const readSlots = (reply: Reply, asked: ServerName): readonly SlotRange[] | null => {
  if (reply instanceof ErrorReply || !Array.isArray(reply) || reply.length === 0) return null;
  const ranges: SlotRange[] = [];
  for (const item of reply as readonly Reply[]) {
    const [first, last, ...nodes] = Array.isArray(item) ? item as readonly Reply[] : [];
    if (typeof first !== 'number' || typeof last !== 'number' || first < 0 || last >= SLOTS || first > last) return null;
    ranges.push({ first, last, servers: nodes.flatMap((node) => readNode(node, asked)) });
  }
  return ranges;
};

const readNode = (node: Reply, asked: ServerName): readonly ServerName[] => {
  const [host, port] = Array.isArray(node) ? node as readonly Reply[] : [];
  if (typeof port !== 'number') return [];
  return [{ host: typeof host === 'string' && host !== '' ? detach(host as Bytes) : asked.host, port }];
};
