/**
 * The default user, the only one there is: its passwords, and the rules by which a configuration file gives them. Other
 * users and lesser rights are not built, and a file that asks for them is refused.
 * Source: acl.c of Redis 7.0 (ACLSetUser, ACLDescribeUser, ACLUpdateDefaultUserPassword), for behaviour.
 */
import { type Bytes, EMPTY, bytes, lower, slice, toHex } from '../core/bytes.ts';
import { sha256 } from '../core/sha256.ts';

export const DEFAULT_USER: Bytes = bytes('default');

/** Rights that the default user has and keeps: keys, channels, commands. */
const ALL_RIGHTS: readonly (readonly string[])[] = [
  ['~*', 'allkeys'], ['&*', 'allchannels'], ['+@all', 'allcommands'], ['on'],
];

export class DefaultUser {
  /** Hashes of its passwords in hexadecimal, in the order in which they came; null: it needs none. */
  private hashes: readonly Bytes[] | null = null;
  /** A file gave its rules: from then on they name what Redis sets along with that. */
  private isFromFile = false;

  get needsPassword(): boolean {
    return this.hashes !== null;
  }

  accepts(password: Bytes): boolean {
    return this.hashes === null || this.hashes.includes(hashOf(password));
  }

  /** `requirepass`: that password and no other; an empty one means that none is needed. */
  setPassword(password: Bytes): void {
    this.hashes = password === EMPTY ? null : [hashOf(password)];
  }

  /** A `user default …` line, which begins from nothing. Returns why it cannot be, or null. */
  apply(rules: readonly Bytes[]): string | null {
    let hashes: Bytes[] | null = [];
    const rights = new Set<readonly string[]>();
    for (const rule of rules) {
      const word: string = lower(rule);
      const right = ALL_RIGHTS.find((names) => names.includes(word));
      if (right !== undefined) rights.add(right);
      else if (word === 'nopass') hashes = null;
      else if (word === 'resetpass') hashes = [];
      else if (rule.startsWith('>')) (hashes ??= []).push(hashOf(slice(rule, 1)));
      else if (/^#[0-9a-f]{64}$/.test(rule)) (hashes ??= []).push(slice(rule, 1));
      else if (word !== 'sanitize-payload') return `the rule '${rule}' of a user: not built yet`;
    }
    if (rights.size < ALL_RIGHTS.length) return 'a default user that is off or may not do everything: not built yet';
    this.hashes = hashes;
    this.isFromFile = true;
    return null;
  }

  /** Its rules as a configuration file has them. */
  describe(): Bytes {
    const hashes = (this.hashes ?? []).map((hash) => `#${hash} `).join('');
    const flags = this.isFromFile ? 'sanitize-payload ' : '';
    // The order is that of Redis: a password stands behind the flags, the lack of one before them.
    return bytes(this.hashes === null ? `on nopass ${flags}~* &* +@all` : `on ${flags}${hashes}~* &* +@all`);
  }
}

const hashOf = (password: Bytes): Bytes => toHex(sha256(password));
