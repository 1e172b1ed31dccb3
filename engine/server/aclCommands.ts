/**
 * ACL and its subcommands. What it takes away ends the connections that rest on it.
 * Source: acl.c of Redis 7.0 (aclCommand, ACLKillPubsubClientsIfNeeded, ACLFreeUserAndKillClients), for behaviour.
 */
import { type Host, HostFileError } from '../host.ts';
import { type Bytes, EMPTY, bytes, lower, toHex } from '../core/bytes.ts';
import { parseSafeInteger } from '../core/integers.ts';
import type { Client } from '../commands/client.ts';
import { type Call, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { MapReply, NOT_AN_INTEGER, OK, type Reply, SetReply, error } from '../protocol/reply.ts';
import { DEFAULT_USER, channelsLeft, joinSelectors, listensToForbidden } from './acl.ts';
import { readAclFile, writeAclFile } from './aclFile.ts';
import { type Denial, hasSpaces } from './aclSelector.ts';
import { CATEGORIES } from './aclUniverse.ts';
import { User } from './aclUser.ts';
import { hasArity } from './commandLookup.ts';
import type { Command } from './commandTable.ts';
import type { Config } from './config.ts';
import { ACL_HELP, helpRow } from './helpTexts.ts';
import type { ProcessState } from './processState.ts';

export interface AclParts {
  readonly host: Host;
  readonly config: Config;
  readonly state: ProcessState;
  /** All commands under their present names; asked for at each call. */
  commands(): ReadonlyMap<string, Command>;
  drop(client: Client, reason: string): void;
}

const LOG_COUNT = 10;
const GENERATED_BITS = 256;
const GENERATED_BITS_MAX = 4096;
const BITS_PER_DIGIT = 4;

const NO_FILE = error('ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER '
  + 'command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis '
  + 'configuration.');
const NOT_SAVED = error('ERR There was an error trying to save the ACLs. Please check the server logs for more information');
const BAD_BITS = error('ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096');

/** `word`: the subcommand as the client has spelled it. */
const wrongNumber = (word: Bytes | undefined): Reply =>
  error(`ERR unknown subcommand or wrong number of arguments for '${word ?? EMPTY}'. Try ACL HELP.`);

/** A client whose rights are gone: at once, or behind the answer where it is the one that asked. */
const end = ({ drop }: AclParts, client: Client, asker: Client, reason: string): void => {
  if (client === asker) client.closing = true;
  else drop(client, reason);
};

/** Clients of users that are gone. */
const endClientsOf = (parts: AclParts, users: ReadonlySet<unknown>, asker: Client): void => {
  for (const client of [...parts.state.clients.values()]) {
    if (!users.has(client.user)) continue;
    client.user = parts.config.acl.defaultUser;
    client.authenticated = false;
    end(parts, client, asker, 'its user is gone');
  }
};

const setUser = (parts: AclParts, { client: asker }: Call, name: Bytes, rules: readonly Bytes[]): Reply => {
  const { acl } = parts.config;
  if (hasSpaces(name)) return error("ERR Usernames can't contain spaces or null characters");
  const joined = joinSelectors(rules);
  if ('unclosed' in joined) return error(`ERR Unmatched parenthesis in acl selector starting at '${joined.unclosed}'.`);
  const before = acl.user(name) ?? null;
  const made = acl.make(name, joined, before);
  if (!(made instanceof User)) return error(`ERR Error in ACL SETUSER modifier '${made.rule}': ${made.reason}`);
  const left = before === null ? null : channelsLeft(before, made);
  const user = acl.set(made);
  if (left === null) return OK;
  for (const client of [...parts.state.clients.values()]) {
    if (client.user === user && listensToForbidden(client, left)) end(parts, client, asker, 'it may not listen to its channels any more');
  }
  return OK;
};

const deleteUsers = (parts: AclParts, { client }: Call, names: readonly Bytes[]): Reply => {
  const { acl } = parts.config;
  let count = 0;
  for (const name of names) {
    if (name === DEFAULT_USER) return error("ERR The 'default' user cannot be removed");
    const user = acl.remove(name);
    if (user === null) continue;
    count++;
    endClientsOf(parts, new Set([user]), client);
  }
  return count;
};

const getUser = ({ config: { acl } }: AclParts, name: Bytes): Reply => {
  const user = acl.user(name);
  if (user === undefined) return null;
  const described = user.selectors.map((selector) => selector.describe(() => acl.commands));
  const pairs = ({ keys, channels, commands }: { keys: string; channels: string; commands: string }): (readonly [Bytes, Reply])[] =>
    [[bytes('commands'), bytes(commands)], [bytes('keys'), bytes(keys)], [bytes('channels'), bytes(channels)]];
  const [root, ...others] = described.map(pairs);
  return new MapReply([
    [bytes('flags'), new SetReply(user.flags.map(bytes))], [bytes('passwords'), [...user.hashes]], ...(root ?? []),
    [bytes('selectors'), others.map((one) => new MapReply(one))],
  ]);
};

const categoryCommands = ({ config: { acl } }: AclParts, [, word, category, ...others]: readonly Bytes[]): Reply => {
  if (others.length > 0) return wrongNumber(word);
  if (category === undefined) return CATEGORIES.map(bytes);
  const ids = acl.commands.category(category);
  if (ids === null) return error(`ERR Unknown category '${category}'`);
  return ids.map((id) => acl.commands.commands[id]?.name ?? EMPTY);
};

const DRY_RUN_REFUSALS: Readonly<Record<Denial['reason'], (object: Bytes) => string>> = {
  command: (object) => `This user has no permissions to run the '${object}' command`,
  key: (object) => `This user has no permissions to access the '${object}' key`,
  channel: (object) => `This user has no permissions to access the '${object}' channel`,
};

const dryRun = (parts: AclParts, name: Bytes, argv: readonly Bytes[]): Reply => {
  const { acl } = parts.config;
  const user = acl.user(name);
  if (user === undefined) return error(`ERR User '${name}' not found`);
  const found = parts.commands().get(lower(argv[0] as Bytes));
  const command = found?.subcommands === null || argv[1] === undefined ? found : found?.subcommands.get(lower(argv[1]));
  if (command === undefined) return error(`ERR Command '${argv[0] as Bytes}' not found`);
  if (!hasArity(command, argv.length)) return error(`ERR wrong number of arguments for '${command.name}' command`);
  const denial = acl.denialOf(user, command, argv);
  return denial === null ? OK : bytes(DRY_RUN_REFUSALS[denial.reason](denial.object));
};

const log = ({ config: { acl } }: AclParts, call: Call, [, subcommand, word, ...others]: readonly Bytes[]): Reply => {
  if (others.length > 0) return wrongNumber(subcommand);
  if (word !== undefined && lower(word) === 'reset') {
    acl.log.clear();
    return OK;
  }
  const count = word === undefined ? LOG_COUNT : parseSafeInteger(word);
  return count === null ? NOT_AN_INTEGER : acl.log.reply(Math.max(0, count), call.nowMs);
};

const generatePassword = ({ host }: AclParts, [, subcommand, word, ...others]: readonly Bytes[]): Reply => {
  if (others.length > 0) return wrongNumber(subcommand);
  const bits = word === undefined ? GENERATED_BITS : parseSafeInteger(word);
  if (bits === null) return NOT_AN_INTEGER;
  if (bits <= 0 || bits > GENERATED_BITS_MAX) return BAD_BITS;
  const digits = Math.ceil(bits / BITS_PER_DIGIT);
  return bytes(toHex(host.entropy(Math.ceil(digits / 2))).slice(0, digits));
};

const load = (parts: AclParts, { client }: Call): Reply => {
  const { config, host } = parts;
  const path = config.text('aclfile');
  if (path === EMPTY) return NO_FILE;
  const users = readAclFile(host, config.acl, path);
  if (typeof users === 'string') return error(`ERR ${users}`);
  endClientsOf(parts, config.acl.replaceAll(users), client);
  return OK;
};

const save = ({ config, host }: AclParts): Reply => {
  const path = config.text('aclfile');
  if (path === EMPTY) return NO_FILE;
  try {
    writeAclFile(host, config.acl, path);
  } catch (failure) {
    if (!(failure instanceof HostFileError)) throw failure;
    host.log('warning', `Opening temp ACL file for ACL SAVE: ${failure.message}`);
    return NOT_SAVED;
  }
  return OK;
};

export const aclCommands = (parts: AclParts): readonly CommandRow[] => {
  const { acl } = parts.config;
  const row = (name: string, arity: number, since: string, isAdmin: boolean, handler: CommandRow['handler']): CommandRow => ({
    name: `acl|${name}`, arity, flags: [...(isAdmin ? ['admin'] as const : []), 'noscript', 'loading', 'stale'],
    keys: NO_KEYS, since, handler,
  });
  return [
    row('whoami', 2, '6.0.0', false, ({ client }) => client.user?.name ?? null),
    row('setuser', -3, '6.0.0', true, (call, argv) => setUser(parts, call, argv[2] as Bytes, argv.slice(3))),
    row('deluser', -3, '6.0.0', true, (call, argv) => deleteUsers(parts, call, argv.slice(2))),
    row('getuser', 3, '6.0.0', true, (_call, argv) => getUser(parts, argv[2] as Bytes)),
    row('list', 2, '6.0.0', true, () => acl.list().map((user) => bytes(`user ${user.name} ${user.describe()}`))),
    row('users', 2, '6.0.0', true, () => acl.list().map(({ name }) => name)),
    row('cat', -2, '6.0.0', false, (_call, argv) => categoryCommands(parts, argv)),
    row('dryrun', -4, '7.0.0', true, (_call, argv) => dryRun(parts, argv[2] as Bytes, argv.slice(3))),
    row('log', -2, '6.0.0', true, (call, argv) => log(parts, call, argv)),
    row('genpass', -2, '6.0.0', false, (_call, argv) => generatePassword(parts, argv)),
    row('load', 2, '6.0.0', true, (call) => load(parts, call)),
    row('save', 2, '6.0.0', true, () => save(parts)),
    helpRow('acl', ACL_HELP, '6.0.0'),
  ];
};
