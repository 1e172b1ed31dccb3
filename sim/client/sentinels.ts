/**
 * The sentinels that a client knows: asked in turn, each within a short time, until one has an answer. That one moves to the
 * front, so that the next question goes first to a sentinel that was there a moment ago. Each question has a connection of its
 * own. An error, silence, a null answer: the next one is asked.
 *
 * Source: steps 1 and 2 of "Guidelines for Redis clients with support for Redis Sentinel", and "Connecting to replicas" there.
 */
import {
  type Bytes, type Host, type Reply, SENTINEL_COMMAND, assert, bytes, detach, utf8,
} from '../../engine/index.ts';
import type { SentinelService } from '../scenario.ts';
import { authGreetings } from './greetings.ts';
import { type Greeting, RedisClient, type ServerName, parseServerName } from './redisClient.ts';

/** For one sentinel to be connected to and to answer. The guidelines want a few hundred milliseconds. */
export const SENTINEL_TIMEOUT_MS = 300;
/** Between two rounds: after no sentinel had an answer, or a server was not what they said. */
export const SENTINEL_RETRY_MS = 300;

const SENTINEL: Bytes = bytes('SENTINEL');
const REPLICAS: Bytes = bytes('REPLICAS');

/** Flags of a replica that is not there. */
const ABSENT: readonly string[] = ['s_down', 'o_down', 'disconnected'];

export class Sentinels {
  private readonly host: Host;
  private readonly name: Bytes;
  private readonly greetings: readonly Greeting[];
  /** Who is asked first stands first. */
  private order: readonly ServerName[];
  /** The connection of the question that is under way. */
  private asking: RedisClient | null = null;

  constructor(host: Host, { name, sentinels, password }: SentinelService) {
    this.host = host;
    this.name = utf8(name);
    this.greetings = authGreetings(password);
    this.order = sentinels.map(parseServerName);
  }

  /** Where the primary is; null when no sentinel could say. One question at a time. */
  askPrimary(done: (server: ServerName | null) => void): void {
    this.ask([SENTINEL, bytes(SENTINEL_COMMAND.primaryAddress), this.name], readAddress, done);
  }

  /** Where its replicas are, those left out that the sentinel holds to be down; null when no sentinel could say. */
  askReplicas(done: (servers: readonly ServerName[] | null) => void): void {
    this.ask([SENTINEL, REPLICAS, this.name], readReplicas, done);
  }

  /** Gives the question up: its `done` is never called. */
  cancel(): void {
    const { asking } = this;
    this.asking = null;
    asking?.close('given up');
  }

  /** Asks this one first from now on. */
  prefer(sentinel: ServerName): void {
    this.order = [sentinel, ...this.order.filter((other) => !sameServer(other, sentinel))];
  }

  private ask<Value>(argv: readonly Bytes[], read: (reply: Reply) => Value | null, done: (value: Value | null) => void): void {
    assert(this.asking === null, 'one question at a time');
    const round = this.order;
    const askNext = (place: number): void => {
      const sentinel = round[place];
      this.asking = null;
      if (sentinel === undefined) {
        done(null);
        return;
      }
      let value: Value | null = null;
      const question: Greeting = {
        argv,
        refusal: (reply) => {
          value = read(reply);
          return value === null ? 'it does not know' : null;
        },
      };
      const client: RedisClient = new RedisClient(this.host, SENTINEL_TIMEOUT_MS, {
        opened: () => {
          this.asking = null;
          client.close('answered');
          this.prefer(sentinel);
          done(value);
        },
        lost: () => {
          if (this.asking === client) askNext(place + 1);
        },
      }, [...this.greetings, question]);
      this.asking = client;
      client.open(sentinel);
    };
    askNext(0);
  }
}

export const sameServer = (left: ServerName, right: ServerName): boolean => left.host === right.host && left.port === right.port;

/** A server as a sentinel's answers and messages give it; null where they do not, as before it could look a name up. */
export const readServer = (host: unknown, port: unknown): ServerName | null => {
  if (typeof host !== 'string' || host === '' || typeof port !== 'string' || !/^[1-9][0-9]{0,4}$/.test(port)) return null;
  return { host: detach(host as Bytes), port: Number(port) };
};

const readAddress = (reply: Reply): ServerName | null =>
  (Array.isArray(reply) && reply.length === 2 ? readServer(reply[0], reply[1]) : null);

const readReplicas = (reply: Reply): readonly ServerName[] | null => {
  if (!Array.isArray(reply)) return null;
  return (reply as readonly Reply[]).flatMap((item) => {
    const fields = readFields(item);
    const server = readServer(fields.get('ip'), fields.get('port'));
    const flags = String(fields.get('flags') ?? '').split(',');
    return server === null || flags.some((flag) => ABSENT.includes(flag)) ? [] : [server];
  });
};

/** Names and values in turn, as RESP2 writes a map. */
const readFields = (item: Reply): ReadonlyMap<unknown, unknown> => {
  const list: readonly Reply[] = Array.isArray(item) ? item : [];
  return new Map(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]] as const] : [])));
};
