/**
 * Histories that need no search: as long as workloads write unique values, that is all of registers, sets and queues but for a few
 * queues with pops that were never answered. Each decides exactly, in the time that sorting takes;
 * `test/property/linearizability.test.ts` holds them against trying every order.
 */
import type { Call } from '../../client/call.ts';
import { decideQueue } from './fifoQueue.ts';
import { decideSet } from './growingSet.ts';
import { decideRegister } from './uniqueRegister.ts';

/** Calls that refute the history; none: it is linearizable. Null: this needs a search. `calls` are essential, and of one key. */
export const decideFast = (calls: readonly Call[]): readonly Call[] | null => {
  switch (calls[0]?.model) {
    case 'register': return decideRegister(calls);
    case 'set': return decideSet(calls);
    case 'queue': return decideQueue(calls);
    default: return null;
  }
};
