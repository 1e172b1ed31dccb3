/**
 * A client of a cluster: each request goes to the node that has its key's slot, by a map that any node tells; MOVED and ASK are
 * followed, and what a node refuses for the moment is tried again. What was sent and not answered is never sent again.
 *
 *   idle --open--> asking --told--> open --close--> idle
 *   asking --nobody knows--> waiting --CLUSTER_RETRY_MS--> asking
 *
 *   request: waiting --connected--> sent --answer--> over         sent --connection lost--> over, without an answer
 *            sent --MOVED, ASK--> waiting (at once)               sent --TRYAGAIN, CLUSTERDOWN, LOADING--> waiting (later)
 *            waiting --connection refused or lost--> waiting      waiting --CLUSTER_TRIES_MAX--> over, with the last error
 *
 * Always holds: a request ends once; a request that ends with an error was not executed.
 * Source: Redis Cluster specification, "MOVED Redirection", "ASK redirection"; limits as the defaults of ioredis have them.
 */
import { type Bytes, ErrorReply, type Host, type Reply, type Timer, bytes, keySlot, mark, ms } from '../../engine/index.ts';
import { authGreetings } from './greetings.ts';
import { type Answer, type Greeting, RedisClient, type ServerName, parseServerName } from './redisClient.ts';
import type { Sender, ServerClient, ServerClientEvents } from './serverClient.ts';
import { SlotMap, placeOf } from './slotMap.ts';

/** How often one request is sent, or put off for want of a node, before its client gives it up. */
export const CLUSTER_TRIES_MAX = 16;
/** Before a request that was refused for the moment is tried again, and between two questions for the map. */
export const CLUSTER_RETRY_MS = 100;

const ASKING: Bytes = bytes('ASKING');
/** What a request ends with that was never sent. */
const UNSENT: ErrorReply = new ErrorReply(bytes('CLUSTERDOWN no node for this slot could be reached'));
/** Beginnings of errors of a node that may serve in a moment. */
const PASSING: readonly string[] = ['CLUSTERDOWN ', 'TRYAGAIN ', 'LOADING '];

interface Request {
  readonly argv: readonly Bytes[];
  readonly slot: number;
  /** MOVED and ASK that it met in a row, now and at most. */
  hops: number;
  hopsMost: number;
  readonly answer: Answer;
  tries: number;
  /** The error that it was last refused with. */
  refused: ErrorReply;
  /** The node that it was sent to and that has not answered yet. */
  sentTo: NodeLink | null;
  isOver: boolean;
  /** It was executed, by its last transmission. */
  isServed: boolean;
  transmissions: number;
  /** What goes behind it, wherever it goes. */
  behind: { readonly argv: readonly Bytes[]; readonly answer: Answer } | null;
}

/** The connection to one node, and what waits for it to open. */
interface NodeLink {
  readonly server: ServerName;
  readonly client: RedisClient;
  waiting: { readonly request: Request; readonly isAsking: boolean }[];
}

const newRequest = (argv: readonly Bytes[], slot: number, answer: Answer): Request => ({
  argv, slot, answer, tries: 0, hops: 0, hopsMost: 0, refused: UNSENT, sentTo: null, isOver: false, isServed: false, transmissions: 0,
  behind: null,
});

type State = { readonly kind: 'idle' | 'asking' | 'open' } | { readonly kind: 'waiting'; readonly timer: Timer };

export class ClusterClient implements ServerClient {
  private readonly host: Host;
  private readonly connectTimeoutMs: number;
  private readonly events: ServerClientEvents;
  private readonly greetings: readonly Greeting[];
  private readonly map: SlotMap;
  private readonly links: Map<Bytes, NodeLink> = new Map();
  private readonly requests: Set<Request> = new Set();
  private last: Request | null = null;
  /** `address:port` of the node whose answer was told last: with ASK another one than the map says. */
  answeredBy: Bytes | null = null;
  private state: State = { kind: 'idle' };
  /** The map was just renewed. */
  private isFresh = false;

