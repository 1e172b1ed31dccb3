/**
 * One direction between two machines: how long it takes, what it loses, whether it is cut. Made on first use.
 *
 * Faults overlap: every partition that cuts the link counts once, and healing one takes back only its own. Delays and losses
 * of several changes add up, the lowest bandwidth and the last latency table hold.
 */
import { hashText, mix32 } from '../../engine/core/hash.ts';
import type { QuantileTable } from '../random/quantiles.ts';
import { otherDraw, perMillionOf } from '../random/drawHash.ts';
import { BANDWIDTH_BYTES_PER_MS } from './limits.ts';
import type { NetStack } from './netStack.ts';

/** What a fault does to a link. */
export interface LinkChange {
  /** Added to every latency. */
  readonly clogMicros?: number;
  readonly lossPerMillion?: number;
  readonly bandwidthBytesPerMs?: number;
  readonly latency?: QuantileTable;
}

export class Link {
  readonly from: NetStack;
  readonly to: NetStack;
  /** Made of the machines' names, so that draws do not depend on what else exists. */
  readonly hash: number;
  /** Latency of a segment, in microseconds. */
  latency: QuantileTable;
  /** How many partitions cut this direction now. */
  cuts = 0;
  /** Added to every latency. */
  clogMicros = 0;
  lossPerMillion = 0;
  bandwidthBytesPerMs: number = BANDWIDTH_BYTES_PER_MS;
  private readonly latencyOwn: QuantileTable;
  private readonly changes: LinkChange[] = [];

  constructor(from: NetStack, to: NetStack, latency: QuantileTable) {
    this.from = from;
    this.to = to;
    this.latency = latency;
    this.latencyOwn = latency;
    this.hash = mix32(hashText(from.name) ^ Math.imul(hashText(to.name), 0x9e3779b1));
  }

  /** Puts a fault's change on the link, by identity. */
  addChange(change: LinkChange): void {
    this.changes.push(change);
    this.recompute();
  }

  removeChange(change: LinkChange): void {
    const place = this.changes.indexOf(change);
    if (place >= 0) this.changes.splice(place, 1);
    this.recompute();
  }

  private recompute(): void {
    this.latency = this.latencyOwn;
    this.clogMicros = 0;
    this.lossPerMillion = 0;
    this.bandwidthBytesPerMs = BANDWIDTH_BYTES_PER_MS;
    for (const change of this.changes) {
      this.clogMicros += change.clogMicros ?? 0;
      this.lossPerMillion = Math.min(1_000_000, this.lossPerMillion + (change.lossPerMillion ?? 0));
      this.bandwidthBytesPerMs = Math.min(this.bandwidthBytesPerMs, change.bandwidthBytesPerMs ?? BANDWIDTH_BYTES_PER_MS);
      this.latency = change.latency ?? this.latency;
    }
  }

  /** One way for a segment with this draw. */
  latencyMicros(draw: number): number {
    return this.latency.at(draw) + this.clogMicros;
  }

  /** Whether a segment with this draw is dropped at its departure. */
  drops(draw: number): boolean {
    if (this.cuts > 0) return true;
    return this.lossPerMillion > 0 && perMillionOf(otherDraw(draw)) < this.lossPerMillion;
  }

  /** Time on the line for so many bytes. */
  lineMicros(bytes: number): number {
    return Math.floor((bytes * 1000) / this.bandwidthBytesPerMs);
  }
}
