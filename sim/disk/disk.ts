/**
 * The disk of one machine: its data directories, the time a sync takes, the kernel's write-back, and its faults.
 *
 * A sync of the disk begins when the one before it is done. A write to a file whose sync is running waits for its end, as
 * the kernel holds pages that are on their way. Faults are plain fields that a plan sets and clears (`sim/fault/diskKinds.ts`);
 * a stuck disk finishes its syncs when it comes unstuck, in their order.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { hashText, mix32 } from '../../engine/core/hash.ts';
import { type Micros, micros } from '../../engine/core/units.ts';
import type { FileError } from '../../engine/host.ts';
import { SYNC_LATENCY_MICROS } from '../random/quantiles.ts';
import { drawHash } from '../random/drawHash.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { Later, type SimEvent } from '../time/simEvent.ts';
import { DataDirectory, fileError } from './dataDirectory.ts';
import type { Inode } from './inode.ts';

/** Dirty pages are written back by the kernel after at least the first and at most the second. */
const WRITE_BACK_MICROS_MIN = 5_000_000;
const WRITE_BACK_MICROS_MAX = 30_000_000;
/** What a sync has to write goes to the disk at 500 MB/s. */
const WRITTEN_BYTES_PER_MICRO = 500;

/** How a sync that holds its process went. */
export type SyncOutcome =
  | { readonly kind: 'done'; readonly error: FileError | null; readonly endsAt: Micros }
  /** `whenUnstuck` will be called. */
  | { readonly kind: 'stuck' };

/** What the disk has ever done to its owner: what a loss may be explained by. */
export interface DiskTrouble {
  /** A sync reported success and had written nothing. */
  lied: boolean;
  /** A sync failed: the kernel gave its pages up, and later syncs do not cover them. */
  failedSync: boolean;
  rotted: boolean;
  /** A power loss left sectors out of order. */
  tore: boolean;
}

export class Disk {
  /** No write finds room. */
  isFull = false;
  /** Writes that would exceed this find no room. */
  capacityBytes: number = Infinity;
  failsReads = false;
  failsWrites = false;
  /** So many coming syncs fail. */
  failingSyncs = 0;
  /** Added to every sync. */
  extraSyncMicros = 0;
  /** Says that it has written, and has not: what syncs cover stays at risk until the write-back. */
  isLying = false;
  /** A power loss leaves single sectors of what was not durable, instead of a prefix. */
  losesOutOfOrder = false;
  /** A power loss takes back every change of names that was not synced; by default a drawn number of the last ones. */
  undoesNames = false;
  readonly trouble: DiskTrouble = { lied: false, failedSync: false, rotted: false, tore: false };
  private isStuck = false;
  private stuckSince = 0;
  private slowest = 0;
  private readonly kernel: Kernel;
  private readonly node: number;
  private readonly name: string;
  private readonly hash: number;
  private readonly directories: Map<string, DataDirectory> = new Map();
  private dirty: Inode[] = [];
  private writeBack: Later | null = null;
  private writeBacks = 0;
  /** Numbers all writes, in their order. */
  private writes = 0;
  private freeAt = 0;
  private stuckSyncs: SimEvent[] = [];
  private stuckWaiters: (() => void)[] = [];
  /** Counts power losses: syncs begun before one never end. */
  boot = 0;

  constructor(kernel: Kernel, node: number, name: string) {
    this.kernel = kernel;
    this.node = node;
    this.name = name;
    this.hash = hashText(name);
  }

  /** The data directory of that name, made empty on first use. */
  directory(name: string): DataDirectory {
    let directory = this.directories.get(name);
    if (directory === undefined) {
      directory = new DataDirectory(name);
      this.directories.set(name, directory);
    }
    return directory;
  }

  /** The data directory of that name goes with all that is in it, durable or not: its next user finds an empty one. */
  erase(name: string): void {
    this.directories.delete(name);
  }

  checkRead(path: string): void {
    if (this.failsReads) throw fileError('io', path);
  }

  /** Throws unless `size` more bytes can be written. */
  checkWrite(path: string, size: number): void {
    if (this.failsWrites) throw fileError('io', path);
    if (this.isFull || this.room(size) < size) throw fileError('full', path);
  }

  /** How many of `size` bytes can still be written. */
  room(size: number): number {
    if (this.isFull || this.failsWrites) return 0;
    return this.capacityBytes === Infinity ? size : Math.max(0, Math.min(size, this.capacityBytes - this.usedBytes()));
  }

  /** From now on there is room for so many bytes more. */
  limitRoom(bytesLeft: number): void {
    this.capacityBytes = this.usedBytes() + bytesLeft;
  }

  /** When a write to `inode` that begins at `from` may go on; `stuck`: `whenUnstuck` will be called. */
  writableFrom(inode: Inode, from: Micros, whenUnstuck: () => void): Micros | 'stuck' {
    if (inode.syncsRunning === 0) return from;
    if (!this.isStuck) return micros(Math.max(from, inode.syncEndsAt));
    this.stuckWaiters.push(whenUnstuck);
    return 'stuck';
  }

  /** The longest that a sync has taken, or is taking. */
  slowestSyncMicros(): number {
    return Math.max(this.slowest, this.isStuck ? this.kernel.now - this.stuckSince : 0);
  }

  /** A fault begins or ends: stands in the trace. `value` is 0 at its end. */
  observe(fault: string, value: number): void {
    this.kernel.observe(KIND.disk, this.node, value, hashText(fault), this.kernel.tracing ? { fault, value } : null);
  }

