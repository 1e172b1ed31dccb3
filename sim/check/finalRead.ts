/**
 * The last word of the data: after settling one client reads back, through the network, everything that the workload wrote.
 * Also tells who serves: the node that the clients' configured name leads to, if it is a primary.
 */
import { type Bytes, type Host, type Reply, SetReply, bytes, roleOfWord } from '../../engine/index.ts';
import { RedisClient, parseServerName } from '../client/redisClient.ts';

const CONNECT_TIMEOUT_MS = 1000;

export interface FinalReadResult {
  /** `address:port` of the server that answered; null while none has. */
  server: string | null;
  /** It said that it is a primary. */
  isPrimary: boolean;
  /** Set members or register value by key; null where the key is gone. */
  readonly values: Map<Bytes, ReadonlySet<Bytes> | Bytes | null>;
  done: boolean;
}

/** A program for the Host that reads `keys` once. Tries again until it is answered. */
export const finalReader = (
  serverName: string, keys: readonly { readonly key: Bytes; readonly isSet: boolean }[], result: FinalReadResult,
) => (host: Host): void => {
  const server = parseServerName(serverName);
  const read = (): void => {
    result.server = `${client.remoteAddress ?? ''}:${server.port}`;
    client.send([bytes('ROLE')], (reply) => {
      result.isPrimary = Array.isArray(reply) && roleOfWord(String(reply[0])) === 'primary';
    });
    for (const { key, isSet } of keys) {
      client.send([bytes(isSet ? 'SMEMBERS' : 'GET'), key], (reply) => {
        if (reply !== null || !isSet) result.values.set(key, valueOf(reply));
      });
    }
    client.send([bytes('PING')], (reply) => {
      result.done = reply !== null;
      if (result.done) client.close('read');
    });
  };
  const client: RedisClient = new RedisClient(host, CONNECT_TIMEOUT_MS, {
    opened: read,
    lost: () => {
      if (!result.done) client.open(server);
    },
  });
  client.open(server);
};

const valueOf = (reply: Reply | null): ReadonlySet<Bytes> | Bytes | null => {
  if (typeof reply === 'string') return reply;
  const items = reply instanceof SetReply ? reply.items : Array.isArray(reply) ? reply as readonly Reply[] : null;
  return items === null ? null : new Set(items as readonly Bytes[]);
};
