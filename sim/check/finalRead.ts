/**
 * The last word of the data: after settling one client reads back, through the network, everything that the workload wrote.
 * Also tells who serves: the node that the clients' way to their server leads to, if it is a primary.
 */
import {
  type Bytes, ErrorReply, type Host, type Reply, SetReply, bytes, ms, roleOfWord,
} from '../../engine/index.ts';
import { freshLocator, locatedClient } from '../client/locate.ts';
import type { ServerClient } from '../client/serverClient.ts';
import type { Locator } from '../scenario.ts';

const CONNECT_TIMEOUT_MS = 1000;
const RETRY_MS = 100;

export interface FinalReadResult {
  /** `address:port` of the server that answered for all keys; null while none has, and in a cluster. */
  server: string | null;
  /** In a cluster: `address:port` of the primary that answered for each key. */
  readonly servers: Map<Bytes, Bytes>;
  /** When it was asked, in virtual microseconds: writes that were executed later may be missing. */
  askedAt: number;
  /** It said that it is a primary; in a cluster some did. */
  isPrimary: boolean;
  /** Set members, a list's elements or a value by key; null where the key is gone. */
  readonly values: Map<Bytes, ReadonlySet<Bytes> | readonly Bytes[] | Bytes | null>;
  done: boolean;
}

/** A key to be read back. */
export interface WantedKey {
  readonly key: Bytes;
  readonly isSet: boolean;
  readonly isList?: boolean;
}

/** The request that reads it whole. */
export const readingOf = ({ key, isSet, isList = false }: WantedKey): readonly Bytes[] => {
  if (isList) return [bytes('LRANGE'), key, bytes('0'), bytes('-1')];
  return [bytes(isSet ? 'SMEMBERS' : 'GET'), key];
};

export const newFinalRead = (): FinalReadResult =>
  ({ server: null, servers: new Map(), askedAt: 0, isPrimary: false, values: new Map(), done: false });

/** A program for the Host that reads `keys` once. Tries again until it is answered in full. */
export const finalReader = (
  locator: Locator, keys: readonly WantedKey[], result: FinalReadResult, now: () => number,
) => (host: Host): void => {
  const read = (): void => {
    let isWhole = true;
    result.server = client.remote;
    result.askedAt = now();
    client.send([bytes('ROLE')], (reply) => {
      result.isPrimary = Array.isArray(reply) && roleOfWord(String(reply[0])) === 'primary';
    });
    for (const wanted of keys) {
      client.send(readingOf(wanted), (reply) => {
        if (isAnswer(reply)) result.values.set(wanted.key, valueOf(reply, wanted));
        else isWhole = false;
      });
    }
    client.send([bytes('PING')], (reply) => {
      if (reply === undefined) return;
      result.done = isWhole && isAnswer(reply);
      if (result.done) client.end('read');
      else client.close('not all was answered');
    });
  };
  const client: ServerClient = locatedClient(host, freshLocator(locator), CONNECT_TIMEOUT_MS, {
    opened: read,
    lost: () => {
      if (!result.done) host.setTimer(ms(RETRY_MS), () => client.open());
    },
  });
  client.open();
};

/** A server that loads its data answers with errors. */
const isAnswer = (reply: Reply | undefined): reply is Reply => reply !== undefined && !(reply instanceof ErrorReply);

/** What a key holds, as the read's result has it. */
export const valueOf = (reply: Reply, { isList = false }: WantedKey): ReadonlySet<Bytes> | readonly Bytes[] | Bytes | null => {
  if (typeof reply === 'string') return reply;
  const items = reply instanceof SetReply ? reply.items : Array.isArray(reply) ? reply as readonly Reply[] : null;
  if (items === null) return null;
  return isList ? items as readonly Bytes[] : new Set(items as readonly Bytes[]);
};
