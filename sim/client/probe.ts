/**
 * The availability probe of a zone: every 100 ms one write and one read in one request, given up after a second. A probe
 * that finds no connection tries for one until its second is over.
 *
 * An outage runs from the invocation of the first failed probe to the completion of the next that succeeds.
 */
import { type Bytes, ErrorReply, type Host, type Reply, bytes, ms } from '../../engine/index.ts';
import type { ProbeSpec } from '../scenario.ts';
import { locatedClient } from './locate.ts';
import type { ServerClient } from './serverClient.ts';

const PERIOD_MS = 100;
const TIMEOUT_MS = 1000;
const MICROS_PER_MS = 1000;

/** Outage of one kind of access, added up as probes succeed and fail. Times in virtual microseconds. */
export class Outage {
  /** All closed outages together. */
  closedMicros = 0;
  count = 0;
  successes = 0;
  failures = 0;
  /** The closed ones: when each began and ended. */
  readonly spans: [from: number, to: number][] = [];
  /** Invocation of the first failed probe of the outage that is open. */
  private since: number | null = null;
  /** Invocation of the last success: a failure that was invoked before it opens no outage. */
  private lastSuccess = -1;

  succeeded(invokedAt: number, completedAt: number): void {
    this.successes++;
    this.lastSuccess = Math.max(this.lastSuccess, invokedAt);
    if (this.since === null || invokedAt < this.since) return;
    this.closedMicros += completedAt - this.since;
    this.spans.push([this.since, completedAt]);
    this.since = null;
  }

  failed(invokedAt: number): void {
    this.failures++;
    if (invokedAt < this.lastSuccess) return;
    if (this.since === null) {
      this.since = invokedAt;
      this.count++;
    } else this.since = Math.min(this.since, invokedAt);
  }

  /** Everything up to `now`, an open outage included. */
  totalMicros(now: number): number {
    return this.closedMicros + (this.since === null ? 0 : now - this.since);
  }

  get isOpen(): boolean {
    return this.since !== null;
  }

  /** Whether access failed at that moment. */
  covers(micros: number): boolean {
    return (this.since !== null && this.since <= micros) || this.spans.some(([from, to]) => from <= micros && micros < to);
  }

  /** How much of the time from one moment to another access failed. */
  within(fromMicros: number, toMicros: number): number {
    const overlap = (from: number, to: number): number => Math.max(0, Math.min(to, toMicros) - Math.max(from, fromMicros));
    return this.spans.reduce((sum, [from, to]) => sum + overlap(from, to), this.since === null ? 0 : overlap(this.since, toMicros));
  }
}

export interface ProbeRecord {
  readonly spec: ProbeSpec;
  readonly write: Outage;
  readonly read: Outage;
}

export const newProbeRecord = (spec: ProbeSpec): ProbeRecord => ({ spec, write: new Outage(), read: new Outage() });

/** A program for the Host. Probes until `stopAtMicros`. */
export const probeClient = (
  record: ProbeRecord, now: () => number, stopAtMicros: number,
) => (host: Host): void => {
  new Probe(record, now, stopAtMicros, host).start();
};

/** One write and read on their way. */
interface Pending {
  readonly invokedAt: number;
  written: boolean;
  read: boolean;
  isOver: boolean;
}

class Probe {
  private readonly record: ProbeRecord;
  private readonly now: () => number;
  private readonly stopAtMicros: number;
  private readonly host: Host;
  private readonly client: ServerClient;
  private readonly key: Bytes;
  private readonly pending: Pending[] = [];
  private ordinal = 0;

  constructor(record: ProbeRecord, now: () => number, stopAtMicros: number, host: Host) {
    this.record = record;
    this.now = now;
    this.stopAtMicros = stopAtMicros;
    this.host = host;
    this.key = bytes(record.spec.key ?? `probe:${record.spec.name}`);
    this.client = locatedClient(host, record.spec, TIMEOUT_MS, { opened: () => this.sendLatest() });
  }

  start(): void {
    this.client.open();
    this.tick();
  }

  private tick(): void {
    this.giveUpOld();
    if (this.now() >= this.stopAtMicros) {
      if (this.pending.length === 0) this.client.end('probing over');
      else this.host.setTimer(ms(PERIOD_MS), () => this.tick());
      return;
    }
    this.host.setTimer(ms(PERIOD_MS), () => this.tick());
    this.pending.push({ invokedAt: this.now(), written: false, read: false, isOver: false });
    if (this.client.isOpen) this.sendLatest();
    else this.client.open();
  }

  /** Sends the newest probe; older ones that found no connection run into their timeout. */
  private sendLatest(): void {
    const probe = this.pending[this.pending.length - 1];
    if (probe === undefined || probe.isOver) return;
    const { key } = this;
    this.client.send([bytes('SET'), key, bytes(String(this.ordinal++))], (reply) => {
      if (!isRefusal(reply)) probe.written = true;
      if (probe.isOver) return;
      if (probe.written) this.record.write.succeeded(probe.invokedAt, this.now());
      else if (reply !== NOT_HEARD) this.record.write.failed(probe.invokedAt);
    });
    this.client.send([bytes('GET'), key], (reply) => {
      if (probe.isOver || reply === NOT_HEARD) return;
      probe.read = !isRefusal(reply);
      if (probe.read) this.record.read.succeeded(probe.invokedAt, this.now());
      else this.record.read.failed(probe.invokedAt);
      this.over(probe);
      // It answers, but takes no writes: the name may mean another server by now.
      if (!probe.written) this.client.close('writes refused', this.key);
    });
  }

  /** Counts what has had its second, and leaves the connection that it waited on. */
  private giveUpOld(): void {
    const oldest = this.now() - TIMEOUT_MS * MICROS_PER_MS;
    let gaveUp = false;
    while (this.pending[0] !== undefined && this.pending[0].invokedAt <= oldest) {
      const probe = this.pending[0];
      if (!probe.written) this.record.write.failed(probe.invokedAt);
      if (!probe.read) this.record.read.failed(probe.invokedAt);
      this.over(probe);
      gaveUp = true;
    }
    if (gaveUp && this.client.isOpen) this.client.close('no answer in time', this.key);
  }

  private over(probe: Pending): void {
    probe.isOver = true;
    const place = this.pending.indexOf(probe);
    if (place >= 0) this.pending.splice(place, 1);
  }
}

/** The connection went before the answer: the probe waits for its timeout, or for another connection. */
const NOT_HEARD = undefined;

const isRefusal = (reply: Reply | undefined): boolean => reply === NOT_HEARD || reply instanceof ErrorReply;
