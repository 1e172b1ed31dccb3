/** The addresses of machines that nobody gave one: IPv4, numbered in the order in which the machines are named. */

/** The last number of an address that a machine may have; 0 and 255 are none. */
const HOSTS_PER_NETWORK = 254;

/** 10.0.0.1 to 10.0.0.254, then 10.0.1.1. `index` counts from 0. */
export const addressAt = (index: number): string =>
  `10.0.${Math.floor(index / HOSTS_PER_NETWORK)}.${(index % HOSTS_PER_NETWORK) + 1}`;
