/**
 * One set of rights: commands, keys and channels. A user has one of them as its root and may have more, in parentheses; what any of them
 * allows as a whole is allowed.
 *
 * Always holds: `isUnrestricted` says yes only where every check would.
 * Source: acl.c of Redis 7.0 (ACLSetSelector, ACLSelectorCheckCmd, ACLSelectorCheckKey), for behaviour.
 */
import { type Bytes, bytes, lower, slice } from '../core/bytes.ts';
import type { AskedCommand, FlaggedKey } from '../commands/actingUser.ts';
import { globMatch } from '../commands/glob.ts';
import type { AclCommand, CommandUniverse } from './aclUniverse.ts';
import { describeCommands } from './aclDescription.ts';

/** What rules need besides themselves. */
export interface AclSurroundings {
  /** Asked for only where a rule is about less than all commands. */
  universe(): CommandUniverse;
  /** `acl-pubsub-default`: what a set of rights begins with. */
  readonly allowsAllChannels: boolean;
}

export type DenialReason = 'command' | 'key' | 'channel';

export interface Denial {
  readonly reason: DenialReason;
  /** Which of the keys or channels it was. */
  readonly ordinal: number;
  /** The command's name, the key, or the channel. */
  readonly object: Bytes;
}

export const UNKNOWN_COMMAND = 'Unknown command or category name in ACL';
export const RULE_SYNTAX = 'Syntax error';
const PATTERN_BEHIND_ALL_KEYS = "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. "
  + "Try 'resetkeys' to start with an empty list of patterns";
const PATTERN_BEHIND_ALL_CHANNELS = "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any "
  + "effect. Try 'resetchannels' to start with an empty list of channels";
const FIRST_ARGUMENT_OF_SUBCOMMAND = 'Allowing first-arg of a subcommand is not supported';

interface KeyPattern {
  readonly pattern: Bytes;
  reads: boolean;
  writes: boolean;
}

/** Where channels stand in a command that has any, and whether they are patterns. */
const CHANNELS: Readonly<Partial<Record<string, { readonly isPattern: boolean; readonly isOne: boolean }>>> = {
  subscribe: { isPattern: false, isOne: false }, ssubscribe: { isPattern: false, isOne: false },
  psubscribe: { isPattern: true, isOne: false }, publish: { isPattern: false, isOne: true }, spublish: { isPattern: false, isOne: true },
};

const WRITING_FLAGS: readonly string[] = ['insert', 'delete', 'update'];

export const hasSpaces = (text: string): boolean => /[\t-\r \0]/.test(text);

export class Selector {
  allKeys = false;
  allChannels: boolean;
  /** Which commands, by number; null: all of them or none, as `future` says. */
  private allowed: Uint8Array | null = null;
  /** Rights begin with all commands, those of later versions included, and some are taken away. */
  private future = false;
  private keys: KeyPattern[] = [];
  private channelPatterns: Bytes[] = [];
  /** First arguments with which a command is allowed that is not allowed otherwise. */
  private firstArguments: Map<number, Bytes[]> = new Map();

  constructor({ allowsAllChannels }: Pick<AclSurroundings, 'allowsAllChannels'>) {
    this.allChannels = allowsAllChannels;
  }

  get isUnrestricted(): boolean {
    return this.allKeys && this.allChannels && this.allowed === null && this.future;
  }

  get channels(): readonly Bytes[] {
    return this.channelPatterns;
  }

  copy(): Selector {
    const other = new Selector({ allowsAllChannels: this.allChannels });
    other.allKeys = this.allKeys;
    other.allowed = this.allowed?.slice() ?? null;
    other.future = this.future;
    other.keys = this.keys.map((one) => ({ ...one }));
    other.channelPatterns = [...this.channelPatterns];
    other.firstArguments = new Map([...this.firstArguments].map(([id, words]) => [id, [...words]]));
    return other;
  }