  constructor(
    host: Host, nodes: readonly string[], password: string | undefined, connectTimeoutMs: number, events: ServerClientEvents,
  ) {
    this.host = host;
    this.connectTimeoutMs = connectTimeoutMs;
    this.events = events;
    this.greetings = authGreetings(password);
    this.map = new SlotMap(host, nodes, password);
  }

  get isOpen(): boolean {
    return this.state.kind === 'open';
  }

  /** There is no one server at the other end. */
  get remote(): null {
    return null;
  }

  open(): void {
    if (this.state.kind === 'idle') this.begin();
  }

  /** The key stands behind the command's name. */
  send(argv: readonly Bytes[], answer: Answer): void {
    const request = newRequest(argv, keySlot(argv[1] as Bytes), answer);
    this.last = request;
    this.requests.add(request);
    this.dispatch(request);
  }

  /** Follows the last request from node to node; only the answer that stands behind that one's own is told. */
  sendBehind(argv: readonly Bytes[], answer: Answer): void {
    const { last } = this;
    if (last === null || last.isOver) {
      answer(undefined);
      return;
    }
    last.behind = { argv, answer };
    if (last.sentTo !== null) this.transmitBehind(last.sentTo, last);
  }

  pinned(key: Bytes): Sender | null {
    const slot = keySlot(key);
    const owner = this.map.owner(slot);
    const link = owner === null ? null : this.linkTo(owner);
    if (owner === null || link === null || !link.client.isOpen) {
      if (owner === null) this.renewMap();
      else link?.client.open(owner);
      return null;
    }
    return { send: (argv, answer) => this.sendPinned(link, slot, argv, answer) };
  }

  close(reason: string, key?: Bytes): void {
    if (key !== undefined) {
      this.giveUp(reason, keySlot(key));
      return;
    }
    if (this.state.kind === 'waiting') this.host.clearTimer(this.state.timer);
    this.state = { kind: 'idle' };
    this.map.cancel();
    for (const request of [...this.requests]) if (request.sentTo === null) this.finish(request, request.refused);
    for (const link of [...this.links.values()]) link.client.close(reason);
    this.events.lost?.(reason);
  }

  end(reason: string): void {
    this.close(reason);
  }

  private begin(): void {
    this.state = { kind: 'asking' };
    this.map.refresh((isKnown) => {
      if (isKnown) {
        this.state = { kind: 'open' };
        this.events.opened?.();
        return;
      }
      this.state = { kind: 'waiting', timer: this.host.setTimer(ms(CLUSTER_RETRY_MS), () => this.begin()) };
      this.events.lost?.('no node knows the slots');
    });
  }

  /** What about this slot waits is over; what was sent goes with its connection. */
  private giveUp(reason: string, slot: number): void {
    for (const request of [...this.requests]) {
      if (request.isOver || request.slot !== slot) continue;
      if (request.sentTo === null) this.finish(request, request.refused);
      else request.sentTo.client.close(reason);
    }
    this.renewMap();
  }

  private renewMap(): void {
    if (this.state.kind !== 'open' || this.isFresh || this.map.isAsking) return;
    this.map.refresh(() => {
      this.isFresh = true;
      this.host.setTimer(ms(CLUSTER_RETRY_MS), () => {
        this.isFresh = false;
      });
    });
  }

  private dispatch(request: Request): void {
    const owner = this.map.owner(request.slot);
    if (owner === null) this.tryLater(request);
    else this.sendTo(owner, request, false);
  }

  private tryLater(request: Request): void {
    this.renewMap();
    request.hops = 0;
    if (!this.mayTry(request)) return;
    this.host.setTimer(ms(CLUSTER_RETRY_MS), () => {
      if (!request.isOver) this.dispatch(request);
    });
  }

  /** False: it was tried often enough, and is over. */
  private mayTry(request: Request): boolean {
    if (request.isOver) return false;
    if (++request.tries < CLUSTER_TRIES_MAX && this.state.kind === 'open') return true;
    this.finish(request, request.refused);
    return false;
  }

