/**
 * A consumer group of a stream: how far it has read, its consumers, and what they were given and have not acknowledged.
 *
 * What always holds: an entry that is pending stands in the group's list and in that of the one consumer who owns it.
 * The digest leaves out what a replica cannot know: when and how often an entry was given, consumers who own nothing, and
 * the counter of entries read. Source: t_stream.c of Redis 7.0 (streamCG, streamConsumer, streamNACK), for behaviour.
 */
import { type Bytes, compare, detach } from '../core/bytes.ts';
import { mix32 } from '../core/hash.ts';
import { IdMap } from './idMap.ts';
import { RunningDigest, laneHi, laneLo } from './runningDigest.ts';
import { type StreamId, type Wide, rawId } from './streamId.ts';

/** The counter of entries read, where it is not known. */
export const ENTRIES_READ_UNKNOWN = -1;

export interface StreamConsumer {
  readonly name: Bytes;
  /** Wall-clock ms when it last asked for something. */
  seenMs: number;
  readonly pending: IdMap<PendingEntry>;
}

export interface PendingEntry {
  readonly id: StreamId;
  consumer: StreamConsumer;
  /** Wall-clock ms. */
  deliveredMs: number;
  deliveries: Wide;
}

/** When an entry was given to its consumer, and how often. */
export type Delivery = Pick<PendingEntry, 'deliveredMs' | 'deliveries'>;

/** By name, in the order of bytes, as Redis keeps them. */
export const inNameOrder = <Named extends { readonly name: Bytes }>(named: ReadonlyMap<Bytes, Named>): Named[] =>
  [...named.values()].sort((left, right) => compare(left.name, right.name));

export class StreamGroup extends RunningDigest {
  readonly name: Bytes;
  /** The last entry that was given to anybody. */
  lastId: StreamId;
  entriesRead: Wide;
  readonly consumers: Map<Bytes, StreamConsumer> = new Map();
  private owned: IdMap<PendingEntry> = new IdMap();

  constructor(name: Bytes, lastId: StreamId, entriesRead: Wide) {
    super();
    this.name = detach(name);
    this.lastId = lastId;
    this.entriesRead = entriesRead;
  }

  get pending(): Readonly<IdMap<PendingEntry>> {
    return this.owned;
  }

  addConsumer(name: Bytes, seenMs: number): StreamConsumer {
    const consumer: StreamConsumer = { name: detach(name), seenMs, pending: new IdMap() };
    this.consumers.set(consumer.name, consumer);
    return consumer;
  }

  /** The consumer goes, and with it all that it owns. */
  removeConsumer(consumer: StreamConsumer): void {
    for (const entry of consumer.pending.values()) this.release(entry);
    this.consumers.delete(consumer.name);
  }

  /** Gives an entry to a consumer, whoever had it before. */
  assign(id: StreamId, consumer: StreamConsumer, { deliveredMs, deliveries }: Delivery): PendingEntry {
    const known = this.owned.get(id);
    if (known === undefined) {
      const entry: PendingEntry = { id, consumer, deliveredMs, deliveries };
      this.owned.set(entry);
      consumer.pending.set(entry);
      this.weigh(entry, 1);
      return entry;
    }
    if (known.consumer !== consumer) {
      this.weigh(known, -1);
      known.consumer.pending.delete(id);
      known.consumer = consumer;
      consumer.pending.set(known);
      this.weigh(known, 1);
    }
    known.deliveredMs = deliveredMs;
    known.deliveries = deliveries;
    return known;
  }

  /** Nobody owns the entry any more. */
  release(entry: PendingEntry): void {
    this.weigh(entry, -1);
    this.owned.delete(entry.id);
    entry.consumer.pending.delete(entry.id);
  }

  copy(): StreamGroup {
    const copy = new StreamGroup(this.name, this.lastId, this.entriesRead);
    const twins = new Map<PendingEntry, PendingEntry>();
    for (const { name, seenMs, pending } of this.consumers.values()) {
      const twin: { -readonly [Key in keyof StreamConsumer]: StreamConsumer[Key] } = { name, seenMs, pending };
      twin.pending = pending.map((entry) => {
        const other = { ...entry, consumer: twin };
        twins.set(entry, other);
        return other;
      });
      copy.consumers.set(name, twin);
    }
    copy.owned = this.owned.map((entry) => twins.get(entry) as PendingEntry);
    copy.lo = this.lo;
    copy.hi = this.hi;
    copy.isKept = this.isKept;
    return copy;
  }

  protected override compute(): void {
    for (const entry of this.owned.values()) this.add(entry, 1);
  }

  private weigh(entry: PendingEntry, sign: 1 | -1): void {
    if (this.isKept) this.add(entry, sign);
  }

  private add({ id, consumer }: PendingEntry, sign: 1 | -1): void {
    const raw = rawId(id);
    this.lo = (this.lo + sign * mix32(Math.imul(laneLo(raw), 31) + laneLo(consumer.name))) | 0;
    this.hi = (this.hi + sign * mix32(Math.imul(laneHi(raw), 37) + laneHi(consumer.name))) | 0;
  }
}