  /** One rule. Why it cannot be, or null. */
  apply(rule: Bytes, surroundings: AclSurroundings): string | null {
    switch (lower(rule) as string) {
      case 'allkeys': case '~*': this.setKeys(true); return null;
      case 'resetkeys': this.setKeys(false); return null;
      case 'allchannels': case '&*': this.setChannels(true); return null;
      case 'resetchannels': this.setChannels(false); return null;
      case 'allcommands': case '+@all': this.setAllCommands(true); return null;
      case 'nocommands': case '-@all': this.setAllCommands(false); return null;
      default: break;
    }
    if (/^[~%]/.test(rule)) return this.addKeyPattern(rule);
    if (rule.startsWith('&')) return this.addChannel(slice(rule, 1));
    if (!/^[+-]/.test(rule)) return RULE_SYNTAX;
    const universe = surroundings.universe();
    if (rule.charAt(1) === '@') return this.setCategory(universe, rule.slice(2), rule.startsWith('+'));
    return rule.startsWith('+') ? this.allow(universe, rule.slice(1)) : this.deny(universe, rule.slice(1));
  }

  setAllCommands(isAllowed: boolean): void {
    this.allowed = null;
    this.future = isAllowed;
    this.firstArguments.clear();
  }

  setKeys(isAll: boolean): void {
    this.allKeys = isAll;
    this.keys = [];
  }

  setChannels(isAll: boolean): void {
    this.allChannels = isAll;
    this.channelPatterns = [];
  }

  /** Null: it may run. */
  check(asked: AskedCommand, universe: () => CommandUniverse): Denial | null {
    if (!asked.isFree && !this.mayRun(asked, universe)) return { reason: 'command', ordinal: 0, object: bytes(asked.name) };
    if (!this.allKeys) {
      const ordinal = asked.keys().findIndex((key) => !this.mayTouch(key));
      if (ordinal >= 0) return { reason: 'key', ordinal, object: (asked.keys()[ordinal] as FlaggedKey).key };
    }
    const places = this.allChannels ? undefined : CHANNELS[asked.name];
    if (places === undefined) return null;
    const names = asked.argv.slice(1, places.isOne ? 2 : undefined);
    const ordinal = names.findIndex((name) => !isChannelAllowed(this.channelPatterns, name, places.isPattern));
    return ordinal < 0 ? null : { reason: 'channel', ordinal, object: names[ordinal] as Bytes };
  }

  /** It may read every key there is. */
  get readsEveryKey(): boolean {
    return this.allKeys || this.keys.some(({ pattern, reads }) => pattern === '*' && reads);
  }

  /** The parts of its rules, as GETUSER and LIST show them. */
  describe(universe: () => CommandUniverse): { readonly keys: string; readonly channels: string; readonly commands: string } {
    const keys = this.allKeys ? ['~*'] : this.keys.map(({ pattern, reads, writes }) =>
      `${reads && writes ? '' : reads ? '%R' : '%W'}~${pattern}`);
    const channels = this.allChannels ? ['&*'] : this.channelPatterns.map((pattern) => `&${pattern}`);
    const commands = this.allowed === null && this.firstArguments.size === 0 ? (this.future ? '+@all' : '-@all')
      : describeCommands(universe(), {
        allowed: this.bits(universe()), future: this.future, firstArguments: this.firstArguments,
      });
    return { keys: keys.join(' '), channels: channels.join(' '), commands };
  }

  private mayRun({ name, argv }: AskedCommand, universe: () => CommandUniverse): boolean {
    if (this.allowed === null && this.future) return true;
    if (this.allowed === null && this.firstArguments.size === 0) return false;
    const command = universe().find(name);
    // Nobody is given rights for what nobody knows.
    if (command === undefined) return this.future;
    if (this.bits(universe())[command.id] === 1) return true;
    const word = argv[1];
    return word !== undefined && (this.firstArguments.get(command.id) ?? []).some((one) => lower(one) === lower(word));
  }

