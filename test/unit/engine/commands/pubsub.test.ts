/** The registry of subscriptions: who gets what in which order, and that nothing is left of who is gone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import type { Connection } from '../../../../engine/host.ts';
import { Client, type SubscriptionKind } from '../../../../engine/commands/client.ts';
import { PubSub, refusalWhileSubscribed } from '../../../../engine/commands/pubsub.ts';

const connection: Connection = {
  localAddress: bytes('10.0.0.1'), localPort: 1, remoteAddress: bytes('10.0.0.2'), remotePort: 2,
  write: () => true, close: () => {}, reset: () => {}, pause: () => {}, resume: () => {},
};

const KINDS: readonly SubscriptionKind[] = ['channel', 'pattern', 'shard'];

/** Clients whose output is taken as words, and in which order they came to have some. */
const party = (count: number): { clients: Client[]; order: number[]; said: (index: number) => string } => {
  const order: number[] = [];
  const clients = Array.from({ length: count }, (_, index) => new Client(index + 1, connection, 0, (client) => order.push(client.id)));
  const said = (index: number): string => {
    const { output } = clients[index] as Client;
    return output.splice(0).join('').replace(/[*>$]\d+\r\n/g, '').replaceAll('\r\n', ' ').trim();
  };
  return { clients, order, said };
};

describe('delivery', () => {
  test('channels before patterns, each in the order of subscription; the count is of messages', () => {
    const pubsub = new PubSub();
    const { clients, order, said } = party(3);
    const [a, b, c] = clients as [Client, Client, Client];
    pubsub.subscribe(b, 'pattern', bytes('n*'));
    pubsub.subscribe(c, 'channel', bytes('news'));
    pubsub.subscribe(a, 'channel', bytes('news'));
    pubsub.subscribe(a, 'pattern', bytes('*s'));
    for (const client of clients) client.flush();
    order.length = 0;
    expect(pubsub.publish(bytes('news'), bytes('hello'))).toBe(4);
    expect(order).toEqual([3, 1, 2]);
    expect([0, 1, 2].map(said)).toEqual(['message news hello pmessage *s news hello', 'pmessage n* news hello', 'message news hello']);
    expect(pubsub.publishToShard(bytes('news'), bytes('hello'))).toBe(0);
  });

  test('a push in RESP3, an array in RESP2', () => {
    const pubsub = new PubSub();
    const { clients } = party(2);
    const [two, three] = clients as [Client, Client];
    three.protocol = 3;
    for (const client of clients) pubsub.subscribe(client, 'channel', bytes('c'));
    for (const client of clients) client.output = [];
    pubsub.publish(bytes('c'), bytes('m'));
    expect(two.output).toEqual(['*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n']);
    expect(three.output).toEqual(['>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n']);
  });

  test('who is about to go, and who has become a replica, is sent nothing', () => {
    const pubsub = new PubSub();
    const { clients, said } = party(2);
    const [going, replica] = clients as [Client, Client];
    for (const client of clients) pubsub.subscribe(client, 'channel', bytes('c'));
    [0, 1].map(said);
    going.closing = true;
    replica.kind = 'replica';
    pubsub.publish(bytes('c'), bytes('m'));
    expect([0, 1].map(said)).toEqual(['', '']);
  });
});

test('only RESP2 restricts a subscriber', () => {
  const pubsub = new PubSub();
  const { clients } = party(1);
  const [client] = clients as [Client];
  expect(refusalWhileSubscribed(client, 'get')).toBeNull();
  pubsub.subscribe(client, 'shard', bytes('s'));
  expect(client.type).toBe('pubsub');
  expect(refusalWhileSubscribed(client, 'get')?.text).toContain("Can't execute 'get'");
  expect(refusalWhileSubscribed(client, 'ping')).toBeNull();
  client.protocol = 3;
  expect(refusalWhileSubscribed(client, 'get')).toBeNull();
  client.protocol = 2;
  pubsub.unsubscribe(client, 'shard', bytes('s'));
  expect(refusalWhileSubscribed(client, 'get')).toBeNull();
  expect(client.type).toBe('normal');
});

type Action =
  | { readonly do: 'subscribe' | 'unsubscribe'; readonly who: number; readonly kind: SubscriptionKind; readonly name: Bytes }
  | { readonly do: 'unsubscribeAll'; readonly who: number; readonly kind: SubscriptionKind }
  | { readonly do: 'forget'; readonly who: number };

const who = fc.nat({ max: 3 });
const kind = fc.constantFrom(...KINDS);
const name = fc.constantFrom('a', 'b', 'c').map((text) => bytes(text));
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom('subscribe' as const, 'unsubscribe' as const), who, kind, name }),
  fc.record({ do: fc.constant('unsubscribeAll' as const), who, kind }),
  fc.record({ do: fc.constant('forget' as const), who }),
);

test('the registry and the clients say the same, and a forgotten client stands nowhere', () => {
  fc.assert(fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
    const pubsub = new PubSub();
    const { clients } = party(4);
    const model = new Set<string>();
    const drop = (prefix: string): void => {
      for (const entry of model) if (entry.startsWith(prefix)) model.delete(entry);
    };
    for (const act of actions) {
      const client = clients[act.who] as Client;
      if (act.do === 'forget') {
        pubsub.forget(client);
        drop(`${act.who}/`);
      } else if (act.do === 'unsubscribeAll') {
        pubsub.unsubscribeAll(client, act.kind);
        drop(`${act.who}/${act.kind}/`);
      } else {
        pubsub[act.do](client, act.kind, act.name);
        if (act.do === 'subscribe') model.add(`${act.who}/${act.kind}/${act.name}`);
        else model.delete(`${act.who}/${act.kind}/${act.name}`);
      }
    }
    for (const [index, client] of clients.entries()) {
      const held = KINDS.flatMap((one) => [...client.subscriptions?.[one] ?? []].map((text) => `${index}/${one}/${text}`));
      expect(held.toSorted()).toEqual([...model].filter((entry) => entry.startsWith(`${index}/`)).toSorted());
      expect(client.isSubscriber).toBe(held.length > 0);
    }
    for (const one of KINDS) {
      const names = new Set([...model].filter((entry) => entry.split('/')[1] === one).map((entry) => entry.split('/')[2]));
      expect(pubsub.names(one).toSorted()).toEqual([...names].toSorted());
      expect(pubsub.count(one)).toBe(names.size);
      for (const text of pubsub.names(one)) {
        expect(pubsub.subscribers(one, text)).toBe([...model].filter((entry) => entry.endsWith(`/${one}/${text}`)).length);
      }
    }
  }));
});
