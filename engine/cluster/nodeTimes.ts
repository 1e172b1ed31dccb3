/**
 * The times of a cluster's nodes that its timer and every message ask for, in one table for all nodes: in a large cluster the timer
 * finds by one walk over it which nodes it has to look at, and no other is touched.
 *
 * Always holds: at `CHECK_AT` stands a wall-clock time before which the timer has nothing to do with the node; 0: that is not known.
 */
export const PING_SENT = 0;
export const PONG_RECEIVED = 1;
export const DATA_RECEIVED = 2;
export const CHECK_AT = 3;
/** Numbers for each node. */
export const NODE_TIMES = 4;

/** Room for the times of so many nodes. */
export const timesOf = (nodes: number): Float64Array => new Float64Array(nodes * NODE_TIMES);