  private mayTouch({ key, flags }: FlaggedKey): boolean {
    // The channels of shards are placed like keys.
    if (flags.includes('not_key')) return true;
    const needsRead = flags.includes('access');
    const needsWrite = flags.some((flag) => WRITING_FLAGS.includes(flag));
    return this.keys.some(({ pattern, reads, writes }) =>
      (reads || !needsRead) && (writes || !needsWrite) && globMatch(pattern, key, false));
  }

  private bits(universe: CommandUniverse): Uint8Array {
    return this.allowed ??= new Uint8Array(universe.commands.length).fill(this.future ? 1 : 0);
  }

  private addKeyPattern(rule: Bytes): string | null {
    if (this.allKeys) return PATTERN_BEHIND_ALL_KEYS;
    // Permissions behind a percent sign, each once; the tilde ends them. Without one the pattern is empty.
    const parts = rule.startsWith('~') ? ['', 'RW', rule.slice(1)] : /^%([RrWw]{1,2})(?:~([^]*))?$/.exec(rule);
    const permissions = (parts?.[1] ?? '').toUpperCase();
    if (permissions === '' || permissions === 'RR' || permissions === 'WW') return RULE_SYNTAX;
    const pattern = bytes(parts?.[2] ?? '');
    if (hasSpaces(pattern)) return RULE_SYNTAX;
    const known = this.keys.find((one) => one.pattern === pattern);
    const reads = permissions.includes('R');
    const writes = permissions.includes('W');
    if (known === undefined) this.keys.push({ pattern, reads, writes });
    else {
      known.reads ||= reads;
      known.writes ||= writes;
    }
    return null;
  }

  private addChannel(pattern: Bytes): string | null {
    if (this.allChannels) return PATTERN_BEHIND_ALL_CHANNELS;
    if (hasSpaces(pattern)) return RULE_SYNTAX;
    if (!this.channelPatterns.includes(pattern)) this.channelPatterns.push(pattern);
    return null;
  }

  private setCategory(universe: CommandUniverse, category: string, isAllowed: boolean): string | null {
    const ids = universe.category(category);
    if (ids === null) return UNKNOWN_COMMAND;
    for (const id of ids) this.set(universe, universe.commands[id] as AclCommand, isAllowed);
    return null;
  }

  private allow(universe: CommandUniverse, name: string): string | null {
    const bar = name.lastIndexOf('|');
    const command = universe.find(bar < 0 ? name : name.slice(0, bar));
    if (command === undefined) return UNKNOWN_COMMAND;
    if (bar < 0) {
      this.set(universe, command, true);
      return null;
    }
    const word = bytes(name.slice(bar + 1));
    if (command.isSubcommand) return FIRST_ARGUMENT_OF_SUBCOMMAND;
    if (word === '') return RULE_SYNTAX;
    if (command.subcommands.length === 0) {
      this.addFirstArgument(universe, command, word);
      return null;
    }
    const subcommand = universe.find(name);
    if (subcommand === undefined) return UNKNOWN_COMMAND;
    this.set(universe, subcommand, true);
    return null;
  }

  private deny(universe: CommandUniverse, name: string): string | null {
    const command = universe.find(name);
    if (command === undefined) return UNKNOWN_COMMAND;
    this.set(universe, command, false);
    return null;
  }

  /** A command with all its subcommands. */
  private set(universe: CommandUniverse, command: AclCommand, isAllowed: boolean): void {
    const bits = this.bits(universe);
    for (const id of [command.id, ...command.subcommands]) {
      bits[id] = isAllowed ? 1 : 0;
      this.firstArguments.delete(id);
    }
  }

  private addFirstArgument(universe: CommandUniverse, { id }: AclCommand, word: Bytes): void {
    this.bits(universe);
    const words = this.firstArguments.get(id) ?? [];
    this.firstArguments.set(id, words);
    if (!words.some((one) => lower(one) === lower(word))) words.push(word);
  }
}

/** A pattern to subscribe to must be one of those that are allowed, to the letter. */
export const isChannelAllowed = (patterns: readonly Bytes[], channel: Bytes, isPattern: boolean): boolean =>
  (isPattern ? patterns.includes(channel) : patterns.some((pattern) => globMatch(pattern, channel, false)));
