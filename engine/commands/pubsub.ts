/**
 * Who listens to what: channels, patterns and shard channels, and the delivery of what is published. A registry for any
 * process that has clients; it knows nothing else of the server.
 *
 * Always holds: a client stands in the registry under a name exactly when the name stands in its `subscriptions`; names
 * that nobody listens to are not kept; delivery goes in the order of subscription, channels before patterns.
 * Source: pubsub.c of Redis 7.0, for behaviour. Its patterns are served in the order of a hash table, ours as they came.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { type RespVersion, encodeReply } from '../protocol/encode.ts';
import { type ErrorReply, PushReply, type Reply, error } from '../protocol/reply.ts';
import type { Client, SubscriptionKind } from './client.ts';
import { globMatch } from './glob.ts';

/** First word of what subscribers are sent, by kind and occasion. */
const WORDS: Readonly<Record<SubscriptionKind, Readonly<Record<'begin' | 'end' | 'message', Bytes>>>> = {
  channel: { begin: bytes('subscribe'), end: bytes('unsubscribe'), message: bytes('message') },
  pattern: { begin: bytes('psubscribe'), end: bytes('punsubscribe'), message: bytes('pmessage') },
  shard: { begin: bytes('ssubscribe'), end: bytes('sunsubscribe'), message: bytes('smessage') },
};

const KINDS: readonly SubscriptionKind[] = ['channel', 'shard', 'pattern'];

/** What a subscriber that speaks RESP2 may still ask: its connection carries messages. */
const ALLOWED_WHILE_SUBSCRIBED: readonly string[] = [
  'ping', 'subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe', 'quit', 'reset',
];

/** Why the client may not run this command while it is subscribed, or null. `name` is a subcommand's full name. */
export const refusalWhileSubscribed = (client: Client, name: string): ErrorReply | null => {
  if (!client.isSubscriber || client.protocol === 3 || ALLOWED_WHILE_SUBSCRIBED.includes(name)) return null;
  return error(`ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed `
    + 'in this context');
};

export class PubSub {
  private readonly listeners: Readonly<Record<SubscriptionKind, Map<Bytes, Set<Client>>>> = {
    channel: new Map(), pattern: new Map(), shard: new Map(),
  };

  /** Adds a subscription, unless the client has it, and confirms it. */
  subscribe(client: Client, kind: SubscriptionKind, name: Bytes): void {
    client.subscriptions ??= { channel: new Set(), pattern: new Set(), shard: new Set() };
    client.subscriptions[kind].add(name);
    client.isSubscriber = true;
    const listening = this.listeners[kind].get(name) ?? new Set<Client>();
    listening.add(client);
    this.listeners[kind].set(name, listening);
    confirm(client, kind, 'begin', name);
  }

  /** Ends a subscription, if there is one, and confirms that there is none. */
  unsubscribe(client: Client, kind: SubscriptionKind, name: Bytes): void {
    this.remove(client, kind, name);
    confirm(client, kind, 'end', name);
  }

  /** Ends all subscriptions of a kind, confirming each; without any, one confirmation that names none. */
  unsubscribeAll(client: Client, kind: SubscriptionKind): void {
    const names = [...client.subscriptions?.[kind] ?? []];
    for (const name of names) this.unsubscribe(client, kind, name);
    if (names.length === 0) confirm(client, kind, 'end', null);
  }

  /** Ends the subscriptions to shard channels that are served elsewhere now. */
  endShards(isElsewhere: (channel: Bytes) => boolean): void {
    for (const [name, clients] of [...this.listeners.shard]) {
      if (isElsewhere(name)) for (const client of [...clients]) this.unsubscribe(client, 'shard', name);
    }
  }

  /** The client is gone, or begins anew: nothing is sent. */
  forget(client: Client): void {
    for (const kind of KINDS) for (const name of client.subscriptions?.[kind] ?? []) this.remove(client, kind, name);
  }

  /** Sends a message to who listens to the channel, then to who listens to a pattern that it matches. How many got it. */
  publish(channel: Bytes, message: Bytes): number {
    let receivers = deliver(this.listeners.channel.get(channel), [WORDS.channel.message, channel, message]);
    for (const [pattern, clients] of this.listeners.pattern) {
      if (globMatch(pattern, channel)) receivers += deliver(clients, [WORDS.pattern.message, pattern, channel, message]);
    }
    return receivers;
  }

  publishToShard(channel: Bytes, message: Bytes): number {
    return deliver(this.listeners.shard.get(channel), [WORDS.shard.message, channel, message]);
  }

  /** Channels (or patterns) that somebody listens to; of those, the ones that `pattern` matches. */
  names(kind: SubscriptionKind, pattern: Bytes | null = null): Bytes[] {
    const all = [...this.listeners[kind].keys()];
    return pattern === null ? all : all.filter((name) => globMatch(pattern, name));
  }

  /** How many listen to that name. */
  subscribers(kind: SubscriptionKind, name: Bytes): number {
    return this.listeners[kind].get(name)?.size ?? 0;
  }

  /** How many different names somebody listens to. */
  count(kind: SubscriptionKind): number {
    return this.listeners[kind].size;
  }

  private remove(client: Client, kind: SubscriptionKind, name: Bytes): void {
    const { subscriptions } = client;
    if (subscriptions === null || !subscriptions[kind].delete(name)) return;
    client.isSubscriber = KINDS.some((one) => subscriptions[one].size > 0);
    const listening = this.listeners[kind].get(name);
    listening?.delete(client);
    if (listening?.size === 0) this.listeners[kind].delete(name);
  }
}

/** Confirmations and messages go out even where CLIENT REPLY holds replies back. */
const confirm = (client: Client, kind: SubscriptionKind, occasion: 'begin' | 'end', name: Bytes | null): void => {
  client.push(encodeReply(new PushReply([WORDS[kind][occasion], name, countFor(client, kind)]), client.protocol));
};

/** Channels and patterns are counted together, shard channels by themselves. */
const countFor = ({ subscriptions }: Client, kind: SubscriptionKind): number => {
  if (subscriptions === null) return 0;
  return kind === 'shard' ? subscriptions.shard.size : subscriptions.channel.size + subscriptions.pattern.size;
};

/** A client that is about to go, or has become a replica, counts and gets nothing: what a replica is sent is its stream. */
const deliver = (clients: ReadonlySet<Client> | undefined, items: readonly Reply[]): number => {
  if (clients === undefined) return 0;
  const message = new PushReply(items);
  const wires: Partial<Record<RespVersion, Bytes>> = {};
  for (const client of clients) {
    if (client.closing || client.kind !== 'normal') continue;
    client.push(wires[client.protocol] ??= encodeReply(message, client.protocol));
  }
  return clients.size;
};