  private sendTo(server: ServerName, request: Request, isAsking: boolean): void {
    const link = this.linkTo(server);
    if (link.client.isOpen) this.transmit(link, request, isAsking);
    else {
      link.waiting.push({ request, isAsking });
      link.client.open(server);
    }
  }

  private linkTo(server: ServerName): NodeLink {
    const place = placeOf(server);
    const known = this.links.get(place);
    if (known !== undefined) return known;
    const link: NodeLink = {
      server, waiting: [],
      client: new RedisClient(this.host, this.connectTimeoutMs, {
        opened: () => {
          const { waiting } = link;
          link.waiting = [];
          for (const { request, isAsking } of waiting) if (!request.isOver) this.transmit(link, request, isAsking);
        },
        lost: () => this.lost(link),
      }, this.greetings),
    };
    this.links.set(place, link);
    return link;
  }

  private transmit(link: NodeLink, request: Request, isAsking: boolean): void {
    request.sentTo = link;
    if (isAsking) link.client.send([ASKING], () => {});
    request.transmissions++;
    link.client.send(request.argv, (reply) => this.answered(request, reply));
    this.transmitBehind(link, request);
  }

  private sendPinned(link: NodeLink, slot: number, argv: readonly Bytes[], answer: Answer): void {
    const request = newRequest(argv, slot, answer);
    request.sentTo = link;
    this.requests.add(request);
    link.client.send(argv, (reply) => {
      request.sentTo = null;
      if (reply instanceof ErrorReply) this.learn(request, reply);
      this.finish(request, reply);
    });
  }

  /** The owner of the slot is another one, or not known at all. */
  private learn({ slot }: Request, { text }: ErrorReply): void {
    const [word, , place] = text.split(' ');
    const server = word === 'MOVED' ? parseServerName(place ?? '') : null;
    if (server !== null && server.host !== '' && Number.isSafeInteger(server.port)) this.map.moved(slot, server);
    if (word === 'MOVED' || word === 'CLUSTERDOWN') this.renewMap();
  }

  private transmitBehind(link: NodeLink, request: Request): void {
    const { behind, transmissions } = request;
    if (behind === null) return;
    link.client.send(behind.argv, (reply) => {
      if (request.isServed && request.transmissions === transmissions) behind.answer(reply);
    });
  }

  private lost(link: NodeLink): void {
    const { waiting } = link;
    link.waiting = [];
    this.renewMap();
    for (const { request } of waiting) this.tryLater(request);
  }

  private answered(request: Request, reply: Reply | undefined): void {
    this.answeredBy = request.sentTo === null ? null : placeOf(request.sentTo.server);
    request.sentTo = null;
    if (!(reply instanceof ErrorReply)) {
      request.isServed = reply !== undefined;
      this.finish(request, reply);
      return;
    }
    request.refused = reply;
    const [word, , place] = reply.text.split(' ');
    if (word === 'MOVED' || word === 'ASK') this.redirected(request, word === 'ASK', place ?? '');
    else if (PASSING.some((beginning) => reply.text.startsWith(beginning))) this.tryLater(request);
    else this.finish(request, reply);
  }

  private redirected(request: Request, isAsking: boolean, place: string): void {
    const server = parseServerName(place);
    if (server.host === '' || !Number.isSafeInteger(server.port)) {
      this.finish(request, request.refused);
      return;
    }
    mark(this.host, isAsking ? 'askFollowed' : 'movedFollowed');
    request.hopsMost = Math.max(request.hopsMost, ++request.hops);
    if (!isAsking) {
      this.map.moved(request.slot, server);
      this.renewMap();
    }
    if (this.mayTry(request)) this.sendTo(server, request, isAsking);
  }

  private finish(request: Request, reply: Reply | undefined): void {
    if (request.isOver) return;
    request.isOver = true;
    this.requests.delete(request);
    if (request.hopsMost > 0) this.host.note({ kind: 'redirect', slot: request.slot, hops: request.hopsMost });
    request.answer(reply);
  }
}
