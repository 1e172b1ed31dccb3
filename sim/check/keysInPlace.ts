/**
 * Check `no-key-lost-or-doubled`: after settling every key that the workload wrote is held by the owner of its slot and by no other
 * primary, but where its slot is open there. Asked of the nodes themselves, over the network, once something had been moved.
 */
import type { Bytes } from '../../engine/index.ts';
import { keySlot } from '../../engine/index.ts';
import { AdminFailure, type AdminTask, ask, textOf } from '../client/clusterAdmin.ts';
import { readMembers } from '../client/clusterMembers.ts';
import { shownToken } from '../client/history.ts';
import type { CheckResult } from './check.ts';
import type { WriteRecord } from './ledger.ts';
import type { NodeView } from './nodeView.ts';
import type { Serving } from './serving.ts';

/** What one primary says that it has. */
export interface HeldKeys {
  readonly keys: ReadonlySet<Bytes>;
  readonly slots: ReadonlySet<number>;
  readonly openSlots: ReadonlySet<number>;
}

export interface Inventory {
  /** By primary; those that do not answer are left out. */
  readonly held: Map<NodeView, HeldKeys>;
  done: boolean;
}

export const newInventory = (): Inventory => ({ held: new Map(), done: false });

/** Asks each of these primaries for its keys and its slots. */
export const inventoryTask = (
  places: ReadonlyMap<NodeView, Bytes>, password: string | undefined, inventory: Inventory,
): AdminTask => ({
  name: 'inventory', password,
  *script() {
    for (const [view, place] of places) {
      const keys = yield* ask(place, 'KEYS', '*');
      const nodes = yield* ask(place, 'CLUSTER', 'NODES');
      if (keys instanceof AdminFailure || nodes instanceof AdminFailure || !Array.isArray(keys)) continue;
      const myself = readMembers(textOf(nodes), place).find(({ isMyself }) => isMyself);
      if (myself === undefined) continue;
      inventory.held.set(view, {
        keys: new Set(keys as readonly Bytes[]), slots: myself.slots,
        openSlots: new Set([...myself.migrating.keys(), ...myself.importing.keys()]),
      });
    }
    return 'asked';
  },
  ended: () => {
    inventory.done = true;
  },
});

/** `moved`: so many keys were moved. `surviving`: what the ledger says is there. */
export const keysInPlace = (
  { held, done }: Inventory, surviving: readonly WriteRecord[], serving: Serving, moved: number,
): CheckResult => {
  if (!done) return { verdict: 'unknown', detail: 'not all primaries told what they have', comparisons: 0 };
  let seen = 0;
  for (const [view, { keys, slots, openSlots }] of held) {
    for (const key of keys) {
      seen++;
      const slot = keySlot(key);
      if (!slots.has(slot) && !openSlots.has(slot)) {
        return { verdict: 'violated', detail: `${view.name} holds ${shownToken(key)} of slot ${slot}, which it does not own`, comparisons: seen };
      }
    }
  }
  for (const { operation: { key } } of surviving) {
    const owner = serving.of(key);
    if (owner !== null && held.get(owner)?.keys.has(key) === false) {
      return { verdict: 'violated', detail: `${owner.name} lacks ${shownToken(key)}, which the ledger says it has`, comparisons: seen };
    }
  }
  if (moved === 0) return { verdict: 'not exercised', detail: 'no key was moved', comparisons: 0 };
  return { verdict: 'holds', detail: `${moved} keys moved; ${seen} keys, each with the owner of its slot or where that is open`, comparisons: seen };
};

export const NOTHING_MOVED: CheckResult = Object.freeze({ verdict: 'not exercised', detail: 'nothing was moved', comparisons: 0 });
