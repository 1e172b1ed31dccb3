/**
 * The names of one data directory: as programs see them, and as the disk would show them after a power loss.
 *
 * Changes of names wait in order, as in a journal, until the directory is synced (or the kernel writes back). A power
 * loss keeps a drawn number of the first of them, so a rename that was not synced may be undone, but never one before it.
 * Written bytes keep their order too, across files: what survives is a drawn first part of all writes that were not synced.
 * Syncing a file that is new makes its name durable too, as journalling file systems do; a rename it does not.
 */
import { type Bytes, EMPTY, bytes, compare } from '../../engine/core/bytes.ts';
import { hashText } from '../../engine/core/hash.ts';
import { type FileError, HostFileError } from '../../engine/host.ts';
import type { RandomStream } from '../random/streams.ts';
import { Inode } from './inode.ts';

type NameChange =
  | { readonly kind: 'create'; readonly path: Bytes; readonly inode: Inode }
  | { readonly kind: 'rename'; readonly from: Bytes; readonly to: Bytes }
  | { readonly kind: 'remove'; readonly path: Bytes };

export class DataDirectory {
  readonly name: string;
  /** Part of what the draws of its syncs hang on. */
  readonly hash: number;
  /** Syncs so far: numbers their draws. */
  syncs = 0;
  private files: Map<Bytes, Inode> = new Map();
  private readonly directories: Set<Bytes> = new Set([EMPTY]);
  private readonly durableFiles: Map<Bytes, Inode> = new Map();
  private changes: NameChange[] = [];

  constructor(name: string) {
    this.name = name;
    this.hash = hashText(name);
  }

  find(path: Bytes): Inode | null {
    return this.files.get(plain(path)) ?? null;
  }

  exists(path: Bytes): boolean {
    const name = plain(path);
    return this.files.has(name) || this.directories.has(name);
  }

  /** The file of that name, made if it is not there. */
  open(path: Bytes, isMade: boolean): Inode {
    const name = plain(path);
    if (this.directories.has(name)) throw fileError('isDirectory', path);
    const known = this.files.get(name);
    if (known !== undefined) return known;
    if (!isMade || !this.directories.has(parentOf(name))) throw fileError('notFound', path);
    const inode = new Inode();
    this.files.set(name, inode);
    this.changes.push({ kind: 'create', path: name, inode });
    return inode;
  }

  /** Names in a directory, sorted. */
  list(path: Bytes): readonly Bytes[] {
    const directory = plain(path);
    if (!this.directories.has(directory)) throw fileError('notFound', path);
    const names: Bytes[] = [];
    for (const name of [...this.files.keys(), ...this.directories]) {
      if (name !== EMPTY && parentOf(name) === directory) names.push(bytes(name.slice(name.lastIndexOf('/') + 1)));
    }
    return names.sort(compare);
  }

  makeDirectory(path: Bytes): void {
    const name = plain(path);
    if (this.files.has(name)) throw fileError('exists', path);
    if (!this.directories.has(parentOf(name))) throw fileError('notFound', path);
    this.directories.add(name);
  }

  rename(from: Bytes, to: Bytes): void {
    const source = plain(from);
    const target = plain(to);
    const inode = this.files.get(source);
    if (inode === undefined) throw fileError('notFound', from);
    if (this.directories.has(target)) throw fileError('isDirectory', to);
    if (!this.directories.has(parentOf(target))) throw fileError('notFound', to);
    this.files.delete(source);
    this.files.set(target, inode);
    this.changes.push({ kind: 'rename', from: source, to: target });
  }

  remove(path: Bytes): void {
    const name = plain(path);
    if (this.directories.has(name)) {
      if (this.list(name).length > 0) throw fileError('exists', path);
      this.directories.delete(name);
      return;
    }
    if (!this.files.delete(name)) throw fileError('notFound', path);
    this.changes.push({ kind: 'remove', path: name });
  }

  /** All names are durable as they are. */
  syncNames(): void {
    this.commit(this.changes.length);
  }

  /** The sync of a file takes the making of its name along, and every change before that. */
  syncNameOf(inode: Inode): void {
    for (let index = this.changes.length - 1; index >= 0; index--) {
      const change = this.changes[index] as NameChange;
      if (change.kind === 'create' && change.inode === inode) {
        this.commit(index + 1);
        return;
      }
    }
  }

  /** `liesOfSyncs`: not even a rename takes contents along. */
  losePower(draws: RandomStream, isOutOfOrder: boolean, undoesNames = false, liesOfSyncs = false): void {
    // Drawn in either case, so that the fault leaves the other draws as they were.
    const kept = this.changes.length > 0 ? draws.below(this.changes.length + 1) : 0;
    if (!undoesNames) this.commit(kept, !liesOfSyncs);
    this.changes = [];
    this.files = new Map(this.durableFiles);
    const keptEnds = isOutOfOrder ? null : this.drawCut(draws);
    for (const inode of this.files.values()) inode.losePower(draws, keptEnds === null ? null : keptEnds.get(inode) ?? inode.durable);
  }

  /** The first of all writes that are not durable, whatever file they went to, survive: up to where in each file. */
  private drawCut(draws: RandomStream): ReadonlyMap<Inode, number> {
    const writes = [...new Set(this.files.values())]
      .flatMap((inode) => inode.pending.map((write) => ({ inode, ...write })))
      .sort((left, right) => left.order - right.order);
    const ends = new Map<Inode, number>();
    let total = 0;
    for (const { inode, end } of writes) {
      total += end - (ends.get(inode) ?? inode.durable);
      ends.set(inode, end);
    }
    ends.clear();
    let left = total === 0 ? 0 : draws.below(total + 1);
    for (const { inode, end } of writes) {
      const from = ends.get(inode) ?? inode.durable;
      ends.set(inode, Math.min(end, from + left));
      left -= Math.min(left, end - from);
      if (left === 0) break;
    }
    return ends;
  }

  /** Bytes that its files hold. */
  size(): number {
    let total = 0;
    for (const inode of this.files.values()) total += inode.size;
    return total;
  }

  /**
   * Whoever renames a file over another wants the old one or the new one: file systems of Linux write the contents out before such a
   * rename (auto_da_alloc of ext4).
   */
  private commit(count: number, takesContents = true): void {
    for (const change of this.changes.splice(0, count)) {
      if (change.kind === 'create') this.durableFiles.set(change.path, change.inode);
      else if (change.kind === 'remove') this.durableFiles.delete(change.path);
      else {
        const inode = this.durableFiles.get(change.from);
        this.durableFiles.delete(change.from);
        if (takesContents && this.durableFiles.has(change.to)) inode?.synced(inode.size);
        if (inode !== undefined) this.durableFiles.set(change.to, inode);
      }
    }
  }
}

export const fileError = (code: FileError, path: string): HostFileError => new HostFileError(code, `${path}: ${code}`);

/** Without `./`, doubled and closing slashes: the root is empty. */
const plain = (path: Bytes): Bytes =>
  bytes(path.split('/').filter((part) => part !== '' && part !== '.').join('/'));

const parentOf = (name: Bytes): Bytes => bytes(name.slice(0, Math.max(0, name.lastIndexOf('/'))));
