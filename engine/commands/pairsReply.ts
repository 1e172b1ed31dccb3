/** Pairs as the protocol of the client has them. */
import type { Reply } from '../protocol/reply.ts';
import type { Call } from './command.ts';

/** An array of pairs in RESP3, one flat array in RESP2. */
export const pairsReply = (call: Call, pairs: readonly (readonly [Reply, Reply])[]): Reply =>
  (call.client.protocol === 3 ? pairs : pairs.flat());
