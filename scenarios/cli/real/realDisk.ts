/**
 * The disk of a machine whose power, or whose disk, a plan may strike: a file system of its own in a file. What that file holds at the instant of the
 * power loss is what had reached the disk (synced, or written back by the kernel), so that is what the machine finds at its next
 * boot, after the file system has replayed its journal. A real file system tells what a power loss leaves; nothing is guessed.
 *
 * Machines of other plans have a plain directory, and so have those of a run without root: there a power loss leaves what was written.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './shell.ts';

const IMAGE_MEGABYTES = 192;
const BLOCK_BYTES = 4096;

export class RealDisk {
  /** Where processes of the machine have their data directories. */
  readonly directory: string;
  private readonly image: string;
  private readonly isOwn: boolean;
  private losses = 0;

  /** `isOwn`: a file system of its own. */
  constructor(parent: string, machine: string, isOwn: boolean) {
    this.directory = join(parent, `${machine}.disk`);
    this.image = join(parent, `${machine}.image`);
    this.isOwn = isOwn;
  }

  async open(): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    if (!this.isOwn) return;
    await run('truncate', ['-s', `${IMAGE_MEGABYTES}M`, this.image]);
    await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', 'lazy_itable_init=1,lazy_journal_init=1', this.image]);
    await this.mount();
  }

  /** Call when all processes are dead. Until `powerOn` nothing is mounted. */
  async losePower(): Promise<void> {
    if (!this.isOwn) return;
    const before = this.image;
    const left = `${before}.${++this.losses}`;
    // What is written to the file system by its being let go comes too late: it goes into the file that is thrown away.
    await run('cp', ['--sparse=always', before, left]);
    await run('umount', ['-l', this.directory]);
    rmSync(before, { force: true });
    await run('mv', [left, before]);
  }

  async powerOn(): Promise<void> {
    if (this.isOwn) await this.mount();
  }

  /** Leaves room for so many bytes, or little more: a file system keeps some blocks to itself, so the last are felt for. */
  async fill(roomBytes: number): Promise<void> {
    const free = Number((await run('df', ['--output=avail', '-B1', this.directory])).trim().split('\n').at(-1));
    let size = 0;
    for (let step = free - roomBytes; step >= BLOCK_BYTES; step = Math.floor(step / 2)) {
      const isTaken = await run('fallocate', ['-l', String(size + step), this.filler]).then(() => true, () => false);
      if (isTaken) size += step;
    }
  }

  async empty(): Promise<void> {
    await run('rm', ['-f', this.filler]);
  }

  private get filler(): string {
    return join(this.directory, 'filler');
  }

  private async mount(): Promise<void> {
    await run('mount', ['-o', 'loop,noatime', this.image, this.directory]);
  }
}
