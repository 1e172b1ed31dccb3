/** CLIENT and its subcommands. Source: networking.c of Redis 7.0. */
import { type Bytes, EMPTY, bytes, join, lower } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { ErrorReply, NO_REPLY, OK, type Reply, SYNTAX_ERROR, VerbatimReply, error } from '../protocol/reply.ts';
import { CLIENT_TYPE_PRIMARY, CLIENT_TYPE_REPLICA, CLIENT_TYPE_REPLICA_OLD } from '../protocol/wireNames.ts';
import type { Acl } from './acl.ts';
import { describeClient, localAddress } from './clientDescription.ts';
import { CLIENT_HELP, helpRow } from './helpTexts.ts';
import type { ProcessState } from './processState.ts';
import { isClientName } from './sessionCommands.ts';

type Drop = (client: Client, reason: string) => void;

/** The client type that a word names, or null. */
const typeOf = (word: Bytes): Client['type'] | null => {
  const name: string = lower(word);
  if (name === 'normal' || name === 'pubsub') return name;
  if (name === CLIENT_TYPE_REPLICA || name === CLIENT_TYPE_REPLICA_OLD) return 'replica';
  return name === CLIENT_TYPE_PRIMARY ? 'primary' : null;
};

const list = (state: ProcessState, call: Call, argv: readonly Bytes[]): Reply => {
  let chosen = [...state.clients.values()];
  if (argv.length > 2) {
    const option = lower(argv[2] as Bytes);
    if (option === 'type' && argv.length === 4) {
      const type = typeOf(argv[3] as Bytes);
      if (type === null) return error(`ERR Unknown client type '${argv[3] as Bytes}'`);
      chosen = chosen.filter((client) => client.type === type);
    } else if (option === 'id' && argv.length > 3) {
      const ids = argv.slice(3).map((text) => parseSafeInteger(text));
      if (ids.includes(null)) return error('ERR Invalid client ID');
      // In the order asked for, as often as asked for.
      chosen = ids.flatMap((id) => state.clients.get(id as number) ?? []);
    } else return SYNTAX_ERROR;
  }
  return new VerbatimReply('txt', join(chosen.map((client) => bytes(`${describeClient(client, call.nowMs)}\n`))));
};

/** Whom CLIENT KILL means. Of an option given twice the last one counts. */
interface KillFilter {
  id?: number;
  type?: Client['type'];
  address?: Bytes;
  localAddress?: Bytes;
  user?: Bytes;
  skipsMe: boolean;
}

const readKillFilter = (acl: Acl, argv: readonly Bytes[]): KillFilter | ErrorReply => {
  if (argv.length === 3) return { address: argv[2] as Bytes, skipsMe: false };
  const filter: KillFilter = { skipsMe: true };
  for (let index = 2; index < argv.length; index += 2) {
    const problem = readKillOption(acl, filter, lower(argv[index] as Bytes), argv[index + 1]);
    if (problem !== null) return problem;
  }
  return filter;
};

const readKillOption = (acl: Acl, filter: KillFilter, option: string, value: Bytes | undefined): ErrorReply | null => {
  if (value === undefined) return SYNTAX_ERROR;
  switch (option) {
    case 'id': {
      const id = parseSafeInteger(value);
      if (id === null || id < 1) return error('ERR client-id should be greater than 0');
      filter.id = id;
      return null;
    }
    case 'type': {
      const type = typeOf(value);
      if (type === null) return error(`ERR Unknown client type '${value}'`);
      filter.type = type;
      return null;
    }
    case 'addr':
      filter.address = value;
      return null;
    case 'laddr':
      filter.localAddress = value;
      return null;
    case 'user':
      if (acl.user(value) === undefined) return error(`ERR No such user '${value}'`);
      filter.user = value;
      return null;
    case 'skipme': {
      const word = lower(value);
      if (word !== 'yes' && word !== 'no') return SYNTAX_ERROR;
      filter.skipsMe = word === 'yes';
      return null;
    }
    default: return SYNTAX_ERROR;
  }
};

const isMeant = (client: Client, filter: KillFilter, me: Client): boolean => {
  if (filter.skipsMe && client === me) return false;
  if (filter.id !== undefined && client.id !== filter.id) return false;
  if (filter.type !== undefined && client.type !== filter.type) return false;
  if (filter.address !== undefined && client.address !== filter.address) return false;
  if (filter.localAddress !== undefined && localAddress(client) !== filter.localAddress) return false;
  return filter.user === undefined || client.user?.name === filter.user;
};

/** CLIENT KILL addr:port, or with filters. Others go at once, the caller behind the answer. */
const kill = (acl: Acl, state: ProcessState, drop: Drop, call: Call, argv: readonly Bytes[]): Reply => {
  const filter = readKillFilter(acl, argv);
  if (filter instanceof ErrorReply) return filter;
  const meant = [...state.clients.values()].filter((client) => isMeant(client, filter, call.client));
  for (const client of meant) {
    if (client === call.client) client.closing = true;
    else drop(client, 'CLIENT KILL');
  }
  if (argv.length > 3) return meant.length;
  return meant.length === 0 ? error('ERR No such client') : OK;
};

const replyMode = (client: Client, word: Bytes): Reply => {
  switch (lower(word) as string) {
    case 'on':
      client.replyMode = 'on';
      return OK;
    case 'off':
      client.replyMode = 'off';
      return NO_REPLY;
    case 'skip':
      if (client.replyMode === 'on') client.replyMode = 'skip';
      return NO_REPLY;
    default: return SYNTAX_ERROR;
  }
};

export const clientCommands = (acl: Acl, state: ProcessState, drop: Drop): readonly CommandRow[] => {
  const row = (name: string, arity: number, since: string, handler: CommandRow['handler'], admin = false): CommandRow => ({
    name: `client|${name}`, arity, flags: [...(admin ? ['admin'] as const : []), 'noscript', 'loading', 'stale'],
    keys: NO_KEYS, since, handler,
  });
  return [
    row('id', 2, '5.0.0', (call) => call.client.id),
    row('getname', 2, '2.6.9', (call) => (call.client.name === EMPTY ? null : call.client.name)),
    row('setname', 3, '2.6.9', (call, argv) => {
      const name = argv[2] as Bytes;
      if (!isClientName(name)) {
        return error('ERR Client names cannot contain spaces, newlines or special characters.');
      }
      call.client.name = name;
      return OK;
    }),
    row('info', 2, '6.2.0', (call) => new VerbatimReply('txt', bytes(`${describeClient(call.client, call.nowMs)}\n`))),
    row('list', -2, '2.4.0', (call, argv) => list(state, call, argv), true),
    row('kill', -3, '2.4.0', (call, argv) => kill(acl, state, drop, call, argv), true),
    row('reply', 3, '3.2.0', (call, argv) => replyMode(call.client, argv[2] as Bytes)),
    row('no-evict', 3, '7.0.0', (call, argv) => {
      const word = lower(argv[2] as Bytes);
      if (word !== 'on' && word !== 'off') return SYNTAX_ERROR;
      call.client.noEvict = word === 'on';
      return OK;
    }, true),
    helpRow('client', CLIENT_HELP, '5.0.0'),
  ];
};
