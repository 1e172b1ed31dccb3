/**
 * Who may do what: the users of one process, and the rights of their clients.
 *
 * Always holds: there is a user `default`, whom every connection acts for until it authenticates; the same object for the life of the
 * process, since clients point at it. A client without a user (our primary, a file that is replayed) may do everything.
 * Source: acl.c of Redis 7.0 (ACLInit, ACLSetUser, ACLLoadFromFile, ACLAuthenticateUser, ACLCheckAllPerm), for behaviour.
 */
import { type Bytes, bytes, compare } from '../core/bytes.ts';
import type { AskedCommand } from '../commands/actingUser.ts';
import type { Client } from '../commands/client.ts';
import type { Settings } from '../commands/settings.ts';
import { AclLog, type AclLogEntry } from './aclLog.ts';
import {
  type AclSurroundings, type Denial, UNKNOWN_COMMAND, hasSpaces, isChannelAllowed,
} from './aclSelector.ts';
import { CommandUniverse } from './aclUniverse.ts';
import { User } from './aclUser.ts';
import { describeClient } from './clientDescription.ts';
import { keysAndFlags } from './commandFactReader.ts';
import type { Command } from './commandTable.ts';

export const DEFAULT_USER: Bytes = bytes('default');

/** A rule that cannot be: which of the rules, and why. */
export interface RuleProblem {
  readonly index: number;
  readonly rule: Bytes;
  readonly reason: string;
}

export class Acl {
  readonly log: AclLog = new AclLog();
  readonly defaultUser: User;
  private readonly settings: Settings;
  private readonly facts: readonly string[];
  private known: CommandUniverse | null = null;
  private users: Map<Bytes, User> = new Map();
  /** Made only where somebody's rights are less than all. */
  private readonly universe = (): CommandUniverse => this.known ??= new CommandUniverse(this.facts);

  /** `facts`: the commands that rights are given for. */
  constructor(settings: Settings, facts: readonly string[]) {
    this.settings = settings;
    this.facts = facts;
    this.defaultUser = this.freshDefault();
    this.users.set(DEFAULT_USER, this.defaultUser);
  }

  get commands(): CommandUniverse {
    return this.universe();
  }

  user(name: Bytes): User | undefined {
    return this.users.get(name);
  }

  /** By name, as LIST, USERS and files have them. */
  list(): readonly User[] {
    return [...this.users.values()].sort((left, right) => compare(left.name, right.name));
  }

  /** A new user that nobody can find yet, with these rules; or which of them cannot be. */
  make(name: Bytes, rules: readonly Bytes[], from: User | null = null): User | RuleProblem {
    const user = new User(name, this.universe, this.beginnings());
    if (from !== null) user.become(from);
    const surroundings: AclSurroundings = { universe: this.universe, ...this.beginnings() };
    for (const [index, rule] of rules.entries()) {
      const reason = user.apply(rule, surroundings);
      if (reason !== null) return { index, rule, reason };
    }
    return user;
  }

  /** A user of that name is from now on what `user` is. The object that clients point at. */
  set(user: User): User {
    const present = this.users.get(user.name) ?? user;
    if (present !== user) present.become(user);
    this.users.set(user.name, present);
    return present;
  }

  remove(name: Bytes): User | null {
    const user = this.users.get(name) ?? null;
    this.users.delete(name);
    return user;
  }

  /** These users and no others; without a default one that is as new. Returns those that are gone. */
  replaceAll(users: ReadonlyMap<Bytes, User>): ReadonlySet<User> {
    const gone = new Set([...this.users.values()].filter((user) => user !== this.defaultUser));
    this.defaultUser.become(users.get(DEFAULT_USER) ?? this.freshDefault());
    this.users = new Map([...users, [DEFAULT_USER, this.defaultUser]]);
    return gone;
  }

  /** A connection begins, or begins anew. */
  begin(client: Client): void {
    client.user = this.defaultUser;
    client.authenticated = this.isOpen;
  }

  /** Nothing but authentication is answered. */
  mustAuthenticate(client: Client): boolean {
    return !client.authenticated && !this.isOpen;
  }

  /** Nobody has to authenticate to act for the default user. */
  private get isOpen(): boolean {
    return this.defaultUser.isEnabled && this.defaultUser.needsNoPassword;
  }

  /** AUTH. False: the log has it. */
  authenticate(client: Client, name: Bytes, password: Bytes, word: Bytes, nowMs: number): boolean {
    const user = this.users.get(name);
    if (user === undefined || !user.accepts(password)) {
      const context = client.transaction === null ? 'toplevel' : 'multi';
      this.write({ reason: 'auth', context, object: word, user: name, client: describeClient(client, nowMs) }, nowMs);
      return false;
    }
    client.user = user;
    client.authenticated = true;
    return true;
  }