  /** `inode` got bytes, or names changed: the kernel will write them back in its own time. */
  touch(inode: Inode | null): void {
    inode?.stamp(++this.writes);
    if (inode !== null && !inode.isDirty) {
      inode.isDirty = true;
      this.dirty.push(inode);
    }
    if (this.writeBack !== null) return;
    const draw = mix32(drawHash(this.kernel.seedLanes, this.hash, 0, ++this.writeBacks)) >>> 0;
    const wait = WRITE_BACK_MICROS_MIN + (draw % (WRITE_BACK_MICROS_MAX - WRITE_BACK_MICROS_MIN));
    this.writeBack = new Later(KIND.writeBack, this.node, 0, 0, () => this.finishWriteBack());
    this.kernel.schedule(this.writeBack, micros(this.kernel.now + wait));
  }

  /** Begins a sync of what `inode` holds now, or of names alone, at `from`. `done` is called when it ends, unless power is lost before. */
  sync(directory: DataDirectory, inode: Inode | null, from: Micros, done: (error: FileError | null) => void): void {
    const endsAt = this.takeTurn(directory, inode === null ? 0 : inode.size - inode.durable, from);
    if (inode !== null) {
      inode.syncsRunning++;
      inode.syncEndsAt = endsAt;
    }
    const { boot } = this;
    const target = inode === null ? 0 : inode.size;
    const sync: SimEvent = new Later(KIND.fileSync, this.node, directory.hash, target, () => {
      if (boot !== this.boot) return;
      if (this.isStuck) {
        this.stuckSyncs.push(sync);
        return;
      }
      if (inode !== null) inode.syncsRunning--;
      done(this.settle(directory, inode, target));
    });
    this.kernel.schedule(sync, endsAt);
  }

  /** A sync (of a file, or of names alone) that its process waits for, begun at `from`. */
  syncNow(directory: DataDirectory, inode: Inode | null, from: Micros, whenUnstuck: () => void): SyncOutcome {
    const endsAt = this.takeTurn(directory, inode === null ? 0 : inode.size - inode.durable, from);
    if (this.isStuck) {
      const target = inode === null ? 0 : inode.size;
      this.stuckWaiters.push(() => {
        this.settle(directory, inode, target);
        whenUnstuck();
      });
      return { kind: 'stuck' };
    }
    return { kind: 'done', error: this.settle(directory, inode, inode === null ? 0 : inode.size), endsAt };
  }

  /** From now on (until it is unstuck) no sync ends. */
  setStuck(isStuck: boolean): void {
    if (this.isStuck === isStuck) return;
    this.isStuck = isStuck;
    this.observe('stuck', isStuck ? 1 : 0);
    if (isStuck) {
      this.stuckSince = this.kernel.now;
      return;
    }
    this.slowest = Math.max(this.slowest, this.kernel.now - this.stuckSince);
    const syncs = this.stuckSyncs;
    const waiters = this.stuckWaiters;
    this.stuckSyncs = [];
    this.stuckWaiters = [];
    for (const sync of syncs) this.kernel.schedule(sync, this.kernel.now);
    for (const waiter of waiters) waiter();
  }

  /** The machine lost its power. */
  losePower(): void {
    this.boot++;
    const draws = this.kernel.streams.named(`disk/${this.name}`);
    if (this.losesOutOfOrder) this.trouble.tore = true;
    for (const directory of this.directories.values()) directory.losePower(draws, this.losesOutOfOrder, this.undoesNames, this.isLying);
    this.dirty = [];
    this.stuckSyncs = [];
    this.stuckWaiters = [];
    this.freeAt = 0;
    if (this.writeBack !== null) this.kernel.cancel(this.writeBack);
    this.writeBack = null;
  }

  /** Flips a drawn bit of a file. False: there is no such file, or it is empty. */
  rot(directoryName: string, path: Bytes): boolean {
    const inode = this.directory(directoryName).find(path);
    if (inode === null || inode.size === 0) return false;
    const draws = this.kernel.streams.named(`rot/${this.name}`);
    const position = draws.below(inode.size);
    inode.rot(position, draws.below(8));
    this.trouble.rotted = true;
    this.kernel.observe(KIND.disk, this.node, position, hashText('rot'), this.kernel.tracing
      ? { fault: 'rot', file: path, position } : null);
    return true;
  }

  private finishWriteBack(): void {
    this.writeBack = null;
    if (this.isStuck || this.failsWrites) {
      this.touch(null);
      return;
    }
    for (const inode of this.dirty) {
      inode.synced(inode.size);
      inode.isDirty = false;
    }
    this.dirty = [];
    for (const directory of this.directories.values()) directory.syncNames();
  }

  private usedBytes(): number {
    let total = 0;
    for (const directory of this.directories.values()) total += directory.size();
    return total;
  }

  /** What a sync that ends now has done. */
  private settle(directory: DataDirectory, inode: Inode | null, target: number): FileError | null {
    if (this.failingSyncs > 0) {
      this.failingSyncs--;
      this.trouble.failedSync = true;
      this.observe('syncFailed', this.failingSyncs + 1);
      inode?.syncFailed(target);
      return 'io';
    }
    if (this.isLying) {
      this.trouble.lied = true;
      return null;
    }
    if (inode === null) directory.syncNames();
    else {
      inode.synced(target);
      directory.syncNameOf(inode);
    }
    return null;
  }

  /** When a sync that is begun at `from` ends. */
  private takeTurn(directory: DataDirectory, size: number, from: Micros): Micros {
    const draw = drawHash(this.kernel.seedLanes, this.hash, directory.hash, ++directory.syncs);
    const length = SYNC_LATENCY_MICROS.at(draw) + this.extraSyncMicros + Math.floor(size / WRITTEN_BYTES_PER_MICRO);
    this.freeAt = Math.max(this.freeAt, from) + length;
    this.slowest = Math.max(this.slowest, this.freeAt - from);
    return micros(this.freeAt);
  }
}
