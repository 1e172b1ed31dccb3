/**
 * Active expiry: deleting keys whose time has come though nobody asks for them. The slow cycle runs in the server's cron,
 * the fast one before it sleeps.
 *
 * Redis bounds both by time (25 % of a cron period, 1 ms); here the bound is a number of keys, so that a run does not
 * depend on the machine. Keys are sampled in list order, from a cursor for each database, as Redis walks its buckets.
 * Source: activeExpireCycle in expire.c of Redis 7.0, for behaviour.
 */
import type { Database, Entry } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { scanDown } from '../core/indexedSet.ts';

const DATABASES_PER_CALL = 16;
const KEYS_PER_LOOP = 20;
/** A database whose sample has more expired keys than this goes on at once. */
const ACCEPTABLE_STALE_PERCENT = 10;
/** What 25 ms and 1 ms buy at about one microsecond a key. */
const SLOW_CYCLE_KEYS_MAX = 25_000;
const FAST_CYCLE_KEYS_MAX = 1_000;
/** Two fast cycles are at least this far apart. */
const FAST_CYCLE_PAUSE_MS = 2;
/** The budget is looked at once in so many loops. */
const LOOPS_PER_CHECK = 16;
/** Weight of the newest sample in the running estimate of stale keys. */
const STALE_WEIGHT = 0.05;

export interface ExpiryCycleResult {
  readonly expired: number;
  readonly sampled: number;
}

export class ActiveExpiry {
  /** Running estimate of keys that are expired but still there, in percent: INFO's `expired_stale_perc`. */
  stalePercent = 0;
  /** How many cycles ran out of budget: INFO's `expired_time_cap_reached_count`. */
  capReachedCount = 0;
  private nextDatabase = 0;
  private wasCapped = false;
  private lastFastMs = 0;
  private readonly cursors: Map<number, number> = new Map();

  /** Runs one cycle at `keyspace.nowMs`. Deletions go through `keyspace.expire`. Not to be called on a replica. */
  cycle(keyspace: Keyspace, kind: 'slow' | 'fast'): ExpiryCycleResult {
    if (kind === 'fast' && !this.fastIsDue(keyspace.nowMs)) return { expired: 0, sampled: 0 };
    const budget = kind === 'fast' ? FAST_CYCLE_KEYS_MAX : SLOW_CYCLE_KEYS_MAX;
    const count = keyspace.databases.length;
    const visits = this.wasCapped ? count : Math.min(DATABASES_PER_CALL, count);
    this.wasCapped = false;
    let sampled = 0;
    let expired = 0;
    for (let visit = 0; visit < visits && !this.wasCapped; visit++) {
      const database = keyspace.database(this.nextDatabase % count);
      this.nextDatabase = (this.nextDatabase + 1) % count;
      for (let loop = 1; database.expiringSize > 0; loop++) {
        const round = this.sample(keyspace, database);
        sampled += round.sampled;
        expired += round.expired;
        if (loop % LOOPS_PER_CHECK === 0 && sampled >= budget) {
          this.wasCapped = true;
          this.capReachedCount++;
          break;
        }
        if (round.expired * 100 <= round.sampled * ACCEPTABLE_STALE_PERCENT) break;
      }
    }
    const stale = sampled === 0 ? 0 : (expired / sampled) * 100;
    this.stalePercent = stale * STALE_WEIGHT + this.stalePercent * (1 - STALE_WEIGHT);
    return { expired, sampled };
  }

  /** The slow cycle left work behind: only then is there anything for a fast one. */
  get hasWorkLeft(): boolean {
    return this.wasCapped || this.stalePercent >= ACCEPTABLE_STALE_PERCENT;
  }

  /** Not twice in a row. */
  private fastIsDue(nowMs: number): boolean {
    if (!this.hasWorkLeft) return false;
    // A clock that was set back must not hold the cycle up.
    if (nowMs >= this.lastFastMs && nowMs < this.lastFastMs + FAST_CYCLE_PAUSE_MS) return false;
    this.lastFastMs = nowMs;
    return true;
  }

  private sample(keyspace: Keyspace, database: Database): ExpiryCycleResult {
    const due: Entry[] = [];
    let sampled = 0;
    const cursor = this.cursors.get(database.id) ?? 0;
    const next = scanDown(database.expiringEntries(), cursor, KEYS_PER_LOOP, (entry) => {
      sampled++;
      if (database.isExpired(entry)) due.push(entry);
    });
    this.cursors.set(database.id, next);
    // After the scan, because a deletion changes the list.
    for (const entry of due) keyspace.expire(database, entry.key);
    return { expired: due.length, sampled };
  }
}
