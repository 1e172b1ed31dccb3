/**
 * The disk of one machine: its data directories, the time a sync takes, the kernel's write-back, and its faults.
 *
 * A sync of the disk begins when the one before it is done. Faults are plain fields that a plan sets and clears; a stuck
 * disk finishes its syncs when it comes unstuck, in their order.
 */
import type { Bytes } from '../../engine/core/bytes.ts';
import { hashText, mix32 } from '../../engine/core/hash.ts';
import { type Micros, micros } from '../../engine/core/units.ts';
import type { FileError } from '../../engine/host.ts';
import { SYNC_LATENCY_MICROS } from '../random/quantiles.ts';
import { drawHash } from '../random/drawHash.ts';
import type { Kernel } from '../time/kernel.ts';
import { KIND } from '../time/kinds.ts';
import { SimEvent } from '../time/simEvent.ts';
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
  private isStuck = false;
  private readonly kernel: Kernel;
  private readonly node: number;
  private readonly name: string;
  private readonly hash: number;
  private readonly directories: Map<string, DataDirectory> = new Map();
  private dirty: Inode[] = [];
  private writeBack: WriteBack | null = null;
  private writeBacks = 0;
  private freeAt = 0;
  private stuckSyncs: FileSync[] = [];
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

  /** Forgets a directory and its files: its pod or container is gone. */
  wipe(name: string): void {
    this.directories.delete(name);
  }

  checkRead(path: string): void {
    if (this.failsReads) throw fileError('io', path);
  }

  /** Throws unless `size` more bytes can be written. */
  checkWrite(path: string, size: number): void {
    if (this.failsWrites) throw fileError('io', path);
    if (this.isFull || (this.capacityBytes !== Infinity && this.usedBytes() + size > this.capacityBytes)) {
      throw fileError('full', path);
    }
  }

  /** `inode` got bytes, or names changed: the kernel will write them back in its own time. */
  touch(inode: Inode | null): void {
    if (inode !== null && !inode.isDirty) {
      inode.isDirty = true;
      this.dirty.push(inode);
    }
    if (this.writeBack !== null) return;
    const draw = mix32(drawHash(this.kernel.seedLanes, this.hash, 0, ++this.writeBacks)) >>> 0;
    const wait = WRITE_BACK_MICROS_MIN + (draw % (WRITE_BACK_MICROS_MAX - WRITE_BACK_MICROS_MIN));
    this.writeBack = new WriteBack(this, this.node);
    this.kernel.schedule(this.writeBack, micros(this.kernel.now + wait));
  }

  /** Begins a sync of what `inode` holds now, at `from`. `done` is called when it ends, unless power is lost before. */
  sync(directory: DataDirectory, inode: Inode, from: Micros, done: (error: FileError | null) => void): void {
    const endsAt = this.takeTurn(directory, inode.size - inode.durable, from);
    this.kernel.schedule(new FileSync(this, this.node, directory, inode, done), endsAt);
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
    this.kernel.observe(KIND.disk, this.node, isStuck ? 1 : 0, 0, this.kernel.tracing ? { stuck: isStuck } : null);
    if (isStuck) return;
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
    for (const directory of this.directories.values()) directory.losePower(draws, this.losesOutOfOrder);
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
    this.kernel.observe(KIND.disk, this.node, position, 2, this.kernel.tracing ? { rot: path, position } : null);
    return true;
  }

  /** The end of a sync that ran beside its process. */
  finishSync(sync: FileSync): void {
    if (sync.boot !== this.boot) return;
    if (this.isStuck) this.stuckSyncs.push(sync);
    else sync.done(this.settle(sync.directory, sync.inode, sync.target));
  }

  finishWriteBack(): void {
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
      inode?.syncFailed(target);
      return 'io';
    }
    if (this.isLying) return null;
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
    return micros(this.freeAt);
  }
}

class FileSync extends SimEvent {
  readonly boot: number;
  readonly directory: DataDirectory;
  readonly inode: Inode;
  /** It covers what was written before it began. */
  readonly target: number;
  readonly done: (error: FileError | null) => void;
  private readonly disk: Disk;

  constructor(
    disk: Disk, node: number, directory: DataDirectory, inode: Inode, done: (error: FileError | null) => void,
  ) {
    super(KIND.fileSync, node, directory.hash, inode.size);
    this.disk = disk;
    this.boot = disk.boot;
    this.directory = directory;
    this.inode = inode;
    this.target = inode.size;
    this.done = done;
  }

  override fire(): void {
    this.disk.finishSync(this);
  }
}

class WriteBack extends SimEvent {
  private readonly disk: Disk;

  constructor(disk: Disk, node: number) {
    super(KIND.writeBack, node, 0, 0);
    this.disk = disk;
  }

  override fire(): void {
    this.disk.finishWriteBack();
  }
}
