/**
 * Faults of disks as kinds of a plan. Each lasts until its time is over or settling begins, except bit rot, which nobody
 * mends. The disk itself tells of them in the trace.
 */
import { ScenarioError, bytes } from '../../engine/index.ts';
import type { Disk } from '../disk/disk.ts';
import type { PlanEntry } from '../scenario.ts';
import { type KindRow, MICROS_PER_MS, type Strike, positiveOf, textOf } from './strikes.ts';
import { resolveMachine, resolveProcess } from './target.ts';

/** A fault of the target's disk. `change` makes it and returns what ends it. */
const diskFault = (
  name: string, outcome: string, change: (disk: Disk, entry: PlanEntry) => () => void, parameters: readonly string[] = [],
): KindRow => ({
  name, isFault: true, needsTarget: true, parameters,
  strike: (parts, entry): Strike | null => {
    const machine = resolveMachine(parts, entry.target as string);
    if (machine === null) return null;
    const { disk } = machine;
    const end = change(disk, entry);
    disk.observe(name, 1);
    return { resolved: machine.name, outcome, reach: { machines: [machine] }, undo: () => {
      end();
      disk.observe(name, 0);
    } };
  },
});

/** Reads, writes or syncs fail. Of syncs `with.times` fail, 1 by default, and no more. */
const ioError = (disk: Disk, entry: PlanEntry): (() => void) => {
  const on = textOf(entry, 'on');
  if (on === 'read') disk.failsReads = true;
  else if (on === 'write') disk.failsWrites = true;
  else if (on === 'sync') disk.failingSyncs += positiveOf(entry, 'times', 1);
  else throw new ScenarioError("plan: 'ioError' needs with.on as read, write or sync");
  return () => {
    if (on === 'read') disk.failsReads = false;
    else if (on === 'write') disk.failsWrites = false;
    else disk.failingSyncs = 0;
  };
};

const bitRot: KindRow['strike'] = (parts, entry) => {
  const process = resolveProcess(parts, entry.target as string);
  if (process === null) return null;
  const file = textOf(entry, 'file');
  const isHit = process.machine.disk.rot(process.directoryName, bytes(file));
  return { resolved: process.name, outcome: isHit ? `a bit of ${file} has flipped` : `there is no ${file} to damage` };
};

export const DISK_KINDS: readonly KindRow[] = [
  diskFault('slowDisk', 'syncs take longer', (disk, entry) => {
    const before = disk.extraSyncMicros;
    disk.extraSyncMicros = positiveOf(entry, 'byMs') * MICROS_PER_MS;
    return () => {
      disk.extraSyncMicros = before;
    };
  }, ['byMs']),
  diskFault('stuckDisk', 'no sync ends', (disk) => {
    disk.setStuck(true);
    return () => disk.setStuck(false);
  }),
  /** With `with.roomBytes` that much can still be written. */
  diskFault('fullDisk', 'no room is left', (disk, entry) => {
    disk.limitRoom(positiveOf(entry, 'roomBytes', 0));
    return () => {
      disk.capacityBytes = Infinity;
    };
  }),
  diskFault('ioError', 'operations fail', ioError, ['on']),
  diskFault('lyingFsync', 'syncs report what they have not done', (disk) => {
    disk.isLying = true;
    return () => {
      disk.isLying = false;
    };
  }),
  diskFault('tornWrites', 'a power loss leaves sectors out of order', (disk) => {
    disk.losesOutOfOrder = true;
    return () => {
      disk.losesOutOfOrder = false;
    };
  }),
  diskFault('undoneRename', 'a power loss undoes what names were changed to and not synced', (disk) => {
    disk.undoesNames = true;
    return () => {
      disk.undoesNames = false;
    };
  }),
  { name: 'bitRot', isFault: true, needsTarget: true, parameters: ['file'], strike: bitRot },
];
