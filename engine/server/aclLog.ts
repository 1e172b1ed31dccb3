/**
 * ACL LOG: who was refused what, or failed to authenticate, the latest first. What happens again within a minute is one entry with a count.
 * Source: acl.c of Redis 7.0 (addACLLogEntry, ACLLogMatchEntry), for behaviour.
 */
import { type Bytes, bytes } from '../core/bytes.ts';
import { DoubleReply, MapReply, type Reply } from '../protocol/reply.ts';

export interface AclLogEntry {
  readonly reason: 'command' | 'key' | 'channel' | 'auth';
  readonly context: 'toplevel' | 'multi' | 'lua';
  readonly object: Bytes;
  readonly user: Bytes;
  /** As CLIENT LIST shows the client. */
  readonly client: Bytes;
}

interface CountedEntry {
  entry: AclLogEntry;
  count: number;
  atMs: number;
}

const GROUPED_MS_MAX = 60_000;

export class AclLog {
  private entries: CountedEntry[] = [];

  add(entry: AclLogEntry, nowMs: number, entriesMax: number): void {
    const known = this.entries.find((one) => isSame(one.entry, entry) && Math.abs(nowMs - one.atMs) <= GROUPED_MS_MAX);
    if (known === undefined) {
      this.entries.unshift({ entry, count: 1, atMs: nowMs });
      // One goes for one that comes, as there: a smaller limit is reached only in time.
      if (this.entries.length > entriesMax) this.entries.pop();
      return;
    }
    known.entry = entry;
    known.count++;
    known.atMs = nowMs;
    this.entries = [known, ...this.entries.filter((one) => one !== known)];
  }

  clear(): void {
    this.entries = [];
  }

  reply(count: number, nowMs: number): readonly Reply[] {
    return this.entries.slice(0, count).map(({ entry, count: times, atMs }) => new MapReply([
      [bytes('count'), times], [bytes('reason'), bytes(entry.reason)], [bytes('context'), bytes(entry.context)],
      [bytes('object'), entry.object], [bytes('username'), entry.user],
      [bytes('age-seconds'), new DoubleReply((nowMs - atMs) / 1000)], [bytes('client-info'), entry.client],
    ]));
  }
}

const isSame = (left: AclLogEntry, right: AclLogEntry): boolean =>
  left.reason === right.reason && left.context === right.context && left.object === right.object && left.user === right.user;
