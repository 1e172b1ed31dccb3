/** Written, synced and named: what a power loss keeps, and what each fault does. */
import { describe, expect, it } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { ms } from '../../../../engine/core/units.ts';
import { type File, type FileError, type Host, HostFileError } from '../../../../engine/host.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { makeWorld, type World, must } from '../echo.ts';

const A = bytes('a.aof');
const B = bytes('b.aof');

/** A process whose host the test uses directly, between events. */
const open = (seed = 1): { world: World; process: SimProcess; host: Host } => {
  const world = makeWorld(seed);
  let host: Host | null = null;
  const process = world.process('p', (given) => { host = given; });
  process.start();
  world.run(0.001);
  return { world, process, host: host as unknown as Host };
};

const restart = (process: SimProcess): void => {
  process.machine.power();
  process.machine.boot();
};

const contents = (process: SimProcess, path: Bytes): string | null => {
  const inode = process.directory.find(path);
  return inode === null ? null : inode.read(0, inode.size);
};

const failure = (run: () => void): FileError | null => {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof HostFileError) return error.code;
    throw error;
  }
};

const make = (host: Host, path: Bytes, text: string): File => {
  const file = host.files.open(path, 'append');
  file.append(bytes(text));
  return file;
};

describe('files', () => {
  it('are listed, read, truncated, renamed and removed', () => {
    const { host } = open();
    host.files.makeDirectory(bytes('dir'));
    const file = make(host, bytes('dir/x'), 'hello world');
    expect(file.read(6, 100)).toBe('world');
    file.truncate(5);
    expect(file.size()).toBe(5);
    expect(host.files.list(bytes('.'))).toEqual(['dir']);
    expect(host.files.list(bytes('dir/'))).toEqual(['x']);
    host.files.rename(bytes('dir/x'), bytes('y'));
    expect(host.files.exists(bytes('dir/x'))).toBe(false);
    expect(host.files.open(bytes('y'), 'read').read(0, 9)).toBe('hello');
    host.files.remove(bytes('y'));
    expect(failure(() => host.files.open(bytes('y'), 'read'))).toBe('notFound');
    expect(failure(() => host.files.open(bytes('no/y'), 'create'))).toBe('notFound');
    expect(failure(() => host.files.open(bytes('dir'), 'append'))).toBe('isDirectory');
  });

  it('survive a kill as they were written', () => {
    const { process, host } = open();
    make(host, A, 'written');
    process.kill();
    expect(contents(process, A)).toBe('written');
  });
});

describe('a power loss', () => {
  it('keeps what was synced and a prefix of the rest, cut at a sector', () => {
    const lengths = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      const { process, host } = open(seed);
      const file = make(host, A, 's'.repeat(700));
      file.syncNow();
      file.append(bytes('u'.repeat(5000)));
      restart(process);
      const text = must(contents(process, A));
      expect(text.startsWith('s'.repeat(700))).toBe(true);
      expect(text.slice(700)).toMatch(/^u*$/);
      expect(text.length === 700 || text.length === 5700 || text.length % 512 === 0).toBe(true);
      lengths.add(text.length);
    }
    expect(lengths.size).toBeGreaterThan(4);
  });

  it('may leave single sectors, as a fault', () => {
    const { process, host } = open(3);
    process.machine.disk.losesOutOfOrder = true;
    make(host, A, '').syncNow();
    make(host, A, 'u'.repeat(20_000));
    restart(process);
    expect(contents(process, A)).toMatch(/\0u/);
  });

  it('may undo a rename whose directory was not synced, and none that was', () => {
    let undone = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { process, host } = open(seed);
      make(host, A, 'old').syncNow();
      make(host, B, 'new').syncNow();
      host.files.rename(B, A);
      restart(process);
      if (contents(process, A) === 'old') undone++;
      else expect(contents(process, A)).toBe('new');
    }
    expect(undone).toBeGreaterThan(0);
    expect(undone).toBeLessThan(20);
    const { process, host } = open();
    make(host, B, 'new').syncNow();
    host.files.rename(B, A);
    host.files.syncDirectory(bytes('.'));
    restart(process);
    expect([contents(process, A), contents(process, B)]).toEqual(['new', null]);
  });

  it('leaves the old file or the new one, whole, where an unsynced file was renamed over it', () => {
    const found = new Set<string | null>();
    for (let seed = 1; seed <= 20; seed++) {
      const { process, host } = open(seed);
      make(host, A, 'old').syncNow();
      make(host, B, 'n'.repeat(5000));
      host.files.rename(B, A);
      restart(process);
      found.add(contents(process, A));
    }
    expect([...found].sort()).toEqual(['n'.repeat(5000), 'old']);
  });

  it('takes nothing that the kernel wrote back, within 30 s', () => {
    const { world, process, host } = open();
    make(host, A, 'u'.repeat(5000));
    world.run(30);
    restart(process);
    expect(contents(process, A)).toHaveLength(5000);
  });

  it('ends a sync that was under way without a word', () => {
    const { world, process, host } = open();
    const results: (FileError | null)[] = [];
    make(host, A, 'x').sync((error) => results.push(error));
    process.machine.power();
    world.run(5);
    expect(results).toEqual([]);
  });
});

