/**
 * Which keys of the data set belong to a slot. The answer is made by a walk over the keys: slots are asked for when they move,
 * not on the path of a command.
 */
import type { Bytes } from '../core/bytes.ts';
import { keySlot } from '../cluster/slots.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';

export class SlotContent {
  private readonly keyspace: Keyspace;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
  }

  count(slot: number): number {
    return this.keys(slot).length;
  }

  keys(slot: number, max: number = Infinity): readonly Bytes[] {
    const found: Bytes[] = [];
    for (const { key } of this.keyspace.database(0).entries()) {
      if (found.length >= max) break;
      if (keySlot(key) === slot) found.push(key);
    }
    return found;
  }
}