  /** Why the client may not run it, which is logged; null: it may. */
  refusal(client: Client, command: Command, argv: readonly Bytes[], context: AclLogEntry['context'], nowMs: number): Denial | null {
    return this.refusalOf(client, client, command, argv, context, nowMs);
  }

  /** `client` acts for `asker`: a script's commands for who runs it. */
  refusalOf(
    asker: Client, client: Client, command: Command, argv: readonly Bytes[], context: AclLogEntry['context'], nowMs: number,
  ): Denial | null {
    const { user } = client;
    if (!(user instanceof User) || user.isUnrestricted) return null;
    const denial = user.denial(asked(command, argv));
    if (denial === null) return null;
    this.write({ reason: denial.reason, context, object: denial.object, user: user.name, client: describeClient(asker, nowMs) }, nowMs);
    return denial;
  }

  /** Whether a client may run it; nothing is logged. */
  mayRun(client: Client, command: Command, argv: readonly Bytes[]): boolean {
    return !(client.user instanceof User) || client.user.denial(asked(command, argv)) === null;
  }

  denialOf(user: User, command: Command, argv: readonly Bytes[]): Denial | null {
    return user.denial(asked(command, argv));
  }

  private write(entry: AclLogEntry, nowMs: number): void {
    this.log.add(entry, nowMs, this.settings.number('acllog-max-len'));
  }

  private beginnings(): Pick<AclSurroundings, 'allowsAllChannels'> {
    return { allowsAllChannels: this.settings.text('acl-pubsub-default') === 'allchannels' };
  }

  private freshDefault(): User {
    const user = new User(DEFAULT_USER, this.universe, { allowsAllChannels: true });
    user.isEnabled = true;
    user.needsNoPassword = true;
    user.root.setKeys(true);
    user.root.setAllCommands(true);
    user.isUnrestricted = true;
    return user;
  }
}

const asked = (command: Command, argv: readonly Bytes[]): AskedCommand =>
  ({ name: command.name, argv, isFree: command.needsNoAuth, keys: () => keysAndFlags(command, argv) });

/** Rules whose parentheses reach over several words, each as one; else the word whose parenthesis is not closed. */
export const joinSelectors = (rules: readonly Bytes[]): readonly Bytes[] | { readonly unclosed: Bytes } => {
  const joined: Bytes[] = [];
  let open: Bytes[] | null = null;
  for (const rule of rules) {
    if (open !== null) open.push(rule);
    else if (rule.startsWith('(') && !rule.endsWith(')')) open = [rule];
    else joined.push(rule);
    if (open !== null && open.length > 1 && rule.endsWith(')')) {
      joined.push(bytes(open.join(' ')));
      open = null;
    }
  }
  return open === null ? joined : { unclosed: open[0] as Bytes };
};

/** Channels that a client listens to and may not any more. */
export const listensToForbidden = ({ subscriptions }: Client, patterns: readonly Bytes[]): boolean => subscriptions !== null && (
  [...subscriptions.channel, ...subscriptions.shard].some((channel) => !isChannelAllowed(patterns, channel, false))
  || [...subscriptions.pattern].some((pattern) => !isChannelAllowed(patterns, pattern, true)));

/** The patterns of channels that are left to a user whose rules changed; null: nothing was taken away. */
export const channelsLeft = (before: User, after: User): readonly Bytes[] | null => {
  if (after.selectors.some(({ allChannels }) => allChannels)) return null;
  const left = after.selectors.flatMap(({ channels }) => channels);
  const isSubset = before.selectors.every(({ allChannels, channels }) =>
    !allChannels && channels.every((pattern) => left.includes(pattern)));
  return isSubset ? null : left;
};

/** What a `user` line of a configuration file makes; `words` begin with the name. Why it cannot be, as a text. */
export const userOfLine = (acl: Acl, words: readonly Bytes[]): User | string => {
  const [name = bytes(''), ...rules] = words;
  if (hasSpaces(name)) return 'Spaces not allowed in ACL usernames';
  const joined = joinSelectors(rules);
  if ('unclosed' in joined) return `Unmatched parenthesis in acl selector starting at '${joined.unclosed}'.`;
  const user = acl.make(name, name === DEFAULT_USER ? [bytes('reset'), ...joined] : joined);
  if (user instanceof User) return user;
  if (user.reason === UNKNOWN_COMMAND) return `Error loading ACL rule '${user.rule}' for the user named '${name}': ${user.reason}`;
  return `Error in user declaration '${user.rule}': ${user.reason}`;
};
