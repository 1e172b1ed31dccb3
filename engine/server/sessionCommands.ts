/** Commands about the connection itself: PING, ECHO, SELECT, HELLO, AUTH, QUIT, RESET. Source: Redis 7.0, for behaviour. */
import { type Bytes, EMPTY, bytes, lower } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import {
  MapReply, NOT_AN_INTEGER, OK, PONG, type Reply, SYNTAX_ERROR, Status, error,
} from '../protocol/reply.ts';
import { type Role, roleWord } from '../protocol/wireNames.ts';
import { REDIS_VERSION } from '../persistence/snapshotSaver.ts';
import type { PubSub } from '../commands/pubsub.ts';
import type { Config } from './config.ts';
import { DEFAULT_USER } from './acl.ts';
import type { Watches } from './transactions.ts';

const NO_PASSWORD = error('ERR AUTH <password> called without any password configured for the default user. '
  + 'Are you sure your configuration is correct?');

const HELLO_NO_AUTH = error('NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO '
  + 'AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time');

/** Names may hold no spaces, newlines or other characters that would break CLIENT LIST. */
export const isClientName = (name: Bytes): boolean => /^[!-~]*$/.test(name);

const select = (call: Call, argv: readonly Bytes[]): Reply => {
  const id = parseSafeInteger(argv[1] as Bytes);
  if (id === null) return NOT_AN_INTEGER;
  if (id < 0 || id >= call.keyspace.databases.length) return error('ERR DB index is out of range');
  call.client.databaseId = id;
  return OK;
};

const WRONG_PASSWORD = error('WRONGPASS invalid username-password pair or user is disabled.');

/** `word` is the command's name as the client has spelled it. */
const auth = ({ acl }: Config, call: Call, word: Bytes, words: readonly Bytes[]): Reply => {
  if (words.length > 2) return SYNTAX_ERROR;
  if (words.length === 1 && acl.defaultUser.needsNoPassword) return NO_PASSWORD;
  const [name, password] = words.length === 1 ? [DEFAULT_USER, words[0] as Bytes] : words as readonly [Bytes, Bytes];
  return acl.authenticate(call.client, name, password, word, call.nowMs) ? OK : WRONG_PASSWORD;
};

/** What the session commands need of the process that they run in. */
export interface SessionParts {
  readonly config: Config;
  readonly pubsub: PubSub;
  /** Null where there are no transactions. */
  readonly watches: Watches | null;
  readonly mode: 'standalone' | 'sentinel' | 'cluster';
  /** Null for a sentinel, which has none. */
  role(): Role | null;
  /** What else of the process knows the client as something special ends with RESET. */
  forget?(client: Client): void;
}

const hello = (parts: SessionParts, call: Call, argv: readonly Bytes[]): Reply => {
  const { config } = parts;
  const { client } = call;
  let protocol = client.protocol;
  let index = 1;
  const version = argv[1];
  if (version !== undefined) {
    const number = parseSafeInteger(version);
    if (number === null) return error('ERR Protocol version is not an integer or out of range');
    if (number !== 2 && number !== 3) return error('NOPROTO unsupported protocol version');
    protocol = number;
    index = 2;
  }
  let name: Bytes | null = null;
  while (index < argv.length) {
    const option = lower(argv[index] as Bytes);
    if (option === 'auth' && index + 2 < argv.length) {
      const answer = auth(config, call, argv[0] as Bytes, argv.slice(index + 1, index + 3));
      if (answer !== OK) return answer;
      index += 3;
    } else if (option === 'setname' && index + 1 < argv.length) {
      name = argv[index + 1] as Bytes;
      if (!isClientName(name)) {
        return error('ERR Client names cannot contain spaces, newlines or special characters.');
      }
      index += 2;
    } else return error(`ERR Syntax error in HELLO option '${argv[index] as Bytes}'`);
  }
  if (config.acl.mustAuthenticate(client)) return HELLO_NO_AUTH;
  client.protocol = protocol;
  if (name !== null) client.name = name;
  const role = parts.role();
  return new MapReply([
    [bytes('server'), bytes('redis')],
    [bytes('version'), bytes(REDIS_VERSION)],
    [bytes('proto'), protocol],
    [bytes('id'), client.id],
    [bytes('mode'), bytes(parts.mode)],
    ...(role === null ? [] : [[bytes('role'), bytes(role === 'primary' ? roleWord(role) : role)] as const]),
    [bytes('modules'), []],
  ]);
};

export const sessionCommands = (parts: SessionParts): readonly CommandRow[] => [
  {
    name: 'ping', arity: -1, flags: ['fast'], keys: NO_KEYS, since: '1.0.0',
    handler: ({ client }, argv) => {
      if (argv.length > 2) return error("ERR wrong number of arguments for 'ping' command");
      // A subscriber of RESP2 could not tell a bare answer from its messages.
      if (client.isSubscriber && client.protocol === 2) return [bytes('pong'), argv[1] ?? EMPTY];
      return argv.length === 1 ? PONG : argv[1] as Bytes;
    },
  },
  {
    name: 'echo', arity: 2, flags: ['loading', 'stale', 'fast'], keys: NO_KEYS, since: '1.0.0',
    handler: (_call, argv) => argv[1] as Bytes,
  },
  { name: 'select', arity: 2, flags: ['loading', 'stale', 'fast'], keys: NO_KEYS, since: '1.0.0', handler: select },
  {
    name: 'hello', arity: -1, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], keys: NO_KEYS,
    since: '6.0.0', handler: (call, argv) => hello(parts, call, argv),
  },
  {
    name: 'auth', arity: -2, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], keys: NO_KEYS,
    since: '1.0.0', handler: (call, argv) => auth(parts.config, call, argv[0] as Bytes, argv.slice(1)),
  },
  {
    name: 'quit', arity: -1, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], keys: NO_KEYS,
    since: '1.0.0',
    handler: (call) => {
      call.client.closing = true;
      return OK;
    },
  },
  {
    name: 'reset', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'], keys: NO_KEYS,
    since: '6.2.0',
    handler: (call) => {
      const client = call.client;
      if (client.kind !== 'normal') return error('ERR can only reset normal client connections');
      client.transaction = null;
      parts.watches?.unwatch(client);
      parts.pubsub.forget(client);
      parts.forget?.(client);
      client.databaseId = 0;
      client.isAsking = false;
      client.isReadOnly = false;
      client.protocol = 2;
      client.name = EMPTY;
      client.noEvict = false;
      client.replyMode = 'on';
      parts.config.acl.begin(client);
      return new Status('RESET');
    },
  },
];
