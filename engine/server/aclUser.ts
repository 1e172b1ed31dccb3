/**
 * A user: whether it may come in and with which passwords, and its sets of rights.
 * Source: acl.c of Redis 7.0 (ACLSetUser, ACLDescribeUser, ACLCheckAllUserCommandPerm), for behaviour.
 */
import { type Bytes, bytes, lower, slice, toHex } from '../core/bytes.ts';
import { sha256 } from '../core/sha256.ts';
import type { ActingUser, AskedCommand } from '../commands/actingUser.ts';
import { splitArguments } from '../protocol/splitArguments.ts';
import { type AclSurroundings, type Denial, type DenialReason, RULE_SYNTAX, Selector } from './aclSelector.ts';
import type { CommandUniverse } from './aclUniverse.ts';

const NO_SUCH_PASSWORD = 'The password you are trying to remove from the user does not exist';
const BAD_HASH = 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters';

/** Which of two denials is told: the graver reason, or the later place. */
const GRAVITY: Readonly<Record<DenialReason, number>> = { command: 1, key: 2, channel: 3 };

export class User implements ActingUser {
  readonly name: Bytes;
  isEnabled = false;
  needsNoPassword = false;
  /** Null: nothing was said about checking what it restores. */
  sanitizes: boolean | null = null;
  /** Hashes of its passwords in hexadecimal, in the order in which they came. */
  hashes: readonly Bytes[] = [];
  /** The root first. */
  selectors: readonly Selector[];
  isUnrestricted = false;
  private readonly universe: () => CommandUniverse;

  constructor(name: Bytes, universe: () => CommandUniverse, surroundings: Pick<AclSurroundings, 'allowsAllChannels'>) {
    this.name = name;
    this.universe = universe;
    this.selectors = [new Selector(surroundings)];
  }

  /** Takes over what another one is. */
  become(other: User): void {
    this.isEnabled = other.isEnabled;
    this.needsNoPassword = other.needsNoPassword;
    this.sanitizes = other.sanitizes;
    this.hashes = [...other.hashes];
    this.selectors = other.selectors.map((selector) => selector.copy());
    this.isUnrestricted = other.isUnrestricted;
  }

  get root(): Selector {
    return this.selectors[0] as Selector;
  }

  accepts(password: Bytes): boolean {
    return this.isEnabled && (this.needsNoPassword || this.hashes.includes(hashOf(password)));
  }

  /** One rule. Why it cannot be, or null: then it is as it was. */
  apply(rule: Bytes, surroundings: AclSurroundings): string | null {
    const problem = this.applyOwn(rule, surroundings);
    if (problem === null) this.isUnrestricted = this.selectors.some((selector) => selector.isUnrestricted);
    return problem;
  }

  /** `requirepass`: that password and no other; an empty one means that none is needed. */
  setPassword(password: Bytes): void {
    this.needsNoPassword = password === '';
    this.hashes = this.needsNoPassword ? [] : [hashOf(password)];
  }

  /** Null: it may run. */
  denial(asked: AskedCommand): Denial | null {
    if (this.isUnrestricted) return null;
    let gravest: Denial | null = null;
    for (const selector of this.selectors) {
      const denial = selector.check(asked, this.universe);
      if (denial === null) return null;
      if (gravest === null || GRAVITY[denial.reason] > GRAVITY[gravest.reason]
        || (denial.reason === gravest.reason && denial.ordinal > gravest.ordinal)) gravest = denial;
    }
    return gravest;
  }

  /** The command may run by rights that cover the reading of every key. */
  mayReadEveryKey(asked: AskedCommand): boolean {
    return this.selectors.some((selector) => selector.readsEveryKey && selector.check(asked, this.universe) === null);
  }

  get flags(): readonly string[] {
    return [
      this.isEnabled ? 'on' : 'off', ...(this.needsNoPassword ? ['nopass'] : []),
      ...(this.sanitizes === null ? [] : [this.sanitizes ? 'sanitize-payload' : 'skip-sanitize-payload']),
    ];
  }

  /** Its rules as a configuration file has them. */
  describe(): Bytes {
    const [root, ...others] = this.selectors.map((selector) => describeSelector(selector, this.universe));
    return bytes([...this.flags, ...this.hashes.map((hash) => `#${hash}`), root, ...others.map((rules) => `(${rules})`)].join(' '));
  }

  private applyOwn(rule: Bytes, surroundings: AclSurroundings): string | null {
    switch (lower(rule) as string) {
      case '': return null;
      case 'on': this.isEnabled = true; return null;
      case 'off': this.isEnabled = false; return null;
      case 'nopass': this.setPassword(bytes('')); return null;
      case 'resetpass': this.clearPasswords(); return null;
      case 'sanitize-payload': this.sanitizes = true; return null;
      case 'skip-sanitize-payload': this.sanitizes = false; return null;
      case 'clearselectors': this.selectors = [this.root]; return null;
      case 'reset': this.reset(surroundings); return null;
      default: break;
    }
    if (/^[>#]/.test(rule)) return this.addPassword(rule);
    if (/^[<!]/.test(rule)) return this.removePassword(rule);
    if (rule.startsWith('(') && rule.endsWith(')')) return this.addSelector(rule, surroundings);
    return this.root.apply(rule, surroundings);
  }

  private clearPasswords(): void {
    this.needsNoPassword = false;
    this.hashes = [];
  }

  private addPassword(rule: Bytes): string | null {
    const hash = hashIn(rule);
    if (hash === null) return BAD_HASH;
    if (!this.hashes.includes(hash)) this.hashes = [...this.hashes, hash];
    this.needsNoPassword = false;
    return null;
  }

  private removePassword(rule: Bytes): string | null {
    const hash = hashIn(rule);
    if (hash === null) return BAD_HASH;
    if (!this.hashes.includes(hash)) return NO_SUCH_PASSWORD;
    this.hashes = this.hashes.filter((one) => one !== hash);
    return null;
  }

  private addSelector(rule: Bytes, surroundings: AclSurroundings): string | null {
    const selector = new Selector(surroundings);
    const words = splitArguments(bytes(rule.slice(1, -1)));
    if (words === null) return RULE_SYNTAX;
    for (const word of words) {
      const problem = selector.apply(word, surroundings);
      if (problem !== null) return problem;
    }
    this.selectors = [...this.selectors, selector];
    return null;
  }

  private reset(surroundings: AclSurroundings): void {
    this.clearPasswords();
    this.isEnabled = false;
    this.sanitizes = true;
    this.selectors = [new Selector(surroundings)];
  }
}

/** The hash that a rule names, or that of the password that it names; null: it is none. */
const hashIn = (rule: Bytes): Bytes | null => {
  const word = slice(rule, 1);
  if (/^[><]/.test(rule)) return hashOf(word);
  return /^[0-9a-f]{64}$/.test(word) ? word : null;
};

const hashOf = (password: Bytes): Bytes => toHex(sha256(password));

const describeSelector = (selector: Selector, universe: () => CommandUniverse): string => {
  const { keys, channels, commands } = selector.describe(universe);
  // Whoever may use some channels begins with none, whatever new users begin with.
  const shownChannels = selector.allChannels ? channels : `resetchannels${channels === '' ? '' : ` ${channels}`}`;
  return `${keys === '' ? '' : `${keys} `}${shownChannels} ${commands}`;
};
