/**
 * What the runtime of containers and machines does to a process: one that is replaced by a new one, a machine that comes back at
 * another address; and an operator who stops one, so that no restart policy starts it.
 */
import { type Bytes, bytes } from '../../engine/index.ts';
import type { Machine } from '../node/machine.ts';
import type { SimProcess } from '../node/simProcess.ts';
import { type KindRow, action, fault, onProcess, textOf } from './strikes.ts';
import { resolveMachine } from './target.ts';
import type { WorldParts } from './worldParts.ts';

/** As `docker kill` does: it stays dead until somebody starts it. */
const stop = onProcess((process) => {
  const { starts } = process;
  process.isStoppedByHand = true;
  process.kill();
  return { outcome: 'stopped for good', reach: { processes: [process], stands: () => process.starts === starts } };
});

/** The container ends, and a new one starts when the fault ends: with the old one's data only where these are on a volume. */
const recreate = onProcess((process) => {
  const { starts } = process;
  const wasStopped = process.isStoppedByHand;
  process.isStoppedByHand = true;
  process.kill();
  if (!process.keepsData) {
    process.machine.disk.erase(process.directoryName);
    process.erasures.push(process.kernel.now);
  }
  return {
    outcome: process.keepsData ? 'container replaced, its data are on a volume' : 'container replaced, its data are gone',
    reach: { processes: [process], stands: () => process.starts === starts },
    undo: () => startAgain(process, wasStopped),
  };
});

const startAgain = (process: SimProcess, wasStopped: boolean): void => {
  process.isStoppedByHand = wasStopped;
  if (!wasStopped && process.state === 'dead' && process.machine.isUp) process.start();
};

/** The machine goes as without power, and comes back elsewhere: names follow it, addresses do not. */
const newAddress: KindRow['strike'] = (parts, entry) => {
  const machine = resolveMachine(parts, entry.target as string);
  if (machine === null) return null;
  const address = bytes(textOf(entry, 'address'));
  machine.power();
  return {
    resolved: machine.name, outcome: `goes, and comes back as ${address}`,
    reach: { machines: [machine], stands: () => !machine.isUp }, undo: () => comeBack(parts, machine, address),
  };
};

const comeBack = (parts: WorldParts, machine: Machine, address: Bytes): void => {
  if (machine.isUp) return;
  const { network } = parts;
  // Somebody else has it by now: the machine keeps its own.
  const isFree = network.stackAt(machine.stack, address) === null;
  if (isFree) network.names.move(machine.address, address);
  machine.boot(isFree ? address : machine.address);
  parts.bootedByItself(machine);
};

export const CONTAINER_KINDS: readonly KindRow[] = [
  fault('recreate', recreate),
  fault('newAddress', newAddress, ['address']),
  action('stop', stop),
];
