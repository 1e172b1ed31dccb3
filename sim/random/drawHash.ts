/**
 * Draws that belong to a thing rather than to an order: the latency and loss of a segment, the time of a sync.
 *
 * Such a draw is a mixing hash of what the thing is called, so taking away a message, a fault or a client leaves all
 * other draws as they were. Shrinking and A/B comparison rest on that.
 */
import { type Lanes, mix32 } from '../../engine/core/hash.ts';

/** 32 bits (signed) from the seed's lanes and three integers that name the thing. */
export const drawHash = (seed: Readonly<Lanes>, link: number, connection: number, segment: number): number =>
  nextDraw(flowDraw(seed, link, connection), segment);

/** The part of `drawHash` that is the same for all segments of a connection: kept by it. */
export const flowDraw = (seed: Readonly<Lanes>, link: number, connection: number): number =>
  mix32(mix32(mix32(seed.lo ^ 0x3c6ef372) ^ seed.hi ^ link) + Math.imul(connection, 0x9e3779b1));

/** The rest of `drawHash`. */
export const nextDraw = (flow: number, segment: number): number => mix32(flow + Math.imul(segment, 0x85ebca77));

/** A second draw for the same thing, independent of the first. */
export const otherDraw = (draw: number): number => mix32(draw ^ 0x5bd1e995);

/** 0 to 999 999 from a draw. */
export const perMillionOf = (draw: number): number => (draw >>> 0) % 1_000_000;
