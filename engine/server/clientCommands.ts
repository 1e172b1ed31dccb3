/** CLIENT and its subcommands. Source: networking.c of Redis 7.0. */
import { type Bytes, EMPTY, bytes, join, lower } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { NO_REPLY, OK, type Reply, SYNTAX_ERROR, VerbatimReply, error } from '../protocol/reply.ts';
import { CLIENT_TYPE_PRIMARY, CLIENT_TYPE_REPLICA, CLIENT_TYPE_REPLICA_OLD } from '../protocol/wireNames.ts';
import type { ServerState } from './serverState.ts';
import { isClientName } from './sessionCommands.ts';

type Drop = (client: Client, reason: string) => void;

const flagLetters = (client: Client): string => {
  let letters = '';
  if (client.kind === 'replica') letters += 'S';
  if (client.kind === 'primary') letters += 'M';
  if (client.transaction !== null) letters += 'x';
  if (client.dirty) letters += 'd';
  if (client.closing) letters += 'c';
  return letters === '' ? 'N' : letters;
};

/** One line of CLIENT LIST. Sizes that only a C process has are 0. */
const describe = (client: Client, nowMs: number): Bytes => {
  const seconds = (from: number): number => Math.max(0, Math.floor((nowMs - from) / 1000));
  const local = `${client.connection.localAddress}:${client.connection.localPort}`;
  const multi = client.transaction === null ? -1 : client.transaction.queue.length;
  return bytes(`id=${client.id} addr=${client.address} laddr=${local} fd=0 name=${client.name} `
    + `age=${seconds(client.createdMs)} idle=${seconds(client.lastInteractionMs)} flags=${flagLetters(client)} `
    + `db=${client.databaseId} sub=0 psub=0 ssub=0 multi=${multi} qbuf=${client.decoder.buffered} qbuf-free=0 `
    + `argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=${client.output.length} omem=${client.outputBytes} tot-mem=0 events=r `
    + `cmd=${client.lastCommand} user=default redir=-1 resp=${client.protocol}`);
};

/** The client type that a word names, or null. */
const kindOf = (word: Bytes): Client['kind'] | 'pubsub' | null => {
  const name: string = lower(word);
  if (name === 'normal' || name === 'pubsub') return name;
  if (name === CLIENT_TYPE_REPLICA || name === CLIENT_TYPE_REPLICA_OLD) return 'replica';
  return name === CLIENT_TYPE_PRIMARY ? 'primary' : null;
};

const list = (state: ServerState, call: Call, argv: readonly Bytes[]): Reply => {
  let chosen = [...state.clients.values()];
  if (argv.length > 2) {
    const option = lower(argv[2] as Bytes);
    if (option === 'type' && argv.length === 4) {
      const kind = kindOf(argv[3] as Bytes);
      if (kind === null) return error(`ERR Unknown client type '${argv[3] as Bytes}'`);
      chosen = chosen.filter((client) => client.kind === kind);
    } else if (option === 'id' && argv.length > 3) {
      const ids = argv.slice(3).map((text) => parseSafeInteger(text));
      if (ids.includes(null)) return error('ERR Invalid client ID');
      chosen = chosen.filter((client) => ids.includes(client.id));
    } else return SYNTAX_ERROR;
  }
  return new VerbatimReply('txt', join(chosen.map((client) => bytes(`${describe(client, call.nowMs)}\n`))));
};

/** CLIENT KILL addr:port, or with filters. */
const kill = (state: ServerState, drop: Drop, call: Call, argv: readonly Bytes[]): Reply => {
  const end = (client: Client): void => {
    if (client === call.client) client.closing = true;
    else drop(client, 'CLIENT KILL');
  };
  if (argv.length === 3) {
    const client = [...state.clients.values()].find((one) => one.address === argv[2]);
    if (client === undefined) return error('ERR No such client');
    end(client);
    return OK;
  }
  let skipsMe = true;
  const filters: ((client: Client) => boolean)[] = [];
  for (let index = 2; index < argv.length; index += 2) {
    const option = lower(argv[index] as Bytes);
    const value = argv[index + 1];
    if (value === undefined) return SYNTAX_ERROR;
    if (option === 'id') {
      const id = parseSafeInteger(value);
      if (id === null || id < 1) return error('ERR client-id should be greater than 0');
      filters.push((client) => client.id === id);
    } else if (option === 'type') {
      const kind = kindOf(value);
      if (kind === null) return error(`ERR Unknown client type '${value}'`);
      filters.push((client) => client.kind === kind);
    } else if (option === 'addr') filters.push((client) => client.address === value);
    else if (option === 'laddr') {
      filters.push(({ connection }) => `${connection.localAddress}:${connection.localPort}` === value);
    } else if (option === 'user') filters.push(() => value === 'default');
    else if (option === 'skipme') {
      const word = lower(value);
      if (word !== 'yes' && word !== 'no') return SYNTAX_ERROR;
      skipsMe = word === 'yes';
    } else return SYNTAX_ERROR;
  }
  let killed = 0;
  for (const client of [...state.clients.values()]) {
    if ((skipsMe && client === call.client) || !filters.every((filter) => filter(client))) continue;
    end(client);
    killed++;
  }
  return killed;
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

export const clientCommands = (state: ServerState, drop: Drop): readonly CommandRow[] => {
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
    row('info', 2, '6.2.0', (call) => new VerbatimReply('txt', bytes(`${describe(call.client, call.nowMs)}\n`))),
    row('list', -2, '2.4.0', (call, argv) => list(state, call, argv), true),
    row('kill', -3, '2.4.0', (call, argv) => kill(state, drop, call, argv), true),
    row('reply', 3, '3.2.0', (call, argv) => replyMode(call.client, argv[2] as Bytes)),
    row('no-evict', 3, '7.0.0', (call, argv) => {
      const word = lower(argv[2] as Bytes);
      if (word !== 'on' && word !== 'off') return SYNTAX_ERROR;
      call.client.noEvict = word === 'on';
      return OK;
    }, true),
  ];
};