describe('syncs', () => {
  it('run beside the process and cover what was written before', () => {
    const { world, process, host } = open();
    const results: (FileError | null)[] = [];
    const file = make(host, A, 's'.repeat(600));
    file.sync((error) => results.push(error));
    file.append(bytes('u'.repeat(600)));
    expect(results).toEqual([]);
    world.run(0.1);
    expect(results).toEqual([null]);
    expect(must(process.directory.find(A)).durable).toBe(600);
  });

  it('take longer when slow, and hold the process when it waits', () => {
    const { world, process, host } = open();
    process.machine.disk.extraSyncMicros = 300_000;
    const file = make(host, A, 'x');
    const times: number[] = [];
    host.setTimer(ms(1), () => {
      const start = host.monotonicMicros();
      file.syncNow();
      times.push(host.monotonicMicros() - start);
    });
    host.setTimer(ms(2), () => times.push(host.monotonicMicros()));
    world.run(1);
    expect(times[0]).toBeGreaterThan(300_000);
    expect(times[1]).toBeGreaterThan(300_000);
  });

  it('end only when a stuck disk comes unstuck; a process that waits is held', () => {
    const { world, process, host } = open();
    const { disk } = process.machine;
    const seen: string[] = [];
    const file = make(host, A, 'x');
    disk.setStuck(true);
    file.sync(() => seen.push('sync'));
    world.run(10);
    expect(seen).toEqual([]);
    host.setTimer(ms(0), () => { file.syncNow(); });
    host.setTimer(ms(1), () => seen.push('timer'));
    world.run(10);
    expect(seen).toEqual([]);
    disk.setStuck(false);
    world.run(0.1);
    expect(seen.sort()).toEqual(['sync', 'timer']);
    expect(must(disk.directory('p').find(A)).durable).toBe(1);
  });

  it('that fail report once, and leave pages clean but not durable', () => {
    const { world, process, host } = open();
    process.machine.disk.failingSyncs = 1;
    const file = make(host, A, 'lost');
    expect(failure(() => file.syncNow())).toBe('io');
    file.append(bytes('kept'));
    expect(failure(() => file.syncNow())).toBeNull();
    expect(file.read(0, 8)).toBe('lostkept');
    host.files.syncDirectory(bytes('.'));
    restart(process);
    world.run(0);
    expect(contents(process, A)).toBe('\0\0\0\0kept');
  });

  it('that lie say yes, and leave the bytes at risk', () => {
    const { process, host } = open();
    process.machine.disk.isLying = true;
    make(host, A, 'x').syncNow();
    expect(must(process.directory.find(A)).durable).toBe(0);
  });
});

describe('other faults', () => {
  it('full, failing and small disks refuse writes; reads fail by themselves', () => {
    const { process, host } = open();
    const { disk } = process.machine;
    const file = make(host, A, '12345');
    disk.isFull = true;
    expect(failure(() => file.append(bytes('6')))).toBe('full');
    disk.isFull = false;
    disk.capacityBytes = 6;
    file.append(bytes('6'));
    expect(failure(() => file.append(bytes('7')))).toBe('full');
    disk.failsWrites = true;
    expect(failure(() => file.append(bytes('')))).toBe('io');
    disk.failsReads = true;
    expect(failure(() => file.read(0, 1))).toBe('io');
    expect(file.size()).toBe(6);
  });

  it('bit rot flips one bit', () => {
    const { process, host } = open();
    make(host, A, 'x'.repeat(100));
    expect(process.machine.disk.rot('p', A)).toBe(true);
    expect([...must(contents(process, A))].filter((character) => character !== 'x')).toHaveLength(1);
    expect(process.machine.disk.rot('p', B)).toBe(false);
  });
});
